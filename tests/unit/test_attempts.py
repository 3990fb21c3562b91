"""Which records belong to the same HTTP exchange."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.attempts import KAZOO_TIMEOUT_MS, Attempt, AttemptNumbering, attempts_of
from pivot_debug.keys import Seq
from pivot_debug.models import Document, RecordType
from pivot_debug.ranks import BODY_HALF, is_cdr, type_of

moderately = settings(max_examples=80, deadline=None)

REQUEST, RESPONSE, BODY, TRANSPORT, JSON, SCHEMA, TWIML = 10, 20, BODY_HALF, 30, 40, 50, 60
CDR_REQUEST, CDR_RESPONSE, CDR_TRANSPORT = 15, 22, 32
CLOSING = {RESPONSE, TRANSPORT, CDR_RESPONSE, CDR_TRANSPORT}

SEQS = st.builds(
    lambda ms, iteration, rank, identity: Seq.of(ms=ms, iteration=iteration, rank=rank, identity=identity),
    st.integers(0, 20_000) | st.integers(0, 20).map(lambda seconds: seconds * 1000),
    st.integers(0, 3) | st.just(1),
    st.sampled_from(
        [REQUEST, RESPONSE, BODY, TRANSPORT, JSON, SCHEMA, TWIML, CDR_REQUEST, CDR_RESPONSE, CDR_TRANSPORT]
    ),
    st.text("abc", max_size=2),
)
CALLS = st.lists(SEQS, max_size=25, unique=True).map(sorted)


def a_seq(ms: int, rank: int, *, iteration: int = 1, identity: str = "x") -> Seq:
    return Seq.of(ms=ms, iteration=iteration, rank=rank, identity=identity)


def numbers(*records: tuple[int, int] | tuple[int, int, int]) -> list[int]:
    """The attempt of each (second, rank[, iteration])."""
    numbering = AttemptNumbering()
    return [
        numbering.number(a_seq(second * 1000, *rest[:1], iteration=rest[1] if rest[1:] else 1))
        for second, *rest in records
    ]


def attempts(*records: tuple[int, int, Document]) -> list[Attempt]:
    """The attempts of records given as (second, rank, document)."""
    return attempts_of([(a_seq(second * 1000, rank), document) for second, rank, document in records])


def test_a_request_and_its_response_are_one_attempt() -> None:
    assert numbers((0, REQUEST), (1, RESPONSE)) == [1, 1]


def test_steps_of_a_call_are_numbered_in_order_though_kazoo_counts_them_all_as_the_first() -> None:
    assert numbers((0, REQUEST), (1, RESPONSE), (2, REQUEST), (3, RESPONSE)) == [1, 1, 2, 2]


def test_two_steps_within_one_second_are_told_apart() -> None:
    assert numbers((5, REQUEST), (5, REQUEST), (5, RESPONSE), (5, RESPONSE)) == [1, 2, 1, 2]


def test_the_second_of_two_steps_within_one_second_may_end_later() -> None:
    assert numbers((5, REQUEST), (5, REQUEST), (5, RESPONSE), (6, RESPONSE)) == [1, 2, 1, 2]


def test_a_response_belongs_to_the_newest_open_request() -> None:
    assert numbers((0, REQUEST), (3, REQUEST), (4, RESPONSE)) == [1, 2, 2]


def test_a_request_that_timed_out_does_not_steal_the_response_of_the_next_step() -> None:
    assert KAZOO_TIMEOUT_MS == 5000
    assert numbers((0, REQUEST), (5, REQUEST), (5, RESPONSE)) == [1, 2, 2]


def test_iterations_are_never_mixed_up() -> None:
    assert numbers((0, REQUEST, 1), (0, REQUEST, 2), (1, RESPONSE, 1), (1, RESPONSE, 2)) == [1, 2, 1, 2]
    assert numbers((0, REQUEST, 1), (0, REQUEST, 2), (1, RESPONSE, 2), (2, RESPONSE, 1)) == [1, 2, 2, 1]


def test_a_response_without_a_request_is_an_attempt_of_its_own() -> None:
    assert numbers((0, RESPONSE), (1, REQUEST), (2, RESPONSE)) == [1, 2, 2]


def test_a_second_response_is_another_attempt() -> None:
    assert numbers((0, REQUEST), (1, RESPONSE), (1, RESPONSE)) == [1, 1, 2]


def test_a_transport_error_ends_its_attempt() -> None:
    assert numbers((0, REQUEST), (1, TRANSPORT), (2, REQUEST), (3, RESPONSE)) == [1, 1, 2, 2]


@pytest.mark.parametrize("rank", [JSON, SCHEMA, TWIML])
def test_errors_belong_to_the_attempt_answered_last(rank: int) -> None:
    assert numbers((0, REQUEST), (1, RESPONSE), (1, rank), (2, REQUEST), (3, RESPONSE), (4, rank)) == [1, 1, 1, 2, 2, 2]


def test_errors_do_not_move_to_the_next_request() -> None:
    assert numbers((0, REQUEST), (1, RESPONSE), (2, REQUEST), (2, JSON)) == [1, 1, 2, 1]


def test_errors_without_anything_else_are_an_attempt() -> None:
    # KAZOO stores JSON errors even where debug is off.
    assert numbers((0, JSON)) == [1]


def test_the_three_documents_of_an_attempt_before_2015_are_one_attempt() -> None:
    assert numbers((0, REQUEST), (1, RESPONSE), (1, BODY), (2, REQUEST), (3, RESPONSE), (3, BODY)) == [1, 1, 1, 2, 2, 2]


def test_the_report_at_the_end_of_a_call_is_an_attempt_of_its_own() -> None:
    assert numbers((0, REQUEST), (1, RESPONSE), (9, CDR_REQUEST), (10, RESPONSE)) == [1, 1, 2, 2]


def test_the_answer_to_the_report_is_not_taken_for_one_to_an_open_request() -> None:
    assert numbers((9, REQUEST), (9, CDR_REQUEST), (10, RESPONSE)) == [1, 2, 2]


def test_the_answer_to_the_report_may_come_in_the_same_second() -> None:
    # KAZOO marks no answer as one to a report, so it sorts before the report of its second.
    records = sorted(
        [
            a_seq(0, REQUEST),
            a_seq(1000, RESPONSE),
            a_seq(9000, CDR_REQUEST),
            a_seq(9000, RESPONSE),
        ]
    )

    found = attempts_of([(seq, {}) for seq in records])

    assert [attempt.is_cdr for attempt in found] == [False, True]
    assert found[1].response is not None


@given(CALLS)
@moderately
def test_attempts_are_numbered_from_one_without_a_gap_in_the_order_they_begin(call: list[Seq]) -> None:
    numbering = AttemptNumbering()

    given_numbers = [numbering.number(seq) for seq in call]

    firsts = list(dict.fromkeys(given_numbers))
    assert firsts == list(range(1, len(firsts) + 1))


@given(CALLS)
@moderately
def test_no_attempt_has_two_requests_or_two_ends(call: list[Seq]) -> None:
    numbering = AttemptNumbering()

    placed = [(numbering.number(seq), seq.rank) for seq in call]

    for ranks in ({REQUEST, CDR_REQUEST}, CLOSING):
        owners = [number for number, rank in placed if rank in ranks]
        assert len(owners) == len(set(owners))


@given(CALLS)
@moderately
def test_a_response_never_belongs_to_a_later_request_or_to_another_iteration(call: list[Seq]) -> None:
    numbering = AttemptNumbering()
    asked: dict[int, Seq] = {}

    for seq in call:
        number = numbering.number(seq)
        if seq.rank in (REQUEST, CDR_REQUEST):
            asked[number] = seq
        elif seq.rank in CLOSING and number in asked:
            assert asked[number].iteration == seq.iteration
            assert asked[number] < seq


@given(CALLS, st.integers(0, 25))
@moderately
def test_numbering_resumed_from_its_state_at_any_point_gives_the_same_numbers(call: list[Seq], cut: int) -> None:
    in_one_go = AttemptNumbering()
    expected = [in_one_go.number(seq) for seq in call]
    first = AttemptNumbering()
    begun = [first.number(seq) for seq in call[:cut]]

    resumed = AttemptNumbering.from_json(json.loads(json.dumps(first.as_json())))

    assert begun + [resumed.number(seq) for seq in call[cut:]] == expected


def test_the_state_stays_small_however_many_requests_were_never_answered() -> None:
    numbering = AttemptNumbering()

    for second in range(1000):
        numbering.number(a_seq(second * 10_000, REQUEST))

    assert len(json.dumps(numbering.as_json())) < 1000
    assert numbering.number(a_seq(9_991_000, RESPONSE)) == 1000


@given(CALLS)
@moderately
def test_every_record_is_in_exactly_one_attempt(call: list[Seq]) -> None:
    found = attempts_of([(seq, {str(seq): seq.rank}) for seq in call])

    requests = [attempt.request for attempt in found if attempt.request is not None]
    assert len(requests) == sum(type_of(seq.rank) is RecordType.REQUEST for seq in call)
    responses: dict[str, Any] = {}
    for attempt in found:
        responses |= attempt.response or {}
    assert set(responses) == {str(seq) for seq in call if type_of(seq.rank) is RecordType.RESPONSE}
    assert any(attempt.is_cdr for attempt in found) == any(is_cdr(seq.rank) for seq in call)


def test_an_attempt_takes_the_time_from_its_request_to_its_response() -> None:
    (attempt,) = attempts((10, REQUEST, {}), (12, RESPONSE, {}), (14, JSON, {}))

    assert (attempt.started_ms, attempt.ended_ms, attempt.duration_ms) == (10_000, 12_000, 2000)


def test_an_attempt_without_an_answer_has_no_duration() -> None:
    (attempt,) = attempts((10, REQUEST, {}))

    assert attempt.duration_ms is None
    assert attempt.status_code is None


def test_an_attempt_without_a_request_has_no_duration() -> None:
    (attempt,) = attempts((10, RESPONSE, {"resp_status_code": "200"}))

    assert attempt.duration_ms is None
    assert attempt.status_code == "200"


def test_an_attempt_that_ended_in_a_transport_error_took_until_then() -> None:
    (attempt,) = attempts((10, REQUEST, {}), (15, TRANSPORT, {"transport_error": {}}))

    assert attempt.duration_ms == 5000
    assert attempt.errors == {RecordType.TRANSPORT_ERROR: {"transport_error": {}}}


def test_status_and_body_of_an_attempt_before_2015_are_put_together() -> None:
    (attempt,) = attempts(
        (10, REQUEST, {"uri": "u"}),
        (11, RESPONSE, {"resp_status_code": "200", "resp_headers": {}}),
        (11, BODY, {"resp_body": "x"}),
    )

    assert attempt.response == {"resp_status_code": "200", "resp_headers": {}, "resp_body": "x"}
    assert attempt.request == {"uri": "u"}
