"""Deletes from DebugTable for good. The recorder may not; a function of its own and the command line do."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pivot_debug import dynamodb, keys
from pivot_debug.account_store import MAX_RETENTION_DAYS
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.store import LAST_WORD

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 25
"""Items of one BatchWriteItem; DynamoDB takes no more."""

_ATTEMPTS = 8
_FIRST_PAUSE = 0.05
"""Seconds; each pause is twice the one before, so that all of them take 6.4."""

_NO_CALL_HERE = "attribute_not_exists(pk) OR attribute_not_exists(doc) OR expires_at <= :now"


class Eraser:
    """Deletes items of one account; every key is built from the account that it was opened for."""

    def __init__(self, table: str, account_id: str, client: "DynamoDBClient") -> None:
        if not keys.is_account_id(account_id):
            raise ValueError("an account id is 32 lower-case hex characters")
        self._table = table
        self._account_id = account_id
        self._client = client

    def bury(self, month: str, call_id: str, *, unless_another_call: bool = False) -> None:
        """Put a tombstone in the place of the call's summary: the call is not listed, and never recorded again.

        It lies there for the longest retention. With *unless_another_call* a summary that is there stays.
        """
        now = int(time.time())
        tombstone: dict[str, Any] = {
            "pk": {"S": keys.partition_key(self._account_id, month)},
            "sk": {"S": keys.summary_key(call_id)},
            "records": {"N": str(LAST_WORD)},
            "deleted": {"BOOL": True},
            "expires_at": {"N": str(now + MAX_RETENTION_DAYS * 86_400)},
        }
        condition = {"ConditionExpression": _NO_CALL_HERE, "ExpressionAttributeValues": {":now": {"N": str(now)}}}
        try:
            with dynamodb.unavailable_as_domain_error():
                request: dict[str, Any] = condition if unless_another_call else {}
                self._client.put_item(TableName=self._table, Item=tombstone, **request)
        except ClientError as error:
            if not dynamodb.is_condition_failure(error):
                raise

    def record_keys(self, month: str, call_id: str, limit: int) -> list[str]:
        """Sort keys of up to *limit* records of a call, also of expired ones."""
        first, last = keys.record_range(call_id)
        condition = "pk = :pk AND sk BETWEEN :first AND :last"
        found = self._keys(month, condition, {":first": {"S": first}, ":last": {"S": last}}, limit)
        return [key for key, _ in zip(found, range(limit), strict=False)]

    def all_keys(self, month: str) -> Iterator[str]:
        """Sort keys of everything that the account has in a month."""
        return self._keys(month, "pk = :pk", {}, None)

    def delete(self, month: str, sort_keys: list[str]) -> None:
        """Delete items, all or, where that fails, as many as it could: then StoreUnavailableError is raised."""
        partition = keys.partition_key(self._account_id, month)
        for start in range(0, len(sort_keys), BATCH):
            self._delete_batch(
                [
                    {"DeleteRequest": {"Key": {"pk": {"S": partition}, "sk": {"S": key}}}}
                    for key in sort_keys[start : start + BATCH]
                ]
            )

    def _delete_batch(self, requests: list[Any]) -> None:
        """DynamoDB may leave some of a batch undone, without an error: it asks for a pause then."""
        for attempt in range(_ATTEMPTS):
            with dynamodb.unavailable_as_domain_error():
                reply = self._client.batch_write_item(RequestItems={self._table: requests})
            requests = reply.get("UnprocessedItems", {}).get(self._table, [])
            if not requests:
                return
            if attempt < _ATTEMPTS - 1:
                time.sleep(_FIRST_PAUSE * 2**attempt)
        raise StoreUnavailableError("UnprocessedItems")

    def _keys(self, month: str, condition: str, values: dict[str, Any], limit: int | None) -> Iterator[str]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {":pk": {"S": keys.partition_key(self._account_id, month)}, **values},
            "ProjectionExpression": "sk",
            "ConsistentRead": True,
            **({"Limit": limit} if limit else {}),
        }
        while True:
            with dynamodb.unavailable_as_domain_error():
                page = self._client.query(**request)
            yield from (item["sk"]["S"] for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}
