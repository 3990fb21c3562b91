"""Relays through the API: defined, listed, changed, given another secret, deleted; and how calls are counted."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.relays_api import app
from pivot_debug import clock, dynamodb, secret_keys
from pivot_debug.relay.address import RelayAddress, parse_relay_path
from pivot_debug.relay.model import Relay
from pivot_debug.relay_store import RelayStore
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT, TOKEN, event
from tests.integration.helpers import Account, Sent, assert_error, deployed, invalid, logged, table_text, tapped
from tests.integration.service import RELAY_ROOT, Service
from tests.template import ROOT

moderately = settings(max_examples=40, deadline=None)

URL = "https://pivot.example.com/ivr/welcome.php"
UNKNOWN_ID = "f" * 32

Reply = dict[str, Any]


@dataclass(frozen=True)
class Relays:
    """The relays of one account, over the API."""

    service: Service
    account_id: str

    @property
    def store(self) -> RelayStore:
        return self.service.relay_store()

    def ask(self, method: str, *steps: str, **request: Any) -> Reply:
        own = {"account_id": self.account_id, "accounts": self.account_id}
        return self.service.relays(method, *steps, **(own | request))

    def data(self, method: str, *steps: str, data: Any = None, status: int = 200) -> Any:
        """What a request that succeeds is answered."""
        reply = self.ask(method, *steps, data=data)
        assert reply["statusCode"] == status, reply["body"]
        return reply["json"]["data"]

    def made(self, **definition: Any) -> Any:
        """A new relay as its client sees it."""
        return self.data("PUT", data={"name": "welcome", "voice_url": URL} | definition, status=201)

    def stored(self, relay_id: str) -> Relay:
        relay = self.store.find(self.account_id, relay_id, consistent=True)
        assert relay is not None
        return relay

    def accepts(self, view: Any, *, at: int = NOW_MS) -> bool:
        """Whether the address that was shown opens the relay as it is stored now."""
        return self.stored(view["id"]).accepts(address_of(view).secret, at)


def address_of(view: Any) -> RelayAddress:
    """The address that was shown, taken apart as the relay does."""
    address = parse_relay_path(view["relay_url"].removeprefix(RELAY_ROOT).partition("?")[0])
    assert address is not None
    return address


@pytest.fixture(scope="module")
def shared() -> Iterator[Service]:
    with deployed() as service:
        yield service


@pytest.fixture
def relays(shared: Service) -> Relays:
    return Relays(shared, Account.new(shared).id)


@contextmanager
def replaced_key() -> Iterator[None]:
    """Another RelaySecret, and functions that start meanwhile."""
    former = secret_keys.relay_key().decode()
    _set_key("another")
    try:
        yield
    finally:
        _set_key(former)


def _set_key(key: str) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="RelaySecret", SecretString=key)
    secret_keys.relay_key.cache_clear()
    app.addresses.cache_clear()


@pytest.fixture
def _time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second from each look at the clock to the next."""
    moments = iter(range(NOW_MS, NOW_MS + 10_000_000, 1000))
    monkeypatch.setattr(clock, "now_ms", lambda: next(moments))


# ---------------------------------------------------------------- made, read, listed


def test_the_sample_event_makes_a_relay(shared: Service) -> None:
    reply = app.handler(event("create_relay"), None)

    body = json.loads(reply["body"])
    assert (reply["statusCode"], body["status"], body["auth_token"]) == (201, "success", TOKEN)
    assert body["data"]["relay_url"].startswith(f"{RELAY_ROOT}/0123456789abcdef0123456789abcdef/pvr_")
    assert body["data"]["record"] == "next 20 calls"
    assert shared.relay_store().find("0123456789abcdef0123456789abcdef", body["data"]["id"]) is not None


def test_a_relay_that_was_made_is_read_as_it_was_shown(relays: Relays) -> None:
    made = relays.made(method="post", custom={"deep": [1, 2.5, None, {"": "é"}]}, record="next 3 calls", rewrite=True)

    read = relays.data("GET", made["id"])

    assert read == made
    assert made["custom"] == {"deep": [1, 2.5, None, {"": "é"}]}
    assert relays.accepts(made)


def test_what_a_relay_shows_can_be_sent_back_and_changes_nothing_but_the_time(relays: Relays) -> None:
    made = relays.made(custom=1, cdr_url="https://cdr.example.com/")

    replaced = relays.data("POST", made["id"], data=relays.data("GET", made["id"]))

    assert replaced == made


