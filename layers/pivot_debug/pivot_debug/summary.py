"""What the list shows of a call: a fold over all of its records. Pure.

The same records give the same summary, in whatever order and however often they were delivered.
"""

from pivot_debug import clock
from pivot_debug.attempts import Attempt, attempts_of
from pivot_debug.models import Document, RecordType, StoredRecord, Summary
from pivot_debug.packing import unpack
from pivot_debug.parties import parties_of
from pivot_debug.verdict import settles_at, verdict_of

URI_CAP = 2048
"""Characters of the URI that the list shows; the record has it whole."""

MAX_STATUSES = 10
"""Different statuses that the list keeps of a call."""

NAME_CAP = 255
"""Characters of a name or number in the list, so that its pages stay small whatever was sent."""


def fold(call_id: str, month: str, records: list[StoredRecord]) -> Summary:
    """The summary of a call from all of its records (at least one)."""
    ordered = sorted(records, key=lambda record: record.seq)
    documents = [(record.seq, unpack(record.packed)) for record in ordered]
    attempts = attempts_of(documents)
    request = next((attempt.request for attempt in attempts if attempt.request), {})
    first, last = ordered[0].seq.ms, ordered[-1].seq.ms
    verdict = verdict_of(attempts)
    document = {
        "call_id": call_id,
        "created": clock.gregorian(first),
        "debug_id": f"{month}-{call_id}",
        **_kazoo_fields(attempts, [document for _, document in documents]),
        "verdict": verdict,
        "attempts": len(attempts),
        "records": len(records),
        "last_created": clock.gregorian(last),
        "duration_ms": last - first,
        **parties_of(request),
        **_slowest(attempts),
    }
    return Summary(
        call_id=call_id,
        created_ms=first,
        document=document,
        failed=verdict["status"] != "ok",
        records=len(records),
        expires_at=max(record.expires_at for record in records),
        whole_until=min(record.expires_at for record in records),
        settles_at=settles_at(attempts) if verdict.get("attempt") == attempts[-1].number else 0,
    )


def _kazoo_fields(attempts: list[Attempt], documents: list[Document]) -> Document:
    """The fields of KAZOO's own list, taken from the first exchange that controlled the call."""
    voice = [attempt for attempt in attempts if not attempt.is_cdr] or attempts
    uri = next((attempt.request["uri"] for attempt in voice if attempt.request and "uri" in attempt.request), None)
    status = next((attempt.status_code for attempt in voice if attempt.status_code), None)
    node = next((document["node"] for document in documents if "node" in document), None)
    found = {"uri": (uri, URI_CAP), "status_code": (status, NAME_CAP), "node": (node, NAME_CAP)}
    statuses = dict.fromkeys(attempt.status_code[:NAME_CAP] for attempt in voice if attempt.status_code)
    return {
        **{name: value[:cap] for name, (value, cap) in found.items() if value is not None},
        "iteration": documents[0].get("iteration", 1),
        **({"status_codes": list(statuses)[:MAX_STATUSES]} if statuses else {}),
        "has_json_errors": _any_errors(attempts, RecordType.JSON_ERRORS),
        "has_schema_errors": _any_errors(attempts, RecordType.SCHEMA_ERRORS),
        "has_transport_errors": _any_errors(attempts, RecordType.TRANSPORT_ERROR),
    }


def _any_errors(attempts: list[Attempt], record_type: RecordType) -> bool:
    return any(record_type in attempt.errors for attempt in attempts)


def _slowest(attempts: list[Attempt]) -> Document:
    durations = [attempt.duration_ms for attempt in attempts if attempt.duration_ms is not None]
    return {"slowest_ms": max(durations)} if durations else {}
