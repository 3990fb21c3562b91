"""Servers that answer in HTTP, but with a status that KAZOO takes for a failure: a good body does not help."""

from tests.integration.matrix.case import HANGUP, JSON, Case, answered, silent
from tests.integration.servers import answer, answers

STATUSES = (
    ("unexpected_2xx", "201 Created"),
    ("unexpected_2xx", "202 Accepted"),
    ("unexpected_2xx", "203 Non-Authoritative Information"),
    ("http_4xx", "400 Bad Request"),
    ("http_4xx", "401 Unauthorized"),
    ("http_4xx", "403 Forbidden"),
    ("http_4xx", "404 Not Found"),
    ("http_4xx", "405 Method Not Allowed"),
    ("http_4xx", "408 Request Timeout"),
    ("http_4xx", "410 Gone"),
    ("http_4xx", "418 I'm a teapot"),
    ("http_4xx", "419 Page Expired"),
    ("http_4xx", "429 Too Many Requests"),
    ("http_5xx", "500 Internal Server Error"),
    ("http_5xx", "501 Not Implemented"),
    ("http_5xx", "502 Bad Gateway"),
    ("http_5xx", "503 Service Unavailable"),
    ("http_5xx", "504 Gateway Timeout"),
    ("http_5xx", "599 Own Invention"),
)


def unusable(status: str) -> Case:
    script = answers(answer(HANGUP, JSON, status=status))
    return silent(f"answers {status}", script, "http_status", f"with the status {status[:3]}")


CASES = (
    *(
        answered(f"answers {status}", HANGUP, JSON, status=status, code=code, told=status[:3])
        for code, status in STATUSES
    ),
    answered("answers 204 No Content", b"", status="204 No Content", code="unexpected_2xx", told="204"),
    answered(
        "answers 503 and when to ask again",
        b"Closed for repairs",
        "Retry-After: 120",
        status="503 Service Unavailable",
        code="http_5xx",
        told="503",
    ),
    unusable("600 Beyond"),
    unusable("999 Request Denied"),
)