@pytest.mark.usefixtures("_time_passes")
def test_a_list_is_newest_first_and_without_elements(relays: Relays) -> None:
    made = [relays.made(name=name) for name in ("first", "second", "third")]

    listed = relays.data("GET")

    assert [relay["name"] for relay in listed] == ["third", "second", "first"]
    assert listed == [{name: value for name, value in one.items() if name != "callflow"} for one in reversed(made)]


def test_the_examples_of_the_reference_are_what_the_api_answers(shared: Service) -> None:
    section = (ROOT / "docs/api.md").read_text().partition("## Relays")[2]
    sent = json.loads(section.partition("-d '")[2].partition("'\n")[0])
    answered, refused = map(json.loads, re.findall(r"```json\n(.*?)```", section, re.DOTALL)[:2])
    relays = Relays(shared, ACCOUNT)

    made = relays.ask("PUT", data=sent["data"])
    bad = {field: fault["value"] for field, rules in refused["data"].items() for fault in rules.values()}
    refusal = relays.ask("PUT", data=sent["data"] | bad)

    real, shown = (address_of(view) for view in (made["json"]["data"], answered["data"]))
    same = made["body"].replace(real.relay_id, shown.relay_id).replace(real.secret, shown.secret)
    assert json.loads(same)["data"] == answered["data"]
    assert {name: refusal["json"][name] for name in refused if name != "request_id"} == {
        name: value for name, value in refused.items() if name != "request_id"
    }


def test_an_account_without_relays_has_an_empty_list(relays: Relays) -> None:
    assert relays.data("GET") == []


def test_an_account_lists_its_own_relays_alone(shared: Service, relays: Relays) -> None:
    Relays(shared, Account.new(shared).id).made()

    assert relays.data("GET") == []


def test_an_account_has_at_most_a_hundred_relays(relays: Relays) -> None:
    first = relays.stored(relays.made()["id"])
    for number in range(1, app.MAX_RELAYS):
        relays.store.add(replace(first, id=f"{number:032x}"))

    reply = relays.ask("PUT", data={"name": "one too many", "voice_url": URL})

    message = "an account has at most 100 relays: delete one that is not needed"
    assert_error(reply, 400, "validation error", invalid("relays", "maxItems", message, target=100))
    assert len(relays.data("GET")) == 100
    relays.data("DELETE", first.id)
    assert relays.made()


# ---------------------------------------------------------------- changed


def test_a_change_keeps_id_address_and_what_it_does_not_name(relays: Relays) -> None:
    made = relays.made(method="post", custom=1)

    changed = relays.data("PATCH", made["id"], data={"name": "other", "custom": None})

    expected = {name: value for name, value in made.items() if name not in ("custom", "callflow")} | {"name": "other"}
    assert {name: changed[name] for name in changed if name not in ("callflow", "notes")} == expected
    assert relays.data("GET", made["id"]) == {name: value for name, value in changed.items() if name != "notes"}


def test_a_replacement_takes_everything_back_to_its_default(relays: Relays) -> None:
    made = relays.made(method="post", custom=1, record="failures", rewrite=True, debug=False)

    replaced = relays.data("POST", made["id"], data={"name": "other", "voice_url": URL})

    assert {"method", "custom"}.isdisjoint(replaced)
    assert [replaced[name] for name in ("name", "debug", "record", "rewrite")] == ["other", True, "all", False]
    assert (replaced["id"], replaced["relay_url"]) == (made["id"], made["relay_url"])


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_change_that_the_callflow_must_follow_says_so(relays: Relays, method: str) -> None:
    made = relays.made()

    changed = relays.data(method, made["id"], data={"name": "n", "voice_url": "https://pivot.example.com/b"})
    moved = relays.data(method, made["id"], data={"name": "n", "voice_url": "https://other.example.com/b"})

    assert changed["notes"] == [
        "KAZOO reads what was changed from the callflow: put the new element into the callflow."
    ]
    assert "notes" not in moved


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_change_that_is_refused_changes_nothing(relays: Relays, method: str) -> None:
    made = relays.made()

    reply = relays.ask(method, made["id"], data={"name": "n", "voice_url": "http://10.0.0.5/"})

    refusal = invalid("voice_url", "invalid", "10.0.0.5 is not a public address", value="http://10.0.0.5/")
    assert_error(reply, 400, "validation error", refusal)
    assert relays.data("GET", made["id"]) == made


