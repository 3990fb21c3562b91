"""Query parameters of the two GETs, read and checked. Pure.

Unknown parameters are ignored (browsers add ``_=123``); a value that cannot be used is a validation error, never a
silent default.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pivot_debug import clock
from pivot_debug.errors import InvalidRequestError

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
UNPAGED_CAP = 5000
"""Items that ``paginate=false`` may return; more are refused (KAZOO: 416)."""

MAX_RANGE_SECONDS = 2_682_000
"""31 days and an hour: KAZOO's crossbar.maximum_range."""

_STATUS_CLASS = re.compile(r"[1-5]xx")
_EXACT = ("call_id", "caller", "called", "debug_id", "iteration", "node", "status_code", "uri")
_FLAGS = ("has_json_errors", "has_schema_errors", "has_transport_errors")
# KAZOO's other filters. To ignore one would show calls that it was meant to leave out.
_NOT_OFFERED = frozenset(
    {"has_key", "has_value", "key_missing", "missing_value", "modified_from", "modified_to", "value_missing"}
)
_ALIASES = {"resp_status_code": "status_code"}


@dataclass(frozen=True, slots=True)
class Paging:
    """``size`` items at a time, or all at once where it is None; from ``start_key`` on, "" for the beginning."""

    size: int | None
    start_key: str


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Conditions that a call must all meet, checked on its list item."""

    allowed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    status_class: str = ""
    has_errors: bool | None = None

    def admits(self, call: Mapping[str, Any]) -> bool:
        statuses = call.get("status_codes", [])
        failed = call["verdict"]["status"] == "error"
        return (
            (self.has_errors is None or self.has_errors is failed)
            and (not self.status_class or any(_class_of(status) == self.status_class for status in statuses))
            and all(_matches(call, name, values) for name, values in self.allowed)
        )

    @property
    def need_a_look(self) -> bool:
        """Whether calls must be looked into: the index of failed calls answers ``has_errors=true`` by itself."""
        return bool(self.allowed or self.status_class) or self.has_errors is False


def paging_of(query: Mapping[str, str]) -> Paging:
    if "paginate" in query and query["paginate"] != "true":
        return Paging(None, "")
    return Paging(min(_positive(query, "page_size", DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE), query.get("start_key", ""))


def is_ascending(query: Mapping[str, str], *, default: bool) -> bool:
    """``ascending`` and ``descending`` say the same in two words; where they disagree, KAZOO goes by ``descending``."""
    if query.get("descending") == "true":
        return False
    if "ascending" in query:
        return query["ascending"] != "false"
    return query.get("descending") == "false" or default


def bounds_of(query: Mapping[str, str], now_ms: int) -> tuple[int, int]:
    """First and last millisecond asked for, both included: the last 31 days and an hour unless told otherwise."""
    last = _gregorian(query, "created_to", clock.gregorian(now_ms))
    first = _gregorian(query, "created_from", max(last - MAX_RANGE_SECONDS, clock.GREGORIAN_OFFSET))
    if first > last:
        message = f"created_from {first} is greater than created_to {last}"
        raise InvalidRequestError("created_from", "date_range", message, cause=first)
    if last - first > MAX_RANGE_SECONDS:
        message = f"created_to {last} is more than {MAX_RANGE_SECONDS} seconds from created_from {first}"
        raise InvalidRequestError("created_from", "date_range", message, cause=last)
    return max(clock.unix_ms(first), 0), clock.unix_ms(last) + 999


def span_of(query: Mapping[str, str], now_ms: int) -> tuple[int, int]:
    """First and last millisecond of the records wanted of one call: all of them unless a bound is given."""
    is_bounded = "created_from" in query or "created_to" in query
    return bounds_of(query, now_ms) if is_bounded else (0, clock.LATEST_MS)


def filter_of(query: Mapping[str, str]) -> CallFilter:
    """The conditions among the parameters: ``filter_<field>`` (a JSON array means one of), and our own words."""
    for name in _NOT_OFFERED & query.keys():
        raise InvalidRequestError(name, "enum", "no such filter", target=_filters())
    allowed = [(_field(name), _alternatives(value)) for name, value in query.items() if name.startswith("filter_")] + [
        (name, (query[name],)) for name in ("caller", "called", "error_code") if name in query
    ]
    status_class = query.get("status_class", "")
    if "status_class" in query and not _STATUS_CLASS.fullmatch(status_class):
        raise InvalidRequestError("status_class", "enum", "not a status class", target=["2xx", "3xx", "4xx", "5xx"])
    return CallFilter(tuple(allowed), status_class, _flag(query, "has_errors"))


def binding_of(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The parameters that a cursor holds good for: those that choose or order, without those that only page."""
    chosen = {"ascending", "descending", "created_from", "created_to", "status_class", "has_errors"}
    chosen |= {"caller", "called", "error_code"}
    return tuple(sorted((n, v) for n, v in query.items() if n in chosen or n.startswith("filter_")))


def _class_of(status: str) -> str:
    """``4xx`` for 404; "" for what is no HTTP status."""
    return f"{status[0]}xx" if re.fullmatch(r"[1-5]\d\d", status, re.ASCII) else ""


def _matches(call: Mapping[str, Any], name: str, values: tuple[str, ...]) -> bool:
    if name == "error_code":
        return call["verdict"].get("code") in values
    if name == "status_code":
        return not set(values).isdisjoint(call.get("status_codes", []))
    found = call.get(name)
    text = str(found).lower() if isinstance(found, bool) else str(found if found is not None else "")
    if name == "uri":
        return any(value in text for value in values)
    if name in ("caller", "called"):
        return any(_number(value) == _number(text) for value in values)
    return text in values


def _number(text: str) -> str:
    """A telephone number without what people write around its digits; a ``+`` arrives as a space in a query."""
    return re.sub(r"[\s+().-]", "", text)


def _field(parameter: str) -> str:
    name = parameter.removeprefix("filter_")
    name = _ALIASES.get(name, name)
    if name not in (*_EXACT, *_FLAGS):
        raise InvalidRequestError(parameter, "enum", "no such filter", target=_filters())
    return name


def _filters() -> list[str]:
    return [f"filter_{field}" for field in (*_EXACT, *_FLAGS)]


def _alternatives(value: str) -> tuple[str, ...]:
    if value.startswith("["):
        try:
            values = json.loads(value)
        except (ValueError, RecursionError):
            values = value
        if isinstance(values, list):
            return tuple(one if isinstance(one, str) else json.dumps(one) for one in values)
    return (value,)


def _flag(query: Mapping[str, str], name: str) -> bool | None:
    value = query.get(name)
    if value not in (None, "true", "false"):
        raise InvalidRequestError(name, "type", "must be true or false", target="boolean")
    return None if value is None else value == "true"


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        raise InvalidRequestError(name, "type", "must be a whole number", target="integer")
    return int(text)


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    number = _whole(query, name, default)
    if number < 1:
        raise InvalidRequestError(name, "minimum", "must be at least 1", target=1)
    return number


def _gregorian(query: Mapping[str, str], name: str, default: int) -> int:
    seconds = _whole(query, name, default)
    if not clock.GREGORIAN_OFFSET <= seconds <= clock.gregorian(clock.LATEST_MS):
        message = f"must be Gregorian seconds, that is Unix seconds + {clock.GREGORIAN_OFFSET}"
        raise InvalidRequestError(name, "date_range", message, cause=seconds)
    return seconds
