"""Items as CSV: complete, and harmless in a spreadsheet."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.csv_export import to_csv

moderately = settings(max_examples=60, deadline=None)

FIRST_COLUMNS = ["call_id", "created", "debug_id", "uri", "status_code"]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12) | st.text("=+-@\t\r\n',\"a", max_size=5)
NAMES = st.text("abcxyz_", min_size=1, max_size=6)
ITEMS = st.dictionaries(
    NAMES,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    ),
    max_size=4,
)


COLUMNS = ("call_id", "created", "debug_id", "uri", "status_code")


def table(*items: dict[str, Any]) -> list[dict[str, str]]:
    """The rows as a spreadsheet reads them."""
    text = to_csv([json.dumps(item) for item in items], COLUMNS)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_an_empty_list_is_a_header_row() -> None:
    assert to_csv([], COLUMNS) == "call_id,created,debug_id,uri,status_code\r\n"


def test_each_item_is_a_row() -> None:
    rows = table({"call_id": "a", "created": 5}, {"call_id": "b", "status_code": "404"})

    assert [(row["call_id"], row["created"], row["status_code"]) for row in rows] == [("a", "5", ""), ("b", "", "404")]


def test_the_well_known_columns_come_first_and_the_others_in_the_order_they_appear() -> None:
    (header, *_) = to_csv(['{"z":1,"uri":"u"}', '{"a":1,"z":2}'], COLUMNS).splitlines()

    assert header == "call_id,created,debug_id,uri,status_code,z,a"


def test_nested_names_are_joined_with_dots() -> None:
    (row,) = table({"verdict": {"status": "error", "at": {"line": 3}}, "req_headers": {}})

    assert (row["verdict.status"], row["verdict.at.line"]) == ("error", "3")
    assert "req_headers" not in row


def test_lists_and_booleans_are_written_as_json() -> None:
    (row,) = table({"a": [1, "x", None], "b": True, "c": [], "d": [{"e": 1}]})

    assert (row["a"], row["b"], row["c"], row["d"]) == ('[1, "x", null]', "true", "[]", '[{"e": 1}]')


def test_a_null_is_an_empty_cell() -> None:
    assert table({"a": None})[0]["a"] == ""


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    (row,) = table({"uri": text, "req_headers": {"x": text}})

    assert (row["uri"], row["req_headers.x"]) == (f"'{text}", f"'{text}")


def test_numbers_stay_numbers() -> None:
    assert table({"a": -5, "b": -1.5})[0] == dict.fromkeys(FIRST_COLUMNS, "") | {"a": "-5", "b": "-1.5"}


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+x", "-x", '=HYPERLINK("http://x")'])
def test_a_column_that_a_spreadsheet_would_run_is_quoted(name: str) -> None:
    # Public fields that nobody knows are kept as sent: their names are the sender's choice.
    header = next(csv.reader(io.StringIO(to_csv([json.dumps({name: 1})], ()), newline="")))

    assert not [column for column in header if column.startswith(FORMULA_STARTS)]


@pytest.mark.parametrize("text", ['a"b', "a,b", "a\nb", "a\r\nb", "é漢😀", " a ", "a;b", "\0"])
def test_text_comes_back_from_its_cell(text: str) -> None:
    assert table({"uri": text})[0]["uri"] == text


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert table({"uri": "a\ud800b"})[0]["uri"] == "a?b"


@given(st.lists(ITEMS, max_size=4))
@moderately
def test_every_item_is_one_row_and_no_text_of_it_runs(items: list[dict[str, Any]]) -> None:
    text = to_csv([json.dumps(item) for item in items], COLUMNS)

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(items)
    assert text.encode()
    for item, row in zip(items, rows, strict=True):
        texts = {name for name, value in item.items() if isinstance(value, str)}
        assert not [name for name in texts if row[name].startswith(FORMULA_STARTS)]


@given(st.dictionaries(NAMES, st.integers() | st.text("abc,\"'\n", max_size=9), max_size=5))
@moderately
def test_no_value_is_lost(item: dict[str, Any]) -> None:
    (row,) = table(item)

    assert {name: row[name] for name in item} == {name: str(value) for name, value in item.items()}
