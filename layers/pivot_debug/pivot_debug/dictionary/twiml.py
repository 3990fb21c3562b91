"""Entries: a body in TwiML that KAZOO cannot execute. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.dictionary.outcomes import BRANCH_OR_HANG_UP, HANGS_UP_AT_VERB

_HELLO = "<Response><Say>Hello</Say></Response>"

ENTRIES = (
    ErrorCode(
        code="xml_syntax",
        title="Body is not XML",
        what_happened="The body was sent as TwiML, but is not well-formed XML.",
        kazoo_does=BRANCH_OR_HANG_UP,
        causes=(
            "An `&` stands alone, often in an address with several parameters.",
            "A tag is not closed, or the body was cut off.",
            "Something stands before the XML: a blank line, a warning, a page in HTML.",
            "The body is JSON, sent with an XML type.",
        ),
        change=(
            "Write `&amp;` for `&` and `&lt;` for `<`, in addresses too.",
            "Make the XML with a library, and send nothing before or after it.",
            "Send KAZOO JSON as `Content-Type: application/json`.",
        ),
        example=Example(
            "<Response><Redirect>menu.php?a=1&b=2</Redirect></Response>",
            "<Response><Redirect>menu.php?a=1&amp;b=2</Redirect></Response>",
        ),
        reason="the answer is not well-formed XML[ at {place}][: {detail}].",
        hint="Correct the XML at the place of the finding: close every tag, and write `&amp;` for `&`.",
    ),
    ErrorCode(
        code="twiml_root",
        title="Root is not Response",
        what_happened="The body is XML, but its outermost element is not `<Response>`.",
        kazoo_does=BRANCH_OR_HANG_UP,
        causes=(
            "A verb stands outermost, without `<Response>` around it.",
            "The name is written in lower case, or with a prefix.",
            "The body is an HTML page or some other XML.",
        ),
        change=(
            f"Put all verbs into one `<Response>`: `{_HELLO}`.",
            "Write it with a capital R, and close it with `</Response>`.",
        ),
        example=Example("<Say>Hello</Say>", _HELLO),
        reason="the outermost element of the TwiML is not <Response>[, at {place}][: {detail}].",
        hint="Put all verbs into one `<Response>`, written with a capital R.",
    ),
    ErrorCode(
        code="twiml_empty",
        title="Response without verbs",
        what_happened="The `<Response>` holds no verb, so there is nothing to do.",
        kazoo_does=(
            "With nothing at all in the `<Response>`, Pivot breaks: 4.3 and newer do no more, and the caller hears "
            "silence; 4.2 and older go to the failure branch `_`. With white space in it, KAZOO hangs up."
        ),
        causes=(
            "A condition or a loop in the template produced no verb.",
            "Twilio takes an empty `<Response/>` for the end of the call, KAZOO does not.",
        ),
        change=(
            "Send at least one verb in every case.",
            "To end the call: `<Response><Hangup/></Response>`.",
        ),
        example=Example("<Response/>", "<Response><Hangup/></Response>"),
        reason="the <Response> holds no verb[, at {place}].",
        hint="Send at least one verb; to end the call, `<Response><Hangup/></Response>`.",
    ),
    ErrorCode(
        code="twiml_unknown_verb",
        title="Unknown verb",
        what_happened="The `<Response>` holds an element that is no verb in KAZOO.",
        kazoo_does=HANGS_UP_AT_VERB,
        causes=(
            "Twilio has the verb, KAZOO has not: `<Enqueue>`, `<Connect>`, `<Sms>` and others.",
            "The name is misspelt: case matters, `<say>` is not `<Say>`.",
            "A noun such as `<Number>` or `<Conference>` stands outside of `<Dial>`.",
        ),
        change=(
            "Use `Dial`, `Gather`, `Hangup`, `Pause`, `Play`, `Record`, `Redirect`, `Reject`, `Say`, `Set` alone.",
            "Put nouns into a `<Dial>`: `<Dial><Number>+14155550142</Number></Dial>`.",
            'For what TwiML lacks, answer in KAZOO JSON, such as `{"module": "acdc_member", ...}` for a queue.',
        ),
        example=Example("<Response><Speak>Hello</Speak></Response>", _HELLO),
        reason="the TwiML holds an unknown verb[ at {place}][: {detail}].",
        hint="Use Dial, Gather, Hangup, Pause, Play, Record, Redirect, Reject, Say or Set; case matters.",
    ),
    ErrorCode(
        code="twiml_invalid_content",
        title="Content that a verb does not take",
        what_happened="A verb holds something that KAZOO does not take there, or lacks what it needs.",
        kazoo_does=(
            f"It depends on the verb. In most cases: {HANGS_UP_AT_VERB} What KAZOO only skips is reported as a warning."
        ),
        causes=(
            "`<Record>`, `<Pause>`, `<Reject>` or `<Hangup>` is not quite empty: a line break is too much.",
            "`<Dial>` has nobody to call, or a `<Conference>` beside other content.",
            "`<Set>` holds no `<Variable>`, or more than one.",
            "The text stands in a CDATA section, which KAZOO does not read.",
        ),
        change=(
            "Write empty verbs in one tag: `<Record/>`, `<Hangup/>`.",
            "Keep a conference alone, without white space: `<Dial><Conference>room</Conference></Dial>`.",
            'Write one `<Set>` for each variable: `<Set><Variable key="a" value="1"/></Set>`.',
        ),
        example=Example("<Response><Record>\n</Record></Response>", "<Response><Record/></Response>"),
        reason="a verb of the TwiML holds what KAZOO does not take there[, at {place}][: {detail}].",
        hint="Correct the content at the place of the finding; write empty verbs in one tag, such as `<Record/>`.",
    ),
    ErrorCode(
        code="twiml_invalid_value",
        title="Invalid value of an attribute",
        what_happened="An attribute has a value that KAZOO does not accept.",
        kazoo_does=f"{HANGS_UP_AT_VERB} Where KAZOO only takes its default instead, a warning is reported.",
        causes=(
            "A language or voice that Twilio has and KAZOO has not: `en-US`, `alice`, `Polly.Joanna`.",
            "A number is out of range: `<Record>` takes `maxLength` from 1 to 3600.",
            "`finishOnKey` of `<Gather>` has several keys; KAZOO takes one, or none.",
        ),
        change=(
            "`language` of `<Say>` must be one of `en`, `en-gb`, `es`, `fr`, `de`, `it`.",
            "`voice` must be one of `man`, `male`, `woman`, `female`.",
            "`method` must be `get` or `post`; `reason` of `<Reject>` must be `rejected` or `busy`.",
        ),
        example=Example(
            '<Response><Say language="en-US">Hello</Say></Response>',
            '<Response><Say language="en">Hello</Say></Response>',
        ),
        reason="an attribute of the TwiML has a value that KAZOO does not accept[, at {place}][: {detail}].",
        hint="Replace the value by one that the finding lists, or leave the attribute out.",
    ),
)
