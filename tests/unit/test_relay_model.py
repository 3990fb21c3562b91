"""A relay: who may use it, what becomes of it, and how it is shown."""

import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.relay.address import parse_relay_path
from pivot_debug.relay.changes import created, redefined, rotated
from pivot_debug.relay.definitions import Definition
from pivot_debug.relay.model import Relay, derived_secret
from pivot_debug.relay.record_mode import RecordMode
from pivot_debug.relay.views import Addresses, listed, shown
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT, RELAY_ID, RELAY_SECRET, a_relay

moderately = settings(max_examples=60, deadline=None)

KEY = b"k" * 64
ROOT = "https://relay.example.net"
HOUR_MS = 3_600_000
NEW_ELEMENT = "KAZOO reads what was changed from the callflow: put the new element into the callflow."


def a_definition(*, record: RecordMode | None = None, **element: Any) -> Definition:
    return Definition(
        name="welcome",
        element={"voice_url": "https://pivot.example.com/ivr/welcome.php", "debug": True} | element,
        record=record or RecordMode("all"),
        rewrite=False,
    )


def a_made_relay(*, record: RecordMode | None = None, **element: Any) -> Relay:
    """A relay whose secret KEY makes."""
    return created(a_definition(record=record, **element), ACCOUNT, KEY, NOW_MS)


def secret_of(relay: Relay) -> str:
    return derived_secret(KEY, relay.account_id, relay.id, relay.generation)


def notes_after(before: Relay, relay: Relay) -> list[str]:
    notes: list[str] = shown(relay, Addresses(ROOT, KEY), NOW_MS, before=before).get("notes", [])
    return notes


# ---------------------------------------------------------------- secrets


def test_a_secret_is_32_characters_that_a_path_can_hold() -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{32}", derived_secret(KEY, ACCOUNT, RELAY_ID, 1))


def test_every_account_relay_generation_and_deployment_has_a_secret_of_its_own() -> None:
    secrets = {
        derived_secret(KEY, ACCOUNT, RELAY_ID, 1),
        derived_secret(KEY, OTHER_ACCOUNT, RELAY_ID, 1),
        derived_secret(KEY, ACCOUNT, "f" * 32, 1),
        derived_secret(KEY, ACCOUNT, RELAY_ID, 2),
        derived_secret(b"another", ACCOUNT, RELAY_ID, 1),
    }

    assert len(secrets) == 5


def test_a_relay_is_opened_by_its_secret_alone() -> None:
    relay = a_relay()

    assert relay.accepts(RELAY_SECRET, NOW_MS)
    assert not relay.accepts(RELAY_SECRET.upper(), NOW_MS)
    assert not relay.accepts(RELAY_SECRET[:-1], NOW_MS)
    assert not relay.accepts(relay.secret_sha256, NOW_MS)


@given(st.text(st.characters(), max_size=40))
@moderately
def test_no_other_text_opens_a_relay_and_none_breaks_it(text: str) -> None:
    assert a_relay().accepts(text, NOW_MS) == (text == RELAY_SECRET)


@pytest.mark.parametrize("text", ["", "\ud800", "é" * 32])
def test_odd_secrets_are_refused_as_any_other(text: str) -> None:
    assert not a_relay().accepts(text, NOW_MS)


def test_a_relay_without_a_former_secret_is_not_opened_by_nothing() -> None:
    relay = replace(a_relay(), former_until_ms=NOW_MS + HOUR_MS)

    assert not relay.accepts("", NOW_MS)


def test_after_a_rotation_the_former_secret_counts_for_its_time_of_grace() -> None:
    before = a_made_relay()

    after = rotated(before, KEY, 3600, NOW_MS)

    assert secret_of(after) != secret_of(before)
    assert after.accepts(secret_of(after), NOW_MS)
    assert after.accepts(secret_of(before), NOW_MS + HOUR_MS - 1)
    assert not after.accepts(secret_of(before), NOW_MS + HOUR_MS)


def test_a_rotation_without_grace_shuts_the_former_secret_out_at_once() -> None:
    before = a_made_relay()

    after = rotated(before, KEY, 0, NOW_MS)

    assert not after.has_former_secret(NOW_MS)
    assert not after.accepts(secret_of(before), NOW_MS)
    assert after.accepts(secret_of(after), NOW_MS)


