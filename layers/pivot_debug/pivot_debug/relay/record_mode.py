"""Which calls of a relay are recorded: all, failures, the next N, or all until a moment. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pivot_debug import clock

MAX_CALLS = 100
"""For ``next N calls``: each counted call is remembered in the relay's item, so that a redelivery counts once."""

FORMS = '"all", "failures", "next N calls" or "until TIME"'

_NEXT = re.compile(r"next (\d{1,9}) calls?", re.ASCII)
_GREGORIAN = re.compile(r"\d{1,15}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RecordMode:
    """``calls`` belongs to ``next``, ``until_ms`` (Unix ms, whole seconds) to ``until``; both are 0 elsewhere.

    As text it is what ``parse_record_mode`` reads: ``until 2026-12-01T00:00:00Z``.
    """

    kind: Literal["all", "failures", "next", "until"]
    calls: int = 0
    until_ms: int = 0

    def __str__(self) -> str:
        if self.kind == "next":
            return f"next {self.calls} calls"
        return f"until {clock.iso(self.until_ms)}" if self.kind == "until" else self.kind


def parse_record_mode(text: str) -> RecordMode:
    """Read a mode; ValueError says in a sentence what is wrong.

    TIME is ISO 8601 with a zone, or Gregorian seconds; parts of a second are dropped.
    """
    if text == "all":
        return RecordMode("all")
    if text == "failures":
        return RecordMode("failures")
    if found := _NEXT.fullmatch(text):
        return RecordMode("next", calls=_calls(int(found[1])))
    if text.startswith("until "):
        return RecordMode("until", until_ms=_moment(text.removeprefix("until ")))
    raise ValueError(f"expected {FORMS}")


def _calls(number: int) -> int:
    if not 1 <= number <= MAX_CALLS:
        raise ValueError(f"the number of calls is 1 to {MAX_CALLS}")
    return number


def _moment(text: str) -> int:
    ms = clock.unix_ms(int(text)) if _GREGORIAN.fullmatch(text) else _iso_moment(text)
    if ms < 0:
        raise ValueError("the time lies before 1970: Gregorian seconds are Unix seconds + 62167219200")
    if ms > clock.LATEST_MS:
        raise ValueError("the time lies too far in the future")
    return ms // 1000 * 1000


def _iso_moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("the time must be ISO 8601 with a zone (2026-12-01T00:00:00Z) or Gregorian seconds") from None
    if moment.tzinfo is None:
        raise ValueError("the time needs a zone: write 2026-12-01T00:00:00Z or 2026-12-01T01:00:00+01:00")
    return (moment - _EPOCH) // timedelta(milliseconds=1)
