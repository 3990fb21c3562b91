"""The only writer: whatever is delivered, in whatever order, cut off wherever, the table ends up the same."""

import base64
import json
import random
from itertools import count
from typing import Any

import pytest

from functions.ingest import app as ingest
from functions.recorder import app as recorder
from pivot_debug import clock, dynamodb, keys
from pivot_debug.account_store import AccountSettings
from pivot_debug.observability import call_digest
from pivot_debug.packing import unpack
from pivot_debug.summary import fold
from tests.builders import (
    CREATED,
    NOW_MS,
    a_call,
    a_json_error,
    a_record,
    a_request,
    a_response,
    event,
    queue_event,
)
from tests.integration.helpers import (
    Account,
    Document,
    FailingWrite,
    Sent,
    aws_error,
    logged,
    tapped,
)
from tests.integration.service import Service

MIDNIGHT = clock.gregorian(clock.month_start("202403"))
DAY = 86_400


def failures(reply: Document) -> list[str]:
    return [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]


def deliver(messages: list[str]) -> list[str]:
    """Ids of the messages that failed, message-0 for the first."""
    return failures(recorder.handler(queue_event(messages), None))


def redeliver_until_done(messages: list[str]) -> None:
    """What SQS does: a message comes again until it was recorded, at most five times."""
    for _ in range(5):
        failed = deliver(messages)
        messages = [message for n, message in enumerate(messages) if f"message-{n}" in failed]
        if not messages:
            return
    raise AssertionError("a message ends in the dead-letter queue")


def what_clients_see(account: Account, *call_ids: str) -> list[Any]:
    details = [account.listed(call_id=call_id) for call_id in call_ids]
    return [account.listed(), account.listed(query={"has_errors": "true"}), details]


def assert_summaries_are_folds(account: Account) -> None:
    """Each summary in the table is the fold of all live records of its call, and no live call lacks one."""
    items = [
        item
        for item in dynamodb.client().scan(TableName="DebugTable")["Items"]
        if item["pk"]["S"].startswith(account.id) and int(item["expires_at"]["N"]) > NOW_MS // 1000 and "doc" in item
    ]
    summaries = {
        (item["pk"]["S"], item["sk"]["S"]): unpack(item["doc"]["B"])
        for item in items
        if item["sk"]["S"].endswith("#!summary")
    }
    expected = {}
    for partition, sort_key in {(item["pk"]["S"], item["sk"]["S"].rsplit("#", 1)[0]) for item in items}:
        call_id, month = keys.decode_call_id(sort_key), partition.split("#")[1]
        records = account.service.store(account.id).records(month, call_id)
        expected[partition, f"{sort_key}#!summary"] = fold(call_id, month, records).document
    assert summaries == expected


def a_message(account: Account, **changed: Any) -> str:
    """A message of one record, as the ingest makes it."""
    record = a_record(a_request(call_id="one"))
    entry = {"call_id": "one", "seq": str(record.seq), "doc": base64.b64encode(record.packed).decode()}
    content = {"account_id": account.id, "received_ms": NOW_MS, "retention_days": 30, "records": [entry]}
    return json.dumps(content | changed)


# ---------------------------------------------------------------- batches


def test_the_sample_event_is_recorded(deployment: Service) -> None:
    sample = event("queue_batch")

    reply = recorder.handler(sample, None)

    assert reply == {"batchItemFailures": []}
    (call,) = deployment.listed()
    assert (call["call_id"], call["records"]) == ("a7/Fq+Zx9?k@100%.example.com", 2)


def test_an_empty_batch_has_no_failures() -> None:
    assert recorder.handler({"Records": []}, None) == {"batchItemFailures": []}


POISON = {
    "empty": "",
    "no JSON": "poison",
    "no object": "[]",
    "null": "null",
    "no keys": "{}",
    "nested": "[" * 100_000,
    "a time beyond all bounds": '{"account_id":"x","received_ms":1e999,"retention_days":1,"records":[]}',
    "a time that is no number": '{"account_id":"x","received_ms":"now","retention_days":1,"records":[]}',
    "records that are no list": '{"account_id":"x","received_ms":1,"retention_days":1,"records":5}',
}


def poisoned(account: Account, **changed: Any) -> str:
    entry = json.loads(a_message(account))["records"][0] | {"call_id": "poison"} | changed
    return a_message(account, records=[entry])


