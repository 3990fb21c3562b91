"""What records say of themselves that is worth a metric. Pure."""

from collections.abc import Iterable

from pivot_debug.models import Record
from pivot_debug.packing import unpack_text


def marked(records: Iterable[Record]) -> dict[str, int]:
    """How many had something hidden in them, and how many were cut, by the name of the metric."""
    texts = [unpack_text(record.packed) for record in records]
    # Inside a text, quotes would have backslashes.
    return {
        "RecordsRedacted": sum('"redacted":[' in text for text in texts),
        "RecordsTruncated": sum('"truncated":true' in text for text in texts),
    }
