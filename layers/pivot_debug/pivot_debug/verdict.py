"""Why a call went wrong: the first failing attempt's error code, one sentence, one hint, and what KAZOO did. Pure."""

from dataclasses import dataclass
from typing import Any

from pivot_debug.attempts import Attempt
from pivot_debug.diagnosis import code_of_status
from pivot_debug.dictionary import ERROR_CODES, reason_of
from pivot_debug.models import Document, RecordType

SETTLING_MS = 15_000
"""How long a request may stay unanswered before it counts as failed: KAZOO gives up after 5 s, records travel a few."""

URI_CAP = 300
"""Characters of the failing attempt's URL among the facts; its record has it whole."""

SENTENCE_CAP = 240
"""Characters of what the relay says of a failure."""


_CODES_OF_ERRORS = {
    RecordType.JSON_ERRORS: "json_syntax",
    RecordType.SCHEMA_ERRORS: "schema_violation",
    RecordType.TWIML_ERRORS: "twiml_invalid_content",
}
"""For error records whose response was never seen, or could not be checked."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What a verdict rests on: the code, the finding's words and its place in the body, or the relay's sentence."""

    code: str
    detail: str = ""
    place: str = ""
    sentence: str = ""


def verdict_of(attempts: list[Attempt]) -> Document:
    """``{"status": "ok"}``, or an ``error`` or ``warning`` with what is known about it.

    The first attempt with an error counts; where there is none, the first with a warning. KAZOO's report at the end of
    a call (cdr) never fails the call.
    """
    following = dict(zip((attempt.number for attempt in attempts), attempts[1:], strict=False))
    voice = [one for one in attempts if not one.is_cdr and not _was_followed(one, following.get(one.number))]
    for status, fault_of in (("error", _error), ("warning", _warning)):
        for attempt in voice:
            fault = fault_of(attempt)
            if fault:
                return _verdict(status, fault, attempt)
    return {"status": "ok"}


def _was_followed(attempt: Attempt, after: Attempt | None) -> bool:
    """Whether the answer was a redirect and the next request went where it pointed, as KAZOO did itself until 2016.

    A ``Location`` beside any other status is none: ``201 Created`` has one, and fails the call.
    """
    if not (attempt.status_code or "").startswith("3"):
        return False
    headers = (attempt.response or {}).get("resp_headers", {})
    target = next((value for name, value in headers.items() if name.lower() == "location"), None)
    uri = ((after and after.request) or {}).get("uri", "").lower()
    return isinstance(target, str) and target != "" and uri.startswith(target.lower())


def settles_at(attempts: list[Attempt]) -> int:
    """Unix ms until which an answer to the last request may still arrive; 0 where none is awaited."""
    last = attempts[-1]
    is_answered = last.response is not None or last.errors or last.is_cdr
    return 0 if is_answered else last.started_ms + SETTLING_MS


def _verdict(status: str, fault: _Fault, attempt: Attempt) -> Document:
    known = {
        "status_code": attempt.status_code,
        "uri": uri[:URI_CAP] if isinstance(uri := (attempt.request or {}).get("uri"), str) else None,
        "duration_ms": attempt.duration_ms,
        "timeout_ms": None if attempt.duration_ms is None else attempt.timeout_ms,
        "place": fault.place or None,
        "detail": fault.detail or None,
    }
    facts = {name: value for name, value in known.items() if value is not None}
    entry = ERROR_CODES[fault.code]
    return {
        "status": status,
        "code": fault.code,
        "attempt": attempt.number,
        "reason": _reason(fault, attempt),
        "hint": entry.hint,
        # What the entry predicts is for the fault that it is about, not for a milder one of the same code.
        **({"prediction": entry.kazoo_does} if entry.severity == status else {}),
        **({"facts": facts} if facts else {}),
    }


def _reason(fault: _Fault, attempt: Attempt) -> str:
    if fault.sentence:
        return f"Attempt {attempt.number}: {fault.sentence}"
    return reason_of(fault.code, _words(attempt, fault))


def _words(attempt: Attempt, fault: _Fault) -> dict[str, Any]:
    """What the sentence of the dictionary may use."""
    known = {
        "attempt": attempt.number,
        "url": (attempt.request or {}).get("uri"),
        "status": attempt.status_code,
        "detail": fault.detail,
        "place": fault.place,
        "ms": attempt.taken_ms,
        "timeout_ms": attempt.given_ms,
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def _error(attempt: Attempt) -> _Fault | None:
    transport = attempt.errors.get(RecordType.TRANSPORT_ERROR)
    if transport is not None:
        return _transport_fault(transport.get("transport_error", {}))
    return _found(attempt, "error") or _stored_error(attempt) or _fault_of_status(attempt)


def _transport_fault(told: Document) -> _Fault:
    """What the relay saw; a code of others' own, or a text that is no sentence for a list, is not taken over."""
    code, message = told.get("code"), told.get("message")
    if not isinstance(code, str) or code not in ERROR_CODES:
        return _Fault("no_response")
    if not isinstance(message, str) or not message.isprintable() or len(message) > SENTENCE_CAP:
        return _Fault(code)
    return _Fault(code, sentence=message)


def _warning(attempt: Attempt) -> _Fault | None:
    if attempt.is_slow:
        return _Fault("slow_response")
    return _found(attempt, "warning")


def _found(attempt: Attempt, severity: str) -> _Fault | None:
    """The first finding of this severity in the answer."""
    findings = (attempt.response or {}).get("findings", [])
    first = next((finding for finding in findings if finding["severity"] == severity), None)
    if first is None or first["code"] not in ERROR_CODES:
        return None
    place = f"line {first['line']}, column {first['column']}" if "line" in first else ""
    return _Fault(first["code"], first["message"], place)


def _stored_error(attempt: Attempt) -> _Fault | None:
    """An error record of KAZOO's own, whose response we never saw or could not check."""
    code = next((code for record_type, code in _CODES_OF_ERRORS.items() if record_type in attempt.errors), None)
    return _Fault(code) if code else None


def _fault_of_status(attempt: Attempt) -> _Fault | None:
    if attempt.response is None:
        return _Fault("no_response")
    if attempt.status_code is None:
        return None
    code = code_of_status(attempt.status_code)
    return _Fault(code) if code else _Fault("empty_body") if attempt.response.get("resp_body") == "" else None