def test_two_changes_at_the_same_moment_both_count(relays: Relays) -> None:
    made = relays.made()
    other_changes = iter([{"method": "post"}])

    def change_first(sent: Sent) -> None:
        if sent.operation == "UpdateItem" and (other := next(other_changes, None)):
            relays.data("PATCH", made["id"], data=other)

    with tapped(dynamodb.client(), change_first):
        changed = relays.data("PATCH", made["id"], data={"req_format": "twiml"})

    assert (changed["method"], changed["req_format"]) == ("post", "twiml")


def test_a_relay_that_never_stops_changing_is_503(relays: Relays) -> None:
    made = relays.made()
    is_inner = [False]

    def change_first(sent: Sent) -> None:
        if sent.operation == "UpdateItem" and not is_inner[0]:
            is_inner[0] = True
            relays.data("PATCH", made["id"], data={"name": "quicker"})
            is_inner[0] = False

    with tapped(dynamodb.client(), change_first):
        reply = relays.ask("PATCH", made["id"], data={"name": "slower"})

    assert_error(reply, 503, "datastore_unreachable", {"message": "datastore timeout"})
    assert relays.data("GET", made["id"])["name"] == "quicker"


def test_a_relay_deleted_during_a_change_stays_deleted(relays: Relays) -> None:
    made = relays.made()

    def delete_first(sent: Sent) -> None:
        if sent.operation == "UpdateItem":
            relays.store.delete(relays.account_id, made["id"])

    with tapped(dynamodb.client(), delete_first):
        reply = relays.ask("PATCH", made["id"], data={"name": "too late"})

    assert reply["statusCode"] == 404
    assert relays.data("GET") == []


def test_a_write_that_is_repeated_because_its_reply_was_lost_is_no_conflict(relays: Relays) -> None:
    made = relays.made(record="next 2 calls")
    relays.data("PATCH", made["id"], data={"name": "other"})
    written = relays.stored(made["id"])
    relays.store.count_call(written, "meanwhile")

    assert relays.store.replace(written)
    assert not relays.store.replace(replace(written, name="something else"))
    assert relays.stored(made["id"]) == replace(written, recorded_calls=1)


# ---------------------------------------------------------------- another secret


def test_after_a_rotation_both_addresses_open_the_relay_for_an_hour(relays: Relays) -> None:
    made = relays.made()

    rotated = relays.data("PUT", made["id"], "secret", data={})

    assert rotated["relay_url"] != made["relay_url"]
    assert rotated["callflow"]["data"]["voice_url"] == rotated["relay_url"]
    assert rotated["notes"][-1] == "The address is a new one: put the new element into the callflow."
    assert relays.accepts(rotated)
    assert relays.accepts(made, at=NOW_MS + 3_599_999)
    assert not relays.accepts(made, at=NOW_MS + 3_600_000)


def test_a_rotation_needs_no_body(relays: Relays) -> None:
    made = relays.made()

    reply = relays.ask("PUT", made["id"], "secret")

    assert reply["statusCode"] == 200
    assert relays.accepts(made)


def test_a_rotation_without_grace_shuts_the_former_address_at_once(relays: Relays) -> None:
    made = relays.made()

    rotated = relays.data("PUT", made["id"], "secret", data={"grace_seconds": 0})

    assert relays.accepts(rotated)
    assert not relays.accepts(made)


def test_a_rotation_leaves_the_definition_and_the_count_alone(relays: Relays) -> None:
    made = relays.made(record="next 3 calls", custom=1)
    relays.store.count_call(relays.stored(made["id"]), "one")

    rotated = relays.data("PUT", made["id"], "secret", data={})

    kept = ("name", "voice_url", "custom", "record", "debug", "created")
    assert [rotated[name] for name in kept] == [made[name] for name in kept]
    assert rotated["recorded_calls"] == 1
    assert relays.data("GET", made["id"])["recorded_calls"] == 1


def test_where_the_key_was_replaced_relays_go_on_and_a_rotation_gives_them_an_address_again(relays: Relays) -> None:
    made = relays.made()

    with replaced_key():
        read = relays.data("GET", made["id"])
        rotated = relays.data("PUT", made["id"], "secret", data={})

    assert not {"relay_url", "callflow"} & set(read)
    assert "rotate the secret" in read["notes"][0]
    assert relays.accepts(made)
    assert relays.accepts(rotated)