def test_a_rotation_without_grace_ends_the_grace_of_the_one_before() -> None:
    first = a_made_relay()
    second = rotated(first, KEY, 3600, NOW_MS)

    third = rotated(second, KEY, 0, NOW_MS)

    assert not third.accepts(secret_of(first), NOW_MS)
    assert not third.accepts(secret_of(second), NOW_MS)


def test_of_two_rotations_the_last_former_secret_counts_alone() -> None:
    first = a_made_relay()
    second = rotated(first, KEY, 3600, NOW_MS)

    third = rotated(second, KEY, 3600, NOW_MS)

    assert third.accepts(secret_of(second), NOW_MS)
    assert not third.accepts(secret_of(first), NOW_MS)


# ---------------------------------------------------------------- changes


def test_two_relays_of_one_definition_share_neither_id_nor_keys() -> None:
    one, two = a_made_relay(), a_made_relay()

    assert one.id != two.id
    assert one.origin_key != two.origin_key
    assert one.secret_sha256 != two.secret_sha256
    assert all(re.fullmatch(r"[0-9a-f]{32}", text) for text in (one.id, one.origin_key))


def test_another_definition_keeps_id_secret_and_what_a_rotation_left() -> None:
    before = rotated(a_made_relay(), KEY, 3600, NOW_MS)

    after = redefined(before, a_definition(method="post"), NOW_MS + 5, restarts_count=False)

    kept = ("id", "account_id", "secret_sha256", "former_secret_sha256", "former_until_ms", "origin_key", "generation")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (after.created_ms, after.modified_ms, after.revision) == (NOW_MS, NOW_MS + 5, before.revision + 1)


@pytest.mark.parametrize(("restarts_count", "since", "calls"), [(True, NOW_MS + 5, 0), (False, NOW_MS, 3)])
def test_a_count_starts_again_only_where_it_is_meant_to(restarts_count: bool, since: int, calls: int) -> None:
    before = replace(a_made_relay(record=RecordMode("next", calls=5)), recorded_calls=3)

    after = redefined(before, a_definition(), NOW_MS + 5, restarts_count=restarts_count)

    assert (after.counting_since, after.recorded_calls) == (since, calls)


# ---------------------------------------------------------------- what the element says


def test_what_the_element_leaves_out_has_kazoos_defaults() -> None:
    relay = a_relay()

    assert relay.cdr_url is None
    assert relay.timeout_ms == 5000


def test_what_the_element_says_is_what_the_relay_goes_by() -> None:
    relay = a_relay(debug=False, cdr_url="https://cdr.example.com/", req_timeout_ms=900)

    assert (relay.debug, relay.cdr_url, relay.timeout_ms) == (False, "https://cdr.example.com/", 900)


# ---------------------------------------------------------------- how it is shown


def test_a_relay_is_shown_with_the_element_to_put_into_the_callflow() -> None:
    relay = a_made_relay(method="post", cdr_url="https://cdr.example.com/hangup?x=1", custom={"a": 1})
    path = f"{ROOT}/{ACCOUNT}/pvr_{relay.id}_{secret_of(relay)}"

    view = shown(relay, Addresses(ROOT, KEY), NOW_MS)

    assert view == {
        "id": relay.id,
        "name": "welcome",
        "voice_url": "https://pivot.example.com/ivr/welcome.php",
        "debug": True,
        "method": "post",
        "cdr_url": "https://cdr.example.com/hangup?x=1",
        "custom": {"a": 1},
        "record": "all",
        "rewrite": False,
        "relay_url": f"{path}/voice/ivr/welcome.php",
        "cdr_relay_url": f"{path}/cdr/hangup?x=1",
        "created": clock.gregorian(NOW_MS),
        "modified": clock.gregorian(NOW_MS),
        "callflow": {
            "module": "pivot",
            "data": {
                "voice_url": f"{path}/voice/ivr/welcome.php",
                "debug": True,
                "method": "post",
                "cdr_url": f"{path}/cdr/hangup?x=1",
                "custom": {"a": 1},
            },
            "children": {},
        },
    }


def test_the_address_that_is_shown_opens_the_relay() -> None:
    relay = a_made_relay()

    address = parse_relay_path(listed(relay, Addresses(ROOT, KEY))["relay_url"].removeprefix(ROOT))

    assert address is not None
    assert (address.account_id, address.relay_id, address.target) == (relay.account_id, relay.id, "voice")
    assert relay.accepts(address.secret, NOW_MS)


