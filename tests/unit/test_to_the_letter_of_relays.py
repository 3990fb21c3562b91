"""The rest of what mutation testing showed: what people read when a relay refuses, and the last step of its limits."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

import pytest

from pivot_debug import clock
from pivot_debug.digits import hide_digits_in_parameters
from pivot_debug.errors import ConfigurationError, InvalidRequestError, StoreUnavailableError
from pivot_debug.relay.address import foreign_target, parse_relay_path, relay_url, upstream_url
from pivot_debug.relay.definitions import MAX_DEPTH, Targets, new_definition
from pivot_debug.relay.known_relays import KnownRelays
from pivot_debug.relay.model import Relay
from pivot_debug.relay.record_mode import parse_record_mode
from pivot_debug.upstream.guard import BlockedTargetError, Guard
from pivot_debug.upstream.urls import MAX_PLACE, MAX_WHOLE, UnusableUrlError, parse_url
from tests.builders import ACCOUNT, NOW_MS, RELAY_ID, RELAY_SECRET, a_relay

PUBLIC_WEB = Guard.parse("80,443,8080,8443", "")
TARGETS = Targets(PUBLIC_WEB, "https://relay.example.net")


# ---------------------------------------------------------------- targets


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://a.example/", "'ftp://a.example/' is not a URL with http:// or https:// and a host"),
        ("no url", "'no url' has characters that must be percent-encoded in a URL"),
        ("http://u:p@a.example/x?y#z", "a.example must not be called with a user name or password in the URL"),
        ("http://a.example:22/", "a.example must not be called on port 22, only on 80, 443, 8080, 8443"),
        ("http://8.8.8.8:22/", "8.8.8.8 must not be called on port 22, only on 80, 443, 8080, 8443"),
        ("http://a.example:65536/", "'http://a.example:65536/' has a port that is not from 1 to 65535"),
        ("http://127.1/", "'http://127.1/' has an IP address that is not in the usual spelling"),
        ("http://[fe80::1%25eth0]/", "'http://[fe80::1%25eth0]/' has an IP address that is not in the usual spelling"),
        ("http://a_.-/", "'http://a_.-/' has a host name with characters or a length that DNS does not know"),
        ("http://u:p@h!/?a#b?c", "'http://h!/' has a host name with characters or a length that DNS does not know"),
    ],
)
def test_a_refused_target_is_told_why(url: str, message: str) -> None:
    with pytest.raises(BlockedTargetError) as refused:
        PUBLIC_WEB.check_url(url)

    assert str(refused.value) == message


def test_a_refused_url_is_shown_up_to_80_characters() -> None:
    for path, shown in (("x" * 72, "x" * 72), ("x" * 73, "x" * 72 + "...")):
        with pytest.raises(UnusableUrlError) as refused:
            parse_url(f"ftp://a/{path}")
        assert str(refused.value).startswith(f"'ftp://a/{shown}' is not")


def test_urls_and_names_may_be_as_long_as_their_limits() -> None:
    place = "http://a/".ljust(MAX_PLACE, "p")
    name = ".".join(["a" * 63] * 3 + ["a" * 61])

    assert parse_url(place + "?".ljust(MAX_WHOLE - MAX_PLACE, "q")).host == "a"
    assert parse_url(f"http://{name}/").host == name
    for url in (place + "p", place + "?".ljust(MAX_WHOLE - MAX_PLACE + 1, "q")):
        with pytest.raises(UnusableUrlError, match=r"is too long for a URL"):
            parse_url(url)


def test_ports_are_1_to_65535() -> None:
    assert Guard.parse("1, 65535", "").ports == {1, 65_535}
    for port in ("0", "65536", "x"):
        with pytest.raises(ConfigurationError, match=f"the relay's ports or networks cannot be read: '{port}' is not"):
            Guard.parse(port, "")
    with pytest.raises(ConfigurationError, match=r"^the relay may call no port at all$"):
        Guard.parse("", "")


def test_the_runtime_of_lambda_is_never_called_by_an_ipv6_address_either() -> None:
    guard = Guard.parse("80", "fd00::/8", runtime_api="fd00::1:9001")

    with pytest.raises(BlockedTargetError, match="never called"):
        guard.check_addresses("runtime.example", 9001, [ip_address("fd00::1")])
    guard.check_addresses("other.example", 9001, [ip_address("fd00::2")])


# ---------------------------------------------------------------- addresses of relays


def test_the_root_of_a_relay_may_end_in_any_letter() -> None:
    assert relay_url("https://relay.exampleX/", ACCOUNT, RELAY_ID, "s", "voice", "https://a.example/v?x=1") == (
        f"https://relay.exampleX/{ACCOUNT}/pvr_{RELAY_ID}_s/voice/v?x=1"
    )


@pytest.mark.parametrize("origin", ["https://a.example", "http://ab.example:8080", "https://~~~>>>???.example"])
def test_another_origin_is_found_again_whatever_base64_makes_of_it(origin: str) -> None:
    target = foreign_target(origin, "key")
    address = parse_relay_path(f"/{ACCOUNT}/pvr_{RELAY_ID}_{RELAY_SECRET}/{target}/v.php")

    assert "=" not in target
    assert address is not None
    found = upstream_url(address, "", voice_url="https://voice.example/", cdr_url=None, origin_key="key")
    assert found == f"{origin}/v.php"


# ---------------------------------------------------------------- known relays


def a_named(name: str) -> Relay:
    return replace(a_relay(), name=name)


@dataclass
class Table:
    relays: dict[tuple[str, str], Relay] = field(default_factory=dict)
    is_down: bool = False

    def find(self, account_id: str, relay_id: str) -> Relay | None:
        if self.is_down:
            raise StoreUnavailableError
        return self.relays.get((account_id, relay_id))


def test_each_account_gets_its_own_relay() -> None:
    ours, theirs = a_named("ours"), a_named("theirs")
    known = KnownRelays(Table({("a", "1"): ours, ("b", "1"): theirs}).find)

    found = [known.find(account_id, "1", lambda _: True) for account_id in ("a", "b", "c")]

    assert found == [ours, theirs, None]


def test_a_known_relay_outlives_the_table_only_for_whom_it_accepts() -> None:
    moments = iter(range(0, 10_000, 100))
    table = Table({("a", "1"): a_named("ours")})
    known = KnownRelays(table.find, lambda: float(next(moments)))
    known.find("a", "1", lambda _: True)
    table.is_down = True

    assert known.find("a", "1", lambda relay: relay.name == "ours") == a_named("ours")
    with pytest.raises(StoreUnavailableError):
        known.find("a", "1", lambda relay: relay.name == "another")


# ---------------------------------------------------------------- definitions


def nested(depth: int) -> Any:
    return {"a": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("custom", "words"),
    [
        (nested(MAX_DEPTH), {"message": f"nested more than {MAX_DEPTH} deep", "target": MAX_DEPTH}),
        ("\ud800", {"message": "holds half of a surrogate pair, or a number beyond all limits"}),
        (float("inf"), {"message": "holds half of a surrogate pair, or a number beyond all limits"}),
    ],
)
def test_a_definition_that_cannot_be_kept_is_told_why(custom: Any, words: dict[str, Any]) -> None:
    data = {"voice_url": "https://a.example/v", "custom": custom}

    with pytest.raises(InvalidRequestError) as refused:
        new_definition(data, TARGETS, NOW_MS)

    assert refused.value.errors == {"data": {"invalid": words}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("until 1", "the time lies before 1970: Gregorian seconds are Unix seconds + 62167219200"),
        ("until 9999-12-31T23:59:59Z", "the time lies too far in the future"),
        ("until soon", "the time must be ISO 8601 with a zone (2026-12-01T00:00:00Z) or Gregorian seconds"),
        (
            "until 2026-12-01T00:00:00",
            "the time needs a zone: write 2026-12-01T00:00:00Z or 2026-12-01T01:00:00+01:00",
        ),
    ],
)
def test_a_moment_that_is_none_is_told_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_record_mode(text)

    assert str(refused.value) == message


def test_recording_may_end_at_the_last_moment_that_there_is() -> None:
    latest = clock.gregorian(clock.LATEST_MS)

    assert type(parse_record_mode("until 2026-12-01T00:00:00.5Z").until_ms) is int
    assert parse_record_mode(f"until {latest}").until_ms == clock.LATEST_MS // 1000 * 1000


# ---------------------------------------------------------------- keyed digits


def test_hidden_digits_are_listed_by_their_names() -> None:
    assert hide_digits_in_parameters("a=1&Digits=1234") == ("a=1&Digits=****", ["Digits"])
    assert hide_digits_in_parameters("a=1234&b[digits]=12%334") == ("a=1234&b[digits]=****", ["b[digits]"])
