"""Entries: a body in KAZOO JSON that KAZOO cannot execute. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.dictionary.outcomes import HANGS_UP, SCHEMA_REFUSED

ENTRIES = (
    ErrorCode(
        code="json_syntax",
        title="Body is not JSON",
        what_happened="The body cannot be read as JSON.",
        kazoo_does=(
            f"{HANGS_UP} Where the text is cut off, or a string, number or literal is malformed, KAZOO also reports a "
            "failure: then the call goes to `_` or ends, whichever comes first."
        ),
        causes=(
            "The JSON was put together by hand: a comma too many, single quotes, a name without quotes.",
            "A warning or debug output stands before or after the JSON.",
            "The body is TwiML, plain text or an HTML page.",
            "The body was cut off.",
        ),
        change=(
            "Make it with a library: `json.dumps(...)`, `JSON.stringify(...)`, `json_encode(...)`.",
            "Write nothing but the JSON; in PHP, turn `display_errors` off.",
            "If the body is TwiML, send it as `Content-Type: text/xml`.",
        ),
        example=Example(
            '{"module": "tts", "data": {"text": "Hello",}}',
            '{"module": "tts", "data": {"text": "Hello"}}',
        ),
        reason="the answer is not JSON[ from {place} on][: {detail}].",
        hint="Make the body with a JSON library and send nothing else; send TwiML as `Content-Type: text/xml`.",
    ),
    ErrorCode(
        code="not_an_action",
        title="JSON, but no call action",
        what_happened="The body is JSON, but not an object with a `module`, which is what an action is.",
        kazoo_does=SCHEMA_REFUSED,
        causes=(
            "The action stands in something else: a list, `flow`, or a whole callflow document.",
            "The actions stand in a list; KAZOO chains them by `children`.",
            "The body is the error message of a framework or an API.",
        ),
        change=(
            'Send the action itself: `{"module": "hangup"}`.',
            'Put what comes next below it: `"children": {"_": {"module": "hangup"}}`.',
        ),
        example=Example(
            '[{"module": "answer"}, {"module": "hangup"}]',
            '{"module": "answer", "children": {"_": {"module": "hangup"}}}',
        ),
        reason="the answer is JSON, but no call action[: {detail}].",
        hint='Send one object with a `module`; chain actions by `"children": {"_": {...}}`.',
    ),
    ErrorCode(
        code="unknown_module",
        title="Unknown module",
        what_happened="The `module` of an action is none that KAZOO has.",
        kazoo_does=SCHEMA_REFUSED,
        causes=(
            "The name is misspelt, or in capitals.",
            "The name comes from TwiML: KAZOO's module to speak a text is `tts`, not `say`.",
        ),
        change=(
            'To speak: `{"module": "tts", "data": {"text": "Hello"}}`.',
            'To call a user: `{"module": "user", "data": {"id": "..."}}`; else `device`, or `resources` for a number.',
            "To ask for keys: `collect_dtmf`; to wait: `sleep`; to ask your server again: `pivot`.",
        ),
        example=Example(
            '{"module": "say", "data": {"text": "Hello"}}',
            '{"module": "tts", "data": {"text": "Hello"}}',
        ),
        reason="the answer names a module that KAZOO does not have[, at {place}][: {detail}].",
        hint="Use the name of a module of KAZOO: `tts` to speak, `user`, `device` or `resources` to call somebody.",
    ),
    ErrorCode(
        code="schema_violation",
        title="Invalid call action",
        what_happened="A field of an action is missing, or has a type or value that KAZOO does not accept.",
        kazoo_does=SCHEMA_REFUSED,
        causes=(
            'A number is sent as text: `"20"` in place of `20`. KAZOO 4.0 accepted that, newer ones do not.',
            "A required field is missing, such as `text` of `tts` or `voice_url` of `pivot`.",
            "`children` holds an action itself, without the name of a branch between.",
            "An empty object became `[]`, as PHP encodes an empty array.",
        ),
        change=(
            'Send numbers and booleans without quotes: `"timeout": 20`, `"debug": true`.',
            'Put each child under the name of its branch: `"children": {"_": {"module": "hangup"}}`.',
            "In PHP, encode an empty object as `new stdClass()`.",
        ),
        example=Example(
            '{"module": "response", "data": {"code": "486"}}',
            '{"module": "response", "data": {"code": 486}}',
        ),
        reason="the answer is not a valid call action[, at {place}][: {detail}].",
        hint="Correct the field that the finding names: its type and its value must be what is expected there.",
    ),
)
