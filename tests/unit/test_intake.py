"""The ingest body: every document is accepted or refused, and nothing a client sends is a crash."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pivot_debug.errors import InvalidRequestError, ValidationErrors
from pivot_debug.intake import MAX_DOCUMENTS, Intake, take_in
from pivot_debug.models import Record, StoredRecord
from pivot_debug.packing import unpack, unpack_text
from pivot_debug.summary import fold
from tests.builders import ACCOUNT, CALL, NOW_MS, OTHER_ACCOUNT, a_call, a_json_error, a_request, a_response

moderately = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
FIELDS = st.sampled_from(
    """
    _id id call_id iteration created created_ms pvt_created pvt_account_id pvt_account_db pvt_type pvt_deleted pvt_node
    node kind type source doc uri method req_headers req_body resp_status_code resp_headers resp_body json_errors
    schema_errors twiml_errors transport_error redacted truncated original_size sha256 derived_from hops
    extra model_dump __dict__ __pydantic_extra__
    """.split()  # noqa: SIM905 - a list of 38 would fill the page
)
# A value that fits many fields in form and few in content.
LIKELY = (
    JSON
    | st.sampled_from([0, 1, -1, 10**30, "", "x", "200", 200, "post", "\ud800", ACCOUNT, OTHER_ACCOUNT])
    | st.sampled_from(
        [
            {"a": "b"},
            {"Cookie": ["a", 1]},
            {"x": None},
            ["uri.token", 5],
            [["c", "m", {"f": {}}]],
            [[]],
            {"before": "\ud800"},
        ]
    )
)
NEAR_DOCUMENTS = st.builds(
    lambda document, changes: document | changes,
    st.sampled_from([a_request(), a_response(), a_json_error(), {}]),
    st.dictionaries(FIELDS, LIKELY, max_size=4),
)


def taken(body: Any) -> Intake:
    return take_in(body if isinstance(body, str) else json.dumps(body), ACCOUNT, NOW_MS)


def refusal(body: Any) -> ValidationErrors:
    with pytest.raises(InvalidRequestError) as caught:
        taken(body)
    return caught.value.errors


def deeply(depth: int, opening: str = "[", closing: str = "]") -> str:
    """A request document with a value nested *depth* levels."""
    return json.dumps({"data": a_request(extra="@")}).replace('"@"', opening * depth + "1" + closing * depth)


def folded_deep_in_the_stack(record: Record, frames: int = 40) -> dict[str, Any]:
    """The summary of the call, made by a caller that stands some frames deeper than the one that took it in."""
    if frames:
        return folded_deep_in_the_stack(record, frames - 1)
    return fold(record.call_id, "202403", [StoredRecord(record.seq, record.packed, 1)]).document


# ---------------------------------------------------------------- the body


@pytest.mark.parametrize(
    "body", ["", " ", "{", "{'data':[]}", "data", '{"data":[],}', '{"data":[]} x', "\ufeff{}", "\0"]
)
def test_what_is_no_json_is_refused_as_kazoo_refuses_it(body: str) -> None:
    assert refusal(body) == {"json": {"invalid": {"message": "not valid JSON", "target": "body"}}}


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_takes_for_json_is_refused(constant: str) -> None:
    assert "json" in refusal(f'{{"data":{{"x":{constant}}}}}')


@pytest.mark.parametrize("body", [None, [], [a_request()], "x", 5, {}, {"documents": []}, a_request()])
def test_a_body_without_data_is_refused(body: Any) -> None:
    assert "required" in refusal(json.dumps(body))["data"]


def test_one_document_needs_no_list() -> None:
    assert taken({"data": a_request()}) == taken({"data": [a_request()]})


def test_each_document_is_accepted_or_refused_by_itself() -> None:
    intake = taken({"data": [a_request(), a_request(call_id=""), a_response(), 5]})

    assert list(intake.accepted) == [0, 2]
    assert list(intake.rejected) == [1, 3]


def test_the_report_names_what_was_accepted_and_why_the_rest_was_not() -> None:
    report = taken({"data": [a_request(), a_request(call_id="")]}).report()

    assert report["accepted"] == [{"index": 0, "call_id": CALL}]
    (rejected,) = report["rejected"]
    assert rejected["index"] == 1
    assert set(rejected["errors"]["call_id"]) == {"minLength"}


def test_where_nothing_is_acceptable_every_fault_is_named_by_index_and_field() -> None:
    intake = taken({"data": [a_request(call_id="", iteration=-1), 5]})

    assert set(intake.all_errors()) == {"0.call_id", "0.iteration", "1.document"}


@pytest.mark.parametrize(
    ("source", "expected"), [("import", "import"), ("relay", "ingest"), (None, "ingest"), ([], "ingest")]
)
def test_only_a_dump_may_say_where_it_comes_from(source: Any, expected: str) -> None:
    intake = taken({"data": a_request(), "source": source})

    assert unpack(intake.accepted[0][0].packed)["source"] == expected


def test_a_header_that_is_repeated_keeps_all_its_values() -> None:
    body = json.dumps({"data": a_response(resp_headers="@")}).replace('"@"', '{"via":"a","x":"y","via":"b","via":"c"}')

    assert unpack(taken(body).accepted[0][0].packed)["resp_headers"] == {"via": ["a", "b", "c"], "x": "y"}


def test_documents_of_another_account_are_refused_among_ones_own() -> None:
    intake = taken({"data": [*a_call(), a_request(pvt_account_id=OTHER_ACCOUNT)]})

    assert list(intake.rejected) == [2]


# ---------------------------------------------------------------- never a crash


@given(JSON)
@moderately
def test_arbitrary_json_is_refused_or_each_of_its_documents_is_judged(value: Any) -> None:
    try:
        intake = taken({"data": value})
    except InvalidRequestError:
        return

    documents = value if isinstance(value, list) else [value]
    assert sorted([*intake.accepted, *intake.rejected]) == list(range(len(documents)))


@given(st.lists(NEAR_DOCUMENTS, max_size=3))
@moderately
def test_every_near_document_is_either_accepted_or_rejected(documents: list[dict[str, Any]]) -> None:
    intake = taken({"data": documents})

    assert sorted([*intake.accepted, *intake.rejected]) == list(range(len(documents)))
    assert json.loads(json.dumps(intake.report()))
    assert all(intake.rejected.values())


@given(NEAR_DOCUMENTS)
@moderately
def test_whatever_is_accepted_can_be_folded(document: dict[str, Any]) -> None:
    intake = taken({"data": [document]})

    for record in intake.records():
        summary = fold(record.call_id, "202403", [StoredRecord(record.seq, record.packed, 1)])
        assert summary.records == 1


@given(st.text(st.characters(exclude_categories=())) | st.text('{}[]",:datanul1e9 ', max_size=40))
@moderately
def test_arbitrary_text_is_refused_and_never_a_crash(body: str) -> None:
    try:
        intake = taken(body)
    except InvalidRequestError as error:
        assert error.errors  # noqa: PT017 - text that happens to be a good body is fine too
    else:
        assert isinstance(intake, Intake)


@pytest.mark.parametrize(
    "document",
    [
        a_json_error(json_errors={"message": "invalid JSON", "before": "\ud800", "after": ""}),
        a_json_error(json_errors={"message": "invalid JSON", "before": "", "after": "\udfff"}),
        a_response(resp_body="\ud800" * 70_000),
        a_request(req_body="\ud800" * 70_000),
    ],
    ids=["before an error", "after an error", "large response", "large request"],
)
def test_half_a_surrogate_pair_is_kept_or_refused_and_never_a_crash(document: dict[str, Any]) -> None:
    intake = taken({"data": [document]})

    assert len(intake.accepted) + len(intake.rejected) == 1


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e400"])
@pytest.mark.parametrize("field", ["extra", "req_headers"])
def test_a_number_that_json_cannot_hold_never_gets_into_a_reply(field: str, number: str) -> None:
    # A reply is spliced from stored texts: one "Infinity" makes the whole page unreadable for JavaScript.
    body = json.dumps({"data": a_request() | {field: {"x": "@"}}}).replace('"@"', number)

    try:
        intake = taken(body)
    except InvalidRequestError:
        return

    assert not [record for record in intake.records() if "Infinity" in unpack_text(record.packed)]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_no_depth_of_nesting_is_a_crash(opening: str, closing: str) -> None:
    for depth in [*range(800, 1000), 100_000]:
        try:
            intake = taken(deeply(depth, opening, closing))
        except InvalidRequestError:
            continue
        assert len(intake.accepted) + len(intake.rejected) == 1


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_what_is_not_nested_too_deeply_to_be_accepted_is_not_nested_too_deeply_to_be_folded(
    opening: str, closing: str
) -> None:
    # Else the recorder fails over it again and again, until it lies in the dead-letter queue.
    for depth in range(800, 1000, 5):
        try:
            intake = taken(deeply(depth, opening, closing))
        except (InvalidRequestError, RecursionError):
            return
        for record in intake.records():
            assert folded_deep_in_the_stack(record)["call_id"] == CALL


def test_a_thousand_documents_are_taken_at_once_and_no_more() -> None:
    assert len(taken({"data": [None] * MAX_DOCUMENTS}).rejected) == MAX_DOCUMENTS == 1000
    assert refusal({"data": [None] * (MAX_DOCUMENTS + 1)})["data"]["maxItems"]["target"] == MAX_DOCUMENTS
