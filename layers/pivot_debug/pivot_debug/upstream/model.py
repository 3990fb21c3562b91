"""A request to a server, its answer with all that was seen on the way, or why there is none. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order and the case of the wire; a name may come again."""

Phase = Literal["guard", "dns", "connect", "tls", "request", "headers", "body", "redirect"]

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_MADE_HERE = {"host", "content-length", "transfer-encoding"}


def can_be_header(name: str, value: str) -> bool:
    """Whether the two can stand in an HTTP message: HTTP forbids many characters, other programs fewer."""
    return bool(_TOKEN.fullmatch(name) and _VALUE.fullmatch(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRequest:
    """A request. ``headers`` are sent in their order, beside Host and Content-Length, which may not be among them.

    Raises:
        ValueError: The method or a header cannot stand in an HTTP request.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def __post_init__(self) -> None:
        """Refuse what would break out of its line."""
        if not _TOKEN.fullmatch(self.method) or not all(can_be_header(*header) for header in self.headers):
            raise ValueError("a method or header has characters that HTTP forbids")
        if _MADE_HERE & {name.lower() for name, _ in self.headers}:
            raise ValueError(f"{', '.join(sorted(_MADE_HERE))} are made from the rest of the request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """What the parts of one exchange took, in ms; None for a part that was not needed or never finished.

    ``first_byte_ms`` is the wait from the request's last byte to the answer's first.
    """

    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A redirect: ``url`` answered with it, ``location`` is the whole URL that it leads to."""

    url: str
    status: int
    location: str
    headers: Headers
    timings: Timings


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamAnswer:
    """``url`` and ``address`` (IP) are those that answered in the end, ``hops`` the redirects on the way there.

    The body is as it came, but for chunks; nothing is decompressed. ``timings`` are those of the last exchange,
    ``total_ms`` counts all.
    """

    url: str
    address: str
    status: int
    headers: Headers
    body: bytes
    timings: Timings
    hops: tuple[Hop, ...] = ()
    total_ms: float


class TransportError(Exception):
    """There was no answer that could be used.

    ``code`` is that of the error dictionary, ``message`` a sentence that names the host and how far it went. ``url`` is
    where it happened, ``hops`` the redirects before, the one that was not followed among them. Times are in ms.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        phase: Phase,
        url: str,
        timings: Timings,
        hops: tuple[Hop, ...] = (),
        total_ms: float,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.phase = phase
        self.url = url
        self.timings = timings
        self.hops = hops
        self.total_ms = total_ms
