"""Takes out of requests what a caller has keyed in, where it may be a PIN or the number of a card. Pure.

Four digits or more are hidden, since PINs have 4 to 12 (ISO 9564) and cards 13 to 19. Up to three stay: they are the
choice in a menu, which is what is looked for when a call goes wrong. How many keys were pressed stays visible.
"""

import re
from urllib.parse import unquote_plus

from pivot_debug.telling_names import Sense, sense_of

FEWEST_HIDDEN = 4

_PARAMETER = re.compile(r"(?:^|(?<=[?&;#]))([^=&;#?]++)=([^&#]*+)")


def may_be_private(keys: str) -> bool:
    """Whether so many digits are in it that it may be a PIN."""
    return sum(map(str.isdigit, keys)) >= FEWEST_HIDDEN


def hide_digits(keys: str) -> str:
    """The keys as ``*`` where they may be private, else as they are."""
    return "*" * len(keys) if may_be_private(keys) else keys


def hide_digits_in_parameters(text: str) -> tuple[str, list[str]]:
    """A query, or a form, without private digits in ``Digits`` and in collections such as ``Digits[patient]``."""
    lost: list[str] = []

    def hide(found: re.Match[str]) -> str:
        name, keys = unquote_plus(found[1]), unquote_plus(found[2])
        if not may_be_private(keys) or sense_of(name) is not Sense.KEYED:
            return found[0]
        lost.append(name)
        return f"{found[1]}={hide_digits(keys)}"

    return _PARAMETER.sub(hide, text), lost
