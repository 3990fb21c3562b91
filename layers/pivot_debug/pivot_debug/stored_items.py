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


def row(item: Item) -> ListedCall:
    """A call's row, or the marker that stands in its place."""
    if "doc" not in item:
        return ListedCall("", b"", 0, has_moved=True)
    plain = listed(item, "listed_at")
    return plain._replace(records=_number(item, "records"), whole_until=_number(item, "whole_until"))


def listed(item: Item, position: str) -> ListedCall:
    """A row as an index gives it; *position* names the attribute that the index is sorted by."""
    return ListedCall(item[position]["S"], item["doc"]["B"], _number(item, "settles_at"))


def left_out(last: Item, position: str) -> ListedCall:
    """A row that had expired, somewhere before *last*, the key of the last one that DynamoDB looked at."""
    return ListedCall(last[position]["S"], b"", 0, has_expired=True)


def _number(item: Item, name: str) -> int:
    return int(item[name]["N"]) if name in item else 0
