"""What items of DebugTable are to us, as botocore hands them over. Pure."""

from typing import Any

from pivot_debug import keys
from pivot_debug.keys import Seq
from pivot_debug.models import ListedCall, StoredRecord

Item = dict[str, Any]


def record(item: Item) -> StoredRecord:
    return StoredRecord(seq(item), item["doc"]["B"], int(item["expires_at"]["N"]))


def seq(item: Item) -> Seq:
    return Seq.parse(keys.seq_of(item["sk"]["S"]))


def row(item: Item, now: int) -> ListedCall:
    """A call's row, or the marker that stands in its place. *now* is Unix seconds."""
    return listed(item, "listed_at", now) if "doc" in item else ListedCall("", b"", 0, has_moved=True)


def listed(item: Item, position: str, now: int) -> ListedCall:
    """A row as an index gives it; *position* names the attribute that the index is sorted by."""
    return ListedCall(
        position=item[position]["S"],
        packed=item["doc"]["B"],
        settles_at=_number(item, "settles_at"),
        records=_number(item, "records"),
        has_expired=_number(item, "expires_at") <= now,
        whole_until=_number(item, "whole_until"),
    )


def _number(item: Item, name: str) -> int:
    return int(item[name]["N"]) if name in item else 0
