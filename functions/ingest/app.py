"""Takes debug documents in, checks and redacts them, and hands them to the queue."""

import time
from functools import cache, lru_cache
from typing import Any

from pivot_debug import caller, clock, dynamodb, envelope
from pivot_debug.account_store import AccountSettings, AccountStore
from pivot_debug.api_request import ApiRequest
from pivot_debug.aws_client import aws_client
from pivot_debug.endpoint import serve
from pivot_debug.envelope import Reply
from pivot_debug.errors import InvalidRequestError, RecordingOffError
from pivot_debug.intake import Intake, take_in
from pivot_debug.models import Delivery
from pivot_debug.observability import call_digests, count_all, logger
from pivot_debug.queue import RecordQueue
from pivot_debug.settings import required, whole_number
from pivot_debug.starting import at_start

SETTINGS_SECONDS = 10
"""How long an account's settings are reused before they are read again."""


def handler(event: dict[str, Any], _context: Any) -> Reply:
    return serve(event, _answer)


def _answer(request: ApiRequest) -> Reply:
    now = clock.now_ms()
    caller.check(request.caller, request.account_id, caller.WRITE, now)
    settings = settings_in_period(request.account_id, int(time.monotonic()) // SETTINGS_SECONDS)
    if not settings.recording:
        raise RecordingOffError
    intake = take_in(request.body, request.account_id, now, keep_digits=settings.keep_digits)
    is_refused = intake.rejected and not intake.accepted
    if not is_refused:
        _hand_on(request.account_id, intake, settings, now)
    # Not before they are handed on: a client that gets a 503 sends them again.
    count_all(intake.counts())
    if is_refused:
        raise InvalidRequestError.of(intake.all_errors())
    return envelope.accepted_reply(request, intake.report())


def _hand_on(account_id: str, intake: Intake, settings: AccountSettings, now: int) -> None:
    delivery = Delivery(
        account_id=account_id,
        received_ms=now,
        retention_days=settings.retention_days or whole_number("RETENTION_DAYS"),
        records=intake.records(),
    )
    messages = queue().send(delivery)
    calls = call_digests(record.call_id for record in delivery.records)
    logger().info("handed on", records=len(delivery.records), messages=messages, calls=calls)


@cache
def queue() -> RecordQueue:
    return RecordQueue(required("RECORD_QUEUE_URL"), aws_client("sqs"))


@cache
def accounts() -> AccountStore:
    return AccountStore(required("ACCOUNT_TABLE"), dynamodb.client())


@lru_cache(maxsize=1000)
def settings_in_period(account_id: str, _period: int) -> AccountSettings:
    """The account's settings, read again when a new period begins."""
    return accounts().settings(account_id)


at_start(accounts, dynamodb.quick_client, queue, logger)
