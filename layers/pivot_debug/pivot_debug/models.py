"""What the service talks about. No AWS, no HTTP."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from pivot_debug.keys import Seq

Document = dict[str, Any]
"""A debug record as the API shows it (without what only its call can tell: debug_id, seq, attempt)."""


class RecordType(StrEnum):
    """What one debug record holds."""

    REQUEST = "request"
    RESPONSE = "response"
    TRANSPORT_ERROR = "transport_error"
    JSON_ERRORS = "json_errors"
    SCHEMA_ERRORS = "schema_errors"
    TWIML_ERRORS = "twiml_errors"


class Kind(StrEnum):
    """What an exchange was for: control of the call, or KAZOO's report at its end (``cdr_url``)."""

    VOICE = "voice"
    CDR = "cdr"


class Source(StrEnum):
    """How a record arrived."""

    RELAY = "relay"
    INGEST = "ingest"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Record:
    """A checked, redacted debug record on its way to the store: its call, its place in the call, its packed text."""

    call_id: str
    seq: Seq
    packed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Records of one account that arrived together. ``received_ms`` is Unix ms; retention counts from it."""

    account_id: str
    received_ms: int
    retention_days: int
    records: tuple[Record, ...]


class StoredRecord(NamedTuple):
    """A record as it was read back. ``expires_at`` is Unix seconds."""

    seq: Seq
    packed: bytes
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the list shows of a call, folded from all of its records.

    ``records`` counts what was folded, all of it live until ``whole_until``, some until ``expires_at`` (Unix seconds).
    Until ``settles_at`` (Unix ms) an answer may still arrive and the verdict is pending; 0 where none is awaited.
    """

    call_id: str
    created_ms: int
    document: Document
    failed: bool
    records: int
    expires_at: int
    whole_until: int
    settles_at: int = 0


class ListedCall(NamedTuple):
    """A row of the list: its place in the index, its packed text, and when its verdict is final (Unix ms).

    ``records``: how many it was folded from, which all live until ``whole_until`` (Unix seconds). ``has_expired``:
    DynamoDB has yet to delete it. ``has_moved``: only the marker of a call that stands in the month before, or was
    deleted.
    """

    position: str
    packed: bytes
    settles_at: int
    records: int = 0
    has_expired: bool = False
    has_moved: bool = False
    whole_until: int = 0