# ---------------------------------------------------------------- deleted, unknown


def test_a_deleted_relay_is_answered_once_more_and_then_unknown(relays: Relays) -> None:
    made = relays.made()

    deleted = relays.data("DELETE", made["id"])

    assert deleted == {name: value for name, value in made.items() if name != "callflow"}
    assert relays.ask("DELETE", made["id"])["statusCode"] == 404
    assert relays.store.find(relays.account_id, made["id"]) is None
    assert relays.data("GET") == []


@pytest.mark.parametrize("relay_id", [UNKNOWN_ID, "x", "", "%00", "a" * 3000, UNKNOWN_ID.upper()])
@pytest.mark.parametrize(
    ("method", "steps", "data"),
    [
        ("GET", (), None),
        ("POST", (), {"name": "n", "voice_url": URL}),
        ("PATCH", (), {}),
        ("DELETE", (), None),
        ("PUT", ("secret",), {}),
    ],
)
def test_an_unknown_relay_is_404(relays: Relays, method: str, steps: tuple[str, ...], data: Any, relay_id: str) -> None:
    reply = relays.ask(method, relay_id, *steps, data=data)

    assert_error(reply, 404, "bad_identifier", {"message": "bad identifier", "cause": relay_id})


def test_a_relay_of_another_account_is_unknown(shared: Service, relays: Relays) -> None:
    other = Relays(shared, Account.new(shared).id).made()

    for method, data in (("GET", None), ("PATCH", {"name": "mine"}), ("DELETE", None)):
        assert relays.ask(method, other["id"], data=data)["statusCode"] == 404


# ---------------------------------------------------------------- who may


EVERY_ROUTE = [
    ("GET", ()),
    ("PUT", ()),
    ("GET", (UNKNOWN_ID,)),
    ("POST", (UNKNOWN_ID,)),
    ("PATCH", (UNKNOWN_ID,)),
    ("DELETE", (UNKNOWN_ID,)),
    ("PUT", (UNKNOWN_ID, "secret")),
]


@pytest.mark.parametrize(("method", "steps"), EVERY_ROUTE)
@pytest.mark.parametrize(
    "rights", [{"accounts": OTHER_ACCOUNT}, {"scopes": "debug:read"}, {"accounts": ""}, {"scopes": ""}]
)
def test_a_token_of_another_account_or_scope_is_forbidden(
    relays: Relays, method: str, steps: tuple[str, ...], rights: dict[str, str]
) -> None:
    reply = relays.ask(method, *steps, data={"name": "n", "voice_url": URL}, **rights)

    assert_error(reply, 403, "forbidden", {"message": "forbidden"})


@pytest.mark.parametrize(("method", "steps"), EVERY_ROUTE)
def test_an_operator_is_told_what_is_no_account_id(relays: Relays, method: str, steps: tuple[str, ...]) -> None:
    reply = relays.ask(method, *steps, account_id="nobody", accounts="*")

    assert_error(reply, 404, "bad identifier", {"message": "invalid account_id 'nobody'"})


