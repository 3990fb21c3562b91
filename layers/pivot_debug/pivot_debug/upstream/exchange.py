"""One request and its answer, redirects followed as KAZOO's own client does; every hop is checked anew."""

from dataclasses import dataclass

from pivot_debug.upstream.answer_body import MAX_BODY, read_body
from pivot_debug.upstream.answer_head import Head, read_head
from pivot_debug.upstream.connection import Resolver, connect, peer_of, system_addresses
from pivot_debug.upstream.deadline import Deadline
from pivot_debug.upstream.failures import failure
from pivot_debug.upstream.faults import ExchangeFault, TooManyRedirectsError
from pivot_debug.upstream.guard import Guard
from pivot_debug.upstream.incoming import Incoming
from pivot_debug.upstream.model import Hop, Timings, TransportError, UpstreamAnswer, UpstreamRequest, can_be_header
from pivot_debug.upstream.outgoing import on_the_wire, send
from pivot_debug.upstream.progress import Progress
from pivot_debug.upstream.redirects import MAX_REDIRECTS, redirected

__all__ = [
    "MAX_BODY",
    "Hop",
    "Timings",
    "TransportError",
    "UpstreamAnswer",
    "UpstreamRequest",
    "can_be_header",
    "fetch",
]


@dataclass(frozen=True, slots=True)
class _Reply:
    """What one connection brought. The body of a redirect that leads ``onward`` is not read."""

    address: str
    head: Head
    body: bytes = b""
    onward: UpstreamRequest | None = None


def fetch(
    request: UpstreamRequest, *, budget_ms: int, guard: Guard, resolve: Resolver = system_addresses
) -> UpstreamAnswer:
    """Send *request* and follow redirects, all within *budget_ms*, only to where *guard* permits.

    Proxies in the environment are not asked. Raises TransportError where no whole answer came, and nothing else.
    """
    deadline = Deadline(budget_ms)
    hops: list[Hop] = []
    while True:
        progress = Progress(deadline)
        try:
            reply = _one_exchange(request, guard, progress, resolve)
            if reply.onward is None:
                return _answer(request, reply, progress, hops)
            hops.append(_hop(request, reply.head, reply.onward, progress))
            _stop_going_round(hops, progress)
        except (OSError, ExchangeFault) as error:
            raise _transport_error(error, request, progress, hops) from error
        request = reply.onward


def _one_exchange(request: UpstreamRequest, guard: Guard, progress: Progress, resolve: Resolver) -> _Reply:
    target = guard.check_url(request.url)
    progress.host, progress.port = target.host, target.port
    with connect(target, guard, progress, resolve) as sock:
        address = peer_of(sock)
        with progress.measured("request"):
            send(sock, on_the_wire(request, target), progress.deadline)
        incoming = Incoming(sock, progress.deadline)
        with progress.measured("headers"):
            incoming.wait()
        head = read_head(incoming)
        onward = redirected(request, head)
        if onward is not None:
            return _Reply(address, head, onward=onward)
        progress.phase = "body"
        return _Reply(address, head, read_body(request.method, head, incoming, progress))


def _stop_going_round(hops: list[Hop], progress: Progress) -> None:
    if len(hops) > MAX_REDIRECTS:
        progress.phase = "redirect"
        raise TooManyRedirectsError(str(MAX_REDIRECTS))


def _hop(request: UpstreamRequest, head: Head, onward: UpstreamRequest, progress: Progress) -> Hop:
    return Hop(
        url=request.url,
        status=head.status,
        location=onward.url,
        headers=head.headers,
        timings=progress.timings(),
    )


def _answer(request: UpstreamRequest, reply: _Reply, progress: Progress, hops: list[Hop]) -> UpstreamAnswer:
    return UpstreamAnswer(
        url=request.url,
        address=reply.address,
        status=reply.head.status,
        headers=reply.head.headers,
        body=reply.body,
        timings=progress.timings(),
        hops=tuple(hops),
        total_ms=progress.deadline.spent_ms(),
    )


def _transport_error(error: Exception, request: UpstreamRequest, progress: Progress, hops: list[Hop]) -> TransportError:
    code, message = failure(error, progress)
    if hops and code != "too_many_redirects":
        message = f"After a redirect, {message}"
    return TransportError(
        code,
        message,
        phase=progress.phase,
        url=request.url,
        timings=progress.timings(),
        hops=tuple(hops),
        total_ms=progress.deadline.spent_ms(),
    )
