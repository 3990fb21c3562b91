"""Which media type a client wants. Pure."""

from collections.abc import Mapping

from pivot_debug.errors import NotAcceptableError

_JSON = ("application/*", "application/json", "application/x-json", "text/javascript")
_CSV = ("text/*", "text/csv", "text/comma-separated-values", "application/octet-stream")


def wants_csv(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """True for CSV, False for JSON; NotAcceptableError for neither. ``?accept=csv`` goes before the Accept header."""
    accept = (query.get("accept") or headers.get("accept") or "*/*").lower()
    if accept in ("csv", "json"):
        return accept == "csv"
    ranges = dict(reversed([_media_range(item) for item in accept.split(",")]))
    json, csv = _preference(ranges, *_JSON), _preference(ranges, *_CSV)
    if max(json[0], csv[0]) <= 0:
        raise NotAcceptableError
    return csv > json


def _preference(ranges: Mapping[str, float], family: str, *names: str) -> tuple[float, int, int]:
    """Quality of the most specific range that fits, how specific it is (RFC 9110, 12.5.1), and how early it stands."""
    places = list(ranges)
    named = [(ranges[name], 2, places.index(name)) for name in names if name in ranges]
    if named:
        return max(named)
    return (ranges[family], 1, 0) if family in ranges else (ranges.get("*/*", 0), 0, 0)


def _media_range(item: str) -> tuple[str, float]:
    media_range, *parameters = (part.strip() for part in item.split(";"))
    text = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return media_range, float(text)
    except ValueError:
        return media_range, 1.0
