"""Healthy servers: whatever they do, it is HTTP, and KAZOO executes it. Nothing must be said of them."""

import json
from typing import Any

from tests.integration.matrix.case import HANGUP, HOST, HTML, JSON, SECURE, TWIML, XML, Case, answered, moved
from tests.integration.servers import Script, answer, answers, stalls
from tests.integration.service import RELAY_ROOT

BOX = "5f0c7a1e2b3d4c5f6a7b8c9d0e1f2a3b"
NEXT = f"{RELAY_ROOT}/step"
TTS = {"module": "tts", "data": {"text": "Grüezi, caller 😀"}}
DEVICE = {"module": "device", "data": {"id": "desk-1", "timeout": 20}}
VOICEMAIL = {"module": "voicemail", "data": {"id": BOX}}
COLLECT = {"module": "collect_dtmf", "data": {"max_digits": 4, "collection_name": "pin"}}
PIVOT = {"module": "pivot", "data": {"voice_url": NEXT, "method": "post"}}
BRANCHES = {str(number): TTS | {"children": {"_": DEVICE}} for number in range(5000)}

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FRAMED = HEAD + b"Content-Length: 19\r\n\r\n" + HANGUP
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n8\r\n" + HANGUP[:8] + b'\r\nb;x="1"\r\n' + HANGUP[8:] + b"\r\n0\r\n"
FORM = b"Call-ID=829597750%4010.26.0.158&Digits[pin]=1234&Custom-Application-Vars=&From=2600%40sip.example.com"
OBJECT = json.dumps({"Call-ID": "829597750@10.26.0.158", "Digits": {"pin": "1234"}, "From": "2600@sip.example.com"})


def action(name: str, *actions: dict[str, Any]) -> Case:
    """Call actions, each the default branch of the one before."""
    whole: dict[str, Any] = {}
    for each in reversed(actions):
        whole = each | ({"children": {"_": whole}} if whole else {})
    return answered(f"sends {name}", json.dumps(whole, ensure_ascii=False), JSON)


def verbs(name: str, content: str, *headers: str) -> Case:
    return answered(f"sends {name}", f"<Response>{content}</Response>", *(headers or (XML,)))


def wire(name: str, script: Script | bytes, body: bytes = HANGUP, **how: Any) -> Case:
    """A hang-up, in a frame of its own."""
    return answered(name, body, script=answers(script) if isinstance(script, bytes) else script, **how)


def redirecting(name: str, status: str, location: str = "/new", **how: Any) -> Case:
    first = answer(b"moved", f"Location: {location}", status=status)
    return wire(name, moved(first, answer(HANGUP, JSON)), **how)


ACTIONS = (
    action("a device, then voicemail", DEVICE, VOICEMAIL),
    action("a user", {"module": "user", "data": {"id": "anna"}}),
    action("a prompt, the keys, and a further request to the relay", TTS, COLLECT, PIVOT),
    action("a conference", {"module": "conference", "data": {"config": {"name": "stand-up"}}}),
    action("a sound", {"module": "play", "data": {"id": "https://files.example/hello.mp3"}}),
    action("a recording", {"module": "record_call", "data": {"action": "start", "format": "mp3"}}, DEVICE),
    action("a rejection", {"module": "response", "data": {"code": 486, "message": "Busy"}}),
    action("a call to the outside", {"module": "resources", "data": {"to_did": "+41445550100"}}),
    action("a presence", {"module": "manual_presence", "data": {"presence_id": "200", "status": "busy"}}),
    action("a menu of branches", {"module": "menu", "data": {"id": BOX}, "children": {"1": DEVICE, "timeout": TTS}}),
    answered("sends half a megabyte", json.dumps({"module": "menu", "data": {"id": BOX}, "children": BRANCHES}), JSON),
    answered("indents, with white space around", "\r\n " + json.dumps(DEVICE, indent=2) + " \r\n\r\n", JSON),
)

