"""Status and headers of an HTTP/1 answer (RFC 9112), as they were sent.

``http.client`` would hide what a record must show, and tell a broken answer only roughly from a connection that broke.
"""

import re
from dataclasses import dataclass

from pivot_debug.upstream.faults import NotHttpError
from pivot_debug.upstream.incoming import Incoming
from pivot_debug.upstream.model import Headers

MAX_HEADERS = 100

MAX_SIZE = 32_768
"""Bytes of all headers: with those of every redirect they still fit into one record."""

_START = b"HTTP/"
_STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])? +([1-9][0-9]{2})(?: .*)?", re.DOTALL)
_INTERIM = 1
_TLS_ALERT = b"\x15\x03"
_LONGEST_SHOWN = 40
_NEVER_IN_A_VALUE = re.compile(rb"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Head:
    """Of repeated headers all are kept, in their order."""

    status: int
    headers: Headers

    def values(self, name: str) -> list[str]:
        """All values of a header, whatever the case of its name."""
        return [value for key, value in self.headers if key.lower() == name]


def read_head(incoming: Incoming) -> Head:
    """The head of the answer; interim ones (1xx) before it are skipped.

    Raises:
        NotHttpError: The server speaks something else.
        OSError, BrokenOffError: See Incoming.
    """
    while True:
        head = Head(_status(incoming), read_headers(incoming))
        if head.status // 100 != _INTERIM:
            return head


def _status(incoming: Incoming) -> int:
    incoming.wait()
    if incoming.begins_with(_TLS_ALERT):
        raise NotHttpError("it speaks TLS, where the URL says http")
    if not incoming.begins_with(_START):
        raise NotHttpError(f"its answer begins with {shown(incoming.so_far())}")
    line = incoming.line()
    match = _STATUS_LINE.fullmatch(line)
    if not match:
        raise NotHttpError(f"its status line is {shown(line)}")
    return int(match[1])


def read_headers(incoming: Incoming) -> Headers:
    """Headers or trailers up to the empty line. Erlang's client refuses a line without a colon, too."""
    headers: list[tuple[str, str]] = []
    size = 0
    for _ in range(MAX_HEADERS + 1):
        line = incoming.line()
        if not line:
            return tuple(headers)
        size += len(line)
        if size > MAX_SIZE:
            raise NotHttpError(f"its headers have more than {MAX_SIZE:,} bytes")
        if line[:1] in (b" ", b"\t") and headers:  # a header of several lines (RFC 9112, 5.2)
            name, value = headers.pop()
            headers.append((name, f"{value} {_value(line)}".strip()))
            continue
        key, colon, content = line.partition(b":")
        if not colon:
            raise NotHttpError(f"one of its headers is {shown(line)}")
        headers.append((key.decode("latin-1").strip(), _value(content)))
    raise NotHttpError(f"it sends more than {MAX_HEADERS} headers")


def _value(raw: bytes) -> str:
    return _NEVER_IN_A_VALUE.sub(b" ", raw).decode("latin-1").strip(" \t")


def shown(raw: bytes) -> str:
    """The beginning of *raw* for a message, printable whatever it is."""
    return ascii(raw[:_LONGEST_SHOWN].decode("latin-1"))
