"""Deliveries on their way through the queue: nothing lost, everything in order, no message too large."""

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.bodies import ITEM_CAP
from pivot_debug.clock import LATEST_MS
from pivot_debug.errors import NotSentError, StoreUnavailableError
from pivot_debug.keys import MAX_CALL_ID_BYTES, Seq
from pivot_debug.models import Delivery, Record
from pivot_debug.queue import MAX_RECORDS, RecordQueue, from_message, to_messages
from tests.builders import ACCOUNT, CALL, NOW_MS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

moderately = settings(max_examples=60, deadline=None)

SQS_LIMIT = 1_048_576


def a_document(size: int) -> bytes:
    """A packed document of so many bytes, 8 at least."""
    return b'{"x":"' + b"0" * (size - 8) + b'"}'


RECORDS = st.builds(
    lambda call_id, ms, rank, packed: Record(call_id, Seq.of(ms=ms, iteration=1, rank=rank, identity=""), packed),
    st.text(min_size=1, max_size=20),
    st.integers(0, LATEST_MS),
    st.sampled_from([10, 15, 20, 22, 25, 30, 32, 40, 50, 60]),
    st.integers(8, 60).map(a_document),
)


def a_record(number: int = 0, *, size: int = 10, call_id: str = CALL) -> Record:
    return Record(call_id, Seq.of(ms=NOW_MS + number, iteration=1, rank=10, identity=""), a_document(max(size, 8)))


def a_delivery(*records: Record) -> Delivery:
    return Delivery(account_id=ACCOUNT, received_ms=NOW_MS, retention_days=30, records=records)


def a_message(**fields: Any) -> str:
    """What ``to_messages`` made, with other values in some fields."""
    return json.dumps(json.loads(next(to_messages(a_delivery(a_record())))) | fields)


def an_entry(**fields: Any) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(a_message())["records"][0]
    return entry | fields


def unpacked(delivery: Delivery) -> list[Record]:
    return [record for message in to_messages(delivery) for record in from_message(message).records]


# ---------------------------------------------------------------- there and back


@given(st.lists(RECORDS, max_size=230), st.integers(0, LATEST_MS), st.integers(1, 400))
@moderately
def test_no_record_is_lost_and_their_order_is_kept(records: list[Record], received_ms: int, days: int) -> None:
    delivery = replace(a_delivery(*records), received_ms=received_ms, retention_days=days)

    messages = list(to_messages(delivery))

    received = [from_message(message) for message in messages]
    assert [record for one in received for record in one.records] == records
    assert {replace(one, records=()) for one in received} <= {replace(delivery, records=())}
    assert all(1 <= len(one.records) <= MAX_RECORDS for one in received)


@given(st.lists(st.integers(0, ITEM_CAP), min_size=1, max_size=8))
@moderately
def test_no_message_is_larger_than_the_queue_takes(sizes: list[int]) -> None:
    delivery = a_delivery(*(a_record(n, size=size, call_id="\0" * MAX_CALL_ID_BYTES) for n, size in enumerate(sizes)))

    messages = list(to_messages(delivery))

    assert max(len(message.encode()) for message in messages) <= SQS_LIMIT
    assert sum(len(from_message(message).records) for message in messages) == len(sizes)


def test_a_delivery_without_records_needs_no_message() -> None:
    assert list(to_messages(a_delivery())) == []


def test_a_message_is_filled_before_the_next_is_begun() -> None:
    delivery = a_delivery(*(a_record(number) for number in range(MAX_RECORDS + 1)))

    assert [len(from_message(message).records) for message in to_messages(delivery)] == [MAX_RECORDS, 1]


def test_two_of_the_largest_records_do_not_share_a_message() -> None:
    delivery = a_delivery(a_record(0, size=ITEM_CAP), a_record(1, size=ITEM_CAP))

    assert len(list(to_messages(delivery))) == 2
    assert unpacked(delivery) == list(delivery.records)


