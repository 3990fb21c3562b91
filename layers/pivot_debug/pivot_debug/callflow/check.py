"""Tells what KAZOO makes of an answer in KAZOO JSON. Pure."""

from dataclasses import dataclass, field
from typing import Any

from pivot_debug.callflow.json_positions import JsonDocument, parse_json
from pivot_debug.callflow.json_reader import HALF_PAIR, JsonSyntaxError
from pivot_debug.callflow.report import findings_of
from pivot_debug.callflow.rules import Check
from pivot_debug.callflow.stored import schema_errors
from pivot_debug.callflow.syntax import BOM, finding_at, json_errors, syntax_finding
from pivot_debug.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCheck:
    """Errors, then warnings, and what KAZOO would keep of them.

    ``schema_errors`` and ``json_errors`` have the shape of KAZOO's own debug documents; ``json_errors`` is None where
    KAZOO would store none, although the body is not JSON. ``effective_flow`` is what KAZOO would execute, if anything:
    the answer with all defaults filled in.
    """

    findings: list[Finding] = field(default_factory=list)
    schema_errors: dict[str, Any] | None = None
    json_errors: dict[str, str] | None = None
    effective_flow: dict[str, Any] | None = None


def check_call_action(body: str, *, relay_root: str | None = None) -> ActionCheck:
    """Check the body of an answer. It may be anything: nothing is raised.

    With *relay_root*, the address under which KAZOO reaches our relay, each pivot action that leads past it is warned
    of, instead of each that KAZOO itself would not record.
    """
    body = HALF_PAIR.sub("\ufffd", body)  # one character for one: places stay where they are
    noticed = _bom_findings(body)
    try:
        document = parse_json(body, len(noticed))
    except JsonSyntaxError as error:
        return ActionCheck(findings=[syntax_finding(error, body), *noticed], json_errors=json_errors(error, body))
    if document.half_pair is not None:
        return ActionCheck(findings=[_half_pair_finding(body, document.half_pair), *noticed])
    return _check_document(document, noticed, relay_root)


def unread_from(body: str) -> int:
    """The offset from which on a check reads nothing, since the body is no JSON any more; where it is, its end."""
    try:
        parse_json(HALF_PAIR.sub("\ufffd", body), len(_bom_findings(body)))
    except JsonSyntaxError as error:
        return error.offset
    return len(body)


def _check_document(document: JsonDocument, noticed: list[Finding], relay_root: str | None) -> ActionCheck:
    check = Check()
    check.check_flow(document.value)
    found = findings_of(check, document, relay_root)
    if not check.violations:
        check.fill_in_defaults()
    return ActionCheck(
        findings=sorted([*noticed, *found], key=lambda finding: finding.severity is not Severity.ERROR),
        schema_errors=schema_errors(check.violations),
        effective_flow=None if check.violations else document.value,
    )


def _bom_findings(body: str) -> list[Finding]:
    if not body.startswith(BOM):
        return []
    return [
        finding_at(
            body,
            0,
            severity=Severity.WARNING,
            message="The body begins with a byte order mark: save the script as UTF-8 without it.",
            expected="the JSON itself",
            got="a byte order mark (U+FEFF)",
        )
    ]


def _half_pair_finding(body: str, offset: int) -> Finding:
    return finding_at(
        body,
        offset,
        message="KAZOO refuses a string with half of a surrogate pair: \\ud800 to \\udfff stand in pairs only.",
        expected="a whole surrogate pair",
        got="half of one",
    )
