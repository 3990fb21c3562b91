"""The rules that one value can break by itself: its type, its range, its length, its form. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from pivot_debug.callflow.schema import Schema

INVALID_URL = "invalid client URL"

Broken = tuple[str, Any]
"""KAZOO's code for a rule, and what the rule asks for."""

_TYPES: dict[str, type] = {"array": list, "boolean": bool, "integer": int, "object": dict, "string": str}
_FORMATS = {"email": re.compile(r"^[^@]+@[^@]+$")}  # KAZOO knows "uri" too and does not enforce it

# KAZOO reads userinfo as user@password:host, so that in user:password@host it takes the user for the host.
_HOST = re.compile(r"https?://(?:[^/?#:@]*@[^:]*:)?([^/?#:@]*)")
_BLACKLIST = frozenset({"localhost", "127.0.0.1", "0.0.0.0"})  # noqa: S104  # compared with, not listened on


def broken_rule(schema: Schema, value: Any) -> Broken | None:
    """The first rule that the value breaks."""
    if schema.type is not None and not _is(schema.type, value):
        return "type", schema.type
    if schema.enum and value not in schema.enum:
        return "enum", list(schema.enum)
    if isinstance(value, str):
        return next(_broken_by_text(schema, value), None)
    if isinstance(value, list):
        return next(_broken_by_list(schema, value), None)
    return next(_broken_by_number(schema, value), None) if isinstance(value, int) else None


def _is(name: str, value: Any) -> bool:
    # Python's True is an integer, JSON's is not; 20.0 is none for KAZOO either.
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _broken_by_text(schema: Schema, value: str) -> Iterator[Broken]:
    if len(value) < schema.min_length:
        yield "minLength", schema.min_length
    if schema.max_length is not None and len(value) > schema.max_length:
        yield "maxLength", schema.max_length
    if schema.pattern is not None and re.search(schema.pattern, value) is None:
        yield "pattern", schema.pattern
    if schema.format in _FORMATS and _FORMATS[schema.format].search(value) is None:
        yield "wrong_format", schema.format
    if schema.client_url and not _is_client_url(value):
        yield "error", INVALID_URL


def _broken_by_number(schema: Schema, value: int) -> Iterator[Broken]:
    if schema.minimum is not None and value < schema.minimum:
        yield "minimum", schema.minimum
    if schema.maximum is not None and value > schema.maximum:
        yield "maximum", schema.maximum


def _broken_by_list(schema: Schema, value: list[Any]) -> Iterator[Broken]:
    if len(value) < schema.min_items:
        yield "minItems", schema.min_items
    # Where items must be unique they are strings; what is not is found fault with anyway.
    texts = [item for item in value if isinstance(item, str)]
    if schema.unique_items and len(set(texts)) < len(texts):
        yield "uniqueItems", None


def _is_client_url(url: str) -> bool:
    found = _HOST.match(url)
    return found is not None and found[1].lower() not in _BLACKLIST
