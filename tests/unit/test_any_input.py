"""Whatever a client sends as a document or an answer: it is refused with a reason, or what is made of it is sound."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.bodies import ITEM_CAP
from pivot_debug.documents import KazooDocument, records_of
from pivot_debug.errors import InvalidRequestError
from pivot_debug.models import Source, StoredRecord
from pivot_debug.packing import unpack
from pivot_debug.summary import fold
from pivot_debug.validation import AnswerToCheck, validate
from tests.builders import ACCOUNT, CALL, CREATED, NOW_MS, a_request, a_response
from tests.described import document, validator

moderately = settings(max_examples=150, deadline=None)

SCHEMAS = document()["components"]["schemas"]
FAULTS, RECORD, CALL_OF_LIST, CHECKED = (validator(SCHEMAS[name]) for name in ("Faults", "Record", "Call", "Checked"))
# What only the call or the service knows of a record.
HEAD = {"call_id": CALL, "debug_id": f"202403-{CALL}", "seq": 1, "attempt": 1}

TEXTS = st.text(max_size=12) | st.sampled_from(["", "200", "\x00", "\ud800", "voice", "cdr", "request", CALL, "{}"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *KazooDocument.model_fields,
        *("_id", "pvt_created", "pvt_node", "pvt_type", "pvt_account_id", "pvt_account_db", "pvt_deleted", "doc"),
        *("type", "source", "seq", "attempt", "debug_id", "findings", "status_code", "has_json_errors"),
    ]
)
MADE = st.sampled_from([a_request(), a_response(), {"call_id": CALL, "created": CREATED, "uri": "x"}, {}])
DOCUMENTS = st.builds(lambda made, changes: made | changes, MADE, st.dictionaries(NAMES | TEXTS, JSON, max_size=4))


def outcome_of(attempt: Callable[[], Any]) -> tuple[Any, Any]:
    """What came of it, and the faults that it was refused for; one of them is None."""
    try:
        return attempt(), None
    except InvalidRequestError as error:
        return None, error.errors


@given(DOCUMENTS | JSON)
@moderately
def test_a_document_is_refused_with_a_reason_or_becomes_records_that_can_be_shown(sent: Any) -> None:
    # As it comes over HTTP: half a surrogate pair is possible, an infinite number is not.
    received = json.loads(json.dumps(sent))

    records, faults = outcome_of(lambda: records_of(received, account_id=ACCOUNT, source=Source.INGEST, now_ms=NOW_MS))

    assert (records is None) is bool(faults)
    assert faults is None or FAULTS.is_valid(faults)
    for record in records or ():
        assert len(record.packed) <= ITEM_CAP
        assert [fault.message for fault in RECORD.iter_errors(HEAD | unpack(record.packed))] == []
    if records:
        stored = [StoredRecord(record.seq, record.packed, NOW_MS // 1000) for record in records]
        listed = fold(records[0].call_id, "202403", stored).document
        assert [fault.message for fault in CALL_OF_LIST.iter_errors(listed)] == []


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "body": TEXTS | JSON.map(json.dumps) | st.sampled_from(['{"module":"menu"}', "<Response><Say/></Response>"]),
        "content_type": st.none() | TEXTS | st.sampled_from(["text/xml", "application/json"]),
        "status": st.integers(-1, 700) | JSON,
    },
)


@given(ANSWERS | st.dictionaries(st.sampled_from([*AnswerToCheck.model_fields, "more"]), JSON, max_size=3) | JSON)
@moderately
def test_an_answer_to_check_is_refused_with_a_reason_or_judged(sent: Any) -> None:
    judged, faults = outcome_of(lambda: validate(json.dumps({"data": sent})))

    assert (judged is None) is bool(faults)
    assert faults is None or FAULTS.is_valid(faults)
    assert judged is None or [fault.message for fault in CHECKED.iter_errors(json.loads(json.dumps(judged)))] == []


@given(st.text(max_size=40) | JSON.map(json.dumps) | st.sampled_from(["", "{", '{"data":', "[" * 5000, "NaN"]))
@moderately
def test_a_body_that_is_no_request_is_refused_with_a_reason(body: str) -> None:
    judged, faults = outcome_of(lambda: validate(body))

    assert judged is None
    assert FAULTS.is_valid(faults)
