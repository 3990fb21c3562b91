"""The real handlers on moto: tables, queue and environment come from template.yaml."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.authorizer import app as authorizer
from functions.debug_api import app as debug_api
from functions.deletion import app as deletion
from functions.ingest import app as ingest
from functions.recorder import app as recorder
from functions.relay import app as relay
from functions.relays_api import app as relays_api
from pivot_debug import aws_client, clock, dynamodb, secret_keys
from pivot_debug.account_store import AccountStore
from pivot_debug.relay_store import RelayStore
from pivot_debug.store import DebugStore
from pivot_debug.token_store import TokenStore
from tests.builders import ACCOUNT, NOW_MS, a_relay_event, api_event, queue_event
from tests.template import environment, resources, table_definition

RELAY_ROOT = "https://relay.example.net"

_CACHES = (
    aws_client.aws_client,
    aws_client._session,
    secret_keys.cursor_key,
    secret_keys.relay_key,
    authorizer.token_store,
    authorizer.jwt_settings,
    ingest.queue,
    ingest.accounts,
    ingest.settings_in_period,
    relays_api.relays,
    relays_api.targets,
    relays_api.addresses,
    relay.guard,
    relay.relays,
    relay.known_relays,
    relay.queue,
    relay.settings_in_period,
)


@dataclass(frozen=True)
class Service:
    """The deployed service as a test uses it: every call goes through a function's handler."""

    queue_url: str

    def get(self, **request: Any) -> dict[str, Any]:
        reply = debug_api.handler(api_event(**request), None)
        return reply | {"json": json.loads(reply["body"])} if reply["body"][:1] == "{" else reply

    def delete(self, call_id: str, **request: Any) -> dict[str, Any]:
        event = api_event(method="DELETE", call_id=call_id, **({"scopes": "debug:delete"} | request))
        reply = deletion.handler(event, None)
        return reply | {"json": json.loads(reply["body"])}

    def put(self, documents: Any, **request: Any) -> dict[str, Any]:
        body = json.dumps({"data": documents})
        reply = ingest.handler(api_event(method="PUT", **({"body": body} | request)), None)
        return reply | {"json": json.loads(reply["body"])}

    def called(self, **request: Any) -> dict[str, Any]:
        """What KAZOO gets of the relay."""
        return relay.handler(a_relay_event(**request), None)

    def relays(self, method: str, *steps: str, data: Any = None, **request: Any) -> dict[str, Any]:
        """The reply of the relays' API; *steps* of the path are a relay's id, and ``secret`` behind it."""
        body = None if data is None else json.dumps({"data": data})
        event = api_event(method=method, **({"body": body} | request))
        below = "".join(f"/{step}" for step in steps)
        route = "/v2/accounts/{account_id}/pivot/relays" + ("", "/{relay_id}", "/{relay_id}/secret")[len(steps)]
        path = event["path"].replace("/pivot/debug", f"/pivot/relays{below}")
        reply = relays_api.handler(event | {"resource": route, "path": path}, None)
        return reply | {"json": json.loads(reply["body"])}

    def record_queue(self) -> list[str]:
        """Run the recorder on everything in the queue, and return the ids of failed messages."""
        failed = []
        while messages := self.receive():
            reply = recorder.handler(queue_event(messages), None)
            failed += [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]
        return failed

    def receive(self) -> list[str]:
        """Up to ten message bodies, taken off the queue."""
        sqs = boto3.client("sqs")
        received = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in received]

    def given(self, documents: list[dict[str, Any]]) -> None:
        """Documents that were ingested and recorded."""
        assert self.put(documents)["statusCode"] == 202
        assert self.record_queue() == []

    def listed(self, **request: Any) -> list[dict[str, Any]]:
        reply = self.get(**request)
        assert reply["statusCode"] == 200, reply["body"]
        calls: list[dict[str, Any]] = reply["json"]["data"]
        return calls

    def store(self, account_id: str = ACCOUNT) -> DebugStore:
        return DebugStore("DebugTable", account_id, dynamodb.client())

    def relay_store(self) -> RelayStore:
        return RelayStore("RelayTable", dynamodb.client())

    def tokens(self) -> TokenStore:
        return TokenStore("TokenTable", dynamodb.client())

    def accounts(self) -> AccountStore:
        return AccountStore("AccountTable", dynamodb.client())


def forget_what_is_cached() -> None:
    """Clients and keys of an earlier deployment."""
    for cached in _CACHES:
        cached.cache_clear()


@contextmanager
def deployed_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The service on moto for as long as the block runs; AWS credentials must be set."""
    with mock_aws():
        forget_what_is_cached()
        monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS)
        for function in resources("AWS::Serverless::Function"):
            for name, value in environment(function).items():
                monkeypatch.setenv(name, value)
        for table in resources("AWS::DynamoDB::Table"):
            boto3.client("dynamodb").create_table(**table_definition(table))
        for secret in resources("AWS::SecretsManager::Secret"):
            boto3.client("secretsmanager").create_secret(Name=secret, SecretString=f"{secret}{'k' * 64}")
        queue = boto3.client("sqs").create_queue(QueueName="records", Attributes={"MaximumMessageSize": "1048576"})
        monkeypatch.setenv("RECORD_QUEUE_URL", queue["QueueUrl"])
        monkeypatch.setenv("RELAY_ROOT", RELAY_ROOT)
        monkeypatch.setattr("pivot_debug.store._now", lambda: str(NOW_MS // 1000))
        # The clock stands still, so a minute never ends.
        monkeypatch.setenv("REQUESTS_PER_MINUTE", "1000000")
        yield Service(queue["QueueUrl"])