@pytest.mark.parametrize(
    ("method", "steps", "allowed"),
    [
        ("POST", (), "GET, PUT, OPTIONS"),
        ("DELETE", (), "GET, PUT, OPTIONS"),
        ("PUT", (UNKNOWN_ID,), "GET, POST, PATCH, DELETE, OPTIONS"),
        ("GET", (UNKNOWN_ID, "secret"), "PUT, OPTIONS"),
    ],
)
def test_another_verb_is_405_token_or_not(relays: Relays, method: str, steps: tuple[str, ...], allowed: str) -> None:
    reply = relays.ask(method, *steps, accounts="", scopes="")

    assert_error(reply, 405, "invalid_method", {"message": "method not allowed"})
    assert reply["headers"]["Allow"] == allowed


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", "null", '{"data": NaN}', '{"data": []}', "[" * 20_000])
def test_a_body_that_is_no_definition_is_400(relays: Relays, body: str) -> None:
    made = relays.made()

    replies = [relays.ask(*request, body=body) for request in (("PUT",), ("POST", made["id"]), ("PATCH", made["id"]))]

    assert [(reply["statusCode"], reply["json"]["message"]) for reply in replies] == [(400, "validation error")] * 3
    assert relays.data("GET") == [{name: value for name, value in made.items() if name != "callflow"}]


# ---------------------------------------------------------------- counting calls


@given(st.integers(1, 5), st.lists(st.sampled_from("abcdefgh") | st.text(min_size=1, max_size=9).map("é/{}".format)))
@moderately
def test_of_any_calls_the_first_n_are_recorded_and_a_redelivery_is_answered_the_same(
    shared: Service, limit: int, calls: list[str]
) -> None:
    relays = Relays(shared, Account.new(shared).id)
    relay = relays.stored(relays.made(record=f"next {limit} calls")["id"])

    answers = [relays.store.count_call(relay, call_id) for call_id in calls]

    first = list(dict.fromkeys(calls))[:limit]
    assert answers == [call_id in first for call_id in calls]
    assert relays.stored(relay.id).recorded_calls == len(first)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("record", ["next 2 calls", "next 3 calls"])
@pytest.mark.usefixtures("_time_passes")
def test_a_count_starts_again_where_record_is_set_anew(relays: Relays, method: str, record: str) -> None:
    made = relays.made(record="next 2 calls")
    before = relays.stored(made["id"])
    assert [relays.store.count_call(before, call) for call in ("a", "b", "c")] == [True, True, False]

    changed = relays.data(method, made["id"], data={"name": "n", "voice_url": URL, "record": record})

    assert changed["recorded_calls"] == 0
    assert relays.store.count_call(relays.stored(made["id"]), "c")
    assert not relays.store.count_call(before, "d"), "what was read before the change counts no more"
    assert relays.data("GET", made["id"])["recorded_calls"] == 1


@pytest.mark.usefixtures("_time_passes")
def test_a_change_of_something_else_keeps_the_count(relays: Relays) -> None:
    made = relays.made(record="next 2 calls")
    before = relays.stored(made["id"])
    relays.store.count_call(before, "a")

    changed = relays.data("PATCH", made["id"], data={"name": "other"})

    assert changed["recorded_calls"] == 1
    assert relays.store.count_call(before, "a")
    assert relays.store.count_call(before, "b")
    assert not relays.store.count_call(relays.stored(made["id"]), "c")


def test_a_call_that_is_counted_during_a_change_stays_counted(relays: Relays) -> None:
    made = relays.made(record="next 1 calls")
    relay = relays.stored(made["id"])
    calls = iter(["during"])

    def count_first(sent: Sent) -> None:
        if sent.operation == "UpdateItem" and (call := next(calls, None)):
            assert relays.store.count_call(relay, call)

    with tapped(dynamodb.client(), count_first):
        relays.data("PATCH", made["id"], data={"name": "other"})

    assert not relays.store.count_call(relays.stored(made["id"]), "after")


def test_a_deleted_relay_counts_nothing_and_does_not_come_back(relays: Relays) -> None:
    relay = relays.stored(relays.made(record="next 2 calls")["id"])
    relays.data("DELETE", relay.id)

    assert not relays.store.count_call(relay, "a")
    assert relays.store.find(relay.account_id, relay.id, consistent=True) is None


# ---------------------------------------------------------------- what must not be told


def test_secrets_are_neither_stored_in_the_clear_nor_logged(relays: Relays) -> None:
    with logged() as log:
        made = relays.made(voice_url=f"{URL}?token=canary")
        rotated = relays.data("PUT", made["id"], "secret", data={})
        relays.data("PATCH", made["id"], data={"name": "other"})
        relays.ask("PATCH", made["id"], data={"voice_url": "http://10.0.0.5/?token=canary"})
        relays.data("GET")
        relays.data("DELETE", relays.made()["id"])

    secrets = [address_of(view).secret for view in (made, rotated)]
    assert log.getvalue().count('"message":"answered"') == 7
    assert not [
        text for text in (*secrets, "canary", TOKEN, secret_keys.relay_key().decode()) if text in log.getvalue()
    ]
    assert not [secret for secret in secrets if secret in table_text("RelayTable")]


def test_a_reply_shows_no_hash_and_no_key(relays: Relays) -> None:
    made = relays.made()
    relays.data("PUT", made["id"], "secret", data={})
    relay = relays.stored(made["id"])

    bodies = relays.ask("GET", made["id"])["body"] + relays.ask("GET")["body"]

    assert not [text for text in (relay.secret_sha256, relay.former_secret_sha256, relay.origin_key) if text in bodies]
