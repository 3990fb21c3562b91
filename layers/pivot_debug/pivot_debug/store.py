"""DebugTable. The only code that reads or writes it; ``erasing`` alone deletes.

Every key is built here from the account that the store was opened for, so no caller can reach another account's items.
"""

import time
from collections.abc import Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pivot_debug import dynamodb, keys, stored_items
from pivot_debug.keys import Seq
from pivot_debug.models import ListedCall, Record, StoredRecord, Summary
from pivot_debug.packing import pack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LAST_WORD = 999_999_999
"""Count of records in the marker of a call that was moved away, or deleted: no fold ever has more."""

_FREE = "attribute_not_exists(pk) OR expires_at <= :now"
"""Expired items are as good as gone: DynamoDB deletes them days late."""


class DebugStore:
    """The debug records of one account."""

    def __init__(self, table: str, account_id: str, client: "DynamoDBClient") -> None:
        if not keys.is_account_id(account_id):
            raise ValueError("an account id is 32 lower-case hex characters")
        self._table = table
        self._account_id = account_id
        self._client = client

    # ---- writing, by the recorder alone

    def add(self, month: str, record: Record, expires_at: int) -> bool:
        """Store a record; False where it is stored already. *expires_at* is Unix seconds."""
        item = {
            **self._key(month, keys.record_key(record.call_id, str(record.seq))),
            "doc": {"B": record.packed},
            "expires_at": {"N": str(expires_at)},
        }
        return self._put(item, _FREE, {":now": {"N": _now()}})

    def save_summary(self, month: str, summary: Summary) -> bool:
        """Store a summary unless one folded from as many or more records is there already.

        Readers of a growing set see ever more of it, so the fold over all of it wins whatever the order of writing.
        Once the first of the records has expired, their number says nothing any more, and the latest fold wins.
        """
        position = keys.time_key(summary.created_ms, summary.call_id)
        item = {
            **self._key(month, keys.summary_key(summary.call_id)),
            "doc": {"B": pack(summary.document)},
            "expires_at": {"N": str(summary.expires_at)},
            "records": {"N": str(summary.records)},
            "whole_until": {"N": str(summary.whole_until)},
            "listed_at": {"S": position},
            **({"failed_at": {"S": position}} if summary.failed else {}),
            **({"settles_at": {"N": str(summary.settles_at)}} if summary.settles_at else {}),
        }
        condition = f"{_FREE} OR records < :records OR whole_until <= :now"
        return self._put(item, condition, {":now": {"N": _now()}, ":records": {"N": str(summary.records)}})

    def retire(self, month: str, call_id: str, records: list[StoredRecord]) -> None:
        """Make a call that was copied to another month vanish from this one: at once for readers, later by TTL."""
        marker = {
            **self._key(month, keys.summary_key(call_id)),
            "records": {"N": str(LAST_WORD)},
            "expires_at": {"N": str(int(_now()) + 86_400)},
        }
        with dynamodb.unavailable_as_domain_error():
            self._client.put_item(TableName=self._table, Item=marker)
        self.discard(month, call_id, records)

    def discard(self, month: str, call_id: str, records: list[StoredRecord]) -> None:
        """Empty records, and leave what remains of them to TTL."""
        for record in records:
            self._expire(month, keys.record_key(call_id, str(record.seq)))

    def is_deleted(self, month: str, call_id: str) -> bool:
        """Whether somebody has deleted the call, read consistently."""
        key = keys.summary_key(call_id)
        return any(item for item in self._items(month, key, key, consistent=True, projection="deleted"))

    # ---- reading

    def records(self, month: str, call_id: str) -> list[StoredRecord]:
        """All live records of a call in one month, in order, read consistently."""
        first, last = keys.record_range(call_id)
        return [stored_items.record(item) for item in self._items(month, first, last, consistent=True)]

    def summary(self, month: str, call_id: str) -> ListedCall | None:
        """The call as the list shows it, or None where it is not listed (yet, or any more)."""
        with dynamodb.unavailable_as_domain_error():
            reply = self._client.get_item(TableName=self._table, Key=self._key(month, keys.summary_key(call_id)))
        item = reply.get("Item", {"expires_at": {"N": "0"}})
        return stored_items.row(item) if int(item["expires_at"]["N"]) > int(_now()) else None

    def call(self, month: str, call_id: str) -> tuple[ListedCall | None, Iterator[StoredRecord]]:
        """The row and all live records of a call by one request, for the row stands before the records."""
        first, last = keys.summary_key(call_id), keys.record_range(call_id)[1]
        wanted = "sk, doc, expires_at, listed_at, settles_at, records"
        items = self._items(month, first, last, consistent=False, projection=wanted)
        head = next(items, None)
        if head is None or head["sk"]["S"] == first:
            return (stored_items.row(head) if head else None), map(stored_items.record, items)
        return None, map(stored_items.record, chain([head], items))

    def has_record(self, month: str, call_id: str, first_ms: int, last_ms: int) -> bool:
        """Whether the call has a live record between two moments, read consistently."""
        first, last = keys.record_range(call_id, first_ms, last_ms)
        return any(True for _ in self._items(month, first, last, consistent=True, projection="sk", limit=1))

    def records_after(
        self, month: str, call_id: str, span: tuple[int, int], after: str | None, *, ascending: bool
    ) -> Iterator[StoredRecord]:
        """Live records of a call one by one, made within *span* (Unix ms, both included), beyond the one at *after*.

        DynamoDB's pages are read as they are needed.
        """
        first, last = keys.record_range(call_id, *span)
        start = keys.record_key(call_id, after) if after else None
        return map(
            stored_items.record, self._items(month, first, last, consistent=False, ascending=ascending, after=start)
        )

    def seqs(self, month: str, call_id: str) -> list[Seq]:
        """The places of all live records of a call, in order."""
        first, last = keys.record_range(call_id)
        return [
            stored_items.seq(item)
            for item in self._items(month, first, last, consistent=False, projection="sk, expires_at")
        ]

    def calls(
        self, month: str, first: str, last: str, *, failed_only: bool, ascending: bool, after: str | None, limit: int
    ) -> Iterator[ListedCall]:
        """Calls of one month between two index positions, in time order, beyond the position *after*.

        Reads *limit* rows at a time, and hands on something for the expired too: else nobody could tell how many were
        read.
        """
        index, name = (keys.FAILED_INDEX, "failed_at") if failed_only else (keys.TIME_INDEX, "listed_at")
        request = {
            "IndexName": index,
            "Limit": limit,
            **self._live_between(month, name, first, last),
            "ProjectionExpression": f"{name}, doc, settles_at",
            "ScanIndexForward": ascending,
        }
        if after:
            key = self._key(month, keys.summary_key(keys.call_of_time_key(after)))
            request["ExclusiveStartKey"] = {**key, name: {"S": after}}
        for page in self._pages(request):
            yield from (stored_items.listed(item, name) for item in page["Items"])
            left_out = page["ScannedCount"] - page["Count"]
            if left_out and "LastEvaluatedKey" in page:
                yield from repeat(stored_items.left_out(page["LastEvaluatedKey"], name), left_out)

    def _key(self, month: str, sort_key: str) -> dict[str, Any]:
        return {"pk": {"S": keys.partition_key(self._account_id, month)}, "sk": {"S": sort_key}}

    def _live_between(self, month: str, name: str, first: str, last: str) -> dict[str, Any]:
        """A query for what has not expired of one partition, in a range of its sort key."""
        return {
            "TableName": self._table,
            "KeyConditionExpression": f"pk = :pk AND {name} BETWEEN :first AND :last",
            "FilterExpression": "expires_at > :now",
            "ExpressionAttributeValues": {
                ":pk": {"S": keys.partition_key(self._account_id, month)},
                ":first": {"S": first},
                ":last": {"S": last},
                ":now": {"N": _now()},
            },
        }

    def _items(
        self,
        month: str,
        first: str,
        last: str,
        *,
        consistent: bool,
        ascending: bool = True,
        after: str | None = None,
        projection: str = "sk, doc, expires_at",
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Live items of a range of the table."""
        request = {
            **self._live_between(month, "sk", first, last),
            **({"Limit": limit} if limit else {}),
            "ConsistentRead": consistent,
            "ScanIndexForward": ascending,
            "ProjectionExpression": projection,
        }
        if after:
            request["ExclusiveStartKey"] = self._key(month, after)
        return chain.from_iterable(page["Items"] for page in self._pages(request))

    def _pages(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Every page; one may be empty and still have a successor."""
        while True:
            with dynamodb.unavailable_as_domain_error():
                page: Any = self._client.query(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _put(self, item: dict[str, Any], condition: str, values: dict[str, Any]) -> bool:
        with dynamodb.unavailable_as_domain_error():
            try:
                self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression=condition, ExpressionAttributeValues=values
                )
            except ClientError as error:
                if dynamodb.is_condition_failure(error):
                    return False
                raise
        return True

    def _expire(self, month: str, sort_key: str) -> None:
        with dynamodb.unavailable_as_domain_error():
            self._client.update_item(
                TableName=self._table,
                Key=self._key(month, sort_key),
                UpdateExpression="SET expires_at = :past REMOVE doc",
                ExpressionAttributeValues={":past": {"N": "1"}},
            )


def _now() -> str:
    return str(int(time.time()))
