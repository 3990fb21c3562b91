"""Many processes count one token's requests, each from its own tally, and tell the counter now and then."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.usage import SHARES, Tally, Usage, seconds_left, share_of, window_of


@dataclass
class Counter:
    """The counter that the processes share."""

    used: int = 0
    asked: int = 0

    def add(self, requests: int) -> int:
        self.asked += 1
        self.used += requests
        return self.used


@dataclass
class Token:
    """A token's minute: *limit* requests, and *processes* that answer them."""

    limit: int
    processes: int
    counter: Counter = field(default_factory=Counter)
    tallies: list[Tally] = field(init=False)
    admitted: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.tallies = [Tally() for _ in range(self.processes)]

    def request(self, process: int) -> Usage:
        """One request, answered by a process as the functions do it."""
        tally = self.tallies[process]
        tally.untold += 1
        if tally.must_tell(self.limit):
            tally.tell(self.counter.add(tally.untold))
        usage = Usage(limit=self.limit, used=tally.used, ends_in=1)
        self.refused += usage.is_over
        self.admitted += not usage.is_over
        return usage


@given(
    limit=st.integers(1, 900),
    processes=st.lists(st.integers(0, 3), min_size=1, max_size=1200),
)
def test_nobody_is_refused_early_and_each_process_lets_through_less_than_a_share_too_many(
    limit: int, processes: list[int]
) -> None:
    token = Token(limit, processes=4)

    for process in processes:
        before = token.admitted
        if token.request(process).is_over:
            assert before >= limit

    assert token.admitted <= limit + len(token.tallies) * (share_of(limit) - 1)


@given(limit=st.integers(1, 199), processes=st.lists(st.integers(0, 3), min_size=1, max_size=250))
def test_a_low_limit_is_kept_exactly(limit: int, processes: list[int]) -> None:
    token = Token(limit, processes=4)

    for process in processes:
        token.request(process)

    assert token.admitted == min(len(processes), limit)


def test_a_process_asks_the_counter_once_a_share() -> None:
    token = Token(limit=600, processes=1)

    for _ in range(600):
        token.request(0)

    assert token.admitted == 600
    assert token.counter.asked <= SHARES + 1


def test_a_client_that_goes_on_beyond_its_limit_costs_no_more_writes() -> None:
    token = Token(limit=3, processes=1)

    for _ in range(1000):
        token.request(0)

    assert (token.admitted, token.refused, token.counter.asked) == (3, 997, 4)


def test_what_is_left_counts_down_between_two_times_of_asking() -> None:
    token = Token(limit=600, processes=1)

    left = [token.request(0).remaining for _ in range(10)]

    assert left == list(range(599, 589, -1))
    assert token.counter.asked == 2


def test_what_could_not_be_told_is_told_later() -> None:
    tally, counter = Tally(), Counter()
    for _ in range(4):
        tally.untold += 1
        assert tally.must_tell(600)  # and the counter does not answer

    tally.untold += 1
    tally.tell(counter.add(tally.untold))

    assert (counter.used, tally.used, tally.untold) == (5, 5, 0)


def test_a_share_is_a_hundredth_of_the_limit_and_at_least_one() -> None:
    assert [share_of(limit) for limit in (1, 100, 199, 200, 600, 10_000)] == [1, 1, 1, 2, 6, 100]


def test_the_counter_is_not_asked_before_somebody_is_refused() -> None:
    """At the limit itself it need not be: nobody is refused there."""
    token = Token(limit=603, processes=1)

    for _ in range(603):
        token.request(0)

    assert (token.admitted, token.tallies[0].untold) == (603, 2)


@pytest.mark.parametrize(("now_ms", "left"), [(0, 60), (1, 60), (1000, 59), (59_000, 1), (59_001, 1), (59_999, 1)])
def test_the_rest_of_a_minute_is_at_least_a_second(now_ms: int, left: int) -> None:
    assert seconds_left(now_ms) == left
    assert window_of(now_ms + left * 1000) == 1


def test_nothing_is_left_beyond_the_limit() -> None:
    assert Usage(limit=3, used=5, ends_in=1).remaining == 0
    assert not Usage(limit=3, used=3, ends_in=1).is_over
