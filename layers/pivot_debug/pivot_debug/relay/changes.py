"""What becomes of a relay when it is made, defined anew, or given another secret. Pure."""

import secrets
from dataclasses import replace

from pivot_debug.relay.definitions import Definition
from pivot_debug.relay.model import Relay, derived_secret, digest


def created(definition: Definition, account_id: str, key: bytes, now_ms: int) -> Relay:
    """A new relay with an id of its own. *key* is the one that its secret is derived from."""
    relay_id = secrets.token_hex(16)
    return Relay(
        account_id=account_id,
        id=relay_id,
        name=definition.name,
        element=definition.element,
        record=definition.record,
        rewrite=definition.rewrite,
        secret_sha256=digest(derived_secret(key, account_id, relay_id, 1)),
        origin_key=secrets.token_hex(16),
        generation=1,
        created_ms=now_ms,
        modified_ms=now_ms,
        revision=1,
        counting_since=now_ms,
    )


def redefined(relay: Relay, definition: Definition, now_ms: int, *, restarts_count: bool) -> Relay:
    """The relay with another definition; its address' secret stays."""
    return replace(
        relay,
        name=definition.name,
        element=definition.element,
        record=definition.record,
        rewrite=definition.rewrite,
        modified_ms=now_ms,
        revision=relay.revision + 1,
        counting_since=now_ms if restarts_count else relay.counting_since,
        recorded_calls=0 if restarts_count else relay.recorded_calls,
    )


def rotated(relay: Relay, key: bytes, grace_seconds: int, now_ms: int) -> Relay:
    """The relay with its next secret. The one before it counts for *grace_seconds* more, any older one no longer."""
    generation = relay.generation + 1
    return replace(
        relay,
        secret_sha256=digest(derived_secret(key, relay.account_id, relay.id, generation)),
        former_secret_sha256=relay.secret_sha256,
        former_until_ms=now_ms + grace_seconds * 1000,
        generation=generation,
        modified_ms=now_ms,
        revision=relay.revision + 1,
    )
