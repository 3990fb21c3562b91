"""All entries of the error dictionary, in the order in which an exchange can fail. Pure."""

from collections.abc import Mapping

from pivot_debug.dictionary.body import ENTRIES as BODY
from pivot_debug.dictionary.http_status import ENTRIES as HTTP_STATUS
from pivot_debug.dictionary.kazoo_json import ENTRIES as KAZOO_JSON
from pivot_debug.dictionary.model import ErrorCode
from pivot_debug.dictionary.relay import ENTRIES as RELAY
from pivot_debug.dictionary.transport import ENTRIES as TRANSPORT
from pivot_debug.dictionary.twiml import ENTRIES as TWIML
from pivot_debug.dictionary.warnings import ENTRIES as WARNINGS

FAMILIES: Mapping[str, tuple[ErrorCode, ...]] = {
    "Reaching the server": TRANSPORT + RELAY,
    "HTTP status": HTTP_STATUS,
    "The body and its type": BODY,
    "KAZOO JSON": KAZOO_JSON,
    "TwiML": TWIML,
    "Warnings": WARNINGS,
}
"""What kind of fault, in words for a heading, and its entries."""

ERROR_CODES: dict[str, ErrorCode] = {entry.code: entry for entries in FAMILIES.values() for entry in entries}
