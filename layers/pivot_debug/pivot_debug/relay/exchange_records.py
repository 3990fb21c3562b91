"""An exchange of the relay as debug records: a request, and its response or what kept it from coming. Pure."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pivot_debug import clock, ranks
from pivot_debug.attempts import attempts_of
from pivot_debug.keys import can_be_call_id
from pivot_debug.models import Document, Record, RecordType, Source
from pivot_debug.packing import unpack
from pivot_debug.parties import parameters_of
from pivot_debug.redaction import redact_keys
from pivot_debug.relay.exchange import Exchange
from pivot_debug.sealing import Place, seal
from pivot_debug.upstream.exchange import Hop, Timings, TransportError, UpstreamAnswer
from pivot_debug.verdict import verdict_of

NODE = "relay"
"""Stands where KAZOO's own documents name one of its servers."""

_CALL_IDS = ("Call-ID", "CallSid")


def records_of(exchange: Exchange, *, keep_digits: bool = False) -> tuple[Record, ...]:
    """The records, checked, redacted and packed; InvalidRequestError where a document is too large to keep.

    *keep_digits*: whether what a caller keyed in, and card numbers, stay in them.
    """
    request = _request(exchange)
    outcome = _outcome(exchange)
    call_id = _call_id(exchange, request)
    # KAZOO tells no iteration. This number, the same for both, ties an answer to its request.
    pair = int(exchange.incoming.exchange_id[:4], 16) % 9999 + 1
    sealed: tuple[Record, ...] = ()
    for document, ms in ((request, exchange.incoming.received_ms), (outcome, exchange.ended_ms)):
        place = Place(call_id=call_id, ms=ms, iteration=pair, rank=ranks.rank_of(document["type"], exchange.kind))
        sealed += seal(document, place, keep_digits=keep_digits, relay_root=exchange.incoming.root)
    return sealed


def call_id_of(exchange: Exchange) -> str:
    """The call that KAZOO's parameters name; an id of the exchange's own where they name none."""
    return _call_id(exchange, _request(exchange))


def _call_id(exchange: Exchange, request: Document) -> str:
    parameters = parameters_of(request)
    named = (parameters[name] for name in _CALL_IDS if name in parameters)
    return next(filter(can_be_call_id, named), f"no-call-id-{exchange.incoming.exchange_id}")


def has_failed(records: Iterable[Record]) -> bool:
    """Whether the exchange that these records tell of would fail a call."""
    documents = [(record.seq, unpack(record.packed)) for record in records]
    return bool(verdict_of(attempts_of(documents))["status"] == "error")


def _request(exchange: Exchange) -> Document:
    incoming = exchange.incoming
    return _head(exchange, RecordType.REQUEST, incoming.received_ms) | {
        "uri": exchange.url,
        "method": incoming.method.lower(),
        "req_headers": dict(incoming.forwarded_headers()),
        **_body("req_body", incoming.body),
        "timeout_ms": exchange.relay.timeout_ms,
        "budget_ms": exchange.budget_ms,
    }


def _outcome(exchange: Exchange) -> Document:
    outcome = exchange.outcome
    kind = RecordType.TRANSPORT_ERROR if isinstance(outcome, TransportError) else RecordType.RESPONSE
    content = _failure(outcome) if isinstance(outcome, TransportError) else _response(outcome)
    served = {} if exchange.served_body is None else {"served_body": exchange.served_body.decode()}
    return _head(exchange, kind, exchange.ended_ms) | content | {"upstream_ms": outcome.total_ms} | served


def _head(exchange: Exchange, record_type: RecordType, ms: int) -> Document:
    return {
        "id": hashlib.sha256(f"{exchange.incoming.exchange_id}/{record_type}".encode()).hexdigest()[:32],
        "type": record_type,
        "kind": exchange.kind,
        "source": Source.RELAY,
        "created": clock.gregorian(ms),
        "created_ms": ms,
        "node": NODE,
        "relay_id": exchange.relay.id,
    }


def _response(answer: UpstreamAnswer) -> Document:
    return {
        "resp_status_code": str(answer.status),
        "resp_headers": _by_name(answer.headers),
        **_body("resp_body", answer.body),
        "remote_address": answer.address,
        "timings": _timings(answer.timings),
        **_hops(answer.hops),
    }


def _failure(error: TransportError) -> Document:
    message, _ = redact_keys(error.message)
    return {
        "transport_error": {"code": error.code, "message": message, "phase": error.phase},
        "timings": _timings(error.timings),
        **_hops(error.hops),
    }


def _hops(hops: tuple[Hop, ...]) -> Document:
    """The redirects on the way, in order; left out where there were none."""
    told = [
        {
            "uri": hop.url,
            "resp_status_code": str(hop.status),
            "resp_headers": _by_name(hop.headers),
            "timings": _timings(hop.timings),
        }
        for hop in hops
    ]
    return {"hops": told} if told else {}


def _timings(timings: Timings) -> Document:
    return {name: value for name, value in asdict(timings).items() if value is not None}


def _body(name: str, body: bytes) -> Document:
    """UTF-8 as text; any other bytes as base64, which ``body_encoding`` tells."""
    try:
        return {name: body.decode()}
    except UnicodeDecodeError:
        encoding = "body_encoding" if name == "resp_body" else "req_body_encoding"
        return {name: base64.b64encode(body).decode(), encoding: "base64"}


def _by_name(headers: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Names in the order and case they came in; the values of a repeated one as a list."""
    found: dict[str, Any] = {}
    for name, value in headers:
        found[name] = [*_listed(found[name]), value] if name in found else value
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
