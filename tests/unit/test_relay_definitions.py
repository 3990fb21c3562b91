"""Definitions of relays as clients send them: what is taken, and how each fault is told."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.errors import InvalidRequestError
from pivot_debug.relay import definitions, views
from pivot_debug.relay.changes import created, redefined
from pivot_debug.relay.definitions import (
    MAX_DEPTH,
    MAX_SIZE,
    MAX_URL,
    Definition,
    Targets,
    grace_seconds_of,
    merged_definition,
    new_definition,
)
from pivot_debug.relay.model import Relay
from pivot_debug.relay.record_mode import RecordMode
from pivot_debug.relay.views import Addresses
from pivot_debug.reply_size import MAX_REPLY, escaped_size
from pivot_debug.upstream.guard import Guard
from tests.builders import ACCOUNT, NOW_MS, a_relay

moderately = settings(max_examples=60, deadline=None)

ROOT = "https://relay.example.net"
TARGETS = Targets(Guard.parse("80,443,8080,8443", ""), ROOT)
LOCAL_TARGETS = Targets(Guard.parse("80,443", "127.0.0.0/8"), ROOT)
URL = "https://pivot.example.com/ivr/welcome.php"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def members(**changes: Any) -> dict[str, Any]:
    return {"name": "welcome", "voice_url": URL} | changes


def defined(targets: Targets = TARGETS, **changes: Any) -> Definition:
    return new_definition(members(**changes), targets, NOW_MS)


def merged(relay: Relay, **changes: Any) -> Definition:
    return merged_definition(relay, changes, TARGETS, NOW_MS)


def faults(data: Any, targets: Targets = TARGETS) -> dict[str, Any]:
    with pytest.raises(InvalidRequestError) as refused:
        new_definition(data, targets, NOW_MS)
    return refused.value.errors


def outcome(data: Any) -> Definition | dict[str, Any]:
    try:
        return new_definition(data, TARGETS, NOW_MS)
    except InvalidRequestError as error:
        return error.errors


# ---------------------------------------------------------------- what is taken


def test_name_and_voice_url_are_enough() -> None:
    assert defined() == Definition(
        name="welcome", element={"voice_url": URL, "debug": True}, record=RecordMode("all"), rewrite=False
    )


def test_a_relay_records_unless_it_is_told_not_to() -> None:
    assert defined().element["debug"] is True
    assert defined(debug=False).element["debug"] is False


def test_all_that_is_not_the_relays_own_is_the_elements_as_it_was_given() -> None:
    given_element = {
        "voice_url": URL,
        "cdr_url": "https://cdr.example.com/?a=1&&b",
        "method": "POST",
        "req_format": "twiml",
        "req_body_format": "json",
        "req_timeout_ms": -5,
        "skip_module": False,
        "debug": True,
        "custom_request_headers": {"X-Tenant": "7", "": [1, 2.5, None]},
        "var": None,
    }

    definition = new_definition({"name": "n", "record": "failures", "rewrite": True, **given_element}, TARGETS, NOW_MS)

    assert definition == Definition(name="n", element=given_element, record=RecordMode("failures"), rewrite=True)


@given(st.dictionaries(st.text(min_size=1, max_size=8).map("x-{}".format), JSON_VALUES, max_size=4))
@moderately
def test_any_unknown_key_is_kept(unknown: dict[str, Any]) -> None:
    assert defined(**unknown).element == {"voice_url": URL, "debug": True} | unknown


def test_what_a_reply_adds_is_no_part_of_a_definition() -> None:
    relay = a_relay(record="next 5 calls", method="post")
    reply = views.shown(relay, Addresses(ROOT, b"key"), NOW_MS)

    definition = new_definition(reply, TARGETS, NOW_MS)

    assert reply.keys() > definition.element.keys()
    assert (definition.element, definition.record) == (relay.element, relay.record)


def test_a_server_of_the_deployments_own_network_is_allowed_where_the_deployment_says_so() -> None:
    local = "http://127.0.0.1:9000/ivr"

    assert defined(LOCAL_TARGETS, voice_url=local).element["voice_url"] == local
    assert set(faults(members(voice_url=local))["voice_url"]) == {"invalid"}


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("field", "value", "rule", "details"),
    [
        ("name", 7, "type", {"message": "Value did not match type(s): string", "target": "string"}),
        ("name", None, "type", {"message": "Value did not match type(s): string", "target": "string"}),
        ("name", "", "minLength", {"message": "String must be at least 1 characters", "target": 1, "cause": ""}),
        (
            "name",
            "n" * 129,
            "maxLength",
            {"message": "String must not be more than 128 characters", "target": 128, "cause": "n" * 129},
        ),
        (
            "voice_url",
            "ftp://pivot.example.com/",
            "pattern",
            {"message": "Failed to match pattern '^https?://'", "target": "^https?://"},
        ),
        ("cdr_url", 1, "type", {"message": "Value did not match type(s): string", "target": "string"}),
        ("debug", "true", "type", {"message": "Value did not match type(s): boolean", "target": "boolean"}),
        ("rewrite", 0, "type", {"message": "Value did not match type(s): boolean", "target": "boolean"}),
        ("skip_module", 1, "type", {"message": "Value did not match type(s): boolean", "target": "boolean"}),
        (
            "method",
            "put",
            "enum",
            {
                "message": "Value not found in enumerated list of values",
                "target": ["get", "post", "GET", "POST"],
            },
        ),
        (
            "req_format",
            "piston",
            "enum",
            {"message": "Value not found in enumerated list of values", "target": ["kazoo", "twiml"]},
        ),
        (
            "req_body_format",
            "JSON",
            "enum",
            {"message": "Value not found in enumerated list of values", "target": ["form", "json"]},
        ),
        ("req_timeout_ms", 5001, "maximum", {"message": "Value must be at most 5000", "target": 5000}),
        (
            "req_timeout_ms",
            "900",
            "type",
            {"message": "Value did not match type(s): integer", "target": "integer"},
        ),
        ("record", 5, "type", {"message": "Value did not match type(s): string", "target": "string"}),
        (
            "record",
            "some",
            "invalid",
            {"message": 'expected "all", "failures", "next N calls" or "until TIME"'},
        ),
        ("record", "next 101 calls", "invalid", {"message": "the number of calls is 1 to 100"}),
        ("record", "until 2024-03-12T21:25:36Z", "invalid", {"message": "the time is over already"}),
        ("voice_url", "http://10.0.0.5/", "invalid", {"message": "10.0.0.5 is not a public address"}),
        ("cdr_url", "http://[::1]/", "invalid", {"message": "::1 is not a public address"}),
        (
            "cdr_url",
            f"{ROOT.upper().replace('HTTPS', 'https')}:443/x",
            "invalid",
            {"message": "this is the relay's own address: name the server behind it"},
        ),
    ],
)
def test_each_fault_is_told_as_crossbar_tells_it(field: str, value: Any, rule: str, details: dict[str, Any]) -> None:
    assert faults(members(**{field: value})) == {field: {rule: {"value": value, **details}}}


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/ivr",
        "http://192.168.1.20:8080/voice",
        "http://169.254.169.254/latest/meta-data",
        "https://pivot.example.com:22/",
        "https://user:password@pivot.example.com/",
        "https://pivot.example.com/a b",
        "https://",
        "https://pivot.example.com\n.example.net/",
        "https://pivot.example.com/\U0001f600",
        f"{ROOT}.:0443/",
    ],
)
@pytest.mark.parametrize("field", ["voice_url", "cdr_url"])
def test_what_the_relay_would_refuse_to_call_is_refused_at_once(field: str, url: str) -> None:
    errors = faults(members(**{field: url}))

    assert list(errors) == [field]
    assert list(errors[field]) == ["invalid"]
    assert errors[field]["invalid"]["message"]


@pytest.mark.parametrize("field", ["name", "voice_url"])
def test_what_is_missing_is_named(field: str) -> None:
    data = {name: value for name, value in members().items() if name != field}

    assert faults(data) == {field: {"required": {"message": "Field is required but missing", "value": field}}}


def test_all_faults_are_told_at_once() -> None:
    errors = faults(members(name="", method="put", record="some", cdr_url="http://10.0.0.5/"))

    assert set(errors) == {"name", "method", "record", "cdr_url"}


@pytest.mark.parametrize("data", [None, [], "x", 1, True])
def test_data_that_is_no_object_is_refused(data: Any) -> None:
    message = "Value did not match type(s): object"

    assert faults(data) == {"data": {"type": {"message": message, "target": "object"}}}


@pytest.mark.parametrize("field", ["voice_url", "cdr_url"])
def test_a_url_has_a_limit(field: str) -> None:
    longest = f"https://pivot.example.com/?{'q' * (MAX_URL - 27)}"

    assert isinstance(outcome(members(**{field: longest})), Definition)
    assert set(faults(members(**{field: longest + "q"}))[field]) == {"maxLength"}


@pytest.mark.parametrize("letter", ["x", "é", '"', "\U0001f600"])
def test_a_definition_has_at_most_16_kilobytes(letter: str) -> None:
    written = len(json.dumps(letter)) - 2
    room = (MAX_SIZE - len(json.dumps(members(note="")))) // written

    assert defined(note=letter * room)
    assert faults(members(note=letter * (room + 1))) == {
        "data": {"maxSize": {"message": "a definition has at most 16384 bytes", "target": MAX_SIZE}}
    }


def test_what_is_nested_too_deep_is_refused() -> None:
    deepest = json.loads("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))

    assert defined(note=deepest).element["note"] == deepest
    assert set(faults(members(note=[deepest]))["data"]) == {"invalid"}


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, json.loads("1e999")])
def test_what_could_not_be_sent_back_is_refused(value: Any) -> None:
    assert set(faults(members(note=value))["data"]) == {"invalid"}


@given(st.dictionaries(st.sampled_from([*definitions.DEFINITION.fields, "note"]), JSON_VALUES))
@moderately
def test_any_json_is_taken_or_refused_in_crossbars_shape(data: dict[str, Any]) -> None:
    result = outcome({"name": "welcome", "voice_url": URL} | data)

    if isinstance(result, Definition):
        assert {"name", "voice_url", "cdr_url"} & data.keys() <= {"name"}
    else:
        assert result
        assert all(details["message"] for rules in result.values() for details in rules.values())


# ---------------------------------------------------------------- changes


def test_a_change_keeps_what_it_does_not_name() -> None:
    relay = a_relay(record="failures", rewrite=True, method="post", custom=None)

    definition = merged(relay, name="other", req_format="twiml")

    assert definition == Definition(
        name="other", element=relay.element | {"req_format": "twiml"}, record=RecordMode("failures"), rewrite=True
    )


def test_null_removes_a_key_and_what_has_a_default_goes_back_to_it() -> None:
    relay = a_relay(record="failures", rewrite=True, debug=False, method="post", custom=1)

    definition = merged(relay, custom=None, method=None, debug=None, record=None, rewrite=None, unknown=None)

    assert definition.element == {"voice_url": relay.voice_url, "debug": True}
    assert (definition.record, definition.rewrite) == (RecordMode("all"), False)


@pytest.mark.parametrize("field", ["name", "voice_url"])
def test_what_is_required_cannot_be_removed(field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        merged(a_relay(), **{field: None})

    assert set(refused.value.errors[field]) == {"required"}


def test_a_change_of_something_else_lets_a_time_that_is_over_stand() -> None:
    over = "until 2024-01-01T00:00:00Z"

    definition = merged(a_relay(record=over), name="other")

    assert str(definition.record) == over
    with pytest.raises(InvalidRequestError):
        merged(a_relay(record=over), record=over)


def test_the_whole_is_checked_after_a_change() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        merged(a_relay(note="x" * (MAX_SIZE - 400)), other="x" * 400)

    assert set(refused.value.errors["data"]) == {"maxSize"}


def test_an_empty_change_changes_nothing() -> None:
    relay = a_relay(method="post")

    definition = merged(relay)

    assert redefined(relay, definition, relay.modified_ms, restarts_count=False).element == relay.element


# ---------------------------------------------------------------- rotation


@pytest.mark.parametrize(
    ("data", "seconds"), [({}, 3600), ({"grace_seconds": 0}, 0), ({"grace_seconds": 604_800, "other": 1}, 604_800)]
)
def test_the_time_of_grace_is_an_hour_unless_given(data: dict[str, Any], seconds: int) -> None:
    assert grace_seconds_of(data) == seconds


@pytest.mark.parametrize(("value", "rule"), [(-1, "minimum"), (604_801, "maximum"), ("60", "type"), (1.5, "type")])
def test_a_time_of_grace_that_cannot_be_is_refused(value: Any, rule: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        grace_seconds_of({"grace_seconds": value})

    assert set(refused.value.errors["grace_seconds"]) == {rule}


# ---------------------------------------------------------------- a reply's size


def test_the_list_of_an_account_fits_into_one_reply_whatever_its_relays_hold() -> None:
    quotes = "https://pivot.example.com/" + '"' * (MAX_URL - 26)
    rest = MAX_SIZE - len(json.dumps(members(voice_url=quotes, cdr_url=quotes, note="")))
    definition = defined(voice_url=quotes, cdr_url=quotes, note='"' * (rest // 2))
    relay = created(definition, ACCOUNT, b"key", NOW_MS)

    item = json.dumps(views.listed(relay, Addresses(f"https://{'r' * 250}", b"key")))

    assert 100 * escaped_size(item) < MAX_REPLY
