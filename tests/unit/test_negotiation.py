"""JSON or CSV."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.errors import NotAcceptableError
from pivot_debug.negotiation import wants_csv

moderately = settings(max_examples=60, deadline=None)

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def test_a_client_that_says_nothing_gets_json() -> None:
    assert not wants_csv({}, {})
    assert not wants_csv({"accept": ""}, {"accept": ""})


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json;charset=utf-8",
        "application/*",
        "*/*",
        "*/*;q=0.1",
        "json",
        # What jQuery, and so the Monster UI SDK, sends.
        "application/json, text/javascript, */*; q=0.01",
        "text/javascript",
        "application/x-json",
        BROWSER,
        "text/csv;q=0.5, application/json",
        "text/csv;q=0, */*",
        "image/png, */*;q=0.1",
    ],
)
def test_json_is_the_answer_to(accept: str) -> None:
    assert not wants_csv({"accept": accept}, {})


@pytest.mark.parametrize(
    "accept",
    [
        "text/csv",
        "Text/CSV",
        " text/csv ",
        "text/comma-separated-values",
        "application/octet-stream",
        "text/*",
        "CSV",
        "text/csv, application/json",
        "application/json;q=0.5, text/csv",
        "application/json;q=0.1,text/csv;q=0.2",
        "application/json;q=0, text/csv;q=0.1",
        "text/csv;header=present;q=0.7, */*;q=0.1",
    ],
)
def test_csv_is_the_answer_to(accept: str) -> None:
    assert wants_csv({"accept": accept}, {})


def test_json_that_is_refused_by_name_is_not_the_answer_to_anything_else() -> None:
    # RFC 9110: the most specific range counts, so only CSV is left.
    assert wants_csv({"accept": "application/json;q=0, */*"}, {})


@pytest.mark.parametrize(
    "accept",
    ["image/png", "text/html", "application/json;q=0", "*/*;q=0", "text/csv;q=0", "x", "*", "xml", "text/csv;q=-1"],
)
def test_neither_will_do_for(accept: str) -> None:
    with pytest.raises(NotAcceptableError):
        wants_csv({"accept": accept}, {})


@pytest.mark.parametrize(("value", "expected"), [("csv", True), ("text/csv", True), ("json", False), ("*/*", False)])
def test_the_parameter_goes_before_the_header(value: str, expected: bool) -> None:
    for header in ("application/json", "text/csv", "image/png"):
        assert wants_csv({"accept": header}, {"accept": value}) is expected


@pytest.mark.parametrize("quality", ["", "x", "1.0.0", "0.5x"])
def test_a_quality_that_cannot_be_read_counts_as_none_given(quality: str) -> None:
    assert wants_csv({"accept": f"application/json;q=0.9, text/csv;q={quality}"}, {})


@given(st.text() | st.text("aq=;,*/ 01.-+nif", max_size=40))
@moderately
def test_no_accept_header_is_ever_a_crash(accept: str) -> None:
    try:
        answer = wants_csv({"accept": accept}, {})
    except NotAcceptableError:
        return

    assert answer in (True, False)
