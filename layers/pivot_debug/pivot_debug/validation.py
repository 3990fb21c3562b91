"""Check before you call: the same rules as for a recorded answer, on one that a client sends. Pure."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pivot_debug.attempts import Attempt
from pivot_debug.crossbar_validation import crossbar_errors, parse_body
from pivot_debug.diagnosis import Answer, diagnose
from pivot_debug.errors import InvalidRequestError
from pivot_debug.findings import Severity
from pivot_debug.reply_size import MAX_REPLY, escaped_size
from pivot_debug.verdict import verdict_of


class AnswerToCheck(BaseModel):
    """An answer of a Pivot server. Without ``content_type`` it is checked as one that sends no such header."""

    model_config = ConfigDict(strict=True, extra="forbid")

    body: str
    content_type: str | None = None
    status: int = Field(default=200, ge=100, le=599)


def validate(body: str) -> dict[str, Any]:
    """What KAZOO would make of the answer in ``{"data": {...}}``: valid or not, verdict, findings, what would run.

    A flow too large for a reply is left out. Raises InvalidRequestError where the request itself is malformed.
    """
    answer = _answer(parse_body(body))
    diagnosis = diagnose(answer)
    findings = [finding.as_json() for finding in diagnosis.findings]
    response = {"resp_status_code": answer.status, "resp_body": answer.body, "findings": findings}
    flow = diagnosis.effective_flow
    if flow is not None and escaped_size(json.dumps(flow)) > MAX_REPLY:
        flow = None
    return {
        "valid": all(finding.severity is not Severity.ERROR for finding in diagnosis.findings),
        "verdict": verdict_of([Attempt(1, 0, request={}, response=response)]),
        "findings": findings,
        **({"effective_flow": flow} if flow is not None else {}),
    }


def _answer(data: Any) -> Answer:
    try:
        given = AnswerToCheck.model_validate(data)
    except ValidationError as error:
        raise InvalidRequestError.of(crossbar_errors(error)) from None
    headers = {} if given.content_type is None else {"Content-Type": given.content_type}
    return Answer(status=str(given.status), headers=headers, body=given.body)
