"""What KAZOO makes of a server's answer: every fault, and what would run if there is none. Pure.

The Content-Type chooses how KAZOO reads a body: ``text/xml``, ``application/xml`` or none at all is TwiML,
``application/json`` is KAZOO JSON; for any other it tries TwiML first and then JSON, and the JSON parser's word counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pivot_debug.callflow import check_call_action
from pivot_debug.findings import Finding, Severity
from pivot_debug.twiml import check_twiml

JSON_TYPE = "application/json"
TWIML_TYPES = ("text/xml", "application/xml")
EXECUTED_STATUSES = ("200", "206")
"""Any other status is a failure for KAZOO, whatever the body says."""

_STATUS_CODES = {"2": "unexpected_2xx", "3": "http_3xx", "4": "http_4xx", "5": "http_5xx"}
_HTML_STARTS = ("<!doctype html", "<html")
_XML_STARTS = ("<?xml", "<response")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer. ``body`` is None where its bytes are not UTF-8; header names are in any case."""

    status: str
    headers: Mapping[str, Any]
    body: str | None

    def header(self, name: str) -> str:
        """The header's first value, "" where there is none."""
        value = next((value for key, value in self.headers.items() if key.lower() == name), "")
        return str(value[0] if isinstance(value, list) and value else value or "")

    @property
    def content_type(self) -> str:
        """As KAZOO compares it: up to the first ``;``, without spaces, in the case it came in."""
        return _compared(self.header("content-type"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Findings, errors first. ``schema_errors`` and ``json_errors`` are what KAZOO means to store of them.

    ``effective_flow`` is the call action that runs, all defaults filled in; None for TwiML and for what does not run.
    """

    findings: list[Finding] = field(default_factory=list)
    schema_errors: dict[str, Any] | None = None
    json_errors: dict[str, str] | None = None
    effective_flow: dict[str, Any] | None = None


def is_read_as_twiml(content_type: str) -> bool:
    """Whether KAZOO reads a body with this Content-Type ("" for none) as TwiML; any other it reads as JSON."""
    return _compared(content_type) in (*TWIML_TYPES, "")


def diagnose(answer: Answer, relay_root: str | None = None) -> Diagnosis:
    """Check an answer to Pivot as KAZOO would; nothing is raised, whatever it holds.

    With *relay_root*, the address under which KAZOO reaches our relay, what leads KAZOO past it is warned of.
    """
    fault = _fault_before_the_body(answer)
    if fault:
        return Diagnosis(findings=[fault])
    diagnose_body = _diagnose_twiml if is_read_as_twiml(answer.content_type) else _diagnose_json
    return diagnose_body(answer, relay_root)


def _compared(content_type: str) -> str:
    return content_type.split(";", maxsplit=1)[0].replace(" ", "")


def code_of_status(status: str) -> str | None:
    """The error code of a status; None for those whose body KAZOO executes."""
    return None if status in EXECUTED_STATUSES else _STATUS_CODES.get(status[:1], "http_status")


def _fault_before_the_body(answer: Answer) -> Finding | None:
    code = code_of_status(answer.status)
    if code:
        return _error(code, f"The server answered {answer.status}.", expected="200", got=answer.status)
    if answer.body == "":
        return _error("empty_body", f"The server answered {answer.status} with an empty body.")
    encoding = answer.header("content-encoding").lower()
    if encoding not in ("", "identity"):
        message = "The body is compressed, and KAZOO never asked for that."
        return _error("compressed_body", message, expected="no Content-Encoding", got=encoding)
    if answer.body is None:
        return _error("invalid_encoding", "The body is not UTF-8.", expected="UTF-8")
    return None


def _diagnose_twiml(answer: Answer, relay_root: str | None) -> Diagnosis:
    body = answer.body or ""
    if _looks_like_json(body):
        missing = not answer.content_type
        code = "content_type_missing" if missing else "content_type_mismatch"
        message = "The body is JSON, but without a Content-Type KAZOO takes it for TwiML."
        if not missing:
            message = f"The body is JSON, but its Content-Type {answer.content_type} says TwiML."
        return Diagnosis(
            findings=[_error(code, message, expected=JSON_TYPE, got=answer.content_type or "no Content-Type")]
        )
    return Diagnosis(findings=_errors_first(check_twiml(body, relay_root=relay_root)))


def _diagnose_json(answer: Answer, relay_root: str | None) -> Diagnosis:
    body = answer.body or ""
    checked = check_call_action(body, relay_root=relay_root)
    findings = checked.findings
    # Any other "<" is markup in front of the JSON, such as a PHP warning: the JSON finding says so better.
    if _start(body).startswith((*_HTML_STARTS, *_XML_STARTS)):
        findings = [_markup_as(answer.content_type, body)]
    return Diagnosis(
        findings=findings,
        schema_errors=checked.schema_errors,
        json_errors=checked.json_errors,
        effective_flow=checked.effective_flow,
    )


def _markup_as(content_type: str, body: str) -> Finding:
    what = "an HTML page" if _start(body).startswith(_HTML_STARTS) else "XML"
    message = f"The body is {what}, but KAZOO reads {content_type} as JSON."
    return _error("content_type_mismatch", message, expected=TWIML_TYPES[0], got=content_type)


def _looks_like_json(body: str) -> bool:
    return _start(body).startswith(("{", "["))


def _start(body: str) -> str:
    """The first characters that are no white space, in lower case."""
    return body.lstrip("\ufeff \t\r\n")[:20].lower()


def _errors_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def _error(code: str, message: str, *, expected: str | None = None, got: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, expected=expected, got=got)
