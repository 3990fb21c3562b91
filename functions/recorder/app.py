"""Stores what the queue delivers. The only writer of DebugTable."""

from typing import Any

from pivot_debug import dynamodb, recording
from pivot_debug.models import Delivery
from pivot_debug.observability import logger
from pivot_debug.queue import from_message
from pivot_debug.settings import required
from pivot_debug.starting import at_start
from pivot_debug.store import DebugStore

at_start(dynamodb.client, logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answers which messages failed: SQS delivers those alone again, and in the end to the dead-letter queue."""
    failed, deliveries = [], {}
    for message in event["Records"]:
        try:
            deliveries[message["messageId"]] = from_message(message["body"])
        except ValueError:
            logger().exception("not a delivery", message_id=message["messageId"])
            failed.append(message["messageId"])
    failed += _store(deliveries)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _store(deliveries: dict[str, Delivery]) -> list[str]:
    """Store the deliveries, and return the ids of those that failed.

    All together first, so that a call is folded once a batch; where that fails, one by one, so that a bad one does not
    hold up the rest.
    """
    if _is_recorded(list(deliveries.values())):
        return []
    if len(deliveries) == 1:
        return list(deliveries)
    return [message_id for message_id, delivery in deliveries.items() if not _is_recorded([delivery])]


def _is_recorded(deliveries: list[Delivery]) -> bool:
    try:
        outcome = recording.record(deliveries, _open_store)
    except Exception:  # noqa: BLE001 - a failed message is reported, whatever the cause; SQS brings it again
        logger().exception("not recorded", messages=len(deliveries))
        return False
    logger().info("recorded", stored=outcome.stored, known=outcome.known, messages=len(deliveries))
    return True


def _open_store(account_id: str) -> DebugStore:
    return DebugStore(required("DEBUG_TABLE"), account_id, dynamodb.client())
