r"""Finds values beside their names where no grammar helps: in source code, dumps, logs, JSON gone wrong. Pure.

``password: "x"``, ``'password' => 'x'``, ``\"password\": \"x\"``, ``["password"]=> string(1) "x"``,
``[password] => x``, ``pin: 1234``; and at the beginning of a line ``password=x&a=b`` and ``Authorization: Bearer x``.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_HEAD = re.compile(
    r"(?P<line>^[ \t]*+)?(?<![\w.$-])(?P<name>[\w.$-]{1,200}+)(?P<close>[\\\"'\]]{0,9}+)[ \t]*+(?P<sign>=>|[:=])"
    r"(?:\s*+(?:string\([0-9]++\)\s*+|[bu])?(?P<quote>\\*+[\"'])|\s*+(?:int|float)\((?=[0-9])|[ \t]*+)",
    re.MULTILINE,
)
_QUOTED = {'"': re.compile(r"(?:[^\"\\\r\n]|\\.)*+"), "'": re.compile(r"(?:[^'\\\r\n]|\\.)*+")}
_IN_ESCAPED_QUOTES = re.compile(r"(?:[^\\\r\n]|\\++(?![\"']))*+")
_NUMBER = re.compile(r"[0-9][0-9.]*+")
_REST_OF_LINE = re.compile(r"[^\r\n]++")
_OF_FORM = re.compile(r"[^&\s]++")
# More words than one are prose: "Password: please try again".
_ONLY_WORD = re.compile(r"(?:(?:basic|bearer|digest|token)[ ]++)?\S++(?=[ \t\r]*+$)", re.IGNORECASE | re.MULTILINE)


_SEPARATOR = re.compile(r"[?&;#\s\"'<>]")
_NO_NAME = re.compile(r"[^\w.$-]")
_FAR = 100


class NamedValue(NamedTuple):
    """Where a value stands, without its quotes."""

    name: str
    start: int
    end: int
    is_number: bool


def named_values(text: str, is_wanted: Callable[[str], object]) -> Iterator[NamedValue]:
    """The values whose names are wanted, in order; none lies within another."""
    done = 0
    for head in _HEAD.finditer(text):
        if head.start("name") < done or not is_wanted(head["name"]):
            continue
        pattern = _value_behind(head, text)
        value = pattern.match(text, head.end()) if pattern else None
        if value and value[0]:
            done = value.end()
            yield NamedValue(head["name"], *value.span(), is_number=pattern is _NUMBER)


def name_before(text: str, at: int) -> str:
    """The name of the value that begins at a place, or of the parameter that the place is in; empty where none is."""
    before = text[max(0, at - _FAR) : at]
    parameter, is_one, _ = _SEPARATOR.split(before)[-1].partition("=")
    if is_one:
        return parameter
    head = before.rstrip(" \t\"'\\")
    name = head.rstrip(":=>")
    return _NO_NAME.split(name.rstrip(" \t\"'\\]"))[-1] if name != head else ""


def _value_behind(head: re.Match[str], text: str) -> re.Pattern[str] | None:
    """How far a value reaches that has such a head; None where prose goes on."""
    if head["quote"]:
        return _QUOTED.get(head["quote"], _IN_ESCAPED_QUOTES)
    is_apart = head["close"] or not head[0].endswith((":", "="))  # a host and its port are not: http://auth:8080
    if is_apart and _NUMBER.match(text, head.end()):
        return _NUMBER
    if head["close"] == "]" and head["sign"] == "=>":
        return _REST_OF_LINE
    if head["line"] is None or head["close"]:
        return None
    if head["sign"] == ":":
        return _ONLY_WORD if is_apart else None
    return _OF_FORM if head[0].endswith(f"{head['name']}=") else None
