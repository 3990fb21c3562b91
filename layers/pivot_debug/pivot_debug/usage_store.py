"""UsageTable: one counter for each token and minute."""

from typing import TYPE_CHECKING

from pivot_debug import dynamodb
from pivot_debug.usage import WINDOW_MS, Usage, seconds_left, window_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT_SECONDS = 600
"""How long a counter outlives its minute; DynamoDB deletes it some time after."""


class UsageStore:
    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def count(self, token: str, limit: int, now_ms: int) -> Usage:
        """Count one request of a token. A reply that is lost may count it twice, never not at all."""
        window = window_of(now_ms)
        with dynamodb.unavailable_as_domain_error():
            reply = self._client.update_item(
                TableName=self._table,
                Key={"token_and_minute": {"S": f"{token}#{window}"}},
                UpdateExpression="ADD used :one SET expires_at = :end",
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":end": {"N": str((window + 1) * WINDOW_MS // 1000 + _KEPT_SECONDS)},
                },
                ReturnValues="UPDATED_NEW",
            )
        return Usage(limit=limit, used=int(reply["Attributes"]["used"]["N"]), ends_in=seconds_left(now_ms))
