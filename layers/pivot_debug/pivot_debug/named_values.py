r"""Finds values beside their names where no grammar helps: in source code, dumps, logs, JSON gone wrong. Pure.

``password: "x"``, ``'password' => 'x'``, ``\"password\": \"x\"``, ``["password"]=> string(1) "x"``,
``[password] => x``, ``pin: 1234``, ``pin=1234``, ``{pin=[1234]}``; at the beginning of a line also ``password=x&a=b``
and ``Authorization: Bearer x``; and the parts of a ``multipart/form-data``.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_HEAD = re.compile(
    r"(?P<line>^[ \t]*+)?(?<![\w.$-])(?P<name>[\w.$-]{1,200}+(?:\[[\w.$-]{0,100}+\](?==))?+)"
    r"(?P<close>[\\\"'\]]{0,9}+)[ \t]*+(?P<sign>=>|[:=])"
    r"(?:\s*+(?:string\([0-9]++\)\s*+|[bu])?(?P<quote>\\*+[\"'])|\s*+(?:int|float)\((?=[0-9])"
    r"|[ \t]*+[\[(]{0,2}+)",
    re.MULTILINE,
)
_QUOTED = {'"': re.compile(r"(?:[^\"\\\r\n]|\\.)*+"), "'": re.compile(r"(?:[^'\\\r\n]|\\.)*+")}
_IN_ESCAPED_QUOTES = re.compile(r"(?:[^\\\r\n]|\\++(?![\"']))*+")
_NUMBER = re.compile(r"[0-9][0-9.]*+")
_REST_OF_LINE = re.compile(r"[^\r\n]++")
_OF_FORM = re.compile(r"[^&\s]++")
_OF_PAIR = re.compile(r"[^&\s\"'<>()\[\]{},;]++")
_PART = re.compile(
    r"^Content-Disposition: *+form-data;[^\r\n]*?\bname=\"(?P<name>[^\"\r\n]{1,200}+)\"[^\r\n]*+"
    r"(?:\r?\n[^\r\n]++)*+\r?\n\r?\n(?P<value>[^\r\n]++)",
    re.MULTILINE | re.IGNORECASE,
)
# More words than one are prose: "Password: please try again".
_ONLY_WORD = re.compile(r"(?:(?:basic|bearer|digest|token)[ ]++)?\S++(?=[ \t\r]*+$)", re.IGNORECASE | re.MULTILINE)


_SEPARATOR = re.compile(r"[?&;#\s\"'<>(){},]")
_NAME_OF_PART = re.compile(r"\bname=\"([^\"\r\n]*)\"[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n\Z")
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


def parts_of_form(text: str, is_wanted: Callable[[str], object]) -> Iterator[NamedValue]:
    """The first line of each wanted part of a ``multipart/form-data``."""
    for part in _PART.finditer(text):
        if is_wanted(part["name"]):
            yield NamedValue(part["name"], *part.span("value"), is_number=False)


def name_before(text: str, at: int) -> str:
    """The name of the value that begins at a place, or of the parameter that the place is in; empty where none is."""
    before = text[max(0, at - _FAR) : at]
    parameter, is_one, _ = _SEPARATOR.split(before)[-1].partition("=")
    if is_one:
        return parameter
    if part := _NAME_OF_PART.search(before):
        return part[1]
    head = before.rstrip(" \t\"'\\")
    name = head.rstrip(":=>")
    return _NO_NAME.split(name.rstrip(" \t\"'\\]"))[-1] if name != head else ""


def _value_behind(head: re.Match[str], text: str) -> re.Pattern[str] | None:
    """How far a value reaches that has such a head; None where prose goes on."""
    if head["quote"]:
        return _QUOTED.get(head["quote"], _IN_ESCAPED_QUOTES)
    is_pair = head["sign"] == "=" and head[0].rstrip("[(").endswith("=") and not head["close"]
    if is_pair:
        return _OF_FORM if head["line"] is not None and head[0].endswith("=") else _OF_PAIR
    is_apart = head["close"] or not head[0].endswith(":")  # a host and its port are not: http://auth:8080
    if is_apart and _NUMBER.match(text, head.end()):
        return _NUMBER
    if head["close"] == "]" and head["sign"] == "=>":
        return _REST_OF_LINE
    if head["line"] is None or head["close"]:
        return None
    return _ONLY_WORD if head["sign"] == ":" and is_apart else None
