"""A deployment that a whole module shares, an account of its own for each test, and what moto lacks: AWS's refusals,
faults, and a look at what goes over the wire.
"""

import io
import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends

from pivot_debug import __version__, clock, dynamodb, observability
from pivot_debug.intake import MAX_BODY
from pivot_debug.packing import unpack_text
from tests.builders import TOKEN
from tests.integration.service import Service, deployed_service, forget_what_is_cached

LAMBDA_REPLY_LIMIT = 6_291_556
"""Bytes of a reply, as JSON: more of them, and the client gets a 502 in its place."""

ITEM_LIMIT = 409_600
KEY_LIMIT = 1024

Document = dict[str, Any]
Reply = dict[str, Any]


# ---------------------------------------------------------------- a deployment, and accounts in it


@contextmanager
def deployed() -> Iterator[Service]:
    """What the fixture ``service`` gives, for as long as the caller likes; DynamoDB refuses here what AWS's would."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        with deployed_service(patch) as service, tapped(dynamodb.client(), refuse_what_aws_refuses):
            yield service
        forget_what_is_cached()


@dataclass(frozen=True)
class Account:
    """One account of a deployment, with a token for itself alone."""

    service: Service
    id: str

    @classmethod
    def new(cls, service: Service) -> "Account":
        return cls(service, secrets.token_hex(16))

    def forget(self) -> None:
        """Take its records out of moto's table: moto sorts the whole table for each query."""
        partitions = dynamodb_backends["123456789012"]["eu-central-1"].tables["DebugTable"].items
        for key in [key for key in partitions if key.value.startswith(self.id)]:
            del partitions[key]

    def get(self, **request: Any) -> Reply:
        return self.service.get(**({"account_id": self.id, "accounts": self.id} | request))

    def put(self, documents: Any, **request: Any) -> Reply:
        return self.service.put(documents, **({"account_id": self.id, "accounts": self.id} | request))

    def given(self, documents: list[Document]) -> None:
        """Documents that were ingested and recorded."""
        rest = [self.own(document) for document in documents]
        while rest:
            batch, size = [rest.pop(0)], 0
            while rest and (size := size + len(json.dumps(rest[0]))) < MAX_BODY // 2:
                batch.append(rest.pop(0))
            reply = self.put(batch)
            assert reply["statusCode"] == 202, reply["body"]
            assert reply["json"]["data"]["rejected"] == []
        assert self.service.record_queue() == []

    def messages(self, documents: list[Document]) -> list[str]:
        """The queue's messages for these documents, not yet recorded."""
        assert self.put([self.own(document) for document in documents])["statusCode"] == 202
        return self.service.receive()

    def own(self, document: Document) -> Document:
        return document | {"pvt_account_id": self.id}

    def listed(self, **request: Any) -> list[Document]:
        reply = self.get(**request)
        assert reply["statusCode"] == 200, reply["body"]
        items: list[Document] = reply["json"]["data"]
        return items

    def call_ids(self, **query: str) -> list[str]:
        return [call["call_id"] for call in self.listed(query=query)]

    def pages(self, *, call_id: str | None = None, **query: str) -> list[Reply]:
        """Every page, as a client reads them: until ``next_start_key`` is absent."""
        pages, cursor = [], ""
        for _ in range(500):
            wanted = query | ({"start_key": cursor} if cursor else {})
            reply = self.get(call_id=call_id, query=wanted)
            assert reply["statusCode"] == 200, reply["body"]
            pages.append(reply)
            if "next_start_key" not in reply["json"]:
                return pages
            assert reply["json"]["next_start_key"] != cursor
            cursor = reply["json"]["next_start_key"]
        raise AssertionError("the pages never end")

    def items(self, *, call_id: str | None = None, **query: str) -> list[Document]:
        """The items of all pages together."""
        return [item for page in self.pages(call_id=call_id, **query) for item in page["json"]["data"]]


# ---------------------------------------------------------------- replies


