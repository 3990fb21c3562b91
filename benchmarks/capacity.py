"""What every operation takes of DynamoDB: capacity units and requests, as the local stack counts them."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from benchmarks import payloads
from benchmarks.baselines import typed_item
from benchmarks.tables import TABLE, Tables
from pivot_debug import clock, deletion, keys, recording, tokens
from pivot_debug.account_store import AccountStore
from pivot_debug.documents import records_of
from pivot_debug.erasing import Eraser
from pivot_debug.listing import CallQuery, page_of_calls
from pivot_debug.models import Delivery, Record, Source
from pivot_debug.packing import unpack
from pivot_debug.query import CallFilter
from pivot_debug.reading import ALL_TIMES, CallAddress, candidates, first_page
from pivot_debug.relay_store import RelayStore
from pivot_debug.token_store import TokenStore
from pivot_debug.usage_store import UsageStore
from tests import builders
from tests.builders import ACCOUNT, CALL
from tests.capacity import Units

RECORDS, BODIES = (2, 6, 20), (1024, 4096, 32_768)
PAGE = 50

_RETENTION_DAYS = 30_000
"""From the year of the payloads into the next century: nothing expires while it is measured."""


def recording_units(tables: Tables) -> dict[str, Any]:
    """Units of storing a call, by its records and the size of its bodies: delivered at once, and attempt by attempt."""
    found = {}
    for body in BODIES:
        for count in RECORDS:
            name = f"{count} records x {body // 1024} KB"
            attempts = [_records(name, n, body) for n in range(1, count // 2 + 1)]
            at_once = _recorded(tables, f"{name} at once", [[one for part in attempts for one in part]])
            in_turn = _recorded(tables, f"{name} in turn", attempts)
            bytes_stored = sum(len(one.packed) for part in attempts for one in part)
            found[name] = {"at once": asdict(at_once), "attempt by attempt": asdict(in_turn), "bytes": bytes_stored}
    return found


def reading_units(tables: Tables) -> dict[str, Any]:
    """Units of every kind of page, and of a call that is stored as typed attributes beside it."""
    store = tables.store("a" * 32)
    for n in range(PAGE + 1):
        store.save_summary(payloads.MONTH, payloads.summary(n))
    records = [payloads.small_maps_record(n, 45) for n in range(30)]
    for record in records:
        store.add(payloads.MONTH, record, payloads.EXPIRES_AT)
    store.save_summary(payloads.MONTH, replace(payloads.summary(1), call_id=CALL, records=len(records)))
    tables.load(_typed(records))
    tables.meter.taken()
    found = {"list page of 50": _page(tables, "a" * 32, CallFilter())}
    found["page of failed calls"] = _page(tables, "a" * 32, CallFilter(has_errors=True))
    first_page(store, [CallAddress(CALL, payloads.MONTH)], PAGE, ascending=True)
    found["call of 30 x 8 KB"] = asdict(tables.meter.taken())
    tables.client.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "typed"}}
    )
    found["call of 30 x 8 KB as typed attributes"] = asdict(tables.meter.taken())
    first_page(store, candidates("nobody", ALL_TIMES, builders.NOW_MS), PAGE, ascending=True)
    found["call that is not there, by its plain id"] = asdict(tables.meter.taken())
    return found


def other_units(tables: Tables) -> dict[str, Any]:
    """Units of what else a request or a relayed call takes, and of deleting a call."""
    now_s = builders.NOW_MS // 1000
    _, token = tokens.new_token(name="ci", accounts=(ACCOUNT,), scopes=("debug:read",), now=now_s)
    relay = builders.a_relay(record="next 100 calls")
    stores = TokenStore("TokenTable", tables.client), RelayStore("RelayTable", tables.client)
    stores[0].add(token)
    stores[1].add(relay)
    _recorded(tables, "deleted", [_records("deleted", 1, RECORDS[0])])
    operations: dict[str, Callable[[], object]] = {
        "look up a token (once a minute)": lambda: stores[0].find(token.token_id),
        "count a share of a token's requests": lambda: UsageStore("UsageTable", tables.client).add("t", 1, 6),
        "read an account's settings (once in 10 s)": lambda: AccountStore("AccountTable", tables.client).settings("a"),
        "read a relay's definition (once in 3 s)": lambda: stores[1].find(ACCOUNT, relay.id),
        "count a call of a relay that records the next N": lambda: stores[1].count_call(relay, CALL),
        "delete a call of two records": lambda: _deleted(tables, "deleted"),
    }
    return {name: _taken(tables, operation) for name, operation in operations.items()}


def _taken(tables: Tables, operation: Callable[[], object]) -> dict[str, Any]:
    tables.meter.taken()
    operation()
    return asdict(tables.meter.taken())


def _deleted(tables: Tables, call_id: str) -> None:
    eraser = Eraser(TABLE, ACCOUNT, tables.client)
    deletion.delete_call(tables.store(ACCOUNT), eraser, [CallAddress(call_id, payloads.MONTH)])


def _page(tables: Tables, account_id: str, conditions: CallFilter) -> dict[str, Any]:
    query = CallQuery(
        first_ms=clock.month_start(payloads.MONTH), last_ms=builders.NOW_MS, ascending=False, conditions=conditions
    )
    page_of_calls(tables.store(account_id), query, PAGE, builders.NOW_MS)
    return asdict(tables.meter.taken())


def _records(name: str, n: int, body: int) -> list[Record]:
    documents = payloads.attempt(name, n, body)
    return [
        record
        for document in documents
        for record in records_of(document, account_id=ACCOUNT, source=Source.RELAY, now_ms=builders.NOW_MS)
    ]


def _recorded(tables: Tables, call_id: str, deliveries: list[list[Record]]) -> Units:
    tables.meter.taken()
    for records in deliveries:
        renamed = tuple(Record(call_id, record.seq, record.packed) for record in records)
        delivery = Delivery(
            account_id=ACCOUNT, received_ms=builders.NOW_MS, retention_days=_RETENTION_DAYS, records=renamed
        )
        recording.record([delivery], tables.store)
    return tables.meter.taken()


def _typed(records: list[Record]) -> list[dict[str, Any]]:
    return [
        typed_item({"pk": {"S": "typed"}, "sk": {"S": keys.record_key(CALL, str(one.seq))}}, unpack(one.packed))
        for one in records
    ]
