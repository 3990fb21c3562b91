"""Turns what the rules found into findings, each with its place in the body. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pivot_debug.callflow.explain import expected, got, reason_against, shown
from pivot_debug.callflow.json_positions import JsonDocument, pointer_of
from pivot_debug.callflow.json_reader import Path
from pivot_debug.callflow.limits import INVALID_URL
from pivot_debug.callflow.modules import ACTION, MODULES
from pivot_debug.callflow.rules import MAX_FAULTS, Check, UnknownName, Violation
from pivot_debug.callflow.schema import Schema
from pivot_debug.callflow.suggest import module_meant, value_meant, word_meant
from pivot_debug.findings import Finding, Severity, excerpt
from pivot_debug.kazoo_urls import is_absolute, is_under

_LISTED = 12
"""Names that are listed one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remark:
    """A finding that knows its path and not yet its place. ``is_about_name``: about the name, not about the value."""

    code: str
    message: str
    path: Path
    expected: str
    got: str
    did_you_mean: str | None = None
    is_about_name: bool = False


def findings_of(check: Check, document: JsonDocument, relay_root: str | None) -> list[Finding]:
    """What KAZOO refuses, then what it takes otherwise than was probably meant, both in the order of the body.

    *relay_root* is where KAZOO reaches our relay, None where it does without.
    """
    faults = _placed(_faults(check, document.value), Severity.ERROR, document)
    return faults + _placed(_doubts(check, document.value, relay_root), Severity.WARNING, document)


def _placed(remarks: Sequence[_Remark], severity: Severity, document: JsonDocument) -> list[Finding]:
    """The findings in the order of the body, no more than anyone reads."""
    findings = [_finding(remark, severity, document) for remark in remarks[:MAX_FAULTS]]
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))


def _name(path: Path) -> str:
    """``data.endpoints.0`` as KAZOO writes it."""
    return ".".join(str(step) for step in path)


def _finding(remark: _Remark, severity: Severity, document: JsonDocument) -> Finding:
    position = document.name_position(remark.path) if remark.is_about_name else document.position(remark.path)
    return Finding(
        code=remark.code,
        severity=severity,
        message=remark.message,
        pointer=pointer_of(remark.path),
        line=position.line,
        column=position.column,
        expected=remark.expected,
        got=remark.got,
        did_you_mean=remark.did_you_mean,
        excerpt=excerpt(document.text, position.line, position.column),
    )


def _faults(check: Check, answer: Any) -> list[_Remark]:
    """Why KAZOO refuses the answer; nothing if it does not."""
    unbranched = _unbranched_paths(check)
    violations = [fault for fault in _told(check.violations) if not _is_misplaced(fault.path, unbranched)]
    reason = reason_against(answer)
    if reason is not None:
        violations = [fault for fault in violations if fault.path not in {(), ("module",)}]
    return [
        *([_not_an_action(reason, answer)] if reason is not None else []),
        *(_unbranched(path) for path in unbranched),
        *(_violation(fault) for fault in violations),
    ]


def _told(violations: Sequence[Violation]) -> Iterator[Violation]:
    """The faults worth telling: where no alternative fits, those within the closest one."""
    for violation in violations:
        if violation.inner:
            yield from _told(violation.inner)
        elif not violation.schema.alternatives() or not _has_faults_inside(violation, violations):
            yield violation


def _has_faults_inside(violation: Violation, violations: Iterable[Violation]) -> bool:
    return any(other is not violation and _is_below(other.path, [violation.path]) for other in violations)


def _is_below(path: Path, parents: Iterable[Path]) -> bool:
    return any(path[: len(parent)] == parent for parent in parents)


def _unbranched_paths(check: Check) -> list[Path]:
    """Where children holds an action itself, without the name of a branch between."""
    children = (((*path, "children"), action.get("children")) for path, action in check.actions)
    return [path for path, value in children if isinstance(value, dict) and isinstance(value.get("module"), str)]


def _is_misplaced(path: Path, unbranched: Iterable[Path]) -> bool:
    """Whether this is part of an action that stands where its branch should: one remark says it all."""
    return any(_is_below(path, [(*parent, name) for name in ACTION.fields]) for parent in unbranched)


def _not_an_action(reason: str, answer: Any) -> _Remark:
    return _Remark(
        code="not_an_action",
        message=reason,
        path=(),
        expected='an object with "module", "data" and "children"',
        got=shown(answer),
    )


