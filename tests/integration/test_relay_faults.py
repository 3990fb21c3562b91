"""The relay under every fault of AWS: KAZOO has the server's answer, and each record is handed on or counted as lost.

A cell is what the relay asks of AWS, a fault, and when it strikes: at the first request, at the second, at all. In each
two calls are relayed while it does, and a third when it is over. Each cell must strike. ``pytest -s`` prints how many
there are.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, NamedTuple

import pytest

from functions.relay import app as relay_app
from pivot_debug import aws_client, clock, dynamodb
from pivot_debug.queue import from_message
from pivot_debug.relay.exchange import MARGIN_MS
from pivot_debug.relay.known_relays import FRESH_SECONDS, KnownRelays
from pivot_debug.relay.model import DEFAULT_TIMEOUT_MS
from tests.builders import NOW_MS, RELAY_ID, RELAY_SECRET, a_relay
from tests.integration.faults import CHANGES, DONE_BUT_NOT_TOLD, EVERY_REQUEST, Fault, injected
from tests.integration.helpers import Account, deployed
from tests.integration.servers import Server, answer, answers, serving
from tests.integration.service import Service
from tests.integration.test_recorder import assert_summaries_are_folds, deliver
from tests.template import resources

pytestmark = pytest.mark.enable_socket

BODY = b'\xef\xbb\xbf{"module":"hangup","data":{}}\x00\xff'
TYPE = 'Application/JSON;Charset="UTF-8" ; x=1'
RECORDS = 2
ATTEMPTS = 3
"""How often botocore sends a request at most: ``dynamodb.TIMEOUTS``."""


class Asked(NamedTuple):
    """What of AWS fails, and whether this process has read the relay's definition before."""

    operation: str
    table: str
    is_known: bool


ASKED = {
    "definition, never read": Asked("GetItem", "RelayTable", is_known=False),
    "definition, read before": Asked("GetItem", "RelayTable", is_known=True),
    "settings": Asked("GetItem", "AccountTable", is_known=True),
    "count": Asked("UpdateItem", "RelayTable", is_known=True),
    "queue": Asked("SendMessage", "", is_known=True),
    "all of AWS, never read": Asked("", "", is_known=False),
    "all of AWS, read before": Asked("", "", is_known=True),
}
CELLS = [
    *product(ASKED, (*EVERY_REQUEST, "access denied"), (1, 2, 0)),
    *product(("count",), CHANGES, (1, 2, 0)),
]
_struck: Counter[str] = Counter()
_survived: Counter[str] = Counter()


@dataclass
class Phone:
    """Calls through the relay of an account, one after the other; time passes as the fault says."""

    account: Account
    fault: Fault
    known: KnownRelays
    capture: pytest.CaptureFixture[str]
    answered: list[str] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    not_wanted: list[str] = field(default_factory=list)
    before_answer: float = 0.0
    seconds: float = 0.0

    def call(self, call_id: str) -> int:
        """The status of what KAZOO gets; ``seconds`` and ``before_answer`` are those of this call."""
        relay_app.settings_in_period.cache_clear()
        started = self.fault.seconds
        self.capture.readouterr()
        reply = self.account.service.called(
            raw_path=f"/{self.account.id}/pvr_{RELAY_ID}_{RELAY_SECRET}/voice/a/voice.php",
            raw_query=f"Call-ID={call_id}",
            request_id=call_id,
            received_ms=clock.now_ms(),
        )
        self.seconds = self.fault.seconds - started
        self.lost[call_id] = records_lost(self.capture.readouterr().out)
        if reply["statusCode"] == 200:
            assert base64.b64decode(reply["body"]) == BODY
            assert reply["headers"]["content-type"] == TYPE
            self.answered.append(call_id)
        return int(reply["statusCode"])


def read_timeout(client: Any) -> float:
    return float(client.meta.config.read_timeout)


def records_lost(printed: str) -> int:
    metrics = [json.loads(line) for line in printed.splitlines() if "RecordsLost" in line]
    return sum(int(metric["RecordsLost"]) for metric in metrics)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELAY_ALLOWED", "127.0.0.0/8")
        yield service
    struck, survived = _struck.total(), _survived.total()
    print(f"\nrelay's fault matrix: {len(CELLS)} cells, {struck} struck, {survived} survived: {dict(_survived)}")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answers(answer(BODY, f"Content-Type: {TYPE}"))) as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh_clients() -> Iterator[None]:
    """botocore gives up earlier once many retries failed: no cell leaves another with less than its allowance."""
    yield
    aws_client.aws_client.cache_clear()
    relay_app.relays.cache_clear()
    relay_app.queue.cache_clear()


@pytest.fixture
def phone(
    account: Account, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Fault], Phone]:
    """A phone on a relay whose definition this process has not read. A definition is never fresh."""
    relay = a_relay(record="next 9 calls", voice_url=f"{server.url}/a/voice.php")
    account.service.relay_store().add(replace(relay, account_id=account.id))

    def made(fault: Fault) -> Phone:
        moments = iter(range(0, 1_000_000, FRESH_SECONDS))
        phone = Phone(account, fault, KnownRelays(relay_app.definition, lambda: float(next(moments))), capsys)
        monkeypatch.setattr(relay_app, "known_relays", lambda: phone.known)
        monkeypatch.setattr(relay_app, "_after_reply", AfterReply(phone))
        monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + round(fault.seconds * 1000))
        return phone

    return made


