"""Parameters of the requests: path, query and headers. Names and limits are those that query.py goes by."""

from openapi.shapes import Schema, one_of, text, whole
from pivot_debug import clock, query
from pivot_debug.dictionary import ERROR_CODES
from pivot_debug.keys import MAX_CALL_ID_BYTES
from pivot_debug.query import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_RANGE_SECONDS, UNPAGED_CAP

_TIME: Schema = {"minimum": clock.GREGORIAN_OFFSET, "maximum": clock.gregorian(clock.LATEST_MS)}
_TRUE_OR_FALSE = ("true", "false")
_LIKE_TRUE_OR_FALSE = text(examples=[*_TRUE_OR_FALSE])
"""Read as KAZOO reads it, which refuses no word."""


def _filters() -> dict[str, tuple[Schema, str]]:
    """``filter_<field>`` of every field that query.py knows."""
    exact = {
        f"filter_{name}": (text(), f"Calls whose `{name}` is exactly this; a JSON array means one of.")
        for name in query._EXACT  # noqa: SLF001 - the one list of them
    }
    flags = {
        f"filter_{name}": (_LIKE_TRUE_OR_FALSE, f"Calls whose `{name}` is exactly this.")
        for name in query._FLAGS  # noqa: SLF001 - as above
    }
    aliases = {
        f"filter_{alias}": (text(), f"As `filter_{name}`.")
        for alias, name in query._ALIASES.items()  # noqa: SLF001 - as above
    }
    return exact | flags | aliases | {"filter_uri": (text(), "Calls whose URI contains this text.")}


PAGING: dict[str, tuple[Schema, str]] = {
    "page_size": (
        whole(minimum=1, maximum=10**15 - 1, default=DEFAULT_PAGE_SIZE),
        f"Items a page; more than {MAX_PAGE_SIZE} counts as {MAX_PAGE_SIZE}.",
    ),
    "start_key": (text(), "The `next_start_key` of the page before; good for a day, for the same list and filters."),
    "paginate": (
        _LIKE_TRUE_OR_FALSE,
        f"Anything but `true`: everything at once, up to {UNPAGED_CAP} items and one reply; more is 416.",
    ),
    "created_from": (whole(**_TIME), "First second wanted, Gregorian."),
    "created_to": (
        whole(**_TIME),
        f"Last second wanted, Gregorian; at most {MAX_RANGE_SECONDS} seconds after `created_from`.",
    ),
    "ascending": (_LIKE_TRUE_OR_FALSE, "Anything but `false`: oldest first."),
    "descending": (_LIKE_TRUE_OR_FALSE, "`true`: newest first; goes before `ascending`."),
    "accept": (one_of(("json", "csv")), "Goes before the `Accept` header."),
}

CHOOSING: dict[str, tuple[Schema, str]] = {
    "has_errors": (one_of(_TRUE_OR_FALSE), "Calls whose verdict is an error, or is not."),
    "error_code": (text(examples=list(ERROR_CODES)), "Calls with this code in their verdict."),
    "status_class": (
        text(pattern="^[1-5]xx$", examples=["2xx", "3xx", "4xx", "5xx"]),
        "Calls with any response of this class.",
    ),
    "caller": (text(), "A telephone number; `+`, spaces and dashes do not matter."),
    "called": (text(), "A telephone number; `+`, spaces and dashes do not matter."),
    **_filters(),
}

_PATH: dict[str, tuple[Schema, str]] = {
    "account_id": (text(pattern="^[0-9a-f]{32}$"), "The account."),
    "call_id": (
        text(minLength=1),
        f"A call id (up to {MAX_CALL_ID_BYTES} bytes) or a `debug_id`, percent-encoded, `/` too; decoded once.",
    ),
    "relay_id": (text(pattern="^[0-9a-f]{32}$"), "The relay."),
    "code": (one_of(ERROR_CODES), "A code of a verdict or finding."),
}

_HEADERS: dict[str, tuple[Schema, str]] = {
    "X-Request-ID": (
        text(),
        "Taken over into the reply where it is up to 64 letters, digits, `.`, `_`, `:`, `-`; else ignored.",
    ),
    "If-None-Match": (text(), "The `ETag` of an earlier reply: 304 where nothing changed."),
}

_EXAMPLES = {
    "account_id": "0123456789abcdef0123456789abcdef",
    "call_id": "829597750@10.26.0.158",
    "relay_id": "3c5f922aa08795eff3253174c6371e1f",
    "code": "http_5xx",
}


def parameters() -> Schema:
    """``components.parameters``, by the parameter's own name."""
    places = {"path": _PATH, "query": PAGING | CHOOSING, "header": _HEADERS}
    return {
        name: _parameter(name, place, *described)
        for place, by_name in places.items()
        for name, described in by_name.items()
    }


def _parameter(name: str, place: str, schema: Schema, description: str) -> Schema:
    shown = {"name": name, "in": place, "required": place == "path", "description": description, "schema": schema}
    return shown | ({"example": _EXAMPLES[name]} if name in _EXAMPLES else {})
