"""Deletes one call, for good: what arrives of it afterwards is not kept either.

Every step can be done again: the tombstone comes first, so whoever is cut off leaves a call that nobody sees, and
whose rest is found by the next try.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pivot_debug import clock
from pivot_debug.erasing import Eraser
from pivot_debug.reading import CallAddress
from pivot_debug.store import DebugStore

MAX_AT_ONCE = 500
"""Records that one request deletes: 20 batches, done well inside the function's time limit."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """How many records went, and whether those were all. ``call`` is None where there was nothing to delete."""

    call: CallAddress | None
    records: int
    is_complete: bool

    def report(self) -> dict[str, Any]:
        """As the API tells it."""
        call = self.call
        named = {"call_id": call.call_id, "debug_id": f"{call.month}-{call.call_id}"} if call else {}
        return named | {"deleted": self.records, "complete": self.is_complete}


def delete_call(
    store: DebugStore, eraser: Eraser, addresses: Iterable[CallAddress], limit: int = MAX_AT_ONCE
) -> Deletion:
    """Delete the call that is read under the first address with records, or up to *limit* records of it."""
    for call in addresses:
        if store.has_record(call.month, call.call_id, 0, clock.LATEST_MS):
            return _delete(eraser, call, limit)
    return Deletion(None, 0, is_complete=True)


def _delete(eraser: Eraser, call: CallAddress, limit: int) -> Deletion:
    eraser.bury(call.month, call.call_id)
    # A late record of a call may belong to the month beside it, and would begin a new call there.
    for month in (clock.previous_month(call.month), clock.next_month(call.month)):
        eraser.bury(month, call.call_id, unless_another_call=True)
    keys = eraser.record_keys(call.month, call.call_id, limit + 1)
    eraser.delete(call.month, keys[:limit])
    return Deletion(call, len(keys[:limit]), is_complete=len(keys) <= limit)
