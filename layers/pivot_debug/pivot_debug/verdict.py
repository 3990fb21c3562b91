"""Why a call went wrong: the first failing attempt's error code, one sentence, one hint. Pure."""

from dataclasses import dataclass
from typing import Any

from pivot_debug.attempts import Attempt
from pivot_debug.models import Document, RecordType

SETTLING_MS = 15_000
"""How long a request may stay unanswered before it counts as failed: KAZOO gives up after 5 s, records travel a few."""

_FINAL = ("200", "206")


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """An entry of the error dictionary. ``reason`` may use {attempt} and {status}."""

    reason: str
    hint: str


ERROR_CODES = {
    "no_response": ErrorCode(
        "Attempt {attempt}: the server never answered.",
        "The connection failed or timed out (KAZOO waits 5 s at most): check that KAZOO can reach the URL, and the "
        "server's log for a slow or crashed request.",
    ),
    "http_3xx": ErrorCode(
        "Attempt {attempt}: the server answered {status}, a redirect that KAZOO did not follow.",
        "Let voice_url name the final address.",
    ),
    "http_4xx": ErrorCode(
        "Attempt {attempt}: the server refused the request with {status}.",
        "Check the path of voice_url, the method (GET or POST) and the access rules of the server.",
    ),
    "http_5xx": ErrorCode(
        "Attempt {attempt}: the server failed with {status}.",
        "Look for an exception in the server's log at the time of the request.",
    ),
    "unexpected_2xx": ErrorCode(
        "Attempt {attempt}: the server answered {status}; KAZOO accepts 200 and 206 alone.",
        "Answer 200 with a body of call-control JSON or TwiML.",
    ),
    "http_status": ErrorCode(
        "Attempt {attempt}: the server answered with the status {status}.",
        "Answer 200 with a body of call-control JSON or TwiML.",
    ),
    "empty_body": ErrorCode(
        "Attempt {attempt}: the server answered {status} with an empty body, and KAZOO hung up.",
        "Answer with a body; to end the call on purpose, with the module response or with <Hangup/>.",
    ),
    "json_syntax": ErrorCode(
        "Attempt {attempt}: KAZOO could not read the answer as JSON.",
        "Look at json_errors for the place. If the body is TwiML, send it as Content-Type: text/xml.",
    ),
    "schema_violation": ErrorCode(
        "Attempt {attempt}: the answer is JSON, but not a valid call action.",
        "Look at schema_errors for the field and what is expected there.",
    ),
    "twiml_error": ErrorCode(
        "Attempt {attempt}: KAZOO cannot execute the TwiML of the answer.",
        "Look at twiml_errors for the place and what is expected there.",
    ),
}


def verdict_of(attempts: list[Attempt]) -> Document:
    """``{"status": "ok"}``, or ``{"status": "error", "code", "attempt", "reason", "hint"}``.

    KAZOO's report at the end of a call (cdr) never fails the call.
    """
    for attempt in attempts:
        code = None if attempt.is_cdr else _fault(attempt)
        if code:
            return _failed(code, attempt)
    return {"status": "ok"}


def settles_at(attempts: list[Attempt]) -> int:
    """Unix ms until which an answer to the last request may still arrive; 0 where none is awaited."""
    last = attempts[-1]
    is_answered = last.response is not None or last.errors or last.is_cdr
    return 0 if is_answered else last.started_ms + SETTLING_MS


def _failed(code: str, attempt: Attempt) -> dict[str, Any]:
    entry = ERROR_CODES[code]
    facts = {"attempt": attempt.number, "status": attempt.status_code or "no status"}
    return {
        "status": "error",
        "code": code,
        "attempt": attempt.number,
        "reason": entry.reason.format(**facts),
        "hint": entry.hint,
    }


def _fault(attempt: Attempt) -> str | None:
    if RecordType.TRANSPORT_ERROR in attempt.errors:
        return "no_response"
    if RecordType.JSON_ERRORS in attempt.errors:
        return "json_syntax"
    if RecordType.SCHEMA_ERRORS in attempt.errors:
        return "schema_violation"
    if RecordType.TWIML_ERRORS in attempt.errors:
        return "twiml_error"
    return "no_response" if attempt.response is None else _fault_of_response(attempt)


def _fault_of_response(attempt: Attempt) -> str | None:
    status = attempt.status_code
    if status is None:
        return None
    if status not in _FINAL:
        return {"2": "unexpected_2xx", "3": "http_3xx", "4": "http_4xx", "5": "http_5xx"}.get(status[:1], "http_status")
    return "empty_body" if attempt.response is not None and attempt.response.get("resp_body") == "" else None
