"""AccountTable: what an operator has set for an account."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pivot_debug import dynamodb

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_RETENTION_DAYS = 400
_SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """``recording``: whether documents are accepted at all. ``retention_days``: None for the deployment's default."""

    recording: bool = True
    retention_days: int | None = None


class AccountStore:
    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def settings(self, account_id: str) -> AccountSettings:
        """The account's settings; the defaults where none were ever set."""
        with dynamodb.unavailable_as_domain_error():
            reply = self._client.get_item(
                TableName=self._table,
                Key={"account_id": {"S": account_id}, "item": {"S": _SETTINGS}},
                ConsistentRead=True,
            )
        item = reply.get("Item", {})
        days = item.get("retention_days", {}).get("N")
        return AccountSettings(
            recording=item.get("recording", {}).get("BOOL", True), retention_days=int(days) if days else None
        )

    def save(self, account_id: str, settings: AccountSettings) -> None:
        """Replace the settings. Functions see them within seconds (``ingest`` reuses them for at most 10)."""
        days = settings.retention_days
        if days is not None and not 1 <= days <= MAX_RETENTION_DAYS:
            raise ValueError(f"retention is 1 to {MAX_RETENTION_DAYS} days")
        item: dict[str, Any] = {
            "account_id": {"S": account_id},
            "item": {"S": _SETTINGS},
            "recording": {"BOOL": settings.recording},
            **({"retention_days": {"N": str(days)}} if days is not None else {}),
        }
        with dynamodb.unavailable_as_domain_error():
            self._client.put_item(TableName=self._table, Item=item)
