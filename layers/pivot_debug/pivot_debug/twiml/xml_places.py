"""Lines and columns of byte offsets in a text. Pure."""

from itertools import accumulate
from typing import NamedTuple

_CONTINUATION = bytes(range(0x80, 0xC0))  # the bytes of UTF-8 that begin no character
_STEP = 1024


class Place(NamedTuple):
    """Both from 1, in characters."""

    line: int
    column: int


class Places:
    """Tells the place of any byte of a text in UTF-8, in an instant.

    The place of every so many bytes is worked out beforehand: however long the text and its lines, what is left to
    count is short. Whoever keeps byte offsets need not have the places of those that nobody asks for.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        steps = (data[start : start + _STEP] for start in range(0, len(data), _STEP))
        self._known = list(accumulate(steps, _after, initial=Place(1, 1)))

    def at(self, byte: int) -> Place:
        step = byte // _STEP
        return _after(self._known[step], self._data[step * _STEP : byte])


def characters(data: bytes) -> int:
    """How many characters begin in *data*, which is UTF-8 and may be cut anywhere."""
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUATION))


def _after(place: Place, passed: bytes) -> Place:
    lines = passed.count(b"\n")
    last = characters(passed[passed.rfind(b"\n") + 1 :])
    return Place(place.line + lines, last + (1 if lines else place.column))
