"""KAZOO's debug documents, of every era, become records."""

import json
from typing import Any

import pytest

from pivot_debug import clock
from pivot_debug.documents import MAX_DEPTH, records_of
from pivot_debug.errors import InvalidRequestError, ValidationErrors
from pivot_debug.keys import MAX_CALL_ID_BYTES
from pivot_debug.models import Record, RecordType, Source
from pivot_debug.packing import unpack
from pivot_debug.ranks import is_cdr, type_of
from pivot_debug.recognition import record_type_of
from tests.builders import ACCOUNT, CALL, CREATED, NOW_MS, OTHER_ACCOUNT, a_json_error, a_request, a_response

CDR_BODY = "Hangup-Cause=NORMAL_CLEARING&Duration-Seconds=12&Call-ID=x"


def taken(document: Any, *, source: Source = Source.INGEST) -> Record:
    """The document's own record."""
    return records_of(document, account_id=ACCOUNT, source=source, now_ms=NOW_MS)[0]


def shown(document: Any) -> dict[str, Any]:
    """The record as the API shows it."""
    return unpack(taken(document).packed)


def faults(document: Any) -> ValidationErrors:
    with pytest.raises(InvalidRequestError) as caught:
        taken(document)
    return caught.value.errors


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def with_errors(**fields: Any) -> dict[str, Any]:
    """A document that holds errors of another kind than JSON errors."""
    return without(a_json_error(), "json_errors") | fields


# ---------------------------------------------------------------- shape


def test_a_stored_request_is_shown_with_public_names() -> None:
    assert shown(a_request(_id="b791e38c9641652a69e297dc9c3a8d66")) == {
        "id": "b791e38c9641652a69e297dc9c3a8d66",
        "type": "request",
        "kind": "voice",
        "source": "ingest",
        "created": CREATED,
        "iteration": 1,
        "node": "kazoo_apps@apps1.example.net",
        "uri": "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com&Api-Version=4.x",
        "method": "get",
        "req_headers": {},
        "req_body": "",
    }


def test_the_stored_form_and_the_form_of_kazoos_api_give_the_same_record() -> None:
    stored = a_response(_id="f071ae42d9bcebd158f263258e73b001")
    served = {name: value for name, value in stored.items() if not name.startswith(("_", "pvt_"))} | {
        "id": stored["_id"],
        "created": stored["pvt_created"],
        "node": stored["pvt_node"],
        "debug_id": f"202403-{CALL}",
    }

    assert taken(served) == taken(stored)


def test_a_row_of_a_view_holds_its_document() -> None:
    row = {"id": "x", "key": "x", "value": {"rev": "1-a"}, "doc": a_request()}

    assert taken(row) == taken(a_request())


@pytest.mark.parametrize(
    "document",
    [
        a_request(),
        a_response(),
        a_json_error(),
        with_errors(schema_errors=[{"a": {"b": {}}}]),
        a_request(req_body="pin=1"),
        a_request(req_body="pin=1&x=" + "x" * 300_000),
        a_json_error(json_errors={"message": "invalid JSON", "before": "x" * 300_000, "after": ""}),
        with_errors(twiml_errors=["no verb"], derived_from="b791e38c9641652a69e297dc9c3a8d66"),
    ],
    ids=["request", "response", "JSON errors", "schema errors", "redacted", "cut", "cut error", "derived"],
)
def test_what_the_api_shows_can_be_ingested_again_and_is_the_same_record(document: dict[str, Any]) -> None:
    once = taken(document)
    served = unpack(once.packed) | {"call_id": CALL, "debug_id": f"202403-{CALL}", "seq": 7, "attempt": 3}

    assert taken(served) == once


def test_a_document_without_an_id_can_be_ingested_again_and_is_the_same_record() -> None:
    once = taken(without(a_request(), "_id"))

    assert taken(unpack(once.packed) | {"call_id": CALL, "seq": 1}) == once


def test_absent_values_are_left_out() -> None:
    document = shown(without(a_request(req_body=None, req_headers=None, node=None), "iteration", "pvt_node"))

    assert None not in document.values()
    assert not {"req_body", "req_headers", "node", "iteration", "resp_body", "json_errors"} & set(document)