# ---------------------------------------------------------------- what is no delivery


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "null",
        "[]",
        "5",
        "{}",
        a_message(received_ms=None),
        a_message(received_ms="x"),
        a_message(retention_days=[]),
        a_message(records=None),
        a_message(records=5),
        a_message(records=["x"]),
        a_message(records=[None]),
        a_message(records=[{}]),
        a_message(records={"call_id": "x"}),
        a_message(records=[an_entry(seq="x")]),
        a_message(records=[an_entry(doc="é")]),
        a_message(records=[an_entry(doc="A")]),
        a_message(records=[an_entry(doc="A*==")]),
        a_message(records=[an_entry(doc=5)]),
        a_message(records=[an_entry(doc="")]),
        a_message(records=[an_entry(doc=base64.b64encode(b"{").decode())]),
        a_message(records=[an_entry(doc=base64.b64encode(b"no zlib").decode())]),
        a_message(records=[an_entry(doc=base64.b64encode(zlib.compress(b"[]")).decode())]),
        a_message(records=[an_entry(doc=base64.b64encode(zlib.compress(b"5")).decode())]),
        a_message(records=[an_entry(call_id="")]),
        a_message(records=[an_entry(call_id=None)]),
        a_message(records=[an_entry(call_id="x" * 256)]),
        a_message(records=[an_entry(call_id="\ud800")]),
        a_message(account_id="x"),
        a_message(account_id=None),
        a_message(account_id=[ACCOUNT]),
    ],
)
def test_what_is_no_delivery_is_refused(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_message(body)


@pytest.mark.parametrize(
    "body",
    [
        a_message(records=[an_entry(seq=5)]),
        a_message(records=[an_entry(seq=None)]),
        a_message(received_ms=NOW_MS).replace(str(NOW_MS), "1e999", 1),
        "[" * 100_000,
    ],
    ids=["a place that is a number", "no place", "an infinite time", "nested too deeply"],
)
def test_one_bad_message_never_raises_what_would_fail_its_whole_batch(body: str) -> None:
    # The recorder expects these three; anything else brings all ten messages back, again and again.
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_message(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["account_id", "received_ms", "retention_days", "records"]), inner)
        ),
        max_leaves=10,
    )
)
@moderately
def test_arbitrary_json_is_no_delivery(content: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_message(json.dumps(content))


def test_a_record_of_an_unknown_kind_is_refused() -> None:
    # It would fail every fold of its call for ever.
    seq = "1710278676000.0001.99.b791e38c9641"

    with pytest.raises((ValueError, KeyError)):
        from_message(a_message(records=[an_entry(seq=seq)]))


# ---------------------------------------------------------------- sending


class FakeSqs:
    """Takes messages; from the *failing* one on it raises the error."""

    def __init__(self, failing: int = 10**6, error: Exception | None = None) -> None:
        self.bodies: list[str] = []
        self._failing = failing
        self._error = error or RuntimeError()

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - boto3's names
        assert QueueUrl == "https://queue"
        if len(self.bodies) == self._failing:
            raise self._error
        self.bodies.append(MessageBody)

    def queue(self) -> RecordQueue:
        return RecordQueue("https://queue", cast("SQSClient", self))


def test_a_delivery_is_sent_in_as_many_messages_as_it_takes() -> None:
    sqs = FakeSqs()
    delivery = a_delivery(*(a_record(number) for number in range(MAX_RECORDS + 1)))

    assert sqs.queue().send(delivery) == 2
    assert sqs.bodies == list(to_messages(delivery))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage"),
        ReadTimeoutError(endpoint_url="https://queue"),
        ConnectTimeoutError(endpoint_url="https://queue"),
        EndpointConnectionError(endpoint_url="https://queue"),
        ResponseParserError("injected"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(("failing", "left"), [(0, MAX_RECORDS + 1), (1, 1)])
def test_a_queue_that_does_not_answer_is_unavailable_and_the_error_counts_what_is_left(
    error: Exception, failing: int, left: int
) -> None:
    sqs = FakeSqs(failing, error)

    with pytest.raises(StoreUnavailableError) as caught:
        sqs.queue().send(a_delivery(*(a_record(number) for number in range(MAX_RECORDS + 1))))

    assert isinstance(caught.value, NotSentError)
    assert caught.value.records == left


def test_a_document_travels_as_base64_and_is_not_packed_again() -> None:
    record = replace(a_record(), packed=b'{"a":1}')

    (message,) = to_messages(a_delivery(record))

    assert base64.b64decode(json.loads(message)["records"][0]["doc"]) == b'{"a":1}'
