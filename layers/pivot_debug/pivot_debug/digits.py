"""Takes out of requests what a caller has keyed in, where it may be a PIN or the number of a card. Pure.

Four digits or more are hidden, since PINs have 4 to 12 (ISO 9564) and cards 13 to 19. Up to three stay: they are the
choice in a menu, which is what is looked for when a call goes wrong. How many keys were pressed stays visible.
"""

import re
from urllib.parse import unquote_plus

from pivot_debug.json_leaves import leaves

FEWEST_HIDDEN = 4

_NAMES = frozenset({"digits", "dtmf"})
_PARAMETER = re.compile(r"(?:^|(?<=[?&;#]))([^=&;#?]++)=([^&#]*+)")


def hide_digits(keys: str) -> str:
    """The keys as ``*`` where they may be private, else as they are."""
    return "*" * len(keys) if sum(map(str.isdigit, keys)) >= FEWEST_HIDDEN else keys


def hide_digits_in_parameters(text: str) -> tuple[str, list[str]]:
    """A query, or a form, without private digits in ``Digits`` and in collections such as ``Digits[patient]``."""
    lost: list[str] = []

    def hide(found: re.Match[str]) -> str:
        name, keys = unquote_plus(found[1]), unquote_plus(found[2])
        if not _is_keyed(re.split(r"[\[\].]+", name)) or hide_digits(keys) == keys:
            return found[0]
        lost.append(name)
        return f"{found[1]}={hide_digits(keys)}"

    return _PARAMETER.sub(hide, text), lost


def hide_digits_in_json(text: str) -> tuple[str, list[str]]:
    """JSON without private digits in ``Digits``, or in any collection below it."""
    kept, lost, done = [], [], 0
    for leaf in leaves(text):
        keys = text[leaf.start : leaf.end]
        if _is_keyed(leaf.names) and hide_digits(keys) != keys:
            quote = '"' if leaf.is_number else ""
            kept += [text[done : leaf.start], quote, hide_digits(keys), quote]
            lost.append(".".join(leaf.names))
            done = leaf.end
    return "".join(kept) + text[done:], lost


def _is_keyed(names: "list[str] | tuple[str, ...]") -> bool:
    return any(name.lower() in _NAMES for name in names)
