"""What KAZOO makes of an answer in KAZOO JSON, and what we say about it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.callflow import ActionCheck, check_call_action
from pivot_debug.callflow.rules import MAX_FAULTS
from pivot_debug.findings import Finding
from pivot_debug.relay.address import relay_url

BOX = "5f0c7a1e2b3d4c5f6a7b8c9d0e1f2a3b"
VOICE = "https://ivr.example.com/step"
RELAY = "https://fn.on.aws"


def check(answer: Any) -> ActionCheck:
    return check_call_action(json.dumps(answer))


def codes(result: ActionCheck) -> list[str]:
    return [finding.code for finding in result.findings]


def only(result: ActionCheck) -> Finding:
    assert len(result.findings) == 1, [finding.message for finding in result.findings]
    return result.findings[0]


def faults(answer: Any) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.pointer) for finding in check(answer).findings if finding.severity == "error"]


def pivot(**data: Any) -> dict[str, Any]:
    return {"module": "pivot", "data": {"voice_url": VOICE, "debug": True, **data}}


def then(action: dict[str, Any], following: dict[str, Any]) -> dict[str, Any]:
    return {**action, "children": {"_": following}}


DEVICE = {"module": "device", "data": {"id": "desk-1"}}
VOICEMAIL = {"module": "voicemail", "data": {"id": BOX}}
TTS = {"module": "tts", "data": {"text": "Good morning"}}


# ---------------------------------------------------------------- the kinds of answer that KAZOO's documents show


@pytest.mark.parametrize(
    "answer",
    [
        then(DEVICE, VOICEMAIL),
        VOICEMAIL,
        {"module": "user", "data": {"id": "anna"}},
        {"module": "resources", "data": {"to_did": "+41445550100", "use_local_resources": False}},
        then(TTS, then({"module": "collect_dtmf", "data": {"max_digits": 3, "collection_name": "pin"}}, pivot())),
        {"module": "conference", "data": {"config": {"name": "stand-up"}}},
        {"module": "conference", "data": {"id": BOX}},
        {"module": "send_dtmf", "data": {"digits": "42#", "duration_ms": 500}},
        then(
            {"module": "play", "data": {"id": "media-1"}}, {"module": "play", "data": {"id": "https://x.example/a.mp3"}}
        ),
        {"module": "manual_presence", "data": {"presence_id": "200", "status": "busy"}},
        then({"module": "record_call", "data": {"action": "start", "format": "mp3"}}, DEVICE),
        {"module": "record_call", "data": {"action": "stop"}},
        then(TTS, {"module": "response", "data": {}}),
        then(TTS, {"module": "conference", "data": {"config": {"name": "a"}, "welcome_prompt": {"play": False}}}),
        {"module": "menu", "data": {"id": BOX}, "children": {"1": DEVICE, "2": VOICEMAIL, "timeout": TTS}},
    ],
)
def test_given_an_answer_that_kazoo_takes_then_there_is_nothing_to_say(answer: Any) -> None:
    result = check(answer)

    assert result.findings == []
    assert (result.schema_errors, result.json_errors) == (None, None)
    assert result.effective_flow is not None


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (
            {"module": "ring_group", "data": {"endpoints": ["desk-1", "desk-2"]}},
            [("schema_violation", "/data/endpoints/0"), ("schema_violation", "/data/endpoints/1")],
        ),
        ({"module": "response", "data": {"code": "486"}}, [("schema_violation", "/data/code")]),
        (
            {"module": "record_call", "data": {"action": "start"}, "children": then(DEVICE, VOICEMAIL)},
            [("schema_violation", "/children")],
        ),
        ({"module": "say", "data": {"text": "Hello"}}, [("unknown_module", "/module")]),
        (
            then({"module": "user", "data": {"id": "anna", "timeout": "20"}}, VOICEMAIL),
            [("schema_violation", "/data/timeout")],
        ),
        ({"module": "conference", "data": {"id": "conference-1"}}, [("schema_violation", "/data/id")]),
    ],
)
def test_given_an_answer_that_kazoo_refuses_then_the_place_is_told(answer: Any, found: list[Any]) -> None:
    assert faults(answer) == found
    assert check(answer).effective_flow is None


# ---------------------------------------------------------------- what KAZOO stores


@pytest.mark.parametrize(
    ("answer", "stored"),
    [
        (
            {"data": {"text": "Hello"}},
            {"module": {"required": {"message": "Field is required but missing", "value": "module"}}},
        ),
        (
            {"module": "response", "data": {"code": "486"}},
            {
                "data.code": {
                    "type": {
                        "message": "Value did not match type(s): integer",
                        "target": "integer",
                        "value": "486",
                    }
                }
            },
        ),
        (
            {"module": "manual_presence", "data": {"presence_id": "200", "status": "away"}},
            {
                "data.status": {
                    "enum": {
                        "message": "Value not found in enumerated list of values",
                        "target": ["idle", "ringing", "busy"],
                        "value": "away",
                    }
                }
            },
        ),
        (
            then(TTS, pivot(voice_url="ftp://x/")),
            {
                "children._.data.voice_url": {
                    "pattern": {
                        "message": "Failed to match pattern '^https?://'",
                        "target": "^https?://",
                        "value": "ftp://x/",
                    }
                }
            },
        ),
        (
            {"module": "tts", "data": {"text": "é" * 1001}},
            {
                "data.text": {
                    "maxLength": {
                        "message": "String must not be more than 1000 characters",
                        "target": 1000,
                        "cause": "é" * 1001,
                        "value": "é" * 1001,
                    }
                }
            },
        ),
        (
            {"module": "record_call", "data": {"time_limit": 99999}},
            {
                "data.time_limit": {
                    "maximum": {"message": "Value must be at most 10800", "target": 10800, "value": 99999}
                }
            },
        ),
        (
            then(TTS, {"module": "ring_group", "data": {"endpoints": ["dev1"]}}),
            {
                "children._.data.endpoints.0": {
                    "type": {"message": "Value did not match type(s): object", "target": "object", "value": "dev1"}
                }
            },
        ),
        (
            {"module": "voicemail", "data": {"id": "box"}},
            {
                "data.id": {
                    "minLength": {
                        "message": "String must be at least 32 characters",
                        "target": 32,
                        "cause": "box",
                        "value": "box",
                    }
                }
            },
        ),
        (
            {"module": "sleep", "data": {"duration": -1}},
            {"data.duration": {"minimum": {"message": "Value must be at least 0", "target": 0, "value": -1}}},
        ),
        (
            {"module": "page_group", "data": {"endpoints": []}},
            {
                "data.endpoints": {
                    "minItems": {"message": "The list must have at least 1 items", "target": 1, "value": []}
                }
            },
        ),
        (
            {"module": "collect_dtmf", "data": {"terminators": ["#", "#"]}},
            {"data.terminators": {"uniqueItems": {"message": "List of items is not unique", "value": ["#", "#"]}}},
        ),
        (
            {"module": "faxbox", "data": {"media": {"fax_option": "maybe"}}},
            {"data.media.fax_option": {"not_one_schema_valid": {"message": "failed to validate", "value": "maybe"}}},
        ),
        (
            {"module": "offnet", "data": {"custom_sip_headers": {"in": {"X A": "1"}}}},
            {
                "data.custom_sip_headers": {
                    "any_schemas_not_valid": {"message": "failed to validate", "value": {"in": {"X A": "1"}}}
                }
            },
        ),
        (
            {"module": "webhook", "data": {"uri": "http://localhost/x"}},
            {"data.uri": {"error": {"message": "invalid client URL", "value": "http://localhost/x"}}},
        ),
        (
            {"module": "say"},
            {"module": {"error": {"message": "unable to find callflow schema for module say", "value": "say"}}},
        ),
        (
            {"module": "hangup", "children": {"1.5": "hangup"}},
            {
                "children.1%2E5": {
                    "type": {"message": "Value did not match type(s): object", "target": "object", "value": "hangup"}
                }
            },
        ),
        (
            [],
            {"": {"type": {"message": "Value did not match type(s): object", "target": "object", "value": []}}},
        ),
    ],
)
def test_schema_errors_are_those_that_kazoo_stores(answer: Any, stored: dict[str, Any]) -> None:
    assert check(answer).schema_errors == stored


def test_given_several_faults_then_all_are_stored_and_told_in_the_order_of_the_body() -> None:
    answer = then(
        {"module": "user", "data": {"timeout": "20", "delay": 1.0}},
        {"module": "tts", "children": {"_": {"module": "nope"}, "9": {}}},
    )

    result = check(answer)

    assert faults(answer) == [
        ("schema_violation", "/data/timeout"),
        ("schema_violation", "/data/delay"),
        ("schema_violation", "/children/_/data/text"),
        ("unknown_module", "/children/_/children/_/module"),
        ("schema_violation", "/children/_/children/9/module"),
    ]
    assert set(result.schema_errors or {}) == {
        "data.timeout",
        "data.delay",
        "children._.data.text",
        "children._.children._.module",
        "children._.children.9.module",
    }


def test_an_action_without_its_branch_leaves_kazoos_three_errors_and_one_finding_that_says_what_to_do() -> None:
    result = check({"module": "record_call", "data": {}, "children": then(DEVICE, VOICEMAIL)})

    assert set(result.schema_errors or {}) == {"children.module", "children.data.module", "children.children.module"}
    assert only(result).did_you_mean == '{"_": {"module": …}}'


def test_a_sound_branch_next_to_a_misplaced_action_is_checked_too() -> None:
    children = {**DEVICE, "_": {"module": "tts", "data": {}}}

    assert faults({"module": "play", "children": children}) == [
        ("schema_violation", "/children"),
        ("schema_violation", "/children/_/data/text"),
    ]


# ---------------------------------------------------------------- KAZOO's rules


@pytest.mark.parametrize("value", ['"20"', "20.0", "2e1", "true", "null", "[20]"])
def test_nothing_is_converted_to_an_integer(value: str) -> None:
    finding = only(check_call_action('{"module": "user", "data": {"timeout": ' + value + "}}"))

    assert (finding.code, finding.pointer, finding.expected) == ("schema_violation", "/data/timeout", "an integer")


def test_an_integer_of_any_size_is_one() -> None:
    assert check({"module": "user", "data": {"timeout": -(10**40)}}).findings == []


def test_defaults_count_before_required_fields_are_missed_and_go_all_the_way_down() -> None:
    result = check({"module": "response", "children": {"_": {"module": "conference", "data": {"config": {}}}}})

    assert result.findings == []
    assert result.effective_flow is not None
    assert result.effective_flow["data"] == {"code": 486}
    config = result.effective_flow["children"]["_"]["data"]["config"]
    assert config["member"] == {"join_deaf": False, "join_muted": True, "numbers": [], "pins": []}


def test_defaults_of_items_and_of_the_alternative_that_fits_are_filled_in() -> None:
    ring = {"module": "ring_group", "data": {"endpoints": [{"id": "a", "endpoint_type": "user"}]}}
    macros = {"module": "audio_macro", "data": {"macros": [{"macro": "tts", "text": "x"}]}}

    ringing, speaking = check(ring).effective_flow, check(macros).effective_flow

    assert ringing is not None
    assert speaking is not None
    assert ringing["data"]["endpoints"][0] == {"id": "a", "endpoint_type": "user", "delay": 0, "timeout": 20}
    assert speaking["data"]["macros"][0]["voice"] == "female"
    assert "endless_playback" not in speaking["data"]["macros"][0], "that is a default of another alternative"


def test_a_default_is_not_filled_in_where_the_description_names_no_type() -> None:
    flow = check({"module": "send_dtmf", "data": {"digits": "1"}}).effective_flow

    assert flow == {"module": "send_dtmf", "data": {"digits": "1"}}


def test_defaults_of_one_answer_are_not_shared_with_the_next() -> None:
    first, second = (check({"module": "play"}).effective_flow for _ in range(2))

    assert first is not None
    assert second is not None
    first["data"]["terminators"].clear()
    assert len(second["data"]["terminators"]) == 12


def test_a_default_that_breaks_its_own_rule_is_a_fault_of_the_answer() -> None:
    assert faults({"module": "audio_macro", "data": {}}) == [("schema_violation", "/data/macros")]


def test_length_counts_code_points() -> None:
    assert faults({"module": "tts", "data": {"text": "\U0001f600" * 1000}}) == []
    assert faults({"module": "tts", "data": {"text": "\U0001f600" * 1001}}) == [("schema_violation", "/data/text")]


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_a_text_outside_of_its_length_is_refused(text: str) -> None:
    finding = only(check({"module": "tts", "data": {"text": text}}))

    assert (finding.expected, finding.got) == ("a string of 1 to 1000 characters", f"{len(text)} characters")


def test_only_the_formats_that_kazoo_enforces_are_enforced() -> None:
    def alert(address: str) -> dict[str, Any]:
        return {"module": "missed_call_alert", "data": {"recipients": [{"type": "email", "id": address}]}}

    assert faults(alert("a@b")) == []
    assert faults(alert("a.b")) == [("schema_violation", "/data/recipients/0/id")]
    assert faults({"module": "record_call", "data": {"url": "http://a b/<>"}}) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "https://LocalHost:8080/x",
        "http://127.0.0.1/x",
        "http://0.0.0.0?x",
        "http://user@secret:localhost/",
        "ftp://example.com/",
        "HTTP://example.com/",
        "example.com",
        "",
    ],
)
def test_a_url_on_kazoos_blacklist_or_of_another_scheme_is_refused(url: str) -> None:
    for module, name in (("record_call", "url"), ("record_caller", "url"), ("webhook", "uri")):
        finding = only(check({"module": module, "data": {name: url}}))

        assert (finding.code, finding.pointer) == ("schema_violation", f"/data/{name}")
        assert finding.message.startswith("invalid client URL")
    assert faults(pivot(voice_url=url)) == [("schema_violation", "/data/voice_url")]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.example.com/",
        "http://127.0.0.2/",
        "http://192.168.1.1/",
        "http://[::1]/",
        "http://u:localhost@x/",
    ],
)
def test_a_url_that_kazoos_blacklist_lets_through_is_let_through(url: str) -> None:
    assert faults(pivot(voice_url=url)) == []


def test_a_cdr_url_is_not_compared_with_the_blacklist() -> None:
    assert faults(pivot(cdr_url="http://localhost/cdr")) == []


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"X-Account": "7"}, []),
        ({"in": {"X-A": "1"}, "out": {"X-B": "2"}}, []),
        ({"in": {"X A": "1"}}, ["/data/custom_sip_headers/in/X A"]),
        ({"X-A": 1}, []),  # the second alternative says nothing of other names
        ([], ["/data/custom_sip_headers"]),
    ],
)
def test_sip_headers_stand_alone_or_by_direction(headers: Any, found: list[str]) -> None:
    answer = {"module": "offnet", "data": {"custom_sip_headers": headers}}

    assert [finding.pointer for finding in check(answer).findings] == found


@pytest.mark.parametrize(
    ("macro", "found"),
    [
        ({"macro": "prompt", "id": "vm-enter_pass"}, []),
        ({"macro": "tone", "frequencies": [400, 450], "volume": 50}, []),
        ({"macro": "say", "text": "12", "type": "number"}, []),
        ({"macro": "tts"}, ["/data/macros/0/text"]),
        ({"macro": "tone", "volume": 101}, ["/data/macros/0/volume"]),
        ({"macro": "play", "id": 5, "loop_count": 0}, ["/data/macros/0/id", "/data/macros/0/loop_count"]),
        ({"macro": "sing"}, ["/data/macros/0/macro"]),
        ({"text": "Hello"}, ["/data/macros/0/macro"]),
        ("Hello", ["/data/macros/0"]),
    ],
)
def test_a_macro_is_checked_as_the_kind_that_it_says_it_is(macro: Any, found: list[str]) -> None:
    findings = check({"module": "audio_macro", "data": {"macros": [macro]}}).findings

    assert [finding.pointer for finding in findings] == found


@pytest.mark.parametrize(
    ("module", "data", "expected"),
    [
        ("tts", {}, "a string of 1 to 1000 characters"),
        ("response", {"media": 1}, "a string of up to 2048 characters"),
        ("voicemail", {"id": 1}, "a string of 32 characters"),
        ("ring_group_toggle", {"callflow_id": "x"}, 'one of "login", "logout"'),
        ("ring_group", {"endpoints": [0]}, 'an object with "endpoint_type" and "id"'),
        ("missed_call_alert", {"recipients": [{"type": "email"}]}, "an e-mail address or an array"),
    ],
)
def test_what_is_expected_is_said_in_words(module: str, data: dict[str, Any], expected: str) -> None:
    assert only(check({"module": module, "data": data})).expected == expected


def test_a_choice_between_types_names_them() -> None:
    finding = only(check({"module": "conference", "data": {"play_entry_tone": 5}}))

    assert (finding.expected, finding.got) == ("true or false or a string", "5")


@pytest.mark.parametrize("children", [[], "x", None, {"_": []}, {"_": "hangup"}, {"_": None}])
def test_children_are_actions_by_branch(children: Any) -> None:
    assert {code for code, _ in faults({"module": "play", "children": children})} == {"schema_violation"}


def test_what_stands_under_an_empty_branch_is_not_checked() -> None:
    assert faults({"module": "play", "children": {"": "hangup"}}) == []


@pytest.mark.parametrize("module", ["", "x" * 65, 5, None])
def test_a_module_is_a_name_of_1_to_64_characters(module: Any) -> None:
    assert faults({"module": module}) == [("schema_violation", "/module")]


@pytest.mark.parametrize("module", ["action", "audio_macro.say", "conferences", "Play", "nope"])
def test_what_merely_looks_like_a_module_is_none(module: str) -> None:
    assert faults({"module": module}) == [("unknown_module", "/module")]


# ---------------------------------------------------------------- suggestions


@pytest.mark.parametrize(
    ("module", "meant"),
    [
        ("say", "tts"),
        ("Say", "tts"),
        ("Gather", "collect_dtmf"),
        ("voice_mail", "voicemail"),
        ("ring-group", "ring_group"),
        ("recordcall", "record_call"),
        ("Hangup", "hangup"),
        ("zzz", None),
    ],
)
def test_a_module_that_is_none_is_understood_where_possible(module: str, meant: str | None) -> None:
    assert only(check({"module": module})).did_you_mean == meant


@pytest.mark.parametrize(
    ("module", "name", "value", "meant"),
    [
        ("response", "code", "486", "486"),
        ("response", "code", 486.0, "486"),
        ("response", "code", "busy", None),
        ("pivot", "debug", "true", "true"),
        ("pivot", "debug", 0, "false"),
        ("pivot", "method", "Post", '"post"'),
        ("pivot", "req_format", "json", None),
        ("disa", "pin", 1234, '"1234"'),
        ("dynamic_cid", "caller_id", [], "{}"),
        ("set_variables", "custom_application_vars", "x", None),
    ],
)
def test_a_value_of_the_wrong_type_or_spelling_is_put_right(
    module: str, name: str, value: Any, meant: str | None
) -> None:
    data = {"voice_url": VOICE, name: value} if module == "pivot" else {name: value}

    error = next(finding for finding in check({"module": module, "data": data}).findings if finding.severity == "error")

    assert (error.pointer, error.did_you_mean) == (f"/data/{name}", meant)


# ---------------------------------------------------------------- warnings


@pytest.mark.parametrize(
    ("data", "meant"),
    [
        ({"req_timeout": 5}, "req_timeout_ms"),
        ({"voiceUrl": VOICE}, "voice_url"),
        ({"custom_request_headers": {}}, None),
    ],
)
def test_a_name_that_kazoo_does_not_read_is_a_warning(data: dict[str, Any], meant: str | None) -> None:
    result = check(pivot(**data))

    finding = only(result)
    assert (finding.code, finding.severity, finding.pointer) == ("unknown_key", "warning", f"/data/{next(iter(data))}")
    assert finding.did_you_mean == meant
    assert result.effective_flow is not None


def test_a_name_next_to_the_data_that_belongs_into_them_is_recognised() -> None:
    result = check({"module": "tts", "text": "Hello"})

    assert [(finding.code, finding.did_you_mean) for finding in result.findings] == [
        ("schema_violation", None),
        ("unknown_key", "data.text"),
    ]


def test_names_are_looked_at_everywhere_below_the_data() -> None:
    endpoint = {"id": "a", "endpoint_type": "user", "timout": 5}
    answer = then({"module": "ring_group", "data": {"endpoints": [endpoint]}}, {"module": "noop", "child": {}})

    assert [finding.pointer for finding in check(answer).findings] == ["/data/endpoints/0/timout", "/children/_/child"]


@pytest.mark.parametrize(
    "action",
    [
        {"module": "set", "data": {"anything": 1}},
        {"module": "set_variables", "data": {"custom_application_vars": {"anything": "x"}}},
        {"module": "webhook", "data": {"custom_data": {"anything": {"at": ["all"]}}}},
        {"module": "device", "data": {"custom_sip_headers": {"X-Anything": "x"}}},
        {"module": "park", "data": {"slots": {"701": {}}}},
    ],
)
def test_where_kazoo_reads_any_name_no_name_is_unknown(action: dict[str, Any]) -> None:
    assert check(action).findings == []


@pytest.mark.parametrize(
    ("data", "pointer"),
    [({"voice_url": VOICE}, "/data"), ({"voice_url": VOICE, "debug": False}, "/data/debug")],
)
def test_a_pivot_that_does_not_ask_for_debugging_is_a_warning_wherever_it_stands(
    data: dict[str, Any], pointer: str
) -> None:
    action = {"module": "pivot", "data": data}

    for answer, prefix in ((action, ""), (then(TTS, action), "/children/_")):
        result = check(answer)
        assert (codes(result), only(result).pointer) == (["debug_not_inherited"], prefix + pointer)
        assert result.effective_flow is not None


@pytest.mark.parametrize("url", [VOICE, "http://fn.on.aws/a", "https://fn.on.aws.evil.example/a", "https://fn.on"])
def test_a_pivot_that_leads_past_the_relay_is_a_warning(url: str) -> None:
    action = pivot(voice_url=url)

    for answer, prefix in ((action, ""), (then(TTS, then(DEVICE, action)), "/children/_/children/_")):
        body = json.dumps(answer, indent=2)
        finding = only(check_call_action(body, relay_root=RELAY))
        assert (finding.code, finding.severity) == ("leaves_relay", "warning")
        assert (finding.pointer, finding.got) == (f"{prefix}/data/voice_url", json.dumps(url))
        assert body.splitlines()[(finding.line or 0) - 1][(finding.column or 0) - 1 :].startswith(f'"{url}"')
        assert check_call_action(body).findings == []


def test_a_pivot_to_the_relay_is_no_finding_even_if_kazoo_would_not_record_it() -> None:
    own = relay_url(RELAY, "0a" * 16, "1b" * 16, "aZ09" * 8, "voice", VOICE)

    for url in (own, f"{RELAY}/a", RELAY):
        answer = then(TTS, pivot(voice_url=url, cdr_url="https://reports.example.com/", debug=False))
        assert check_call_action(json.dumps(answer), relay_root=RELAY).findings == []


def test_what_other_modules_call_may_lie_outside_the_relay() -> None:
    answer = then({"module": "play", "data": {"id": VOICE}}, {"module": "webhook", "data": {"uri": VOICE}})

    assert check_call_action(json.dumps(answer), relay_root=RELAY).findings == []


def test_an_answer_full_of_addresses_outside_the_relay_has_a_bounded_number_of_findings() -> None:
    answer = {"module": "menu", "data": {}, "children": {str(number): pivot() for number in range(5000)}}

    assert len(check_call_action(json.dumps(answer), relay_root=RELAY).findings) == MAX_FAULTS


def test_errors_come_before_warnings() -> None:
    result = check(then({"module": "play", "data": {"x": 1}}, {"module": "tts"}))

    assert codes(result) == ["schema_violation", "unknown_key"]


# ---------------------------------------------------------------- JSON that is no action


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([TTS, DEVICE], "not an array"),
        ([], "not an array"),
        ({"numbers": ["200"], "flow": TTS}, "under flow"),
        ({"flow": TTS}, "under flow"),
        ({"data": {"numbers": ["200"], "flow": TTS}, "status": "success"}, "under flow"),
        (json.dumps(TTS), "encoded twice"),
        ("OK", '"OK"'),
        (5, "5"),
        (None, "null"),
        (True, "true"),
        ({}, "no module"),
        ({"Module": "tts"}, '"Module" should probably read "module"'),
        ({"data": {}}, "no module"),
    ],
)
def test_given_json_that_is_no_action_then_it_is_told_what_was_sent_instead(answer: Any, words: str) -> None:
    result = check(answer)

    finding = only(result)
    assert (finding.code, finding.severity, finding.pointer) == ("not_an_action", "error", "")
    assert words in finding.message
    assert result.schema_errors is not None
    assert (result.json_errors, result.effective_flow) == (None, None)


def test_what_hangs_below_a_missing_module_is_checked_nevertheless() -> None:
    assert faults({"children": {"_": {"module": "tts"}}}) == [
        ("not_an_action", ""),
        ("schema_violation", "/children/_/data/text"),
    ]


# ---------------------------------------------------------------- no JSON


GOOD = '{"module":"hangup"}'

SYNTAX = [
    # body, line, column, words of the reason, what KAZOO stores of it
    ('{"module":"hangup",}', 1, 20, "comma too many", "invalid JSON"),
    ('{"module":"play",\n "data":{"terminators":["1",]}}', 2, 29, "comma too many", "invalid JSON"),
    ("{'module':'hangup'}", 1, 2, "straight double", "invalid JSON"),
    ("{“module”:“hangup”}", 1, 2, "straight double", "invalid JSON"),
    ("{module:'hangup'}", 1, 2, "Names stand in double quotes", "invalid JSON"),
    ('{"module":"tts"\n"data":{}}', 2, 1, "comma is missing", "invalid JSON"),
    ('{"module" "tts"}', 1, 11, "colon", "invalid JSON"),
    ('{"module": hangup}', 1, 12, "Text stands in double quotes", "invalid JSON"),
    ('{\n// end the call\n"module":"hangup"}', 2, 1, "no comments", "invalid JSON"),
    ('{"module":"hangup"} // bye', 1, 21, "Something follows", "trailing data"),
    ('{"module":"sleep","data":{"duration":NaN}}', 1, 38, "no NaN", "invalid JSON"),
    ('{"module":"sleep","data":{"duration":Infinity}}', 1, 38, "no NaN", "invalid JSON"),
    ('{"module":"sleep","data":{"duration":-Infinity}}', 1, 39, "no NaN", None),
    ('{"module":"sleep","data":{"duration":01}}', 1, 39, "begins with no zero", "invalid JSON"),
    ('{"module":"pivot","data":{"debug":True}}', 1, 35, "lower case", "invalid JSON"),
    ('{"module":"pivot","data":{"debug":undefined}}', 1, 35, "lower case", "invalid JSON"),
    ('{"module":"pivot","data":{"debug":truE}}', 1, 35, "lower case", None),
    ('{"module":"tts","data":{"text":"one\ntwo"}}', 1, 36, "line break", None),
    ('{"module":"tts","data":{"text":"C:\\q"}}', 1, 35, "backslash", None),
    (GOOD + GOOD, 1, 20, "two JSON documents", "trailing data"),
    (GOOD + "\n" + GOOD, 2, 1, "two JSON documents", "trailing data"),
    (GOOD + "\nWarning: x", 2, 1, "PHP", "trailing data"),
    (GOOD + "</body>", 1, 20, "Something follows", "trailing data"),
    ("<html><body>404</body></html>", 1, 1, "HTML", "invalid JSON"),
    ("\n<!DOCTYPE html>", 2, 1, "HTML", "invalid JSON"),
    ("<br />\n<b>Notice</b>: Undefined variable in a.php on line 3<br />\n" + GOOD, 1, 1, "PHP", "invalid JSON"),
    ("PHP Warning:  foo() in a.php on line 3\n" + GOOD, 1, 1, "PHP", "invalid JSON"),
    ("<Response><Say>Hi</Say></Response>", 1, 1, "TwiML", "invalid JSON"),
    ('<?xml version="1.0"?><Response/>', 1, 1, "TwiML", "invalid JSON"),
    ("OK", 1, 1, "plain text", "invalid JSON"),
    ("not found", 1, 1, "plain text", None),
    ('{"module":"tts","data":{"text":"Good mor', 1, 41, "too early", None),
    ('{"module":"tts","data":{"text":"x"}', 1, 36, "too early", None),
    ('{"module":"pivot","data":{"debug":tr', 1, 35, "too early", None),
    ("", 1, 1, "empty", None),
    (" \n ", 2, 2, "empty", None),
    ("t", 1, 1, "too early", None),
    ("=1", 1, 1, "not JSON", "invalid JSON"),
]


@pytest.mark.parametrize(("body", "line", "column", "words", "stored"), SYNTAX)
def test_given_a_body_that_is_no_json_then_place_and_cause_are_told_and_what_kazoo_stores(
    body: str, line: int, column: int, words: str, stored: str | None
) -> None:
    result = check_call_action(body)

    finding = only(result)
    assert (finding.code, finding.severity, finding.line, finding.column) == ("json_syntax", "error", line, column)
    assert words in finding.message
    assert (result.json_errors or {}).get("message") == stored
    assert (result.schema_errors, result.effective_flow) == (None, None)


def test_before_ends_with_the_wrong_character_of_invalid_json_and_without_that_of_trailing_data() -> None:
    assert check_call_action('{"a":1,}\n').json_errors == {
        "message": "invalid JSON",
        "before": '{"a":1,}',
        "after": "\n",
    }
    assert check_call_action('{"a":1}\n {}').json_errors == {
        "message": "trailing data",
        "before": '{"a":1}\n ',
        "after": "{}",
    }


def test_the_pointer_leads_to_the_member_that_was_being_read() -> None:
    assert only(check_call_action('{"module":"tts","data":{"text":"a\tb"}}')).pointer == "/data/text"


def test_a_word_of_another_language_is_translated() -> None:
    assert only(check_call_action('{"module":None}')).did_you_mean == "null"


# ---------------------------------------------------------------- byte order mark and half characters


def test_a_byte_order_mark_is_a_warning_and_the_rest_counts() -> None:
    result = check_call_action("\ufeff" + GOOD)

    assert (codes(result), only(result).severity) == (["json_syntax"], "warning")
    assert result.effective_flow == {"module": "hangup", "data": {}}


def test_after_a_byte_order_mark_faults_are_found_where_they_stand_in_the_body_as_sent() -> None:
    invalid, broken = check_call_action('\ufeff{"module":"say"}'), check_call_action("\ufeff{]")

    assert [(finding.code, finding.column) for finding in invalid.findings] == [
        ("unknown_module", 12),
        ("json_syntax", 1),
    ]
    assert [(finding.severity, finding.column) for finding in broken.findings] == [("error", 3), ("warning", 1)]
    assert broken.json_errors == {"message": "invalid JSON", "before": "\ufeff{]", "after": ""}


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d"])
def test_half_of_a_surrogate_pair_is_refused_as_kazoo_refuses_it(half: str) -> None:
    result = check_call_action('{"module":"tts","data":{"text":"' + half + '"}}')

    assert (only(result).code, only(result).column) == ("json_syntax", 32)
    assert (result.json_errors, result.schema_errors, result.effective_flow) == (None, None, None)


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert check_call_action('{"module":"tts","data":{"text":"\\ud83d\\ude00"}}').findings == []


# ---------------------------------------------------------------- any body


ANY_TEXT = st.text(alphabet=st.characters(), max_size=60)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.sampled_from(["tts", "pivot", "set"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["module", "data", "children", "_", "text", "flow"]), inner, max_size=4)
    ),
    max_leaves=12,
).map(json.dumps)


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT | ANY_JSON)
def test_given_any_body_then_every_finding_is_complete_and_can_be_sent_as_utf_8(body: str) -> None:
    result = check_call_action(body)

    for finding in result.findings:
        fields = finding.as_json()
        assert fields.keys() >= {
            "code",
            "severity",
            "message",
            "pointer",
            "line",
            "column",
            "expected",
            "got",
            "excerpt",
        }
        assert json.dumps(fields, ensure_ascii=False).encode()
        assert 1 <= finding.line <= body.count("\n") + 1 if finding.line else False
    stored = [result.schema_errors, result.json_errors, result.effective_flow]
    assert json.dumps(stored, ensure_ascii=False, allow_nan=False).encode()


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | ANY_JSON)
def test_given_any_body_then_there_is_a_flow_or_an_error_and_never_both(body: str) -> None:
    result = check_call_action(body)

    errors = {finding.code for finding in result.findings if finding.severity == "error"}
    assert (result.effective_flow is None) == bool(errors)
    assert (result.schema_errors is not None) == bool(errors - {"json_syntax"})
    assert result.json_errors is None or errors == {"json_syntax"}


# ---------------------------------------------------------------- extremes


def test_given_a_long_chain_of_actions_then_all_are_checked() -> None:
    answer: dict[str, Any] = {"module": "tts"}
    for _ in range(95):
        answer = then(TTS, answer)

    result = check(answer)

    assert only(result).pointer == "/children/_" * 95 + "/data/text"
    assert json.dumps(result.schema_errors)


@pytest.mark.parametrize("depth", [1_000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"module":"play","children":{"_":', '{"module":"set","data":{"x":'])
def test_given_an_answer_nested_too_deep_to_check_then_that_is_a_warning(opening: str, depth: int) -> None:
    result = check_call_action(opening * depth)

    assert (only(result).code, only(result).severity) == ("json_syntax", "warning")
    assert "too deep" in only(result).message


def test_given_an_answer_of_more_values_than_are_read_then_that_is_a_warning() -> None:
    result = check_call_action(f"[{'1,' * 2_000_000}1]")

    assert (only(result).code, only(result).severity) == ("json_syntax", "warning")
    assert "too large to be checked" in only(result).message
    assert result.json_errors is None


def test_given_a_megabyte_of_one_and_the_same_fault_then_it_is_told_a_hundred_times() -> None:
    result = check({"module": "ring_group", "data": {"endpoints": ["desk"] * 130_000}})

    assert len(result.findings) == 100
    assert {finding.code for finding in result.findings} == {"schema_violation"}


def test_given_a_megabyte_that_is_valid_then_it_is_taken() -> None:
    endpoints = [{"id": f"desk-{n}", "endpoint_type": "device", "delay": n, "weight": 5} for n in range(15_000)]

    result = check_call_action(json.dumps({"module": "ring_group", "data": {"endpoints": endpoints}}, indent=1))

    assert result.findings == []


def test_given_a_megabyte_of_names_that_kazoo_does_not_read_then_a_hundred_are_told() -> None:
    result = check({"module": "play", "data": {f"name-{n}": n for n in range(50_000)}})

    assert len(result.findings) == 100
    assert result.effective_flow is not None


def test_given_one_string_of_a_megabyte_then_only_its_beginning_is_shown() -> None:
    finding = only(check({"module": "tts", "data": {"text": "x", "engine": "y" * 1_000_000}}))

    assert len(json.dumps(finding.as_json())) < 2_000
