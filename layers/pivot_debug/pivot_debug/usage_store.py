"""UsageTable: one counter for each token and minute."""

from typing import TYPE_CHECKING

from pivot_debug import dynamodb
from pivot_debug.usage import WINDOW_MS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT_SECONDS = 600
"""How long a counter outlives its minute; DynamoDB deletes it some time after."""


class UsageStore:
    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def add(self, token: str, window: int, requests: int) -> int:
        """Add a token's requests to its counter, and return what all have added in that minute.

        Where the reply is lost they may be added twice, never not at all.
        """
        with dynamodb.unavailable_as_domain_error():
            reply = self._client.update_item(
                TableName=self._table,
                Key={"token_and_minute": {"S": f"{token}#{window}"}},
                UpdateExpression="ADD used :requests SET expires_at = :end",
                ExpressionAttributeValues={
                    ":requests": {"N": str(requests)},
                    ":end": {"N": str((window + 1) * WINDOW_MS // 1000 + _KEPT_SECONDS)},
                },
                ReturnValues="UPDATED_NEW",
            )
        return int(reply["Attributes"]["used"]["N"])
