"""Servers that mean to send TwiML, and send what KAZOO cannot execute."""

from typing import Any

from tests.integration.matrix.case import HTML, XML, Case, answered

BOMB = (
    '<!DOCTYPE Response [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><Response><Say>&j;</Say></Response>"
)
VERB = "<Response><Hangup/></Response>"
NOTICE = "<br />\n<b>Notice</b>:  Undefined variable: digits in <b>voice.php</b> on line <b>3</b><br />\n"


def unread(name: str, body: str, told: str, place: tuple[int, int], **how: Any) -> Case:
    """What is not XML."""
    return answered(name, body, XML, code="xml_syntax", told=told, place=place, **how)


def verbs(name: str, content: str, code: str, told: str, column: int | None, **how: Any) -> Case:
    """What stands in the <Response>, and the column of the fault in its line."""
    place = None if column is None else (1, column + len("<Response>"))
    return answered(name, f"<Response>{content}</Response>", XML, code=code, told=told, place=place, **how)


def noticed(name: str, content: str, code: str, told: str, column: int) -> Case:
    return verbs(name, content, code, told, column, severity="warning")


SYNTAX = (
    unread(
        "writes & for &amp;",
        "<Response>\n  <Redirect>menu.php?a=1&b=2</Redirect>\n</Response>",
        "An & stands alone",
        (2, 25),
    ),
    unread("does not close a tag", "<Response><Say>Hello</Response>", "The closing tag does not match", (1, 23)),
    unread("cuts the XML off", "<Response><Say>Hel", "The body ends", (1, 19)),
    unread("leaves out the quotes of an attribute", "<Response><Say loop=2>Hi</Say></Response>", "quotes", (1, 21)),
    unread("writes < in a text", "<Response><Say>1 < 2</Say></Response>", "A < stands alone", (1, 19)),
    unread("writes &nbsp;", "<Response><Say>a&nbsp;b</Say></Response>", "An & stands alone", (1, 17)),
    unread("begins with a blank line", '\n<?xml version="1.0"?><Response/>', "Something stands before", (2, 1)),
    unread("writes a warning of PHP before the XML, in plain text", f"Warning: x\n{VERB}", "A message of PHP", (1, 1)),
    unread("sends plain text as XML", "Hello", "Text stands before the XML", (1, 1)),
    unread("declares a document type", f"<!DOCTYPE Response>{VERB}", "has a DOCTYPE", (1, 1), severity="warning"),
    unread("sends a bomb of entities", BOMB, "has a DOCTYPE", (1, 1), severity="warning"),
    answered(
        "writes a notice of PHP before the XML",
        f"{NOTICE}{VERB}",
        XML,
        code="twiml_root",
        told="A message of PHP",
        place=(1, 1),
    ),
    answered(
        "writes a notice of PHP before the XML, as text/html",
        f"{NOTICE}{VERB}",
        HTML,
        code="json_syntax",
        told="PHP wrote a message",
        place=(1, 1),
    ),
    answered(
        "sends a page as text/xml",
        "<html><body>Not found</body></html>",
        XML,
        code="twiml_root",
        told="HTML page",
        place=(1, 1),
    ),
)

ROOT = (
    answered(
        "writes <response> in lower case",
        "<response><Hangup/></response>",
        XML,
        code="twiml_root",
        told="response",
        place=(1, 1),
    ),
    answered(
        "misspells <Response>", "<Responce><Hangup/></Responce>", XML, code="twiml_root", told="Responce", place=(1, 1)
    ),
    answered("sends a verb without <Response>", "<Say>Hello</Say>", XML, code="twiml_root", told="Say", place=(1, 1)),
    answered("sends an empty <Response>", "<Response/>", XML, code="twiml_empty", told="holds no verb", place=(1, 1)),
    answered(
        "sends a <Response> with white space alone",
        "<Response>\n</Response>",
        XML,
        code="twiml_empty",
        told="holds no verb",
        place=(1, 1),
    ),
    answered(
        "sends a <Response> of comments alone",
        "<Response><!-- to do --></Response>",
        XML,
        code="twiml_empty",
        told="holds no verb",
        place=(1, 1),
    ),
)

VERBS = (
    verbs("uses a verb that Twilio alone has", "<Enqueue>sales</Enqueue>", "twiml_unknown_verb", "Enqueue", 1),
    verbs("writes <say> in lower case", "<say>Hello</say>", "twiml_unknown_verb", "say", 1),
    verbs("puts <Number> outside of <Dial>", "<Number>200</Number>", "twiml_unknown_verb", "Number", 1),
    verbs("says a language of Twilio", '<Say language="en-US">Hi</Say>', "twiml_invalid_value", 'language="en-US"', 6),
    verbs("says a voice of Twilio", '<Say voice="alice">Hi</Say>', "twiml_invalid_value", 'voice="alice"', 6),
    verbs("gathers no digit", '<Gather numDigits="0"/>', "twiml_invalid_value", 'numDigits="0"', 9),
    verbs("gathers up to several keys", '<Gather finishOnKey="*#"/>', "twiml_invalid_value", 'finishOnKey="*#"', 9),
    verbs("records for two hours", '<Record maxLength="7200"/>', "twiml_invalid_value", 'maxLength="7200"', 9),
    verbs("rejects for a reason of its own", '<Reject reason="closed"/>', "twiml_invalid_value", 'reason="closed"', 9),
    verbs("redirects by PUT", '<Redirect method="PUT">next</Redirect>', "twiml_invalid_value", 'method="PUT"', 11),
    verbs("dials nobody", "<Dial/>", "twiml_invalid_content", "nobody to call", 1),
    verbs("dials a client of Twilio", "<Dial><Client>anna</Client></Dial>", "twiml_invalid_content", "Client", 7),
    verbs("dials a queue", "<Dial><Queue>sales</Queue></Dial>", "twiml_invalid_content", "Queue", 7),
    verbs("leaves a line break in <Record>", "<Record>\n</Record>", "twiml_invalid_content", "must be quite empty", 9),
    verbs("gives <Hangup> an attribute", '<Hangup reason="busy"/>', "twiml_invalid_content", "no attributes", 9),
    verbs("plays nothing", "<Play/>", "twiml_invalid_content", "nothing to play", 1),
    verbs("plays what stands in CDATA", "<Play><![CDATA[a.mp3]]></Play>", "twiml_invalid_content", "CDATA", 7),
    verbs(
        "sets two variables at once",
        '<Set><Variable key="a" value="1"/><Variable key="b" value="2"/></Set>',
        "twiml_invalid_content",
        "exactly one",
        35,
    ),
    verbs("redirects within <Gather>", "<Gather><Redirect>a</Redirect></Gather>", "twiml_invalid_content", "Gather", 9),
)

NOTICED = (
    noticed("uses an attribute of Twilio", '<Gather input="speech"/>', "unknown_key", "input", 9),
    noticed("writes a number in words", '<Pause length="two"/>', "twiml_invalid_value", 'length="two"', 8),
    noticed("writes text between verbs", "Hello<Hangup/>", "twiml_invalid_content", "Text stands directly", 1),
    noticed("writes a verb after a redirect", "<Redirect>a</Redirect><Sms>b</Sms>", "twiml_unknown_verb", "Sms", 23),
    noticed(
        "redirects past the relay",
        "<Redirect>https://ivr.example.com/next</Redirect>",
        "leaves_relay",
        "KAZOO calls https://ivr.example.com/next directly",
        11,
    ),
)

CASES = (*SYNTAX, *ROOT, *VERBS, *NOTICED)
