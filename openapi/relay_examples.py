"""Example requests and replies about a relay, and a call that went through it, made by the service's own code."""

from dataclasses import replace
from typing import Any

from openapi.examples import ACCOUNT, CALL_ID, NOW_MS, REQUEST, body_of, page_of
from pivot_debug import envelope
from pivot_debug.models import Kind
from pivot_debug.relay import changes
from pivot_debug.relay.definitions import Targets, merged_definition, new_definition
from pivot_debug.relay.exchange import Exchange
from pivot_debug.relay.exchange_records import records_of
from pivot_debug.relay.incoming import Incoming
from pivot_debug.relay.model import Relay, derived_secret, digest
from pivot_debug.relay.views import Addresses, listed, shown
from pivot_debug.upstream.guard import Guard
from pivot_debug.upstream.model import Timings, TransportError

_ROOT = "https://relay.example.net"
_KEY = b"an example"
_ID = "3c5f922aa08795eff3253174c6371e1f"
_TARGETS = Targets(Guard.parse("80,443", ""), _ROOT)
_ADDRESSES = Addresses(_ROOT, _KEY)
_SERVER_MS = 1500

DEFINITION = {
    "name": "welcome",
    "voice_url": "https://pivot.example.com/ivr/welcome.php",
    "method": "post",
    "req_timeout_ms": 2000,
    "record": "next 20 calls",
}
CHANGE = {"record": "failures", "req_timeout_ms": None}
ROTATION = {"grace_seconds": 600}


def _relay() -> Relay:
    """A relay whose id and secret are the same each time."""
    made = changes.created(new_definition(DEFINITION, _TARGETS, NOW_MS), ACCOUNT, _KEY, NOW_MS)
    return replace(made, id=_ID, secret_sha256=digest(derived_secret(_KEY, ACCOUNT, _ID, 1)))


def created() -> dict[str, Any]:
    return body_of(envelope.created_reply(REQUEST, shown(_relay(), _ADDRESSES, NOW_MS)))


def relay() -> dict[str, Any]:
    return _shown(_relay())


def relays() -> dict[str, Any]:
    return body_of(envelope.data_reply(REQUEST, [listed(_relay(), _ADDRESSES)]))


def changed() -> dict[str, Any]:
    definition = merged_definition(_relay(), CHANGE, _TARGETS, NOW_MS)
    return _shown(changes.redefined(_relay(), definition, NOW_MS, restarts_count=True))


def rotated() -> dict[str, Any]:
    return _shown(changes.rotated(_relay(), _KEY, ROTATION["grace_seconds"], NOW_MS))


def deleted() -> dict[str, Any]:
    return body_of(envelope.data_reply(REQUEST, listed(_relay(), _ADDRESSES)))


def page_of_records() -> dict[str, Any]:
    """A call whose server took too long."""
    return page_of(records_of(_exchange()))


def _shown(changed_relay: Relay) -> dict[str, Any]:
    view = shown(changed_relay, _ADDRESSES, NOW_MS, before=_relay())
    return body_of(envelope.data_reply(REQUEST, view))


def _exchange() -> Exchange:
    incoming = Incoming(
        method="POST",
        raw_path=f"/{ACCOUNT}/pvr_{_ID}_secret/voice/ivr/welcome.php",
        raw_query="",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=f"Call-ID={CALL_ID.replace('@', '%40')}&Caller-ID-Number=%2B14155550100".encode(),
        received_ms=NOW_MS,
        exchange_id="b791e38c9641b791e38c9641b791e38c",
        root=_ROOT,
    )
    url = str(DEFINITION["voice_url"])
    return Exchange(
        incoming=incoming,
        relay=_relay(),
        kind=Kind.VOICE,
        url=url,
        budget_ms=_SERVER_MS,
        outcome=TransportError(
            "timeout",
            f"pivot.example.com did not answer within {_SERVER_MS} ms: the time ran out while waiting for the answer.",
            phase="headers",
            url=url,
            timings=Timings(dns_ms=3.1, connect_ms=18.4, tls_ms=39.2, total_ms=float(_SERVER_MS)),
            total_ms=float(_SERVER_MS),
        ),
        ended_ms=NOW_MS + _SERVER_MS,
    )
