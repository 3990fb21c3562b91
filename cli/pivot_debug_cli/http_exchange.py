"""One HTTP exchange as KAZOO's own client, Erlang's httpc, makes it: its headers, its redirects, its patience.

Made on http.client, because httpx and its like add headers that KAZOO does not send, and servers react to them.
"""

import base64
import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

MAX_REDIRECTS = 4
MAX_BODY = 10_000_000
"""Bytes that are read of an answer; no answer to Pivot comes near."""

_REDIRECTS = {300, 301, 302, 303, 307, 308}
_KEEP_METHOD = {307, 308}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """``headers`` are those beside what every HTTP client must send."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """``url`` is where the answer came from in the end, ``hops`` the redirects on the way there."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    ms: int
    hops: tuple[str, ...] = ()


class TransportError(Exception):
    """There was no answer. ``code`` is that of the error dictionary."""

    def __init__(self, code: str, message: str, ms: int) -> None:
        super().__init__(message)
        self.code = code
        self.ms = ms


class UnusableUrlError(ValueError):
    """An address that no client can call; the text says why."""


def exchange(request: HttpRequest, timeout_ms: int) -> HttpReply:
    """Send a request and follow redirects, all within *timeout_ms*. Raises TransportError and UnusableUrlError."""
    clock = _Clock(timeout_ms / 1000)
    hops: list[str] = []
    try:
        while True:
            reply = _once(request, clock)
            onward = _redirected(request, reply)
            if onward is None or len(hops) == MAX_REDIRECTS:
                return replace(reply, ms=clock.ms(), hops=tuple(hops))
            hops.append(f"{reply.status} to {onward.url}")
            request = onward
    except (OSError, http.client.HTTPException) as error:
        raise _transport_error(error, request, clock, timeout_ms) from None


class _Clock:
    """The time that is left for all of an exchange: a server that drips bytes gets no more than another."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._seconds = seconds

    def ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)

    def left(self) -> float:
        left = self._began + self._seconds - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Bytes(io.RawIOBase):
    """What a socket receives, read under the clock."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock, self._clock = sock, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._clock.left())
        return self._sock.recv_into(buffer)


class _Timed:
    """As much of a socket as http.client uses."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock, self._clock = sock, clock

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._clock.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bytes(self._sock, self._clock))

    def close(self) -> None:
        """Leave it open: http.client closes it before the body is read, which a real socket survives."""


def _once(request: HttpRequest, clock: _Clock) -> HttpReply:
    parts = usable(request.url)
    connection = _connection(parts, clock.left())
    connection.connect()
    with connection.sock as sock:
        connection.sock = _Timed(sock, clock)
        _send(connection, request, parts)
        with connection.getresponse() as reply:
            headers = dict(reversed(reply.getheaders()))  # of a header that comes twice, the first
            return HttpReply(url=request.url, status=reply.status, headers=headers, body=_body(reply), ms=0)


def _body(reply: http.client.HTTPResponse) -> bytes:
    body = reply.read(MAX_BODY)
    if reply.length and len(body) < MAX_BODY:
        raise http.client.IncompleteRead(body, reply.length)
    return body


def usable(url: str) -> SplitResult:
    """The parts of an address that can be called; UnusableUrlError for any other."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError as error:
        raise UnusableUrlError(f"{url!r} is not a URL: {error}") from None
    if not known:
        raise UnusableUrlError(f"{url!r} is not a URL with http:// or https:// and a host")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise UnusableUrlError(f"{url!r} has characters that must be percent-encoded in a URL")
    return parts


def _connection(parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, parts.port, timeout=seconds)


def _send(connection: http.client.HTTPConnection, request: HttpRequest, parts: SplitResult) -> None:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest(request.method, path, skip_accept_encoding=True)
    connection.putheader("te", "")
    connection.putheader("connection", "keep-alive")
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        connection.putheader("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    for name, value in request.headers.items():
        connection.putheader(name, value)
    if request.method == "POST":
        connection.putheader("content-length", str(len(request.body)))
    connection.endheaders(request.body)


def _redirected(request: HttpRequest, reply: HttpReply) -> HttpRequest | None:
    """The request that a redirect leads to; None where httpc would hand out the answer as it is."""
    location = next((value for name, value in reply.headers.items() if name.lower() == "location"), None)
    if reply.status not in _REDIRECTS or not location:
        return None
    url = urljoin(request.url, location)
    if request.method == "GET" or reply.status in _KEEP_METHOD:
        return replace(request, url=url)
    return HttpRequest(method="GET", url=url)


def _transport_error(error: Exception, request: HttpRequest, clock: _Clock, timeout_ms: int) -> TransportError:
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    told = str(getattr(error, "strerror", None) or error)
    causes: list[tuple[type[Exception] | tuple[type[Exception], ...], str, str]] = [
        (TimeoutError, "timeout", f"{host} did not answer within {timeout_ms} ms."),
        (socket.gaierror, "dns_failure", f"The name of {host} cannot be resolved: {told}."),
        (ssl.SSLCertVerificationError, "tls_error", f"{host} has no valid certificate: {_certificate_fault(error)}."),
        (ssl.SSLError, "tls_error", f"{host} does not speak TLS as expected: {told}."),
        (ConnectionRefusedError, "connection_refused", f"{host} refuses connections: nothing listens there."),
        ((ConnectionError, http.client.HTTPException), "connection_reset", f"{host} broke off before a whole answer."),
    ]
    code, message = next(
        ((code, message) for kind, code, message in causes if isinstance(error, kind)),
        ("connection_refused", f"{host} cannot be reached: {told}."),
    )
    return TransportError(code, message, clock.ms())


def _certificate_fault(error: Exception) -> str:
    return str(getattr(error, "verify_message", error)).rstrip(".")
