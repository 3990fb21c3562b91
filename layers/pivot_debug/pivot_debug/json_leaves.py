"""Finds the texts and numbers in JSON, also in JSON that is broken or cut off. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_NAMES = 8
"""Names that a leaf knows of those above it; the rest is forgotten, so that deep nesting costs nothing."""

# A string that is cut off lasts to the end of the text: so none is ever looked at twice.
_TOKEN = re.compile(
    r'"(?P<text>(?:[^"\\]|\\(?:.|\Z))*+)(?:"|\Z)(?P<colon>\s*+:)?|(?P<number>-?[0-9][0-9.eE+-]*+)|(?P<word>[a-z]++)'
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text (without its quotes, as it is spelt) or a number. ``names`` lead to it, the outermost first."""

    names: tuple[str, ...]
    start: int
    end: int
    is_number: bool


def leaves(text: str) -> Iterator[Leaf]:
    """All leaves in order. The items of a list have the names of the list."""
    outer: list[tuple[str, ...]] = []
    names: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    for found in _TOKEN.finditer(text):
        if found["colon"]:
            own = (decoded(found["text"]),)
            continue
        if found["open"]:
            outer.append(names)
            names = (*names, *own)[-MAX_NAMES:]
        elif found["close"]:
            names = outer.pop() if outer else ()
        elif not found["word"]:
            kind = "number" if found["number"] else "text"
            yield Leaf((*names, *own)[-MAX_NAMES:], *found.span(kind), is_number=kind == "number")
        own = ()


def decoded(spelt: str) -> str:
    """What stands between two quotes; as it is, where it is misspelt."""
    try:
        return str(json.loads(f'"{spelt}"', strict=False))
    except ValueError:
        return spelt
