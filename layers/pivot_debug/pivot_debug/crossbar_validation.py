"""A request's body in Crossbar's envelope, and faults of input in Crossbar's shape. Pure."""

import json
from typing import Any

from pydantic import ValidationError

from pivot_debug.errors import InvalidRequestError, ValidationErrors

_RULES = {
    "extra_forbidden": "additionalProperties",
    "greater_than_equal": "minimum",
    "less_than_equal": "maximum",
    "missing": "required",
    "string_pattern_mismatch": "pattern",
    "string_too_short": "minLength",
}


def crossbar_errors(error: ValidationError) -> ValidationErrors:
    """Pydantic's findings as field -> rule -> message."""
    found: ValidationErrors = {}
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        # Steps after the first name pydantic's union members as well as the document's own keys.
        field = str(fault["loc"][0]) if fault["loc"] else "document"
        found.setdefault(field, {})[_RULES.get(fault["type"], "type")] = {"message": fault["msg"]}
    return found


def parse_body(body: str) -> Any:
    """The ``data`` of a request body, or InvalidRequestError."""
    return data_of(parse_envelope(body))


def parse_envelope(body: str) -> Any:
    """The JSON of a request body; a key that stands twice becomes a list of both values."""
    try:
        return json.loads(body, object_pairs_hook=keep_repeated, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        message = "not valid JSON" if isinstance(error, ValueError) else "nested too deeply"
        raise InvalidRequestError("json", "invalid", message, target="body") from None


def data_of(envelope: Any) -> Any:
    if not isinstance(envelope, dict) or "data" not in envelope:
        raise InvalidRequestError("data", "required", "Field is required but missing", value="data")
    return envelope["data"]


def keep_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """KAZOO writes a repeated header (set-cookie) as a repeated key; both values are kept, as a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
