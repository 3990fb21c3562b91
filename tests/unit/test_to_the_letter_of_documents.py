"""What mutation testing showed of documents that no other test held: what a refusal says, and where a record stands."""

from typing import Any

import pytest

from pivot_debug import clock, ranks
from pivot_debug.documents import MAX_DEPTH, records_of
from pivot_debug.errors import InvalidRequestError
from pivot_debug.keys import MAX_CALL_ID_BYTES
from pivot_debug.models import Kind, Record, RecordType, Source
from pivot_debug.packing import unpack
from tests.builders import ACCOUNT, CREATED, NOW_MS, OTHER_ACCOUNT, a_json_error, a_request, a_response


def taken(document: Any) -> Record:
    return records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=NOW_MS)[0]


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def deep(levels: int) -> Any:
    return {"in": deep(levels - 1)} if levels else "bottom"


TOMORROW = clock.gregorian(NOW_MS + clock.DAY_MS)
REFUSALS: list[tuple[str, Any, dict[str, Any]]] = [
    ("document", [], {"type": {"message": "a debug document is an object", "target": "object"}}),
    (
        "document",
        a_request(custom=deep(MAX_DEPTH)),
        {"maxDepth": {"message": f"is nested deeper than {MAX_DEPTH}", "target": MAX_DEPTH}},
    ),
    (
        "pvt_type",
        a_request(pvt_type="cdr"),
        {"enum": {"message": "not a Pivot debug document", "target": ["pivot_debug"]}},
    ),
    (
        "pvt_deleted",
        a_request(pvt_deleted=True),
        {"enum": {"message": "the document was deleted", "target": [False]}},
    ),
    (
        "pvt_account_id",
        a_request(pvt_account_id=OTHER_ACCOUNT),
        {"enum": {"message": "belongs to another account", "target": [ACCOUNT]}},
    ),
    (
        "call_id",
        a_request(call_id="x" * (MAX_CALL_ID_BYTES + 1)),
        {
            "maxLength": {
                "message": f"a call id has at most {MAX_CALL_ID_BYTES} bytes",
                "target": MAX_CALL_ID_BYTES,
            }
        },
    ),
    (
        "created",
        without(a_request(), "created", "pvt_created"),
        {"required": {"message": "when the record was made is missing: created or pvt_created, in Gregorian seconds"}},
    ),
    (
        "created",
        a_request(created=1_710_278_736),
        {
            "minimum": {
                "message": "Gregorian seconds are Unix seconds + 62167219200; this looks like Unix time",
                "target": 62_167_219_200,
                "cause": 1_710_278_736,
            }
        },
    ),
    (
        "created",
        a_request(created=TOMORROW + 1),
        {"maximum": {"message": "lies in the future", "cause": TOMORROW + 1}},
    ),
    (
        "created_ms",
        a_request(created=CREATED, created_ms=NOW_MS - 3_600_000),
        {
            "enum": {
                "message": "is another second than created",
                "cause": NOW_MS - 3_600_000,
                "target": CREATED,
            }
        },
    ),
]


@pytest.mark.parametrize(("field", "document", "expected"), REFUSALS)
def test_a_refused_document_says_what_it_should_be(field: str, document: Any, expected: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        taken(document)

    assert refused.value.errors == {field: expected}


@pytest.mark.parametrize("value", [None, {}, [["nested"]]])
def test_a_header_that_is_no_text_says_so(value: Any) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        taken(a_request(req_headers={"X-Odd": value}))

    assert "a header is a text, or a list of texts" in str(refused.value.errors)


@pytest.mark.parametrize("created", [62_167_219_200, TOMORROW])
def test_the_first_and_the_last_moment_are_moments(created: int) -> None:
    assert unpack(taken(a_request(created=created)).packed)["created"] == created


def test_a_document_with_milliseconds_alone_is_of_their_second() -> None:
    document = without(a_request(created_ms=NOW_MS - 500), "created", "pvt_created")

    record = taken(document)

    assert record.seq.ms == NOW_MS - 500
    assert unpack(record.packed)["created"] == clock.gregorian(NOW_MS - 500)


@pytest.mark.parametrize(
    ("document", "rank"),
    [
        (a_response(), ranks.rank_of(RecordType.RESPONSE, Kind.VOICE)),
        (without(a_response(), "resp_status_code", "resp_headers"), ranks.BODY_HALF),
        (without(a_response(), "resp_status_code"), ranks.rank_of(RecordType.RESPONSE, Kind.VOICE)),
        (without(a_response(), "resp_headers"), ranks.rank_of(RecordType.RESPONSE, Kind.VOICE)),
        (a_json_error(), ranks.rank_of(RecordType.JSON_ERRORS, Kind.VOICE)),
    ],
    ids=["whole", "body alone", "without status", "without headers", "no response"],
)
def test_a_body_that_came_apart_stands_behind_its_other_half(document: dict[str, Any], rank: int) -> None:
    assert taken(document).seq.rank == rank


def test_a_record_stands_in_its_iteration() -> None:
    assert taken(a_request(iteration=7)).seq.iteration == 7


def test_schema_errors_of_a_list_are_merged_field_by_field() -> None:
    errors = [
        ["code", "message", {"data.id": {"required": {"message": "missing"}}}],
        {"data.id": {"type": {"message": "no text"}}, "module": "odd"},
        "plain",
        {"module": {"enum": {"message": "unknown"}}},
    ]
    document = without(a_json_error(), "json_errors") | {"schema_errors": errors}

    assert unpack(taken(document).packed)["schema_errors"] == {
        "data.id": {"required": {"message": "missing"}, "type": {"message": "no text"}},
        "module": {"enum": {"message": "unknown"}},
        "schema": {"error3": {"message": "plain"}},
    }


def test_merging_changes_no_error_that_stands_alone() -> None:
    inner = {"required": {"message": "missing"}}
    first, second = {"data.id": inner}, {"data.id": {"type": {"message": "no text"}}}
    document = without(a_json_error(), "json_errors") | {"schema_errors": [first, second]}

    taken(document)

    assert inner == {"required": {"message": "missing"}}


def test_the_id_that_a_document_gets_goes_by_its_content_in_whatever_order() -> None:
    document = without(a_request(), "id", "_id")
    turned = dict(reversed(document.items()))

    identity = unpack(taken(document).packed)["id"]

    assert len(identity) == 32
    assert unpack(taken(turned).packed)["id"] == identity
    assert unpack(taken(document | {"call_id": "another"}).packed)["id"] != identity