TWIML_ANSWERS = (
    verbs("<Dial> with a number", "<Dial timeout='20'>+41 44 555 01 00</Dial>"),
    verbs("<Dial> with a conference", "<Dial><Conference startConferenceOnEnter='false'>a</Conference></Dial>"),
    verbs("<Dial> with several", "<Dial>\n<User>u1</User><Device>d1</Device><Sip>sip:a@b.example</Sip>\n</Dial>"),
    verbs("<Gather>, then <Redirect>", "<Gather numDigits='1'><Say>One?</Say></Gather><Redirect>again.php</Redirect>"),
    verbs("<Play>", "<Play>https://files.example/hello.mp3</Play>"),
    verbs("<Say> with a voice", "<Say voice='woman' language='en-gb' loop='2'>Good evening ☕</Say>"),
    verbs("<Record>", "<Record action='/done' maxLength='30' playBeep='false'/>"),
    verbs("<Pause>, then <Hangup>", "\r\n\t<!-- wait -->\r\n\t<Pause length='2'/>\r\n\t<Hangup/>\r\n"),
    verbs("<Reject>", "<Reject reason='busy'/>"),
    verbs("<Set>, then <Redirect>", "<Set><Variable key='a' value='1'/></Set><Redirect method='POST'>n</Redirect>"),
    answered("declares XML in UTF-8", b'<?xml version="1.0" encoding="UTF-8"?>\n' + TWIML + b"\n", XML),
    answered("sends a byte order mark before TwiML", b"\xef\xbb\xbf" + TWIML, XML),
)

TYPES = (
    answered("sends TwiML without a type", TWIML),
    answered("sends TwiML as application/xml", TWIML, "Content-Type: application/xml;charset=UTF-8"),
    answered("sends TwiML with a space behind the type", TWIML, "Content-Type: text/xml ; charset=utf-8"),
    answered("sends JSON with a charset", HANGUP, f"{JSON}; charset=utf-8"),
    answered("sends JSON as text/html", HANGUP, HTML),
    answered("sends JSON as Application/JSON", HANGUP, "Content-Type: Application/JSON"),
    answered("sends JSON as Text/XML, in this spelling", HANGUP, "Content-Type: Text/XML"),
    answered("names its content encoding identity", HANGUP, JSON, "Content-Encoding: identity"),
    answered("names two types, the right one first", TWIML, XML, JSON),
)

FRAMES = (
    answered("answers 206", HANGUP, JSON, status="206 Partial Content"),
    answered("takes 3.5 of 5 seconds", HANGUP, JSON, took_ms=3500),
    wire("sends chunks", CHUNKS + b"\r\n"),
    wire("sends chunks and trailers", CHUNKS + b"X-Checksum: 1\r\nX-More: 2\r\n\r\n"),
    wire(
        "speaks HTTP/1.0 and closes at the end", b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + HANGUP
    ),
    wire("speaks HTTP/1.1 and closes at the end", HEAD + b"\r\n" + HANGUP),
    wire("keeps the connection open", stalls(FRAMED.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"))),
    wire("keeps the connection open after the last chunk", stalls(CHUNKS + b"\r\n")),
    wire("sends early hints first", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + FRAMED),
    wire("sends an interim 100 first", b"HTTP/1.1 100 Continue\r\n\r\n" + FRAMED),
    wire("writes headers in odd case", FRAMED.replace(b"Content-Type:", b"cOnTeNt-TYPE:  ")),
    wire("folds a header", HEAD + b"X-Long: one\r\n\ttwo\r\nContent-Length: 19\r\n\r\n" + HANGUP),
    wire("repeats headers", HEAD + b"Vary: a\r\nVary: b\r\nSet-Cookie: a=1\r\nContent-Length: 19\r\n\r\n" + HANGUP),
    wire("ends its lines with LF alone", FRAMED.replace(b"\r\n", b"\n")),
    wire("repeats Content-Length", FRAMED.replace(b"\r\n\r\n", b"\r\nContent-Length: 19\r\n\r\n")),
)

MOVED = (
    redirecting("redirects (301) to a relative address", "301 Moved Permanently"),
    redirecting("redirects (302) to an absolute address", "302 Found", "http://HOST/new?a=1"),
    redirecting("redirects (303)", "303 See Other", "../new"),
    redirecting("redirects (307)", "307 Temporary Redirect"),
    redirecting("redirects (308) without naming the scheme", "308 Permanent Redirect", "//HOST/new"),
    redirecting("redirects a POST (302)", "302 Found", posts=("application/x-www-form-urlencoded", FORM)),
    redirecting("redirects a POST (307)", "307 Temporary Redirect", posts=("application/json", OBJECT.encode())),
)

ASKED = (
    answered("answers a form", HANGUP, JSON, posts=("application/x-www-form-urlencoded", FORM)),
    answered("answers a request in JSON", TWIML, XML, posts=("application/json", OBJECT.encode())),
    answered("has a good certificate", HANGUP, JSON, url=SECURE, tls=lambda authority: authority.server(HOST)),
)

CASES = (*ACTIONS, *TWIML_ANSWERS, *TYPES, *FRAMES, *MOVED, *ASKED)
