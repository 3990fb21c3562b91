"""Definitions are reused for seconds, and outlive a table that cannot be read."""

from dataclasses import dataclass, field, replace

import pytest

from pivot_debug.errors import StoreUnavailableError
from pivot_debug.relay.known_relays import FRESH_SECONDS, MAX_KNOWN, KnownRelays
from pivot_debug.relay.model import Relay
from tests.builders import a_relay


@dataclass
class Table:
    """Finds one relay, or none, or fails; counts how often it was asked."""

    relay: Relay | None = field(default_factory=a_relay)
    is_down: bool = False
    asked: int = 0

    def find(self, _account_id: str, _relay_id: str) -> Relay | None:
        self.asked += 1
        if self.is_down:
            raise StoreUnavailableError
        return self.relay


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def anybody(_relay: Relay) -> bool:
    return True


def test_a_definition_is_reused_for_some_seconds() -> None:
    table, clock = Table(), Clock()
    known = KnownRelays(table.find, clock)

    for _ in range(5):
        assert known.find("account", "relay", anybody) == table.relay

    assert table.asked == 1


def test_a_change_takes_effect_within_seconds() -> None:
    table, clock = Table(), Clock()
    known = KnownRelays(table.find, clock)
    known.find("account", "relay", anybody)

    table.relay = replace(a_relay(), name="changed")
    clock.seconds += FRESH_SECONDS

    assert known.find("account", "relay", anybody) == table.relay


def test_a_deleted_relay_is_gone_within_seconds() -> None:
    table, clock = Table(), Clock()
    known = KnownRelays(table.find, clock)
    known.find("account", "relay", anybody)

    table.relay = None
    clock.seconds += FRESH_SECONDS

    assert known.find("account", "relay", anybody) is None


def test_while_the_table_does_not_answer_the_last_definition_holds() -> None:
    table, clock = Table(), Clock()
    known = KnownRelays(table.find, clock)
    known.find("account", "relay", anybody)

    table.is_down = True
    clock.seconds += 100 * FRESH_SECONDS

    assert known.find("account", "relay", anybody) == table.relay


def test_while_the_table_does_not_answer_it_is_asked_once_in_some_seconds() -> None:
    table, clock = Table(), Clock()
    known = KnownRelays(table.find, clock)
    known.find("account", "relay", anybody)
    table.is_down = True

    for _ in range(2 * FRESH_SECONDS):
        clock.seconds += 1
        known.find("account", "relay", anybody)

    assert table.asked == 1 + 2


def test_a_relay_that_was_never_seen_cannot_be_guessed() -> None:
    known = KnownRelays(Table(is_down=True).find, Clock())

    with pytest.raises(StoreUnavailableError):
        known.find("account", "relay", anybody)


def test_one_account_never_gets_the_relay_of_another() -> None:
    table = Table()
    known = KnownRelays(table.find, Clock())
    known.find("account", "relay", anybody)

    table.relay = None

    assert known.find("other", "relay", anybody) is None


def test_only_so_many_are_remembered_the_latest() -> None:
    table = Table()
    known = KnownRelays(table.find, Clock())

    for number in range(MAX_KNOWN + 1):
        known.find("account", str(number), anybody)
    known.find("account", str(MAX_KNOWN), anybody)
    assert table.asked == MAX_KNOWN + 1
    known.find("account", "0", anybody)

    assert table.asked == MAX_KNOWN + 2


def test_a_secret_that_was_rotated_a_moment_ago_counts_at_once() -> None:
    table = Table()
    known = KnownRelays(table.find, Clock())
    known.find("account", "relay", anybody)

    table.relay = replace(a_relay(), generation=2)

    assert known.find("account", "relay", lambda relay: relay.generation == 2) == table.relay


def test_who_is_not_accepted_gets_nothing_and_keeps_nobody_out() -> None:
    table = Table()
    known = KnownRelays(table.find, Clock())

    assert known.find("account", "relay", lambda _: False) is None
    assert known.find("account", "relay", anybody) == table.relay
    table.is_down = True
    with pytest.raises(StoreUnavailableError):
        known.find("account", "relay", lambda _: False)
