"""Every value and every name of a JSON text has its place, and a text that is not JSON has its fault."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pivot_debug.callflow.json_positions import JsonDocument, parse_json, pointer_of
from pivot_debug.callflow.json_reader import MAX_DEPTH, MAX_VALUES, Fault, JsonSyntaxError, Path

thoroughly = settings(max_examples=500, deadline=None)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=25
)
# Text made of what JSON is made of: near misses, in every way.
PIECES = st.sampled_from(
    [
        *"{}[],:\"\\/-+.eE0123789 \n\t\r\x00\x1fx'\ufeffé\U0001f600\u2028",
        *("true", "false", "null", "NaN", "Infinity", "1e5", "-0", "1.5", "//", '"a"', '{"a":', "[1,"),
        *('\\"', "\\u00e9", "\\ud83d", "\\ude00"),
    ]
)
NEAR_JSON = st.lists(PIECES, max_size=12).map("".join)


def refuse(constant: str) -> None:
    raise ValueError(constant)


def finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number


def strictly_loaded(text: str) -> Any:
    """What Python's own parser reads; it raises ValueError."""
    return json.loads(text, parse_constant=refuse, parse_float=finite)


def fault_of(text: str) -> JsonSyntaxError:
    with pytest.raises(JsonSyntaxError) as caught:
        parse_json(text)
    return caught.value


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from walk(member, (*path, name))


def same(left: Any, right: Any) -> bool:
    """Equal, and of equal types: 1 is neither 1.0 nor true."""
    return repr(left) == repr(right)


# ---------------------------------------------------------------- it reads what Python reads


@thoroughly
@given(NEAR_JSON)
@example("01")
@example("-")
@example('{"a":1,}')
@example('"\\ud83d"')
@example("\ufeff1")
@example("1 2")
@example("[1e400]")
def test_a_text_is_accepted_exactly_when_python_accepts_it_and_read_alike(text: str) -> None:
    try:
        expected = strictly_loaded(text)
    except ValueError:
        fault_of(text)
    else:
        assert same(parse_json(text).value, expected)


@thoroughly
@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.booleans(), st.integers(0, 10_000))
def test_a_text_cut_short_or_whole_is_read_as_python_reads_it(
    value: Any,
    indent: int | str | None,
    ascii_only: bool,
    cut: int,
) -> None:
    whole = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for text in (whole, whole[: cut % (len(whole) + 1)]):
        try:
            expected = strictly_loaded(text)
        except ValueError:
            fault_of(text)
        else:
            assert same(parse_json(text).value, expected)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "[NaN]", '{"a": -Infinity}', "1e999", "-1e999"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    fault_of(text)


def test_an_integer_too_long_for_python_is_refused_and_not_raised_about() -> None:
    assert fault_of("9" * 5000).fault is Fault.INVALID_NUMBER


def test_of_a_name_that_occurs_twice_the_last_one_counts_with_its_place() -> None:
    document = parse_json('{"a": {"b": 1}, "a": [7]}')

    assert document.value == {"a": [7]}
    assert document.name_position(("a",)).offset == 16
    assert document.position(("a", 0)).offset == 22
    assert document.position(("a", "b")).offset == 21, "the b of the first a is gone"


# ---------------------------------------------------------------- places