@dataclass
class AfterReply:
    """Notes how long KAZOO waited. Until then AWS is asked in haste, afterwards with more patience."""

    phone: Phone
    started: float = 0.0

    def run(self, job: Callable[[], None]) -> None:
        fault = self.phone.fault
        self.phone.before_answer = fault.seconds - self.started
        fault.read_timeout = read_timeout(dynamodb.client())
        job()
        fault.read_timeout = read_timeout(dynamodb.quick_client())
        self.started = fault.seconds


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: ", ".join(map(str, cell)))
def test_a_fault_of_aws_costs_no_call_its_answer_and_no_record_silently(
    account: Account, server: Server, phone: Callable[[Fault], Phone], cell: tuple[str, str, int]
) -> None:
    name, kind, which = cell
    asked = ASKED[name]
    fault = Fault(kind, asked.operation, which, read_timeout(dynamodb.quick_client()), table=asked.table)
    line = phone(fault)
    if asked.is_known:
        line.known.find(account.id, RELAY_ID, lambda _: True)

    with injected(fault):
        for call_id in ("one", "two"):
            relay_under_fault(line, asked, call_id)
    assert line.call("three") == 200

    assert fault.hits, "the fault never struck"
    _struck[name] += 1
    assert fault.hits < 2 or which == 0
    if kind == "slow" or (which and kind != "access denied"):
        assert line.answered == ["one", "two", "three"], "botocore's retries should have got over it"
        assert line.lost.total() == 0
    assert len(server.requests) == len(line.answered)
    is_sent_again = kind in DONE_BUT_NOT_TOLD and asked.operation in ("", "SendMessage")
    assert_all_accounted_for(line, may_be_sent_again=is_sent_again)
    _survived[name] += 1


def relay_under_fault(line: Phone, asked: Asked, call_id: str) -> None:
    """The answer, in KAZOO's time; 503 only where the definition was never read. All ends before Lambda ends it."""
    seen, hits = line.fault.seen, line.fault.hits
    was_known = asked.is_known or bool(line.answered)

    status = line.call(call_id)

    has_struck = line.fault.hits > hits
    if has_struck and line.fault.kind == "rival changed it":
        line.not_wanted.append(call_id)
    assert status == 200 or (status == 503 and has_struck and not was_known)
    assert line.before_answer <= (DEFAULT_TIMEOUT_MS - MARGIN_MS) / 1000
    assert line.fault.seen - seen <= ATTEMPTS * (1 if asked.operation else 4)
    kazoo_waits = DEFAULT_TIMEOUT_MS / 1000
    after_answer = line.seconds - line.before_answer
    assert kazoo_waits + after_answer < resources("AWS::Serverless::Function")["RelayFunction"]["Timeout"]


def assert_all_accounted_for(line: Phone, *, may_be_sent_again: bool) -> None:
    """Each record of an answered call was handed on or counted as lost; what came twice is stored once.

    Where somebody has the count begin anew just before a call is counted, that call is none of those that are wanted.
    """
    messages = received(line.account.service)
    copies = Counter(
        (record.call_id, str(record.seq)) for message in messages for record in from_message(message).records
    )
    handed_on = Counter(call_id for call_id, _ in copies)

    for call_id in ("one", "two", "three"):
        expected = RECORDS if call_id in line.answered and call_id not in line.not_wanted else 0
        # Where no reply of the queue ever comes, nobody can know: then they count as lost, and are there.
        is_unknown = may_be_sent_again and line.fault.which == 0 and handed_on[call_id] == RECORDS
        assert handed_on[call_id] + line.lost[call_id] == expected or (
            is_unknown and line.lost[call_id] == RECORDS and call_id != "three"
        )
    assert may_be_sent_again or max(copies.values(), default=1) == 1
    while messages:
        assert deliver(messages[:10]) == []
        del messages[:10]
    assert {call["call_id"]: call["records"] for call in line.account.listed()} == dict(handed_on)
    assert_summaries_are_folds(line.account)


def received(service: Service) -> list[str]:
    messages: list[str] = []
    while batch := service.receive():
        messages += batch
    return messages


def test_a_message_whose_receipt_got_lost_is_sent_twice_and_recorded_once(
    account: Account, phone: Callable[[Fault], Phone]
) -> None:
    """Else the matrix would not have shown that the recorder dedupes."""
    line = phone(Fault("lost response", "SendMessage", 1))

    with injected(line.fault):
        line.call("one")
    messages = received(account.service)

    assert (len(messages), messages[0] == messages[1], line.lost.total()) == (2, True, 0)
    deliver(messages)
    assert [call["records"] for call in account.listed()] == [RECORDS]


def test_three_operations_that_each_answer_at_the_last_attempt_still_end_in_time() -> None:
    timeout = resources("AWS::Serverless::Function")["RelayFunction"]["Timeout"]

    assert DEFAULT_TIMEOUT_MS / 1000 + 3 * ATTEMPTS * read_timeout(dynamodb.client()) < timeout


def test_a_table_that_stays_silent_delays_calls_no_longer_than_kazoo_waits(
    phone: Callable[[Fault], Phone], account: Account
) -> None:
    hasty = read_timeout(dynamodb.quick_client())
    line = phone(Fault("timeout before", "GetItem", 0, hasty, table="RelayTable"))
    line.known.find(account.id, RELAY_ID, lambda _: True)

    with injected(line.fault):
        status = line.call("one")

    assert status == 200
    assert hasty <= line.before_answer < (DEFAULT_TIMEOUT_MS - MARGIN_MS) / 1000
