"""Processor time that a record takes on its way in: through ingest, and through the recorder."""

import json
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from typing import Any, Final
from unittest.mock import patch

from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

from benchmarks import payloads
from benchmarks.baselines import typed_item
from benchmarks.canned import COUNTED, as_wire, played
from benchmarks.measure import Figure, interleaved, timed
from benchmarks.warm import ENVIRONMENT, NOWHERE
from functions.ingest import app as ingest
from functions.recorder import app as recorder
from pivot_debug import dynamodb
from pivot_debug.models import Delivery, Record
from pivot_debug.packing import unpack
from pivot_debug.queue import to_messages
from tests import builders
from tests.template import environment

ATTEMPTS, BODY = 25, 4096
PARSED, TYPED = "json.loads and json.dumps of the same", "botocore's put_item of the same as typed attributes"
INGEST, RECORDER = "ingest", "recorder"

_CALL: Final = "measured"


def throughput(rounds: int) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """Milliseconds for 50 records of 4 KB: of ingest, and of the recorder."""
    documents = [document for n in range(1, ATTEMPTS + 1) for document in payloads.attempt(_CALL, n, BODY)]
    records = [record for document in documents for record in payloads.records(document)]
    with ExitStack() as stack:
        variables = ENVIRONMENT | environment("IngestFunction") | environment("RecorderFunction")
        stack.enter_context(patch.dict("os.environ", variables))
        stack.enter_context(redirect_stdout(NOWHERE))
        stack.enter_context(played(_answers(records)))
        taking_in = {PARSED: timed(_parsing(documents)), INGEST: timed(_ingest(documents))}
        recording = {TYPED: timed(_putting(records)), RECORDER: timed(_recorder(records))}
        return interleaved(taking_in, PARSED, rounds), interleaved(recording, TYPED, rounds)


def _answers(records: list[Record]) -> dict[str, bytes]:
    stored = [
        as_wire({"sk": {"S": f"{_CALL}#{one.seq}"}, "doc": {"B": one.packed}, "expires_at": {"N": "4102444800"}})
        for one in records
    ]
    page = json.dumps({"Count": len(stored), "ScannedCount": len(stored), "Items": stored}).encode()
    return {
        "QueueUrl": b'{"MessageId":"m"}',
        "AccountTable item": b"{}",
        **COUNTED,
        "DebugTable range": page,
        "typed range": b"{}",
    }


def _parsing(documents: list[Any]) -> Callable[[], object]:
    body = json.dumps({"data": documents})
    return lambda: json.dumps(json.loads(body))


def _ingest(documents: list[Any]) -> Callable[[], object]:
    event = json.dumps(builders.api_event(method="PUT", body=json.dumps({"data": documents})))
    return _checked(ingest.handler, event, '"statusCode": 202')


def _recorder(records: list[Record]) -> Callable[[], object]:
    delivery = Delivery(account_id=builders.ACCOUNT, received_ms=0, retention_days=30_000, records=tuple(records))
    event = json.dumps(builders.queue_event(to_messages(delivery)))
    return _checked(recorder.handler, event, '"batchItemFailures": []')


def _putting(records: list[Record]) -> Callable[[], object]:
    def put() -> None:
        for record in records:
            key = {"pk": {"S": "p"}, "sk": {"S": str(record.seq)}}
            dynamodb.client().put_item(TableName="typed", Item=typed_item(key, unpack(record.packed)))

    return put


def _checked(handler: Callable[[Any, Any], Any], event: str, expected: str) -> Callable[[], object]:
    def invoke() -> None:
        reply: str = LambdaMarshaller().marshal_response(handler(json.loads(event), None))[0]
        if expected not in reply:
            raise AssertionError(reply[:500])

    return invoke
