"""What a check found in an answer, and where. Pure."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """``error`` ends or misleads the call; ``warning`` is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault. ``code`` is a slug of the error dictionary; the rest is left out where it does not apply.

    ``line`` and ``column`` count from 1, in the body as it was sent, in characters. ``pointer`` is a JSON Pointer
    (RFC 6901). ``excerpt`` is the line of the body with a caret under the place.
    """

    code: str
    severity: Severity
    message: str
    pointer: str | None = None
    line: int | None = None
    column: int | None = None
    expected: str | None = None
    got: str | None = None
    did_you_mean: str | None = None
    excerpt: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; a text that repeats a huge name of the answer is cut."""
        return {name: _cut(value) for name, value in asdict(self).items() if value is not None}


_LONGEST = 500


def _cut(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > _LONGEST
    return f"{value[: _LONGEST - 1]}…" if is_long else value


_WIDTH = 100
"""Characters of an excerpt's line: enough to recognise the place."""


def excerpt(text: str, line: int, column: int) -> str:
    """The line, cut around the place where it is long, and a caret under the column."""
    lines = text.split("\n")
    whole = lines[min(line, len(lines)) - 1].replace("\t", " ")
    start = max(0, min(column - 1 - _WIDTH // 2, len(whole) - _WIDTH))
    return f"{whole[start : start + _WIDTH]}\n{' ' * (column - 1 - start)}^"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Place of a character offset, both from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1