def test_a_list_shows_neither_the_element_nor_notes() -> None:
    view = listed(a_made_relay(voice_url="http://pivot.example.com"), Addresses(ROOT, KEY))

    assert not {"callflow", "notes"} & set(view)
    assert view["relay_url"].endswith("/voice/")


def test_recorded_calls_are_shown_where_they_are_counted() -> None:
    counting = replace(a_made_relay(record=RecordMode("next", calls=5)), recorded_calls=3)

    assert listed(counting, Addresses(ROOT, KEY))["recorded_calls"] == 3
    assert "recorded_calls" not in listed(a_made_relay(), Addresses(ROOT, KEY))


def test_with_another_key_the_address_is_left_out_until_the_secret_is_rotated() -> None:
    relay, addresses = a_made_relay(), Addresses(ROOT, b"replaced")

    view = shown(relay, addresses, NOW_MS)
    mended = shown(rotated(relay, b"replaced", 60, NOW_MS), addresses, NOW_MS)

    assert not {"relay_url", "cdr_relay_url", "callflow"} & set(view)
    assert view["notes"] == [
        "The deployment's key was replaced: rotate the secret, and the relay has an address again."
    ]
    assert {"relay_url", "callflow"} <= set(mended)


@pytest.mark.parametrize(
    ("voice_url", "words"),
    [
        ("https://pivot.example.com/", []),
        ("https://pivot.example.com", ["no path"]),
        ("https://pivot.example.com?a=/b", ["no path"]),
        ("http://pivot.example.com/ivr", ["plain http"]),
        ("http://pivot.example.com", ["no path", "plain http"]),
    ],
)
def test_what_is_odd_about_a_voice_url_is_noted(voice_url: str, words: list[str]) -> None:
    notes = shown(a_made_relay(voice_url=voice_url), Addresses(ROOT, KEY), NOW_MS).get("notes", [])

    assert len(notes) == len(words)
    assert all(word in note for word, note in zip(words, notes, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        {"voice_url": "https://pivot.example.com/other"},
        {"voice_url": "https://pivot.example.com/ivr/welcome.php?x=1"},
        {"method": "post"},
        {"req_format": "twiml"},
        {"req_body_format": "json"},
        {"req_timeout_ms": 900},
        {"cdr_url": "https://cdr.example.com/"},
        {"custom": 1},
    ],
)
def test_a_change_of_what_kazoo_reads_from_the_callflow_is_noted(change: dict[str, Any]) -> None:
    before = a_made_relay()
    after = redefined(before, a_definition(**change), NOW_MS, restarts_count=True)

    assert NEW_ELEMENT in notes_after(before, after)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"debug": False},
        {"voice_url": "https://other.example.com/ivr/welcome.php"},
        {"voice_url": "https://pivot.example.com:8443/ivr/welcome.php"},
    ],
)
def test_a_change_that_the_relay_sees_to_itself_needs_no_new_element(change: dict[str, Any]) -> None:
    before = a_made_relay()
    after = redefined(before, a_definition(**change), NOW_MS, restarts_count=True)

    assert notes_after(before, after) == []


def test_a_rotation_is_noted_with_the_time_of_grace() -> None:
    relay = a_made_relay()

    with_grace = notes_after(relay, rotated(relay, KEY, 3600, NOW_MS))
    without = notes_after(relay, rotated(relay, KEY, 0, NOW_MS))

    assert with_grace == [
        "The former address works until 2024-03-12T22:25:36Z.",
        "The address is a new one: put the new element into the callflow.",
    ]
    assert without == with_grace[1:]


def test_no_view_shows_what_is_secret_beside_the_address() -> None:
    relay = rotated(a_made_relay(), KEY, 3600, NOW_MS)

    text = str(shown(relay, Addresses(ROOT, KEY), NOW_MS, before=relay))

    hidden = (relay.secret_sha256, relay.former_secret_sha256, relay.origin_key, KEY.decode())
    assert not [secret for secret in hidden if secret in text]


def test_the_relay_reads_definitions_without_pydantic() -> None:
    # Somebody is on the phone while the relay starts.
    program = "import sys, pivot_debug.relay_store; sys.exit('pydantic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
