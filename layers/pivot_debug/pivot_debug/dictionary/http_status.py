"""Entries: the server answered with a status that KAZOO takes for a failure. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.dictionary.outcomes import FAILED_STATUS, LATER_STEP

_JSON_ANSWER = 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"module": "hangup"}'

ENTRIES = (
    ErrorCode(
        code="http_3xx",
        title="Redirect not followed",
        what_happened="The server answered with a 3xx status that could not be followed.",
        kazoo_does=(
            "KAZOO's HTTP client follows ordinary redirects by itself, and KAZOO sees only what comes at the end. A "
            f"3xx that is left over is a failure. {FAILED_STATUS}"
        ),
        causes=(
            "The redirect has no `Location` header, or an unusable one.",
            "There were too many redirects in a row.",
            "The server answered 304: KAZOO keeps no copy that it could use instead.",
        ),
        change=(
            'Put the final address into the pivot action: `"voice_url": "https://www.example.com/voice/"`.',
            "Answer 200 with the body each time, never 304.",
        ),
        example=Example("HTTP/1.1 304 Not Modified", _JSON_ANSWER),
        reason="the server[ at {url}] answered with [the redirect {status}|a redirect], which KAZOO did not follow.",
        hint="Let `voice_url` name the final address, and answer there with 200 and a body.",
    ),
    ErrorCode(
        code="http_4xx",
        title="Request refused by the server",
        what_happened="The server answered with a 4xx status: it did not accept the request.",
        kazoo_does=FAILED_STATUS,
        causes=(
            "404: the path is wrong, or a relative address in an earlier answer led elsewhere than meant.",
            "405: the route takes another method. Later TwiML steps come by POST unless the verb says otherwise.",
            "401 or 403: the route asks for a login or a token, which KAZOO does not send.",
            "403 or 419: protection against forged forms (CSRF) refuses the POST.",
            "429: a rate limit counts all calls as one client.",
        ),
        change=(
            "Let the route take both GET and POST.",
            'Or name the method: `"method": "post"` in the pivot action, `method="get"` on `<Gather>` or `<Redirect>`.',
            "Exempt the route from login, CSRF protection and rate limits; protect it by a secret in its path.",
            "Send the recorded request again with `curl -i`, and compare the path with the server's routes.",
        ),
        example=Example('@app.get("/voice")', '@app.api_route("/voice", methods=["GET", "POST"])'),
        reason="the server[ at {url}] refused the request[ with {status}].",
        hint="Check the path, the method (later TwiML steps come by POST), and that the route needs no login.",
    ),
    ErrorCode(
        code="http_5xx",
        title="Server failed",
        what_happened="The server answered with a 5xx status: it failed while handling the request.",
        kazoo_does=(
            f"{FAILED_STATUS} After a 503 with a `Retry-After` of one or two digits KAZOO's HTTP client may ask again "
            "by itself, so that the server sees two requests."
        ),
        causes=(
            "500: an exception in the server's code, often over a parameter that is missing in this call.",
            "502 or 504: the proxy did not reach the server behind it, or waited too long.",
            "503: the server is overloaded, or switched off for maintenance.",
        ),
        change=(
            "Look for the exception in the server's log at the time of the request, and correct it.",
            "Treat every parameter as optional: a caller may hide the number, or press no key.",
            "Catch what remains, and answer 200: `<Response><Say>Please call later.</Say><Hangup/></Response>`.",
        ),
        example=Example(
            "HTTP/1.1 500 Internal Server Error",
            "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<Response><Say>Please call later.</Say><Hangup/></Response>",
        ),
        reason="the server[ at {url}] failed[ with {status}].",
        hint="Look for an exception in the server's log at the time of the request.",
    ),
    ErrorCode(
        code="unexpected_2xx",
        title="Success that KAZOO does not accept",
        what_happened="The server answered with a 2xx status other than 200 and 206, such as 201, 202 or 204.",
        kazoo_does=(
            "KAZOO reads the body of 200 and 206 alone. It takes any other 2xx for a failure and goes to the failure "
            f"branch `_` at once. {LATER_STEP}"
        ),
        causes=(
            "The framework answers a POST with 201 by default.",
            "The handler returns nothing, and the framework makes it a 204.",
            "The work goes to a queue, and the server answers 202.",
        ),
        change=(
            "Set the status to 200, also for POST.",
            'Always send a body; to end the call, `{"module": "hangup"}` or `<Response><Hangup/></Response>`.',
        ),
        example=Example("HTTP/1.1 204 No Content", _JSON_ANSWER),
        reason="the server answered [{status}|with a success of another kind]; KAZOO accepts 200 and 206 alone.",
        hint="Answer 200 with a body of KAZOO JSON or TwiML.",
    ),
    ErrorCode(
        code="http_status",
        title="Unusable status",
        what_happened="The server's answer has no status from 200 to 599.",
        kazoo_does=(
            "Below 200, KAZOO goes to the failure branch `_` at once. To 600 and more it does not react at all: the "
            "caller hears silence for at least 10 s, then KAZOO goes to `_` (4.2 and older: silence until the caller "
            f"hangs up). {LATER_STEP}"
        ),
        causes=(
            "The server or a proxy invents a status of its own.",
            "An interim status came without a final one after it.",
            "Something other than a web server answers on this port.",
        ),
        change=(
            "See what comes back: `curl -i https://ivr.example.com/voice`.",
            "Answer `HTTP/1.1 200 OK` with a body.",
        ),
        example=Example("HTTP/1.1 999 Request denied", _JSON_ANSWER),
        reason="the server[ at {url}] answered with [the status {status}|no usable status].",
        hint="Answer 200 with a body of KAZOO JSON or TwiML.",
    ),
)
