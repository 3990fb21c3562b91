"""Knows where every value of a JSON text stands, and every member's name. Pure.

Accepts what ``json.loads`` accepts, except NaN, Infinity, numbers beyond the range of a double, and text nested deeper
than MAX_DEPTH. Of a name that occurs twice in an object the last one counts, as in ``json.loads``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pivot_debug.callflow.json_reader import JsonReader, Node
from pivot_debug.findings import line_and_column


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the text. ``line`` and ``column`` count from 1, ``offset`` from 0, all in characters."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonDocument:
    """A text that is JSON. ``half_pair``: offset of the first string with half of a surrogate pair, if there is one."""

    text: str
    value: Any
    half_pair: int | None
    root: Node

    def position(self, path: Sequence[str | int]) -> Position:
        """Where the value begins; for a path that leads beyond the document, the last value on the way."""
        return self._at(self.offset(path))

    def offset(self, path: Sequence[str | int]) -> int:
        """The same, but quicker: without line and column."""
        return self._walk(path).start

    def name_position(self, path: Sequence[str | int]) -> Position:
        """Where the member's name begins; where the value does if it has none."""
        node = self._walk(path)
        return self._at(node.start if node.name_start is None else node.name_start)

    def _walk(self, path: Sequence[str | int]) -> Node:
        node = self.root
        for step in path:
            if node.members is None or step not in node.members:
                break
            node = node.members[step]
        return node

    def _at(self, offset: int) -> Position:
        return Position(offset, *line_and_column(self.text, offset))


def pointer_of(path: Sequence[str | int]) -> str:
    """The JSON Pointer (RFC 6901): ``("children", "a/b", 0)`` is ``/children/a~1b/0``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def parse_json(text: str, start: int = 0) -> JsonDocument:
    """Read the text from ``start`` on. Raises JsonSyntaxError."""
    reader = JsonReader(text, start)
    root = reader.read()
    return JsonDocument(text=text, value=root.value, half_pair=reader.half_pair, root=root)
