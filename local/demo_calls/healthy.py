"""Demo calls that went as their developer wished, as the current KAZOO stores them.

Birch Street Clinic has two numbers: the front desk, answered with KAZOO JSON, and booking, answered with TwiML.
"""

from local.demo_calls.documents import (
    BOOKING,
    FRONT_DESK,
    MASTER_NODE_2,
    DemoCall,
    Document,
    days_ago,
    days_before_month,
    hex_id,
    minutes_ago,
)
from local.demo_calls.steps import (
    JSON,
    action,
    cdr_request,
    flow_response,
    request,
    response,
    twiml_response,
)

WELCOME = "https://ivr.example.com/clinic/welcome"
CHOICE = "https://ivr.example.com/clinic/choice"
VOICE = "https://booking.example.com/pivot/voice.php"
RECORDING = "https://media.example.com/recordings/call_recording_7f31c0.mp3"

VOICEMAIL = action("voicemail", {"id": hex_id("front desk voicemail")})
RING_FRONT_DESK = action("user", {"id": hex_id("front desk"), "timeout": 20}, {"_": VOICEMAIL})
RING_NURSES = action(
    "ring_group",
    {
        "endpoints": [
            {"endpoint_type": "user", "id": hex_id("nurse 1"), "timeout": 15},
            {"endpoint_type": "user", "id": hex_id("nurse 2"), "timeout": 15, "delay": 5},
        ],
        "strategy": "simultaneous",
    },
    {"_": VOICEMAIL},
)


def pivot_to(url: str) -> Document:
    """The action that asks the server again; it says `debug` itself, because a nested pivot inherits nothing."""
    return action("pivot", {"voice_url": url, "method": "get", "req_format": "kazoo", "debug": True})


def ask_digits(prompt: str, name: str, digits: int) -> Document:
    """Says the prompt, collects digits under a name, and asks the server what next."""
    collect = action("collect_dtmf", {"collection_name": name, "max_digits": digits, "timeout": 6000})
    collect["children"] = {"_": pivot_to(CHOICE)}
    return action("tts", {"text": prompt, "voice": "female", "language": "en-US"}, {"_": collect})


def gather(action_url: str, digits: int, prompt: str) -> str:
    return f'<Gather action="{action_url}" numDigits="{digits}" timeout="8"><Say voice="woman">{prompt}</Say></Gather>'


