"""A relay as the API shows it: its definition, its addresses, and the callflow element to put in place. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pivot_debug import clock
from pivot_debug.relay.address import relay_url
from pivot_debug.relay.definitions import members_of
from pivot_debug.relay.model import Relay, derived_secret, digest

_NO_ADDRESS = ("The deployment's key was replaced: rotate the secret, and the relay has an address again.",)
_SHOWN_AS = {"voice_url": "relay_url", "cdr_url": "cdr_relay_url"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes the addresses of relays: ``root`` is where the relay answers, ``key`` what secrets are derived from."""

    root: str
    key: bytes

    def of(self, relay: Relay) -> dict[str, str]:
        """``voice_url`` and ``cdr_url`` under the relay; nothing where the key is not the one it was made with."""
        secret = derived_secret(self.key, relay.account_id, relay.id, relay.generation)
        return _mirrored(relay, self.root, secret) if digest(secret) == relay.secret_sha256 else {}


def listed(relay: Relay, addresses: Addresses) -> dict[str, Any]:
    """The relay as in a list."""
    counted = {"recorded_calls": relay.recorded_calls} if relay.record.kind == "next" else {}
    return {
        "id": relay.id,
        **members_of(relay),
        **{_SHOWN_AS[name]: url for name, url in addresses.of(relay).items()},
        **counted,
        "created": clock.gregorian(relay.created_ms),
        "modified": clock.gregorian(relay.modified_ms),
    }


def shown(relay: Relay, addresses: Addresses, now_ms: int, *, before: Relay | None = None) -> dict[str, Any]:
    """The relay by itself, with what should be known of it. *before*: what it was until this very request."""
    urls = addresses.of(relay)
    callflow = {"module": "pivot", "data": relay.element | urls, "children": {}}
    notes = [*_standing_notes(relay, now_ms), *(_notes_on_address(before, relay) if urls else _NO_ADDRESS)]
    return {
        **listed(relay, addresses),
        **({"callflow": callflow} if urls else {}),
        **({"notes": notes} if notes else {}),
    }


def _mirrored(relay: Relay, root: str, secret: str) -> dict[str, str]:
    urls = {"voice": relay.voice_url, "cdr": relay.cdr_url}
    return {
        f"{target}_url": relay_url(root, relay.account_id, relay.id, secret, target, url)
        for target, url in urls.items()
        if url is not None
    }


def _standing_notes(relay: Relay, now_ms: int) -> Iterable[str]:
    if not _has_path(relay.voice_url):
        yield (
            "voice_url has no path. KAZOO itself would take the relative address next.php in an answer for the host "
            "https://next.php; the relay's address has a slash at the end, so that it is found on your server."
        )
    if relay.voice_url.startswith("http:"):
        yield "voice_url is plain http: what the relay and your server tell each other can be read on the way."
    if relay.has_former_secret(now_ms):
        yield f"The former address works until {clock.iso(relay.former_until_ms)}."


def _notes_on_address(before: Relay | None, relay: Relay) -> Iterable[str]:
    if before is None:
        return
    if before.generation != relay.generation:
        yield "The address is a new one: put the new element into the callflow."
    elif _read_by_kazoo(before) != _read_by_kazoo(relay):
        yield "KAZOO reads what was changed from the callflow: put the new element into the callflow."


def _read_by_kazoo(relay: Relay) -> dict[str, Any]:
    """The callflow element but for the address' constant part. Of ``debug`` the relay makes what it means itself."""
    element = relay.element | _mirrored(relay, "", "")
    return {name: value for name, value in element.items() if name != "debug"}


def _has_path(url: str) -> bool:
    """Whether something stands between the host and the query."""
    rest = url.partition("://")[2].partition("#")[0].partition("?")[0]
    return "/" in rest
