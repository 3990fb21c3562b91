"""Reads JSON text into a tree that remembers where everything stood. Pure.

Goes from token to token without recursion, and names a fault as KAZOO's own parser (jiffy) does.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

MAX_DEPTH = 200
"""Arrays and objects within each other, which is a hundred call actions in a row.

What is nested no deeper can be copied, compared and dumped with recursion.
"""

MAX_VALUES = 150_000
"""Of one text, far above any real answer: a caller may wait while it is read."""

Path = tuple[str | int, ...]
"""Names and indexes that lead from the whole document to a value."""

HALF_PAIR = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: no character, and not to be had in UTF-8."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# Ends where the string does, or before the first character that is wrong in it.
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_LITERALS = {"true": True, "false": False, "null": None}


class Fault(StrEnum):
    """What is wrong with a text, in the words of KAZOO's JSON parser (jiffy), and the limits that are our own."""

    INVALID_JSON = "invalid_json"
    TRAILING_DATA = "invalid_trailing_data"
    TRUNCATED = "truncated_json"
    INVALID_STRING = "invalid_string"
    INVALID_LITERAL = "invalid_literal"
    INVALID_NUMBER = "invalid_number"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"


LIMITS = frozenset({Fault.TOO_DEEP, Fault.TOO_LARGE})
"""Our own, not KAZOO's."""


class JsonSyntaxError(ValueError):
    """The text is not JSON. ``offset`` is that of the first wrong character, ``path`` the value being read there."""

    def __init__(self, fault: Fault, offset: int, *, expected: str, path: Path) -> None:
        super().__init__(f"{fault} at {offset}: expected {expected}")
        self.fault = fault
        self.offset = offset
        self.expected = expected
        self.path = path


@dataclass(slots=True)
class Node:
    """A value and where it begins. ``name`` is that of the member, or the index of the item."""

    value: Any
    start: int
    name: str | int | None = None
    name_start: int | None = None
    members: "dict[str | int, Node] | None" = None


_Step = Callable[[str], "_Step | None"]


class JsonReader:
    """One reading of one text. Each step reads a token and tells which step comes next.

    ``half_pair`` is the offset of the first string with half of a surrogate pair in it, if there is one.
    """

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.at = start
        self.half_pair: int | None = None
        self._open: list[Node] = []  # the containers around this place, innermost last
        self._count = 0
        self._name: tuple[str, int] | None = None  # of the member whose value comes next, and its offset
        self._root = Node(None, start)

    def read(self) -> Node:
        """Raises JsonSyntaxError."""
        step: _Step | None = self._value
        while step is not None:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            step = step(self.text[self.at : self.at + 1])
        return self._root

    # Steps: what may stand here.

    def _value(self, char: str) -> _Step | None:
        if char and char in "{[":
            return self._enter(char)
        node = Node(None, self.at)
        if char == '"':
            node.value = self._read_string()
        elif char and char in "-0123456789":
            node.value = self._read_number()
        elif char and char in "tfn":
            node.value = self._read_literal()
        else:
            self._fail("a value")
        self._keep(node)
        return self._next

    def _enter(self, char: str) -> _Step:
        if len(self._open) == MAX_DEPTH:
            self._fail(f"at most {MAX_DEPTH} levels", Fault.TOO_DEEP)
        is_object = char == "{"
        node = Node({} if is_object else [], self.at, members={})
        self._keep(node)
        self._open.append(node)
        self.at += 1
        return self._first_name if is_object else self._first_item

    def _first_name(self, char: str) -> _Step:
        return self._leave() if char == "}" else self._member(char, 'a name in double quotes or "}"')

    def _later_name(self, char: str) -> _Step:
        return self._member(char, "a name in double quotes")

    def _member(self, char: str, expected: str) -> _Step:
        if char != '"':
            self._fail(expected)
        name_start = self.at
        self._name = (self._read_string(), name_start)
        return self._colon

    def _colon(self, char: str) -> _Step:
        if char != ":":
            self._fail('":"')
        self.at += 1
        return self._value

    def _first_item(self, char: str) -> _Step | None:
        return self._leave() if char == "]" else self._value(char)

    def _next(self, char: str) -> _Step | None:
        if not self._open:
            if char:
                self._fail("the end of the body", Fault.TRAILING_DATA)
            return None
        is_object = isinstance(self._open[-1].value, dict)
        close = "}" if is_object else "]"
        if char == close:
            return self._leave()
        if char != ",":
            self._fail(f'"," or "{close}"')
        self.at += 1
        return self._later_name if is_object else self._value

    def _leave(self) -> _Step:
        self._open.pop()
        self.at += 1
        return self._next

    # Tokens.

    def _read_string(self) -> str:
        start = self.at
        found = _STRING.match(self.text, start)
        end = found.end() if found else start
        if self.text[end : end + 1] != '"':
            self.at = end
            self._fail("the rest of a string and its closing quote", Fault.INVALID_STRING)
        self.at = end + 1
        raw = self.text[start : self.at]
        return self._unescape(raw, start) if "\\" in raw else raw[1:-1]

    def _unescape(self, raw: str, start: int) -> str:
        value: str = json.loads(raw)
        if self.half_pair is None and HALF_PAIR.search(value):
            self.half_pair = start
        return value

    def _read_number(self) -> float:
        found = _NUMBER.match(self.text, self.at)
        end = found.end() if found else self.at
        if found is None or self.text.startswith((".", "e", "E"), end):
            self.at = end + 1
            self._fail("a digit", Fault.INVALID_NUMBER)
        value = self._number(found)
        self.at = end
        return value

    def _number(self, found: re.Match[str]) -> float:
        try:
            value = float(found[0]) if found[1] or found[2] else int(found[0])
        except ValueError:  # Python reads integers of up to 4300 digits
            value = math.inf
        if value in {math.inf, -math.inf}:
            self._fail("a number within the range of a double", Fault.INVALID_NUMBER)
        return value

    def _read_literal(self) -> bool | None:
        word = next((word for word in _LITERALS if self.text.startswith(word, self.at)), None)
        if word is None:
            self._fail("true, false or null", Fault.INVALID_LITERAL)
        self.at += len(word)
        return _LITERALS[word]

    # The tree.

    def _keep(self, node: Node) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            self._fail(f"at most {MAX_VALUES:,} values", Fault.TOO_LARGE)
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if self._name is None:
            node.name = len(parent.value)
            parent.value.append(node.value)
        else:
            (node.name, node.name_start), self._name = self._name, None
            parent.value[node.name] = node.value
        if parent.members is not None:
            parent.members[node.name] = node

    def _fail(self, expected: str, fault: Fault = Fault.INVALID_JSON) -> NoReturn:
        if fault is Fault.INVALID_JSON and self.at >= len(self.text):
            fault = Fault.TRUNCATED
        raise JsonSyntaxError(fault, self.at, expected=expected, path=self._path())

    def _path(self) -> Path:
        names = [node.name for node in self._open if node.name is not None]
        if self._name is not None:
            names.append(self._name[0])
        return tuple(names)
