"""A record of a call as its detail shows it: what was sent, what the check found, and what only the relay sees."""

from dataclasses import fields
from typing import get_args

from openapi.route import ref
from openapi.shapes import Schema, flag, listed, of_model, one_of, text, thing, whole, without_null
from pivot_debug import clock
from pivot_debug.documents import KazooDocument
from pivot_debug.models import Kind, RecordType, Source
from pivot_debug.upstream.model import Phase, Timings

TIME: Schema = {"minimum": clock.GREGORIAN_OFFSET}
_SCALAR = {"type": ["string", "number", "boolean"]}
_MS: Schema = {"type": "number", "minimum": 0}

HEADERS_SENT = thing(
    {},
    description="Names and values as received; a header that came several times has a list.",
    additionalProperties={"anyOf": [_SCALAR, listed(_SCALAR)]},
)


def sent() -> Schema:
    """KazooDocument's fields, with the headers spelt out that pydantic leaves to a function."""
    model, headers = of_model(KazooDocument), {"anyOf": [HEADERS_SENT, {"type": "null"}]}
    model["properties"] |= {"req_headers": headers, "resp_headers": headers}
    return model


def _of_every_record() -> Schema:
    return {
        "call_id": text(),
        "debug_id": text("`YYYYMM-` and the call id."),
        "id": text("KAZOO's document id, or made from the content."),
        "seq": whole("Place in the call.", minimum=1),
        "attempt": whole("Its HTTP exchange.", minimum=1),
        "type": one_of(RecordType),
        "kind": one_of(Kind, "`cdr` is KAZOO's report at the call's end."),
        "source": one_of(Source, "How the record arrived."),
        "created": whole("Gregorian seconds.", **TIME),
    }


def _made() -> Schema:
    """What the service adds to what was sent."""
    return {
        "resp_status_code": text(),
        "schema_errors": thing({}, additionalProperties=True),
        "findings": listed(ref("schemas", "Finding"), "Of a response: all that was found in it, errors first."),
        "derived_from": text("The `id` of the response whose check made this record; KAZOO stored none."),
        "redacted": listed(text(), "Paths of values that were hidden."),
        "truncated": flag("The body was cut."),
        "original_size": whole("Bytes of the whole body.", minimum=0),
        "sha256": text("Of the whole body.", pattern="^[0-9a-f]{64}$"),
    }


def _of_the_relay() -> Schema:
    """What only records of the relay have for certain; in an ingested document such a name may hold anything."""
    timings = thing(
        {"total_ms": _MS},
        {field.name: _MS for field in fields(Timings) if field.name != "total_ms"},
        "What the parts of the exchange took, as far as it went.",
    )
    hop = thing({"uri": text(), "resp_status_code": text(), "resp_headers": HEADERS_SENT, "timings": timings})
    failure = thing({"code": text(), "message": text(), "phase": one_of(get_args(Phase))}, description="Why none came.")
    return {
        "relay_id": text("The relay."),
        "timeout_ms": whole("Of a request: what KAZOO waits."),
        "budget_ms": whole("Of a request: what the server was given of it.", minimum=1),
        "req_body_encoding": {"const": "base64", "description": "Where `req_body` is no UTF-8."},
        "body_encoding": {"const": "base64", "description": "Where `resp_body` is no UTF-8."},
        "upstream_ms": _MS | {"description": "What the server took."},
        "timings": timings,
        "remote_address": text("The IP address that answered."),
        "hops": listed(hop, "The redirects on the way."),
        "served_body": text("What KAZOO got, where addresses in the body were replaced."),
        "transport_error": failure,
    }


def record() -> Schema:
    """One record; further fields are kept as they were sent."""
    own = _of_every_record()
    given = {
        name: without_null(schema)
        for name, schema in sent()["properties"].items()
        if name not in ("id", "call_id", "kind")
    }
    optional = {name: schema for name, schema in (given | _made()).items() if name not in own}
    is_of_the_relay = {"properties": {"source": {"const": Source.RELAY.value}}, "required": ["source"]}
    relay: Schema = {"if": is_of_the_relay, "then": {"properties": _of_the_relay(), "required": ["relay_id"]}}
    return thing(own, optional, "A record of a call.", additionalProperties=True) | relay
