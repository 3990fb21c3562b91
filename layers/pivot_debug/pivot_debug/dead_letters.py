"""The dead-letter queue: deliveries that failed too often. For the operator's command line; no function reads it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pivot_debug.models import Delivery
from pivot_debug.queue import from_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_AT_ONCE = 10
"""Messages of one ReceiveMessage; SQS gives no more."""

_EMPTY_ANSWERS = 3
"""SQS may answer with nothing although there is something: it asks some of its servers alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message. ``delivery`` is None where it makes no sense; ``sent_ms`` is Unix ms; ``receipt`` names it to SQS."""

    message_id: str
    body: str
    receipt: str
    sent_ms: int
    delivery: Delivery | None

    def is_of(self, account_id: str) -> bool:
        """Whether it belongs to the account: what makes no sense does where it has the account's id in it."""
        return self.delivery.account_id == account_id if self.delivery else account_id in self.body


class DeadLetters:
    """``patience``: seconds for which what was received here is hidden from others."""

    def __init__(self, record_queue: str, dead_letter_queue: str, client: "SQSClient", patience: int = 60) -> None:
        self._record_queue = record_queue
        self._dead = dead_letter_queue
        self._client = client
        self._patience = patience

    def count(self) -> int:
        """How many there are, about."""
        name = "ApproximateNumberOfMessages"
        reply = self._client.get_queue_attributes(QueueUrl=self._dead, AttributeNames=[name])  # type: ignore[list-item]
        return int(reply["Attributes"][name])  # type: ignore[index]

    def receive(self, limit: int) -> Iterator[DeadLetter]:
        """Up to *limit* messages, each once; they stay in the queue and show again when the patience is over."""
        seen: set[str] = set()
        empty = 0
        while empty < _EMPTY_ANSWERS and len(seen) < limit:
            reply = self._client.receive_message(
                QueueUrl=self._dead,
                MaxNumberOfMessages=min(_AT_ONCE, limit - len(seen)),
                VisibilityTimeout=self._patience,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            fresh = [one for one in reply.get("Messages", []) if one["MessageId"] not in seen]
            empty = 0 if fresh else empty + 1
            for message in fresh:
                seen.add(message["MessageId"])
                yield DeadLetter(
                    message_id=message["MessageId"],
                    body=message["Body"],
                    receipt=message["ReceiptHandle"],
                    sent_ms=int(message["Attributes"]["SentTimestamp"]),
                    delivery=_delivery(message["Body"]),
                )

    def redrive(self, letter: DeadLetter) -> None:
        """Give a message back to the recorder. Cut off between the two steps it is there twice, which does no harm."""
        self._client.send_message(QueueUrl=self._record_queue, MessageBody=letter.body)
        self.drop(letter)

    def drop(self, letter: DeadLetter) -> None:
        """Delete a message, for good."""
        self._client.delete_message(QueueUrl=self._dead, ReceiptHandle=letter.receipt)

    def put_back(self, receipt: str) -> None:
        """Let others see a message again at once; where the patience is over they do already."""
        with suppress(self._client.exceptions.MessageNotInflight):
            self._client.change_message_visibility(QueueUrl=self._dead, ReceiptHandle=receipt, VisibilityTimeout=0)


def _delivery(body: str) -> Delivery | None:
    try:
        return from_message(body)
    except ValueError:
        return None
