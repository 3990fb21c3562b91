"""Page cursors: opaque to the client, signed, bound to one account, one route and one set of filters. Pure.

base64url(JSON) without padding + "." + base64url(HMAC-SHA256, 16 bytes)
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from pivot_debug.errors import InvalidRequestError

VERSION = 1
LIFETIME_MS = 86_400_000
"""A cursor is good for a day: long enough for any client, short enough that a changed format is soon forgotten."""

_MAX_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class CursorScope:
    """What a cursor is good for: the same account, route and parameters as the page it came with."""

    account_id: str
    route: str
    parameters: tuple[tuple[str, str], ...]

    def digest(self) -> str:
        text = json.dumps([VERSION, self.account_id, self.route, sorted(self.parameters)])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def encode(position: dict[str, Any], scope: CursorScope, key: bytes, now_ms: int) -> str:
    """The cursor for a position, good for a day."""
    content = {"p": position, "s": scope.digest(), "x": now_ms + LIFETIME_MS}
    payload = _base64(json.dumps(content, separators=(",", ":")).encode())
    return f"{payload}.{_mac(payload, key)}"


def decode(cursor: str, scope: CursorScope, key: bytes, now_ms: int) -> dict[str, Any]:
    """The position in a cursor. InvalidRequestError, always the same, for one that was not made for this scope."""
    payload, _, mac = cursor.partition(".")
    if len(cursor) > _MAX_LENGTH or not cursor.isascii() or not hmac.compare_digest(mac, _mac(payload, key)):
        raise _invalid()
    # The MAC vouches for the rest: it was made by encode.
    content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if content["s"] != scope.digest() or content["x"] <= now_ms:
        raise _invalid()
    position: dict[str, Any] = content["p"]
    return position


def _invalid() -> InvalidRequestError:
    message = "not a next_start_key of this list with these filters, or older than a day: start again without it"
    return InvalidRequestError("start_key", "invalid", message)


def _mac(payload: str, key: bytes) -> str:
    return _base64(hmac.digest(key, payload.encode(), "sha256")[:16])


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
