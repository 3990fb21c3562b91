"""Entries: what does not fail the call, but is worth a look. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.findings import Severity

ENTRIES = (
    ErrorCode(
        code="slow_response",
        severity=Severity.WARNING,
        title="Slow answer",
        what_happened="The answer came in time, but used up most of the time limit.",
        kazoo_does=(
            "KAZOO executes the answer; until it has come, the caller hears silence. A little slower, and the call "
            "fails as for `timeout`."
        ),
        causes=(
            "The server waits for a slow query or for another service.",
            "It has to start first: a cold container or function.",
            "It handles one request at a time, and other calls come first.",
        ),
        change=(
            "Measure where the time goes, and do slow work after the answer.",
            "Keep what hardly changes, such as opening hours, in memory.",
            "Gain time with a prompt: `<Response><Say>One moment.</Say><Redirect>result.php</Redirect></Response>`.",
        ),
        example=Example(
            "$ curl -s -o /dev/null -w '%{time_total}' https://ivr.example.com/voice\n4.612",
            "$ curl -s -o /dev/null -w '%{time_total}' https://ivr.example.com/voice\n0.274",
        ),
        reason="the server took [{ms} ms of the {timeout_ms} ms allowed|{ms} ms|long] to answer.",
        hint="Answer within a second or two: do slow work after the answer, or play a prompt first.",
    ),
    ErrorCode(
        code="debug_not_inherited",
        severity=Severity.WARNING,
        title="Recording stops here",
        what_happened='A `pivot` action in the answer lacks `"debug": true`, which it does not inherit.',
        kazoo_does=(
            "KAZOO makes the next request as usual but records neither it nor its answer. Only JSON that cannot be "
            "read is recorded always."
        ),
        causes=(
            "`debug` was set in the callflow only, where the first request is described.",
            "The same goes for `method` and `req_format`: every `pivot` action needs its own.",
        ),
        change=(
            'Add `"debug": true` to the `data` of every `pivot` action that the server sends.',
            "Add `method` and `req_format` too, where they should be as in the first request.",
        ),
        example=Example(
            '{"module": "pivot", "data": {"voice_url": "https://ivr.example.com/next"}}',
            '{"module": "pivot", "data": {"voice_url": "https://ivr.example.com/next", "debug": true}}',
        ),
        reason="a pivot action in the answer[, at {place},] lacks debug: KAZOO will not record what comes after it.",
        hint='Add `"debug": true` to the `data` of this `pivot` action.',
    ),
    ErrorCode(
        code="leaves_relay",
        severity=Severity.WARNING,
        title="Address leads past the relay",
        what_happened="The answer holds an absolute address outside of the relay.",
        kazoo_does="KAZOO calls that address directly. The call goes on, but the relay records nothing of that step.",
        causes=(
            "The framework makes absolute addresses, from its own host name.",
            "The address was written out by hand.",
        ),
        change=(
            "Use relative addresses in TwiML: `<Redirect>menu.php</Redirect>`.",
            "Mind that KAZOO starts from the folder of the current address, even where a relative one begins with `/`.",
            "In KAZOO JSON, where `voice_url` must be absolute, use the relay's address.",
            (
                'Or set `"rewrite": true` in the definition of the relay: it then turns such addresses into its own, '
                "but for those with a user name or a password."
            ),
        ),
        example=Example(
            "<Response><Redirect>https://ivr.example.com/menu.php</Redirect></Response>",
            "<Response><Redirect>menu.php</Redirect></Response>",
        ),
        reason="the answer sends KAZOO past the relay[, at {place}][: {detail}].",
        hint="Use relative addresses in TwiML, the relay's address in KAZOO JSON, or let the relay rewrite them.",
    ),
    ErrorCode(
        code="unknown_key",
        severity=Severity.WARNING,
        title="Name that KAZOO does not read",
        what_happened="The answer has a field or an attribute that means nothing to KAZOO in this place.",
        kazoo_does="KAZOO ignores it, and goes on with the default of what was perhaps meant.",
        causes=(
            "The name is misspelt, or in another case.",
            "The field stands one level too high or too low: most belong into `data`.",
            "The name comes from Twilio, or from another version of KAZOO.",
        ),
        change=(
            "Write the name as KAZOO does; the finding tells which one comes close.",
            'Move the field into `data`: `{"module": "tts", "data": {"text": "Hello"}}`.',
            "Leave it out if it is not needed.",
        ),
        example=Example(
            '{"module": "tts", "data": {"text": "Hello", "langauge": "en-us"}}',
            '{"module": "tts", "data": {"text": "Hello", "language": "en-us"}}',
        ),
        reason="the answer holds a name that KAZOO does not read[, at {place}][: {detail}].",
        hint="Correct or remove the name; the finding tells which one comes close.",
    ),
)
