"""The records of one call, page by page, each numbered and marked with its attempt."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pivot_debug import clock
from pivot_debug.attempts import AttemptNumbering
from pivot_debug.keys import Seq, can_be_call_id, parts_of_debug_id
from pivot_debug.models import ListedCall, StoredRecord
from pivot_debug.packing import unpack_text
from pivot_debug.reply_size import MAX_REPLY, escaped_json_size
from pivot_debug.store import DebugStore

MONTHS_SEARCHED = 15
"""How far back a call is looked for when its month is not given: the longest retention (400 days) and a spare one."""

ALL_TIMES = (0, clock.LATEST_MS)

LARGEST = 99_999_999
"""No number of a record or an attempt is longer."""


@dataclass(frozen=True, slots=True)
class CallAddress:
    """Where a call's records stand, and between which moments (Unix ms, both included) they are wanted."""

    call_id: str
    month: str
    span: tuple[int, int] = ALL_TIMES


@dataclass(frozen=True, slots=True)
class RecordPage:
    """JSON texts of records. ``next_position`` is what ``page_of_records`` takes to go on; None on the last page.

    ``origin`` is what the items were made from, still compressed, or the call's row, which is folded from them: a hash
    of it says as much as one of theirs, for less work.
    """

    items: list[str]
    next_position: dict[str, Any] | None
    origin: bytes = b""


def candidates(text: str, span: tuple[int, int], now_ms: int) -> Iterator[CallAddress]:
    """Where the call may stand that a client means by *text*, likeliest first.

    *text* is a debug id (``202403-<call id>``) or a call id, looked for from the newest month back. A debug id's month
    may be one late for a call that began as the month ended, and what looks like a debug id may be a call id.
    *span* bounds the records of a call id alone: a debug id always means the whole call, as with KAZOO.
    """
    if named := parts_of_debug_id(text):
        month, call_id = named
        yield CallAddress(call_id, month)
        yield CallAddress(call_id, clock.previous_month(month))
    if not can_be_call_id(text):
        return
    month = clock.month_of(now_ms + clock.DAY_MS)
    for _ in range(MONTHS_SEARCHED):
        yield CallAddress(text, month, span)
        month = clock.previous_month(month)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a call, where the call stands, and its row in the list; the latter two None where they are unknown."""

    page: RecordPage
    call: CallAddress | None = None
    row: ListedCall | None = None


def first_page(store: DebugStore, addresses: Iterable[CallAddress], size: int, *, ascending: bool) -> Found:
    """The first page of the first address that has records; an empty one where none has."""
    for call in addresses:
        row: ListedCall | None = None
        is_plain = ascending and call.span == ALL_TIMES
        if is_plain:
            row, records = store.call(call.month, call.call_id)
            page = _page(records, call, _Places.resume(store, call, None, ascending=True), size)
        else:
            page = page_of_records(store, call, None, size, ascending=ascending)
        if page.items and (row is None or len(page.items) < row.records):
            # Again, after the records: a call that is being moved to another month has its marker before it loses one.
            row = store.summary(call.month, call.call_id)
        if page.items and not (row and row.has_moved):
            is_whole = row and row.records == len(page.items) and page.next_position is None
            return Found(replace(page, origin=row.packed) if row and is_plain and is_whole else page, call, row)
    return Found(RecordPage([], None))


def row_of_whole_call(store: DebugStore, addresses: Iterable[CallAddress], size: int, now_ms: int) -> ListedCall | None:
    """The call's row, where it says that a page of *size* holds the whole call, and none of that has expired.

    Such a row stands for the records: it is folded from all of them, and changes with each that arrives.
    """
    rows = (store.summary(call.month, call.call_id) for call in addresses)
    row = next((row for row in rows if row and not row.has_moved), None)
    return row if row and row.records <= size and row.whole_until * 1000 > now_ms else None


def page_of_records(
    store: DebugStore, call: CallAddress, position: dict[str, Any] | None, size: int, *, ascending: bool
) -> RecordPage:
    """The next *size* records; fewer where the reply is full, but always at least one."""
    places = _Places.resume(store, call, position, ascending=ascending)
    records = store.records_after(call.month, call.call_id, call.span, places.after, ascending=ascending)
    return _page(records, call, places, size)


def _page(records: Iterable[StoredRecord], call: CallAddress, places: "_Places", size: int) -> RecordPage:
    items: list[str] = []
    origin: list[bytes] = []
    head = _head(call)
    room, head_size = MAX_REPLY, escaped_json_size(_placed(head, LARGEST, LARGEST))
    last: Seq | None = None
    for record in records:
        if not places.know(record.seq):
            continue
        text = unpack_text(record.packed)
        room -= escaped_json_size(text) + head_size
        if len(items) == size or (items and room < 0):
            return RecordPage(items, places.as_json(last), b"".join(origin))
        placed = _placed(head, *places.next(record.seq))
        items.append(f"{placed},{text[1:]}")
        origin += (placed.encode(), record.packed)
        last = record.seq
    return RecordPage(items, None, b"".join(origin))


class _Places:
    """Number and attempt of each record, going forward from a cursor's state or, newest first, from all keys."""

    def __init__(self, after: str | None, count: int, numbering: AttemptNumbering) -> None:
        self.after = after
        self._count = count
        self._numbering = numbering
        self._known: dict[Seq, tuple[int, int]] | None = None

    @classmethod
    def resume(
        cls, store: DebugStore, call: CallAddress, position: dict[str, Any] | None, *, ascending: bool
    ) -> "_Places":
        state = position or {"after": None, "count": 0, "attempts": [0, 0, []]}
        places = cls(state["after"], state["count"], AttemptNumbering.from_json(state["attempts"]))
        if not ascending or call.span != ALL_TIMES:
            numbering = AttemptNumbering()
            seqs = store.seqs(call.month, call.call_id)
            places._known = {seq: (n, numbering.number(seq)) for n, seq in enumerate(seqs, 1)}
        return places

    def know(self, seq: Seq) -> bool:
        """Whether the record has a place; newest first, one that arrived since all were numbered has none yet."""
        return self._known is None or seq in self._known

    def next(self, seq: Seq) -> tuple[int, int]:
        if self._known is not None:
            return self._known[seq]
        self._count += 1
        return self._count, self._numbering.number(seq)

    def as_json(self, last: Seq | None) -> dict[str, Any]:
        return {"after": str(last), "count": self._count, "attempts": self._numbering.as_json()}


def _head(call: CallAddress) -> str:
    """The beginning of each record's JSON text, which only the call knows; it is put in front of the stored rest."""
    return json.dumps({"call_id": call.call_id, "debug_id": f"{call.month}-{call.call_id}"})[:-1]


def _placed(head: str, seq: int, attempt: int) -> str:
    return f'{head}, "seq": {seq}, "attempt": {attempt}'
