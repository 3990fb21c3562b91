"""A relay's definition as a client sends it, checked as KAZOO would check its callflow element. Pure.

``name``, ``record`` and ``rewrite`` are the relay's. All else is the data of a callflow element ``pivot``, and kept as
it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pivot_debug.callflow.modules import MODULES
from pivot_debug.callflow.rules import Check
from pivot_debug.callflow.schema import BOOLEAN, STRING, Schema, integer, string
from pivot_debug.callflow.stored import schema_errors
from pivot_debug.errors import InvalidRequestError, ValidationErrors
from pivot_debug.relay.address import origin_of
from pivot_debug.relay.model import Relay
from pivot_debug.relay.record_mode import RecordMode, parse_record_mode
from pivot_debug.upstream.guard import BlockedTargetError, Guard

MAX_SIZE = 16_384
"""Bytes of a definition as JSON, all but ASCII escaped."""

MAX_URL = 2048
"""Characters of a URL; with MAX_SIZE it keeps the list of an account's relays within one reply."""

MAX_DEPTH = 32
"""Arrays and objects within each other."""

DEFAULT_GRACE_SECONDS = 3600
MAX_GRACE_SECONDS = 604_800

OWN = ("name", "record", "rewrite")
READ_ONLY = frozenset(
    {"id", "relay_url", "cdr_relay_url", "callflow", "created", "modified", "recorded_calls", "notes"}
)
"""What a reply adds: ignored in a request, so that what was read can be sent back."""

_URLS = ("voice_url", "cdr_url")
_PIVOT = MODULES["pivot"].fields
# KAZOO's blacklist is meant for what KAZOO calls. That is the relay; what the relay calls is for its guard to say.
_UPSTREAMS = {name: replace(_PIVOT[name], max_length=MAX_URL, client_url=False) for name in _URLS}
DEFINITION = Schema(
    type="object",
    fields={
        **_PIVOT,
        **_UPSTREAMS,
        "name": string(required=True, min_length=1, max_length=128),
        "record": STRING,
        "rewrite": BOOLEAN,
    },
    is_open=True,
)
ROTATION = Schema(type="object", fields={"grace_seconds": integer(minimum=0, maximum=MAX_GRACE_SECONDS)}, is_open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a client decides about a relay; ``element`` has ``debug``, true unless it was given."""

    name: str
    element: dict[str, Any]
    record: RecordMode
    rewrite: bool


@dataclass(frozen=True, slots=True)
class Targets:
    """Where a relay may send requests: to what the guard lets through, but not to itself, at ``root``."""

    guard: Guard
    root: str

    def fault_of(self, url: str) -> str | None:
        """Why the relay would refuse *url*; None if it would not."""
        try:
            self.guard.except_for(self.root).check_url(url)
            origin_of(url)
        except (BlockedTargetError, ValueError) as error:
            return str(error)
        return None


def new_definition(data: Any, targets: Targets, now_ms: int) -> Definition:
    """The definition in *data*, defaults filled in; InvalidRequestError names every fault."""
    return _definition(_members(data), targets, kept=None, now_ms=now_ms)


def merged_definition(relay: Relay, data: Any, targets: Targets, now_ms: int) -> Definition:
    """The relay's definition with the keys of *data* in place of its own; one that is null is removed."""
    changes = _members(data)
    removed = {name for name, value in changes.items() if value is None}
    merged = {name: value for name, value in (members_of(relay) | changes).items() if name not in removed}
    return _definition(merged, targets, kept=None if "record" in changes else relay.record, now_ms=now_ms)


def sets_record(data: Any) -> bool:
    """Whether a change names ``record``, and so starts counting again."""
    return isinstance(data, dict) and "record" in data


def members_of(relay: Relay) -> dict[str, Any]:
    """The definition as a client would send it."""
    return {"name": relay.name, **relay.element, "record": str(relay.record), "rewrite": relay.rewrite}


def grace_seconds_of(data: Any) -> int:
    """How long the former secret shall count after a rotation."""
    members = _members(data)
    errors = _broken_rules(ROTATION, members)
    if errors:
        raise InvalidRequestError.of(errors)
    seconds: int = members.get("grace_seconds", DEFAULT_GRACE_SECONDS)
    return seconds


def _members(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidRequestError("data", "type", "Value did not match type(s): object", target="object")
    return {name: value for name, value in data.items() if name not in READ_ONLY}


def _definition(members: dict[str, Any], targets: Targets, *, kept: RecordMode | None, now_ms: int) -> Definition:
    _check_form(members)
    errors = _broken_rules(DEFINITION, members)
    errors |= _refused_urls({name: members[name] for name in _URLS if name in members and name not in errors}, targets)
    mode = kept or RecordMode("all")
    if kept is None and "record" in members and "record" not in errors:
        try:
            mode = _future_mode(members["record"], now_ms)
        except ValueError as error:
            errors["record"] = {"invalid": {"message": str(error), "value": members["record"]}}
    if errors:
        raise InvalidRequestError.of(errors)
    element = {name: value for name, value in members.items() if name not in OWN}
    return Definition(
        name=members["name"],
        element=element | {"debug": element.get("debug", True)},
        record=mode,
        rewrite=members.get("rewrite", False),
    )


def _check_form(members: dict[str, Any]) -> None:
    """Raise unless the members can be kept and shown just as they are."""
    if _depth(members) > MAX_DEPTH:
        raise InvalidRequestError("data", "invalid", f"nested more than {MAX_DEPTH} deep", target=MAX_DEPTH)
    try:
        json.dumps(members, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        message = "holds half of a surrogate pair, or a number beyond all limits"
        raise InvalidRequestError("data", "invalid", message) from None
    if len(json.dumps(members)) > MAX_SIZE:
        raise InvalidRequestError("data", "maxSize", f"a definition has at most {MAX_SIZE} bytes", target=MAX_SIZE)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while containers := [each for each in level if isinstance(each, dict | list)]:
        level = [inner for each in containers for inner in (each.values() if isinstance(each, dict) else each)]
        depth += 1
    return depth


def _broken_rules(schema: Schema, value: Any) -> ValidationErrors:
    check = Check()
    check.check((), schema, value)
    return schema_errors(check.violations) or {}


def _refused_urls(urls: Mapping[str, str], targets: Targets) -> ValidationErrors:
    faults = {name: targets.fault_of(url) for name, url in urls.items()}
    return {name: {"invalid": {"message": fault, "value": urls[name]}} for name, fault in faults.items() if fault}


def _future_mode(text: str, now_ms: int) -> RecordMode:
    mode = parse_record_mode(text)
    if mode.kind == "until" and mode.until_ms <= now_ms:
        raise ValueError("the time is over already")
    return mode