def test_public_fields_that_nobody_knows_are_kept_as_sent() -> None:
    extra: dict[str, Any] = {"a": None, "b": [1, 2.5, True, None], "": {"c": {}}}

    assert shown(a_request(extra=extra, body_encoding="base64"))["extra"] == extra


def test_private_fields_are_never_shown() -> None:
    document = shown(a_request(_attachments={}, pvt_secret="x", _x=1))

    assert [name for name in document if name.startswith(("_", "pvt_"))] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("attempt", 9), ("seq", 9), ("debug_id", "202001-x"), ("source", "relay"), ("type", "response"), ("kind", "x")],
)
def test_what_only_the_service_says_cannot_be_sent(name: str, value: Any) -> None:
    assert taken(a_request(**{name: value})) == taken(a_request())


WRONG: list[tuple[str, str, list[Any]]] = [
    ("redacted", "type", ["uri.token", 1, {"a": "b"}, [1], [None], [["uri.token"]]]),
    ("truncated", "type", ["true", 1, [], {}]),
    ("original_size", "type", ["600000", 1.5, True]),
    ("original_size", "minimum", [-1]),
    ("sha256", "type", [1, ["0" * 64]]),
    ("sha256", "pattern", ["", "0" * 63, "A" * 64, "0" * 64 + "\n"]),
    ("derived_from", "type", [1, {}, True]),
    ("derived_from", "minLength", [""]),
]


@pytest.mark.parametrize(
    ("name", "rule", "value"), [(name, rule, value) for name, rule, values in WRONG for value in values]
)
def test_what_the_service_adds_comes_back_in_its_own_form_or_not_at_all(name: str, rule: str, value: Any) -> None:
    found = faults(a_request(**{name: value}))

    assert {field: list(rules) for field, rules in found.items()} == {name: [rule]}


@pytest.mark.parametrize("name", ["redacted", "truncated", "original_size", "sha256", "derived_from"])
def test_null_is_as_good_as_absent_for_what_the_service_adds(name: str) -> None:
    sent: dict[str, Any] = {name: None}

    assert taken(a_request(**sent)) == taken(a_request())


@pytest.mark.parametrize("forged", [5, "uri", {"a": "b"}, [5], None, []])
def test_what_a_redirect_claims_was_hidden_in_it_is_listed_or_left_out(forged: Any) -> None:
    document = shown(
        a_response(hops=[{"uri": "https://user:pass@a.example/", "redacted": forged}, {"redacted": forged}])
    )

    listed = ["hops.0.5", "hops.0.uri.userinfo", "hops.1.5"] if forged == [5] else ["hops.0.uri.userinfo"]
    assert document["redacted"] == listed
    assert [list(hop) for hop in document["hops"]] == [["uri"], []]


def test_the_source_says_how_the_record_arrived() -> None:
    assert unpack(taken(a_request(), source=Source.IMPORT).packed)["source"] == "import"


@pytest.mark.parametrize("status", [404, "404"])
def test_a_status_code_is_shown_as_text(status: int | str) -> None:
    assert shown(a_response(resp_status_code=status))["resp_status_code"] == "404"


def test_a_repeated_header_keeps_all_its_values() -> None:
    headers = {"via": ["1.1 a", "1.1 b"], "content-length": 5, "x": 1.5}

    assert shown(a_response(resp_headers=headers))["resp_headers"] == headers


# ---------------------------------------------------------------- what it holds


@pytest.mark.parametrize(
    ("document", "record_type"),
    [
        (a_request(), "request"),
        (without(a_request(), "uri"), "request"),
        (a_response(), "response"),
        (without(a_response(), "resp_body"), "response"),
        (without(a_response(), "resp_status_code", "resp_headers"), "response"),
        (a_response(uri="https://p.example/"), "response"),
        (a_json_error(), "json_errors"),
        (
            with_errors(schema_errors={"data": {"required": {"message": "Field is required but missing"}}}),
            "schema_errors",
        ),
        (with_errors(twiml_errors=[{"line": 1}]), "twiml_errors"),
        (without(with_errors(transport_error={"reason": "dns"}), "resp_body"), "transport_error"),
    ],
)
def test_a_document_is_what_it_holds(document: dict[str, Any], record_type: str) -> None:
    record = taken(document)

    assert unpack(record.packed)["type"] == record_type
    assert type_of(record.seq.rank) == record_type


