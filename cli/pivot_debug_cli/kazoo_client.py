"""Sends a request as KAZOO's own client, Erlang's httpc, does: its headers, its redirects, its patience.

From a person's own machine every address may be called, credentials in it included; the relay is not so free.
"""

from dataclasses import replace

from pivot_debug.upstream.exchange import UpstreamAnswer, UpstreamRequest, fetch
from pivot_debug.upstream.guard import BlockedTargetError, Guard

_HEADERS = (("te", ""), ("connection", "keep-alive"))
"""What httpc adds; servers react to what other clients would send besides."""

_GUARD = Guard.open()


def ask(request: UpstreamRequest, timeout_ms: int) -> UpstreamAnswer:
    """The answer of a Pivot server, redirects followed, all within *timeout_ms*. Raises TransportError."""
    return fetch(
        replace(request, headers=(*_HEADERS, *request.headers)),
        budget_ms=timeout_ms,
        guard=_GUARD,
    )


def fault_of_url(url: str) -> str:
    """Why no client can call *url*; "" where one can."""
    try:
        _GUARD.check_url(url)
    except BlockedTargetError as error:
        return str(error)
    return ""