def assert_error(reply: Reply, status: int, message: str, data: Any) -> None:
    """The whole error envelope: its keys, their types and values, and the headers it travels with."""
    headers = reply["headers"]
    assert reply["statusCode"] == status, reply["body"]
    assert {name: headers.get(name) for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")} == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in headers
    body = json.loads(reply["body"])
    assert set(body) == {"data", "error", "message", "status", "request_id", "node", "timestamp", "version", "tokens"}
    assert body["data"] == data, body["data"]
    assert (body["error"], body["message"], body["status"]) == (str(status), message, "error"), body
    assert body["request_id"] == headers["X-Request-ID"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", body["node"])
    assert body["timestamp"] == clock.iso(clock.now_ms())
    assert body["version"] == __version__
    assert set(body["tokens"]) == {"consumed", "remaining"}
    assert all(type(number) is int for number in body["tokens"].values())
    assert TOKEN not in json.dumps(reply)


def invalid(field: str, rule: str, message: str, **details: Any) -> Document:
    """The ``data`` of a 400 for one field."""
    return {field: {rule: {"message": message, **details}}}


def size_of(reply: Reply) -> int:
    """Bytes of the reply as Lambda sends it."""
    sent = {name: reply[name] for name in ("statusCode", "headers", "body", "isBase64Encoded")}
    return len(json.dumps(sent))


def has_null(value: Any) -> bool:
    """Whether a null stands anywhere in a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(has_null, inner))


# ---------------------------------------------------------------- the wire


@dataclass(frozen=True)
class Sent:
    """A request on its way to AWS."""

    operation: str
    body: Document

    @property
    def is_write(self) -> bool:
        return self.operation in ("PutItem", "UpdateItem")

    @property
    def is_summary(self) -> bool:
        """Whether it writes a call's summary (and not the marker of one that moved)."""
        item = self.body.get("Item", {})
        return item.get("sk", {}).get("S", "").endswith("#!summary") and "doc" in item

    @property
    def partition(self) -> str:
        """The partition key that it reads or writes."""
        values = self.body.get("ExpressionAttributeValues", {})
        key = self.body.get("Item") or self.body.get("Key") or {"pk": values.get(":pk", {})}
        found: str = key.get("pk", {}).get("S", "")
        return found


Tap = Callable[[Sent], None]


@contextmanager
def tapped(client: Any, tap: Tap, *, moment: str = "before-send") -> Iterator[None]:
    """Show *tap* every request before moto sees it; what it raises is what the client gets, and moto never acts.

    A retry counts again. With ``after-call`` moto has acted already: the reply is lost on its way.
    """
    event = f"{moment}.{client.meta.service_model.service_id.hyphenize()}"
    sent: list[Sent] = []

    def before(request: Any, **_: Any) -> None:
        sent.append(_sent(request))
        if moment == "before-send":
            tap(sent[-1])

    def after(**_: Any) -> None:
        tap(sent[-1])

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"before-send.{service}", before)
    if moment == "after-call":
        client.meta.events.register(event, after)
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-send.{service}", before)
        if moment == "after-call":
            client.meta.events.unregister(event, after)


def _sent(request: Any) -> Sent:
    target = request.headers["X-Amz-Target"]
    operation = (target.decode() if isinstance(target, bytes) else target).split(".")[-1]
    return Sent(operation, json.loads(request.body))


def raising(error: Exception) -> Tap:
    """A tap that lets nothing through."""

    def tap(_: Sent) -> None:
        raise error

    return tap


class FailingWrite:
    """A tap that fails the n-th write, 1 for the first, and lets every other one pass."""

    def __init__(self, n: int) -> None:
        self._left = n

    def __call__(self, sent: Sent) -> None:
        self._left -= sent.is_write
        if sent.is_write and self._left == 0:
            raise aws_error("InternalServerError", sent.operation)

    @property
    def has_failed(self) -> bool:
        return self._left <= 0


def aws_error(code: str, operation: str = "Query", message: str = "injected") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def refuse_what_aws_refuses(sent: Sent) -> None:
    """ValidationException where AWS gives one and moto lets the request pass."""
    for reason in _refusals(sent.body):
        raise aws_error("ValidationException", sent.operation, reason)


def _refusals(body: Document) -> Iterator[str]:
    values = body.get("ExpressionAttributeValues", {})
    expressions = " ".join(str(text) for name, text in body.items() if name.endswith("Expression"))
    if unused := [name for name in values if not re.search(rf"{name}\b", expressions)]:
        yield f"Value provided in ExpressionAttributeValues unused in expressions: {unused}"
    if len(json.dumps(body.get("Item", {}))) * 3 // 4 > ITEM_LIMIT:
        yield "Item size has exceeded the maximum allowed size"
    if between := re.search(r"(\w+) BETWEEN (:\w+) AND (:\w+)", body.get("KeyConditionExpression", "")):
        low, high = values[between[2]]["S"], values[between[3]]["S"]
        start = body.get("ExclusiveStartKey", {}).get(between[1], {}).get("S", low)
        if low > high:
            yield "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"
        if max(len(low.encode()), len(high.encode())) > KEY_LIMIT:
            yield "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
        if not low <= start <= high:
            yield "The provided starting key is outside query boundaries based on provided conditions"


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the functions log meanwhile, one JSON object a line."""
    handler = observability.logger().registered_handler
    assert isinstance(handler, logging.StreamHandler)
    text = io.StringIO()
    # Not by setStream: it flushes the stream before, which a test that ran the command line may have closed.
    before, handler.stream = handler.stream, text
    try:
        yield text
    finally:
        handler.stream = before


def table_text(name: str) -> str:
    """Every item of a table as text, packed documents unpacked."""
    pages = dynamodb.client().get_paginator("scan").paginate(TableName=name)
    return "\n".join(
        repr({key: unpack_text(value["B"]) if "B" in value else value for key, value in item.items()})
        for page in pages
        for item in page["Items"]
    )
