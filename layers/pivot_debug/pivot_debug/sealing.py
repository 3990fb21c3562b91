"""The last step before the queue, for documents of every source: redacted, checked, capped and packed. Pure.

What comes out may be stored as it is; nothing after this looks at a document again.
"""

from typing import Any

from pivot_debug import ranks
from pivot_debug.answer_check import checked
from pivot_debug.bodies import fits, pack_within_cap
from pivot_debug.keys import Seq
from pivot_debug.models import Document, Kind, Record, RecordType
from pivot_debug.redaction import redact_form, redact_headers, redact_json, redact_keys, redact_url


def seal(
    document: Document, *, call_id: str, ms: int, iteration: int | None, rank: int, relay_root: str | None = None
) -> tuple[Record, ...]:
    """The document's own record, and after it the error records that KAZOO leaves out, if it is a response.

    *ms* is when it was made (Unix ms), *relay_root* the address under which KAZOO reaches the relay, for what came
    through it. Raises InvalidRequestError where the document is too large to keep.
    """
    own = redacted(document)
    errors: list[Document] = []
    if rank == ranks.rank_of(RecordType.RESPONSE, Kind.VOICE):
        own, errors = checked(own, relay_root=relay_root)
    ranked = [(own, rank), *((error, ranks.rank_of(error["type"], Kind.VOICE)) for error in errors if fits(error))]
    return tuple(
        Record(
            call_id,
            Seq.of(ms=ms, iteration=iteration, rank=one_rank, identity=f"{one['id']}/{one['type']}"),
            pack_within_cap(one),
        )
        for one, one_rank in ranked
    )


def redacted(document: Document) -> Document:
    """The document without credentials; the paths of what was taken out are listed in its ``redacted``."""
    kept, lost = _redacted_exchange(document)
    if isinstance(kept.get("req_body"), str):
        redact = redact_json if kept["req_body"].lstrip().startswith(("{", "[")) else redact_form
        kept["req_body"], names = redact(kept["req_body"])
        lost += [f"req_body.{name}" for name in names]
    for name in ("resp_body", "served_body"):
        if isinstance(kept.get(name), str):
            kept[name], keys = redact_keys(kept[name])
            lost += [f"{name}.{key}" for key in keys]
    if isinstance(kept.get("json_errors"), dict):
        kept["json_errors"] = {name: _without_keys(text) for name, text in kept["json_errors"].items()}
    for number, hop in enumerate(hops := _objects(kept.get("hops"))):
        hops[number], names = _redacted_exchange(hop)
        lost += [f"hops.{number}.{name}" for name in names]
    listed = document.get("redacted")
    lost += [str(path) for path in listed] if isinstance(listed, list) else []
    return kept | ({"hops": hops} if hops else {}) | ({"redacted": sorted(set(lost))} if lost else {})


def _redacted_exchange(document: Document) -> tuple[Document, list[str]]:
    """Address and headers of a document, or of one redirect."""
    kept, lost = dict(document), []
    for name in ("req_headers", "resp_headers"):
        if isinstance(kept.get(name), dict):
            kept[name], names = redact_headers(kept[name])
            lost += [f"{name}.{header}" for header in names]
    if isinstance(kept.get("uri"), str):
        kept["uri"], names = redact_url(kept["uri"])
        lost += [f"uri.{parameter}" for parameter in names]
    return kept, lost


def _without_keys(value: Any) -> Any:
    return redact_keys(value)[0] if isinstance(value, str) else value


def _objects(value: Any) -> list[Document]:
    """The list, if it is one of objects alone: what others send as ``hops`` may be anything."""
    return list(value) if isinstance(value, list) and all(isinstance(one, dict) for one in value) else []
