"""A recording relay as an account defines it, and the secret in its address. Pure.

The secret is derived from a key of the deployment, so that it can be shown again; stored is its SHA-256 alone. That is
enough to check it, so the relay itself needs no key.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from pivot_debug.relay.record_mode import RecordMode

DEFAULT_TIMEOUT_MS = 5000
"""What KAZOO waits for an answer where ``req_timeout_ms`` is not set."""

_SECRET_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """``element`` is the data of the callflow element ``pivot`` as it was given, with ``debug``; times are Unix ms.

    ``former_secret_sha256`` counts until ``former_until_ms``. ``origin_key`` (32 hex) signs addresses of other origins.
    ``generation`` counts the secrets, ``revision`` the changes. Of ``next N calls``, ``recorded_calls`` were recorded
    since ``counting_since``.
    """

    account_id: str
    id: str
    name: str
    element: dict[str, Any]
    record: RecordMode
    rewrite: bool
    secret_sha256: str
    former_secret_sha256: str = ""
    former_until_ms: int = 0
    origin_key: str
    generation: int
    created_ms: int
    modified_ms: int
    revision: int
    counting_since: int
    recorded_calls: int = 0

    @property
    def voice_url(self) -> str:
        url: str = self.element["voice_url"]
        return url

    @property
    def cdr_url(self) -> str | None:
        return self.element.get("cdr_url")

    @property
    def debug(self) -> bool:
        """Whether anything is recorded; the relay hands requests on either way."""
        return bool(self.element["debug"])

    @property
    def timeout_ms(self) -> int:
        """How long KAZOO waits: at most 5000. KAZOO sets no minimum, so that it can be 0 or less."""
        timeout: int = self.element.get("req_timeout_ms", DEFAULT_TIMEOUT_MS)
        return timeout

    def accepts(self, secret: str, now_ms: int) -> bool:
        """Whether *secret* opens the relay now: the current one, or the former in its time of grace."""
        given = digest(secret)
        is_current = hmac.compare_digest(given, self.secret_sha256)
        is_former = hmac.compare_digest(given, self.former_secret_sha256)
        return is_current or (is_former and self.has_former_secret(now_ms))

    def has_former_secret(self, now_ms: int) -> bool:
        """Whether the former secret still counts."""
        return now_ms < self.former_until_ms


def derived_secret(key: bytes, account_id: str, relay_id: str, generation: int) -> str:
    """The secret of a relay's address: 32 hex characters, 128 bits. *key* is the deployment's."""
    subject = f"{account_id}/{relay_id}/{generation}"
    return hmac.new(key, subject.encode(), hashlib.sha256).hexdigest()[:_SECRET_LENGTH]


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
