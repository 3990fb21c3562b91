"""The last step before the queue, for documents of every source: redacted, checked, capped and packed. Pure.

What comes out may be stored as it is; nothing after this looks at a document again.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from pivot_debug import ranks
from pivot_debug.answer_check import checked
from pivot_debug.answer_redaction import mask_answer, mask_value
from pivot_debug.bodies import fits, pack_within_cap
from pivot_debug.digits import hide_digits_in_parameters
from pivot_debug.keys import Seq
from pivot_debug.masking import MOST_DECODED
from pivot_debug.models import Document, Kind, Record, RecordType
from pivot_debug.redaction import (
    SHORTEST_ENCODED,
    redact_form,
    redact_headers,
    redact_json,
    redact_keys,
    redact_url,
    redact_values,
)
from pivot_debug.telling_names import is_secret_name

_NO_SECRETS = frozenset(
    (
        *("id", "type", "kind", "source", "created", "created_ms", "iteration", "node", "method", "call_id"),
        *("redacted", "resp_status_code", "body_encoding", "derived_from", "truncated", "original_size", "sha256"),
        *("relay_id", "remote_address", "req_body_encoding", "timeout_ms", "budget_ms", "upstream_ms", "timings"),
    )
)
"""What a document is found and sorted by; it must not change."""

Redact = Callable[[str], tuple[str, list[str]]]

_ENCODINGS = {"req_body": "req_body_encoding", "resp_body": "body_encoding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a document stands in its call: made at ``ms`` (Unix ms), and what its key is made of besides."""

    call_id: str
    ms: int
    iteration: int | None
    rank: int


def seal(
    document: Document, place: Place, *, keep_digits: bool = False, relay_root: str | None = None
) -> tuple[Record, ...]:
    """The document's own record, and after it the error records that KAZOO leaves out, if it is a response.

    *keep_digits*: whether what a caller keyed in, and card numbers, stay in it. *relay_root* is the address under which
    KAZOO reaches the relay, for what came through it. Raises InvalidRequestError where the document is too large.
    """
    own = redacted(document, keep_digits=keep_digits)
    errors: list[Document] = []
    if place.rank == ranks.rank_of(RecordType.RESPONSE, Kind.VOICE):
        own, errors = checked(own, relay_root=relay_root)
    ranked = [
        (own, place.rank),
        *((error, ranks.rank_of(error["type"], Kind.VOICE)) for error in errors if fits(error)),
    ]
    return tuple(
        Record(
            place.call_id,
            Seq.of(ms=place.ms, iteration=place.iteration, rank=rank, identity=f"{one['id']}/{one['type']}"),
            pack_within_cap(one),
        )
        for one, rank in ranked
    )


def redacted(document: Document, *, keep_digits: bool = False) -> Document:
    """The document without credentials; the paths of what was taken out are listed in its ``redacted``.

    Answers are masked before they are checked: what is masked keeps its place and length, so the findings are the
    same, and what they quote is masked, too.
    """
    kept = dict(document)
    listed = document.get("redacted")
    lost = [str(path) for path in listed] if isinstance(listed, list) else []
    for name in document:
        if name not in _NO_SECRETS:
            redact = _redacted_bytes if document.get(_ENCODINGS.get(name, "")) == "base64" else _redacted_field
            kept[name], names = redact(name, document[name], keep_digits)
            lost += [name if one == name else f"{name}.{one}" for one in names]
    if "json_errors" in document:
        kept["json_errors"], names = _around_error(kept["json_errors"], document["json_errors"], keep_digits)
        lost += [f"json_errors.{one}" for one in names]
    if lost:
        kept["redacted"] = sorted(set(lost))
    else:
        kept.pop("redacted", None)
    return kept


def _redacted_bytes(name: str, value: Any, keep_digits: bool) -> tuple[Any, list[str]]:  # noqa: FBT001 - private
    """A body in base64: one byte that is no UTF-8 makes what stands around it no less secret."""
    try:
        text = base64.b64decode(value, validate=True).decode("latin-1")
    except ValueError:
        return _redacted_field(name, value, keep_digits)
    kept, lost = _redacted_field(name, text, keep_digits)
    return base64.b64encode(kept.encode("latin-1", "replace")).decode() if lost else value, lost


def _redacted_field(name: str, value: Any, keep_digits: bool) -> tuple[Any, list[str]]:  # noqa: FBT001 - private
    if name in ("req_headers", "resp_headers") and isinstance(value, dict):
        return _redacted_headers(value, keep_digits)
    if name in _TEXTS and isinstance(value, str):
        return _TEXTS[name](value, keep_digits)
    if name == "hops" and isinstance(value, list) and all(isinstance(hop, dict) for hop in value):
        return _redacted_hops(value, keep_digits)
    return mask_value(value, keep_digits=keep_digits, name=name)