@pytest.mark.parametrize("name", POISON)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_message_that_is_no_delivery_fails_alone(account: Account, name: str, place: int) -> None:
    messages = [a_message(account), a_message(account)]
    messages.insert(place, POISON[name])

    failed = deliver(messages)

    assert failed == [f"message-{place}"]
    assert account.call_ids() == ["one"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"seq": 5}, id="a place that is a number"),
        pytest.param({"seq": None}, id="no place"),
        pytest.param({"seq": "x"}, id="a place of the wrong form"),
        pytest.param({"seq": "1710278676000.0001.99.b791e38c9641"}, id="an unknown kind"),
        pytest.param({"seq": "99999999999999999.0001.10.b791e38c9641"}, id="a time after the end of time"),
        pytest.param({"seq": "-1710278676000.0001.10.b791e38c9641"}, id="a time before time"),
        pytest.param({"seq": "1710278676000.0001.10.b7#1e38c9641"}, id="a place that breaks out of its key"),
        pytest.param({"doc": "AAAA"}, id="a document that does not unpack"),
        pytest.param({"doc": base64.b64encode(b"{").decode()}, id="a document that is no JSON"),
        pytest.param({"doc": base64.b64encode(b"{}x").decode()}, id="a document with something behind it"),
        pytest.param({"doc": ""}, id="an empty document"),
        pytest.param({"doc": "!"}, id="a document that is no base64"),
        pytest.param({"call_id": 5}, id="a call id that is a number"),
        pytest.param({"call_id": ""}, id="no call id"),
        pytest.param({"call_id": "x" * 2000}, id="a call id too long for a key"),
    ],
)
def test_a_record_that_the_ingest_never_made_fails_alone_and_leaves_nothing_behind(
    account: Account, changed: dict[str, Any]
) -> None:
    messages = [a_message(account), poisoned(account, **changed)]

    failed = deliver(messages)

    assert failed == ["message-1"]
    assert account.call_ids() == ["one"]
    assert account.get(call_id="poison")["statusCode"] == 200


def test_a_record_that_cannot_be_read_does_not_spoil_its_call_for_ever(account: Account) -> None:
    deliver([poisoned(account, doc="AAAA")])

    account.given(a_call(call_id="poison"))

    assert account.listed(call_id="poison")[-1]["type"] == "response"


@pytest.mark.parametrize("account_id", ["", "x", "*", None, "0123456789ABCDEF0123456789ABCDEF", "a#202403"])
def test_a_delivery_for_no_account_fails_alone(account: Account, account_id: str | None) -> None:
    messages = [a_message(account, account_id=account_id), a_message(account)]

    failed = deliver(messages)

    assert failed == ["message-0"]
    assert account.call_ids() == ["one"]


def test_only_the_messages_of_the_account_that_fails_are_reported(account: Account, deployment: Service) -> None:
    lucky, unlucky = account, Account.new(deployment)

    def refuse(sent: Sent) -> None:
        if sent.partition.startswith(unlucky.id):
            raise aws_error("ProvisionedThroughputExceededException", sent.operation)

    with tapped(dynamodb.client(), refuse):
        failed = deliver([a_message(unlucky), a_message(lucky), a_message(unlucky), a_message(lucky)])

    assert failed == ["message-0", "message-2"]
    assert (lucky.call_ids(), unlucky.call_ids()) == (["one"], [])


def test_a_call_that_fails_does_not_keep_the_others_of_its_message_from_being_stored(account: Account) -> None:
    messages = account.messages([a_request(call_id=call_id) for call_id in ("good-1", "bad", "good-2")])

    def refuse(sent: Sent) -> None:
        if sent.body.get("Item", {}).get("sk", {}).get("S", "").startswith("bad#"):
            raise aws_error("ValidationException", sent.operation)

    with tapped(dynamodb.client(), refuse):
        failed = deliver(messages)

    assert failed == ["message-0"]
    assert account.call_ids() == ["good-2", "good-1"]


def test_a_whole_batch_fails_where_the_table_does_not_answer_and_succeeds_when_it_does(account: Account) -> None:
    messages = [a_message(account), a_message(account)]

    def refuse(sent: Sent) -> None:
        raise aws_error("ThrottlingException", sent.operation)

    with tapped(dynamodb.client(), refuse):
        failed = deliver(messages)

    assert failed == ["message-0", "message-1"]
    assert deliver(messages) == []
    assert account.listed()[0]["records"] == 1