HEALTHY_CALLS = (
    DemoCall(
        "829597750@10.26.0.158",
        "KAZOO JSON, one hop: the front desk rings, then takes a message",
        minutes_ago(4),
        FRONT_DESK,
        (request(WELCOME), flow_response(RING_FRONT_DESK)),
    ),
    DemoCall(
        "6e1f0c2a-93b7-4d0e-8a56-2f7c1b9d4e83",
        "KAZOO JSON, three hops, which KAZOO all calls iteration 1",
        minutes_ago(12),
        FRONT_DESK,
        (
            request(WELCOME),
            flow_response(ask_digits("Press 1 for the front desk, 2 for a nurse.", "department", 1)),
            request(CHOICE, {"Digits": {"department": "2"}}, after=7, iteration=1),
            flow_response(ask_digits("Please enter your six digit patient number.", "patient", 6)),
            request(CHOICE, {"Digits": {"patient": "301442"}}, after=11, iteration=1),
            flow_response(RING_NURSES),
        ),
    ),
    DemoCall(
        "5f0c8a17d2e4b963-21877@10.26.0.182",
        "TwiML Gather: the digits of two menus, three iterations",
        minutes_ago(21),
        BOOKING,
        (
            request(VOICE),
            twiml_response(gather("menu.php", 1, "Press 1 to book, 2 to cancel."), "<Redirect>voice.php</Redirect>"),
            request("https://booking.example.com/pivot/menu.php", {"Digits": "2"}, method="post", after=6, iteration=2),
            twiml_response(gather("cancel.php", 5, "Enter your booking number.")),
            request(
                "https://booking.example.com/pivot/cancel.php",
                {"Digits": "48213"},
                method="post",
                after=9,
                iteration=3,
            ),
            twiml_response("<Say>Booking 4 8 2 1 3 is cancelled. Goodbye.</Say>", "<Hangup/>"),
        ),
    ),
    DemoCall(
        "SD4c7e1b02-7d03a9ffb15210c44e8d6a5b90f3127e-06a91u0",
        "TwiML Record: a message for the doctor, then a second request with the recording",
        minutes_ago(95),
        BOOKING,
        (
            request(VOICE),
            twiml_response(
                "<Say>Please leave a message for the doctor after the tone.</Say>",
                '<Record action="recorded.php" maxLength="120" playBeep="true"/>',
            ),
            request(
                "https://booking.example.com/pivot/recorded.php",
                {"RecordingUrl": RECORDING, "RecordingDuration": "17", "RecordingSid": hex_id("recording")},
                method="post",
                after=24,
                iteration=2,
            ),
            twiml_response("<Say>Thank you. We will call you back today.</Say>", "<Hangup/>"),
        ),
    ),
    DemoCall(
        "268743708_92220890@10.23.9.32",
        "TwiML Dial with action: nobody answers, and the server is told so",
        days_ago(1, "16:42:10"),
        BOOKING,
        (
            request(VOICE),
            twiml_response('<Dial action="dialed.php" timeout="15"><User>reception</User></Dial>'),
            request(
                "https://booking.example.com/pivot/dialed.php",
                {"DialCallStatus": "no-answer", "DialCallSid": "b1e0f7c4-5d2a-4c39-9e61-0a7f48d3c215"},
                method="post",
                after=19,
                iteration=2,
            ),
            twiml_response("<Say>Nobody is free just now. Please call again later.</Say>", "<Hangup/>"),
        ),
    ),
    DemoCall(
        "c2c-3a7d09be41f6-9f3e20c81d",
        "TwiML Dial, and the call record posted to the cdr_url afterwards",
        days_ago(1, "10:15:37"),
        BOOKING,
        (
            request(VOICE),
            twiml_response("<Say>One moment, please.</Say>", "<Dial>+14155550188</Dial>"),
            cdr_request("https://booking.example.com/pivot/cdr.php", seconds=143, after=151),
            response("OK", content_type="text/plain"),
        ),
    ),
    DemoCall(
        "934800820",
        "TwiML Redirect: a second iteration without any digits",
        days_ago(2, "18:05:44"),
        BOOKING,
        (
            request(VOICE),
            twiml_response("<Say>We are closed.</Say>", '<Redirect method="GET">closed.php</Redirect>'),
            request("https://booking.example.com/pivot/closed.php", after=3, iteration=2),
            twiml_response("<Play>https://media.example.com/prompts/opening-hours.wav</Play>", "<Hangup/>"),
        ),
        MASTER_NODE_2,
    ),
    DemoCall(
        "9c1185a5e15e4f0c8d3b72a690efd41b7c25-quickcall",
        "a POST with a JSON body, from a desk phone of two owners",
        days_ago(2, "09:31:02"),
        FRONT_DESK,
        (
            request(
                WELCOME,
                {"User-ID": [hex_id("dr brandt"), hex_id("nurse 1")], "Custom-SIP-Headers": {"X-Room": "3"}},
                method="post",
                content_type=JSON,
            ),
            flow_response(RING_NURSES),
        ),
    ),
    DemoCall(
        "at7kq2m4ffk97vnlp6qz",
        "KAZOO JSON under text/plain: KAZOO takes it all the same",
        days_ago(3, "14:20:55"),
        FRONT_DESK,
        (request(f"{WELCOME}?api_key=demo-secret-api-key"), flow_response(RING_FRONT_DESK, content_type="text/plain")),
    ),
    DemoCall(
        "YVQXITNGHMHIKYDTLBAH",
        "credentials to redact: an authorization header, an api_key in the url, a session cookie",
        days_ago(4, "11:08:19"),
        FRONT_DESK,
        (
            request(
                f"{WELCOME}?site=north&api_key=demo-secret-query-key",
                {"Custom-Application-Vars": {"clinic": "north wing"}},
                headers={"Authorization": "Bearer demo-secret-bearer-token", "X-Clinic-Site": "north"},
            ),
            flow_response(
                RING_FRONT_DESK, headers={"Set-Cookie": "PHPSESSID=demo-secret-session; Path=/; Secure; HttpOnly"}
            ),
        ),
    ),
    DemoCall(
        "0_2921477643@10.126.0.9",
        "begins in the last second of a month, is answered in the next: one call, two databases",
        days_before_month(1, "23:59:59"),
        FRONT_DESK,
        (request(WELCOME), flow_response(RING_NURSES)),
    ),
)
