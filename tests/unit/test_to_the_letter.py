"""What mutation testing showed that no other test held: texts that people read, and the last step of limits."""

from dataclasses import replace
from typing import Any

import pytest

from pivot_debug import cursor, query
from pivot_debug.cursor import CursorScope
from pivot_debug.errors import InvalidRequestError, InvalidTokenError
from pivot_debug.keys import MAX_CALL_ID_BYTES, Seq, can_be_call_id, seq_of
from pivot_debug.tokens import MAX_ACCOUNTS, TokenRow, new_token, split, verify
from tests.builders import ACCOUNT, NOW_MS

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
        ({"scopes": ("x",)}, "scopes are debug:read, debug:write"),
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
