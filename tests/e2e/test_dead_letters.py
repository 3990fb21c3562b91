"""A poison message on the real queue: its neighbours are recorded, it ends among the dead letters, and comes back."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack import LocalStack
from pivot_debug import clock
from pivot_debug.documents import records_of
from pivot_debug.models import Delivery, Source
from pivot_debug.queue import to_messages
from tests.e2e.client import Api, recent_call

PATIENCE_SECONDS = 90


@pytest.fixture
def impatient(stack: LocalStack) -> Iterator[Any]:
    """SQS's client; what the recorder reports as failed comes again after a second instead of six minutes."""
    sqs = stack.client("sqs")
    queue = {"QueueUrl": stack.outputs["RecordQueue"]}
    before = sqs.get_queue_attributes(**queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(**queue, Attributes={"VisibilityTimeout": "1"})
    yield sqs
    sqs.set_queue_attributes(**queue, Attributes=before)


def messages_of(api: Api, *call_ids: str) -> list[str]:
    """A message for each call, as the ingest makes them."""
    made = []
    for call_id in call_ids:
        records = [
            record
            for document in recent_call(call_id)
            for record in records_of(
                api.own(document), account_id=api.account_id, source=Source.INGEST, now_ms=clock.now_ms()
            )
        ]
        delivery = Delivery(
            account_id=api.account_id, received_ms=clock.now_ms(), retention_days=30, records=tuple(records)
        )
        made += list(to_messages(delivery))
    return made


def dead(stack: LocalStack) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = json.loads(stack.pivot_debug("dlq", "show", "--json"))
    return shown


def wait_for_dead(stack: LocalStack, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(letters := dead(stack)) < count:
        assert time.monotonic() < deadline, letters
        time.sleep(0.5)
    return letters


def test_poison_ends_among_the_dead_letters_its_neighbours_are_recorded_and_a_redrive_works(
    stack: LocalStack, impatient: Any
) -> None:
    api = Api(stack)
    queue, dead_queue = stack.outputs["RecordQueue"], stack.outputs["RecordDeadLetterQueue"]
    good = messages_of(api, "call-1", "call-2", "call-3")

    # Duplicates, in another order, and poison between them.
    for body in (good[2], "poison", good[0], good[1], good[2], good[0]):
        impatient.send_message(QueueUrl=queue, MessageBody=body)
    letters = wait_for_dead(stack, 1)
    api.wait_for_recorder()

    assert [letter["is_delivery"] for letter in letters] == [False]
    assert sorted(call["call_id"] for call in api.data()) == ["call-1", "call-2", "call-3"]
    assert {call["records"] for call in api.data()} == {2}

    impatient.send_message(QueueUrl=dead_queue, MessageBody=messages_of(api, "call-4")[0])
    printed = stack.pivot_debug("dlq", "redrive")
    api.wait_for_recorder()

    assert printed == "1 messages given back to the recorder\n"
    assert len(api.data("call-4")) == 2
    assert [letter["is_delivery"] for letter in dead(stack)] == [False]
    impatient.purge_queue(QueueUrl=dead_queue)
