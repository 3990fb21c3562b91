"""Hands KAZOO's requests on to the customer's server, and records them once KAZOO has its answer."""

import os
import time
from functools import cache, lru_cache
from typing import Any

from pivot_debug import clock, dynamodb
from pivot_debug.account_store import AccountSettings, AccountStore
from pivot_debug.after_reply import AfterReply
from pivot_debug.aws_client import aws_client
from pivot_debug.errors import NotSentError, StoreUnavailableError
from pivot_debug.models import Delivery, Record
from pivot_debug.observability import call_digest, count, count_all, logger, measure
from pivot_debug.queue import RecordQueue
from pivot_debug.record_counts import marked
from pivot_debug.relay import reply
from pivot_debug.relay.address import RelayAddress, parse_relay_path, upstream_url
from pivot_debug.relay.exchange import Exchange, exchange
from pivot_debug.relay.exchange_records import call_id_of
from pivot_debug.relay.incoming import Incoming
from pivot_debug.relay.known_relays import KnownRelays
from pivot_debug.relay.model import Relay
from pivot_debug.relay.reply import Reply
from pivot_debug.relay.wanted import wanted_records
from pivot_debug.relay_store import RelayStore
from pivot_debug.settings import optional, required, whole_number
from pivot_debug.starting import at_start
from pivot_debug.upstream.connection import tls_context
from pivot_debug.upstream.exchange import TransportError
from pivot_debug.upstream.guard import Guard

SETTINGS_SECONDS = 10
"""How long an account's settings are reused before they are read again."""

RECORDS_OF_EXCHANGE = 2
"""A request and what came of it: what an exchange has at least."""

# While the function starts: later, Lambda takes no extension, and reading the authorities would cost the call time.
_after_reply = AfterReply(os.environ.get("AWS_LAMBDA_RUNTIME_API"))
tls_context()


def handler(event: dict[str, Any], _context: Any) -> Reply:
    done: Exchange | None = None
    request_id = str((event.get("requestContext") or {}).get("requestId", ""))
    with logger().append_context_keys(request_id=request_id):
        try:
            answer, done = _answer(event)
        except Exception:  # noqa: BLE001 - the edge: KAZOO gets an answer it can go on with, the log the cause
            logger().exception("not relayed")
            answer = reply.unavailable()
    _after_reply.run(lambda: _record(done, request_id))
    return answer


def _answer(event: dict[str, Any]) -> tuple[Reply, Exchange | None]:
    is_decoded = required("PATH_PARAMETERS") == "decoded"
    incoming = Incoming.of(event, decoded_by_gateway=is_decoded, root=optional("RELAY_ROOT"))
    address = parse_relay_path(incoming.raw_path)
    relay = _opened_by(address) if address else None
    if address is None or relay is None:
        return reply.unknown(), None
    url = upstream_url(
        address, incoming.raw_query, voice_url=relay.voice_url, cdr_url=relay.cdr_url, origin_key=relay.origin_key
    )
    if url is None:
        return reply.unknown(), None
    by_aws = f"https://{event['requestContext']['domainName']}"
    done = exchange(incoming, relay, address, url, guard().except_for(incoming.root, by_aws))
    if isinstance(done.outcome, TransportError):
        return reply.no_answer(done.outcome), done
    return reply.passed_on(done.outcome, done.served_body or done.outcome.body), done


def _opened_by(address: RelayAddress) -> Relay | None:
    now = clock.now_ms()
    return known_relays().find(address.account_id, address.relay_id, lambda relay: relay.accepts(address.secret, now))


def _record(done: Exchange | None, request_id: str) -> None:
    """Hand the exchange's records on. Whatever goes wrong, the call has had its answer: it is counted, and no more."""
    if done is None:
        return
    count_all({"RequestsRelayed": 1, "ServersSilent": int(isinstance(done.outcome, TransportError))})
    measure("RelayMs", _relay_ms(done))
    known = {"request_id": request_id, "account": done.relay.account_id, "relay": done.relay.id}
    try:
        known["call"] = call_digest(call_id_of(done))
        records = _hand_on(done)
    except Exception as error:  # noqa: BLE001 - nobody is left to tell but the log and the alarm
        lost = error.records if isinstance(error, NotSentError) else RECORDS_OF_EXCHANGE
        logger().exception("records lost", extra={**known, "records": lost})
        count("RecordsLost", lost)
        return
    count_all(marked(records))
    logger().info("relayed", extra={**known, "records": len(records), **_outcome(done)})


def _hand_on(done: Exchange) -> tuple[Record, ...]:
    account_id = done.relay.account_id
    settings = settings_in_period(account_id, int(time.monotonic()) // SETTINGS_SECONDS)
    if not settings.recording:
        return ()
    records = wanted_records(done, relays().count_call, keep_digits=settings.keep_digits)
    if records:
        days = settings.retention_days or whole_number("RETENTION_DAYS")
        now = clock.now_ms()
        queue().send(Delivery(account_id=account_id, received_ms=now, retention_days=days, records=records))
    return records


def _outcome(done: Exchange) -> dict[str, Any]:
    """How the server answered, or why it did not; and how long it took itself, and the relay besides."""
    outcome = done.outcome
    ended = {"code": outcome.code} if isinstance(outcome, TransportError) else {"upstream_status": outcome.status}
    return {**ended, "upstream_ms": outcome.total_ms, "relay_ms": _relay_ms(done)}


def _relay_ms(done: Exchange) -> int:
    """What the relay added to the server's time, starting included. Two clocks measure it: it is never below 0."""
    return max(done.ended_ms - done.incoming.received_ms - round(done.outcome.total_ms), 0)


@cache
def guard() -> Guard:
    runtime_api = optional("AWS_LAMBDA_RUNTIME_API")
    return Guard.parse(required("RELAY_PORTS"), optional("RELAY_ALLOWED"), runtime_api=runtime_api)


@cache
def relays() -> RelayStore:
    return RelayStore(required("RELAY_TABLE"), dynamodb.client())


@cache
def known_relays() -> KnownRelays:
    return KnownRelays(definition)


def definition(account_id: str, relay_id: str) -> Relay | None:
    """The relay as the table has it. Whatever goes wrong is a table that does not answer: one known before holds."""
    try:
        return RelayStore(required("RELAY_TABLE"), dynamodb.quick_client()).find(account_id, relay_id)
    except Exception as error:
        logger().exception("definition not read", extra={"account": account_id, "relay": relay_id})
        raise StoreUnavailableError(type(error).__name__) from error


@cache
def queue() -> RecordQueue:
    return RecordQueue(required("RECORD_QUEUE_URL"), aws_client("sqs"))


@lru_cache(maxsize=1000)
def settings_in_period(account_id: str, _period: int) -> AccountSettings:
    """The account's settings, read again when a new period begins."""
    return AccountStore(required("ACCOUNT_TABLE"), dynamodb.client()).settings(account_id)


at_start(relays, queue, logger)
