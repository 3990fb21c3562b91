"""The definitions of the relays that were used last, so that a call waits for the table only now and then."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pivot_debug.errors import StoreUnavailableError
from pivot_debug.relay.model import Relay

FRESH_SECONDS = 3
"""How long a definition is reused before it is read again: what an API client changes takes effect after this."""

MAX_KNOWN = 1000

Find = Callable[[str, str], Relay | None]
"""Account and relay id -> definition; raises StoreUnavailableError."""

Accepts = Callable[[Relay], bool]
"""Whether the definition is one for who asks: his secret opens it."""


@dataclass(frozen=True, slots=True)
class _Known:
    relay: Relay
    read_at: float


class KnownRelays:
    def __init__(self, find: Find, now: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._now = now
        self._known: dict[tuple[str, str], _Known] = {}

    def find(self, account_id: str, relay_id: str, accepts: Accepts) -> Relay | None:
        """The definition, if it *accepts* who asks: at most FRESH_SECONDS old, and new where an older one does not.

        Where the table cannot be read just now, the one that was used last still counts; without any,
        StoreUnavailableError is raised.
        """
        key = (account_id, relay_id)
        known = self._known.get(key)
        if known and self._now() - known.read_at < FRESH_SECONDS and accepts(known.relay):
            return known.relay
        try:
            relay = self._find(account_id, relay_id)
        except StoreUnavailableError:
            if known is None or not accepts(known.relay):
                raise
            relay = known.relay  # for some seconds more: the next calls need not wait for the table, too
        self._remember(key, relay)
        return relay if relay and accepts(relay) else None

    def _remember(self, key: tuple[str, str], relay: Relay | None) -> None:
        self._known.pop(key, None)
        if relay is not None:
            self._known[key] = _Known(relay, self._now())
            if len(self._known) > MAX_KNOWN:
                del self._known[next(iter(self._known))]
