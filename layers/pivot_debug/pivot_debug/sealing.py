"""The last step before the queue, for documents of every source: redacted, checked, capped and packed. Pure.

What comes out may be stored as it is; nothing after this looks at a document again.
"""

from typing import Any

from pivot_debug import ranks
from pivot_debug.answer_check import checked
from pivot_debug.answer_redaction import mask_answer, mask_value
from pivot_debug.bodies import fits, pack_within_cap
from pivot_debug.digits import hide_digits_in_json, hide_digits_in_parameters
from pivot_debug.keys import Seq
from pivot_debug.models import Document, Kind, Record, RecordType
from pivot_debug.redaction import redact_form, redact_headers, redact_json, redact_url

_NO_SECRETS = frozenset(
    (
        *("id", "type", "kind", "source", "created", "created_ms", "iteration", "node", "method", "call_id"),
        *("redacted", "resp_status_code", "body_encoding", "derived_from", "truncated", "original_size", "sha256"),
    )
)
"""What a document is found and sorted by; it must not change."""


def seal(
    document: Document, *, call_id: str, ms: int, iteration: int | None, rank: int, keep_digits: bool = False
) -> tuple[Record, ...]:
    """The document's own record, and after it the error records that KAZOO leaves out, if it is a response.

    *ms* is when it was made (Unix ms). *keep_digits*: whether what a caller keyed in, and card numbers, stay in it.
    Raises InvalidRequestError where the document is too large to keep.
    """
    own = redacted(document, keep_digits=keep_digits)
    errors: list[Document] = []
    if rank == ranks.rank_of(RecordType.RESPONSE, Kind.VOICE):
        own, errors = checked(own)
    ranked = [(own, rank), *((error, ranks.rank_of(error["type"], Kind.VOICE)) for error in errors if fits(error))]
    return tuple(
        Record(
            call_id,
            Seq.of(ms=ms, iteration=iteration, rank=one_rank, identity=f"{one['id']}/{one['type']}"),
            pack_within_cap(one),
        )
        for one, one_rank in ranked
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
            kept[name], names = _redacted_field(name, document[name], keep_digits)
            lost += [f"{name}.{one}" for one in names]
    if "json_errors" in document:
        kept["json_errors"], names = _around_error(kept["json_errors"], document["json_errors"], keep_digits)
        lost += [f"json_errors.{one}" for one in names]
    return kept | ({"redacted": sorted(set(lost))} if lost else {})


def _redacted_field(name: str, value: Any, keep_digits: bool) -> tuple[Any, list[str]]:  # noqa: FBT001 - private
    if name in ("req_headers", "resp_headers"):
        return redact_headers(value)
    if name == "uri":
        return _without_digits(*redact_url(value), is_json=False, keep_digits=keep_digits)
    if name == "req_body":
        return _redacted_request(value, keep_digits)
    if name == "resp_body":
        return mask_answer(value, keep_cards=keep_digits)
    return mask_value(value, keep_cards=keep_digits)


def _redacted_request(body: str, keep_digits: bool) -> tuple[str, list[str]]:  # noqa: FBT001 - private
    start = body.lstrip()[:1]
    if start == "<":
        return mask_answer(body, keep_cards=keep_digits)
    is_json = start in ("{", "[")
    redact = redact_json if is_json else redact_form
    return _without_digits(*redact(body), is_json=is_json, keep_digits=keep_digits)


def _without_digits(text: str, lost: list[str], *, is_json: bool, keep_digits: bool) -> tuple[str, list[str]]:
    if keep_digits:
        return text, lost
    hide = hide_digits_in_json if is_json else hide_digits_in_parameters
    kept, names = hide(text)
    return kept, lost + names


def _around_error(masked: Any, errors: Any, keep_digits: bool) -> tuple[Any, list[str]]:  # noqa: FBT001 - private
    """KAZOO cuts the body in two where JSON is wrong, in the middle of whatever stands there."""
    if not isinstance(errors, dict):
        return masked, []
    before, after = errors.get("before"), errors.get("after")
    if not isinstance(before, str) or not isinstance(after, str):
        return masked, []
    body, names = mask_answer(before + after, keep_cards=keep_digits)
    return masked | {"before": body[: len(before)], "after": body[len(before) :]}, names
