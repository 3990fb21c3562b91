"""Entries: a body that KAZOO does not even begin to read as meant. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.dictionary.outcomes import BRANCH_OR_HANG_UP, HANGS_UP

ENTRIES = (
    ErrorCode(
        code="empty_body",
        title="Empty body",
        what_happened="The server answered with a good status, but the body has no bytes.",
        kazoo_does=HANGS_UP,
        causes=(
            "The handler ends before it writes anything, perhaps on a path without a return value.",
            "An exception was caught, and nothing was sent in its place.",
            "The server does its work, but takes the request for a mere notice.",
        ),
        change=(
            'Send an action: `{"module": "tts", "data": {"text": "Hello"}}` as `Content-Type: application/json`.',
            'To end the call on purpose: `{"module": "hangup"}`, or `<Response><Hangup/></Response>` as `text/xml`.',
        ),
        example=Example(
            "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 0",
            'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"module": "hangup"}',
        ),
        reason="the server answered[ {status}] with an empty body.",
        hint='Send a body; to end the call on purpose, `{"module": "hangup"}` or `<Response><Hangup/></Response>`.',
    ),
    ErrorCode(
        code="content_type_mismatch",
        title="Content-Type does not fit the body",
        what_happened="KAZOO reads a body by its `Content-Type`, and this one says something else than the body is.",
        kazoo_does=(
            "XML or HTML that is not sent as `text/xml` or `application/xml` is read as JSON in the end: KAZOO hangs "
            "up, and what it stores is a JSON error. JSON that is sent as `text/xml` or `application/xml`: "
            f"{BRANCH_OR_HANG_UP}"
        ),
        causes=(
            "The framework's default type was kept: PHP sends `text/html`.",
            "The header is set after the first output, and gets lost.",
            "The type is written in capitals: KAZOO compares it letter by letter with `text/xml` and the others.",
            "The body is not what was meant to be sent, but an error or login page in HTML.",
        ),
        change=(
            "Send TwiML as `Content-Type: text/xml`.",
            "Send KAZOO JSON as `Content-Type: application/json`.",
            "Write the type in lower case; `; charset=utf-8` may follow.",
        ),
        example=Example(
            "Content-Type: text/html\n\n<Response><Hangup/></Response>",
            "Content-Type: text/xml\n\n<Response><Hangup/></Response>",
        ),
        reason="the body does not fit its Content-Type[ {content_type}|: {detail}].",
        hint="Send TwiML as `Content-Type: text/xml` and KAZOO JSON as `Content-Type: application/json`.",
    ),
    ErrorCode(
        code="content_type_missing",
        title="No Content-Type",
        what_happened="The answer has no `Content-Type`, and its body is not TwiML, which KAZOO then takes it for.",
        kazoo_does=f"KAZOO reads a body without a type as TwiML and fails. {BRANCH_OR_HANG_UP}",
        causes=(
            "The handler writes the body by hand and sets no header.",
            "A proxy or a function gateway drops the header.",
        ),
        change=(
            "Send KAZOO JSON as `Content-Type: application/json`.",
            "See which headers arrive: `curl -i https://ivr.example.com/voice`.",
        ),
        example=Example(
            'HTTP/1.1 200 OK\n\n{"module": "hangup"}',
            'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"module": "hangup"}',
        ),
        reason="the answer has no Content-Type, so KAZOO takes it for TwiML.",
        hint="Send KAZOO JSON as `Content-Type: application/json`.",
    ),
    ErrorCode(
        code="invalid_encoding",
        title="Body is not UTF-8",
        what_happened="The body holds bytes that are no UTF-8 text.",
        kazoo_does=(
            "With `debug` on, KAZOO newer than 4.3 fails while it stores the answer: the caller hears silence for at "
            "least 10 s, then KAZOO goes to the failure branch `_`. Otherwise the outcome depends on the format and on "
            "the bytes."
        ),
        causes=(
            "A file or database in Latin-1 or Windows-1252 was sent as it is.",
            "A text was cut by bytes, in the middle of a letter.",
            "The body is a sound or an image, not a text.",
        ),
        change=(
            "Encode the body as UTF-8 just before it is sent; in Python: `text.encode()`.",
            'Say so too: `Content-Type: application/json; charset=utf-8`, or `<?xml version="1.0" encoding="UTF-8"?>`.',
            "To play a sound, send its address: `<Response><Play>https://ivr.example.com/hello.mp3</Play></Response>`.",
        ),
        example=Example("4d fc 6c 6c 65 72     (Müller in Latin-1)", "4d c3 bc 6c 6c 65 72  (Müller in UTF-8)"),
        reason="the body is not valid UTF-8[ at {place}].",
        hint="Encode the body as UTF-8.",
    ),
    ErrorCode(
        code="compressed_body",
        title="Compressed body",
        what_happened="The body is compressed. KAZOO did not ask for that, and does not unpack it.",
        kazoo_does=(
            "With `debug` on, KAZOO newer than 4.3 mostly fails while it stores such bytes: the caller hears silence "
            f"for at least 10 s, then KAZOO goes to the failure branch `_`. Otherwise, sent as TwiML: "
            f"{BRANCH_OR_HANG_UP} Sent as any other type, KAZOO mostly hangs up."
        ),
        causes=(
            "The server or a proxy compresses always, without a look at `Accept-Encoding`.",
            "A compressed file or cache entry is sent as it is.",
        ),
        change=(
            "Compress only where the request has a fitting `Accept-Encoding`; KAZOO sends none.",
            "Or switch compression off for this route: `gzip off;` in nginx.",
            "Check: `curl -i https://ivr.example.com/voice` must show no `Content-Encoding`.",
        ),
        example=Example(
            "Content-Type: application/json\nContent-Encoding: gzip",
            "Content-Type: application/json",
        ),
        reason="the body is compressed, and KAZOO does not unpack it.",
        hint="Send the body uncompressed, without `Content-Encoding`.",
    ),
    ErrorCode(
        code="body_too_large",
        title="Body too large",
        what_happened="The body is larger than the relay passes on: 4,000,000 bytes.",
        kazoo_does=(
            "The relay answers 502 in place of the body, and KAZOO goes to the failure branch `_` at once, as after "
            "any `http_5xx`. KAZOO itself sets no limit."
        ),
        causes=(
            "The URL leads to a sound, a download or a page, not to call control.",
            "The server writes without end.",
            "The answer holds the whole plan of all calls, not the next step of this one.",
        ),
        change=(
            "Send the next step alone, a few kilobytes, and the rest when KAZOO asks again.",
            "To play a sound, send its address: `<Response><Play>https://ivr.example.com/hello.mp3</Play></Response>`.",
        ),
        example=Example(
            '"voice_url": "https://ivr.example.com/hello.mp3"',
            "<Response><Play>https://ivr.example.com/hello.mp3</Play></Response>",
        ),
        reason="the body is too large for the relay[: {detail}].",
        hint="Answer with the next step of the call alone, and sounds by their address.",
    ),
)
