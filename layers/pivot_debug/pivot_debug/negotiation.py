"""Which media type a client wants. Pure."""

from collections.abc import Mapping

from pivot_debug.errors import NotAcceptableError

_JSON = ("application/json", "application/x-json", "application/*", "text/javascript", "*/*")
_CSV = ("text/csv", "text/comma-separated-values", "application/octet-stream", "text/*")


def wants_csv(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """True for CSV, False for JSON; NotAcceptableError for neither. ``?accept=csv`` goes before the Accept header."""
    accept = query.get("accept") or headers.get("accept") or "*/*"
    if accept.lower() in ("csv", "json"):
        return accept.lower() == "csv"
    for media_range in _by_preference(accept):
        if media_range in _JSON:
            return False
        if media_range in _CSV:
            return True
    raise NotAcceptableError


def _by_preference(accept: str) -> list[str]:
    """Media ranges, the most wanted first; those with q=0 are refused ones."""
    weighed = []
    for item in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in item.split(";"))
        weighed.append((_quality(parameters), media_range))
    return [media_range for quality, media_range in sorted(weighed, key=lambda one: -one[0]) if quality > 0]


def _quality(parameters: list[str]) -> float:
    text = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return float(text)
    except ValueError:
        return 1.0
