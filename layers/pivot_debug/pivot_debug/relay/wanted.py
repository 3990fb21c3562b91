"""Which exchanges of a relay are recorded: its ``debug`` flag and its ``record`` decide. Pure."""

from collections.abc import Callable

from pivot_debug.models import Record
from pivot_debug.relay.exchange import Exchange
from pivot_debug.relay.exchange_records import has_failed, records_of
from pivot_debug.relay.model import Relay

_METHODS_OF_PIVOT = ("GET", "POST")

CountCall = Callable[[Relay, str], bool]
"""Relay and call id -> whether the call is among the next N that the relay records."""


def wanted_records(exchange: Exchange, count_call: CountCall, *, keep_digits: bool = False) -> tuple[Record, ...]:
    """The exchange's records; none where it is not to be recorded.

    With ``failures`` each exchange is judged by itself: the good steps before a bad one are not kept. What KAZOO
    uploads (a recording, by PUT) is no step of a call.
    """
    relay, mode = exchange.relay, exchange.relay.record
    if not relay.debug or exchange.incoming.method not in _METHODS_OF_PIVOT:
        return ()
    if mode.kind == "until" and exchange.incoming.received_ms >= mode.until_ms:
        return ()
    records = records_of(exchange, keep_digits=keep_digits)
    if mode.kind == "failures" and not has_failed(records):
        return ()
    if mode.kind == "next" and not count_call(relay, records[0].call_id):
        return ()
    return records
