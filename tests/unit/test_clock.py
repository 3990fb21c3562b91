"""Time: KAZOO's seconds, Unix milliseconds, UTC months."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, clock.LATEST_MS)
moderately = settings(max_examples=50, deadline=None)


def ms(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def test_kazoos_documented_example_is_the_same_moment_in_both_clocks() -> None:
    assert clock.gregorian(1_710_278_676_000) == 63_877_497_876
    assert clock.unix_ms(63_877_497_876) == 1_710_278_676_000


def test_gregorian_seconds_are_cut_not_rounded() -> None:
    assert clock.gregorian(1_710_278_676_999) == 63_877_497_876


@given(st.integers(0, clock.gregorian(clock.LATEST_MS)))
@moderately
def test_gregorian_seconds_survive_the_way_to_unix_time_and_back(seconds: int) -> None:
    assert clock.gregorian(clock.unix_ms(seconds)) == seconds


def test_now_is_in_whole_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_710_278_676_123_999_999)

    assert clock.now_ms() == 1_710_278_676_123


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("1970-01-01T00:00:00Z", "197001"),
        ("2024-02-29T23:59:59.999Z", "202402"),
        ("2024-03-01T00:00:00Z", "202403"),
        ("2023-12-31T23:59:59.999Z", "202312"),
        ("2024-01-01T00:00:00Z", "202401"),
        ("2024-03-31T23:59:59.999-00:00", "202403"),
        ("2024-04-01T00:30:00+01:00", "202403"),
    ],
)
def test_a_moment_belongs_to_its_utc_month(moment: str, month: str) -> None:
    assert clock.month_of(ms(moment)) == month


@given(MOMENTS)
@moderately
def test_no_rounding_ever_moves_a_moment_into_another_month(moment: int) -> None:
    assert clock.month_of(moment) == f"{EPOCH + timedelta(milliseconds=moment):%Y%m}"


@given(MOMENTS.filter(lambda moment: moment > 40 * clock.DAY_MS))
@moderately
def test_a_month_starts_with_its_first_millisecond(moment: int) -> None:
    month = clock.month_of(moment)

    start = clock.month_start(month)

    assert start <= moment
    assert clock.month_of(start) == month
    assert clock.month_of(start - 1) == clock.previous_month(month)


@given(MOMENTS.filter(lambda moment: moment > 40 * clock.DAY_MS))
@moderately
def test_the_next_month_and_the_previous_one_undo_each_other(moment: int) -> None:
    month = clock.month_of(moment)

    assert clock.previous_month(clock.next_month(month)) == month
    assert clock.next_month(clock.previous_month(month)) == month
    assert clock.previous_month(month) < month < clock.next_month(month)


@pytest.mark.parametrize("text", ["202403", "197001", "202401", "202412", "228611", "228612"])
def test_six_digits_that_name_a_month_are_one(text: str) -> None:
    assert clock.is_month(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "196912",
        "000101",
        "999912",
        "202413",
        "202400",
        "000012",
        "konami",
        "20243",
        "2024030",
        "-02403",
        " 20240",
        "2024 3",
        "٢٠٢٤٠٣",
        "²02403",
    ],
)
def test_anything_else_is_no_month(text: str) -> None:
    assert not clock.is_month(text)


@pytest.mark.parametrize("text", ["000101", "000112", "000201", "099912", "100001", "196912", "197001", "999912"])
def test_a_month_that_a_client_may_name_has_a_month_before_it(text: str) -> None:
    assert not clock.is_month(text) or re.fullmatch(r"[0-9]{6}", clock.previous_month(text))


@given(MOMENTS, st.integers(0, 1500 * clock.DAY_MS))
@moderately
def test_the_months_between_two_moments_follow_one_another_without_a_gap(first: int, length: int) -> None:
    last = min(first + length, clock.LATEST_MS)

    months = clock.months_between(first, last)

    assert months[0] == clock.month_of(first)
    assert months[-1] == clock.month_of(last)
    assert months[1:] == [clock.next_month(month) for month in months[:-1]]


@given(MOMENTS, st.integers(0, 400 * clock.DAY_MS), st.floats(0, 1))
@moderately
def test_every_moment_between_two_others_lies_in_one_of_the_months_between(
    first: int, length: int, where: float
) -> None:
    last = min(first + length, clock.LATEST_MS)
    moment = first + int((last - first) * where)

    months = clock.months_between(first, last)

    assert months.count(clock.month_of(moment)) == 1


def test_the_year_changes_between_december_and_january() -> None:
    months = clock.months_between(ms("2023-11-30T12:00:00Z"), ms("2024-02-01T00:00:00Z"))

    assert months == ["202311", "202312", "202401", "202402"]


def test_a_millisecond_across_midnight_is_two_months() -> None:
    midnight = ms("2024-03-01T00:00:00Z")

    assert clock.months_between(midnight - 1, midnight) == ["202402", "202403"]
    assert clock.months_between(midnight, midnight) == ["202403"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_710_278_676_999, "2024-03-12T21:24:36Z"),
        (clock.LATEST_MS, "2286-11-20T17:46:39Z"),
    ],
)
def test_a_timestamp_is_iso_8601_in_whole_utc_seconds(moment: int, text: str) -> None:
    assert clock.iso(moment) == text
