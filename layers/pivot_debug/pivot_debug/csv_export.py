"""Items of a reply as CSV for a spreadsheet. Pure."""

import csv
import io
import json
from typing import Any

from pivot_debug.errors import TooMuchAtOnceError

MAX_DEPTH = 4
"""Levels of nested keys that become columns; what lies deeper is JSON in a cell."""

MAX_CELLS = 500_000
"""More than anybody reads, and soon more than a reply holds; found out before the text is made."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

CALL_COLUMNS = (
    *("call_id", "created", "debug_id", "uri", "status_code", "status_codes", "node", "iteration"),
    *("has_json_errors", "has_schema_errors", "has_transport_errors"),
    *("verdict.status", "verdict.code", "verdict.attempt", "verdict.reason", "verdict.hint", "verdict.prediction"),
    *("verdict.facts.status_code", "verdict.facts.uri", "verdict.facts.duration_ms", "verdict.facts.timeout_ms"),
    *("verdict.facts.place", "verdict.facts.detail"),
    *("attempts", "records", "last_created", "duration_ms", "caller", "called", "slowest_ms"),
)
"""All that a call of the list can have, on every page alike."""

RECORD_COLUMNS = ("call_id", "debug_id", "seq", "attempt", "id", "type", "kind", "source", "created")
"""What every record has; the others follow as they come."""


def to_csv(items: list[str], first_columns: tuple[str, ...]) -> str:
    """One row for each JSON text, nested keys joined with dots, a header row always.

    Raises TooMuchAtOnceError where there are too many cells for a reply.
    """
    rows = [_flat(json.loads(item)) for item in items]
    cells = len(rows) * len({name for row in rows for name in row})
    if cells > MAX_CELLS:
        raise TooMuchAtOnceError
    columns = list(dict.fromkeys([*first_columns, *(_safe(name) for row in rows for name in row)]))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows({_safe(name): _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode(errors="replace").decode()


def _flat(value: dict[str, Any], prefix: str = "", depth: int = MAX_DEPTH) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and depth > 1:
            flat |= _flat(inner, f"{prefix}{name}.", depth - 1)
        else:
            flat[prefix + name] = json.dumps(inner) if isinstance(inner, dict | list | bool) else inner
    return flat


def _safe(value: Any) -> Any:
    """A cell that a spreadsheet would run as a formula gets a quote in front; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
