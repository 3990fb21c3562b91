"""Key strings: what keeps one call's records together, in order, and apart from every other call's."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pivot_debug import keys
from pivot_debug.clock import DAY_MS, LATEST_MS
from pivot_debug.keys import Seq
from tests.builders import ACCOUNT, CALL

moderately = settings(max_examples=60, deadline=None)

# Half of the ids are made of little else than what a key or an URL could trip over.
CALL_IDS = (st.text(min_size=1) | st.text("#%!$/.ab25é", min_size=1, max_size=12)).filter(
    lambda text: len(text.encode()) <= keys.MAX_CALL_ID_BYTES
)
RANKS = st.sampled_from([10, 20, 25, 30, 40, 50, 60, 71, 72, 73])
SEQS = st.builds(
    lambda ms, iteration, rank, identity: Seq.of(ms=ms, iteration=iteration, rank=rank, identity=identity),
    st.integers(0, LATEST_MS) | st.sampled_from([0, 9, 10, 999_999_999_999, 1_000_000_000_000, LATEST_MS]),
    st.none() | st.integers(0, 9999) | st.sampled_from([9, 10, 99, 100]),
    RANKS,
    st.text(max_size=5),
)


def a_seq(*, ms: int = 1_710_278_676_000, iteration: int | None = 1, rank: int = 10, identity: str = "x") -> Seq:
    return Seq.of(ms=ms, iteration=iteration, rank=rank, identity=identity)


def as_bytes(text: str) -> bytes:
    """DynamoDB compares keys by their UTF-8 bytes."""
    return text.encode()


def test_the_partition_key_is_account_and_month() -> None:
    assert keys.partition_key(ACCOUNT, "202403") == f"{ACCOUNT}#202403"


def test_keys_read_as_the_documents_show_them() -> None:
    assert keys.summary_key(CALL) == "829597750@10.26.0.158#!summary"
    assert keys.record_key(CALL, "1710278676000.0001.10.b791e38c9641") == (
        "829597750@10.26.0.158#1710278676000.0001.10.b791e38c9641"
    )
    assert keys.time_key(5, CALL) == "0000000000005#829597750@10.26.0.158"


@pytest.mark.parametrize("text", ["0" * 32, "f" * 32, ACCOUNT])
def test_an_account_id_is_32_lower_case_hex_characters(text: str) -> None:
    assert keys.is_account_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "0" * 31, "0" * 33, "g" * 32, ACCOUNT.upper(), f"{ACCOUNT}\n", f" {ACCOUNT[1:]}", "*" * 32, "٠" * 32],  # noqa: RUF001 - digits that are not ASCII are the point
)
def test_anything_else_is_no_account_id(text: str) -> None:
    assert not keys.is_account_id(text)


@pytest.mark.parametrize(
    ("call_id", "encoded"), [("a#b%", "a%23b%25"), (CALL, CALL), ("a%23b", "a%2523b"), ("é+/", "é+/")]
)
def test_only_the_two_characters_that_mean_something_are_escaped(call_id: str, encoded: str) -> None:
    assert keys.encode_call_id(call_id) == encoded


@given(CALL_IDS)
@moderately
def test_a_call_id_comes_back_from_its_key(call_id: str) -> None:
    assert keys.decode_call_id(keys.encode_call_id(call_id)) == call_id


@given(CALL_IDS)
@moderately
def test_an_encoded_call_id_holds_no_separator(call_id: str) -> None:
    assert "#" not in keys.encode_call_id(call_id)


@given(CALL_IDS, CALL_IDS, SEQS, SEQS)
@moderately
def test_two_records_share_a_key_only_if_call_and_place_are_the_same(
    call_id: str, other: str, seq: Seq, other_seq: Seq
) -> None:
    same = keys.record_key(call_id, str(seq)) == keys.record_key(other, str(other_seq))

    assert same == ((call_id, seq) == (other, other_seq))


@given(CALL_IDS, CALL_IDS | st.builds(lambda tail: f"#{tail}", st.text(max_size=5)), SEQS)
@moderately
def test_one_calls_prefix_never_matches_another_calls_keys(call_id: str, tail: str, seq: Seq) -> None:
    prefix = f"{keys.encode_call_id(call_id)}#"

    for other in (tail, call_id + tail, tail + call_id, call_id.replace("#", "%23"), call_id.replace("%23", "#")):
        if other != call_id:
            assert not keys.record_key(other, str(seq)).startswith(prefix)
            assert not keys.summary_key(other).startswith(prefix)


@given(CALL_IDS, CALL_IDS, SEQS)
@moderately
def test_a_calls_range_holds_no_record_of_another_call(call_id: str, other: str, seq: Seq) -> None:
    assume(call_id != other)
    first, last = map(as_bytes, keys.record_range(call_id))

    for key in (keys.record_key(other, str(seq)), keys.summary_key(other)):
        assert not first <= as_bytes(key) <= last


@given(CALL_IDS, SEQS, st.integers(0, LATEST_MS), st.integers(0, LATEST_MS))
@moderately
def test_a_range_of_time_holds_exactly_the_calls_records_made_in_it(
    call_id: str, seq: Seq, first_ms: int, last_ms: int
) -> None:
    assume(first_ms <= last_ms)
    first, last = keys.record_range(call_id, first_ms, last_ms)

    is_inside = as_bytes(first) <= as_bytes(keys.record_key(call_id, str(seq))) <= as_bytes(last)

    assert is_inside == (first_ms <= seq.ms <= last_ms)


@given(CALL_IDS, SEQS)
@moderately
def test_the_range_without_bounds_holds_every_record_and_not_the_summary(call_id: str, seq: Seq) -> None:
    first, last = map(as_bytes, keys.record_range(call_id))

    assert first <= as_bytes(keys.record_key(call_id, str(seq))) <= last
    assert as_bytes(keys.summary_key(call_id)) < first


@pytest.mark.parametrize("ms", [0, 1, LATEST_MS])
def test_the_first_and_the_last_millisecond_there_can_be_have_a_range(ms: int) -> None:
    first, last = keys.record_range(CALL, ms, ms)

    assert first <= keys.record_key(CALL, str(a_seq(ms=ms))) <= last


@pytest.mark.parametrize(("first_ms", "last_ms"), [(-DAY_MS, -1), (-DAY_MS, 0), (-2, -1), (-1, -1)])
def test_a_range_before_1970_is_empty_but_never_upside_down(first_ms: int, last_ms: int) -> None:
    # A record of 1 January 1970 makes the recorder look at the day before; DynamoDB refuses a range upside down.
    first, last = keys.record_range(CALL, first_ms, last_ms)

    assert as_bytes(first) <= as_bytes(last)


@given(st.lists(SEQS, max_size=8))
@moderately
def test_places_sort_as_text_just_as_their_fields_do(seqs: list[Seq]) -> None:
    assert sorted(map(str, seqs)) == [str(seq) for seq in sorted(seqs)]


@given(SEQS)
@moderately
def test_a_place_comes_back_from_its_text(seq: Seq) -> None:
    assert Seq.parse(str(seq)) == seq


@given(CALL_IDS, SEQS)
@moderately
def test_a_place_is_read_from_the_end_of_a_record_key(call_id: str, seq: Seq) -> None:
    assert keys.seq_of(keys.record_key(call_id, str(seq))) == str(seq)


def test_a_place_is_written_in_fixed_widths() -> None:
    text = str(a_seq(ms=5, iteration=7, rank=10, identity=""))

    assert text == "0000000000005.0007.10.e3b0c44298fc"


@pytest.mark.parametrize(
    ("ms", "iteration", "expected"),
    [
        (-1, 0, "0000000000000.0000."),
        (LATEST_MS + 1, 0, f"{LATEST_MS}.0000."),
        (0, 10_000, "0000000000000.9999."),
        (0, -1, "0000000000000.0000."),
        (0, None, "0000000000000.0000."),
        (10**400, 10**400, f"{LATEST_MS}.9999."),
    ],
)
def test_a_place_out_of_bounds_is_brought_to_the_bound(ms: int, iteration: int | None, expected: str) -> None:
    assert str(a_seq(ms=ms, iteration=iteration)).startswith(expected)


def test_the_same_record_always_gets_the_same_place() -> None:
    assert a_seq(identity="a") == a_seq(identity="a")


def test_two_records_of_the_same_moment_and_kind_get_two_places() -> None:
    assert a_seq(identity="a") != a_seq(identity="b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "None",
        "1710278676000.0001.10",
        "1710278676000.0001.10.b791e38c9641.0",
        "x710278676000.0001.10.b791e38c9641",
        "1710278676000.000x.10.b791e38c9641",
        "1710278676000.0001.1x.b791e38c9641",
        "1.1.1.x",
        "+710278676000.0001.10.b791e38c9641",
        "1_10278676000.0001.10.b791e38c9641",
        " 710278676000.0001.10.b791e38c9641",
        "-710278676000.0001.10.b791e38c9641",
        "1710278676000.0001.10.B791E38C9641",
        "1710278676000.0001.10.b791e38c9641\n",
    ],
)
def test_text_that_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which one is not promised
        Seq.parse(text)


@given(CALL_IDS | st.sampled_from(["%" * 255, "#" * 255, "é" * 127, "\0" * 255, "😀" * 63]), SEQS)
@moderately
def test_no_call_id_of_255_bytes_makes_a_sort_key_longer_than_1024_bytes(call_id: str, seq: Seq) -> None:
    assert len(as_bytes(keys.record_key(call_id, str(seq)))) <= 1024
    assert len(as_bytes(keys.summary_key(call_id))) <= 1024
    assert len(as_bytes(keys.time_key(LATEST_MS, call_id))) <= 1024


@given(CALL_IDS, st.integers(0, LATEST_MS))
@moderately
def test_a_call_id_comes_back_from_its_place_in_the_list(call_id: str, created_ms: int) -> None:
    assert keys.call_of_time_key(keys.time_key(created_ms, call_id)) == call_id


@given(CALL_IDS, st.integers(0, LATEST_MS), st.integers(0, LATEST_MS), st.integers(0, LATEST_MS))
@moderately
def test_a_range_of_the_list_holds_exactly_the_calls_that_began_in_it(
    call_id: str, created_ms: int, first_ms: int, last_ms: int
) -> None:
    assume(first_ms <= last_ms)
    first, last = keys.time_range(first_ms, last_ms)

    is_inside = as_bytes(first) <= as_bytes(keys.time_key(created_ms, call_id)) <= as_bytes(last)

    assert is_inside == (first_ms <= created_ms <= last_ms)


@given(CALL_IDS, CALL_IDS, st.integers(0, LATEST_MS), st.integers(0, LATEST_MS))
@moderately
def test_the_list_is_ordered_by_time_before_anything_else(call_id: str, other: str, ms: int, other_ms: int) -> None:
    assume(ms < other_ms)

    assert as_bytes(keys.time_key(ms, call_id)) < as_bytes(keys.time_key(other_ms, other))


@given(CALL_IDS)
@moderately
def test_any_text_of_up_to_255_bytes_can_be_a_call_id(call_id: str) -> None:
    assert keys.can_be_call_id(call_id)


@pytest.mark.parametrize("value", ["", "x" * 256, "é" * 128, None, 5, ["x"], b"x"])
def test_nothing_else_can(value: object) -> None:
    assert not keys.can_be_call_id(value)


def test_half_a_surrogate_pair_cannot_be_a_call_id_and_is_no_crash() -> None:
    assert not keys.can_be_call_id("a\ud800")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("202403-a-b", ("202403", "a-b")),
        ("202403-", None),
        ("202413-a", None),
        ("202403a", None),
        ("konami-a", None),
        ("", None),
    ],
)
def test_a_debug_id_is_told_from_a_call_id(text: str, parts: tuple[str, str] | None) -> None:
    assert keys.parts_of_debug_id(text) == parts
