"""Query parameters: what they mean, and that none is silently ignored when it cannot be used."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.errors import InvalidRequestError, ValidationErrors
from pivot_debug.query import (
    MAX_PAGE_SIZE,
    MAX_RANGE_SECONDS,
    Paging,
    binding_of,
    bounds_of,
    filter_of,
    is_ascending,
    paging_of,
    span_of,
)
from tests.builders import CREATED, NOW_MS

moderately = settings(max_examples=60, deadline=None)

NOW = clock.gregorian(NOW_MS)


def a_row(*, verdict: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A call as the list shows it."""
    return {
        "call_id": "829597750@10.26.0.158",
        "created": CREATED,
        "debug_id": "202403-829597750@10.26.0.158",
        "uri": "https://pivot.example.com/ivr?x=1",
        "status_code": "404",
        "status_codes": ["404"],
        "node": "kazoo_apps@apps1.example.net",
        "iteration": 1,
        "has_json_errors": False,
        "has_schema_errors": True,
        "has_transport_errors": False,
        "verdict": verdict or {"status": "error", "code": "http_4xx"},
        "caller": "+14155550100",
        "called": "2600",
        **fields,
    }


OK = {"status": "ok"}


def admits(call: dict[str, Any], **parameters: str) -> bool:
    return filter_of(parameters).admits(call)


def faults(reader: Any, *arguments: Any) -> ValidationErrors:
    with pytest.raises(InvalidRequestError) as caught:
        reader(*arguments)
    return caught.value.errors


# ---------------------------------------------------------------- paging


def test_a_page_has_fifty_items_unless_told_otherwise() -> None:
    assert paging_of({}) == Paging(50, "")


@pytest.mark.parametrize(
    ("text", "size"), [("1", 1), ("007", 7), ("500", 500), ("501", MAX_PAGE_SIZE), ("9" * 15, 500)]
)
def test_the_page_size_is_the_clients_up_to_the_maximum(text: str, size: int) -> None:
    assert paging_of({"page_size": text}) == Paging(size, "")


@pytest.mark.parametrize("text", ["0", "-1", "00"])
def test_a_page_holds_at_least_one_item(text: str) -> None:
    assert "minimum" in faults(paging_of, {"page_size": text})["page_size"]


@pytest.mark.parametrize(
    "text",
    ["", "ten", "1.5", "+5", " 5", "5\n", "٥", "1_0", "0x10", "9" * 5000, "--1"],  # noqa: RUF001 - a digit that is not ASCII
)
def test_a_page_size_that_is_no_whole_number_is_an_error(text: str) -> None:
    assert "type" in faults(paging_of, {"page_size": text})["page_size"]


def test_a_page_begins_where_the_start_key_says() -> None:
    assert paging_of({"start_key": "abc", "page_size": "2"}) == Paging(2, "abc")


@pytest.mark.parametrize("text", ["false", "", "TRUE", "0", "no"])
def test_anything_but_true_switches_paging_off(text: str) -> None:
    assert paging_of({"paginate": text, "page_size": "2", "start_key": "abc"}) == Paging(None, "")


def test_paginate_true_changes_nothing() -> None:
    assert paging_of({"paginate": "true"}) == paging_of({})


# ---------------------------------------------------------------- order


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"ascending": "true"}, True),
        ({"ascending": ""}, True),
        ({"ascending": "1"}, True),
        ({"ascending": "false"}, False),
        ({"descending": "true"}, False),
        ({"descending": "false"}, True),
    ],
)
def test_each_word_for_the_order_does_what_it_says(default: bool, parameters: dict[str, str], expected: bool) -> None:
    assert is_ascending(parameters, default=default) is expected


@pytest.mark.parametrize("default", [True, False])
def test_without_a_word_the_order_is_the_routes_own(default: bool) -> None:
    assert is_ascending({}, default=default) is default


def test_descending_goes_before_ascending_as_in_kazoo() -> None:
    # crossbar_view: "descending has priority over ascending".
    assert not is_ascending({"ascending": "true", "descending": "true"}, default=False)


# ---------------------------------------------------------------- bounds


def test_the_default_range_is_kazoos_31_days_and_an_hour() -> None:
    assert MAX_RANGE_SECONDS == 31 * 86_400 + 3600
    assert bounds_of({}, NOW_MS) == (NOW_MS - MAX_RANGE_SECONDS * 1000, NOW_MS + 999)


def test_both_bounds_are_included_to_the_last_millisecond() -> None:
    first, last = bounds_of({"created_from": str(CREATED), "created_to": str(CREATED)}, NOW_MS)

    assert (first, last) == (clock.unix_ms(CREATED), clock.unix_ms(CREATED) + 999)


def test_a_range_without_a_beginning_is_the_longest_before_its_end() -> None:
    assert bounds_of({"created_to": str(CREATED)}, NOW_MS)[0] == clock.unix_ms(CREATED - MAX_RANGE_SECONDS)


def test_a_range_without_an_end_lasts_until_now() -> None:
    assert bounds_of({"created_from": str(CREATED)}, NOW_MS)[1] == NOW_MS + 999


