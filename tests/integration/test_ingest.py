"""Debug documents on their way in: what is taken, what is refused, and what never gets through."""

import base64
import hashlib
import json
import random
from typing import Any
from urllib.parse import quote

import pytest

from functions.ingest import app as ingest
from functions.recorder import app as recorder
from pivot_debug import clock, dynamodb
from pivot_debug.account_store import AccountSettings
from pivot_debug.packing import unpack_text
from tests.builders import (
    CREATED,
    NOW_MS,
    OTHER_ACCOUNT,
    TOKEN,
    a_call,
    a_json_error,
    a_request,
    a_response,
    event,
    queue_event,
)
from tests.integration.helpers import (
    LAMBDA_REPLY_LIMIT,
    Account,
    Document,
    Reply,
    Sent,
    assert_error,
    aws_error,
    has_null,
    invalid,
    logged,
    size_of,
    table_text,
    tapped,
)
from tests.integration.service import Service

DAY = 86_400


def random_text(size: int, seed: int) -> str:
    """Text that hardly compresses."""
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()[:size]


def database_of(account_id: str, month: str = "202403") -> str:
    return f"account%2F{account_id[:2]}%2F{account_id[2:4]}%2F{account_id[4:]}-{month}"


# ---------------------------------------------------------------- what is taken


def test_one_document_is_accepted_with_the_whole_envelope(account: Account) -> None:
    reply = account.put(account.own(a_request(call_id="one")))

    envelope = reply["json"]
    assert (reply["statusCode"], reply["headers"]["Content-Type"]) == (202, "application/json")
    assert envelope["data"] == {"accepted": [{"index": 0, "call_id": "one"}], "rejected": []}
    assert (envelope["status"], envelope["auth_token"]) == ("success", TOKEN)
    assert set(envelope) == {
        "data",
        "request_id",
        "node",
        "timestamp",
        "version",
        "tokens",
        "status",
        "auth_token",
    }


def test_many_documents_are_accepted_by_their_index(account: Account) -> None:
    documents = [account.own(document) for n in range(3) for document in a_call(call_id=f"call-{n}")]

    reply = account.put(documents)

    accepted = [{"index": n, "call_id": f"call-{n // 2}"} for n in range(6)]
    assert reply["json"]["data"] == {"accepted": accepted, "rejected": []}


def test_no_documents_at_all_are_accepted_and_nothing_is_queued(account: Account) -> None:
    reply = account.put([])

    assert (reply["statusCode"], reply["json"]["data"]) == (202, {"accepted": [], "rejected": []})
    assert account.service.receive() == []


def test_the_sample_event_is_accepted(deployment: Service) -> None:
    sample = event("ingest")
    sample["requestContext"]["authorizer"]["accounts"] = "0123456789abcdef0123456789abcdef"

    reply = ingest.handler(sample, None)

    assert reply["statusCode"] == 202
    assert deployment.record_queue() == []


def test_rows_of_a_view_are_taken_by_their_doc(account: Account) -> None:
    rows = [{"id": "x", "key": ["a"], "value": {"rev": "1-a"}, "doc": account.own(a_request(call_id="row"))}]

    account.put(rows)
    account.service.record_queue()

    (record,) = account.listed(call_id="row")
    assert record["type"] == "request"
    assert {"key", "value", "doc"} & set(record) == set()


def test_the_documents_of_kazoos_own_api_are_taken(account: Account) -> None:
    of_the_api = {
        "id": "b791e38c9641652a69e297dc9c3a8d66",
        "call_id": "api",
        "iteration": 1,
        "created": CREATED,
        "node": "kazoo_apps@apps1.example.net",
        "debug_id": "202403-api",
        "method": "get",
        "uri": "http://pivot.example.com/cf.php",
        "req_headers": {},
        "req_body": "",
    }

    account.given([of_the_api])

    (record,) = account.listed(call_id="api")
    added = {"seq": 1, "attempt": 1, "type": "request", "kind": "voice", "source": "ingest"}
    assert record == of_the_api | added


