"""Fills the template of a reason with what is known of one attempt. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pivot_debug.dictionary.entries import ERROR_CODES

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_FIELD = re.compile(r"\{([a-z_]+)\}")

_LONGEST = {"url": 50, "detail": 80, "place": 24}
"""Characters that are shown of a fact, so that a reason keeps to 200."""
_LONGEST_OTHER = 30


def reason_of(code: str, facts: Mapping[str, Any]) -> str:
    """One sentence on why the attempt failed, for a verdict.

    *facts* may hold ``attempt, status, url, content_type, detail, place, timeout_ms, ms``; whatever is absent, None or
    empty is left unsaid. Long ones are shortened: of ``url`` all up to the query counts, of ``detail`` one sentence.

    Raises:
        KeyError: There is no such code.
    """
    known = {name: _shown(name, str(value)) for name, value in facts.items() if value is not None}
    known = {name: value for name, value in known.items() if value}
    sentence = _OPTIONAL.sub(lambda part: _filled(part[1], known), ERROR_CODES[code].reason)
    if "attempt" in known:
        return f"Attempt {known['attempt']}: {sentence}"
    return sentence[0].upper() + sentence[1:]


def _filled(part: str, known: Mapping[str, str]) -> str:
    whole = (variant for variant in part.split("|") if all(name in known for name in _FIELD.findall(variant)))
    return next(whole, "").format_map(known)


_LONGEST_INPUT = 1000


def _shown(name: str, value: str) -> str:
    # Cut first: what is trimmed below is searched through once for each sentence.
    text = _TRIMMED.get(name, str)(" ".join(value[:_LONGEST_INPUT].split()))
    longest = _LONGEST.get(name, _LONGEST_OTHER)
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _without_query(url: str) -> str:
    return re.split("[?#]", url, maxsplit=1)[0]


def _first_sentence(text: str) -> str:
    """Without its full stop. A full stop within double quotes ends no sentence."""
    ends = (end.start() for end in re.finditer(r"[.!?] ", text) if text.count('"', 0, end.start()) % 2 == 0)
    return text[: next(ends, len(text))].rstrip(".!? ")


_TRIMMED: Mapping[str, Callable[[str], str]] = {"url": _without_query, "detail": _first_sentence}
