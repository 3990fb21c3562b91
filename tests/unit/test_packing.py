"""Documents as compressed JSON, and what they take in a reply."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.packing import pack, to_json, unpack, unpack_text
from pivot_debug.reply_size import escaped_json_size, escaped_size
from tests.builders import a_request

moderately = settings(max_examples=60, deadline=None)

# Lone surrogates too: JSON can write them, UTF-8 cannot.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)),
    max_size=5,
)


@given(DOCUMENTS)
@moderately
def test_a_document_comes_back_from_its_packed_form(document: dict[str, Any]) -> None:
    assert unpack(pack(document)) == document


@given(DOCUMENTS)
@moderately
def test_the_text_of_a_packed_document_is_its_compact_json(document: dict[str, Any]) -> None:
    text = unpack_text(pack(document))

    assert text == to_json(document)
    assert text.isascii()
    assert json.loads(text) == document


@given(DOCUMENTS)
@moderately
def test_packing_never_makes_a_document_longer(document: dict[str, Any]) -> None:
    assert len(pack(document)) <= len(to_json(document))


def test_a_short_document_stays_readable() -> None:
    assert pack({"a": 1}) == b'{"a":1}'


def test_an_ordinary_document_is_compressed() -> None:
    document = a_request(req_body="Digits=1&" * 100)

    assert len(pack(document)) * 2 < len(to_json(document))


def test_fields_keep_their_order() -> None:
    assert list(unpack(pack({"z": "x" * 500, "a": 1, "m": 2}))) == ["z", "a", "m"]


@given(DOCUMENTS)
@moderately
def test_the_size_of_a_text_in_a_reply_is_foretold_to_the_byte(document: dict[str, Any]) -> None:
    text = to_json(document)

    # The comma between two items is counted, the quotes around the whole body are not.
    assert escaped_json_size(text) == escaped_size(text) == len(json.dumps(text)) - 2 + 1


@given(st.text('ab"\\\n\ré漢😀', max_size=40))
@moderately
def test_the_size_of_csv_in_a_reply_is_foretold_too(text: str) -> None:
    # Lambda's JSON keeps UTF-8 as it is.
    assert escaped_size(text) == len(json.dumps(text, ensure_ascii=False).encode()) - 2 + 1


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_cannot_hold_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"a": [number]})