def test_what_this_service_served_can_be_sent_back_without_a_change(account: Account) -> None:
    account.given([*a_call(call_id="one"), a_json_error(call_id="one", created=CREATED + 1)])
    served = account.listed(call_id="one"), account.listed()

    account.given(served[0])

    assert (account.listed(call_id="one"), account.listed()) == served


def test_the_form_of_three_documents_before_2015_is_taken(account: Account) -> None:
    kept = {name: value for name, value in account.own(a_request(call_id="old")).items() if name != "iteration"}
    common = {name: value for name, value in kept.items() if name in ("call_id", "pvt_type", "pvt_account_id")}
    account.given(
        [
            kept,
            common
            | {"_id": "status", "pvt_created": CREATED + 1, "resp_status_code": "200", "resp_headers": {"a": "b"}},
            common | {"_id": "body", "pvt_created": CREATED + 1, "resp_body": '{"module":"hangup","data":{}}'},
        ]
    )

    records = account.listed(call_id="old")
    (call,) = account.listed()

    assert [(record["type"], record["attempt"]) for record in records] == [
        ("request", 1),
        ("response", 1),
        ("response", 1),
    ]
    assert (call["status_code"], call["attempts"], call["verdict"]["status"]) == ("200", 1, "ok")


def test_the_form_of_two_documents_is_taken(account: Account) -> None:
    account.given(a_call(call_id="two"))

    assert [record["type"] for record in account.listed(call_id="two")] == ["request", "response"]


@pytest.mark.parametrize(
    ("errors", "record_type"),
    [
        ({"json_errors": {"message": "trailing data", "before": "{}", "after": "x"}}, "json_errors"),
        ({"schema_errors": {"module": {"required": {"message": "missing"}}}}, "schema_errors"),
        ({"schema_errors": [[400, "invalid", {"module": {"required": {"message": "missing"}}}]]}, "schema_errors"),
        ({"schema_errors": [{"module": {"required": {"message": "missing"}}}]}, "schema_errors"),
    ],
)
def test_the_form_with_errors_beside_the_body_is_taken(
    account: Account, errors: dict[str, Any], record_type: str
) -> None:
    error = a_response(call_id="three", created=CREATED + 1, _id="errors") | errors
    account.given([*a_call(call_id="three"), {**error, "resp_status_code": None, "resp_headers": None}])

    records = account.listed(call_id="three")

    assert [record["type"] for record in records] == ["request", "response", record_type]
    assert type(records[2][record_type]) is dict


def test_a_repeated_header_keeps_all_of_its_values(account: Account) -> None:
    document = json.dumps(account.own(a_response(call_id="one", resp_headers={})))
    repeated = '{"x-a": "1", "x-a": "2", "x-b": "only", "x-a": "3"}'
    body = f'{{"data": {document.replace("{}", repeated, 1)}}}'

    account.put(None, body=body)
    account.service.record_queue()

    (record,) = account.listed(call_id="one")
    assert record["resp_headers"] == {"x-a": ["1", "2", "3"], "x-b": "only"}


def test_values_of_headers_keep_their_case(account: Account) -> None:
    account.given([a_response(call_id="one", resp_headers={"X-Trace": "AbC"})])

    assert account.listed(call_id="one")[0]["resp_headers"] == {"X-Trace": "AbC"}


def test_import_marks_where_documents_came_from(account: Account) -> None:
    body = json.dumps({"data": account.own(a_request(call_id="one")), "source": "import"})

    account.put(None, body=body)
    account.service.record_queue()

    assert account.listed(call_id="one")[0]["source"] == "import"


def test_nothing_private_is_ever_shown(account: Account) -> None:
    private = {"_rev": "1-a", "_attachments": {}, "pvt_auth": "x", "pvt_modified": 1, "pvt_created": CREATED, "_x": 1}
    account.given([a_request(call_id="one") | private])

    shown = [*account.listed(call_id="one"), *account.listed()]

    assert [name for item in shown for name in item if name.startswith(("_", "pvt_"))] == []


def test_a_record_counts_as_made_at_its_millisecond(account: Account) -> None:
    first, second = clock.unix_ms(CREATED) + 250, clock.unix_ms(CREATED) + 750
    account.given(
        [a_response(call_id="one", created_ms=second, _id="b"), a_request(call_id="one", created_ms=first, _id="a")]
    )

    records = account.listed(call_id="one")
    (call,) = account.listed()

    assert [record["id"] for record in records] == ["a", "b"]
    assert (call["duration_ms"], call["created"]) == (500, CREATED)