@pytest.mark.parametrize("field", ["json_errors", "schema_errors", "resp_status_code", "resp_headers", "resp_body"])
def test_a_null_field_holds_nothing(field: str) -> None:
    assert record_type_of(a_request() | {field: None}) is RecordType.REQUEST


def test_a_document_that_holds_nothing_is_refused() -> None:
    assert faults(without(a_request(), "uri", "method"))["document"]["type"]["message"]


def test_in_one_second_a_request_comes_before_its_response_and_that_before_its_errors() -> None:
    documents = [
        a_request(),
        a_response(),
        with_errors(transport_error={}),
        a_json_error(),
        with_errors(schema_errors={}),
        with_errors(twiml_errors=[]),
    ]

    seqs = [taken(document).seq for document in documents]

    assert seqs == sorted(seqs)


def test_the_three_documents_of_an_attempt_before_2015_sort_as_request_status_and_body() -> None:
    request = without(a_request(), "iteration")
    head = without(a_response(_id="h"), "iteration", "resp_body")
    body = without(a_response(_id="b"), "iteration", "resp_status_code", "resp_headers")

    records = [taken(document) for document in (request, head, body)]

    assert [record.seq.iteration for record in records] == [0, 0, 0]
    assert records == sorted(records, key=lambda record: record.seq)
    assert [type_of(record.seq.rank) for record in records] == ["request", "response", "response"]


@pytest.mark.parametrize("errors", [[[404, "message", {"data": {"type": {}}}]], [{"data": {"type": {}}}]])
def test_a_list_of_schema_errors_becomes_one_object(errors: list[Any]) -> None:
    assert shown(with_errors(schema_errors=errors))["schema_errors"] == {"data": {"type": {}}}


def test_two_schema_errors_of_one_field_are_both_kept() -> None:
    errors = [
        ["required", "m", {"data": {"required": {"message": "a"}}}],
        ["type", "m", {"data": {"type": {"message": "b"}}}],
    ]

    assert shown(with_errors(schema_errors=errors))["schema_errors"] == {
        "data": {"required": {"message": "a"}, "type": {"message": "b"}}
    }


def test_a_schema_error_that_is_only_text_is_not_lost() -> None:
    assert "data is required" in str(shown(with_errors(schema_errors=["data is required"])))


# ---------------------------------------------------------------- reports of a call's end


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"method": "post", "req_body": CDR_BODY}, "cdr"),
        ({"method": "POST", "req_body": "Duration-Seconds=1"}, "cdr"),
        ({"method": "post", "req_body": f"{CDR_BODY}&Api-Version=4.x"}, "voice"),
        ({"method": "post", "req_body": f"ApiVersion=2010-04-01&{CDR_BODY}"}, "voice"),
        ({"method": "post", "req_body": "X-Hangup-Cause=x"}, "voice"),
        ({"method": "get", "req_body": CDR_BODY}, "voice"),
        ({"method": "post", "req_body": ""}, "voice"),
        ({"method": "get", "kind": "cdr"}, "cdr"),
        ({"method": "get", "kind": "voice"}, "voice"),
    ],
)
def test_kazoos_report_at_the_end_of_a_call_is_known_by_its_form(fields: dict[str, Any], kind: str) -> None:
    record = taken(a_request(**fields))

    assert unpack(record.packed)["kind"] == kind
    assert is_cdr(record.seq.rank) == (kind == "cdr")


@pytest.mark.parametrize("document", [a_response(kind="cdr"), with_errors(transport_error={}, kind="cdr")])
def test_a_recorder_that_knows_says_that_an_answer_belongs_to_the_report(document: dict[str, Any]) -> None:
    assert is_cdr(taken(document).seq.rank)


# ---------------------------------------------------------------- identity


def test_the_same_document_is_always_the_same_record() -> None:
    assert taken(a_request()) == taken(dict(reversed(a_request().items())))


