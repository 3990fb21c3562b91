"""The ingest request: many documents in, each accepted or refused by itself. Pure."""

import json
from dataclasses import dataclass, field
from typing import Any

from pivot_debug.documents import record_of
from pivot_debug.errors import InvalidRequestError, ValidationErrors
from pivot_debug.models import Record, Source

MAX_DOCUMENTS = 1000
"""Documents of one request, so that the answer, which names each, fits into a reply."""


@dataclass(slots=True)
class Intake:
    """``accepted`` holds the index of each record's document, ``rejected`` the errors of the others by index."""

    accepted: dict[int, Record] = field(default_factory=dict)
    rejected: dict[int, ValidationErrors] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """The ``data`` of a 202."""
        return {
            "accepted": [{"index": index, "call_id": record.call_id} for index, record in self.accepted.items()],
            "rejected": [{"index": index, "errors": errors} for index, errors in self.rejected.items()],
        }

    def all_errors(self) -> ValidationErrors:
        """Every fault under ``<index>.<field>``: the ``data`` of a 400 when nothing was acceptable."""
        return {f"{index}.{name}": rules for index, errors in self.rejected.items() for name, rules in errors.items()}


def take_in(body: str, account_id: str, now_ms: int) -> Intake:
    """Check, redact and pack every document of an ingest body: ``{"data": document | [documents]}``.

    ``"source": "import"`` beside ``data`` marks what comes from a dump. Raises InvalidRequestError where the body
    itself is not of that form.
    """
    envelope = _parse(body)
    if not isinstance(envelope, dict) or "data" not in envelope:
        raise InvalidRequestError("data", "required", "Field is required but missing", value="data")
    documents = envelope["data"] if isinstance(envelope["data"], list) else [envelope["data"]]
    if len(documents) > MAX_DOCUMENTS:
        message = f"at most {MAX_DOCUMENTS} documents at once"
        raise InvalidRequestError("data", "maxItems", message, target=MAX_DOCUMENTS)
    source = Source.IMPORT if envelope.get("source") == Source.IMPORT else Source.INGEST
    intake = Intake()
    for index, document in enumerate(documents):
        try:
            intake.accepted[index] = record_of(document, account_id=account_id, source=source, now_ms=now_ms)
        except InvalidRequestError as error:
            intake.rejected[index] = error.errors
    return intake


def _parse(body: str) -> Any:
    try:
        return json.loads(body, object_pairs_hook=keep_repeated, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        message = "not valid JSON" if isinstance(error, ValueError) else "nested too deeply"
        raise InvalidRequestError("json", "invalid", message, target="body") from None


def keep_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """KAZOO writes a repeated header (set-cookie) as a repeated key; both values are kept, as a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
