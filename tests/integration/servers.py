"""Servers on 127.0.0.1 that behave and misbehave as they are told, below HTTP where needed.

A script says what a server does with a connection: it gets the accepted socket and the bytes of the request, and the
connection is closed when it returns. ``serving`` runs one until the block ends; all its threads and sockets end too.
"""

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, bytes], None]

PATIENCE_S = 10
"""No script waits longer for a client, so that a mistake ends a test instead of hanging it."""

_PACE_S = 0.005
_TLS_HANDSHAKE = b"\x16"


@dataclass(frozen=True)
class Server:
    """``requests`` are those that came, whole, in their order."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run *script* for every connection, each in a thread; with *tls*, behind a handshake."""
    with _Listener(script, tls) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield listener.told
        finally:
            listener.shutdown()
            thread.join()


@contextmanager
def refuses() -> Iterator[Server]:
    """A port where nothing listens: bound, so that nobody else takes it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Server(bound.getsockname()[1])


class _Listener(socketserver.ThreadingTCPServer):
    # Not daemons: whoever closes the server waits for its connections, so that no socket is left behind.
    daemon_threads = False

    def __init__(self, script: Script, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.script, self.tls = script, tls
        self.told = Server(self.server_address[1])


class _Connection(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.request.settimeout(PATIENCE_S)
        with suppress(OSError), _spoken_to(self.request, self.server.tls) as sock:  # the client may go at any time
            request = _request(sock)
            self.server.told.requests.append(request)
            self.server.script(sock, request)


def _spoken_to(sock: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    return tls.wrap_socket(sock, server_side=True) if tls else sock


def _request(sock: socket.socket) -> bytes:
    """A whole request; what begins a TLS handshake is handed on as it is."""
    received = b""
    while not _is_whole(received) and (more := sock.recv(65_536)):
        received += more
    return received


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return received.startswith(_TLS_HANDSHAKE) or (end != b"" and len(body) >= sum(map(int, lengths)))


# ---------------------------------------------------------------- scripts


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", version: str = "HTTP/1.1") -> bytes:
    """An answer as bytes, with the length of its body."""
    head = [f"{version} {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(b"", f"Location: {location}", status=status)


def answers(data: bytes) -> Script:
    """Sends *data* as it is, and closes; with nothing at all, it just closes."""

    def script(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(data)

    return script


def resets(after: bytes = b"") -> Script:
    """Sends *after*, then resets the connection instead of closing it."""

    def script(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(after)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def stalls(after: bytes = b"") -> Script:
    """Sends *after*, then nothing until the client has gone."""

    def script(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(after)
        while sock.recv(65_536):
            pass

    return script


def drips(data: bytes, first: bytes = b"") -> Script:
    """Sends *first* at once, then *data* a byte at a time, over and over, until the client has gone."""

    def script(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(first)
        while True:
            for byte in data:
                sock.sendall(bytes([byte]))
                _pause(sock, _PACE_S)

    return script


def repeats(data: bytes, first: bytes = b"") -> Script:
    """Sends *first*, then *data* over and over as fast as it is taken, until the client has gone."""

    def script(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(first)
        while True:
            sock.sendall(data)

    return script


def late(script: Script, *, after_ms: int) -> Script:
    """Lets the client wait before *script* begins."""

    def waiting(sock: socket.socket, request: bytes) -> None:
        _pause(sock, after_ms / 1000)
        script(sock, request)

    return waiting


def by_path(scripts: Mapping[str, Script]) -> Script:
    """Each path, its query included, has a script of its own."""

    def script(sock: socket.socket, request: bytes) -> None:
        scripts[request.split(b" ")[1].decode()](sock, request)

    return script


def _pause(sock: socket.socket, seconds: float) -> None:
    """Wait; where the client goes, it ends at once, and the script with it."""
    sock.settimeout(seconds)
    with suppress(TimeoutError):
        if not sock.recv(1):
            raise ConnectionResetError
    sock.settimeout(PATIENCE_S)