def test_two_documents_of_one_moment_are_two_records() -> None:
    assert taken(a_request(_id="a")).seq != taken(a_request(_id="b")).seq


@pytest.mark.parametrize(
    "change", [{"uri": "https://other.example/"}, {"call_id": "other"}, {"req_body": "x"}, {"x": 1}]
)
def test_without_an_id_another_content_is_another_record(change: dict[str, Any]) -> None:
    document = without(a_request(), "_id")

    assert taken(document | change).seq.digest != taken(document).seq.digest


def test_without_an_id_the_revision_and_the_node_do_not_matter_to_the_identity() -> None:
    document = without(a_request(), "_id")

    assert taken(document | {"_rev": "2-b", "pvt_modified": 1}).seq == taken(document).seq


def test_a_request_and_a_response_under_one_id_are_two_records() -> None:
    assert taken(a_request(_id="a")).seq.digest != taken(a_response(_id="a")).seq.digest


# ---------------------------------------------------------------- time


def test_the_time_in_milliseconds_goes_before_the_time_in_seconds() -> None:
    ms = clock.unix_ms(CREATED) + 123

    record = taken(a_request(created_ms=ms))

    assert record.seq.ms == ms
    assert unpack(record.packed)["created"] == CREATED


@pytest.mark.parametrize("document", [without(a_request(), "pvt_created"), a_request() | {"pvt_created": None}])
def test_a_document_without_a_time_is_refused(document: dict[str, Any]) -> None:
    assert "required" in faults(document)["created"]