def _redacted_headers(headers: dict[str, Any], keep_digits: bool) -> tuple[dict[str, Any], list[str]]:  # noqa: FBT001 - private
    bare, lost = redact_headers(headers)
    others = {name: value for name, value in bare.items() if not is_secret_name(name)}
    masked, _ = mask_value(others, keep_digits=keep_digits)
    return bare | masked, lost + [name for name in others if masked[name] != others[name]]


def _redacted_hops(hops: list[Document], keep_digits: bool) -> tuple[list[Document], list[str]]:  # noqa: FBT001 - private
    """Redirects that the relay followed: each has an address and headers, as a document has."""
    bare = [redacted(hop, keep_digits=keep_digits) for hop in hops]
    lost = [f"{number}.{path}" for number, hop in enumerate(bare) for path in hop.pop("redacted", ())]
    return bare, lost


def _redacted_uri(uri: str, keep_digits: bool) -> tuple[str, list[str]]:  # noqa: FBT001 - private
    return _redacted_parameters(uri, redact_url, keep_digits)


def _redacted_answer(body: str, keep_digits: bool) -> tuple[str, list[str]]:  # noqa: FBT001 - private
    bare, keys = redact_keys(body)
    masked, names = mask_answer(bare, keep_digits=keep_digits)
    return masked, keys + names


def _redacted_request(body: str, keep_digits: bool) -> tuple[str, list[str]]:  # noqa: FBT001 - private
    return _read_by_its_start(body, keep_digits) or _redacted_parameters(body, redact_form, keep_digits)


def _read_by_its_start(body: str, keep_digits: bool, name: str = "") -> tuple[str, list[str]] | None:  # noqa: FBT001 - private
    """A request in XML or JSON; None where it is neither."""
    start = body.lstrip("\ufeff \t\r\n")[:1]
    if start == "<":
        return _redacted_answer(body, keep_digits)
    if start not in ("{", "["):
        return None
    bare, lost = redact_json(body)
    # In a request that is no JSON after all, or holds text that is.
    masked, names = mask_answer(bare, keep_digits=keep_digits, name=name)
    return masked, lost + names


def _redacted_parameters(text: str, redact: Redact, keep_digits: bool) -> tuple[str, list[str]]:  # noqa: FBT001 - private
    """A URL, or a form, and what its values hold in encoded form: a URL, JSON, another form."""
    bare, within = redact_values(text, lambda name, value: _redacted_within(name, value, keep_digits))
    kept, names = _redacted_pairs(bare, redact, keep_digits)
    return kept, within + names


def _redacted_within(name: str, value: str, keep_digits: bool, decoded: int = 1) -> tuple[str, list[str]]:  # noqa: FBT001 - private
    """A decoded value, and what is encoded in all of it once more: ``u=Digits%253D1234``."""
    kept, lost = _read_by_its_start(value, keep_digits, name) or _redacted_pairs(value, redact_form, keep_digits, name)
    if decoded == MOST_DECODED or "%" not in kept or len(kept) < SHORTEST_ENCODED:
        return kept, lost
    inner, deeper = _redacted_within(name, unquote_plus(kept, errors="surrogateescape"), keep_digits, decoded + 1)
    return (quote_plus(inner, safe="*", errors="surrogateescape"), lost + deeper) if deeper else (kept, lost)


def _redacted_pairs(text: str, redact: Redact, keep_digits: bool, name: str = "") -> tuple[str, list[str]]:  # noqa: FBT001 - private
    bare, lost = redact(text)
    kept, keyed = (bare, []) if keep_digits else hide_digits_in_parameters(bare)
    masked, names = mask_answer(kept, keep_digits=keep_digits, name=name)
    return masked, lost + keyed + names


_TEXTS = {
    "uri": _redacted_uri,
    "req_body": _redacted_request,
    "resp_body": _redacted_answer,
    "served_body": _redacted_answer,
}


def _around_error(masked: Any, errors: Any, keep_digits: bool) -> tuple[Any, list[str]]:  # noqa: FBT001 - private
    """KAZOO cuts the body in two where JSON is wrong, in the middle of whatever stands there."""
    if not isinstance(errors, dict):
        return masked, []
    before, after = errors.get("before"), errors.get("after")
    if not isinstance(before, str) or not isinstance(after, str):
        return masked, []
    body, names = mask_answer(before + after, keep_digits=keep_digits)
    return masked | {"before": body[: len(before)], "after": body[len(before) :]}, names
