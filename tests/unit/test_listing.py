"""A request reads a bounded number of rows, whatever it finds in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from pivot_debug import listing
from pivot_debug.listing import CallQuery, page_of_calls
from pivot_debug.models import ListedCall
from pivot_debug.packing import pack
from pivot_debug.query import CallFilter
from tests.builders import NOW_MS

SIZE = 10


@dataclass
class CountingStore:
    """A month of rows, newest first, that counts how many of them were read."""

    rows: list[ListedCall]
    read: int = field(default=0)

    def calls(self, _month: str, *_: str, after: str | None, **__: Any) -> Iterator[ListedCall]:
        for row in self.rows:
            if not after or row.position < after:
                self.read += 1
                yield row


def a_row(n: int, *, has_expired: bool = False) -> ListedCall:
    document = {"call_id": f"call-{n}", "verdict": {"status": "ok"}}
    return ListedCall(f"{NOW_MS - n:013d}#call-{n}", pack(document), 0, has_expired=has_expired)


def a_query(after: tuple[str, str] | None = None, conditions: CallFilter | None = None) -> CallQuery:
    moments = {"first_ms": NOW_MS - 3_600_000, "last_ms": NOW_MS}
    return CallQuery(**moments, ascending=False, conditions=conditions or CallFilter(), after=after)


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_EXAMINED", 20)


@pytest.mark.parametrize("conditions", [CallFilter(), CallFilter(allowed=(("call_id", ("call-50",)),))])
def test_rows_that_are_passed_over_end_a_page_early_with_a_cursor(conditions: CallFilter) -> None:
    expired = not conditions.allowed
    rows = [a_row(n, has_expired=expired) for n in range(50)]
    store = CountingStore([*rows, a_row(50)])

    page = page_of_calls(store, a_query(conditions=conditions), SIZE, NOW_MS)  # type: ignore[arg-type]

    assert page.items == []
    assert page.next_position is not None
    assert store.read == 20


def test_the_cursors_lead_to_what_is_behind_them() -> None:
    store = CountingStore([*(a_row(n, has_expired=True) for n in range(50)), a_row(50)])
    found: list[str] = []
    after, requests = None, 0

    while requests == 0 or after:
        page = page_of_calls(store, a_query(after), SIZE, NOW_MS)  # type: ignore[arg-type]
        found, after, requests = [*found, *page.items], page.next_position, requests + 1

    assert [item for item in found if '"call-50"' in item] == found
    assert len(found) == 1
    assert requests == 3
