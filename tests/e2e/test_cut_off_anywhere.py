"""A recorder that dies between any two of its requests, on a DynamoDB that is not moto: whatever happens to the
deliveries, in the end each summary is the fold of all records of its call, and no record is lost or doubled.
"""

import json
import uuid
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from local.stack import LocalStack
from pivot_debug import clock, recording
from pivot_debug.documents import records_of
from pivot_debug.models import Delivery, Source
from pivot_debug.packing import unpack
from pivot_debug.queue import from_message, to_messages
from pivot_debug.store import DebugStore
from pivot_debug.summary import fold
from tests.builders import a_request, a_response

CALLS = ("one", "two#%", "late")
MONTHS = [clock.previous_month(clock.month_of(clock.now_ms())), clock.month_of(clock.now_ms())]
MIDNIGHT = clock.gregorian(clock.month_start(MONTHS[1]))
PARTS = st.tuples(st.sampled_from(CALLS), st.integers(-3, 3), st.integers(1, 2), st.booleans())
"""A document: its call, seconds from midnight, iteration, and whether it is a request."""

_totals: Counter[str] = Counter()


class RecorderDiedError(BaseException):
    """Nothing in the recorder may catch this, as nothing catches the end of a process."""


class Mortal:
    """A DynamoDB client that dies before or after its n-th request."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.dies_at = 0
        self.after = False
        self._sent = 0

    def doom(self, dies_at: int, *, after: bool) -> None:
        self.dies_at, self.after, self._sent = dies_at, after, 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if name not in ("put_item", "update_item", "query"):
            return method

        def call(**request: Any) -> Any:
            self._sent += 1
            if self._sent == self.dies_at and not self.after:
                raise RecorderDiedError
            reply = method(**request)
            if self._sent == self.dies_at:
                raise RecorderDiedError
            return reply

        return call


class Recorder(RuleBasedStateMachine):
    """SQS and its recorders: messages come in any order and grouping, twice, and are cut off."""

    client: Any
    table: str
    waiting = Bundle("waiting")

    def __init__(self) -> None:
        super().__init__()
        self.account = uuid.uuid4().hex
        self.mortal = Mortal(self.client)
        self.store = DebugStore(self.table, self.account, self.mortal)  # type: ignore[arg-type]
        self.undone: list[str] = []
        self.expected: dict[str, set[str]] = {}

    @initialize(target=waiting, parts=st.lists(PARTS, min_size=4, max_size=9))
    def begin(self, parts: list[tuple[str, int, int, bool]]) -> Any:
        _totals["examples"] += 1
        return multiple(*(self.message(*part) for part in parts))

    def message(self, call_id: str, offset: int, iteration: int, is_request: bool) -> str:
        """Ingest puts a document into the queue."""
        created = MIDNIGHT + offset if call_id == "late" else MIDNIGHT + 100 + offset
        make = a_request if is_request else a_response
        document = make(call_id=call_id, created=created, iteration=iteration, pvt_account_id=self.account)
        records = records_of(document, account_id=self.account, source=Source.INGEST, now_ms=clock.now_ms())
        delivery = Delivery(
            account_id=self.account, received_ms=clock.now_ms(), retention_days=30, records=tuple(records)
        )
        (message,) = to_messages(delivery)
        self.undone.append(message)
        self.expected.setdefault(call_id, set()).update(str(record.seq) for record in records)
        return message

    @rule(messages=st.lists(waiting, min_size=1, max_size=4), dies_at=st.integers(1, 6), after=st.booleans())
    def record(self, messages: list[str], dies_at: int, after: bool) -> None:
        """A recorder gets a batch, perhaps of messages that were recorded before, and perhaps dies of it."""
        self.mortal.doom(dies_at, after=after)
        try:
            recording.record([from_message(message) for message in messages], lambda _: self.store)
        except RecorderDiedError:
            # Nobody told SQS that these are done, duplicates among them.
            _totals["deaths"] += 1
            self.undone += [message for message in messages if message not in self.undone]
            return
        finally:
            self.mortal.doom(0, after=False)
        self.undone = [message for message in self.undone if message not in messages]

    @rule()
    def catch_up(self) -> None:
        """SQS delivers again what was not finished, one by one."""
        for message in self.undone:
            recording.record([from_message(message)], lambda _: self.store)
        self.undone = []
        self.all_is_well()

    @invariant()
    def a_summary_never_shows_what_no_record_bears_out(self) -> None:
        for (call_id, month), summary in self.summaries().items():
            assert summary["records"] <= len(self.store.records(month, call_id)), (call_id, month)

    def teardown(self) -> None:
        self.catch_up()

    def all_is_well(self) -> None:
        """Nothing lost, nothing doubled, every summary the fold, every call listed once."""
        found: dict[str, list[str]] = {}
        folds = {}
        for month in MONTHS:
            for call_id in CALLS:
                records = self.store.records(month, call_id)
                found.setdefault(call_id, []).extend(str(record.seq) for record in records)
                if records:
                    folds[call_id, month] = json.loads(json.dumps(fold(call_id, month, records).document))
        assert {call_id: sorted(seqs) for call_id, seqs in found.items() if seqs} == {
            call_id: sorted(seqs) for call_id, seqs in self.expected.items()
        }
        assert self.summaries() == folds
        assert Counter(call_id for call_id, _ in folds) == Counter(self.expected.keys())
        _totals["checks"] += 1

    def summaries(self) -> dict[tuple[str, str], dict[str, Any]]:
        rows = {(call_id, month): self.store.summary(month, call_id) for month in MONTHS for call_id in CALLS}
        return {key: unpack(row.packed) for key, row in rows.items() if row and not row.has_moved}


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_a_recorder_that_dies_anywhere_leaves_nothing_that_redelivery_does_not_mend(stack: LocalStack) -> None:
    Recorder.client = stack.client("dynamodb")
    Recorder.table = stack.outputs["DebugTable"]

    run_state_machine_as_test(
        Recorder,
        settings=settings(
            max_examples=30,
            stateful_step_count=8,
            deadline=None,
            phases=(Phase.generate,),  # to shrink a failure would take an hour
            suppress_health_check=list(HealthCheck),
        ),
    )

    print(f"\nrecorder cut off: {dict(_totals)}")
    # Hypothesis chooses what happens; far below what it comes to, and enough to know that deaths were tried.
    assert _totals["deaths"] >= 5
    assert _totals["checks"] >= 20
