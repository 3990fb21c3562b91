"""Page cursors: good for one account, one route, one set of filters and one day."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pivot_debug import cursor
from pivot_debug.attempts import AttemptNumbering
from pivot_debug.cursor import LIFETIME_MS, CursorScope
from pivot_debug.errors import InvalidRequestError
from pivot_debug.keys import MAX_CALL_ID_BYTES, Seq, time_key
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT

moderately = settings(max_examples=60, deadline=None)

KEY = b"k" * 64
SCOPE = CursorScope(ACCOUNT, "/list", (("ascending", "true"), ("filter_status_code", "404")))
TEXTS = st.text(max_size=20)
POSITIONS = st.dictionaries(
    TEXTS, st.recursive(st.none() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=4)), max_size=4
)


def a_cursor(position: dict[str, Any] | None = None) -> str:
    return cursor.encode(position or {"after": ["202403", "x"]}, SCOPE, KEY, NOW_MS)


def refusal(text: str, *, scope: CursorScope = SCOPE, key: bytes = KEY, now_ms: int = NOW_MS) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        cursor.decode(text, scope, key, now_ms)
    message: str = caught.value.errors["start_key"]["invalid"]["message"]
    return message


@given(POSITIONS)
@moderately
def test_a_position_comes_back_from_its_cursor(position: dict[str, Any]) -> None:
    text = cursor.encode(position, SCOPE, KEY, NOW_MS)

    assert cursor.decode(text, SCOPE, KEY, NOW_MS) == position


@given(POSITIONS)
@moderately
def test_a_cursor_needs_no_escaping_in_a_url(position: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", cursor.encode(position, SCOPE, KEY, NOW_MS))


@given(st.data())
@moderately
def test_a_cursor_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    text = a_cursor()
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters() | st.sampled_from("ABCxyz019-_.=+/"))
    assume(character != text[at])

    assert refusal(text[:at] + character + text[at + 1 :])


@given(st.integers(0, 200), st.text(max_size=3))
@moderately
def test_a_cursor_cut_short_or_made_longer_is_refused(length: int, tail: str) -> None:
    text = a_cursor()
    changed = text[:length] + tail
    assume(changed != text)

    assert refusal(changed)


@given(st.text(st.characters(exclude_categories=())) | st.text(".=_-AZaz09", max_size=80))
@moderately
def test_arbitrary_text_is_refused_and_never_a_crash(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "None", "e30.", "e30.e30", f"{a_cursor()}=", f"{a_cursor()}\n", f" {a_cursor()}", "x" * 10_000],
)
def test_text_that_only_looks_like_a_cursor_is_refused(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize(
    "scope",
    [
        replace(SCOPE, account_id=OTHER_ACCOUNT),
        replace(SCOPE, route="/detail"),
        replace(SCOPE, route=""),
        replace(SCOPE, parameters=()),
        replace(SCOPE, parameters=SCOPE.parameters[:1]),
        replace(SCOPE, parameters=(*SCOPE.parameters, ("caller", "1"))),
        replace(SCOPE, parameters=(("ascending", "false"), ("filter_status_code", "404"))),
        replace(SCOPE, parameters=(("ascending", "filter_status_code"), ("true", "404"))),
        replace(SCOPE, account_id=f"{ACCOUNT}/list", route=""),
    ],
)
def test_a_cursor_of_another_account_route_or_filter_is_refused(scope: CursorScope) -> None:
    assert refusal(a_cursor(), scope=scope)


@given(TEXTS, TEXTS, st.lists(st.tuples(TEXTS, TEXTS), max_size=3), st.data())
@moderately
def test_no_two_scopes_share_a_cursor(
    account_id: str, route: str, parameters: list[tuple[str, str]], data: st.DataObject
) -> None:
    scope = CursorScope(account_id, route, tuple(parameters))
    other = CursorScope(
        data.draw(st.just(account_id) | TEXTS),
        data.draw(st.just(route) | TEXTS),
        tuple(data.draw(st.just(parameters) | st.lists(st.tuples(TEXTS, TEXTS), max_size=3))),
    )
    is_same = (account_id, route, sorted(parameters)) == (other.account_id, other.route, sorted(other.parameters))

    assert (scope.digest() == other.digest()) == is_same


def test_the_order_of_parameters_does_not_matter() -> None:
    scope = replace(SCOPE, parameters=SCOPE.parameters[::-1])

    assert cursor.decode(a_cursor(), scope, KEY, NOW_MS) == {"after": ["202403", "x"]}


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    assert refusal(a_cursor(), key=b"K" * 64)


def test_a_cursor_is_good_for_a_day_and_no_longer() -> None:
    text = a_cursor()

    assert cursor.decode(text, SCOPE, KEY, NOW_MS + LIFETIME_MS - 1)
    assert refusal(text, now_ms=NOW_MS + LIFETIME_MS)


def test_every_refusal_reads_the_same() -> None:
    reasons = {
        refusal("nonsense"),
        refusal(a_cursor()[:-1]),
        refusal(a_cursor(), key=b"other"),
        refusal(a_cursor(), scope=replace(SCOPE, account_id=OTHER_ACCOUNT)),
        refusal(a_cursor(), now_ms=NOW_MS + LIFETIME_MS),
    }

    assert len(reasons) == 1


def test_cursors_of_two_positions_differ() -> None:
    assert a_cursor({"after": 1}) != a_cursor({"after": 2})


@pytest.mark.parametrize("call_id", ["\0" * MAX_CALL_ID_BYTES, "%" * MAX_CALL_ID_BYTES, "é" * 127, "😀" * 63])
def test_the_longest_position_there_can_be_still_makes_a_cursor_that_is_taken_back(call_id: str) -> None:
    numbering = AttemptNumbering()
    for number in range(20):
        numbering.number(Seq.of(ms=NOW_MS + number, iteration=9999, rank=10, identity=""))
    place = {"after": str(Seq.of(ms=NOW_MS, iteration=9999, rank=10, identity="")), "count": 10**6}
    record = {"call_id": call_id, "month": "202403", "place": place | {"attempts": numbering.as_json()}}
    listed = {"bounds": [NOW_MS, NOW_MS], "after": ["202403", time_key(NOW_MS, call_id)]}

    for position in (record, listed):
        assert cursor.decode(a_cursor(position), SCOPE, KEY, NOW_MS) == position
