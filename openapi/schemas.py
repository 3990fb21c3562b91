"""The things that requests and replies are made of, read from the package's own models where it has them."""

from dataclasses import fields

from openapi.record_schema import TIME, record, sent
from openapi.relay_schemas import relay_schemas
from openapi.route import ref
from openapi.shapes import Schema, flag, listed, of_dataclass, of_model, one_of, text, thing, whole
from pivot_debug import attempts, verdict
from pivot_debug.deletion import MAX_AT_ONCE
from pivot_debug.dictionary import ERROR_CODES, ErrorCode
from pivot_debug.dictionary.model import Example
from pivot_debug.findings import Finding, Severity
from pivot_debug.intake import MAX_DOCUMENTS
from pivot_debug.keys import MAX_CALL_ID_BYTES
from pivot_debug.summary import MAX_STATUSES, NAME_CAP, URI_CAP
from pivot_debug.validation import AnswerToCheck

_TIMES = ("created", "created_ms", "pvt_created")
_CONTENTS = (
    *("uri", "method", "resp_status_code", "resp_headers", "resp_body"),
    *("json_errors", "schema_errors", "twiml_errors", "transport_error"),
)
FACTS = thing(
    {},
    {
        "status_code": text("The answer's HTTP status."),
        "uri": text("The failing request's.", maxLength=verdict.URI_CAP),
        "duration_ms": whole("How long the answer took.", minimum=0),
        "timeout_ms": whole("How long KAZOO waited for it.", minimum=1),
        "place": text("Where in the body."),
        "detail": text("What exactly."),
    },
)

VERDICT = thing(
    {"status": one_of(("ok", "pending", "warning", "error"), "`pending` while an answer may still arrive.")},
    {
        "code": one_of(ERROR_CODES, "An entry of the error dictionary."),
        "attempt": whole("The attempt that failed, or gave the warning.", minimum=1),
        "reason": text("What happened, in a sentence."),
        "hint": text("What to change, in a sentence."),
        "prediction": text("What KAZOO does with the call then, told from its code."),
        "facts": FACTS,
    },
    "Why a call went wrong. An error or a warning has all but `facts`; the others have `status` alone.",
)

CALL = thing(
    {
        "call_id": text(maxLength=MAX_CALL_ID_BYTES),
        "created": whole("When the first record was made, Gregorian seconds.", **TIME),
        "debug_id": text("`YYYYMM-` and the call id.", pattern=r"^[0-9]{6}-"),
        "iteration": whole("As KAZOO's.", minimum=0),
        "has_json_errors": flag(),
        "has_schema_errors": flag(),
        "has_transport_errors": flag(),
        "verdict": ref("schemas", "Verdict"),
        "attempts": whole("HTTP exchanges.", minimum=1),
        "records": whole("Stored records.", minimum=1),
        "last_created": whole("When the last record was made, Gregorian seconds.", **TIME),
        "duration_ms": whole("From the first to the last record.", minimum=0),
    },
    {
        "uri": text("The first request's.", maxLength=URI_CAP),
        "status_code": text("The first response's.", maxLength=NAME_CAP),
        "status_codes": listed(text(), "Those of all responses, each once, in order.", maxItems=MAX_STATUSES),
        "node": text("As KAZOO's.", maxLength=NAME_CAP),
        "slowest_ms": whole(f"Of the slowest exchange; KAZOO waits {attempts.KAZOO_TIMEOUT_MS}.", minimum=0),
        "caller": text("From the parameters of the first request."),
        "called": text("From the parameters of the first request."),
    },
    "A call of the list. What is not known is absent, never null.",
)


def _document() -> Schema:
    """What ingest takes: the public names, or CouchDB's and KAZOO's private ones."""
    model = sent()
    model["properties"] |= {
        "created": {"type": ["integer", "null"], "description": "Gregorian seconds.", **TIME},
        "pvt_created": whole("As `created`.", **TIME),
        "_id": {"type": ["string", "null"], "description": "As `id`."},
        "pvt_node": {"type": ["string", "null"], "description": "As `node`."},
        "pvt_type": {"const": "pivot_debug"},
        "pvt_account_id": text("Another account's document is refused."),
    }
    described = {"description": "A debug document as KAZOO stores or serves it; further fields are kept as sent."}
    needed = {"allOf": [_any_of(_TIMES), _any_of(_CONTENTS)]}
    return model | described | needed | {"additionalProperties": True}


def _any_of(names: tuple[str, ...]) -> Schema:
    return {"anyOf": [{"required": [name]} for name in names]}


FAULTS = thing(
    {},
    description="Field, then rule, then what is wrong.",
    additionalProperties=thing({}, additionalProperties=thing({"message": text()}, additionalProperties=True)),
)


def schemas() -> dict[str, Schema]:
    """``components.schemas`` but for the errors."""
    return relay_schemas() | {
        "Call": CALL,
        "Record": record(),
        "Verdict": VERDICT,
        "Finding": of_dataclass(Finding),
        "Severity": one_of(Severity),
        "ErrorCode": of_dataclass(ErrorCode) | {"required": [field.name for field in fields(ErrorCode)]},
        "Example": of_dataclass(Example),
        "Document": _document(),
        "AnswerToCheck": of_model(AnswerToCheck),
        "Faults": FAULTS,
        "Checked": thing(
            {
                "valid": flag("Whether KAZOO would execute it."),
                "verdict": ref("schemas", "Verdict"),
                "findings": listed(ref("schemas", "Finding")),
            },
            {"effective_flow": thing({}, description="The action with all defaults.", additionalProperties=True)},
        ),
        "Deletion": thing(
            {
                "deleted": whole("Records that went.", minimum=0, maximum=MAX_AT_ONCE),
                "complete": flag("Whether those were all."),
            },
            {"call_id": text(), "debug_id": text()},
        ),
        "Intake": thing(
            {
                "accepted": listed(thing({"index": whole(minimum=0), "call_id": text()}), maxItems=MAX_DOCUMENTS),
                "rejected": listed(
                    thing({"index": whole(minimum=0), "errors": ref("schemas", "Faults")}), maxItems=MAX_DOCUMENTS
                ),
            }
        ),
    }