# ---------------------------------------------------------------- duplicates


def test_a_document_that_is_twice_in_a_batch_is_stored_once(account: Account) -> None:
    document = account.own(a_request(call_id="one"))

    reply = account.put([document, document])
    account.service.record_queue()

    assert [one["index"] for one in reply["json"]["data"]["accepted"]] == [0, 1]
    assert account.listed()[0]["records"] == 1


def test_a_document_without_an_id_is_known_again_by_its_content(account: Account) -> None:
    document = {name: value for name, value in a_request(call_id="one").items() if name != "_id"}

    account.given([document])
    account.given([document | {"_rev": "2-b", "pvt_modified": CREATED + 9}])
    account.given([document | {"uri": "https://pivot.example.com/other"}])

    assert account.listed()[0]["records"] == 2


# ---------------------------------------------------------------- good and bad together


def test_of_a_mixed_batch_the_good_are_taken_and_the_bad_named_by_index(account: Account) -> None:
    good = account.own(a_request(call_id="good"))

    reply = account.put([5, good, account.own(a_request(call_id="")), account.own(a_request(call_id="x" * 256))])

    assert reply["statusCode"] == 202
    assert reply["json"]["data"] == {
        "accepted": [{"index": 1, "call_id": "good"}],
        "rejected": [
            {"index": 0, "errors": invalid("document", "type", "a debug document is an object", target="object")},
            {"index": 2, "errors": invalid("call_id", "minLength", "String should have at least 1 character")},
            {"index": 3, "errors": invalid("call_id", "maxLength", "a call id has at most 255 bytes", target=255)},
        ],
    }


def test_the_good_of_a_mixed_batch_are_recorded(account: Account) -> None:
    account.put([None, account.own(a_request(call_id="good")), {}])
    account.service.record_queue()

    assert account.call_ids() == ["good"]


def test_a_batch_of_nothing_good_is_400_with_every_fault_and_nothing_is_queued(account: Account) -> None:
    reply = account.put([5, {"call_id": 7, "created": CREATED, "method": "get"}])

    data = {
        **invalid("0.document", "type", "a debug document is an object", target="object"),
        **invalid("1.call_id", "type", "Input should be a valid string"),
    }
    assert_error(reply, 400, "validation error", data)
    assert account.service.receive() == []


def test_several_faults_of_one_document_are_all_named(account: Account) -> None:
    reply = account.put({"call_id": 7, "iteration": -1, "req_headers": [], "uri": 5})

    assert set(reply["json"]["data"]) == {"0.call_id", "0.iteration", "0.req_headers", "0.uri"}


