"""A list page costs the same read capacity however many calls the month holds."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.stack import LocalStack
from pivot_debug import clock, listing
from pivot_debug.listing import CallQuery, page_of_calls
from pivot_debug.models import StoredRecord
from pivot_debug.query import CallFilter
from pivot_debug.reading import CallAddress, first_page
from pivot_debug.store import DebugStore
from pivot_debug.summary import fold
from tests import builders
from tests.builders import CALL
from tests.capacity import Meter
from tests.e2e.client import new_account

MONTH = "202403"
PAGE = 50


class Collector:
    """Takes the place of a client: keeps the items that the store would put."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def put_item(self, *, Item: dict[str, Any], **_: Any) -> None:  # noqa: N803 - boto3's name
        self.items.append(Item)


def given_calls(
    stack: LocalStack, account_id: str, count: int, *, is_expired: Callable[[int], bool] = lambda _: False
) -> None:
    """Calls a second apart, every tenth of them failed, written in batches; DynamoDB deletes the expired days late."""
    now = clock.now_ms() // 1000
    expires_at = now + 86_400
    records = [builders.a_record(document) for document in builders.a_call()]
    summary = fold(CALL, MONTH, [StoredRecord(one.seq, one.packed, expires_at) for one in records])
    collector = Collector()
    store = DebugStore(stack.outputs["DebugTable"], account_id, collector)  # type: ignore[arg-type]
    for n in range(count):
        moment = summary.created_ms - n * 1000
        ends = now - 1 if is_expired(n) else expires_at
        document = summary.document | {"call_id": f"call-{n:05}"}
        named = replace(summary, call_id=f"call-{n:05}", document=document, failed=n % 10 == 0)
        call = replace(named, created_ms=moment, expires_at=ends)
        store.save_summary(MONTH, call)

    client, table = stack.client("dynamodb"), stack.outputs["DebugTable"]
    for start in range(0, count, 25):
        batch = [{"PutRequest": {"Item": item}} for item in collector.items[start : start + 25]]
        assert not client.batch_write_item(RequestItems={table: batch})["UnprocessedItems"]


@pytest.fixture(scope="module")
def stores(stack: LocalStack) -> dict[int, DebugStore]:
    """An account with 100 calls in the month, and one with 10,000."""
    found = {}
    for count in (100, 10_000):
        account_id = new_account()
        given_calls(stack, account_id, count)
        found[count] = DebugStore(stack.outputs["DebugTable"], account_id, stack.client("dynamodb"))
    return found


def cost(store: DebugStore, *, has_errors: bool | None = None, skip: int = 0) -> tuple[int, float, int]:
    """Calls on a page, and the units and requests that reading it took."""
    last_ms = builders.NOW_MS - skip * 1000
    query = CallQuery(
        first_ms=clock.month_start(MONTH),
        last_ms=last_ms,
        ascending=False,
        conditions=CallFilter(has_errors=has_errors),
    )
    meter = Meter(store._client)
    page = page_of_calls(store, query, PAGE, builders.NOW_MS)
    units = meter.taken()
    return len(page.items), units.reads, units.requests


@pytest.mark.parametrize("has_errors", [None, True])
def test_a_page_of_10000_calls_costs_what_a_page_of_100_costs(
    stores: dict[int, DebugStore], has_errors: bool | None
) -> None:
    small, large = (cost(stores[count], has_errors=has_errors) for count in (100, 10_000))

    if has_errors is None:
        assert large == small
    else:
        # The small month has only ten failed calls to show.
        assert large[0] == PAGE
        # Half a unit for the attribute that makes a call a failed one.
        assert large[1] <= cost(stores[100])[1] + 0.5
    assert large[2] == 1


def test_the_last_page_costs_what_the_first_costs(stores: dict[int, DebugStore]) -> None:
    first, last = cost(stores[10_000]), cost(stores[10_000], skip=10_000 - PAGE - 1)

    assert last[0] == PAGE
    assert abs(last[1] - first[1]) <= 0.5
    assert last[2] == first[2]


def test_reading_a_call_costs_by_its_own_records_alone(stores: dict[int, DebugStore]) -> None:
    costs = []
    for store in stores.values():
        records = [builders.a_record(document) for document in builders.a_call()]
        expires_at = clock.now_ms() // 1000 + 86_400
        for record in records:
            store.add(MONTH, record, expires_at)
        store.save_summary(MONTH, fold(CALL, MONTH, [StoredRecord(one.seq, one.packed, expires_at) for one in records]))
        meter = Meter(store._client)
        first_page(store, [CallAddress(builders.CALL, MONTH)], PAGE, ascending=True)
        units = meter.taken()
        costs.append((units.reads, units.requests))

    assert costs[0] == costs[1] == (0.5, 1)


@pytest.mark.parametrize("ascending", [False, True])
def test_pages_pass_over_any_number_of_expired_calls_a_bounded_number_at_a_time(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch, ascending: bool
) -> None:
    account_id = new_account()
    given_calls(stack, account_id, 700, is_expired=lambda n: 40 <= n < 500 or n % 7 == 0)
    live = [f"call-{n:05}" for n in range(700) if not (40 <= n < 500 or n % 7 == 0)]
    store = DebugStore(stack.outputs["DebugTable"], account_id, stack.client("dynamodb"))
    monkeypatch.setattr(listing, "MAX_EXAMINED", 90)
    query = CallQuery(
        first_ms=clock.month_start(MONTH), last_ms=builders.NOW_MS, ascending=ascending, conditions=CallFilter()
    )
    meter = Meter(store._client)

    found, pages, after = [], 0, None
    while pages == 0 or after:
        page = page_of_calls(store, replace(query, after=after), PAGE, builders.NOW_MS)
        found += [json.loads(item)["call_id"] for item in page.items]
        pages, after = pages + 1, page.next_position
        assert meter.taken().requests <= 3

    assert found == (live[::-1] if ascending else live)
    assert 700 / 90 <= pages <= 700 / 90 + len(live) / PAGE + 2
