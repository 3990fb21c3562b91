"""Debug documents as KAZOO stores or serves them -> records of ours. Pure.

Three historical forms are understood: three documents an attempt (until 2015: request; status and headers; body),
two (request; response), and two with ``json_errors`` or ``schema_errors`` beside them.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, ValidationError

from pivot_debug import clock, ranks
from pivot_debug.crossbar_validation import crossbar_errors
from pivot_debug.errors import InvalidRequestError
from pivot_debug.keys import MAX_CALL_ID_BYTES
from pivot_debug.models import Document, Kind, Record, RecordType, Source
from pivot_debug.recognition import kind_of, record_type_of
from pivot_debug.sealing import Place, redacted, seal


def _checked_headers(headers: Any) -> Any:
    """By hand, and up to the first fault: a million bad values must not become a million error messages."""
    for name, value in headers.items() if isinstance(headers, dict) else ():
        plain = all(isinstance(one, str | int | float) for one in (value if isinstance(value, list) else [value]))
        if not plain or not isinstance(name, str):
            raise ValueError("a header is a text, or a list of texts")
    return headers


Headers = Annotated[dict[str, Any], BeforeValidator(_checked_headers)]
Text = Annotated[str, Field(min_length=1)]
Paths = Annotated[list[str], Field(fail_fast=True)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

MAX_DEPTH = 100

# What only the service says of a record; sent back by somebody, it is made anew.
_OWN_FIELDS = frozenset({"attempt", "call_id", "debug_id", "findings", "kind", "seq", "source", "type"})


class KazooDocument(BaseModel):
    """A debug document of any era; times are Gregorian seconds. Public fields that are not listed are kept as sent.

    The last five are ours: they come back with a record that was hidden in, cut or made here, and is sent in again.
    """

    model_config = ConfigDict(extra="allow", strict=True)

    call_id: Text
    iteration: NonNegativeInt | None = None
    id: Text | None = None
    created: int | None = None
    created_ms: int | None = None
    node: str | None = None
    kind: str | None = None

    uri: str | None = None
    method: str | None = None
    req_headers: Headers | None = None
    req_body: str | None = None
    resp_status_code: str | int | None = None
    resp_headers: Headers | None = None
    resp_body: str | None = None
    json_errors: dict[str, Any] | None = None
    schema_errors: dict[str, Any] | list[Any] | None = None
    twiml_errors: list[Any] | None = None
    transport_error: dict[str, Any] | None = None

    redacted: Paths | None = None
    truncated: bool | None = None
    original_size: NonNegativeInt | None = None
    sha256: Sha256 | None = None
    derived_from: Text | None = None


def records_of(
    document: Any, *, account_id: str, source: Source, now_ms: int, keep_digits: bool = False
) -> tuple[Record, ...]:
    """Check, redact and pack one document, or raise InvalidRequestError that names every fault found.

    *document* may be a view row with the document under ``doc``. Its own record comes first; a response that KAZOO
    cannot execute brings the error records with it that KAZOO leaves out.
    """
    stored = _unwrap(document)
    _check_depth(stored)
    _check_owner(stored, account_id)
    parsed = _parse(stored)
    ms = _moment(parsed, now_ms)
    record_type, kind = record_type_of(stored), kind_of(stored)
    identity = parsed.id or _fingerprint(redacted(stored))
    shown = _public(parsed, record_type, kind, identity=identity, source=source, ms=ms)
    place = Place(call_id=parsed.call_id, ms=ms, iteration=parsed.iteration, rank=_rank(record_type, kind, parsed))
    return seal(shown, place, keep_digits=keep_digits)


def _unwrap(document: Any) -> Document:
    inner = document["doc"] if isinstance(document, dict) and isinstance(document.get("doc"), dict) else document
    if not isinstance(inner, dict):
        raise InvalidRequestError("document", "type", "a debug document is an object", target="object")
    return {**inner, **{public: inner[private] for public, private in _PRIVATE_NAMES if private in inner}}


# CouchDB's and KAZOO's private names of what the API shows in public.
_PRIVATE_NAMES = (("id", "_id"), ("created", "pvt_created"), ("node", "pvt_node"))


def _check_depth(document: Document) -> None:
    """What is nested deeper than this could not be folded or shown later without running out of stack."""
    layer: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        layer = [inner for value in layer for inner in _children(value)]
        if not layer:
            return
    raise InvalidRequestError("document", "maxDepth", f"is nested deeper than {MAX_DEPTH}", target=MAX_DEPTH)


def _children(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _check_owner(document: Document, account_id: str) -> None:
    kind = document.get("pvt_type", "pivot_debug")
    if kind != "pivot_debug":
        raise InvalidRequestError("pvt_type", "enum", "not a Pivot debug document", target=["pivot_debug"])
    if document.get("pvt_deleted") is True or document.get("_deleted") is True:
        raise InvalidRequestError("pvt_deleted", "enum", "the document was deleted", target=[False])
    owners = (document.get("pvt_account_id"), _account_of_database(document.get("pvt_account_db")))
    if any(owner and owner != account_id for owner in owners):
        raise InvalidRequestError("pvt_account_id", "enum", "belongs to another account", target=[account_id])


def _account_of_database(database: Any) -> str | None:
    """``account%2F01%2F23%2F456...-202403`` -> ``0123456...``."""
    if not isinstance(database, str):
        return None
    return unquote(database).removeprefix("account").replace("/", "").split("-")[0] or None


def _parse(document: Document) -> KazooDocument:
    try:
        parsed = KazooDocument.model_validate(document)
    except ValidationError as error:
        raise InvalidRequestError.of(crossbar_errors(error)) from None
    if len(parsed.call_id.encode()) > MAX_CALL_ID_BYTES:
        message = f"a call id has at most {MAX_CALL_ID_BYTES} bytes"
        raise InvalidRequestError("call_id", "maxLength", message, target=MAX_CALL_ID_BYTES)
    return parsed


def _moment(parsed: KazooDocument, now_ms: int) -> int:
    """When the record was made, Unix ms."""
    if parsed.created_ms is None and parsed.created is None:
        message = "when the record was made is missing: created or pvt_created, in Gregorian seconds"
        raise InvalidRequestError("created", "required", message)
    ms = parsed.created_ms if parsed.created_ms is not None else clock.unix_ms(parsed.created or 0)
    if ms < 0:
        message = f"Gregorian seconds are Unix seconds + {clock.GREGORIAN_OFFSET}; this looks like Unix time"
        raise InvalidRequestError("created", "minimum", message, target=clock.GREGORIAN_OFFSET, cause=parsed.created)
    if ms > now_ms + clock.DAY_MS:
        raise InvalidRequestError("created", "maximum", "lies in the future", cause=parsed.created)
    if parsed.created is not None and clock.gregorian(ms) != parsed.created:
        message = "is another second than created"
        raise InvalidRequestError("created_ms", "enum", message, cause=parsed.created_ms, target=parsed.created)
    return ms


def _rank(record_type: RecordType, kind: Kind, parsed: KazooDocument) -> int:
    is_body_half = parsed.resp_status_code is None and parsed.resp_headers is None
    if record_type is RecordType.RESPONSE and is_body_half:
        return ranks.BODY_HALF
    return ranks.rank_of(record_type, kind)


def _fingerprint(document: Document) -> str:
    """A stand-in for the id of a document that came without one: the same content always gives the same 32 hex.

    Of redacted content, whatever the account's settings: from a hash of all of it a PIN could be found by trying.
    """
    content = {name: value for name, value in document.items() if not _is_private(name) and name not in _OWN_FIELDS}
    content["call_id"] = document.get("call_id")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def _is_private(name: str) -> bool:
    return name.startswith(("_", "pvt_"))


def _public(
    parsed: KazooDocument, record_type: RecordType, kind: Kind, *, identity: str, source: Source, ms: int
) -> Document:
    """The document as the API shows it; absent values are left out."""
    fields = {name: value for name, value in parsed.model_dump(exclude_none=True).items() if not _is_private(name)}
    head = {"id": identity, "type": record_type, "kind": kind, "source": source, "created": clock.gregorian(ms)}
    rest = {name: value for name, value in fields.items() if name not in head and name not in _OWN_FIELDS}
    if "resp_status_code" in rest:
        rest["resp_status_code"] = str(rest["resp_status_code"])
    if isinstance(rest.get("schema_errors"), list):
        rest["schema_errors"] = _merged_schema_errors(rest["schema_errors"])
    return head | rest


def _merged_schema_errors(errors: list[Any]) -> Document:
    """A list of ``[code, message, {field: {rule: details}}]``, or of the objects alone -> one object."""
    merged: Document = {}
    for number, error in enumerate(errors, 1):
        found = error[-1] if isinstance(error, list) and error else error
        if not isinstance(found, dict):
            found = {"schema": {f"error{number}": {"message": str(found)}}}
        for field, rules in found.items():
            if isinstance(rules, dict) and isinstance(merged.get(field), dict):
                merged[field].update(rules)
            else:
                merged[field] = dict(rules) if isinstance(rules, dict) else rules
    return merged
