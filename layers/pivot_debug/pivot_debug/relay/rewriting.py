"""Turns the addresses in an answer into the relay's, so that KAZOO comes back through it. Pure.

Only where a relay's definition asks for that: KAZOO then no longer gets what the server sent, to the byte. In TwiML a
relative address stays with the relay by itself, and of the absolute ones those of a Redirect or an ``action`` are what
KAZOO asks for the next step. In KAZOO JSON they are ``voice_url`` and ``cdr_url`` of each pivot action. Sounds, and
what other modules call, are none of the relay's business.
"""

from collections.abc import Callable

from pivot_debug import callflow, twiml
from pivot_debug.diagnosis import is_read_as_twiml
from pivot_debug.kazoo_urls import is_absolute
from pivot_debug.relay.address import can_be_relayed


def rewritten(body: str, content_type: str, to_relay: Callable[[str], str]) -> str | None:
    """*body* with each address that KAZOO would call next put through *to_relay*, all else as it was.

    *content_type* is the value of the header, "" where there is none. None where nothing changes, be it that KAZOO
    cannot read the body. An address with userinfo stays: the relay would lose its credentials.
    """
    find = twiml.written_addresses if is_read_as_twiml(content_type) else callflow.written_addresses
    parts, done = [], 0
    for address in sorted(find(body), key=lambda address: address.start):
        url = to_relay(address.url) if is_absolute(address.url) and can_be_relayed(address.url) else address.url
        if url != address.url:
            parts += [body[done : address.start], address.spell(url)]
            done = address.end
    return "".join([*parts, body[done:]]) if parts else None
