"""Takes credentials, keyed digits and card numbers out of answers, and out of values of any other field. Pure."""

from typing import Any

from pivot_debug.digits import hide_digits
from pivot_debug.masking import Masker
from pivot_debug.redaction import MARK
from pivot_debug.telling_names import Sense

_SAID = frozenset({"message", "target", "expected", "severity"})
"""What an error says of a value, beside the value itself."""


def mask_answer(body: str, *, keep_digits: bool = False, name: str = "") -> tuple[str, list[str]]:
    """The body with as many characters, and the names of what was hidden: members, attributes, parameters.

    *name* is what the body itself is called. *keep_digits*: keyed digits and card numbers stay.
    """
    masker = Masker(keep_digits=keep_digits)
    return masker.named(body, name), masker.lost


def mask_value(value: Any, *, keep_digits: bool = False, name: str = "") -> tuple[Any, list[str]]:
    """A JSON value of that *name*, masked likewise, and the names of what was hidden."""
    masker = Masker(keep_digits=keep_digits)
    return _masked(value, masker.names.if_telling(name), masker), masker.lost


def _masked(value: Any, told: str, masker: Masker) -> Any:
    """*told* is the name that tells of the value, its own or of what it stands in; empty if none does."""
    if isinstance(value, dict):
        return {name: _masked(one, _telling(name, told, masker), masker) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, told, masker) for one in value]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value)
    if masker.is_hidden(text, told):
        masker.lost.append(told)
        return MARK if masker.names[told] is Sense.SECRET else hide_digits(text)
    masked = masker.masked(text, told, depth=0)
    return value if masked == text else masked


def _telling(name: str, outer: str, masker: Masker) -> str:
    return "" if name in _SAID else masker.names.telling_among((outer, name))