@pytest.mark.parametrize(
    ("changed", "name", "rule"),
    [
        ({"pvt_account_id": OTHER_ACCOUNT}, "pvt_account_id", "enum"),
        ({"pvt_account_id": 5}, "pvt_account_id", "enum"),
        ({"pvt_account_id": [OTHER_ACCOUNT]}, "pvt_account_id", "enum"),
        ({"pvt_account_id": None, "pvt_account_db": database_of(OTHER_ACCOUNT)}, "pvt_account_id", "enum"),
        ({"pvt_account_id": None, "pvt_account_db": f"{OTHER_ACCOUNT}-202403"}, "pvt_account_id", "enum"),
        ({"pvt_account_id": None, "pvt_account_db": f"account/fe/dc/{OTHER_ACCOUNT[4:]}"}, "pvt_account_id", "enum"),
        ({"pvt_account_id": "", "pvt_account_db": database_of(OTHER_ACCOUNT)}, "pvt_account_id", "enum"),
        ({"pvt_account_db": database_of(OTHER_ACCOUNT)}, "pvt_account_id", "enum"),
        ({"pvt_type": "cdr"}, "pvt_type", "enum"),
        ({"pvt_type": None}, "pvt_type", "enum"),
        ({"pvt_deleted": True}, "pvt_deleted", "enum"),
        ({"_deleted": True}, "pvt_deleted", "enum"),
        ({"pvt_created": None, "created": None}, "created", "required"),
        ({"pvt_created": "63877497876"}, "created", "type"),
        ({"pvt_created": 63877497876.5}, "created", "type"),
        ({"pvt_created": True}, "created", "type"),
        ({"pvt_created": 1_710_278_676}, "created", "minimum"),
        ({"pvt_created": -5}, "created", "minimum"),
        ({"created_ms": -1}, "created", "minimum"),
        ({"pvt_created": CREATED + 60 + DAY + 1}, "created", "maximum"),
        ({"created_ms": NOW_MS + DAY * 1000 + 1}, "created", "maximum"),
        ({"pvt_created": 10**300}, "created", "maximum"),
        ({"created_ms": 10**4000}, "created", "maximum"),
        ({"pvt_created": -(10**4000)}, "created", "minimum"),
        ({"iteration": -1}, "iteration", "minimum"),
        ({"iteration": 1.5}, "iteration", "type"),
        ({"req_headers": "x"}, "req_headers", "type"),
        ({"req_headers": {"a": {"b": 1}}}, "req_headers", "type"),
        ({"req_body": {}}, "req_body", "type"),
        ({"call_id": "é" * 128}, "call_id", "maxLength"),
        ({"call_id": "\ud800"}, "call_id", "type"),
        ({"uri": None, "method": None}, "document", "type"),
    ],
)
def test_a_document_that_cannot_be_kept_is_refused_by_field_and_rule(
    account: Account, changed: dict[str, Any], name: str, rule: str
) -> None:
    reply = account.put(account.own(a_request(_id="x")) | changed)

    assert_error(reply, 400, "validation error", reply["json"]["data"])
    assert list(reply["json"]["data"][f"0.{name}"]) == [rule]
    assert not has_null(reply["json"])
    assert account.service.receive() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"pvt_account_id": None},
        {"pvt_account_id": None, "pvt_account_db": "{own}"},
        {"pvt_created": CREATED + 60 + DAY},
        {"pvt_created": 62_167_219_200},
        {"pvt_created": 62_167_219_200 + DAY},
        {"iteration": 10**100},
        {"iteration": 0},
        {"iteration": None},
        {"call_id": "x" * 255},
        {"call_id": " / #%?\n\x00"},
        {"pvt_node": None},
        {"req_headers": {"content-length": 5, "x": 1.5, "y": ["a", 1]}},
        {"kind": "cdr"},
        {"kind": "something"},
    ],
)
def test_a_document_at_the_edge_of_the_allowed_is_accepted_and_recorded(
    account: Account, changed: dict[str, Any]
) -> None:
    document = account.own(a_request(call_id="edge", _id="x")) | changed
    if document.get("pvt_account_db") == "{own}":
        document["pvt_account_db"] = database_of(account.id)

    reply = account.put(document)

    assert (reply["statusCode"], reply["json"]["data"]["rejected"]) == (202, [])
    assert account.service.record_queue() == []
    assert len(account.listed(call_id=document["call_id"])) == (1 if document["pvt_created"] > CREATED - DAY else 0)


# ---------------------------------------------------------------- bodies that are no JSON, or odd JSON


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "data",
        '{"data": [}',
        '{"data": {}} x',
        "{'data': []}",
        '{"data": NaN}',
        '{"data": [Infinity]}',
        '{"data": [-Infinity]}',
        '{"data": ' + "9" * 5000 + "}",
        '\ufeff{"data": []}',
        '{"data": "\x00"}',
        "data=%5B%5D",
    ],
)
def test_a_body_that_is_not_json_is_400_in_kazoos_shape(account: Account, body: str) -> None:
    reply = account.put(None, body=body)

    assert_error(reply, 400, "validation error", invalid("json", "invalid", "not valid JSON", target="body"))


