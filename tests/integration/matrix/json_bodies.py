"""Servers that mean to send KAZOO JSON, and send something else."""

import json
from typing import Any

from tests.integration.matrix.case import HANGUP, HTML, JSON, Case, answered
from tests.integration.matrix.connection import OPEN
from tests.integration.servers import answers

VOICE = "https://ivr.example.com/next"
UMLAUT = '{"module":"tts","data":{"text":"Grüezi"}}'
PHP = '<br />\n<b>Warning</b>:  Undefined array key "Digits" in <b>/var/www/voice.php</b> on line <b>7</b><br />\n'


def unread(name: str, body: str | bytes, told: str, place: tuple[int, int], *headers: str) -> Case:
    """What KAZOO's parser of JSON refuses."""
    return answered(name, body, *(headers or (JSON,)), code="json_syntax", told=told, place=place)


def refused(name: str, action: Any, code: str, told: str, place: tuple[int, int] | None = None, **how: Any) -> Case:
    """What is JSON, but no valid call action."""
    return answered(name, json.dumps(action), JSON, code=code, told=told, place=place, **how)


def noticed(name: str, body: str | bytes, code: str, told: str, place: tuple[int, int] | None = None) -> Case:
    """What KAZOO executes all the same."""
    return answered(name, body, JSON, code=code, severity="warning", told=told, place=place)


SYNTAX = (
    unread("cuts the JSON off", '{"module":"tts","data":{"text":"Good mor', "The body ends too early", (1, 41)),
    answered(
        "counts characters for Content-Length, not bytes",
        UMLAUT.encode()[: len(UMLAUT)],
        script=answers(OPEN + b"Content-Length: %d\r\n\r\n" % len(UMLAUT) + UMLAUT.encode()),
        code="json_syntax",
        told="The body ends too early",
        place=(1, 41),
    ),
    unread("leaves a comma after the last member", '{"module":"hangup",}', "There is a comma too many", (1, 20)),
    unread("writes single quotes", "{'module':'hangup'}", "straight double ones", (1, 2)),
    unread("writes names without quotes", '{module:"hangup"}', "Names stand in double quotes", (1, 2)),
    unread("writes a comment", '{\n  // bye\n  "module":"hangup"\n}', "JSON has no comments", (2, 3)),
    unread("writes NaN", '{"module":"sleep","data":{"duration":NaN}}', "no NaN", (1, 38)),
    unread("writes True as Python does", '{"module":"pivot","data":{"debug":True}}', "in lower case", (1, 35)),
    unread("leaves a line break in a text", '{"module":"tts","data":{"text":"one\ntwo"}}', "no line break", (1, 36)),
    unread("sends two JSON documents", HANGUP * 2, "two JSON documents", (1, 20)),
    unread("writes something after the JSON", HANGUP + b"\ndone", "Something follows the JSON", (2, 1)),
    unread("sends plain text", "OK", "The body is plain text", (1, 1), "Content-Type: text/plain"),
    unread("sends the parameters back", "Call-ID=1&From=2", "The body is plain text", (1, 1), HTML),
    unread("writes a warning of PHP before the JSON", PHP + HANGUP.decode(), "PHP wrote a message", (1, 1), HTML),
    unread("writes a notice of PHP after the JSON", HANGUP.decode() + "\nNotice: x", "PHP wrote", (2, 1), HTML),
    unread(
        "writes an error of its own", "Error: undefined is not a function\n", "The body is plain text", (1, 1), HTML
    ),
)

STRUCTURE = (
    refused("sends an array", [{"module": "hangup"}], "not_an_action", "not an array", (1, 1)),
    refused("sends a string", "OK", "not_an_action", 'and "data", not "OK"', (1, 1)),
    refused("encodes the JSON twice", '{"module":"hangup"}', "not_an_action", "encoded twice", (1, 1)),
    refused("sends null", None, "not_an_action", "null", (1, 1)),
    refused("sends an empty object", {}, "not_an_action", "no module", (1, 1)),
    refused(
        "sends a whole callflow",
        {"numbers": ["200"], "flow": {"module": "hangup"}},
        "not_an_action",
        "under flow",
        (1, 1),
    ),
    refused(
        "sends a callflow as KAZOO's API does",
        {"data": {"numbers": ["200"], "flow": {"module": "hangup"}}, "status": "success"},
        "not_an_action",
        "under flow",
    ),
    refused("writes Module with a capital", {"Module": "hangup"}, "not_an_action", 'read "module"'),
    refused("names a module that does not exist", {"module": "say"}, "unknown_module", "say", (1, 12)),
    refused("misspells a module", {"module": "voicmail"}, "unknown_module", "voicmail", (1, 12)),
    refused(
        "writes a number as text",
        {"module": "user", "data": {"id": "anna", "timeout": "20"}},
        "schema_violation",
        "timeout",
        (1, 54),
    ),
    refused("leaves out what is required", {"module": "tts", "data": {}}, "schema_violation", "text"),
    refused("leaves out data that are required", {"module": "tts"}, "schema_violation", "text"),
    refused(
        "sends a value that is none of those allowed",
        {"module": "manual_presence", "data": {"presence_id": "200", "status": "away"}},
        "schema_violation",
        "idle",
    ),
    refused(
        "sends a number out of range",
        {"module": "collect_dtmf", "data": {"max_digits": 0}},
        "schema_violation",
        "max_digits",
    ),
    refused("sends data as a list", {"module": "hangup", "data": []}, "schema_violation", "data"),
    refused("sends data as null", {"module": "hangup", "data": None}, "schema_violation", "data"),
    refused(
        "leaves out the name of the branch",
        {"module": "tts", "data": {"text": "Hi"}, "children": {"module": "hangup", "data": {}, "children": {}}},
        "schema_violation",
        "children",
    ),
    refused(
        "sends children as a list",
        {"module": "tts", "data": {"text": "Hi"}, "children": [{"module": "hangup"}]},
        "schema_violation",
        "children",
    ),
    refused(
        "makes a mistake far down",
        {"module": "tts", "data": {"text": "Hi"}, "children": {"_": {"module": "response", "data": {"code": "486"}}}},
        "schema_violation",
        "code",
    ),
    refused(
        "sends the next request to localhost",
        {"module": "pivot", "data": {"voice_url": "http://localhost/next", "debug": True}},
        "schema_violation",
        "voice_url",
    ),
    refused(
        "sends a relative voice_url",
        {"module": "pivot", "data": {"voice_url": "next.php", "debug": True}},
        "schema_violation",
        "voice_url",
    ),
)

NOTICED = (
    noticed(
        "sends a byte order mark before the JSON", b"\xef\xbb\xbf" + HANGUP, "json_syntax", "byte order mark", (1, 1)
    ),
    noticed(
        "misspells a field",
        '{"module":"tts","data":{"text":"Hi","langauge":"en-us"}}',
        "unknown_key",
        "langauge",
        (1, 37),
    ),
    noticed(
        "puts a field beside data", '{"module":"tts","data":{"text":"Hi"},"voice":"female"}', "unknown_key", "voice"
    ),
    noticed(
        "sends KAZOO past the relay",
        json.dumps({"module": "pivot", "data": {"voice_url": VOICE, "debug": True}}),
        "leaves_relay",
        'KAZOO calls "https://ivr.example.com/next" directly',
        (1, 43),
    ),
    noticed("nests 100,000 brackets", b"[" * 100_000, "json_syntax", "nested too deep"),
)

CASES = (*SYNTAX, *STRUCTURE, *NOTICED)
