"""Finds what looks like the number of a payment card. Pure.

13 to 19 digits that begin as those of banks do (2 to 6, ISO/IEC 7812), with the right check digit (Luhn), in one
piece or in groups with spaces or dashes between. A telephone number with its ``+`` is none. Without it, one in ten of
those that are as long and begin alike passes for a card.
"""

import re
from collections.abc import Callable

SHORTEST, LONGEST = 13, 19

# Digits in a hash, behind a decimal point or in front of a host are of something else.
_GROUPS = re.compile(r"(?<![\w+.])[0-9]++(?:[ -][0-9]++)*+([\w@]|%40)?", re.ASCII)
_GROUP = re.compile(r"[0-9]+", re.ASCII)
_DIGIT = re.compile("[0-9]")
_FIRST = frozenset("23456")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def mask_card_numbers(text: str, is_other: Callable[[int], bool] = lambda _: False) -> tuple[str, int]:
    """The text with a 9 for every digit of such a number, and how many there were.

    A number stays a number of as many digits, which no check of an answer can tell from another; no such row of
    nines has the right check digit. *is_other* says whether what begins at a place in the text is no card all the same.
    """
    kept, done, count = [], 0, 0
    for run in _GROUPS.finditer(text):
        digits = run[0][: -len(run[1])].rstrip("0123456789") if run[1] else run[0]
        for start, end in _cards(digits) if len(digits) >= SHORTEST else ():
            first, last = run.start() + start, run.start() + end
            if is_other(first):
                continue
            kept += [text[done:first], _DIGIT.sub("9", text[first:last])]
            done = last
            count += 1
    return "".join(kept) + text[done:], count


def is_card_number(digits: str) -> bool:
    """Whether the digits alone look like a card's."""
    return bool(_cards(digits)) and SHORTEST <= len(digits) <= LONGEST


def _cards(run: str) -> list[tuple[int, int]]:
    """Where cards stand in groups of digits; one may have other groups before or behind it."""
    groups = [group.span() for group in _GROUP.finditer(run)]
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(groups):
        end = _end_of_card(run, groups, at) if run[groups[at][0]] in _FIRST else 0
        if end:
            found.append((groups[at][0], groups[end - 1][1]))
        at = end or at + 1
    return found


def _end_of_card(run: str, groups: list[tuple[int, int]], first: int) -> int:
    """Behind the last group of the card that begins with group *first*; 0 where none does."""
    length, last = 0, first
    while last < len(groups) and length < LONGEST:
        start, end = groups[last]
        length, last = length + end - start, last + 1
        if SHORTEST <= length <= LONGEST and _has_check_digit(run[groups[first][0] : end]):
            return last
    return 0


def _has_check_digit(number: str) -> bool:
    digits = [ord(one) - 48 for one in reversed(number) if one.isdigit()]
    return not (sum(digits[::2]) + sum(_DOUBLED[one] for one in digits[1::2])) % 10