def _unbranched(path: Path) -> _Remark:
    return _Remark(
        code="schema_violation",
        message=f'{_name(path)} holds an action itself: put it under the name of a branch, such as "_".',
        path=path,
        expected="an object of branches, each with an action",
        got="an action",
        did_you_mean='{"_": {"module": …}}',
    )


def _violation(fault: Violation) -> _Remark:
    if fault.keyword == "error" and fault.target != INVALID_URL:
        return _unknown_module(fault)
    wanted, found = expected(fault), got(fault)
    sentence = f"{_name(fault.path)} must be {wanted}, not {found}."
    if fault.keyword == "required":
        sentence = f"{_name(fault.path)} is required: {wanted}."
    return _Remark(
        code="schema_violation",
        message=f"{INVALID_URL}: {sentence}" if fault.target == INVALID_URL else sentence,
        path=fault.path,
        expected=wanted,
        got=found,
        did_you_mean=value_meant(fault.schema, fault.value) if fault.keyword in {"type", "enum"} else None,
        is_about_name=fault.keyword == "additionalProperties",
    )


def _unknown_module(fault: Violation) -> _Remark:
    meant = module_meant(fault.value, MODULES)
    return _Remark(
        code="unknown_module",
        message=f"KAZOO has no module {shown(fault.value)}." + (f' Did you mean "{meant}"?' if meant else ""),
        path=fault.path,
        expected="the name of one of KAZOO's modules",
        got=shown(fault.value),
        did_you_mean=meant,
    )


def _doubts(check: Check, answer: Any, relay_root: str | None) -> list[_Remark]:
    """Names that KAZOO does not read, and pivots that will not be recorded."""
    is_action, unbranched = reason_against(answer) is None, _unbranched_paths(check)
    unknown = (name for name in check.unknown if is_action or len(name.path) > 1)
    told = (name for name in unknown if not _is_misplaced(name.path, unbranched))
    actions = dict(check.actions)
    # What comes through the relay is recorded whether KAZOO debugs or not.
    unrecorded = _undebugged_pivots(check) if relay_root is None else _leaving_pivots(check, relay_root)
    return [*(_unknown_name(name, actions) for name in told), *unrecorded]


def _unknown_name(unknown: UnknownName, actions: Mapping[Path, dict[str, Any]]) -> _Remark:
    name = str(unknown.path[-1])
    action = actions.get(unknown.path[:-1])
    belongs_into_data = action is not None and name in _fields_of(action)
    meant = f"data.{name}" if belongs_into_data else word_meant(name, unknown.known)
    known = sorted(unknown.known)
    return _Remark(
        code="unknown_key",
        message=f"KAZOO does not read {_name(unknown.path)}." + (f' Did you mean "{meant}"?' if meant else ""),
        path=unknown.path,
        expected=f"one of {', '.join(known)}" if len(known) <= _LISTED else "a name that KAZOO reads",
        got=shown(name),
        did_you_mean=meant,
        is_about_name=True,
    )


def _fields_of(action: dict[str, Any]) -> Mapping[str, Schema]:
    module = action.get("module")
    return MODULES[module].fields if isinstance(module, str) and module in MODULES else {}


def _pivots(check: Check) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The data of every pivot action, with its path."""
    for path, action in check.actions:
        data = action.get("data")
        if action.get("module") == "pivot" and isinstance(data, dict):
            yield (*path, "data"), data


def _leaving_pivots(check: Check, relay_root: str) -> Iterator[_Remark]:
    for path, data in _pivots(check):
        url = data.get("voice_url")
        if isinstance(url, str) and is_absolute(url) and not is_under(url, relay_root):
            yield _Remark(
                code="leaves_relay",
                message=f"KAZOO calls {shown(url)} directly. That step is not recorded.",
                path=(*path, "voice_url"),
                expected=f"an address below {relay_root}",
                got=shown(url),
            )


def _undebugged_pivots(check: Check) -> Iterator[_Remark]:
    for path, data in _pivots(check):
        if data.get("debug") is not True:
            yield _undebugged_pivot(path, data)


def _undebugged_pivot(path: Path, data: dict[str, Any]) -> _Remark:
    return _Remark(
        code="debug_not_inherited",
        message="A pivot action inherits no debug setting: KAZOO will record nothing from here on.",
        path=(*path, "debug") if "debug" in data else path,
        expected='"debug": true',
        got=shown(data["debug"]) if "debug" in data else "nothing",
    )
