"""Stores what the queue delivers and keeps each call's summary equal to the fold of all its records.

A delivery may come twice, late, out of order, or be cut off between any two writes and come again: every step here
can be done again without harm, and the last one always leaves the summary that all records together give.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pivot_debug import clock
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.models import Delivery, Document, Record
from pivot_debug.store import DebugStore
from pivot_debug.summary import fold


@dataclass(slots=True)
class RecordedCall:
    """What became of a call's records: newly stored, or stored before. ``verdict``: its own, where that was written."""

    account_id: str
    call_id: str
    stored: int = 0
    known: int = 0
    verdict: Document = field(default_factory=dict)


def record(
    deliveries: Iterable[Delivery],
    open_store: Callable[[str], DebugStore],
    tell: Callable[[RecordedCall], None] = lambda _: None,
) -> None:
    """Store all records of the deliveries and fold each call they touch once. *tell* hears of each that is done.

    A call that fails does not keep the others from being stored; its error is raised in the end, and all of it may be
    tried again. StoreUnavailableError, where the table does not answer, is raised at once.
    """
    failed: Exception | None = None
    for (account_id, call_id, month), records in _by_call(deliveries).items():
        try:
            tell(_record_call(open_store(account_id), RecordedCall(account_id, call_id), month, records))
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - raised below, when the other calls are safe
            failed = error
    if failed:
        raise failed


def _record_call(store: DebugStore, call: RecordedCall, month: str, records: list[tuple[Record, int]]) -> RecordedCall:
    for one, expires_at in records:
        if store.add(month, one, expires_at):
            call.stored += 1
        else:
            call.known += 1
    home = _settle_month(store, call.call_id, month, [one for one, _ in records])
    call.verdict = _fold(store, home, call.call_id)
    return call


def _by_call(deliveries: Iterable[Delivery]) -> dict[tuple[str, str, str], list[tuple[Record, int]]]:
    """Records with their expiry (Unix seconds), grouped by account, call and the month each was made in."""
    groups: dict[tuple[str, str, str], list[tuple[Record, int]]] = defaultdict(list)
    for delivery in deliveries:
        expires_at = delivery.received_ms // 1000 + delivery.retention_days * 86_400
        for one in delivery.records:
            groups[delivery.account_id, one.call_id, clock.month_of(one.seq.ms)].append((one, expires_at))
    return groups


def _settle_month(store: DebugStore, call_id: str, month: str, records: list[Record]) -> str:
    """Bring a call that straddles the end of a month together in the month it began in, and return that month.

    Runs after the writing: of two recorders that each store one half at the same moment, at least one then sees both.
    """
    begin, end = clock.month_start(month), clock.month_start(clock.next_month(month))
    moments = [one.seq.ms for one in records]
    if min(moments) < begin + clock.DAY_MS and store.has_record(
        previous := clock.previous_month(month), call_id, begin - clock.DAY_MS, begin - 1
    ):
        _move(store, call_id, month, previous)
        return previous
    if max(moments) >= end - clock.DAY_MS and store.has_record(
        following := clock.next_month(month), call_id, end, end + clock.DAY_MS - 1
    ):
        _move(store, call_id, following, month)
    return month


def _move(store: DebugStore, call_id: str, source: str, target: str) -> None:
    """Copy first, list there, and only then retire: a reader may see the call twice for a moment, never not at all."""
    records = store.records(source, call_id)
    for stored in records:
        store.add(target, Record(call_id, stored.seq, stored.packed), stored.expires_at)
    _fold(store, target, call_id)
    store.retire(source, call_id, records)


def _fold(store: DebugStore, month: str, call_id: str) -> Document:
    """Write the call's summary, and return its verdict; an empty one where nothing had to be written."""
    records = store.records(month, call_id)
    if not records:
        return {}
    summary = fold(call_id, month, records)
    if store.save_summary(month, summary):
        verdict: Document = summary.document["verdict"]
        return verdict
    # Mostly somebody has seen more records; but a call that was deleted stays deleted.
    if store.is_deleted(month, call_id):
        store.discard(month, call_id, records)
    return {}