def test_what_there_is_no_time_for_is_reported_and_what_was_stored_is_not(account: Account) -> None:
    messages = [a_message(account), a_message(account), a_message(account)]

    class Context:
        left = iter((50_000, 30_000, 15_000))

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left)

    def refuse_once(sent: Sent, done: list[Sent] = []) -> None:  # noqa: B006 - remembers
        done.append(sent)
        if len(done) == 1:
            raise aws_error("ThrottlingException", sent.operation)

    with tapped(dynamodb.client(), refuse_once):
        failed = failures(recorder.handler(queue_event(messages), Context()))

    assert failed == ["message-2"]


def test_what_failed_is_in_the_log_with_its_cause(account: Account) -> None:
    def refuse(sent: Sent) -> None:
        raise aws_error("ThrottlingException", sent.operation, "canary-71b")

    with logged() as log, tapped(dynamodb.client(), refuse):
        deliver([a_message(account)])

    assert "canary-71b" in log.getvalue()


def test_a_call_beside_one_that_fails_is_told_with_its_verdict(account: Account) -> None:
    messages = [*account.messages(a_call(call_id="good")), *account.messages(a_call(call_id="unlucky"))]

    def refuse(sent: Sent) -> None:
        if "unlucky" in json.dumps(sent.body):
            raise RuntimeError

    with logged() as log, tapped(dynamodb.client(), refuse):
        failed = deliver(messages)

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    recorded = [(line["call"], line["stored"], line.get("verdict")) for line in lines if line["message"] == "recorded"]
    (lost,) = [line for line in lines if line["message"] == "not recorded"]
    assert recorded == [(call_digest("good"), 2, "ok"), (call_digest("good"), 0, None)]
    assert (failed, lost["message_id"], lost["calls"]) == (["message-1"], "message-1", call_digest("unlucky"))
    assert lost["account"] == account.id


def test_a_call_is_folded_once_a_batch_however_many_messages_bring_its_records(account: Account) -> None:
    messages = [
        message
        for n in range(5)
        for message in account.messages(a_call(call_id="one", created=CREATED + 10 * n) + a_call(call_id=f"call-{n}"))
    ]
    sent: list[Sent] = []

    with tapped(dynamodb.client(), sent.append):
        failed = deliver(messages)

    folded = [one.body["Item"]["sk"]["S"] for one in sent if one.is_summary]
    assert failed == []
    assert sorted(folded) == ["call-0#!summary", *(f"call-{n}#!summary" for n in range(1, 5)), "one#!summary"]


def test_the_recorder_touches_nothing_but_the_partitions_of_the_deliverys_account(account: Account) -> None:
    messages = account.messages([a_request(created=MIDNIGHT - 1), a_response(created=MIDNIGHT)])
    sent: list[Sent] = []

    with tapped(dynamodb.client(), sent.append):
        deliver(messages)

    assert {one.partition for one in sent} == {f"{account.id}#202402", f"{account.id}#202403"}
    assert {one.operation for one in sent} == {"PutItem", "Query", "UpdateItem"}


# ---------------------------------------------------------------- order


def test_a_late_record_that_is_earlier_moves_the_call_in_the_list(account: Account) -> None:
    account.given([a_response(call_id="first", created=CREATED + 50), a_request(call_id="second", created=CREATED + 9)])
    assert account.call_ids() == ["first", "second"]

    account.given([a_request(call_id="first", created=CREATED)])

    assert account.call_ids() == ["second", "first"]
    assert account.listed()[1]["created"] == CREATED


def test_a_late_success_takes_a_call_off_the_list_of_failed_ones(account: Account) -> None:
    account.given([a_request(call_id="one")])
    assert account.call_ids(has_errors="true") == ["one"]

    account.given([a_response(call_id="one", created=CREATED + 1)])

    assert (account.call_ids(has_errors="true"), account.call_ids()) == ([], ["one"])


