"""Reads a dump of a KAZOO monthly database, in whatever form it was taken, as a stream of documents.

A dump with one document or row per line is read line by line, so that its size does not matter::

    {"_id": ...}              [{"id": ..., "doc": {...}},          {"total_rows": 2, "rows":[
    {"_id": ...}              {"id": ..., "doc": {...}}            {"id": ..., "doc": {...}},
                              ]                                    {"id": ..., "doc": {...}}
                                                                   ]}
    JSON lines                KAZOO's archive                      CouchDB's own reply

Any other JSON is read whole. Nothing here opens a file or knows the API.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NoReturn

from pivot_debug_cli.json_values import SEPARATORS, is_json, values_at

PIVOT_DEBUG = "pivot_debug"

_LISTS = ("rows", "docs", "results", "data")
"""Keys that hold documents or rows: ``_all_docs`` and views, Mango, ``_changes``, Crossbar."""

_TAIL_LINES = 20
"""Lines that may follow the last row of CouchDB's reply; one is usual."""


class DumpError(Exception):
    """The dump cannot be read any further; the text names the line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document of a dump, whatever it may hold.

    ``number`` counts from 1, ``line`` is None where the dump does not give each document a line, and ``done`` is how
    many bytes of the dump have been used up with it.
    """

    number: int
    line: int | None
    done: int
    document: Any

    @property
    def place(self) -> str:
        return f"document {self.number}" if self.line is None else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    done: int


@dataclass(frozen=True, slots=True)
class _Form:
    """How the first line of a dump with a row per line opens the list, and what must stand after its last row."""

    start: int
    closing: str


_Found = tuple[Any, int | None, int]
_JSON_LINES = _Form(0, "")


def read(dump: Iterable[bytes]) -> Iterator[Entry]:
    """Every document of a dump, in order. *dump* gives its lines, as an open binary file does.

    Raises DumpError at the first thing that is not JSON, and at the end of a list that was cut off.
    """
    lines = _lines(dump)
    head = list(islice(lines, 2))
    form = _form(*(line.text for line in head))
    lines = chain(head, lines)
    found = _whole(list(lines)) if form is None else _by_line(form, lines)
    for number, (document, line, done) in enumerate(found, 1):
        yield Entry(number=number, line=line, done=done, document=document)


def skip_reason(document: Any) -> str | None:
    """Why the service has no use for a document, mostly its type; None where it may have.

    Crossbar's replies carry no ``pvt_type``: a document without one is left to the service to judge.
    """
    if not isinstance(document, dict):
        return None
    if document.get("_deleted") or document.get("pvt_deleted"):
        return "deleted"
    if str(document.get("_id", "")).startswith("_design/"):
        return "design document"
    if "key" in document and "value" in document and "call_id" not in document:
        return "row without its document (dump with include_docs=true)"
    kind = document.get("pvt_type", PIVOT_DEBUG)
    return None if kind == PIVOT_DEBUG else str(kind)


def _lines(dump: Iterable[bytes]) -> Iterator[_Line]:
    done = 0
    for number, raw in enumerate(dump, 1):
        done += len(raw)
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise DumpError(number, "not UTF-8 text; unpack a compressed dump first") from None
        if text.strip(" \t"):
            yield _Line(number, text, done)


def _form(first: str = "", second: str = "") -> _Form | None:
    """The form of a dump with a row per line, told from its first two lines; None for any other."""
    if is_json(first):
        return _JSON_LINES
    form = _opening(first)
    if form is _JSON_LINES:
        # Only its first line is broken: say so, rather than take gigabytes in as one value.
        return form if first.rstrip().endswith("}") and is_json(second) else None
    return form if is_json(first[form.start :].strip() or second) else None


def _opening(first: str) -> _Form:
    stripped = first.strip()
    if stripped.startswith("["):
        return _Form(first.index("[") + 1, "]")
    if stripped.startswith("{") and stripped.endswith("[") and is_json(stripped + "]}"):
        return _Form(len(first), "]}")
    return _JSON_LINES


def _by_line(form: _Form, lines: Iterator[_Line]) -> Iterator[_Found]:
    start, line, before = form.start, _Line(1, "", 0), 0
    for line in lines:
        try:
            documents, end = _documents(line.text, start)
        except (ValueError, RecursionError) as error:
            _refuse(line.number, error)
        for count, document in enumerate(documents, 1):
            done = before + (line.done - before) * count // len(documents)
            yield document, line.number if len(documents) == 1 else None, done
        if end < len(line.text):
            return _check_end(form, line, end + 1, lines)
        start, before = 0, line.done
    if form.closing:
        raise DumpError(line.number, f"the dump ends without {form.closing}, so it was cut off here")
    return None


def _check_end(form: _Form, line: _Line, start: int, lines: Iterator[_Line]) -> None:
    """After the ``]``: the rest of CouchDB's reply may follow, and must be complete; after a bare list, nothing."""
    rest = line.text[start:] + "".join(following.text for following in islice(lines, _TAIL_LINES))
    if form is _JSON_LINES:
        raise DumpError(line.number, "a ] that closes nothing")
    if form.closing == "]" and rest.strip():
        raise DumpError(line.number, "more follows after the end of the list; send one dump at a time")
    if form.closing == "]}" and not is_json("{" + rest.lstrip(SEPARATORS)):
        raise DumpError(line.number, "the object around the list is not closed, so the dump was cut off here")


def _whole(lines: list[_Line]) -> Iterator[_Found]:
    text = "\n".join(line.text for line in lines)
    try:
        documents, end = _documents(text, 0)
    except (ValueError, RecursionError) as error:
        # Blank lines are gone from the text: its n-th line has a number of its own.
        _refuse(lines[getattr(error, "lineno", 1) - 1].number, error)
    if end < len(text):
        raise DumpError(lines[text.count("\n", 0, end)].number, "a ] that closes nothing")
    for count, document in enumerate(documents, 1):
        yield document, None, lines[-1].done * count // len(documents)


def _documents(text: str, start: int) -> tuple[list[Any], int]:
    values, end = values_at(text, start)
    return [document for value in values for document in _unwrapped(value)], end


def _unwrapped(value: Any) -> Iterator[Any]:
    """The documents inside lists, rows and replies, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from _unwrapped(item)
    elif isinstance(value, dict) and (inner := _inside(value)) is not None:
        yield from _unwrapped(inner)
    else:
        yield value


def _inside(value: dict[str, Any]) -> Any:
    """What a row or a reply holds; None where the value is a document itself."""
    if not {"_id", "call_id", "pvt_type"}.isdisjoint(value):
        return None
    if "error" in value and (value.get("status") == "error" or "reason" in value):
        raise ValueError(f"the error reply of a server ({value.get('message') or value.get('error')}), not a dump")
    held = (value.get(key) for key in ("doc", *_LISTS))
    return next((inner for inner in held if isinstance(inner, dict | list)), None)


def _refuse(line: int, error: Exception) -> NoReturn:
    if isinstance(error, json.JSONDecodeError):
        raise DumpError(line, f"not valid JSON ({error.msg}, column {error.colno})") from None
    if isinstance(error, RecursionError):
        raise DumpError(line, "nested too deeply") from None
    raise DumpError(line, str(error)) from None
