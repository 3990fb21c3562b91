"""The list of an account's calls: one page of it, in time order across months, every call once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pivot_debug import clock, keys
from pivot_debug.models import ListedCall
from pivot_debug.packing import unpack, unpack_text
from pivot_debug.query import CallFilter
from pivot_debug.reply_size import MAX_REPLY, escaped_json_size
from pivot_debug.store import DebugStore

MAX_EXAMINED = 2000
"""Rows that one request reads at most, whatever a filter or their expiry leaves of them.

Then the page ends early, with a cursor: a request costs the same however much there is to pass over.
"""

_ROWS_AT_ONCE = 500
_PENDING = {"status": "pending"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """Which calls. Times are Unix ms, both included; *after* is the position to go on from."""

    first_ms: int
    last_ms: int
    ascending: bool
    conditions: CallFilter
    after: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CallPage:
    """JSON texts of calls. ``next_position`` (month and index key) is None on the last page."""

    items: list[str]
    next_position: tuple[str, str] | None


def page_of_calls(store: DebugStore, query: CallQuery, size: int, now_ms: int) -> CallPage:
    """The next *size* calls. The page is shorter where a filter has examined its share, or the reply is full."""
    items: list[str] = []
    position: tuple[str, str] | None = None
    room, to_examine = MAX_REPLY, max(MAX_EXAMINED, size + 1)
    for month, row in _rows(store, query, size):
        text = _text_if_admitted(row, query.conditions, now_ms)
        room -= escaped_json_size(text)
        if text and (len(items) == size or (items and room < 0)):
            return CallPage(items, position)
        items += [text] if text else []
        position = (month, row.position)
        to_examine -= 1
        if to_examine == 0:
            return CallPage(items, position)
    return CallPage(items, None)


def _rows(store: DebugStore, query: CallQuery, size: int) -> Iterator[tuple[str, ListedCall]]:
    """Index rows in the wanted order, month by month; one more than the page shows whether there is another page."""
    limit = _ROWS_AT_ONCE if query.conditions.need_a_look else size + 1
    months = clock.months_between(query.first_ms, query.last_ms)
    after_month, after = query.after or (None, None)
    first, last = keys.time_range(query.first_ms, query.last_ms)
    for month in months if query.ascending else reversed(months):
        if after_month and (month < after_month if query.ascending else month > after_month):
            continue
        for row in store.calls(
            month,
            first,
            last,
            failed_only=query.conditions.has_errors is True,
            ascending=query.ascending,
            after=after if month == after_month else None,
            limit=limit,
        ):
            yield month, row


def verdict_now(row: ListedCall, now_ms: int) -> dict[str, Any]:
    """The call's verdict; pending while an answer may still arrive."""
    verdict: dict[str, Any] = unpack(row.packed)["verdict"]
    return _PENDING if row.settles_at > now_ms else verdict


def _text_if_admitted(row: ListedCall, conditions: CallFilter, now_ms: int) -> str:
    """The row's JSON, or "" where it has expired or is excluded. Rows that need no look inside are not parsed."""
    if row.has_expired:
        return ""
    text = unpack_text(row.packed)
    if not conditions.need_a_look and row.settles_at <= now_ms:
        return text
    call = json.loads(text)
    if row.settles_at > now_ms:
        call["verdict"] = _PENDING
        text = json.dumps(call)
    return text if conditions.admits(call) else ""
