"""Stores what the queue delivers. The only writer of DebugTable."""

from collections.abc import Callable
from typing import Any

from pivot_debug import dynamodb, recording
from pivot_debug.models import Delivery
from pivot_debug.observability import call_digest, count_all, logger
from pivot_debug.queue import from_message
from pivot_debug.settings import required
from pivot_debug.starting import at_start
from pivot_debug.store import DebugStore

at_start(dynamodb.client, logger)

RESERVE_MS = 20_000
"""What one delivery may take where the table does not answer: then it fails after three attempts of 3 s."""

MAX_CALLS = 20
"""Calls that one line of the log names."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers which messages failed: SQS delivers those alone again, and in the end to the dead-letter queue."""
    failed, deliveries = [], {}
    for message in event["Records"]:
        try:
            deliveries[message["messageId"]] = from_message(message["body"])
        except ValueError:
            logger().exception("not a delivery", message_id=message["messageId"])
            failed.append(message["messageId"])
    failed += _store(deliveries, lambda: context is None or context.get_remaining_time_in_millis() > RESERVE_MS)
    count_all({"DeliveriesFailed": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _store(deliveries: dict[str, Delivery], has_time: Callable[[], bool]) -> list[str]:
    """Store the deliveries, and return the ids of those that failed.

    All together first, so that a call is folded once a batch; where that fails, one by one, so that a bad one does not
    hold up the rest. What there is no time for counts as failed: cut off by Lambda, all of the batch would.
    """
    if _is_recorded(list(deliveries.values())):
        return []
    if len(deliveries) == 1:
        return list(deliveries)
    return [message_id for message_id, delivery in deliveries.items() if not (has_time() and _is_recorded([delivery]))]


def _is_recorded(deliveries: list[Delivery]) -> bool:
    try:
        outcome = recording.record(deliveries, _open_store)
    except Exception:  # noqa: BLE001 - a failed message is reported, whatever the cause; SQS brings it again
        logger().exception("not recorded", messages=len(deliveries), calls=_digests(deliveries))
        return False
    logger().info(
        "recorded",
        stored=outcome.stored,
        known=outcome.known,
        messages=len(deliveries),
        calls=_digests(deliveries),
    )
    count_all({"RecordsStored": outcome.stored, "RecordsKnown": outcome.known})
    count_all({f"Verdicts{status.capitalize()}": number for status, number in outcome.verdicts.items()})
    return True


def _digests(deliveries: list[Delivery]) -> list[str]:
    """The first few calls, so that the log tells where a call has been."""
    calls = dict.fromkeys(record.call_id for delivery in deliveries for record in delivery.records)
    return [call_digest(call_id) for call_id in list(calls)[:MAX_CALLS]]


def _open_store(account_id: str) -> DebugStore:
    return DebugStore(required("DEBUG_TABLE"), account_id, dynamodb.client())
