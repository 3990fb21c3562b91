"""Whether a page costs the same in a month of 100 calls and in one of 100,000."""

import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, Final

from benchmarks import payloads
from benchmarks.canned import Item
from benchmarks.scenes import stored
from benchmarks.tables import Tables
from pivot_debug import clock, keys
from pivot_debug.listing import MAX_EXAMINED, CallQuery, page_of_calls
from pivot_debug.query import CallFilter
from pivot_debug.reading import CallAddress, first_page
from tests import builders
from tests.capacity import read_units

PAGE: Final = 50
FAILED_EVERY: Final = 10
ALL: Final = 1_000_000
_NOTHING = CallFilter(allowed=(("caller", ("+10000000000",)),))
"""Admits no call at all: the worst that a filter can do."""


def account_of(count: int) -> str:
    return f"{count:032}"


def load_month(tables: Tables, count: int) -> None:
    """A month of *count* calls a second apart, every tenth failed, and one call with its records."""
    tables.load(_month(count))
    store = tables.store(account_of(count))
    for n in range(6):
        store.add(payloads.MONTH, replace(payloads.text_record(n, 4096), call_id="looked-at"), payloads.EXPIRES_AT)
    store.save_summary(payloads.MONTH, replace(payloads.summary(1), call_id="looked-at", records=6))
    tables.meter.taken()


def costs(tables: Tables, count: int) -> dict[str, Any]:
    """Units and requests of every kind of page of a month."""
    found = {
        "list, first page": _page(tables, count, CallFilter(), 0),
        "list, last page": _page(tables, count, CallFilter(), count - PAGE),
        "failed calls, first page": _page(tables, count, CallFilter(has_errors=True), 0),
        f"filter that admits nothing, reads {MAX_EXAMINED} rows at most": _page(tables, count, _NOTHING, 0),
    }
    first_page(tables.store(account_of(count)), [CallAddress("looked-at", payloads.MONTH)], PAGE, ascending=True)
    found["a call of 6 x 4 KB"] = asdict(tables.meter.taken())
    return found


def modelled(measured: dict[str, Any], count: int) -> dict[str, float]:
    """Read units of every kind of page in a month of *count* calls, from what a large month took.

    A page reads a fixed number of rows, or all that there are, and is charged for their bytes, which are measured.
    """
    return {
        name: read_units(round(one["bytes"] / one["rows"] * min(one["rows"], _rows(name, count))), is_consistent=False)
        for name, one in measured.items()
    }


def _rows(name: str, count: int) -> int:
    """How many there are of what a page reads. One call has its records whatever the month."""
    if name.startswith("a call"):
        return ALL
    return count // FAILED_EVERY if name.startswith("failed") else count


def _page(tables: Tables, count: int, conditions: CallFilter, skip: int) -> dict[str, Any]:
    last_ms = _newest() - skip * 1000
    query = CallQuery(
        first_ms=clock.month_start(payloads.MONTH), last_ms=last_ms, ascending=False, conditions=conditions
    )
    page_of_calls(tables.store(account_of(count)), query, PAGE, builders.NOW_MS)
    return asdict(tables.meter.taken())


def _newest() -> int:
    return clock.month_start(payloads.MONTH) + 30 * clock.DAY_MS


def _month(count: int) -> Iterator[Item]:
    """Two summaries, with other keys each time: folding 100,000 would be most of the work."""
    templates = stored([], [payloads.summary(0), payloads.summary(1)])
    chosen = random.Random(count)  # noqa: S311 - keeps no secret
    for n in range(count):
        call_id = f"{chosen.randbytes(12).hex()}@10.26.0.158"
        position = {"S": keys.time_key(_newest() - n * 1000, call_id)}
        yield {
            **templates[0 if n % FAILED_EVERY == 0 else 1],
            "pk": {"S": keys.partition_key(account_of(count), payloads.MONTH)},
            "sk": {"S": keys.summary_key(call_id)},
            "listed_at": position,
            **({"failed_at": position} if n % FAILED_EVERY == 0 else {}),
        }
