"""A document fits into an item, and a cut always shows."""

import hashlib
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.bodies import BODY_CAP, ITEM_CAP, TEXT_CAP, pack_within_cap
from pivot_debug.errors import InvalidRequestError
from pivot_debug.packing import unpack, unpack_text
from pivot_debug.reply_size import escaped_size

# Each example compresses up to four times a megabyte.
rarely = settings(max_examples=15, deadline=None)

CAPS = [BODY_CAP, BODY_CAP // 2, BODY_CAP // 4, BODY_CAP // 16]
ALPHABETS = st.sampled_from(["x", "abcdefgh \n", '"\\', "é", "xé", "漢字", "😀", "x😀é漢", "\0\1\2", "\u2028"])


def noise(size: int, alphabet: str, seed: int = 0) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=size))


def incompressible(size: int) -> str:
    return noise(size, "".join(map(chr, range(0x4E00, 0x9FA5))))


def kept(document: dict[str, Any]) -> dict[str, Any]:
    return unpack(pack_within_cap(document))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", ["req_body", "resp_body"])
@pytest.mark.parametrize("character", ["x", "é", "😀"])
def test_a_body_of_exactly_the_cap_is_kept_whole_without_a_mark(name: str, character: str) -> None:
    document = {"id": "a", name: character * (BODY_CAP // len(character.encode()))}

    assert kept(document) == document


@pytest.mark.parametrize("name", ["req_body", "resp_body"])
def test_a_body_of_one_byte_more_is_cut_and_marked(name: str) -> None:
    body = "x" * (BODY_CAP + 1)

    assert kept({name: body}) == {
        name: body[:-1],
        "truncated": True,
        "original_size": BODY_CAP + 1,
        "sha256": digest(body),
    }


def test_a_character_is_never_cut_in_two() -> None:
    body = "x" + "😀" * (BODY_CAP // 4)

    cut = kept({"resp_body": body})

    assert cut["resp_body"] == body[:-1]
    assert cut["original_size"] == BODY_CAP + 1


@given(ALPHABETS, st.integers(BODY_CAP // 4 - 9, 2 * BODY_CAP), st.integers(0, 2**32))
@rarely
def test_a_body_is_whole_or_its_beginning_is_there_and_marked(alphabet: str, length: int, seed: int) -> None:
    body = noise(length, alphabet, seed)
    size = len(body.encode())

    packed = pack_within_cap({"id": "a", "resp_body": body})

    document = unpack(packed)
    part = document["resp_body"].encode()
    assert len(packed) <= ITEM_CAP
    assert body.encode().startswith(part)
    if part == body.encode():
        assert document == {"id": "a", "resp_body": body}
        assert size <= BODY_CAP
    else:
        assert document["truncated"] is True
        assert document["original_size"] == size
        assert document["sha256"] == digest(body)
        # No more is lost than the rest of one character.
        assert any(cap - 4 < len(part) <= cap < size for cap in CAPS)


def test_a_body_that_does_not_fit_even_compressed_is_cut_further() -> None:
    document = {"req_body": incompressible(BODY_CAP // 3), "resp_body": incompressible(BODY_CAP // 3)}
    document |= {name: body + incompressible(1000) for name, body in document.items()}

    packed = pack_within_cap(document)

    cut = unpack(packed)
    assert len(packed) <= ITEM_CAP
    for name, body in document.items():
        assert body.startswith(cut[name])
        assert len(cut[name]) < len(body)
    assert cut["truncated"] is True


def test_of_the_text_around_a_json_error_the_part_next_to_the_error_is_kept() -> None:
    before, after = noise(BODY_CAP + 5, "abc"), noise(BODY_CAP + 5, "def")
    body = before + after

    cut = kept({"json_errors": {"message": "invalid JSON", "before": before, "after": after}, "resp_body": body})

    errors = cut["json_errors"]
    assert errors == {"message": "invalid JSON", "before": before[-BODY_CAP:], "after": after[:BODY_CAP]}
    assert (cut["truncated"], cut["original_size"], cut["sha256"]) == (True, len(body), digest(body))


def test_a_cut_before_a_json_error_begins_with_a_whole_character() -> None:
    before = "😀" * (BODY_CAP // 4) + "x"

    errors = kept({"json_errors": {"before": before}})["json_errors"]

    assert errors["before"] == before[1:]


def test_text_around_a_json_error_is_never_cut_without_a_mark() -> None:
    cut = kept({"json_errors": {"message": "trailing data", "before": "x" * (BODY_CAP + 1), "after": ""}})

    assert cut["truncated"] is True


def test_json_errors_of_an_unknown_shape_are_kept_as_they_are() -> None:
    document = {"json_errors": {"message": 1, "before": None, "after": ["x"], "more": {"before": "y"}}}

    assert kept(document) == document


def test_the_given_document_is_not_changed() -> None:
    document = {"resp_body": "x" * (BODY_CAP + 1), "json_errors": {"before": "x" * (BODY_CAP + 1)}}

    pack_within_cap(document)

    assert len(document) == 2
    assert len(document["resp_body"]) == BODY_CAP + 1


def test_a_document_whose_rest_is_too_large_is_refused() -> None:
    document = {"resp_body": "", "resp_headers": {"x": random.Random(0).randbytes(ITEM_CAP + 50_000).hex()}}

    with pytest.raises(InvalidRequestError) as caught:
        pack_within_cap(document)

    assert caught.value.errors["document"]["maxSize"]["target"] == ITEM_CAP


@pytest.mark.parametrize(
    "document",
    [
        {"resp_body": "\ud800" * BODY_CAP},
        {"req_body": "x" * BODY_CAP + "\udfff"},
        {"json_errors": {"message": "invalid JSON", "before": "\ud800", "after": ""}},
        {"json_errors": {"message": "invalid JSON", "before": "", "after": "\ud800"}},
    ],
    ids=["large body", "large body at its end", "before an error", "after an error"],
)
def test_half_a_surrogate_pair_is_kept_or_refused_and_never_a_crash(document: dict[str, Any]) -> None:
    # JSON can write "\ud800" and UTF-8 cannot.
    try:
        packed = pack_within_cap(document)
    except InvalidRequestError:
        return

    assert len(packed) <= ITEM_CAP


def test_a_document_that_would_fill_a_reply_by_itself_is_cut_even_where_it_compresses_well() -> None:
    # Each control character is six bytes of JSON, and seven in Lambda's.
    document = {"req_body": "\0" * BODY_CAP, "resp_body": "\0" * BODY_CAP}

    packed = pack_within_cap(document | {"json_errors": {"before": "\0" * BODY_CAP, "after": "\0" * BODY_CAP}})

    assert len(packed) <= ITEM_CAP
    assert escaped_size(unpack_text(packed)) <= TEXT_CAP
    assert unpack(packed)["truncated"] is True


def test_a_document_whose_rest_would_fill_a_reply_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        pack_within_cap({"extra": "\0" * TEXT_CAP})


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_a_number_that_json_cannot_hold_is_refused(number: float) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        pack_within_cap({"resp_body": "x", "extra": {"a": [number]}})

    assert "number" in caught.value.errors["document"]["type"]["message"]
