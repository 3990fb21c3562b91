"""RelayTable: the relays of an account, one item each."""

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from pivot_debug import dynamodb
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.relay.model import Relay
from pivot_debug.relay.record_mode import parse_record_mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TEXTS = ("name", "secret_sha256", "former_secret_sha256", "origin_key")
_NUMBERS = ("former_until_ms", "generation", "created_ms", "modified_ms", "revision", "counting_since")

_COUNT_IS_ON = (
    "#record = :record AND counting_since = :since AND "
    "(attribute_not_exists(recorded_calls) OR size(recorded_calls) < :calls OR contains(recorded_calls, :call))"
)


class RelayStore:
    """Where a write is answered by nothing, again and again, it looks for itself whether it was done.

    A client that was told otherwise would make a second relay, or rotate the secret a second time and so shut the
    address that its callflow has.
    """

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def find(self, account_id: str, relay_id: str, *, consistent: bool = False) -> Relay | None:
        """The relay; *consistent* at twice the price, so that the last change is surely in it."""
        key = _key(account_id, relay_id)
        with dynamodb.unavailable_as_domain_error():
            reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=consistent)
        return _relay(reply["Item"]) if "Item" in reply else None

    def all(self, account_id: str) -> list[Relay]:
        """The account's relays, newest first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="account_id = :account",
            ExpressionAttributeValues={":account": {"S": account_id}},
            ConsistentRead=True,
        )
        with dynamodb.unavailable_as_domain_error():
            relays = [_relay(item) for page in pages for item in page["Items"]]
        return sorted(relays, key=lambda relay: (-relay.created_ms, relay.id))

    def add(self, relay: Relay) -> None:
        """Store a new relay. Its random id makes a repeated write harmless."""
        item = _key(relay.account_id, relay.id) | _attributes(relay)
        try:
            with dynamodb.unavailable_as_domain_error():
                self._client.put_item(TableName=self._table, Item=item)
        except StoreUnavailableError:
            if not self._is_stored(relay):
                raise

    def replace(self, relay: Relay, *, restarts_count: bool = False) -> bool:
        """Store the next revision of a relay; False where another change came first, or the relay is gone.

        Calls that are counted meanwhile stay counted, unless *restarts_count*.
        """
        attributes = _attributes(relay)
        names = {f"#{name}": name for name in attributes}
        assignments = ", ".join(f"#{name} = :{name}" for name in attributes)
        try:
            with dynamodb.unavailable_as_domain_error():
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(relay.account_id, relay.id),
                    UpdateExpression=f"SET {assignments}" + (" REMOVE recorded_calls" if restarts_count else ""),
                    ConditionExpression="#revision = :before",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()}
                    | {":before": {"N": str(relay.revision - 1)}},
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            # botocore repeats a write whose reply was lost: then this very revision is there.
            return self._is_stored(relay)
        except StoreUnavailableError:
            if not self._is_stored(relay):
                raise
        return True

    def delete(self, account_id: str, relay_id: str) -> None:
        """Delete the relay, if it is there.

        Nobody can tell who did: botocore repeats a deletion whose reply was lost, and finds nothing to delete then.
        """
        try:
            with dynamodb.unavailable_as_domain_error():
                self._client.delete_item(TableName=self._table, Key=_key(account_id, relay_id))
        except StoreUnavailableError:
            if self.find(account_id, relay_id, consistent=True) is not None:
                raise

    def count_call(self, relay: Relay, call_id: str) -> bool:
        """Whether a relay with ``next N calls`` records this call: it was counted before, or N are not reached yet.

        False, too, where the relay is gone or its count has started anew since *relay* was read.
        """
        call = hashlib.sha256(call_id.encode()).hexdigest()[:16]
        try:
            with dynamodb.unavailable_as_domain_error():
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(relay.account_id, relay.id),
                    UpdateExpression="ADD recorded_calls :counted",
                    ConditionExpression=_COUNT_IS_ON,
                    ExpressionAttributeNames={"#record": "record"},
                    ExpressionAttributeValues={
                        ":counted": {"SS": [call]},
                        ":call": {"S": call},
                        ":calls": {"N": str(relay.record.calls)},
                        ":record": {"S": str(relay.record)},
                        ":since": {"N": str(relay.counting_since)},
                    },
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _is_stored(self, relay: Relay) -> bool:
        """Whether this very revision is there, whatever was counted since."""
        stored = self.find(relay.account_id, relay.id, consistent=True)
        return stored is not None and dataclasses.replace(stored, recorded_calls=relay.recorded_calls) == relay


def _key(account_id: str, relay_id: str) -> dict[str, Any]:
    return {"account_id": {"S": account_id}, "relay_id": {"S": relay_id}}


def _attributes(relay: Relay) -> dict[str, Any]:
    """What an item holds beside its key and the calls that are counted."""
    texts = {name: getattr(relay, name) for name in _TEXTS}
    # As text: DynamoDB would change numbers, and refuses what is nested deep.
    texts |= {"record": str(relay.record), "element": json.dumps(relay.element)}
    return {
        **{name: {"S": text} for name, text in texts.items()},
        **{name: {"N": str(getattr(relay, name))} for name in _NUMBERS},
        "rewrite": {"BOOL": relay.rewrite},
    }


def _relay(item: dict[str, Any]) -> Relay:
    texts: dict[str, Any] = {name: item[name]["S"] for name in _TEXTS}
    numbers: dict[str, Any] = {name: int(item[name]["N"]) for name in _NUMBERS}
    return Relay(
        account_id=item["account_id"]["S"],
        id=item["relay_id"]["S"],
        element=json.loads(item["element"]["S"]),
        record=parse_record_mode(item["record"]["S"]),
        rewrite=item["rewrite"]["BOOL"],
        recorded_calls=len(item["recorded_calls"]["SS"]) if "recorded_calls" in item else 0,
        **texts,
        **numbers,
    )
