"""What mutation testing showed that no other test held: texts that people read, and the last step of limits."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from pivot_debug import cursor, query
from pivot_debug.caller import from_context, to_context
from pivot_debug.cursor import CursorScope
from pivot_debug.errors import InvalidRequestError, InvalidTokenError
from pivot_debug.keys import MAX_CALL_ID_BYTES, Seq, can_be_call_id, seq_of
from pivot_debug.models import StoredRecord
from pivot_debug.policy import policy_for
from pivot_debug.redaction import redact_json, redact_url
from pivot_debug.summary import fold
from pivot_debug.telling_names import is_secret_name
from pivot_debug.tokens import MAX_ACCOUNTS, Caller, TokenRow, new_token, split, verify
from tests.builders import ACCOUNT, CALL, CREATED, NOW_MS, a_record, a_request, a_response

GREGORIAN = 62_167_219_200
FILTERS = [
    *("filter_call_id", "filter_caller", "filter_called", "filter_debug_id", "filter_iteration", "filter_node"),
    *("filter_status_code", "filter_uri", "filter_has_json_errors", "filter_has_schema_errors"),
    "filter_has_transport_errors",
]


def bounds(**given: str) -> Any:
    return query.bounds_of(given, NOW_MS)


REFUSALS: list[tuple[Any, dict[str, str], dict[str, Any]]] = [
    (query.paging_of, {"page_size": "x"}, {"type": {"message": "must be a whole number", "target": "integer"}}),
    (query.paging_of, {"page_size": "0"}, {"minimum": {"message": "must be at least 1", "target": 1}}),
    (query.filter_of, {"has_errors": "x"}, {"type": {"message": "must be true or false", "target": "boolean"}}),
    (query.filter_of, {"has_key": "x"}, {"enum": {"message": "no such filter", "target": FILTERS}}),
    (query.filter_of, {"filter_x": "x"}, {"enum": {"message": "no such filter", "target": FILTERS}}),
    (
        query.filter_of,
        {"status_class": "6xx"},
        {"enum": {"message": "not a status class", "target": ["2xx", "3xx", "4xx", "5xx"]}},
    ),
    (
        lambda given: query.bounds_of(given, NOW_MS),
        {"created_from": "5"},
        {"date_range": {"message": f"must be Gregorian seconds, that is Unix seconds + {GREGORIAN}", "cause": 5}},
    ),
]


@pytest.mark.parametrize(("rule", "given", "expected"), REFUSALS)
def test_a_refused_parameter_says_what_it_should_be(rule: Any, given: dict[str, str], expected: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        rule(given)

    assert refused.value.errors == {next(iter(given)): expected}


def test_a_range_that_is_turned_round_or_too_long_says_both_ends() -> None:
    first, last = GREGORIAN + 10**9, GREGORIAN + 10**9 + query.MAX_RANGE_SECONDS

    with pytest.raises(InvalidRequestError) as turned:
        bounds(created_from=str(last), created_to=str(first))
    with pytest.raises(InvalidRequestError) as long:
        bounds(created_from=str(first), created_to=str(last + 1))

    message = f"created_from {last} is greater than created_to {first}"
    assert turned.value.errors == {"created_from": {"date_range": {"message": message, "cause": last}}}
    message = f"created_to {last + 1} is more than {query.MAX_RANGE_SECONDS} seconds from created_from {first}"
    assert long.value.errors == {"created_from": {"date_range": {"message": message, "cause": last + 1}}}
    assert bounds(created_from=str(first), created_to=str(last))


def test_a_call_id_may_have_every_byte_of_the_limit_and_no_more() -> None:
    assert can_be_call_id("x" * MAX_CALL_ID_BYTES)
    assert can_be_call_id("x")
    assert not can_be_call_id("x" * (MAX_CALL_ID_BYTES + 1))


def test_the_place_of_a_record_is_what_stands_behind_the_last_hash() -> None:
    assert seq_of("a%23b#c#1710278676000.0001.10.b791e38c9641") == "1710278676000.0001.10.b791e38c9641"
    with pytest.raises(ValueError, match=r"^not the place of a record: 'x'$"):
        Seq.parse("x")


def test_a_refused_cursor_says_what_to_do() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        cursor.decode("x.y", CursorScope(ACCOUNT, "/list", ()), b"key", NOW_MS)

    message = "not a next_start_key of this list with these filters, or older than a day: start again without it"
    assert refused.value.errors == {"start_key": {"invalid": {"message": message}}}


def test_a_cursor_has_16_bytes_of_signature_and_no_space_to_spare() -> None:
    scope, key = CursorScope(ACCOUNT, "/list", ()), b"k" * 64

    payload, mac = cursor.encode({"after": ["202403", "x"]}, scope, key, NOW_MS).split(".")
    content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()

    assert (len(mac), len(scope.digest())) == (22, 16)
    assert content == json.dumps(json.loads(content), separators=(",", ":"))


# ---------------------------------------------------------------- tokens


def a_row(**fields: Any) -> tuple[str, TokenRow]:
    given = {"name": "feed", "accounts": (ACCOUNT,), "scopes": ("debug:read",), "now": 1000, **fields}
    token, row = new_token(**given)
    return split(token)[1], row


def test_a_new_row_has_the_name_and_the_moment_of_its_making() -> None:
    _, row = a_row(lifetime_days=2)

    assert (row.name, row.created, row.expires_at, row.revoked_at) == ("feed", 1000, 1000 + 2 * 86_400, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"accounts": ("x",)}, "accounts must be 32 lower-case hex characters each, or * alone"),
        ({"accounts": ("0" * 32,) * (MAX_ACCOUNTS + 1)}, f"a token lists at most {MAX_ACCOUNTS} accounts"),
        ({"scopes": ("x",)}, "scopes are debug:read, debug:write, debug:delete"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        a_row(**fields)

    assert str(refused.value) == reason


def test_the_log_says_why_a_token_was_refused() -> None:
    secret, row = a_row()

    def reason(given: str, known: TokenRow | None) -> str:
        with pytest.raises(InvalidTokenError) as refused:
            verify(given, known, 1000)
        return str(refused.value)

    assert reason("x", row) == reason(secret, None) == "unknown token"
    assert reason(secret, replace(row, revoked_at=1)) == "revoked token"
    assert reason(secret, replace(row, expires_at=1000)) == "expired token"
    with pytest.raises(InvalidTokenError, match=r"^not a token of this service$"):
        split("x")


# ---------------------------------------------------------------- filters


def admits(call: dict[str, Any], **given: str) -> bool:
    return query.filter_of(given).admits({"verdict": {"status": "ok"}, **call})


def test_a_text_is_compared_in_its_own_case_and_an_absent_one_as_empty() -> None:
    assert admits({"node": "Apps"}, filter_node="Apps")
    assert not admits({"node": "Apps"}, filter_node="apps")
    assert not admits({}, filter_node="None")
    assert not admits({}, filter_node="none")


@pytest.mark.parametrize("name", ["caller", "called"])
def test_a_number_is_compared_without_what_people_write_around_its_digits(name: str) -> None:
    call = {"caller": "+14155550100", "called": "+14155550100"}

    assert admits(call, **{name: "1 (415) 555-0100"})
    assert admits(call, **{f"filter_{name}": "1.415.555.0100"})
    assert not admits(call, **{name: "4155550100"})


def test_a_status_in_other_digits_is_of_no_class() -> None:
    assert not admits({"status_codes": ["4\u0660\u0664"]}, status_class="4xx")


# ---------------------------------------------------------------- policy and caller


def test_every_token_may_read_the_error_dictionary_and_a_policy_has_iams_version() -> None:
    stage = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/dev"
    document = policy_for(Caller(name="", accounts=(), scopes=()), f"{stage}/GET/x")["policyDocument"]

    assert document["Version"] == "2012-10-17"
    assert set(document["Statement"][0]["Resource"]) == {
        f"{stage}/{verb}/v2/pivot/errors{rest}" for verb in ("GET", "HEAD") for rest in ("", "/*")
    }


def test_what_a_policy_does_not_allow_it_denies() -> None:
    stage = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/dev"
    statements = policy_for(Caller(name="", accounts=(), scopes=()), f"{stage}/GET/x")["policyDocument"]["Statement"]

    assert [(one["Effect"], one["Action"]) for one in statements] == [
        ("Allow", "execute-api:Invoke"),
        ("Deny", "execute-api:Invoke"),
    ]


@pytest.mark.parametrize("limit", [None, 1, 600])
def test_a_limit_travels_from_the_making_of_a_token_to_the_function(limit: int | None) -> None:
    secret, row = a_row(requests_per_minute=limit)

    caller = verify(secret, row, 1000)

    assert row.requests_per_minute == caller.requests_per_minute == limit
    assert from_context(to_context(caller)).requests_per_minute == limit


def test_an_expiry_that_cannot_be_read_is_long_past() -> None:
    assert from_context({"expires": "soon"}).expires == 0


# ---------------------------------------------------------------- redaction


def test_all_inside_of_a_secret_is_hidden_and_nothing_behind_it() -> None:
    text = '[{"secret": {"a": {"b": "x1", "c": [["x2"], "x3"]}, "d": "x4"}, "e": "shown", "f": {"g": "too"}}, "h"]'

    hidden, lost = redact_json(text)

    assert [word for word in ("x1", "x2", "x3", "x4") if word in hidden] == []
    assert json.loads(hidden)[0]["e"] == "shown"
    assert json.loads(hidden)[0]["f"] == {"g": "too"}
    assert json.loads(hidden)[1] == "h"
    assert set(lost) == {"secret"}


def test_a_secret_behind_another_one_is_hidden_too() -> None:
    hidden, _ = redact_json('{"a": {"secret": {"b": "x1"}}, "c": "shown", "token": ["x2", {"d": "x3"}], "pin": 4711}')

    assert hidden == '{"a": {"secret": {"b": "***"}}, "c": "shown", "token": ["***", {"d": "***"}], "pin": "***"}'


def test_a_name_with_a_raw_control_character_and_an_escape_is_read_as_a_lenient_parser_reads_it() -> None:
    hidden, _ = redact_json('{"p\\u0061ss\tword": "x1"}')

    assert "x1" not in hidden


def test_a_url_is_redacted_from_its_first_mark_on() -> None:
    assert redact_url("https://a.example/token=1?token=x1&b=2?c#d#e") == (
        "https://a.example/token=1?token=***&b=2?c#d#e",
        ["token"],
    )
    assert redact_url("?token=x1") == ("?token=***", ["token"])
    assert redact_url("https://a.example/#a=1#token=x1")[0] == "https://a.example/#a=1#token=***"


@pytest.mark.parametrize("name", ["sip[password]", "a.pin", "a[b].c[token]"])
def test_a_step_of_a_name_can_be_the_secret(name: str) -> None:
    assert is_secret_name(name)


def test_a_word_is_no_secret_and_a_mark_is_left_alone() -> None:
    assert redact_json('{"token": null, "pin": true, "secret": "***"}') == (
        '{"token": null, "pin": true, "secret": "***"}',
        [],
    )


# ---------------------------------------------------------------- summary and verdict


def folded(*documents: dict[str, Any]) -> Any:
    records = [a_record(document) for document in documents]
    return fold(CALL, "202403", [StoredRecord(record.seq, record.packed, 1) for record in records])


def test_a_summary_has_what_its_records_say() -> None:
    one = folded(
        a_request(iteration=3),
        a_response(iteration=3, created=CREATED + 1),
        a_request(iteration=3, created=CREATED + 2),
        a_response(iteration=3, created=CREATED + 3, resp_status_code="404"),
    )

    assert one.call_id == one.document["call_id"] == CALL
    assert one.document["iteration"] == 3
    assert one.document["status_codes"] == ["200", "404"]
    assert "status_codes" not in folded(a_request()).document


def test_a_verdict_says_how_long_and_where_and_what() -> None:
    slow = folded(a_request(), a_response(created=CREATED + 5)).document["verdict"]
    wrong = folded(a_request(), a_response(created=CREATED + 1, resp_body='{\n"module":"say"}')).document["verdict"]
    silent = folded(a_request()).document["verdict"]

    uri = a_request()["uri"]
    assert slow["code"] == "slow_response"
    assert slow["facts"] == {"status_code": "200", "uri": uri, "duration_ms": 5000, "timeout_ms": 5000}
    assert slow["reason"] == "Attempt 1: the server took 5000 ms of the 5000 ms allowed to answer."
    assert wrong["facts"]["place"] == "line 2, column 10"
    assert wrong["facts"]["detail"] == 'KAZOO has no module "say". Did you mean "tts"?'
    assert wrong["reason"].endswith(', at line 2, column 10: KAZOO has no module "say".')
    assert silent["facts"] == {"uri": uri}


@pytest.mark.parametrize("code", [None, 5, ["timeout"], "no_such_code"])
def test_a_transport_error_of_no_known_code_is_no_response(code: Any) -> None:
    error = a_request() | {"transport_error": {"code": code}, "_id": "transport", "uri": None, "method": None}

    assert folded(a_request(), error).document["verdict"]["code"] == "no_response"
