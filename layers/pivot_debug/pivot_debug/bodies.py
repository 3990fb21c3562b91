"""Keeps a document inside a DynamoDB item (400 KB) without hiding that something was cut. Pure."""

import hashlib

from pivot_debug.errors import InvalidRequestError
from pivot_debug.models import Document
from pivot_debug.packing import pack, unpack_text
from pivot_debug.reply_size import escaped_size

BODY_CAP = 256 * 1024
"""Bytes of a body that are kept whole."""

ITEM_CAP = 380_000
"""Bytes of a packed document: DynamoDB's 400 KB (409,600) less room for keys and the other attributes."""

TEXT_CAP = 4_000_000
"""Bytes of a document in a reply, escaped: Lambda's 6 MB less room for the rest."""

_CAPS = (BODY_CAP, BODY_CAP // 2, BODY_CAP // 4, BODY_CAP // 16)
# The last one that is cut says of how much: of an answer the one that the server gave.
_BODIES = ("req_body", "served_body", "resp_body")


def pack_within_cap(document: Document) -> bytes:
    """The packed document, its bodies cut as far as is needed.

    A cut body leaves ``truncated: true``, ``original_size`` (bytes) and ``sha256`` of the whole. Raises
    InvalidRequestError where the rest of the document alone is too large for an item.
    """
    for cap in _CAPS:
        try:
            packed = pack(_cut(document, cap))
        except ValueError:
            raise InvalidRequestError("document", "type", "holds a number that JSON cannot") from None
        if len(packed) <= ITEM_CAP and escaped_size(unpack_text(packed)) <= TEXT_CAP:
            return packed
    raise InvalidRequestError("document", "maxSize", "the document is too large to keep", target=ITEM_CAP)


def fits(document: Document) -> bool:
    """Whether the document can be kept at all."""
    try:
        pack_within_cap(document)
    except InvalidRequestError:
        return False
    return True


def _cut(document: Document, cap: int) -> Document:
    cut = dict(document)
    for name in _BODIES:
        body = cut.get(name)
        if isinstance(body, str) and len(whole := _bytes(body)) > cap:
            cut[name] = _head(body, cap)
            cut |= {"truncated": True, "original_size": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
    if isinstance(errors := cut.get("json_errors"), dict):
        cut["json_errors"] = _cut_around_error(errors, cap)
        cut |= {"truncated": True} if cut["json_errors"] != errors else {}
    return cut


def _cut_around_error(errors: Document, cap: int) -> Document:
    """Of the text before the fault the end is kept, of the text after it the beginning."""
    cut = dict(errors)
    if isinstance(before := cut.get("before"), str) and len(_bytes(before)) > cap:
        cut["before"] = _bytes(before)[-cap:].decode(errors="ignore")
    if isinstance(after := cut.get("after"), str) and len(_bytes(after)) > cap:
        cut["after"] = _head(after, cap)
    return cut


def _head(text: str, cap: int) -> str:
    return _bytes(text)[:cap].decode(errors="ignore")


def _bytes(text: str) -> bytes:
    """UTF-8, also of half a surrogate pair, which JSON can escape."""
    return text.encode(errors="surrogatepass")
