"""The records of one call, page by page, each numbered and marked with its attempt."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pivot_debug import clock
from pivot_debug.attempts import AttemptNumbering
from pivot_debug.keys import Seq
from pivot_debug.packing import unpack_text
from pivot_debug.reply_size import MAX_REPLY, escaped_size
from pivot_debug.store import DebugStore

MONTHS_SEARCHED = 15
"""How far back a call is looked for when its month is not given: the longest retention (400 days) and a spare one."""

_MONTH_LENGTH = 6


@dataclass(frozen=True, slots=True)
class CallAddress:
    """Where a call's records stand."""

    call_id: str
    month: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """JSON texts of records. ``next_position`` is what ``page_of_records`` takes to go on; None on the last page."""

    items: list[str]
    next_position: dict[str, Any] | None


def candidates(text: str, now_ms: int) -> Iterator[CallAddress]:
    """Where the call may stand that a client means by *text*, likeliest first.

    *text* is a debug id (``202403-<call id>``) or a call id, looked for from the newest month back. A debug id's month
    may be one late for a call that began as the month ended, and what looks like a debug id may be a call id.
    """
    month, dash, call_id = text[:_MONTH_LENGTH], text[_MONTH_LENGTH : _MONTH_LENGTH + 1], text[_MONTH_LENGTH + 1 :]
    if dash == "-" and clock.is_month(month):
        yield CallAddress(call_id, month)
        yield CallAddress(call_id, clock.previous_month(month))
    month = clock.month_of(now_ms + clock.DAY_MS)
    for _ in range(MONTHS_SEARCHED):
        yield CallAddress(text, month)
        month = clock.previous_month(month)


def first_page(
    store: DebugStore, text: str, size: int, now_ms: int, *, ascending: bool
) -> tuple[CallAddress, RecordPage]:
    """The first page of the call that *text* means; an empty one where there is no such call."""
    call = CallAddress(text, "")
    for call in candidates(text, now_ms):
        page = page_of_records(store, call, None, size, ascending=ascending)
        if page.items:
            return call, page
    return call, RecordPage([], None)


def page_of_records(
    store: DebugStore, call: CallAddress, position: dict[str, Any] | None, size: int, *, ascending: bool
) -> RecordPage:
    """The next *size* records; fewer where the reply is full, but always at least one."""
    places = _Places.resume(store, call, position, ascending=ascending)
    items: list[str] = []
    room = MAX_REPLY
    last: Seq | None = None
    for seq, packed in store.records_after(call.month, call.call_id, places.after, ascending=ascending):
        text = unpack_text(packed)
        # The place and the ids are added to every record: never more than this.
        room -= escaped_size(text) + 2 * len(call.call_id) * 6 + 120
        if len(items) == size or (items and room < 0):
            return RecordPage(items, places.as_json(last))
        items.append(_spliced(call, places.next(seq), text))
        last = seq
    return RecordPage(items, None)


class _Places:
    """Number and attempt of each record, going forward from a cursor's state or, newest first, from all keys."""

    def __init__(self, after: str | None, count: int, numbering: AttemptNumbering) -> None:
        self.after = after
        self._count = count
        self._numbering = numbering
        self._known: dict[Seq, tuple[int, int]] = {}

    @classmethod
    def resume(
        cls, store: DebugStore, call: CallAddress, position: dict[str, Any] | None, *, ascending: bool
    ) -> "_Places":
        state = position or {"after": None, "count": 0, "attempts": [0, 0, []]}
        places = cls(state["after"], state["count"], AttemptNumbering.from_json(state["attempts"]))
        if not ascending:
            numbering = AttemptNumbering()
            seqs = store.seqs(call.month, call.call_id)
            places._known = {seq: (n, numbering.number(seq)) for n, seq in enumerate(seqs, 1)}
        return places

    def next(self, seq: Seq) -> tuple[int, int]:
        if seq in self._known:
            return self._known[seq]
        self._count += 1
        return self._count, self._numbering.number(seq)

    def as_json(self, last: Seq | None) -> dict[str, Any]:
        return {"after": str(last), "count": self._count, "attempts": self._numbering.as_json()}


def _spliced(call: CallAddress, place: tuple[int, int], text: str) -> str:
    """The stored text with what only the call knows put in front."""
    seq, attempt = place
    head = {
        "call_id": call.call_id,
        "debug_id": f"{call.month}-{call.call_id}",
        "seq": seq,
        "attempt": attempt,
    }
    return f"{json.dumps(head)[:-1]},{text[1:]}"
