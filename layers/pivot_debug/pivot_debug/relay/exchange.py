"""One request of KAZOO handed on to the customer's server, and what came of it. Pure but for the fetching."""

from collections.abc import Callable
from dataclasses import dataclass

from pivot_debug import clock
from pivot_debug.diagnosis import EXECUTED_STATUSES
from pivot_debug.kazoo_urls import is_under
from pivot_debug.models import Kind
from pivot_debug.recognition import kind_of
from pivot_debug.relay.address import RelayAddress, foreign_target, origin_of, relay_url
from pivot_debug.relay.incoming import Incoming
from pivot_debug.relay.model import Relay
from pivot_debug.relay.rewriting import rewritten
from pivot_debug.upstream.exchange import MAX_BODY, TransportError, UpstreamAnswer, UpstreamRequest, fetch
from pivot_debug.upstream.guard import Guard

MARGIN_MS = 500
"""Kept of KAZOO's time limit for the way back, and for the way there until AWS took the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """``url`` is the server's address, ``outcome`` what it gave and ``ended_ms`` (Unix ms) when that was known.

    The server had ``budget_ms`` for it.

    ``served_body`` is what KAZOO gets where the addresses in the body were rewritten.
    """

    incoming: Incoming
    relay: Relay
    kind: Kind
    url: str
    budget_ms: int
    outcome: UpstreamAnswer | TransportError
    ended_ms: int
    served_body: bytes | None = None


def exchange(incoming: Incoming, relay: Relay, address: RelayAddress, url: str, guard: Guard) -> Exchange:
    """Fetch *url*, to which *address* led, within the time that KAZOO still waits. Nothing is raised."""
    request = UpstreamRequest(method=incoming.method, url=url, headers=incoming.forwarded_headers(), body=incoming.body)
    budget = budget_ms(relay, incoming, clock.now_ms())
    outcome: UpstreamAnswer | TransportError
    served = None
    try:
        outcome = fetch(request, budget_ms=budget, guard=guard)
        served = _served_body(outcome, _to_relay(incoming, relay, address)) if relay.rewrite else None
    except TransportError as error:
        outcome = error
    return Exchange(
        incoming=incoming,
        relay=relay,
        kind=_kind(incoming, address),
        url=url,
        budget_ms=budget,
        outcome=outcome,
        ended_ms=max(clock.now_ms(), incoming.received_ms),
        served_body=served,
    )


def budget_ms(relay: Relay, incoming: Incoming, now_ms: int) -> int:
    """What the server may take: KAZOO's limit less a margin and less the time that starting this function took.

    Never less than the margin, so that clocks which differ keep no call from its answer.
    """
    margin = min(MARGIN_MS, relay.timeout_ms // 2)
    spent = max(now_ms - incoming.received_ms, 0)
    return max(relay.timeout_ms - margin - spent, margin, 1)


def _served_body(answer: UpstreamAnswer, to_relay: Callable[[str], str]) -> bytes | None:
    """The body with its addresses rewritten; None where KAZOO gets it as it is."""
    headers = {name.lower(): value for name, value in reversed(answer.headers)}
    if str(answer.status) not in EXECUTED_STATUSES or headers.get("content-encoding", "identity") != "identity":
        return None
    try:
        text = rewritten(answer.body.decode(), headers.get("content-type", ""), to_relay)
    except UnicodeDecodeError:
        return None
    body = None if text is None else text.encode()
    return body if body is None or len(body) <= MAX_BODY else None


def _kind(incoming: Incoming, address: RelayAddress) -> Kind:
    """A report comes to the address of ``cdr_url``, or from a rewritten answer to any other."""
    if address.target == "cdr":
        return Kind.CDR
    return kind_of({"method": incoming.method, "req_body": incoming.body.decode(errors="replace")})


def _to_relay(incoming: Incoming, relay: Relay, address: RelayAddress) -> Callable[[str], str]:
    def to_relay(url: str) -> str:
        if is_under(url, incoming.root):
            return url
        origin = origin_of(url)
        is_own = origin == origin_of(relay.voice_url)
        target = "voice" if is_own else foreign_target(origin, relay.origin_key)
        return relay_url(incoming.root, relay.account_id, relay.id, address.secret, target, url)

    return to_relay
