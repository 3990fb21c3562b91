"""The ingest request: many documents in, each accepted or refused by itself. Pure."""

from dataclasses import dataclass, field
from typing import Any

from pivot_debug.crossbar_validation import data_of, parse_envelope
from pivot_debug.documents import records_of
from pivot_debug.errors import BodyTooLargeError, InvalidRequestError, ValidationErrors
from pivot_debug.models import Record, Source
from pivot_debug.record_counts import marked

MAX_BODY = 6_000_000
"""Bytes of a request body; Lambda takes 6 MB of request in all."""

MAX_DOCUMENTS = 1000
"""Documents of one request, so that the answer, which names each, fits into a reply."""


@dataclass(slots=True)
class Intake:
    """By the document's index: the records that were made of it, or its errors."""

    accepted: dict[int, tuple[Record, ...]] = field(default_factory=dict)
    rejected: dict[int, ValidationErrors] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """The ``data`` of a 202."""
        return {
            "accepted": [{"index": index, "call_id": records[0].call_id} for index, records in self.accepted.items()],
            "rejected": [{"index": index, "errors": errors} for index, errors in self.rejected.items()],
        }

    def records(self) -> tuple[Record, ...]:
        """All records, in the order of their documents."""
        return tuple(record for records in self.accepted.values() for record in records)

    def counts(self) -> dict[str, int]:
        """What became of the documents, by the name of its metric; records are more than documents."""
        documents = {"DocumentsAccepted": len(self.accepted), "DocumentsRejected": len(self.rejected)}
        return documents | marked(self.records())

    def all_errors(self) -> ValidationErrors:
        """Every fault under ``<index>.<field>``: the ``data`` of a 400 when nothing was acceptable."""
        return {f"{index}.{name}": rules for index, errors in self.rejected.items() for name, rules in errors.items()}


def take_in(body: str, account_id: str, now_ms: int, *, keep_digits: bool = False) -> Intake:
    """Check, redact and pack every document of an ingest body: ``{"data": document | [documents]}``.

    ``"source": "import"`` beside ``data`` marks what comes from a dump. Raises InvalidRequestError where the body
    itself is not of that form. *keep_digits* is the account's setting.
    """
    if len(body) > MAX_BODY or len(body.encode(errors="surrogatepass")) > MAX_BODY:
        raise BodyTooLargeError(MAX_BODY)
    envelope = parse_envelope(body)
    data = data_of(envelope)
    documents = data if isinstance(data, list) else [data]
    if len(documents) > MAX_DOCUMENTS:
        message = f"at most {MAX_DOCUMENTS} documents at once"
        raise InvalidRequestError("data", "maxItems", message, target=MAX_DOCUMENTS)
    source = Source.IMPORT if envelope.get("source") == Source.IMPORT else Source.INGEST
    intake = Intake()
    for index, document in enumerate(documents):
        try:
            intake.accepted[index] = records_of(
                document, account_id=account_id, source=source, now_ms=now_ms, keep_digits=keep_digits
            )
        except InvalidRequestError as error:
            intake.rejected[index] = error.errors
    return intake
