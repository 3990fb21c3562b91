"""The three answers that are measured warm: a list page of 50, a call of 30 records, and one of 500.

Each scene has the event that asks for it, and DynamoDB's canned answers for our storage and for that of the baseline.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from benchmarks import payloads
from benchmarks.baselines import TABLE, typed_item
from benchmarks.canned import COUNTED, Answers, Item, as_wire, pages
from pivot_debug import keys
from pivot_debug.models import Record, Summary
from pivot_debug.packing import unpack
from pivot_debug.store import DebugStore
from tests import builders
from tests.builders import ACCOUNT, CALL
from tests.capacity import item_size

OURS: Final = "DebugTable"


@dataclass(frozen=True, slots=True)
class Scene:
    """*documents* is how many items the answer holds."""

    name: str
    event: str
    answers: Answers
    documents: int


class _Collector:
    """Takes the place of a client: keeps the items that the store would put."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def put_item(self, *, Item: Item, **_: Any) -> None:  # noqa: N803 - boto3's name
        self.items.append(Item)


def stored(records: list[Record], summaries: list[Summary]) -> list[Item]:
    """The items that our store makes of records and summaries."""
    collector = _Collector()
    store = DebugStore(OURS, ACCOUNT, collector)  # type: ignore[arg-type]
    for record in records:
        store.add(payloads.MONTH, record, payloads.EXPIRES_AT)
    for summary in summaries:
        store.save_summary(payloads.MONTH, summary)
    return collector.items


def list_of(name: str, summaries: list[Summary]) -> Scene:
    """A full page of the list, with another page behind it: the last summary is on that."""
    count = len(summaries) - 1
    ours = [_projected(item, "listed_at", "doc", "settles_at") for item in stored([], summaries)]
    typed = [typed_item(_key(f"{n:04}"), one.document) for n, one in enumerate(summaries[:count])]
    event = builders.api_event(query={"page_size": str(count)})
    answers = pages(f"{OURS} {keys.TIME_INDEX}", ours, item_size) | pages(f"{TABLE} range", typed, item_size) | COUNTED
    return Scene(name, json.dumps(event), answers, count)


def call_of(name: str, records: list[Record]) -> Scene:
    """All records of one call, with its row in front of them."""
    row = replace(payloads.summary(1), call_id=CALL, records=len(records))
    *items, summary = stored(records, [row])
    ours = [_projected(item, "sk", "doc", "expires_at") for item in items]
    head = _projected(summary, "sk", "doc", "expires_at", "listed_at", "records")
    typed = [typed_item(_key(item["sk"]["S"]), _shown(n, records[n])) for n, item in enumerate(items)]
    event = builders.api_event(call_id=f"{payloads.MONTH}-{CALL}", query={"page_size": "500"})
    answers = pages(f"{OURS} range", [head, *ours], item_size) | pages(f"{TABLE} range", typed, item_size) | COUNTED
    answers |= {f"{OURS} item": json.dumps({"Item": as_wire(summary)}).encode()}
    return Scene(name, json.dumps(event), answers, len(records))


GOAL_SCENES: Final[dict[str, Callable[[str], Scene]]] = {
    "list of 50": lambda name: list_of(name, [payloads.wide_summary(n) for n in range(51)]),
    "call of 30 x 8 KB": lambda name: call_of(name, [payloads.small_maps_record(n, 45) for n in range(30)]),
    "call of 500 x 4 KB": lambda name: call_of(name, [payloads.small_maps_record(n, 22) for n in range(500)]),
}
"""The shapes that the goals were set for: many fields, many small maps."""

OWN_SCENES: Final[dict[str, Callable[[str], Scene]]] = {
    "list of 50 of our rows, 5 failed": lambda name: list_of(name, [payloads.summary(n) for n in range(51)]),
    "list of 50 of our rows, all failed": lambda name: list_of(
        name, [payloads.summary(n, every_failed=1) for n in range(51)]
    ),
    "call of 30 x 8 KB of our findings": lambda name: call_of(name, [payloads.nested_record(n, 15) for n in range(30)]),
    "call of 30 x 8 KB of body text": lambda name: call_of(name, [payloads.text_record(n, 8192) for n in range(30)]),
    "call of 500 x 4 KB of our findings": lambda name: call_of(
        name, [payloads.nested_record(n, 7) for n in range(500)]
    ),
}
"""What our own rules make of KAZOO's documents: fewer fields and longer texts, so there is less to win."""


def scene(name: str) -> Scene:
    return (GOAL_SCENES | OWN_SCENES)[name](name)


def _shown(n: int, record: Record) -> dict[str, Any]:
    """The record as the API shows it."""
    head = {"call_id": CALL, "debug_id": f"{payloads.MONTH}-{CALL}", "seq": n + 1, "attempt": n + 1}
    return head | unpack(record.packed)


def _projected(item: Item, *names: str) -> Item:
    return {name: item[name] for name in names if name in item}


def _key(position: str) -> Item:
    return {"pk": {"S": "p"}, "sk": {"S": position}}
