"""Finds the texts and numbers in JSON, also in JSON that is broken or cut off. Pure.

Read are also single quotes around a text, names without quotes, and ``=>`` or ``=`` for a colon, as in Python,
JavaScript and PHP. None of them makes another thing of what is JSON.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_NAMES = 8
"""Names that a leaf knows of those above it; the rest is forgotten, so that deep nesting costs nothing."""

# A string that is cut off lasts to the end of the text: so none is ever looked at twice. One in single quotes has no
# other quote, backslash or line break in it: so an apostrophe begins none that hides what is behind it.
_TOKEN = re.compile(
    r'"(?P<text>(?:[^"\\]|\\(?:.|\Z))*+)(?:"|\Z)(?P<colon>\s*+(?::|=>?))?'
    r"|'(?P<single>[^'\"\\\n]*+)'(?P<single_colon>\s*+(?::|=>?))?"
    r"|(?P<number>-?[0-9][0-9.eE+-]*+)|(?<![\w/@])(?P<bare>[A-Za-z_$][\w$-]*+)(?P<bare_colon>\s*+:)?"
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)
_NAMES = {"colon": "text", "single_colon": "single", "bare_colon": "bare"}


class Leaf(NamedTuple):
    """A text (without its quotes, as it is spelt) or a number. ``names`` lead to it, the outermost first."""

    names: tuple[str, ...]
    start: int
    end: int
    is_number: bool


def leaves(text: str) -> Iterator[Leaf]:
    """All leaves in order but empty texts. The items of a list have the names of the list."""
    outer: list[tuple[str, ...]] = []
    names: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind in _NAMES:
            own = (decoded(found[_NAMES[kind]]),)
            continue
        path = (*names, *own)[-MAX_NAMES:] if own else names
        if kind == "open":
            outer.append(names)
            names = path
        elif kind == "close":
            names = outer.pop() if outer else ()
        elif kind != "bare" and found[kind]:
            yield Leaf(path, *found.span(kind), kind == "number")
        own = ()


def decoded(spelt: str) -> str:
    """What stands between two quotes; as it is, where it is misspelt."""
    if "\\" not in spelt:
        return spelt
    try:
        return str(json.loads(f'"{spelt}"', strict=False))
    except ValueError:
        return spelt
