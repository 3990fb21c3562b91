"""What KAZOO gets of the relay, as a function URL's answer. Pure. The second module that knows HTTP statuses.

An answer of the server goes on as it came: status, Content-Type and bytes, whatever they are.
"""

import base64
import re
from typing import Any

from pivot_debug.upstream.exchange import TransportError, UpstreamAnswer, can_be_header

Reply = dict[str, Any]

# Of the connection to the server; or KAZOO would keep cookies, or follow a redirect past the relay.
_NOT_PASSED_ON = frozenset(
    (
        *("connection", "content-length", "keep-alive", "location", "proxy-authenticate", "set-cookie", "set-cookie2"),
        *("trailer", "transfer-encoding", "upgrade"),
    )
)
_MISSING_TYPE = "text/xml"
"""KAZOO reads an answer without a Content-Type as TwiML, and Lambda would add another of its own."""

_STATUSES = range(200, 600)
_NOT_SENT = re.compile(r"[^\t\x20-\x7e]")
"""In a header: Lambda may send an error of its own in place of an answer with such characters."""


def passed_on(answer: UpstreamAnswer, body: bytes) -> Reply:
    """The server's answer with this body. A status that no function URL can send becomes 502."""
    if answer.status not in _STATUSES:
        return _plain(502, f"The server answered {answer.status}, which is no HTTP status.")
    passed: dict[str, str] = {}
    for name, value in answer.headers:
        key, sent = name.lower(), _NOT_SENT.sub("?", value)
        if key == "content-type":
            passed.setdefault(key, sent)  # of several KAZOO's client takes the first
        elif key not in _NOT_PASSED_ON and can_be_header(key, sent):
            passed[key] = f"{passed[key]}, {sent}" if key in passed else sent
    return {
        "statusCode": answer.status,
        "headers": {"content-type": _MISSING_TYPE} | passed,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def no_answer(error: TransportError) -> Reply:
    """504 where the time was up, else 502: KAZOO goes to the failure branch at once."""
    status = 504 if error.code == "timeout" else 502
    return _plain(status, f"The relay got no answer from the server: {error.code}. See the call in Pivot Debug.")


def unknown() -> Reply:
    """404 for an address that is no relay's: never told is which part of it is wrong."""
    return _plain(404, "There is no such relay. Take the voice_url from the relay's definition.")


def unavailable() -> Reply:
    """503: the definition cannot be read, or the relay is at fault. No Retry-After: KAZOO's client would come again."""
    return _plain(503, "The relay cannot hand the request on just now.")


def _plain(status: int, text: str) -> Reply:
    headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": f"{text}\n", "isBase64Encoded": False}
