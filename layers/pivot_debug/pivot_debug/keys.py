"""Every key string of DebugTable is made here.

A month of an account is one partition. Inside it, everything of a call stands together, the summary first::

    pk                                       sk
    0123456789abcdef0123456789abcdef#202403  829597750@10.26.0.158#!summary
    0123456789abcdef0123456789abcdef#202403  829597750@10.26.0.158#1710278676000.0001.10.b791e38c9641
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote

from pivot_debug.clock import LATEST_MS, is_month

MAX_CALL_ID_BYTES = 255
"""With every byte escaped (three for one) the sort key stays under DynamoDB's 1,024 bytes."""

TIME_INDEX = "calls-by-time"
FAILED_INDEX = "failed-calls-by-time"

_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")
_SEQ = re.compile(r"(\d{13})\.(\d{4})\.(\d{2})\.([0-9a-f]{12})", re.ASCII)
_SUMMARY = "!summary"
_MONTH_LENGTH = 6


def is_account_id(text: str) -> bool:
    """Whether *text* is 32 lower-case hex characters."""
    return _ACCOUNT_ID.fullmatch(text) is not None


def can_be_call_id(text: object) -> bool:
    """Whether a call of this id can be stored: anything up to MAX_CALL_ID_BYTES bytes but nothing."""
    if not isinstance(text, str):
        return False
    try:
        return 0 < len(text.encode()) <= MAX_CALL_ID_BYTES
    except UnicodeEncodeError:
        return False


def parts_of_debug_id(text: str) -> tuple[str, str] | None:
    """``202403-<call id>`` -> month and call id; None for a text of another form."""
    month, call_id = text[:_MONTH_LENGTH], text[_MONTH_LENGTH + 1 :]
    has_form = text[_MONTH_LENGTH : _MONTH_LENGTH + 1] == "-" and is_month(month) and can_be_call_id(call_id)
    return (month, call_id) if has_form else None


def partition_key(account_id: str, month: str) -> str:
    """``0123456789abcdef0123456789abcdef#202403``."""
    return f"{account_id}#{month}"


def encode_call_id(call_id: str) -> str:
    """Escape the two characters that mean something in a key: ``a#b%`` -> ``a%23b%25``.

    Without a ``#`` of its own, one call's prefix can never match another call's keys.
    """
    return call_id.replace("%", "%25").replace("#", "%23")


def decode_call_id(encoded: str) -> str:
    return unquote(encoded)


@dataclass(frozen=True, slots=True, order=True)
class Seq:
    """Place of a record within its call, derived from the record alone: the same record always gets the same place.

    Ordered as the call went: by time (Unix ms), then KAZOO's iteration (0 where it is unknown), then rank
    (request before response before errors), then a digest that tells apart what the rest does not.
    """

    ms: int
    iteration: int
    rank: int
    digest: str

    @classmethod
    def of(cls, *, ms: int, iteration: int | None, rank: int, identity: str) -> "Seq":
        digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
        return cls(min(max(ms, 0), LATEST_MS), min(max(iteration or 0, 0), 9999), rank, digest)

    def __str__(self) -> str:
        """``1710278676000.0001.10.b791e38c9641``: fixed widths, so that text sorts as the fields do."""
        return f"{self.ms:013d}.{self.iteration:04d}.{self.rank:02d}.{self.digest}"

    @classmethod
    def parse(cls, text: str) -> "Seq":
        """Read what ``str`` made; anything else raises ValueError."""
        found = _SEQ.fullmatch(text)
        if found is None:
            raise ValueError(f"not the place of a record: {text!r}")
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4])


def record_key(call_id: str, seq: str) -> str:
    """``829597750@10.26.0.158#1710278676000.0001.10.b791e38c9641``."""
    return f"{encode_call_id(call_id)}#{seq}"


def summary_key(call_id: str) -> str:
    """``829597750@10.26.0.158#!summary``: sorts before every record of the call."""
    return f"{encode_call_id(call_id)}#{_SUMMARY}"


def seq_of(record_sort_key: str) -> str:
    """The part after the call id: ``1710278676000.0001.10.b791e38c9641``."""
    return record_sort_key.rsplit("#", 1)[1]


def record_range(call_id: str, first_ms: int = 0, last_ms: int = LATEST_MS) -> tuple[str, str]:
    """Lowest and highest sort key of the call's records between two moments, both included."""
    first, last = max(first_ms, 0), max(last_ms, 0)
    return record_key(call_id, f"{first:013d}."), record_key(call_id, f"{last:013d}/")


def time_key(created_ms: int, call_id: str) -> str:
    """Sort key of a call in the two indexes: ``1710278676000#829597750@10.26.0.158``."""
    return f"{created_ms:013d}#{encode_call_id(call_id)}"


def call_of_time_key(time_sort_key: str) -> str:
    """The call id in what ``time_key`` made."""
    return decode_call_id(time_sort_key.split("#", 1)[1])


def time_range(first_ms: int, last_ms: int) -> tuple[str, str]:
    """Lowest and highest index key of calls that began between two moments, both included."""
    return f"{first_ms:013d}", f"{last_ms:013d}$"
