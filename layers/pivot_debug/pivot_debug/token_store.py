"""TokenTable: one item per opaque token, found by its id."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pivot_debug import dynamodb
from pivot_debug.tokens import TokenRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


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
        """Store a new token. Where its id is taken that is an error, unless it is by this very token.

        botocore repeats a write whose reply was lost, and finds its own token there.
        """
        condition = "attribute_not_exists(token_id)"
        with dynamodb.unavailable_as_domain_error():
            try:
                self._client.put_item(TableName=self._table, Item=_item(row), ConditionExpression=condition)
            except self._client.exceptions.ConditionalCheckFailedException:
                if self.find(row.token_id) != row:
                    raise

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
                ExpressionAttributeValues={":left": _texts(left)},
            )

    def all(self) -> list[TokenRow]:
        """Every token, newest first. For the operator's command line: no function may scan."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        with dynamodb.unavailable_as_domain_error():
            rows = [_row(item) for page in pages for item in page["Items"]]
        return sorted(rows, key=lambda row: (-row.created, row.token_id))


def _item(row: TokenRow) -> dict[str, Any]:
    numbers = {name: getattr(row, name) for name in ("created", "expires_at", "revoked_at", "requests_per_minute")}
    return {
        "token_id": {"S": row.token_id},
        "secret_sha256": {"S": row.secret_sha256},
        "last_four": {"S": row.last_four},
        "name": {"S": row.name},
        "accounts": _texts(row.accounts),
        "scopes": _texts(row.scopes),
        **{name: {"N": str(number)} for name, number in numbers.items() if number is not None},
    }


def _texts(texts: Iterable[str]) -> dict[str, Any]:
    return {"L": [{"S": text} for text in texts]}


def _row(item: dict[str, Any]) -> TokenRow:
    return TokenRow(
        token_id=item["token_id"]["S"],
        secret_sha256=item["secret_sha256"]["S"],
        last_four=item["last_four"]["S"],
        name=item["name"]["S"],
        accounts=tuple(one["S"] for one in item["accounts"]["L"]),
        scopes=tuple(one["S"] for one in item["scopes"]["L"]),
        created=int(item["created"]["N"]),
        expires_at=_whole(item, "expires_at"),
        revoked_at=_whole(item, "revoked_at"),
        requests_per_minute=_whole(item, "requests_per_minute"),
    )


def _whole(item: dict[str, Any], name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
