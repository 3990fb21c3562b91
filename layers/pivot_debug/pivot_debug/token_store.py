"""TokenTable: one item per opaque token, found by its id."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from pivot_debug import dynamodb
from pivot_debug.tokens import TokenRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class TokenStore:
    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def find(self, token_id: str) -> TokenRow | None:
        """The token's row, read consistently so that a revocation counts at once."""
        with dynamodb.unavailable_as_domain_error():
            reply = self._client.get_item(TableName=self._table, Key={"token_id": {"S": token_id}}, ConsistentRead=True)
        return _row(reply["Item"]) if "Item" in reply else None

    def add(self, row: TokenRow) -> None:
        values = {name: value for name, value in asdict(row).items() if value is not None}
        item = {name: _serialize(list(value) if isinstance(value, tuple) else value) for name, value in values.items()}
        condition = "attribute_not_exists(token_id)"
        with dynamodb.unavailable_as_domain_error():
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression=condition)

    def revoke(self, token_id: str, now: int) -> bool:
        """Mark the token revoked; False where there is none."""
        with dynamodb.unavailable_as_domain_error():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"token_id": {"S": token_id}},
                    UpdateExpression="SET revoked_at = if_not_exists(revoked_at, :now)",
                    ConditionExpression="attribute_exists(token_id)",
                    ExpressionAttributeValues={":now": {"N": str(now)}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def withdraw(self, row: TokenRow, account_id: str) -> None:
        """Take an account from a token; a token that has no other is deleted. For the command line, as ``all`` is."""
        left = [account for account in row.accounts if account != account_id]
        with dynamodb.unavailable_as_domain_error():
            if not left:
                self._client.delete_item(TableName=self._table, Key={"token_id": {"S": row.token_id}})
                return
            self._client.update_item(
                TableName=self._table,
                Key={"token_id": {"S": row.token_id}},
                UpdateExpression="SET accounts = :left",
                ConditionExpression="attribute_exists(token_id)",
                ExpressionAttributeValues={":left": _serialize(left)},
            )

    def all(self) -> list[TokenRow]:
        """Every token, newest first. For the operator's command line: no function may scan."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        with dynamodb.unavailable_as_domain_error():
            rows = [_row(item) for page in pages for item in page["Items"]]
        return sorted(rows, key=lambda row: (-row.created, row.token_id))


def _row(item: dict[str, Any]) -> TokenRow:
    values = {name: _deserialize(value) for name, value in item.items()}
    return TokenRow(
        token_id=values["token_id"],
        secret_sha256=values["secret_sha256"],
        last_four=values["last_four"],
        name=values["name"],
        accounts=tuple(values["accounts"]),
        scopes=tuple(values["scopes"]),
        created=int(values["created"]),
        expires_at=_whole(values.get("expires_at")),
        revoked_at=_whole(values.get("revoked_at")),
        requests_per_minute=_whole(values.get("requests_per_minute")),
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
