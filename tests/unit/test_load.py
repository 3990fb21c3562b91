"""What `make load` proves: its accounts of what was sent, and its reading of times."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cpu_time import CpuSeconds, by_role, parse_time
from local.load import RECORDS_OF_CALL, _documents
from local.load_ledger import Ledger, balance, latency
from pivot_debug import clock
from pivot_debug.documents import records_of
from pivot_debug.models import Source
from tests.builders import ACCOUNT

SENT = st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 5), min_size=1)


def listed(records: dict[str, int]) -> list[dict[str, Any]]:
    return [{"call_id": call_id, "records": number} for call_id, number in records.items()]


@given(SENT)
def test_what_is_listed_as_it_was_sent_is_even(sent: dict[str, int]) -> None:
    assert balance(sent, reversed(listed(sent))).is_even


@given(SENT, st.data())
def test_a_call_that_is_not_listed_is_lost_with_all_its_records(sent: dict[str, int], data: st.DataObject) -> None:
    missing = data.draw(st.sampled_from(sorted(sent)))

    found = balance(sent, [call for call in listed(sent) if call["call_id"] != missing])

    assert (found.lost, found.doubled, found.is_even) == (sent[missing], 0, False)


@given(SENT, st.data())
def test_one_record_too_many_or_too_few_is_seen(sent: dict[str, int], data: st.DataObject) -> None:
    call_id = data.draw(st.sampled_from(sorted(sent)))
    change = data.draw(st.sampled_from([-1, 1]))

    found = balance(sent, listed(sent | {call_id: sent[call_id] + change}))

    assert (found.lost, found.doubled) == ((1, 0) if change < 0 else (0, 1))
    assert not found.is_even


def test_a_call_that_is_listed_twice_and_one_that_nobody_sent_are_seen() -> None:
    assert balance({"a": 2}, listed({"a": 2}) * 2).remarks == ("a is listed 2 times",)
    assert balance({"a": 2}, listed({"a": 2, "b": 1})).doubled == 1


def test_remarks_are_few() -> None:
    assert len(balance({f"call-{n}": 1 for n in range(100)}, []).remarks) == 6


def test_a_ledger_of_several_threads_forgets_nothing() -> None:
    ledger = Ledger()

    with ThreadPoolExecutor(8) as pool:
        for number in range(400):
            pool.submit(ledger.answered, "ingest", float(number), {f"call-{number % 10}": 2})

    assert ledger.records == Counter({f"call-{number}": 80 for number in range(10)})
    assert sorted(ledger.milliseconds["ingest"]) == [float(number) for number in range(400)]


def test_a_call_of_the_load_makes_as_many_records_as_it_counts_on() -> None:
    documents = _documents(ACCOUNT, "ingest-1")

    records = [
        record
        for document in documents
        for record in records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.now_ms())
    ]

    assert len(documents) == len(records) == len({record.seq for record in records}) == RECORDS_OF_CALL


def test_latencies_are_the_middle_and_the_last_hundredth() -> None:
    found = latency([float(number) for number in range(101)])

    assert (found.count, found.median, found.p99) == (101, 50.0, 99.0)
    assert latency([7.0]).p99 == 7.0


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:00:07", 7), ("01:02:03", 3723), ("2-00:00:01", 172_801), ("0:12.34", 12.34)]
)
def test_times_of_linux_and_macos_are_read(text: str, seconds: float) -> None:
    assert parse_time(text) == pytest.approx(seconds)


def test_processor_time_goes_to_whose_it_is() -> None:
    listing = (
        "1 0 00:09:00\n10 1 00:00:01\n11 10 00:00:02\n12 11 00:00:04\n13 12 00:00:08\n14 13 00:00:16\n99 1 00:30:00"
    )

    assert by_role(listing, 10) == CpuSeconds(program=1, ministack=4, functions=24)
