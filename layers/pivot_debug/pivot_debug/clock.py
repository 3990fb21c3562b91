"""Time as the service counts it: Unix milliseconds inside, Gregorian seconds towards KAZOO's clients, UTC months."""

import re
import time
from datetime import UTC, datetime, timedelta

GREGORIAN_OFFSET = 62_167_219_200
"""Seconds between year 0, where KAZOO's clock starts, and 1970 (KAZOO: kz_types.hrl)."""

DAY_MS = 86_400_000
_MONTH = re.compile(r"\d{4}(0[1-9]|1[0-2])", re.ASCII)
LATEST_MS = 9_999_999_999_999
"""Year 2286: the last moment that fits the 13 digits of a sort key."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def gregorian(ms: int) -> int:
    """Unix milliseconds -> whole Gregorian seconds."""
    return ms // 1000 + GREGORIAN_OFFSET


def unix_ms(gregorian_seconds: int) -> int:
    """Gregorian seconds -> Unix milliseconds."""
    return (gregorian_seconds - GREGORIAN_OFFSET) * 1000


def month_of(ms: int) -> str:
    """The UTC month of a moment: ``202403``."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y%m")


def month_start(month: str) -> int:
    """First millisecond of a month."""
    return int(datetime.strptime(month, "%Y%m").replace(tzinfo=UTC).timestamp()) * 1000


def is_month(text: str) -> bool:
    """Whether *text* is six digits that name a month since 1970: ``202403`` is, ``202413`` and ``konami`` are not."""
    return _MONTH.fullmatch(text) is not None and "1970" <= text[:4] <= "2286"


def next_month(month: str) -> str:
    return month_of(month_start(month) + 31 * DAY_MS)


def previous_month(month: str) -> str:
    return month_of(month_start(month) - DAY_MS)


def months_between(first_ms: int, last_ms: int) -> list[str]:
    """Every month from that of *first_ms* to that of *last_ms*, oldest first."""
    months = [month_of(first_ms)]
    while months[-1] < month_of(last_ms):
        months.append(next_month(months[-1]))
    return months


def iso(ms: int) -> str:
    """Whole seconds, UTC: ``2024-03-12T21:24:36Z``."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ms // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")
