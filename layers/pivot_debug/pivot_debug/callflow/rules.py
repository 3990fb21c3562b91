"""Checks an answer against the descriptions of the call actions, in the way KAZOO does. Pure.

Defaults count before required fields are missed, no value is converted, names outside of the descriptions are allowed,
and all faults are found, not the first alone.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pivot_debug.callflow.json_reader import Path
from pivot_debug.callflow.limits import broken_rule
from pivot_debug.callflow.modules import ACTION, MODULES
from pivot_debug.callflow.schema import Schema

MAX_FAULTS = 100
"""A body with more faults than this has one fault many times: the rest is not looked for."""

_UNKNOWN_MODULE = "unable to find callflow schema for module {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One fault. ``keyword`` is KAZOO's code for it, ``target`` what the rule asks for, ``value`` what is there.

    ``inner``: where no alternative fits, the faults within the one that comes closest.
    """

    path: Path
    keyword: str
    target: Any
    value: Any
    schema: Schema
    inner: "tuple[Violation, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownName:
    """A member that KAZOO does not read, and the names that it would."""

    path: Path
    known: frozenset[str]


class Check:
    """What was found in a value: faults, unknown names, all actions with their paths, and defaults to fill in."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.unknown: list[UnknownName] = []
        self.actions: list[tuple[Path, dict[str, Any]]] = []
        self.defaults: list[tuple[dict[str, Any], str, Any]] = []

    def check_flow(self, flow: Any) -> None:
        """Check an action and all that hang below it."""
        for path, action in actions_of(flow):
            if self._is_full():
                break
            self.check(path, ACTION, action)
            if isinstance(action, dict):
                self.actions.append((path, action))
                self._check_data(path, action)

    def fill_in_defaults(self) -> None:
        """Change what was checked: absent members get their defaults."""
        for members, name, default in self.defaults:
            members[name] = default

    def check(self, path: Path, schema: Schema, value: Any, *, is_part: bool = False) -> None:
        """Check one value. ``is_part``: this schema alone does not describe it."""
        if self._is_full():
            return
        broken = broken_rule(schema, value)
        if broken is not None:
            self._add(path, broken[0], value, schema, target=broken[1])
        if broken is None or broken[0] != "type":
            self._check_inside(path, schema, value, is_part=is_part)

    def _check_inside(self, path: Path, schema: Schema, value: Any, *, is_part: bool) -> None:
        if isinstance(value, dict):
            self._check_members(path, schema, value)
            if not is_part:
                self._look_for_unknown(path, schema, value)
        if isinstance(value, list) and schema.items is not None:
            for index, item in enumerate(value):
                self.check((*path, index), schema.items, item)
        if schema.like is not None:
            self.check(path, schema.like, value, is_part=True)
        if schema.alternatives():
            self._check_alternatives(path, schema, value)

    def _check_members(self, path: Path, schema: Schema, value: dict[str, Any]) -> None:
        for name, described in schema.fields.items():
            if name in value:
                self.check((*path, name), described, value[name])
            elif described.has_default():
                default = self._default(value, name, deepcopy(described.default))
                self.check((*path, name), described, default)
            elif described.required:
                self._add((*path, name), "required", name, described)
        if schema.members is not None:
            self._check_named_members(path, schema, schema.members, value)

    def _check_named_members(self, path: Path, schema: Schema, members: Schema, value: dict[str, Any]) -> None:
        for name, member in value.items():
            if re.search(schema.name_pattern, name) is None:
                self._add((*path, name), "additionalProperties", value, schema)
            else:
                self.check((*path, name), members, member)

    def _check_data(self, path: Path, action: dict[str, Any]) -> None:
        data = action["data"] if "data" in action else self._default(action, "data", {})
        module = action.get("module")
        if not isinstance(module, str):
            return
        if module not in MODULES:
            reason = _UNKNOWN_MODULE.format(module)
            self._add((*path, "module"), "error", module, ACTION.fields["module"], target=reason)
        elif isinstance(data, dict):
            self.check((*path, "data"), MODULES[module], data)

    def _default(self, members: dict[str, Any], name: str, default: Any) -> Any:
        self.defaults.append((members, name, default))
        return default

    def _look_for_unknown(self, path: Path, schema: Schema, value: dict[str, Any]) -> None:
        known = schema.known_names()
        if known is not None and len(self.unknown) < MAX_FAULTS:
            names = [name for name in value if name not in known][:MAX_FAULTS]
            self.unknown += [UnknownName(path=(*path, name), known=known) for name in names]

    def _check_alternatives(self, path: Path, schema: Schema, value: Any) -> None:
        attempts = [_attempt(path, part, value) for part in schema.alternatives()]
        fitting = [attempt for attempt in attempts if not attempt.violations]
        if len(fitting) == 1 or (fitting and schema.any_of):
            self.unknown += fitting[0].unknown
            self.defaults += fitting[0].defaults
        elif fitting:
            self._add(path, "more_than_one_schema_valid", value, schema)
        else:
            keyword = "any_schemas_not_valid" if schema.any_of else "not_one_schema_valid"
            self._add(path, keyword, value, schema, inner=_closest(path, attempts))

    def _add(
        self,
        path: Path,
        keyword: str,
        value: Any,
        schema: Schema,
        *,
        target: Any = None,
        inner: tuple[Violation, ...] = (),
    ) -> None:
        # Like KAZOO, keep one fault for a place: the first.
        if all(each.path != path for each in self.violations):
            found = Violation(path=path, keyword=keyword, target=target, value=value, schema=schema, inner=inner)
            self.violations.append(found)

    def _is_full(self) -> bool:
        return len(self.violations) >= MAX_FAULTS


def actions_of(flow: Any) -> Iterator[tuple[Path, Any]]:
    """The flow and all that stands where an action should below it, each with its path."""
    waiting: list[tuple[Path, Any]] = [((), flow)]
    while waiting:
        path, action = waiting.pop()
        yield path, action
        waiting.extend(reversed(list(_children(path, action))))


def _children(path: Path, action: Any) -> Iterator[tuple[Path, Any]]:
    children = action.get("children") if isinstance(action, dict) else None
    if isinstance(children, dict):
        for branch, child in children.items():
            if branch:  # KAZOO's description of children says nothing of an empty name
                yield (*path, "children", branch), child


def _attempt(path: Path, part: Schema, value: Any) -> Check:
    attempt = Check()
    attempt.check(path, part, value, is_part=True)
    return attempt


def _closest(path: Path, attempts: list[Check]) -> tuple[Violation, ...]:
    """The faults of the alternative that was meant; none where that cannot be told."""
    meant = [
        attempt.violations for attempt in attempts if not any(_is_other(path, each) for each in attempt.violations)
    ]
    # The fault that lies deepest belongs to the alternative that fits the furthest.
    return tuple(max(meant, key=lambda faults: max(len(fault.path) for fault in faults), default=[]))


def _is_other(path: Path, fault: Violation) -> bool:
    """Whether the fault shows that this alternative was not meant: another type, or another of several names."""
    return (fault.path == path and fault.keyword == "type") or (fault.keyword == "enum" and len(fault.target) == 1)