def test_the_longest_range_is_allowed_and_a_second_more_is_not() -> None:
    first = NOW - MAX_RANGE_SECONDS

    assert bounds_of({"created_from": str(first), "created_to": str(NOW)}, NOW_MS)
    fault = faults(bounds_of, {"created_from": str(first - 1), "created_to": str(NOW)}, NOW_MS)
    assert fault["created_from"]["date_range"]["cause"] == NOW


def test_a_range_that_ends_before_it_begins_is_an_error_about_its_beginning() -> None:
    fault = faults(bounds_of, {"created_from": str(CREATED + 1), "created_to": str(CREATED)}, NOW_MS)

    assert fault["created_from"]["date_range"]["cause"] == CREATED + 1


@pytest.mark.parametrize("name", ["created_from", "created_to"])
@pytest.mark.parametrize("text", ["1710278676", "0", "-1", "63.7e9", "", "now", "9" * 15, "9" * 5000])
def test_a_time_that_cannot_be_one_is_an_error_about_that_parameter(name: str, text: str) -> None:
    assert set(faults(bounds_of, {name: text}, NOW_MS)) == {name}


def test_unix_time_is_answered_with_a_hint() -> None:
    fault = faults(bounds_of, {"created_to": "1710278676"}, NOW_MS)

    assert "Gregorian" in fault["created_to"]["date_range"]["message"]
    assert fault["created_to"]["date_range"]["cause"] == 1_710_278_676


def test_a_range_that_ends_in_january_1970_begins_with_it() -> None:
    assert bounds_of({"created_to": str(clock.GREGORIAN_OFFSET + 100)}, NOW_MS) == (0, 100_999)


@given(st.integers(0, clock.LATEST_MS), st.integers(0, MAX_RANGE_SECONDS), st.booleans())
@moderately
def test_every_range_in_bounds_is_taken_to_the_second(last_ms: int, length: int, is_future: bool) -> None:
    last = clock.gregorian(last_ms)
    first = max(last - length, clock.GREGORIAN_OFFSET)

    found = bounds_of({"created_from": str(first), "created_to": str(last)}, 0 if is_future else NOW_MS)

    assert found == (clock.unix_ms(first), clock.unix_ms(last) + 999)
    assert found[1] <= clock.LATEST_MS


# ---------------------------------------------------------------- filters


def test_without_a_filter_every_call_is_admitted_without_a_look() -> None:
    conditions = filter_of({"_": "123", "page_size": "5", "ascending": "true", "fields": "x"})

    assert conditions.admits(a_row())
    assert conditions.admits(a_row(verdict=OK))
    assert not conditions.need_a_look


@pytest.mark.parametrize(
    ("parameter", "hit", "miss"),
    [
        ("filter_call_id", "829597750@10.26.0.158", "829597750"),
        ("filter_debug_id", "202403-829597750@10.26.0.158", "829597750@10.26.0.158"),
        ("filter_status_code", "404", "40"),
        ("filter_resp_status_code", "404", "200"),
        ("filter_node", "kazoo_apps@apps1.example.net", "apps1"),
        ("filter_iteration", "1", "2"),
        ("filter_uri", "/ivr?", "/IVR"),
        ("filter_has_schema_errors", "true", "false"),
        ("filter_has_json_errors", "false", "true"),
        ("filter_has_transport_errors", "false", "true"),
        ("filter_caller", "+14155550100", "4155550100"),
        ("filter_called", "2600", "260"),
        ("caller", "+1 (415) 555-0100", "+1 415 555-0101"),
        ("called", "2600", "2601"),
        ("error_code", "http_4xx", "http_5xx"),
        ("status_class", "4xx", "5xx"),
        ("has_errors", "true", "false"),
    ],
)
def test_a_filter_admits_what_it_names_and_nothing_else(parameter: str, hit: str, miss: str) -> None:
    assert admits(a_row(), **{parameter: hit})
    assert not admits(a_row(), **{parameter: miss})


@pytest.mark.parametrize("number", [" 14155550100", "14155550100", "1-415-555-0100", "1.415.555.0100"])
def test_a_number_is_found_however_it_is_written(number: str) -> None:
    # A "+" that the client did not encode arrives as a space.
    assert admits(a_row(), caller=number)
    assert admits(a_row(), filter_caller=number)


def test_all_conditions_must_hold() -> None:
    assert admits(a_row(), filter_status_code="404", caller="14155550100", has_errors="true", status_class="4xx")
    assert not admits(a_row(), filter_status_code="404", caller="14155550100", has_errors="false", status_class="4xx")
    assert not admits(a_row(), filter_status_code="404", called="14155550100", has_errors="true", status_class="4xx")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('["200","404"]', True),
        ("[200,404]", True),
        ('["200"]', False),
        ("[]", False),
        ("[[404]]", False),
        ('["404"', False),
        ("[" * 5000, False),
    ],
)
def test_a_json_array_means_one_of(value: str, expected: bool) -> None:
    assert admits(a_row(), filter_status_code=value) is expected


