"""What was probably meant. Pure."""

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pivot_debug.callflow.schema import Schema

_CLOSE = 0.7
"""Share of equal characters from which difflib calls two words alike: timeuot and timeout are, id and uri are not."""

_LONGEST = 64
"""Characters of a word that are looked at: no word of KAZOO's is longer."""

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.0)?")
_BOOLEANS = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}

_OTHER_NAMES = {
    "dial": "resources",
    "gather": "collect_dtmf",
    "pause": "sleep",
    "record": "record_caller",
    "redirect": "pivot",
    "reject": "response",
    "say": "tts",
    "speak": "tts",
    "wait": "sleep",
}
"""What TwiML and everyday language call KAZOO's modules."""


def module_meant(word: str, modules: Iterable[str]) -> str | None:
    return _OTHER_NAMES.get(word.lower()) or word_meant(word, modules)


def word_meant(word: str, words: Iterable[str]) -> str | None:
    """The word that looks most like this one, whatever the case and whatever stands between its parts."""
    plain = {_plain(each): each for each in sorted(words)}
    close = get_close_matches(_plain(word[:_LONGEST]), plain, n=1, cutoff=_CLOSE)
    return plain[close[0]] if close else None


def value_meant(schema: Schema, value: Any) -> str | None:
    """The same value in the right type or spelling, as JSON: ``486`` for ``"486"``."""
    if schema.type == "string":
        return _string_meant(schema, value)
    if schema.type == "object":
        return "{}" if value == [] else None  # PHP encodes an empty array as []
    text = str(value).strip().lower() if isinstance(value, (str, int, float)) else ""
    if schema.type == "boolean":
        return _BOOLEANS.get(text)
    return text.removesuffix(".0") if schema.type == "integer" and _WHOLE.fullmatch(text) else None


def _string_meant(schema: Schema, value: Any) -> str | None:
    if isinstance(value, str):
        meant = word_meant(value, [each for each in schema.enum if isinstance(each, str)])
        return None if meant is None else json.dumps(meant)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return json.dumps(str(value)) if is_number and schema.format is None else None


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word.lower())
