"""The bytes that a server sends, read as they come and under the deadline."""

import socket
from collections.abc import Iterator

from pivot_debug.upstream.deadline import Deadline
from pivot_debug.upstream.faults import BrokenOffError, NotHttpError

MAX_LINE = 65_536
"""Bytes of a status line, a header or the size of a chunk."""

_AT_ONCE = 65_536


class Incoming:
    """Every method raises OSError where the connection breaks or the time is up, BrokenOffError where it just ends."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self._buffer = bytearray()

    def wait(self) -> None:
        """Wait for the first byte."""
        if not self._buffer and not self._receive():
            raise BrokenOffError

    def begins_with(self, start: bytes) -> bool:
        """Whether the next bytes are these, as far as they come; waits no longer than it takes to tell."""
        while len(self._buffer) < len(start) and start.startswith(self._buffer) and self._receive():
            pass
        return start.startswith(self._buffer[: len(start)])

    def so_far(self) -> bytes:
        """What has come and was not read yet."""
        return bytes(self._buffer)

    def line(self) -> bytes:
        """The next line without its end, which may be LF alone."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_LINE:
                break
            if not self._receive():
                raise BrokenOffError
        if end > MAX_LINE or end < 0:
            raise NotHttpError(f"a line has more than {MAX_LINE:,} bytes")
        return self._take(end + 1).removesuffix(b"\n").removesuffix(b"\r")

    def exactly(self, size: int) -> Iterator[bytes]:
        """So many bytes, in pieces as they come."""
        while size:
            self.wait()
            piece = self._take(size)
            size -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        """All up to the end of the connection, in pieces as they come."""
        while self._buffer or self._receive():
            yield self._take(_AT_ONCE)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _receive(self) -> bool:
        """Wait for more; False where the server has closed the connection."""
        self._sock.settimeout(self._deadline.left_s())
        received = self._sock.recv(_AT_ONCE)
        self._buffer += received
        return bool(received)
