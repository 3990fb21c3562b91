"""RecordQueue: deliveries on their way to the recorder."""

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from pivot_debug import ranks
from pivot_debug.errors import NotSentError
from pivot_debug.keys import Seq, can_be_call_id, is_account_id
from pivot_debug.models import Delivery, Record
from pivot_debug.packing import unpack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_MESSAGE = 1_000_000
"""Bytes of a message: SQS's 1,048,576 less room for what surrounds the records."""

MAX_RECORDS = 100
"""Records of a message, so that the recorder is done with a batch of ten well inside its time limit."""


class RecordQueue:
    def __init__(self, url: str, client: "SQSClient") -> None:
        self._url = url
        self._client = client

    def send(self, delivery: Delivery) -> int:
        """Hand the delivery on in as many messages as it takes, and return their number.

        Raises NotSentError where the queue does not take them all. Sending all of them again does no harm.
        """
        count, left = 0, len(delivery.records)
        for batch in _batches(delivery):
            try:
                self._client.send_message(QueueUrl=self._url, MessageBody=_message(delivery, batch))
            except (ClientError, BotoCoreError, ResponseParserError) as error:
                raise NotSentError(type(error).__name__, left) from error
            count, left = count + 1, left - len(batch)
        return count


def to_messages(delivery: Delivery) -> Iterator[str]:
    """JSON messages of bounded size that together hold the delivery's records, in order."""
    return (_message(delivery, batch) for batch in _batches(delivery))


def _batches(delivery: Delivery) -> Iterator[list[dict[str, str]]]:
    batch: list[dict[str, str]] = []
    size = 0
    for record in delivery.records:
        entry = {"call_id": record.call_id, "seq": str(record.seq), "doc": base64.b64encode(record.packed).decode()}
        length = len(json.dumps(entry)) + 2
        if batch and (size + length > MAX_MESSAGE or len(batch) == MAX_RECORDS):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


def from_message(body: str) -> Delivery:
    """The delivery in a message; ValueError for anything that ``to_messages`` did not make."""
    try:
        content = json.loads(body)
        return Delivery(
            account_id=_checked(content["account_id"], is_account_id),
            received_ms=int(content["received_ms"]),
            retention_days=int(content["retention_days"]),
            records=tuple(_record(entry) for entry in content["records"]),
        )
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError, zlib.error) as error:
        raise ValueError("not a delivery") from error


def _message(delivery: Delivery, batch: list[dict[str, str]]) -> str:
    return json.dumps(
        {
            "account_id": delivery.account_id,
            "received_ms": delivery.received_ms,
            "retention_days": delivery.retention_days,
            "records": batch,
        }
    )


def _record(entry: dict[str, Any]) -> Record:
    """A record that every fold of its call can read."""
    seq = Seq.parse(entry["seq"])
    ranks.type_of(seq.rank)
    packed = base64.b64decode(entry["doc"], validate=True)
    if not isinstance(unpack(packed), dict):
        raise TypeError("a document is an object")
    return Record(_checked(entry["call_id"], can_be_call_id), seq, packed)


def _checked(text: Any, is_good: Callable[[Any], bool]) -> Any:
    if not is_good(text):
        raise ValueError("neither an account id nor a call id")
    return text
