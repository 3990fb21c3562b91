"""Documents as DynamoDB keeps them: one opaque attribute of compressed JSON.

A reply is spliced from these texts without parsing them, which costs a tenth of typed attributes, and compressed
items need a quarter of the read units (docs/data-model.md has the figures).
"""

import json
import zlib
from typing import Any

_LEVEL = 6


def to_json(document: dict[str, Any]) -> str:
    """Compact JSON in pure ASCII, so that its length in a reply can be told without encoding it.

    Raises ValueError for an infinite number: spliced into a reply it would make all of it unreadable.
    """
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def pack(document: dict[str, Any]) -> bytes:
    """Compressed where that is shorter, else plain: plain JSON starts with ``{``, which zlib's header never does."""
    plain = to_json(document).encode("ascii")
    compressed = zlib.compress(plain, _LEVEL)
    return min(plain, compressed, key=len)


def unpack_text(packed: bytes) -> str:
    """The JSON text of a packed document."""
    return (packed if packed[:1] == b"{" else zlib.decompress(packed)).decode("ascii")


def unpack(packed: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(unpack_text(packed))
    return document
