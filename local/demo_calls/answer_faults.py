"""Demo calls that failed because of what the server said: broken JSON, broken flows, wrong types, bad TwiML."""

import json

from local.demo_calls.documents import (
    BOOKING,
    FRONT_DESK,
    DemoCall,
    days_ago,
    days_before_month,
    hex_id,
    minutes_ago,
)
from local.demo_calls.healthy import RING_FRONT_DESK, VOICE, VOICEMAIL, WELCOME
from local.demo_calls.steps import (
    JSON,
    action,
    broken_json,
    flow_response,
    json_error,
    request,
    response,
    twiml,
    twiml_response,
)

BUSY_AS_TEXT = action("response", {"code": "486", "message": "All lines are busy"})
UNKNOWN_SAY = action("say", {"text": "Welcome to Birch Street Clinic."}, {"_": RING_FRONT_DESK})
WHOLE_CALLFLOW = {"numbers": [FRONT_DESK.number], "flow": RING_FRONT_DESK}
WELCOME_TWIML = twiml("<Say>Welcome to Birch Street Clinic.</Say>", "<Dial><User>reception</User></Dial>")

ANSWER_FAULTS = (
    DemoCall(
        "3e9a7c05-b812-4f6d-a0e7-64d1f28c95b3",
        "good TwiML under PHP's default text/html: KAZOO complains about JSON and hangs up",
        minutes_ago(8),
        BOOKING,
        (request(VOICE), *broken_json(WELCOME_TWIML[0], WELCOME_TWIML[1:], content_type="text/html; charset=UTF-8")),
    ),
    DemoCall(
        "0c6f2d9e-4a71-4b38-8de5-f17b93c0a264",
        "unknown TwiML verb: Speak instead of Say",
        minutes_ago(150),
        BOOKING,
        (request(VOICE), twiml_response("<Speak>Welcome to Birch Street Clinic.</Speak>", "<Hangup/>")),
    ),
    DemoCall(
        "829597812@10.26.0.158",
        "schema: the code is a string; KAZOO after 4.0 leaves no mark of it",
        minutes_ago(210),
        FRONT_DESK,
        (request(WELCOME), flow_response(BUSY_AS_TEXT)),
    ),
    DemoCall(
        "e8150bc4-72d9-4c03-9fa6-3b6d07e1f89a",
        "invalid JSON: Python's print of a dict",
        days_ago(2, "13:40:22"),
        FRONT_DESK,
        (request(WELCOME), *broken_json("{'", "module': 'user', 'data': {'id': '" + hex_id("front desk") + "'}}")),
    ),
    DemoCall(
        "829598003@10.26.0.158",
        "trailing data: a PHP notice behind the JSON",
        days_ago(3, "10:27:14"),
        FRONT_DESK,
        (
            request(WELCOME),
            *broken_json(
                json.dumps(VOICEMAIL) + "\n",
                "<br />\n<b>Notice</b>:  Undefined index: lang in <b>/srv/ivr/welcome.php</b> on line <b>12</b><br />",
                "trailing data",
            ),
        ),
    ),
    DemoCall(
        "829598117@10.26.0.158",
        "truncated JSON: the answer breaks off, and KAZOO leaves no mark of it",
        days_ago(5, "16:18:05"),
        FRONT_DESK,
        (request(WELCOME), response(json.dumps(RING_FRONT_DESK)[:93], content_type=JSON)),
    ),
    DemoCall(
        "91b7d4a6-05ce-4182-b6f3-c84e20d97f15",
        "an empty Response: nothing for KAZOO to do",
        days_ago(7, "08:11:49"),
        BOOKING,
        (request(VOICE), response('<?xml version="1.0" encoding="UTF-8"?>\n<Response/>', content_type="text/xml")),
    ),
    DemoCall(
        "4410f7be-ac36-4d95-81e2-7f05b9d3c68e",
        "XML that is none: a bare & in the text",
        days_ago(8, "17:55:30"),
        BOOKING,
        (request(VOICE), twiml_response("<Say>Drs. Brandt & Zhou are on holiday.</Say>")),
    ),
    DemoCall(
        "829599240@10.26.0.158",
        "schema: there is no module say",
        days_before_month(2, "14:46:53"),
        FRONT_DESK,
        (request(WELCOME), flow_response(UNKNOWN_SAY)),
    ),
    DemoCall(
        "829599381@10.26.0.158",
        "schema: a whole callflow document instead of its flow",
        days_before_month(3, "09:19:07"),
        FRONT_DESK,
        (request(WELCOME), flow_response(WHOLE_CALLFLOW)),
    ),
    DemoCall(
        "c35e9f18-60b7-4da2-9147-e20d8fb6a573",
        "a voice that KAZOO does not know: alice, as Twilio has it",
        days_before_month(4, "18:22:41"),
        BOOKING,
        (request(VOICE), twiml_response('<Say voice="alice">Welcome to Birch Street Clinic.</Say>')),
    ),
    DemoCall(
        "829599702@10.26.0.158",
        "only KAZOO's note on the JSON: the callflow did not ask for debug",
        days_before_month(5, "12:03:36"),
        FRONT_DESK,
        (json_error("<", "h1>It works!</h1>"),),
    ),
)
