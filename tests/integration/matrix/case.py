"""What a server does with one request of KAZOO, and what must come of it: what KAZOO gets, and what the reader is told.

A case names all that it expects; what it leaves out is the usual: an answer in time, handed on as it came.
"""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.integration.certificates import Authority
from tests.integration.servers import Script, answer, answers

HOST = "pivot.example"
"""A name that leads to 127.0.0.1 here; certificates are made out to it."""

PRIVATE_HOST = "private.example"
"""A name that leads to 10.0.0.1 here."""

HERE = "http://127.0.0.1:{port}/voice"
SECURE = f"https://{HOST}:{{port}}/voice"

JSON = "Content-Type: application/json"
XML = "Content-Type: text/xml"
HTML = "Content-Type: text/html; charset=UTF-8"

HANGUP = b'{"module":"hangup"}'
TWIML = b"<Response><Hangup/></Response>"

Tls = Callable[[Authority], ssl.SSLContext]


@dataclass(frozen=True, kw_only=True)
class Case:
    """``name`` goes on with "The server ...". ``code`` is that of the verdict, "" where all is well.

    KAZOO gets the status ``got`` and the bytes ``body``, or with None words of the relay's own. ``told`` stands in the
    verdict, ``place`` is the line and column that it names. ``script`` is None where nothing listens; ``limit_ms`` is
    what KAZOO waits, ``took_ms`` what the server takes by the clock of the test. ``posts`` is the type and the body of
    a POST in place of the usual GET.
    """

    name: str
    script: Script | None
    code: str = ""
    severity: Literal["error", "warning"] = "error"
    told: str = ""
    place: tuple[int, int] | None = None
    got: int = 200
    body: bytes | None = None
    url: str = HERE
    tls: Tls | None = None
    limit_ms: int = 5000
    took_ms: int = 0
    posts: tuple[str, bytes] | None = None

    @property
    def status(self) -> str:
        """The verdict's."""
        return self.severity if self.code else "ok"


def answered(name: str, body: bytes | str, *headers: str, status: str = "200 OK", **expected: Any) -> Case:
    """A server that answers with *body* and closes. KAZOO gets the same unless it is *expected* otherwise."""
    sent = body if isinstance(body, bytes) else body.encode()
    script = answers(answer(sent, *headers, status=status))
    usual: dict[str, Any] = {"name": name, "script": script, "got": int(status[:3]), "body": sent}
    return Case(**usual | expected)


def silent(name: str, script: Script | None, code: str, told: str, **expected: Any) -> Case:
    """A server that gives no answer which could be handed on: KAZOO gets 504 where the time was up, 502 otherwise."""
    got = 504 if code == "timeout" else 502
    return Case(name=name, script=script, code=code, told=told, got=got, **expected)


def moved(first: bytes, final: bytes) -> Script:
    """Sends *first* to whoever asks for /voice, *final* for any other path. HOST is the server's own host and port."""

    def script(sock: socket.socket, request: bytes) -> None:
        lines = request.split(b"\r\n")
        host = next(line[6:] for line in lines if line.lower().startswith(b"host: "))
        sock.sendall(first.replace(b"HOST", host) if b" /voice" in lines[0] else final)

    return script
