"""Packs documents into batches that the API takes: of one account each, limited in number and in bytes. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pivot_debug_cli.dumps import Entry

MAX_DOCUMENTS = 100
MAX_BYTES = 4_000_000
"""Under the 6,000,000 bytes of a Lambda request, with room for what the gateway wraps around the body."""

_OPEN, _BETWEEN, _CLOSE = b'{"source":"import","data":[', b",", b"]}"
_WAITING_BYTES = 4 * MAX_BYTES
"""What may wait for more of its account, over all accounts: bounds the memory for a dump of many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A document on its way: where it stood in the dump, whose it is, and its JSON."""

    entry: Entry
    account_id: str
    payload: bytes


@dataclass(slots=True)
class _Waiting:
    parcels: list[Parcel] = field(default_factory=list)
    size: int = len(_OPEN) + len(_CLOSE)

    def add(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)
        self.size += _cost(parcel)


def encode(document: object) -> bytes:
    """Compact JSON in UTF-8; lone surrogates, which UTF-8 cannot hold, stay escaped."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()


def body(batch: list[Parcel]) -> bytes:
    """The request body that carries a batch."""
    return _OPEN + _BETWEEN.join(parcel.payload for parcel in batch) + _CLOSE


def batches(
    parcels: Iterable[Parcel], *, max_documents: int = MAX_DOCUMENTS, max_bytes: int = MAX_BYTES
) -> Iterator[list[Parcel]]:
    """Every parcel in a batch of its account, in the order of the dump within each account.

    A parcel that is too large by itself makes a batch of its own: the API decides about it.
    """
    waiting: dict[str, _Waiting] = {}
    for parcel in parcels:
        pile = waiting.setdefault(parcel.account_id, _Waiting())
        if pile.parcels and pile.size + _cost(parcel) > max_bytes:
            yield pile.parcels
            pile = waiting[parcel.account_id] = _Waiting()
        pile.add(parcel)
        if len(pile.parcels) == max_documents:
            yield waiting.pop(parcel.account_id).parcels
        elif sum(each.size for each in waiting.values()) > _WAITING_BYTES:
            yield waiting.pop(max(waiting, key=lambda account_id: waiting[account_id].size)).parcels
    yield from (pile.parcels for pile in waiting.values())


def _cost(parcel: Parcel) -> int:
    return len(parcel.payload) + len(_BETWEEN)
