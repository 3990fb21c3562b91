"""A request as bytes: the caller's headers and what HTTP needs, nothing that a library would add."""

import base64
import socket
from urllib.parse import unquote

from pivot_debug.upstream.deadline import Deadline
from pivot_debug.upstream.model import UpstreamRequest
from pivot_debug.upstream.urls import TargetUrl


def on_the_wire(request: UpstreamRequest, target: TargetUrl) -> bytes:
    """Request line, Host, the headers in their order, Content-Length for a body or a POST, body."""
    headers = [("Host", target.authority), *request.headers]
    if target.userinfo is not None:
        headers.append(("Authorization", f"Basic {_credentials(target.userinfo)}"))
    if request.body or request.method == "POST":
        headers.append(("Content-Length", str(len(request.body))))
    lines = [f"{request.method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode(errors="replace") + request.body


def _credentials(userinfo: str) -> str:
    name, _, password = userinfo.partition(":")
    return base64.b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()


def send(sock: socket.socket, data: bytes, deadline: Deadline) -> None:
    """All of *data*, however slowly it is taken. Raises OSError where the connection breaks or the time is up."""
    left = memoryview(data)
    while left:
        sock.settimeout(deadline.left_s())
        left = left[sock.send(left) :]