@pytest.mark.parametrize("seed", range(4))
def test_records_in_any_order_and_grouping_give_the_same_answers(account: Account, seed: int) -> None:
    documents = [
        *a_call(call_id="one", status="500"),
        *a_call(call_id="one", created=CREATED + 20),
        a_json_error(call_id="one", created=CREATED + 21),
        a_request(call_id="late", created=MIDNIGHT - 2),
        a_response(call_id="late", created=MIDNIGHT - 1),
        a_request(call_id="late", created=MIDNIGHT + 1, iteration=2),
        a_response(call_id="late", created=MIDNIGHT + 2, iteration=2),
    ]
    account.given(documents)
    in_order = what_clients_see(account, "one", "late")
    account.forget()
    shuffled = random.Random(seed)
    shuffled.shuffle(documents)
    cut = shuffled.randrange(1, len(documents))

    for part in (documents[:cut], documents[cut:], documents[: cut // 2]):
        account.given(part)

    assert what_clients_see(account, "one", "late") == in_order
    assert_summaries_are_folds(account)


# ---------------------------------------------------------------- cut off between any two writes


@pytest.mark.parametrize(("moment", "redelivery"), [("before-send", "last"), ("after-call", "at once")])
@pytest.mark.parametrize(
    "batches",
    [
        pytest.param([[*a_call(call_id="one", status="500"), *a_call(call_id="two")]], id="two calls"),
        pytest.param([[a_request(call_id="one")], [a_response(call_id="one", created=CREATED + 1)]], id="two batches"),
        pytest.param(
            [[a_request(call_id="late", created=MIDNIGHT - 1)], [a_response(call_id="late", created=MIDNIGHT)]],
            id="midnight",
        ),
        pytest.param(
            [[a_response(call_id="late", created=MIDNIGHT)], [a_request(call_id="late", created=MIDNIGHT - 1)]],
            id="midnight, the second half first",
        ),
        pytest.param(
            [[a_response(call_id="late", created=MIDNIGHT), a_request(call_id="late", created=MIDNIGHT - 1)]],
            id="midnight in one batch",
        ),
        pytest.param(
            [
                [a_response(call_id="late", created=MIDNIGHT + 5)],
                [a_request(call_id="late", created=MIDNIGHT - 5)],
                [a_request(call_id="late", created=MIDNIGHT + 10)],
            ],
            id="midnight, and a step after the call moved",
        ),
    ],
)
def test_redelivery_repairs_a_delivery_that_was_cut_off_at_any_write(
    account: Account, batches: list[list[Document]], moment: str, redelivery: str
) -> None:
    call_ids = sorted({document["call_id"] for batch in batches for document in batch})
    messages = [account.messages(batch) for batch in batches]
    assert [deliver(batch) for batch in messages] == [[]] * len(batches)
    undisturbed = what_clients_see(account, *call_ids)

    for n in count(1):
        account.forget()
        fault = FailingWrite(n)
        pending: list[str] = []
        with tapped(dynamodb.client(), fault, moment=moment):
            for batch in messages:
                failed = deliver(batch)
                pending += [message for at, message in enumerate(batch) if f"message-{at}" in failed]
                if redelivery == "at once":
                    redeliver_until_done(pending)
                    pending = []
        redeliver_until_done(pending)

        assert what_clients_see(account, *call_ids) == undisturbed, f"write {n} failed"
        assert_summaries_are_folds(account)
        if not fault.has_failed:
            break

    assert n > sum(map(len, batches))


# ---------------------------------------------------------------- two recorders at once


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        pytest.param([a_request()], [a_response(created=CREATED + 1)], id="halves"),
        pytest.param(a_call(), a_call(created=CREATED + 9), id="steps"),
        pytest.param([a_request()], [a_request()], id="the same record"),
        pytest.param([a_request(created=MIDNIGHT - 1)], [a_response(created=MIDNIGHT)], id="midnight"),
        pytest.param([a_response(created=MIDNIGHT)], [a_request(created=MIDNIGHT - 1)], id="midnight backwards"),
        pytest.param(
            [a_response(created=MIDNIGHT), a_request(created=MIDNIGHT + 5, iteration=2)],
            [a_request(created=MIDNIGHT - 1)],
            id="midnight with two records to move",
        ),
    ],
)
def test_a_recorder_that_another_overtakes_at_any_request_leaves_the_fold_of_all_records(
    account: Account, mine: list[Document], other: list[Document]
) -> None:
    messages, others = account.messages(mine), account.messages(other)
    deliver(messages + others)
    undisturbed = what_clients_see(account, mine[0]["call_id"])

    for n in count(1):
        account.forget()
        overtaken_at = Overtaking(n, others)
        with tapped(dynamodb.client(), overtaken_at):
            assert deliver(messages) == []
        if not overtaken_at.done:
            break

        assert what_clients_see(account, mine[0]["call_id"]) == undisturbed, f"request {n}"
        assert_summaries_are_folds(account)

    assert n > 3


