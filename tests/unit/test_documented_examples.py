"""What KAZOO's own documents and samples tell a Pivot server to answer, each written anew, and whether KAZOO takes it.

Where KAZOO refuses what its documents show, so do we: five examples are faulty as printed, a sixth and a seventh by
their placeholders.
"""

import json
from typing import Any

import pytest

from pivot_debug.diagnosis import Answer, Diagnosis, diagnose

BOX = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def then(*actions: dict[str, Any]) -> dict[str, Any]:
    """Each action on the default branch of the one before."""
    first, *rest = actions
    return {**first, "children": {"_": then(*rest)} if rest else {}}


def act(module: str, **data: Any) -> dict[str, Any]:
    return {"module": module, "data": data}


def diagnosed(body: str, content_type: str) -> Diagnosis:
    return diagnose(Answer(status="200", headers={"Content-Type": content_type}, body=body))


PIVOT = act("pivot", voice_url="https://ivr.example.com/pin", req_format="kazoo", method="post", debug=True)
STARTED = act("record_call", action="start", format="mp3", time_limit=600, url="https://files.example.com/store")

TAKEN = {
    "README: a device, then voicemail": then(act("device", id="desk-1"), act("voicemail", id=BOX)),
    "README: voicemail": act("voicemail", id=BOX),
    "bridging: a device": act("device", id="desk-1", timeout=20, can_call_self=False),
    "bridging: a user": act("user", id="anna", timeout=20, can_call_self=False),
    "bridging: resources": act("resources", to_did="+41445550100", use_local_resources=True),
    "collect: a prompt, the keys, the next request": then(
        act("tts", text="Your PIN, please"), act("collect_dtmf", max_digits=4, collection_name="pin"), PIVOT
    ),
    "conferencing: one that there is": act("conference", id=BOX),
    "conferencing: one of its own": act("conference", config={"name": "stand-up"}),
    "dtmf: keys": act("send_dtmf", digits="42#"),
    "play: two sounds": then(act("play", id="media-1"), act("play", id="https://files.example.com/bye.mp3")),
    "presence": act("manual_presence", presence_id="200@sip.example.com", status="ringing"),
    "recording: start": then(STARTED, act("device", id="desk-1")),
    "recording: stop": act("record_call", action="stop"),
    "say: a text, then the default response": then(act("tts", text="We are closed"), act("response")),
    "fireNYC: a text, then a conference": then(
        act("tts", text="Fire drill", voice="female"),
        act("conference", config={"name": "drill"}, welcome_prompt={"play": False}),
    ),
}

REFUSED = {
    "bridging: a ring group of mere ids": (
        act("ring_group", endpoints=["desk-1", "desk-2"]),
        [("schema_violation", "/data/endpoints/0"), ("schema_violation", "/data/endpoints/1")],
    ),
    "hangups: a code in quotes": (act("response", code="486"), [("schema_violation", "/data/code")]),
    "recording: children without a branch": (
        {**STARTED, "children": then(act("user", id="anna"), act("record_call", action="stop"))},
        [("schema_violation", "/children")],
    ),
    "recording: the module say": (
        then(act("say", text="Leave a message"), act("record_caller", format="mp3", url="https://files.example.com/a")),
        [("unknown_module", "/module")],
    ),
    "kazoo.1.php: a timeout in quotes": (
        then(act("user", id="anna", timeout="20"), act("voicemail", id=BOX)),
        [("schema_violation", "/data/timeout")],
    ),
    "conferencing: the placeholder of an id": (act("conference", id="{ID}"), [("schema_violation", "/data/id")]),
    "README: the placeholder of a box": (act("voicemail", id="{VM_BOX_ID}"), [("schema_violation", "/data/id")]),
}

CALL = '<Gather action="pin.php" method="GET"><Say>Your PIN, please</Say></Gather>'

TWIML = {
    "dial: a number": "<Dial>+14155550100</Dial>",
    "conference": "<Dial><Conference>drill</Conference></Dial>",
    "conference: one waits": '<Dial><Conference startConferenceOnEnter="false">drill</Conference></Dial>',
    "conference: one leads": (
        '<Dial><Conference startConferenceOnEnter="true" endConferenceOnExit="true">drill</Conference></Dial>'
    ),
    "dial: a device": f"<Dial><Device>{BOX}</Device></Dial>",
    "dial: a SIP address": "<Dial><Sip>sip:anna@sip.example.com</Sip></Dial>",
    "dial: a user": f"<Dial><User>{BOX}</User></Dial>",
    "gather": "<Gather/>",
    "gather: a prompt, else once more": f'{CALL}<Redirect method="GET">again.php</Redirect>',
    "gather: a prompt, else a word": f"{CALL}<Say>Nothing came</Say>",
    "play": "<Play>https://files.example.com/hello.mp3</Play>",
    "say": "<Say>Hello</Say>",
    "say: with a voice": '<Say voice="woman" language="en-gb" loop="2">Hello</Say>',
    "say, then hang up": "<Say>Good bye</Say><Hangup/>",
}


@pytest.mark.parametrize("answer", TAKEN.values(), ids=TAKEN)
def test_what_kazoo_takes_has_no_findings(answer: Any) -> None:
    diagnosis = diagnosed(json.dumps(answer), "application/json")

    assert diagnosis.findings == []
    assert diagnosis.effective_flow is not None


@pytest.mark.parametrize(("answer", "found"), REFUSED.values(), ids=REFUSED)
def test_what_kazoo_refuses_is_an_error_in_its_place(answer: Any, found: list[Any]) -> None:
    diagnosis = diagnosed(json.dumps(answer), "application/json")

    assert [(finding.code, finding.pointer) for finding in diagnosis.findings] == found
    assert {finding.severity for finding in diagnosis.findings} == {"error"}
    assert diagnosis.effective_flow is None


@pytest.mark.parametrize("verbs", TWIML.values(), ids=TWIML)
@pytest.mark.parametrize("content_type", ["text/xml", "application/xml"])
def test_the_samples_in_twiml_have_no_findings(verbs: str, content_type: str) -> None:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{verbs}</Response>\n'

    assert diagnosed(body, content_type).findings == []


def test_the_limit_that_the_documents_misspell_is_a_warning() -> None:
    misspelt = {"module": "pivot", "data": {**PIVOT["data"], "req_timeout": "5"}}

    (finding,) = diagnosed(json.dumps(misspelt), "application/json").findings

    assert (finding.code, finding.severity) == ("unknown_key", "warning")
    assert finding.pointer == "/data/req_timeout"
    assert finding.did_you_mean == "req_timeout_ms"
