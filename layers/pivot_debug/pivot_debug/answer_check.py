"""Checks a recorded response as KAZOO would have executed it, and makes the error records that KAZOO leaves out. Pure.

KAZOO since 4.1 stores no schema error and never one of TwiML. ``json_errors`` it stores itself, even of a call that is
not debugged: one is made only for what the relay recorded, where KAZOO's own does not come along.
"""

import hashlib

from pivot_debug.diagnosis import Answer, Diagnosis, diagnose
from pivot_debug.findings import Severity
from pivot_debug.models import Document, RecordType, Source

MAX_FINDINGS = 20
"""Findings kept with a response, the errors first; the first few say it all."""


def checked(response: Document, relay_root: str | None = None) -> tuple[Document, list[Document]]:
    """The response with its ``findings``, where there are any, and the error records that belong to it.

    *relay_root*, for a response that came through the relay, is the address under which KAZOO reaches it.
    What was recorded in part only (KAZOO until 2015 kept the body apart; a long body is cut) is not judged.
    """
    if "resp_status_code" not in response or "resp_body" not in response or response.get("truncated"):
        return response, []
    diagnosis = diagnose(answer_of(response), relay_root)
    # Where the relay rewrote the addresses, those in the server's own body lead nowhere.
    found = [one for one in diagnosis.findings if one.code != "leaves_relay" or "served_body" not in response]
    findings = [finding.as_json() for finding in found[:MAX_FINDINGS]]
    return response | ({"findings": findings} if findings else {}), _error_records(response, diagnosis)


def answer_of(response: Document) -> Answer:
    """The HTTP answer in a response record."""
    is_text = response.get("body_encoding") != "base64"
    return Answer(
        status=response["resp_status_code"],
        headers=response.get("resp_headers", {}),
        body=response["resp_body"] if is_text else None,
    )


def _error_records(response: Document, diagnosis: Diagnosis) -> list[Document]:
    twiml = [
        finding.as_json()
        for finding in diagnosis.findings
        if finding.code.startswith(("twiml_", "xml_")) and finding.severity is Severity.ERROR
    ][:MAX_FINDINGS]
    found = {
        RecordType.JSON_ERRORS: diagnosis.json_errors if response.get("source") == Source.RELAY else None,
        RecordType.SCHEMA_ERRORS: diagnosis.schema_errors,
        RecordType.TWIML_ERRORS: twiml,
    }
    return [_error_record(response, kind, errors) for kind, errors in found.items() if errors]


def _error_record(response: Document, record_type: RecordType, errors: object) -> Document:
    """In KAZOO's shape: the errors, and the body they are in once more."""
    same = ("kind", "source", "created", "created_ms", "iteration", "node", "relay_id", "resp_body")
    return {
        "id": hashlib.sha256(f"{response['id']}/{record_type}".encode()).hexdigest()[:32],
        "type": record_type,
        **{name: response[name] for name in same if name in response},
        "derived_from": response["id"],
        str(record_type): errors,
    }