class Overtaking:
    """A tap that lets a second recorder do all of its work in front of the n-th request of the first."""

    def __init__(self, n: int, messages: list[str]) -> None:
        self._left = n
        self._messages = messages
        self.done = False

    def __call__(self, _: Sent) -> None:
        self._left -= 1
        if self._left == 0:
            assert deliver(self._messages) == []
            self.done = True


# ---------------------------------------------------------------- calls at the end of a month


@pytest.mark.parametrize("month", ["202401", "202403"])
@pytest.mark.parametrize("seconds", [0, DAY - 1])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_call_belongs_to_the_month_it_began_in_for_a_day(
    account: Account, month: str, seconds: int, *, reverse: bool
) -> None:
    midnight = clock.gregorian(clock.month_start(month))
    halves = [a_request(call_id="late", created=midnight - 1), a_response(call_id="late", created=midnight + seconds)]

    for half in reversed(halves) if reverse else halves:
        account.given([half])

    records = account.listed(call_id="late")
    assert [record["debug_id"] for record in records] == [f"{clock.previous_month(month)}-late"] * 2
    assert [record["attempt"] for record in records] == [1, 1] if seconds < 5 else [1, 2]


def test_two_calls_of_one_platform_second_at_midnight_stay_two(account: Account) -> None:
    account.given([a_request(call_id=f"call-{n}", created=MIDNIGHT - n) for n in range(2)])

    assert [call["debug_id"] for call in account.listed()] == ["202403-call-0", "202402-call-1"]


def test_a_call_that_moved_is_listed_once_in_its_new_month(account: Account) -> None:
    account.given(a_call(call_id="late", created=MIDNIGHT + 1, status="500"))
    account.given([a_request(call_id="late", created=MIDNIGHT - 1)])

    assert [call["debug_id"] for call in account.listed()] == ["202402-late"]
    assert [call["debug_id"] for call in account.listed(query={"has_errors": "true"})] == ["202402-late"]


def test_a_call_that_is_being_moved_is_out_of_sight_at_no_moment(account: Account) -> None:
    account.given([a_response(call_id="late", created=MIDNIGHT + n, _id=f"answer-{n}") for n in range(3)])
    messages = account.messages([a_request(call_id="late", created=MIDNIGHT - 1)])
    looks = Looks(account, "late")

    with tapped(dynamodb.client(), looks):
        failed = deliver(messages)

    assert failed == []
    assert len(looks.listed) > 5
    assert min(looks.listed) >= 1
    assert min(looks.records) >= 3


class Looks:
    """A tap that reads the list and a call in front of every request of the recorder."""

    def __init__(self, account: Account, call_id: str) -> None:
        self._account = account
        self._call_id = call_id
        self._is_looking = False
        self.listed: list[int] = []
        self.records: list[int] = []

    def __call__(self, _: Sent) -> None:
        if self._is_looking:
            return
        self._is_looking = True
        self.listed.append(self._account.call_ids().count(self._call_id))
        self.records.append(len(self._account.listed(call_id=self._call_id)))
        self._is_looking = False


# ---------------------------------------------------------------- what a summary must survive


def test_a_summary_still_follows_when_older_records_of_its_call_have_expired(
    account: Account, deployment: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days, document in ((1, a_request(call_id="one")), (30, a_response(call_id="one", created=CREATED + 1))):
        deployment.accounts().save(account.id, AccountSettings(retention_days=days))
        ingest.settings_in_period.cache_clear()
        account.given([document])
    monkeypatch.setattr("pivot_debug.store._now", lambda: str(NOW_MS // 1000 + 2 * DAY))

    account.given([a_json_error(call_id="one", created=CREATED + 2)])

    (call,) = account.listed()
    assert len(account.listed(call_id="one")) == 2
    assert (call["records"], call["has_json_errors"]) == (2, True)


def test_records_that_fit_into_items_one_by_one_have_a_summary_that_does_too(account: Account) -> None:
    long = [base64.b64encode(random.Random(n).randbytes(330_000)).decode() for n in range(2)]
    first = a_response(call_id="one", pvt_node=long[0])
    second = a_request(call_id="one", created=CREATED + 1, uri=f"https://a.example/?Caller-ID-Number={long[1]}")
    account.put([account.own(first), account.own({**second, "pvt_node": None})])

    failed = account.service.record_queue()

    assert failed == []