@pytest.mark.parametrize("depth", [200, 400, 800, 960, 990, 1000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_however_deep_a_document_is_nested_it_is_taken_or_refused(
    account: Account, depth: int, opening: str, closing: str
) -> None:
    document = json.dumps(account.own(a_request(call_id="deep", note="HERE")))
    body = f'{{"data": {document}}}'.replace('"HERE"', opening * depth + "1" + closing * depth)

    reply = account.put(None, body=body)
    failed = account.service.record_queue()

    assert reply["statusCode"] in (202, 400)
    assert failed == []
    assert account.get(call_id="deep")["json"]["page_size"] == (1 if reply["statusCode"] == 202 else 0)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1E400"])
@pytest.mark.parametrize("field", ["note", "req_headers", "schema_errors"])
def test_a_number_beyond_all_bounds_never_makes_a_reply_that_is_not_json(
    account: Account, number: str, field: str
) -> None:
    value: Any = "HERE" if field == "note" else {"x": "HERE"}
    body = json.dumps({"data": account.own(a_request(call_id="one", **{field: value}))}).replace('"HERE"', number)

    account.put(None, body=body)
    account.service.record_queue()

    strict = json.loads(account.get(call_id="one")["body"], parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert strict["status"] == "success"


@pytest.mark.parametrize("number", [10**4000, -(10**4000), 2**63, 1e308])
def test_a_huge_number_in_a_field_of_its_own_is_kept(account: Account, number: float) -> None:
    account.given([a_request(call_id="one", note=number)])

    assert account.listed(call_id="one")[0]["note"] == number


@pytest.mark.parametrize(
    "fields",
    [
        {"note": "\ud800"},
        {"note": {"\udfff": ["\ud800"]}},
        {"req_headers": {"x": "\ud800"}},
        {"req_headers": {"\ud800": "x"}},
        {"req_headers": {"authorization": "Bearer \ud800"}},
        {"req_body": "\ud800"},
        {"uri": "https://pivot.example.com/\ud800"},
        {"json_errors": {"message": "invalid JSON", "before": "\ud800", "after": ""}},
        {"json_errors": {"message": "invalid JSON", "before": "", "after": "\udfff"}},
        {"schema_errors": {"\ud800": {"rule": {"message": "\ud800"}}}},
        {"schema_errors": ["\ud800"]},
        {"twiml_errors": ["\ud800"]},
        {"transport_error": {"code": "\ud800"}},
        {"redacted": ["\ud800"]},
        {"_id": "\ud800"},
        {"pvt_node": "\ud800"},
        {"\ud800": "x"},
        {"pvt_type": "\ud800"},
        {"pvt_account_id": "\ud800"},
        {"pvt_account_id": None, "pvt_account_db": "\ud800"},
        {"kind": "\ud800"},
    ],
)
def test_half_a_surrogate_pair_is_kept_or_refused_and_never_a_crash(account: Account, fields: dict[str, Any]) -> None:
    reply = account.put(account.own(a_request(call_id="one", _id="x")) | fields)
    failed = account.service.record_queue()

    replies = [reply, account.get(), account.get(call_id="one"), account.get(call_id="one", query={"accept": "csv"})]

    assert [one["statusCode"] for one in replies[1:]] == [200, 200, 200]
    assert reply["statusCode"] in (202, 400)
    assert failed == []


def test_one_bad_text_does_not_take_the_rest_of_the_batch_with_it(account: Account) -> None:
    broken = account.own(a_json_error(json_errors={"message": "invalid JSON", "before": "\ud800", "after": ""}))

    reply = account.put([broken, account.own(a_request(call_id="good"))])

    assert reply["statusCode"] == 202
    assert {"index": 1, "call_id": "good"} in reply["json"]["data"]["accepted"]


# ---------------------------------------------------------------- sizes


def test_a_batch_larger_than_a_message_travels_in_several(account: Account) -> None:
    documents = [a_response(call_id=f"call-{n}", resp_body=random_text(600_000, n)) for n in range(5)]

    messages = account.messages(documents)

    assert len(messages) > 1
    assert max(map(len, messages)) < 1_048_576
    found = [record["call_id"] for message in messages for record in json.loads(message)["records"]]
    assert found == [f"call-{n}" for n in range(5)]


def test_a_batch_of_many_documents_travels_in_several_messages_and_loses_none(account: Account) -> None:
    account.given([a_request(call_id="one", created=CREATED - n) for n in range(105)])

    assert len(account.listed(call_id="one", query={"page_size": "500"})) == 105


def test_two_bodies_of_600_kilobytes_are_kept_to_256_and_marked(account: Account) -> None:
    bodies = [random_text(600_000, n) for n in range(2)]

    account.given([a_response(call_id="big", created=CREATED + n, resp_body=body) for n, body in enumerate(bodies)])

    records = account.listed(call_id="big")
    assert [record["resp_body"] for record in records] == [body[:262_144] for body in bodies]
    assert [(record["truncated"], record["original_size"]) for record in records] == [(True, 600_000)] * 2
    assert [record["sha256"] for record in records] == [hashlib.sha256(body.encode()).hexdigest() for body in bodies]


def test_a_body_of_exactly_256_kilobytes_is_kept_whole(account: Account) -> None:
    account.given([a_response(call_id="big", resp_body="x" * 262_144)])

    (record,) = account.listed(call_id="big")
    assert len(record["resp_body"]) == 262_144
    assert "truncated" not in record


def test_a_document_that_would_not_fit_into_an_item_is_stored_cut_and_marked(account: Account) -> None:
    before, after, whole = (random_text(262_144, n) for n in range(3))
    errors = {"message": "invalid JSON", "before": before, "after": after}

    account.given([a_json_error(call_id="big", json_errors=errors, resp_body=whole)])

    (record,) = account.listed(call_id="big")
    assert whole.startswith(record["resp_body"])
    assert before.endswith(record["json_errors"]["before"])
    assert after.startswith(record["json_errors"]["after"])
    assert (record["truncated"], record["original_size"]) == (True, 262_144)
    assert record["sha256"] == hashlib.sha256(whole.encode()).hexdigest()


def test_text_around_an_error_is_never_cut_without_a_mark(account: Account) -> None:
    errors = {"message": "invalid JSON", "before": random_text(600_000, 1), "after": "}"}

    account.given([a_json_error(call_id="big", json_errors=errors)])

    (record,) = account.listed(call_id="big")
    assert len(record["json_errors"]["before"]) < 600_000
    assert record.get("truncated") is True


def test_a_document_that_is_too_large_without_its_bodies_is_refused(account: Account) -> None:
    reply = account.put(account.own(a_request(req_headers={"x-large": random_text(600_000, 1)})))

    message = "the document is too large to keep"
    assert_error(reply, 400, "validation error", invalid("0.document", "maxSize", message, target=380_000))


def test_the_answer_to_a_great_many_refused_documents_fits_into_a_reply(account: Account) -> None:
    reply = account.put([0] * 60_000)

    assert size_of(reply) < LAMBDA_REPLY_LIMIT


def test_the_answer_to_a_great_many_accepted_documents_fits_into_a_reply(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_hand_on", lambda *_: None)
    small = {"call_id": "é" * 127, "created": CREATED, "method": "get", "pvt_account_id": account.id}

    reply = account.put([small] * 8000)

    assert size_of(reply) < LAMBDA_REPLY_LIMIT


# ---------------------------------------------------------------- settings of the account


def test_recording_that_is_switched_off_and_on_again_takes_effect_within_the_cache_period(
    account: Account, deployment: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 1_000_000.0
    monkeypatch.setattr("functions.ingest.app.time.monotonic", lambda: seconds)
    document = account.own(a_request())
    statuses = [account.put(document)["statusCode"]]

    for recording in (False, True):
        deployment.accounts().save(account.id, AccountSettings(recording=recording))
        statuses.append(account.put(document)["statusCode"])
        seconds += ingest.SETTINGS_SECONDS
        statuses.append(account.put(document)["statusCode"])

    assert statuses == [202, 202, 409, 409, 202]


def test_the_settings_of_one_account_are_not_used_for_another(account: Account, deployment: Service) -> None:
    other = Account.new(deployment)
    deployment.accounts().save(other.id, AccountSettings(recording=False))

    statuses = [one.put(one.own(a_request()))["statusCode"] for one in (account, other)]

    assert statuses == [202, 409]


def expiries(account: Account) -> set[int]:
    table = dynamodb.client().scan(TableName="DebugTable")["Items"]
    return {int(item["expires_at"]["N"]) for item in table if item["pk"]["S"].startswith(account.id)}


@pytest.mark.parametrize(("days", "expected"), [(None, 30), (1, 1), (400, 400)])
def test_records_expire_after_the_accounts_retention_or_the_deployments(
    account: Account, deployment: Service, days: int | None, expected: int
) -> None:
    deployment.accounts().save(account.id, AccountSettings(retention_days=days))

    account.given(a_call())

    assert expiries(account) == {NOW_MS // 1000 + expected * DAY}


def test_expired_records_are_invisible_although_they_are_still_in_the_table(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.given(a_call(call_id="one", status="500"))
    (expires,) = expiries(account)

    monkeypatch.setattr("pivot_debug.store._now", lambda: str(expires))

    assert (account.call_ids(), account.call_ids(has_errors="true"), account.listed(call_id="one")) == ([], [], [])
    assert expiries(account) == {expires}


def test_records_are_visible_until_the_second_they_expire(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.given(a_call(call_id="one"))
    (expires,) = expiries(account)

    monkeypatch.setattr("pivot_debug.store._now", lambda: str(expires - 1))

    assert (account.call_ids(), len(account.listed(call_id="one"))) == (["one"], 2)


def test_a_document_that_comes_again_after_it_expired_is_stored_anew(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.given(a_call(call_id="one"))
    (expires,) = expiries(account)
    monkeypatch.setattr("pivot_debug.store._now", lambda: str(expires + 1))
    monkeypatch.setattr(clock, "now_ms", lambda: (expires + 1) * 1000)

    account.given(a_call(call_id="one"))

    assert [record["seq"] for record in account.listed(call_id="one")] == [1, 2]
    assert expiries(account) == {expires + 1 + 30 * DAY}


# ---------------------------------------------------------------- the queue


def test_a_queue_that_fails_half_way_through_a_batch_is_503_and_a_second_try_loses_and_doubles_nothing(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [
        account.own(a_response(call_id="one", created=CREATED + n, resp_body=random_text(262_144, n))) for n in range(5)
    ]
    numbers = iter((False, True))

    def second_fails(_: Sent) -> None:
        if next(numbers, False):
            raise aws_error("ThrottlingException", "SendMessage")

    with tapped(ingest.queue()._client, second_fails):
        first = account.put(documents)
    is_counted = "DocumentsAccepted" in capsys.readouterr().out
    second = account.put(documents)
    account.service.record_queue()

    assert not is_counted
    assert "DocumentsAccepted" in capsys.readouterr().out
    assert (first["statusCode"], second["statusCode"]) == (503, 202)
    assert [record["seq"] for record in account.listed(call_id="one")] == [1, 2, 3, 4, 5]


# ---------------------------------------------------------------- credentials never get through


SECRET = "Xq7-planted-secret-9vK"


@pytest.mark.parametrize(
    "fields",
    [
        *[
            {"req_headers": {name: SECRET}}
            for name in (
                "Authorization",
                "proxy-authorization",
                "Cookie",
                "X-Auth-Token",
                "X-API-Key",
                "x-amz-security-token",
                "X-Twilio-Signature",
                "X-Client-Secret",
                "x-access-token",
            )
        ],
        {"req_headers": {"authorization": f"Bearer {SECRET}"}},
        {"req_headers": {"AUTHORIZATION": ["Basic abc", f"Basic {SECRET}"]}},
        {"resp_headers": {"set-cookie": [f"sid={SECRET}; Path=/", f"other={SECRET}"]}, "resp_status_code": "200"},
        {"resp_headers": {"location": f"https://user:{SECRET}@pivot.example.com/next"}, "resp_status_code": "302"},
        {"resp_headers": {"location": f"https://a.example/?access_token={SECRET}"}, "resp_status_code": "302"},
        {"resp_headers": {"location": f"/next?access_token={SECRET}"}, "resp_status_code": "302"},
        {"resp_headers": {"link": f"<https://a.example/?api_key={SECRET}>; rel=next"}, "resp_status_code": "200"},
        {"req_headers": {"referer": f"https://a.example/#id_token={SECRET}"}},
        {"uri": f"https://user:{SECRET}@pivot.example.com/ivr"},
        {"uri": f"https://{SECRET}@pivot.example.com/ivr"},
        {"uri": f"https://user@{SECRET}:pivot.example.com/ivr"},
        *[
            {"uri": f"https://pivot.example.com/ivr?Call-ID=x&{name}={SECRET}&To=2600"}
            for name in (
                "api_key",
                "apikey",
                "key",
                "token",
                "access_token",
                "refresh_token",
                "id_token",
                "password",
                "passwd",
                "pwd",
                "pin",
                "secret",
                "client_secret",
                "sig",
                "signature",
                "session",
                "auth",
                "jwt",
                "X-Amz-Signature",
                "X-Amz-Credential",
                "a%70i_key",
                "user[password]",
                "auth.token",
            )
        ],
        {"uri": f"https://pivot.example.com/ivr?next=/cb?token={SECRET}"},
        {"uri": f"https://pivot.example.com/ivr#access_token={SECRET}"},
        {"uri": f"/relative?token={SECRET}"},
        {"method": "post", "req_body": f"Call-ID=x&password={SECRET}&To=2600"},
        {"method": "post", "req_body": f"pin={SECRET}"},
        {"method": "post", "req_body": json.dumps({"password": SECRET})},
    ],
    ids=str,
)
def test_a_credential_in_a_place_for_one_is_found_nowhere_afterwards(account: Account, fields: Document) -> None:
    document = account.own(a_request(call_id="one", **fields))
    seen: list[str] = []

    with logged() as log:
        reply = account.put(document)
        messages = account.service.receive()
        seen += [reply["body"], *map(unpacked, messages)]
        record(messages)
        replies: list[Reply] = [account.get(), account.get(call_id="one"), account.get(query={"filter_uri": "pivot"})]
        replies += [account.get(call_id="one", query={"accept": "csv"})]
    seen += [one["body"] for one in replies] + [table_text("DebugTable"), log.getvalue()]

    assert (reply["statusCode"], len(messages)) == (202, 1)
    assert [text for text in seen if SECRET in text or quote(SECRET) in text] == []


@pytest.mark.parametrize(
    "name", ["code_verifier", "assertion", "SAMLResponse", "card", "cvv", "session_id", "auth_key"]
)
def test_a_parameter_that_the_security_checklist_names_is_redacted_too(account: Account, name: str) -> None:
    account.given([a_request(call_id="one", uri=f"https://pivot.example.com/ivr?{name}={SECRET}")])

    assert SECRET not in account.get(call_id="one")["body"]


def test_a_redacted_record_says_what_was_taken_out(account: Account) -> None:
    account.given(
        [a_request(call_id="one", uri="https://u:p@a.example/?pin=1234&To=2600", req_headers={"Cookie": "a=b"})]
    )

    (record,) = account.listed(call_id="one")

    assert record["uri"] == "https://***@a.example/?pin=***&To=2600"
    assert record["redacted"] == ["req_headers.Cookie", "uri.pin", "uri.userinfo"]


def test_the_token_of_the_request_is_neither_stored_nor_queued_nor_logged(account: Account) -> None:
    with logged() as log:
        messages = account.messages(a_call(call_id="one"))
        record(messages)

    assert TOKEN not in log.getvalue() + "".join(map(unpacked, messages)) + table_text("DebugTable")


def test_the_log_holds_no_number_no_path_and_no_body(account: Account) -> None:
    with logged() as log:
        account.given([a_response(call_id="+14155550199@sip", resp_body="canary-body")])
        account.get(call_id="+14155550199@sip")
        account.put([{"call_id": "+14155550199@sip", "uri": 5}])

    assert "4155550199" not in log.getvalue()
    assert "canary-body" not in log.getvalue()


def unpacked(message: str) -> str:
    """A queue message with its documents readable."""
    entries = json.loads(message)["records"]
    return message + "".join(unpack_text(base64.b64decode(entry["doc"])) for entry in entries)


def record(messages: list[str]) -> None:
    assert recorder.handler(queue_event(messages), None) == {"batchItemFailures": []}
