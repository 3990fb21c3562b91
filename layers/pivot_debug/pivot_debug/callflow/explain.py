"""Says in words what KAZOO asks for and what was found instead. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from pivot_debug.callflow.rules import Violation
from pivot_debug.callflow.schema import Schema
from pivot_debug.callflow.suggest import word_meant

_SHOWN = 80
"""Characters of a value that are shown."""

_TYPES = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "object": "an object",
    "string": "a string",
}

_WORDS = {
    "additionalProperties": "a name of letters, digits, _ and -",
    "error": "an http or https URL whose host is not localhost, 127.0.0.1 or 0.0.0.0",
    "maximum": "at most {}",
    "minItems": "an array of {} or more items",
    "minimum": "at least {}",
    "pattern": "a string that matches {}",
    "uniqueItems": "an array with no item twice",
    "wrong_format": "an e-mail address",
}

_ARRAY = "KAZOO takes an action, not an array: put each under children._ of the one before."
_CALLFLOW = "KAZOO takes an action, not a whole callflow: send what stands under flow alone."
_TWICE = "The answer is a JSON string that holds JSON: it was encoded twice."


def reason_against(answer: Any) -> str | None:
    """Why this is no action at all; None if it is one, however faulty."""
    if isinstance(answer, dict):
        return None if "module" in answer else _reason_against_object(answer)
    if isinstance(answer, list):
        return _ARRAY
    if isinstance(answer, str) and answer.lstrip().startswith("{"):
        return _TWICE
    return f'KAZOO takes an object with "module" and "data", not {shown(answer)}.'


def _reason_against_object(answer: dict[str, Any]) -> str:
    if _is_callflow(answer) or _is_callflow(answer.get("data")):
        return _CALLFLOW
    meant = next((name for name in answer if word_meant(name, ["module"])), None)
    misspelt = "KAZOO does not know what to do" if meant is None else f'"{meant}" should probably read "module"'
    return f"The answer has no module: {misspelt}."


def _is_callflow(value: Any) -> bool:
    return isinstance(value, dict) and ("flow" in value or "numbers" in value) and "module" not in value


def expected(violation: Violation) -> str:
    """What the broken rule asks for."""
    if violation.keyword in {"minLength", "maxLength"}:
        return _length(violation.schema)
    words = _WORDS.get(violation.keyword)
    return described(violation.schema) if words is None else words.format(violation.target)


def got(violation: Violation) -> str:
    """What stands there."""
    if violation.keyword == "required":
        return "nothing"
    if violation.keyword in {"minLength", "maxLength"}:
        return _counted(len(violation.value), "character")
    return json.dumps(violation.path[-1]) if violation.keyword == "additionalProperties" else shown(violation.value)


def shown(value: Any) -> str:
    """A value in a few words: ``"486"``, ``an array of 3 items``."""
    if isinstance(value, list):
        return f"an array of {_counted(len(value), 'item')}"
    if isinstance(value, dict):
        return f"an object with {_counted(len(value), 'member')}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def described(schema: Schema) -> str:
    """What a field takes."""
    if schema.enum:
        return f"one of {', '.join(shown(each) for each in schema.enum)}"
    if schema.alternatives():
        return " or ".join(dict.fromkeys(described(each) for each in schema.alternatives()))
    if schema.max_length is not None:
        return _length(schema)
    if schema.format == "email":
        return _WORDS["wrong_format"]
    required = [json.dumps(name) for name, field in schema.fields.items() if field.required]
    kind = _TYPES.get(schema.type or "", "an object")
    return f"{kind} with {_listed(required)}" if required else kind


def _length(schema: Schema) -> str:
    if schema.min_length == schema.max_length:
        return f"a string of {schema.min_length} characters"
    least = f"{schema.min_length} to" if schema.min_length else "up to"
    return f"a string of {least} {schema.max_length} characters"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
