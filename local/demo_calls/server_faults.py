"""Demo calls that failed before KAZOO read the answer: no answer, a wrong status, an empty body."""

from local.demo_calls.documents import (
    BOOKING,
    FRONT_DESK,
    MASTER_NODE_2,
    DemoCall,
    days_ago,
    days_before_month,
    minutes_ago,
)
from local.demo_calls.healthy import CHOICE, VOICE, WELCOME, ask_digits, gather
from local.demo_calls.steps import cdr_request, flow_response, request, response, twiml_response

HTML = "text/html; charset=UTF-8"


def html(title: str, text: str) -> str:
    return (
        f"<!doctype html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    )


SERVER_FAULTS = (
    DemoCall(
        "NDQ4YjZhNTQ5ZmQ3M2Y0ODJmNmUxNzE0OTkyZTRhNjE",
        "the server does not answer in time: a request and nothing else",
        minutes_ago(33),
        FRONT_DESK,
        (request("https://slow.example.com/clinic/welcome"),),
    ),
    DemoCall(
        "a7/Fq+Zx9?k@10.26.0.158",
        "404: a letter is missing in the voice_url; the call id holds / + ?",
        minutes_ago(47),
        FRONT_DESK,
        (
            request("https://ivr.example.com/clinic/welcom"),
            response(html("404 Not Found", "No route for /clinic/welcom."), content_type="text/html", status=404),
        ),
    ),
    DemoCall(
        "b4f0a9d1-6c2e-4e8b-97d3-51c8e07f2ab6",
        "500 at the second step: the menu works, the digits crash the server",
        minutes_ago(66),
        BOOKING,
        (
            request(VOICE),
            twiml_response(gather("menu.php", 1, "Press 1 to book, 2 to cancel.")),
            request("https://booking.example.com/pivot/menu.php", {"Digits": "7"}, method="post", after=5, iteration=2),
            response(
                "PHP Fatal error:  Uncaught ValueError: no menu entry 7 in /srv/booking/menu.php:31",
                status=500,
                content_type=HTML,
            ),
        ),
    ),
    DemoCall(
        "a84b4c76e66710%2Fx@10.26.0.182",
        "503 while the server restarts; the call id holds a literal %2F",
        days_ago(1, "07:58:03"),
        FRONT_DESK,
        (
            request(WELCOME),
            response(
                html("503 Service Unavailable", "Back in a minute."),
                content_type="text/html",
                status=503,
                headers={"Retry-After": "120"},
            ),
        ),
    ),
    DemoCall(
        "fe2c71d09ab84365b0a1c94e7d538f26",
        "201: the flow is right, but KAZOO reads only a 200",
        days_ago(3, "17:26:40"),
        FRONT_DESK,
        (
            request(WELCOME, method="post"),
            response('{"module": "hangup", "data": {}}', content_type="application/json", status=201),
        ),
    ),
    DemoCall(
        "79960ZDNmM2I5ZTliMzA0NGEwMTk3",
        "204: the web framework found nothing to say",
        days_ago(4, "12:44:09"),
        FRONT_DESK,
        (request(WELCOME, method="post"), response(status=204)),
    ),
    DemoCall(
        "5dca43e524c680d0-13868@10.26.0.182",
        "302 not followed: the page redirects to itself until KAZOO gives up",
        days_ago(5, "09:02:51"),
        FRONT_DESK,
        (
            request(f"{WELCOME}?lang=en"),
            response(
                html("302 Found", "See /clinic/welcome."),
                content_type="text/html",
                status=302,
                headers={"Location": f"{WELCOME}?lang=en", "Set-Cookie": "session=demo-secret-cookie; Path=/"},
            ),
        ),
        MASTER_NODE_2,
    ),
    DemoCall(
        "d0b3c7e2-1f84-4a69-b35d-8e92f06a71c4",
        "200 with an empty body",
        days_ago(6, "15:33:27"),
        BOOKING,
        (request(VOICE), response(content_type=HTML)),
    ),
    DemoCall(
        "konami-transfer-4be1c09f",
        "401: the password in the url of the callflow is out of date",
        days_before_month(2, "10:51:16"),
        BOOKING,
        (
            request("https://birchstreet:demo-secret-password@booking.example.com/pivot/voice.php", method="post"),
            response(
                html("401 Unauthorized", "Wrong user or password."),
                content_type="text/html",
                status=401,
                headers={"WWW-Authenticate": 'Basic realm="booking"'},
            ),
        ),
    ),
    DemoCall(
        "2f6d81c3-e07b-49a5-8c14-b9d35a6e02f7",
        "the server dies between two steps: a good answer, then a request and nothing else",
        days_before_month(3, "16:09:35"),
        FRONT_DESK,
        (
            request(WELCOME),
            flow_response(ask_digits("Press 1 for the front desk, 2 for a nurse.", "department", 1)),
            request(CHOICE, {"Digits": {"department": "1"}}, after=6),
        ),
    ),
    DemoCall(
        "7d02e94b@10.3.2.55",
        "the call went well, but the cdr_url answers 404",
        days_before_month(4, "11:37:58"),
        BOOKING,
        (
            request(VOICE),
            twiml_response("<Dial>+14155550188</Dial>"),
            cdr_request("https://booking.example.com/pivot/cdr", seconds=61, after=70),
            response(html("404 Not Found", "No such page."), content_type="text/html", status=404),
        ),
    ),
)
