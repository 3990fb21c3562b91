"""What we are compared with: the obvious handler, and a web framework around the same.

Both keep every field as an attribute of its own, as the examples of AWS do, and answer with the same documents.
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

TABLE: Final = "typed"
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def typed_item(key: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A document with an attribute for each of its fields."""
    plain = json.loads(json.dumps(document), parse_float=Decimal)
    return {**key, **{name: _serialize(value) for name, value in plain.items()}}


def rows() -> Iterator[dict[str, Any]]:
    """All items of the table's one partition, page by page."""
    client = boto3.client("dynamodb") if not _clients else _clients[0]
    _clients[:] = [client]
    request: dict[str, Any] = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "p"}},
    }
    while True:
        page = client.query(**request)
        for item in page["Items"]:
            yield {name: _deserialize(value) for name, value in item.items() if name not in ("pk", "sk")}
        if "LastEvaluatedKey" not in page:
            return
        request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}


def obvious_handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """A: botocore's client, boto3's TypeDeserializer, json."""
    body = json.dumps({"data": list(rows()), "status": "success"}, default=_number)
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}


def fastapi_handler() -> Handler:
    """The peer: FastAPI behind Mangum, with the answer left as dictionaries."""
    from fastapi import FastAPI  # noqa: PLC0415 - half a second, wanted by the benchmarks of peers alone
    from mangum import Mangum  # noqa: PLC0415 - as above

    app = FastAPI()

    @app.get("/{path:path}")  # type: ignore[untyped-decorator]
    def answer(path: str) -> dict[str, Any]:
        del path
        return {"data": list(rows()), "status": "success"}

    handler: Handler = Mangum(app, lifespan="off")
    return handler


def _number(value: Any) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError


_clients: list[Any] = []