def test_a_json_array_of_booleans_and_one_of_numbers_compare_as_text() -> None:
    assert admits(a_row(), filter_has_schema_errors="[true]")
    assert admits(a_row(), filter_iteration="[1, 2]")


def test_text_that_begins_like_an_array_and_is_none_is_taken_as_it_is() -> None:
    assert admits(a_row(call_id="[x"), filter_call_id="[x")


def test_an_absent_value_matches_no_filter() -> None:
    call = a_row()
    del call["status_code"], call["status_codes"], call["caller"]

    assert not admits(call, filter_status_code="404")
    assert not admits(call, filter_status_code="None")
    assert not admits(call, caller="14155550100")
    assert not admits(call, status_class="4xx")
    assert not admits(a_row(verdict=OK), error_code="None")


@pytest.mark.parametrize("status", ["4", "40", "4040", ""])
def test_only_a_status_of_three_digits_has_a_class(status: str) -> None:
    assert not admits(a_row(status_codes=[status]), status_class="4xx")


def test_a_pending_call_has_no_errors_yet() -> None:
    call = a_row(verdict={"status": "pending"})

    assert admits(call, has_errors="false")
    assert not admits(call, has_errors="true")


@pytest.mark.parametrize("name", ["filter_pvt_node", "filter__id", "filter_", "filter_verdict", "filter_not_uri"])
def test_an_unknown_filter_is_an_error_that_lists_the_known_ones(name: str) -> None:
    fault = faults(filter_of, {name: "x"})[name]["enum"]

    assert "filter_status_code" in fault["target"]


@pytest.mark.parametrize("text", ["", "6xx", "0xx", "4XX", "404", "4xx\n", "xx", "٤xx"])
def test_a_status_class_that_is_none_is_an_error(text: str) -> None:
    assert "enum" in faults(filter_of, {"status_class": text})["status_class"]


@pytest.mark.parametrize("text", ["TRUE", "1", "", "yes"])
def test_a_flag_is_true_or_false(text: str) -> None:
    assert "type" in faults(filter_of, {"has_errors": text})["has_errors"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"has_errors": "true"}, False),
        ({"has_errors": "false"}, True),
        ({"status_class": "4xx"}, True),
        ({"has_errors": "true", "caller": "1"}, True),
        ({"filter_uri": "x"}, True),
    ],
)
def test_only_a_search_for_failed_calls_needs_no_look_at_each(parameters: dict[str, str], expected: bool) -> None:
    assert filter_of(parameters).need_a_look is expected


@given(
    st.dictionaries(st.sampled_from(["filter_uri", "filter_iteration", "caller", "error_code"]), st.text(max_size=30))
)
@moderately
def test_no_value_of_a_filter_is_ever_a_crash(parameters: dict[str, str]) -> None:
    conditions = filter_of(parameters)

    assert conditions.admits(a_row()) in (True, False)
    assert conditions.need_a_look is bool(parameters)


@given(st.lists(st.text(max_size=8) | st.integers() | st.booleans() | st.none(), max_size=4), st.text(max_size=8))
@moderately
def test_an_array_admits_exactly_its_members(values: list[Any], status: str) -> None:
    members = {value if isinstance(value, str) else json.dumps(value) for value in values}

    assert admits(a_row(status_codes=[status]), filter_status_code=json.dumps(values)) == (status in members)


# ---------------------------------------------------------------- what a cursor is bound to


def test_a_cursor_is_bound_to_everything_that_chooses_or_orders() -> None:
    chosen = {
        "ascending": "true",
        "descending": "false",
        "created_from": "1",
        "created_to": "2",
        "status_class": "4xx",
        "has_errors": "true",
        "caller": "1",
        "called": "2",
        "error_code": "x",
        "filter_uri": "y",
    }

    assert dict(binding_of(chosen)) == chosen


@pytest.mark.parametrize("name", ["page_size", "start_key", "paginate", "accept", "_", "unknown"])
def test_a_cursor_is_not_bound_to_what_only_pages(name: str) -> None:
    assert binding_of({name: "x"}) == ()


def test_the_order_of_parameters_does_not_matter_to_a_cursor() -> None:
    assert binding_of({"caller": "1", "called": "2"}) == binding_of({"called": "2", "caller": "1"})


@pytest.mark.parametrize(
    "name", ["has_key", "has_value", "key_missing", "missing_value", "modified_from", "modified_to", "value_missing"]
)
def test_a_filter_of_kazoos_that_is_not_offered_is_an_error_and_never_ignored(name: str) -> None:
    assert "filter_uri" in faults(filter_of, {name: "x", "_": "1"})[name]["enum"]["target"]


def test_without_a_bound_all_records_of_a_call_are_wanted() -> None:
    assert span_of({"page_size": "5"}, NOW_MS) == (0, clock.LATEST_MS)


@pytest.mark.parametrize("name", ["created_from", "created_to"])
def test_with_a_bound_the_records_of_a_call_are_bounded_as_the_list_is(name: str) -> None:
    parameters = {name: str(CREATED)}

    assert span_of(parameters, NOW_MS) == bounds_of(parameters, NOW_MS)
