"""The error dictionary: what each code of a verdict or finding means, what KAZOO does then, what to change. Pure."""

from pivot_debug.dictionary.entries import ERROR_CODES, FAMILIES
from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.dictionary.output import as_json, to_markdown
from pivot_debug.dictionary.reasons import reason_of

__all__ = ["ERROR_CODES", "FAMILIES", "ErrorCode", "Example", "as_json", "reason_of", "to_markdown"]
