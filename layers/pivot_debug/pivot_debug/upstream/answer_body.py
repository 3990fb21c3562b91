"""The body of an HTTP/1 answer (RFC 9112, section 6), taken out of its chunks and otherwise as it was sent."""

import re
from collections.abc import Iterator

from pivot_debug.upstream.answer_head import Head, read_headers, shown
from pivot_debug.upstream.faults import NotHttpError, OversizedBodyError
from pivot_debug.upstream.incoming import Incoming
from pivot_debug.upstream.progress import Progress

MAX_BODY = 4_000_000
"""Bytes: an answer of Lambda has 6 MB, and a body travels in it as base64."""

_WITHOUT_BODY = {204, 304}
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)


def read_body(method: str, head: Head, incoming: Incoming, progress: Progress) -> bytes:
    """All of the body.

    Raises:
        OversizedBodyError: It is larger than MAX_BODY, or says so beforehand.
        NotHttpError: Its length or its chunks cannot be read.
        OSError, BrokenOffError: See Incoming.
    """
    if method == "HEAD" or head.status in _WITHOUT_BODY:
        return b""
    body = bytearray()
    for piece in _pieces(head, incoming):
        body += piece
        progress.body_bytes = len(body)
        if len(body) > MAX_BODY:
            raise OversizedBodyError(f"more than {MAX_BODY:,} bytes")
    return bytes(body)


def _pieces(head: Head, incoming: Incoming) -> Iterator[bytes]:
    codings = ",".join(head.values("transfer-encoding")).lower()
    length = _length(head)
    if codings.rpartition(",")[2].strip() == "chunked":
        yield from _chunks(incoming)
    elif codings or length is None:
        yield from incoming.rest()
    elif length > MAX_BODY:
        raise OversizedBodyError(f"{length:,} bytes")
    else:
        yield from incoming.exactly(length)


def _length(head: Head) -> int | None:
    """What Content-Length says, if it is there: the same as often as it comes."""
    told = {length.strip() for value in head.values("content-length") for length in value.split(",")}
    if len(told) > 1 or not all(map(_LENGTH.fullmatch, told)):
        raise NotHttpError(f"its Content-Length is {shown(', '.join(sorted(told)).encode())}")
    return int(told.pop()) if told else None


def _chunks(incoming: Incoming) -> Iterator[bytes]:
    while size := _chunk_size(incoming.line()):
        yield from incoming.exactly(size)
        if incoming.line():
            raise NotHttpError("a chunk is longer than its size says")
    read_headers(incoming)


def _chunk_size(line: bytes) -> int:
    size = _CHUNK.fullmatch(line)
    if not size:
        raise NotHttpError(f"the size of a chunk is {shown(line)}")
    return int(size[1], 16)
