"""The things that requests and replies are made of, read from the package's own models where it has them."""

from dataclasses import fields

from openapi.route import ref
from openapi.shapes import Schema, flag, listed, of_dataclass, of_model, one_of, text, thing, whole, without_null
from pivot_debug import attempts, clock
from pivot_debug.dictionary import ERROR_CODES, ErrorCode
from pivot_debug.dictionary.model import Example
from pivot_debug.documents import KazooDocument
from pivot_debug.findings import Finding, Severity
from pivot_debug.intake import MAX_DOCUMENTS
from pivot_debug.keys import MAX_CALL_ID_BYTES
from pivot_debug.models import Kind, RecordType, Source
from pivot_debug.summary import MAX_STATUSES, NAME_CAP, URI_CAP
from pivot_debug.validation import AnswerToCheck

TIME = {"minimum": clock.GREGORIAN_OFFSET}
_TIMES = ("created", "created_ms", "pvt_created")
_CONTENTS = (
    *("uri", "method", "resp_status_code", "resp_headers", "resp_body"),
    *("json_errors", "schema_errors", "twiml_errors", "transport_error"),
)
_SCALAR = {"type": ["string", "number", "boolean"]}

HEADERS_SENT = thing(
    {},
    description="Names and values as received; a header that came several times has a list.",
    additionalProperties={"anyOf": [_SCALAR, listed(_SCALAR)]},
)

FACTS = thing(
    {},
    {
        "status_code": text("The answer's HTTP status."),
        "duration_ms": whole("How long the answer took.", minimum=0),
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


def _sent() -> Schema:
    """KazooDocument's fields, with the headers spelt out that pydantic leaves to a function."""
    model, headers = of_model(KazooDocument), {"anyOf": [HEADERS_SENT, {"type": "null"}]}
    model["properties"] |= {"req_headers": headers, "resp_headers": headers}
    return model


def _document() -> Schema:
    """What ingest takes: the public names, or CouchDB's and KAZOO's private ones."""
    model = _sent()
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


def _record() -> Schema:
    """What a call's detail shows of one record; further fields are kept as they were sent."""
    sent = {
        name: without_null(schema)
        for name, schema in _sent()["properties"].items()
        if name not in ("id", "call_id", "kind")
    }
    own = {
        "call_id": text(),
        "debug_id": text("`YYYYMM-` and the call id."),
        "id": text("KAZOO's document id, or made from the content."),
        "seq": whole("Place in the call.", minimum=1),
        "attempt": whole("Its HTTP exchange.", minimum=1),
        "type": one_of(RecordType),
        "kind": one_of(Kind, "`cdr` is KAZOO's report at the call's end."),
        "source": one_of(Source, "How the record arrived."),
        "created": whole("Gregorian seconds.", **TIME),
    }
    made = {
        "resp_status_code": text(),
        "schema_errors": thing({}, additionalProperties=True),
        "findings": listed(ref("schemas", "Finding"), "Of a response: all that was found in it, errors first."),
    }
    optional = {name: schema for name, schema in (sent | made).items() if name not in own}
    return thing(own, optional, "A record of a call.", additionalProperties=True)


FAULTS = thing(
    {},
    description="Field, then rule, then what is wrong.",
    additionalProperties=thing({}, additionalProperties=thing({"message": text()}, additionalProperties=True)),
)


def schemas() -> dict[str, Schema]:
    """``components.schemas`` but for the errors."""
    return {
        "Call": CALL,
        "Record": _record(),
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
        "Intake": thing(
            {
                "accepted": listed(thing({"index": whole(minimum=0), "call_id": text()}), maxItems=MAX_DOCUMENTS),
                "rejected": listed(
                    thing({"index": whole(minimum=0), "errors": ref("schemas", "Faults")}), maxItems=MAX_DOCUMENTS
                ),
            }
        ),
    }
