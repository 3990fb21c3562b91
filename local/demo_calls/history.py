"""Demo calls as older KAZOO releases stored them; imports and old backups hold such documents."""

import json

from local.demo_calls.documents import (
    BOOKING,
    FRONT_DESK,
    KAZOO_4_0,
    WHISTLE_2014,
    WHISTLE_2015,
    DemoCall,
    days_before_month,
)
from local.demo_calls.healthy import RING_FRONT_DESK, WELCOME
from local.demo_calls.steps import (
    JSON,
    action,
    answer_in_halves,
    flow_response,
    request,
    response,
    schema_error,
    twiml,
    twiml_response,
)

SILENT_TTS = action("tts", {}, {"_": action("pivot", {"voice_url": "ivr.example.com/clinic/choice", "debug": True})})
SILENT_TTS_ERRORS = {
    "text": {"required": {"message": "Field is required but missing", "value": "text"}},
    "children._.voice_url": {
        "pattern": {
            "message": "Failed to match pattern '^https?://'",
            "target": "^https?://",
            "value": "ivr.example.com/clinic/choice",
        }
    },
}

HISTORICAL_CALLS = (
    DemoCall(
        "201410-55@10.26.0.171",
        "2014: three documents without iteration; the call id looks like a month",
        days_before_month(9, "08:47:30"),
        FRONT_DESK,
        (
            request("http://legacy.example.com/pivot/welcome.php"),
            *answer_in_halves(json.dumps(RING_FRONT_DESK), content_type=JSON),
        ),
        WHISTLE_2014,
    ),
    DemoCall(
        "8aeb4dfc@10.3.2.55",
        "2014: three documents for a TwiML answer to a POST",
        days_before_month(10, "15:59:01"),
        BOOKING,
        (
            request("http://legacy.example.com/pivot/voice.php", method="post"),
            *answer_in_halves(twiml("<Dial><User>reception</User></Dial>"), content_type="application/xml"),
        ),
        WHISTLE_2014,
    ),
    DemoCall(
        "36-52897@10.26.0.167",
        "2015: two documents, and two more for a 302 that KAZOO followed itself",
        days_before_month(7, "13:12:48"),
        FRONT_DESK,
        (
            request("http://legacy.example.com/pivot"),
            response(status=302, headers={"Location": "http://legacy.example.com/pivot/"}),
            request("http://legacy.example.com/pivot/"),
            flow_response(RING_FRONT_DESK),
        ),
        WHISTLE_2015,
    ),
    DemoCall(
        "17569452_131324138@sip.example.com",
        "2015: two documents, TwiML",
        days_before_month(8, "10:00:12"),
        BOOKING,
        (request("http://legacy.example.com/pivot/voice.php"), twiml_response("<Dial>+14155550188</Dial>")),
        WHISTLE_2015,
    ),
    DemoCall(
        "71cf03e8-9d52-4b6a-a3f0-58be14d79c26",
        "KAZOO 4.0: schema errors with their document, two faults in one flow",
        days_before_month(6, "15:07:20"),
        FRONT_DESK,
        (request(WELCOME, method="post"), flow_response(SILENT_TTS), schema_error(SILENT_TTS, SILENT_TTS_ERRORS)),
        KAZOO_4_0,
    ),
)
