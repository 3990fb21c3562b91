"""A page of calls or records on its way to a client, and its revision. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Any

_REVISION_LENGTH = 32
"""As long as KAZOO's. SHA-256 is what processors have instructions for: it takes half as long as MD5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Items for a list reply, each a JSON text, and the keys that say where the page lies. "" for an absent key.

    ``verdict`` is that of the call whose records these are. ``origin``, where it is given, changes whenever an item
    does: the revision is then a hash of it, and not of the items.
    """

    items: list[str]
    start_key: str = ""
    next_start_key: str = ""
    is_paged: bool = True
    verdict: dict[str, Any] | None = None
    origin: bytes = b""

    def paging(self) -> dict[str, Any]:
        if not self.is_paged:
            return {}
        cursors = {"start_key": self.start_key, "next_start_key": self.next_start_key}
        return {"page_size": len(self.items)} | {name: value for name, value in cursors.items() if value}


def revision_of(origin: bytes, items: int, *, is_last: bool, verdict: dict[str, Any] | None) -> str:
    """The revision of a page of so many items that are made from *origin*. Cursors are signed anew each time."""
    digest = hashlib.sha256(origin)
    digest.update(f"{items}{not is_last}{verdict}".encode())
    return digest.hexdigest()[:_REVISION_LENGTH]
