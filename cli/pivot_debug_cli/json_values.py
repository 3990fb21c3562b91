"""Reads JSON values out of text that holds several of them. Pure."""

import json
import re
from typing import Any, NoReturn

# KAZOO's archiver used to forget the comma after every 500th row, and now puts it at the start of the next line
# (core/kazoo_couch/src/kz_couch_db.erl). So a comma is welcome between any two values, and needed between none.
SEPARATORS = " \t\r\n,"

_SEPARATORS = re.compile(f"[{SEPARATORS}]*")


def values_at(text: str, start: int = 0) -> tuple[list[Any], int]:
    """The JSON values that stand side by side from *start* on, and the place of the ``]`` after them or the end.

    Raises ValueError or RecursionError for what is not JSON or too deep. A name that an object repeats keeps all its
    values.
    """
    values = []
    at = _skip_separators(text, start)
    while at < len(text) and text[at] != "]":
        value, at = _decoder.raw_decode(text, at)
        values.append(value)
        at = _skip_separators(text, at)
    return values, at


def _skip_separators(text: str, at: int) -> int:
    match = _SEPARATORS.match(text, at)
    return match.end() if match else at


def is_json(text: str) -> bool:
    try:
        values_at(text)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


def _keep_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose repeated names keep all their values, in a list: KAZOO writes repeated headers that way.

    The service reads documents so too (``pivot_debug.intake``).
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        for name in found:
            values = [value for each, value in pairs if each == name]
            found[name] = values[0] if len(values) == 1 else values
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_keep_repeated, parse_constant=_no_constant)