@pytest.mark.parametrize("created", [NOW_MS // 1000, 0, -1, clock.GREGORIAN_OFFSET - 1])
def test_unix_time_in_place_of_gregorian_seconds_is_refused_with_a_hint(created: int) -> None:
    fault = faults(a_request(created=created))["created"]["minimum"]

    assert "Unix" in fault["message"]
    assert fault["cause"] == created


def test_a_clock_may_be_a_day_ahead_and_no_more() -> None:
    tomorrow = clock.gregorian(NOW_MS + clock.DAY_MS)

    assert taken(a_request(created=tomorrow)).seq.ms == NOW_MS + clock.DAY_MS
    assert "maximum" in faults(a_request(created=tomorrow + 1))["created"]


@pytest.mark.parametrize("created_ms", [-1, NOW_MS + clock.DAY_MS + 1, 10**30])
def test_a_time_in_milliseconds_keeps_the_same_bounds(created_ms: int) -> None:
    assert "created" in faults(a_request(created_ms=created_ms))


# ---------------------------------------------------------------- refusals


def test_every_fault_of_a_document_is_named_at_once() -> None:
    found = faults(without(a_request(iteration=-1, uri=5, req_headers={"a": None}), "call_id"))

    assert set(found) == {"call_id", "iteration", "uri", "req_headers"}
    assert set(found["call_id"]) == {"required"}
    assert set(found["iteration"]) == {"minimum"}
    assert set(found["uri"]) == {"type"}
    assert all(details["message"] for rules in found.values() for details in rules.values())


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("call_id", "", "minLength"),
        ("call_id", 5, "type"),
        ("call_id", None, "type"),
        ("iteration", True, "type"),
        ("iteration", "1", "type"),
        ("iteration", 1.0, "type"),
        ("pvt_created", str(CREATED), "type"),
        ("pvt_created", True, "type"),
        ("_id", "", "minLength"),
        ("_id", 5, "type"),
        ("resp_status_code", True, "type"),
        ("resp_status_code", [], "type"),
        ("resp_headers", [], "type"),
        ("resp_headers", {"a": {}}, "type"),
        ("req_body", {}, "type"),
        ("json_errors", "x", "type"),
        ("schema_errors", "x", "type"),
        ("transport_error", [], "type"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_under_its_public_name(name: str, value: Any, rule: str) -> None:
    public = {"pvt_created": "created", "_id": "id"}.get(name, name)

    assert rule in faults(a_request(**{name: value}))[public]


@pytest.mark.parametrize("document", [None, True, 5, "x", [], [a_request()], {"doc": [a_request()]}])
def test_what_is_no_object_or_no_document_is_refused(document: Any) -> None:
    assert faults(document)


@pytest.mark.parametrize("character", ["x", "é", "#"])
def test_a_call_id_may_have_255_bytes(character: str) -> None:
    call_id = character * (MAX_CALL_ID_BYTES // len(character.encode()))

    assert taken(a_request(call_id=call_id)).call_id == call_id
    assert faults(a_request(call_id=call_id + "é"))["call_id"]["maxLength"]["target"] == MAX_CALL_ID_BYTES


@pytest.mark.parametrize(
    "call_id",
    [
        "829597750@10.26.0.158",
        "a/b?c%d+e:f",
        'x"y\\z<>[]{}',
        "a#b",
        "konami-transfer-1a2b3c4d",
        "201410-x",
        " ",
        "\0",
        "é",
    ],
)
def test_a_call_id_is_opaque(call_id: str) -> None:
    assert taken(a_request(call_id=call_id)).call_id == call_id


@pytest.mark.parametrize(
    "fields",
    [
        {"pvt_account_id": OTHER_ACCOUNT},
        {"pvt_account_id": ACCOUNT.upper()},
        {"pvt_account_id": [ACCOUNT]},
        {"pvt_account_id": None, "pvt_account_db": "account%2Ffe%2Fdc%2Fba9876543210fedcba9876543210-202403"},
        {"pvt_account_id": "", "pvt_account_db": f"{OTHER_ACCOUNT}-202403"},
    ],
)
def test_a_document_of_another_account_is_refused(fields: dict[str, Any]) -> None:
    assert "enum" in faults(a_request(**fields))["pvt_account_id"]


@pytest.mark.parametrize(
    "database",
    [
        "account%2F01%2F23%2F456789abcdef0123456789abcdef-202403",
        "account/01/23/456789abcdef0123456789abcdef-202403",
        "account%2f01%2f23%2f456789abcdef0123456789abcdef",
        f"{ACCOUNT}-202403",
        None,
        5,
    ],
)
def test_a_document_of_the_accounts_own_database_is_taken(database: Any) -> None:
    assert taken(a_request(pvt_account_id=None, pvt_account_db=database)) == taken(a_request())


@pytest.mark.parametrize("kind", ["callflow", "", None, 5, ["pivot_debug"]])
def test_a_document_of_another_type_is_refused(kind: Any) -> None:
    assert "enum" in faults(a_request(pvt_type=kind))["pvt_type"]


@pytest.mark.parametrize("mark", ["pvt_deleted", "_deleted"])
def test_a_deleted_document_is_refused(mark: str) -> None:
    assert "enum" in faults(a_request() | {mark: True})["pvt_deleted"]
    assert taken(a_request() | {mark: False}) == taken(a_request())


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_a_document_may_be_nested_a_hundred_levels_and_no_more(opening: str, closing: str) -> None:
    def nested(levels: int) -> Any:
        return json.loads(opening * levels + "1" + closing * levels)

    assert shown(a_request(extra=nested(MAX_DEPTH - 2)))["extra"] == nested(MAX_DEPTH - 2)
    assert faults(a_request(extra=nested(MAX_DEPTH)))["document"]["maxDepth"]["target"] == MAX_DEPTH == 100


@pytest.mark.parametrize(
    "fields",
    [
        {"pvt_account_id": ACCOUNT, "pvt_account_db": f"{OTHER_ACCOUNT}-202403"},
        {"pvt_account_id": OTHER_ACCOUNT, "pvt_account_db": f"{ACCOUNT}-202403"},
    ],
)
def test_a_document_that_names_two_accounts_belongs_to_neither(fields: dict[str, Any]) -> None:
    assert "enum" in faults(a_request() | fields)["pvt_account_id"]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_cannot_hold_is_refused(number: float) -> None:
    assert "type" in faults(a_request(extra=[number]))["document"]


def test_every_schema_error_that_is_only_text_is_kept() -> None:
    errors = str(shown(with_errors(schema_errors=["first", ["x", "second"], {"a": {"type": {}}}]))["schema_errors"])

    assert all(text in errors for text in ("first", "second", "type"))
