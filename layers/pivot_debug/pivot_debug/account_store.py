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
    """What holds for an account.

    ``recording``: whether documents are accepted at all. ``retention_days``: None for the deployment's default.
    ``keep_digits``: whether keyed digits that may be PINs, and card numbers, are kept.
    """

    recording: bool = True
    retention_days: int | None = None
    keep_digits: bool = False


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
            recording=item.get("recording", {}).get("BOOL", True),
            retention_days=int(days) if days else None,
            keep_digits=item.get("keep_digits", {}).get("BOOL", False),
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
            "keep_digits": {"BOOL": settings.keep_digits},
            **({"retention_days": {"N": str(days)}} if days is not None else {}),
        }
        with dynamodb.unavailable_as_domain_error():
            self._client.put_item(TableName=self._table, Item=item)

    def stop_recording(self, account_id: str) -> None:
        """Switch recording off, and leave every other setting as it is."""
        with dynamodb.unavailable_as_domain_error():
            self._client.update_item(
                TableName=self._table,
                Key={"account_id": {"S": account_id}, "item": {"S": _SETTINGS}},
                UpdateExpression="SET recording = :off",
                ExpressionAttributeValues={":off": {"BOOL": False}},
            )

    def forget(self, account_id: str) -> None:
        """Delete the settings: the defaults hold again. For the operator's command line: no function may."""
        with dynamodb.unavailable_as_domain_error():
            self._client.delete_item(
                TableName=self._table, Key={"account_id": {"S": account_id}, "item": {"S": _SETTINGS}}
            )