@thoroughly
@given(DOCUMENTS, st.sampled_from([None, 2, "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_given_any_document_every_value_and_every_name_is_found_where_it_stands(
    value: Any, indent: int | str | None, newline: str
) -> None:
    text = json.dumps(value, indent=indent).replace("\n", newline)
    document = parse_json(text)

    for path, each in walk(value):
        position = document.position(path)
        assert same(json.JSONDecoder().raw_decode(text, position.offset)[0], each)
        if path and isinstance(path[-1], str):
            name = document.name_position(path)
            assert json.JSONDecoder().raw_decode(text, name.offset)[0] == path[-1]
            assert name.offset < position.offset


@given(DOCUMENTS)
def test_line_and_column_lead_to_the_same_character_as_the_offset(value: Any) -> None:
    text = json.dumps(value, indent=2)
    document = parse_json(text)

    for path, _ in walk(value):
        position = document.position(path)
        lines = text.split("\n")
        assert sum(len(line) + 1 for line in lines[: position.line - 1]) + position.column - 1 == position.offset


def places(document: JsonDocument, path: Path) -> tuple[int, int, int]:
    position = document.position(path)
    return position.offset, position.line, position.column


def test_lines_and_columns_count_from_one_and_in_characters() -> None:
    document = parse_json('{\n  "größe": "\U0001f600",\r\n\t"b" : [ 1, {"c":null} ]\r\n}')

    assert places(document, ()) == (0, 1, 1)
    assert places(document, ("größe",)) == (13, 2, 12)
    assert places(document, ("b", 1, "c")) == (36, 3, 18)


def test_a_path_beyond_the_document_leads_to_the_last_value_on_the_way() -> None:
    document = parse_json('{"data": {"a": 1}}')

    assert places(document, ("data", "b", "c")) == places(document, ("data",))
    assert places(document, ("data", "a", 0)) == places(document, ("data", "a"))


def test_what_has_no_name_is_placed_by_its_value() -> None:
    document = parse_json(' [ {"a": 1} ]')

    assert document.name_position(()).offset == 1
    assert document.name_position((0,)).offset == 3


def test_after_a_byte_order_mark_places_are_those_of_the_whole_text() -> None:
    document = parse_json('\ufeff{"a":1}', 1)

    assert places(document, ("a",)) == (6, 1, 7)
    assert fault_of('\ufeff{"a":1}').offset == 0


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ((), ""),
        (("",), "/"),
        (("children", "_", "data", "endpoints", 0), "/children/_/data/endpoints/0"),
        (("a/b", "~1", "c d", "é"), "/a~1b/~01/c d/é"),
    ],
)
def test_a_path_is_written_as_a_json_pointer(path: Path, pointer: str) -> None:
    assert pointer_of(path) == pointer


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("text", "fault", "offset"),
    [
        ("", Fault.TRUNCATED, 0),
        (" \n ", Fault.TRUNCATED, 3),
        ("{", Fault.TRUNCATED, 1),
        ('{"a"', Fault.TRUNCATED, 4),
        ('{"a":', Fault.TRUNCATED, 5),
        ('{"a":1', Fault.TRUNCATED, 6),
        ('{"a":1,', Fault.TRUNCATED, 7),
        ("[1, ", Fault.TRUNCATED, 4),
        ('{"a":1,}', Fault.INVALID_JSON, 7),
        ("[1,]", Fault.INVALID_JSON, 3),
        ("[,1]", Fault.INVALID_JSON, 1),
        ("[1}", Fault.INVALID_JSON, 2),
        ('{"a":1]', Fault.INVALID_JSON, 6),
        ('{"a" 1}', Fault.INVALID_JSON, 5),
        ('{"a":]}', Fault.INVALID_JSON, 5),
        ("{a:1}", Fault.INVALID_JSON, 1),
        ("{'a':1}", Fault.INVALID_JSON, 1),
        ("<br />", Fault.INVALID_JSON, 0),
        ("NaN", Fault.INVALID_JSON, 0),
        ("[01]", Fault.INVALID_JSON, 2),
        ("+1", Fault.INVALID_JSON, 0),
        ("nullx", Fault.TRAILING_DATA, 4),
        ("{} {}", Fault.TRAILING_DATA, 3),
        ("[]\nx", Fault.TRAILING_DATA, 3),
        ("nul", Fault.INVALID_LITERAL, 0),
        ("[nan]", Fault.INVALID_LITERAL, 1),
        ("tRUE", Fault.INVALID_LITERAL, 0),
        ("[-]", Fault.INVALID_NUMBER, 2),
        ("-Infinity", Fault.INVALID_NUMBER, 1),
        ("1.", Fault.INVALID_NUMBER, 2),
        ("[1.x]", Fault.INVALID_NUMBER, 3),
        ("1e", Fault.INVALID_NUMBER, 2),
        ("1e400", Fault.INVALID_NUMBER, 0),
        ('"abc', Fault.INVALID_STRING, 4),
        ('["a\nb"]', Fault.INVALID_STRING, 3),
        ('"\\x"', Fault.INVALID_STRING, 1),
        ('"a\\u12g4"', Fault.INVALID_STRING, 2),
        ('{"a\tb":1}', Fault.INVALID_STRING, 3),
    ],
)
def test_a_fault_has_the_name_that_kazoos_parser_gives_it_and_its_place(text: str, fault: Fault, offset: int) -> None:
    error = fault_of(text)

    assert (error.fault, error.offset) == (fault, offset)


def test_a_fault_tells_what_was_expected_and_which_member_was_being_read() -> None:
    error = fault_of('{"data": {"a": [1], "b": oops}}')

    assert (error.path, error.expected) == (("data", "b"), "a value")


# ---------------------------------------------------------------- extremes


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_text_nested_as_deep_as_allowed_is_read_and_deeper_text_is_refused(opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}.get(char, "") for char in reversed(opening))
    times = MAX_DEPTH // len(closing)

    assert parse_json(opening * times + "1" + closing * times).value
    assert fault_of(opening * (times + 1) + "1" + closing * (times + 1)).fault is Fault.TOO_DEEP


@pytest.mark.parametrize("value", ["1", "{}", '"a"'])
def test_text_with_as_many_values_as_allowed_is_read_and_with_more_refused(value: str) -> None:
    values = [value] * (MAX_VALUES - 1)

    assert parse_json(f"[{','.join(values)}]").value
    assert fault_of(f"[{','.join([*values, value])}]").fault is Fault.TOO_LARGE


def test_what_is_read_can_be_copied_dumped_and_compared() -> None:
    value = parse_json("[" * MAX_DEPTH + "]" * MAX_DEPTH).value

    assert json.loads(json.dumps(deepcopy(value))) == value


def test_a_hundred_thousand_brackets_end_in_a_fault_and_not_in_a_crash() -> None:
    assert fault_of("[" * 100_000).fault is Fault.TOO_DEEP


@pytest.mark.parametrize(
    ("text", "half_pair"),
    [
        ('["a", "\\ud83d"]', 6),
        ('["\\ude00\\ud83d", "\\ud800"]', 1),
        ('{"\\ud800": 1}', 1),
        ('["\\ud83d\\ude00"]', None),
        ('["\\\\ud83d"]', None),
    ],
)
def test_half_of_a_surrogate_pair_is_read_as_python_reads_it_and_noted(text: str, half_pair: int | None) -> None:
    document = parse_json(text)

    assert document.value == json.loads(text)
    assert document.half_pair == half_pair


def test_a_large_document_is_read() -> None:
    value = {"items": [{"n": n, "text": "x" * 20} for n in range(20_000)]}
    text = json.dumps(value, indent=1)

    document = parse_json(text)

    assert len(text) > 1_000_000
    assert document.value == value
    assert text.startswith("19999", document.position(("items", 19_999, "n")).offset)
