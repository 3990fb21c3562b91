"""Faults in the shape and the words in which KAZOO stores them as ``schema_errors``. Pure."""

from collections.abc import Iterable
from typing import Any

from pivot_debug.callflow.json_reader import Path
from pivot_debug.callflow.rules import Violation

_MESSAGES = {
    "enum": "Value not found in enumerated list of values",
    "maxLength": "String must not be more than {} characters",
    "maximum": "Value must be at most {}",
    "minItems": "The list must have at least {} items",
    "minLength": "String must be at least {} characters",
    "minimum": "Value must be at least {}",
    "pattern": "Failed to match pattern '{}'",
    "required": "Field is required but missing",
    "type": "Value did not match type(s): {}",
    "uniqueItems": "List of items is not unique",
}
_NO_ALTERNATIVE_FITS = "failed to validate"
"""KAZOO does not tell what is wrong inside of a choice, such as the form of an address or the name of a SIP header."""


def schema_errors(violations: Iterable[Violation]) -> dict[str, Any] | None:
    """One object over all faults, from path to code to detail; None where there is no fault."""
    return {_joined(each.path): {each.keyword: _detail(each)} for each in violations} or None


def _joined(path: Path) -> str:
    return ".".join(str(step).replace(".", "%2E") for step in path)


def _detail(violation: Violation) -> dict[str, Any]:
    keyword, target, value = violation.keyword, violation.target, violation.value
    if keyword == "error":
        return {"message": target, "value": value}
    detail = {"message": _MESSAGES.get(keyword, _NO_ALTERNATIVE_FITS).format(target), "value": value}
    if target is not None:
        detail["target"] = target
    if keyword in {"minLength", "maxLength"}:
        detail["cause"] = value
    return detail
