"""Stores what the queue delivers. The only writer of DebugTable."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from pivot_debug import dynamodb, recording
from pivot_debug.models import Delivery
from pivot_debug.observability import call_digest, call_digests, count_all, logger
from pivot_debug.queue import from_message
from pivot_debug.recording import RecordedCall
from pivot_debug.settings import required
from pivot_debug.starting import at_start
from pivot_debug.store import DebugStore

at_start(dynamodb.client, logger)

RESERVE_MS = 20_000
"""What one delivery may take where the table does not answer: then it fails after three attempts of 3 s."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers which messages failed: SQS delivers those alone again, and in the end to the dead-letter queue."""
    with logger().append_context_keys(request_id=getattr(context, "aws_request_id", "")):
        failed = _failed(event, context)
    count_all({"DeliveriesFailed": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _failed(event: dict[str, Any], context: Any) -> list[str]:
    failed, deliveries = [], {}
    for message in event["Records"]:
        try:
            deliveries[message["messageId"]] = from_message(message["body"])
        except ValueError:
            logger().exception("not a delivery", message_id=message["messageId"])
            failed.append(message["messageId"])
    return failed + _store(deliveries, lambda: context is None or context.get_remaining_time_in_millis() > RESERVE_MS)


def _store(deliveries: dict[str, Delivery], has_time: Callable[[], bool]) -> list[str]:
    """Store the deliveries, and return the ids of those that failed.

    All together first, so that a call is folded once a batch; where that fails, one by one, so that a bad one does not
    hold up the rest. What there is no time for counts as failed: cut off by Lambda, all of the batch would.
    """
    if len(deliveries) > 1 and _are_recorded(deliveries):
        return []
    is_alone = len(deliveries) == 1
    return [
        message_id
        for message_id, delivery in deliveries.items()
        if not ((is_alone or has_time()) and _is_recorded(message_id, delivery))
    ]


def _are_recorded(deliveries: dict[str, Delivery]) -> bool:
    try:
        _record(deliveries.values())
    except Exception:  # noqa: BLE001 - each by itself will tell
        logger().exception("not recorded together", messages=len(deliveries))
        return False
    return True


def _is_recorded(message_id: str, delivery: Delivery) -> bool:
    try:
        _record([delivery])
    except Exception:  # noqa: BLE001 - a failed message is reported, whatever the cause; SQS brings it again
        calls = call_digests(record.call_id for record in delivery.records)
        logger().exception("not recorded", message_id=message_id, account=delivery.account_id, calls=calls)
        return False
    return True


def _record(deliveries: Iterable[Delivery]) -> None:
    """Record, and tell of each call that is stored, whatever becomes of the others."""
    calls: list[RecordedCall] = []
    try:
        recording.record(deliveries, _open_store, calls.append)
    finally:
        _tell(calls)


def _tell(calls: list[RecordedCall]) -> None:
    for call in calls:
        logger().info("recorded", extra=_told(call))
    verdicts = Counter(f"Verdicts{call.verdict['status'].capitalize()}" for call in calls if call.verdict)
    records = {"RecordsStored": sum(call.stored for call in calls), "RecordsKnown": sum(call.known for call in calls)}
    count_all({**records, **verdicts})


def _told(call: RecordedCall) -> dict[str, Any]:
    """A line for each call, so that the log tells whose it is and how it ended."""
    verdict = {"verdict": call.verdict.get("status"), "code": call.verdict.get("code")}
    told = {"account": call.account_id, "call": call_digest(call.call_id), "stored": call.stored, "known": call.known}
    return told | {name: value for name, value in verdict.items() if value}


def _open_store(account_id: str) -> DebugStore:
    return DebugStore(required("DEBUG_TABLE"), account_id, dynamodb.client())
