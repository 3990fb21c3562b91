"""Writes findings as a good compiler would: place, words, the line with a caret, and at the end what to do."""

import os
from collections.abc import Iterable

import typer

from pivot_debug.dictionary import ERROR_CODES
from pivot_debug.findings import Finding, Severity
from pivot_debug_cli.output import one_line

_COLOURS = {Severity.ERROR: typer.colors.RED, Severity.WARNING: typer.colors.YELLOW}


def say(text: str = "") -> None:
    """A line on stdout; its colours are dropped unless that is a terminal, or where NO_COLOR is set."""
    typer.echo(text, color=False if os.environ.get("NO_COLOR") else None)


def show_findings(source: str, findings: Iterable[Finding], indent: str = "") -> None:
    for finding in findings:
        for line in finding_lines(source, finding):
            say(f"{indent}{line}".rstrip())


def show_advice(findings: Iterable[Finding], indent: str = "") -> None:
    """For each code once: what KAZOO does then, and what to do about it."""
    for code in dict.fromkeys(finding.code for finding in findings):
        if code in ERROR_CODES:
            entry = ERROR_CODES[code]
            say(f"{indent}{typer.style(code, bold=True)}")
            say(f"{indent}  then: {entry.kazoo_does}")
            say(f"{indent}  hint: {entry.hint}")


def finding_lines(source: str, finding: Finding) -> list[str]:
    """``file:line:column: error[code]: message``, then the excerpt, and what was expected there."""
    kind = typer.style(f"{finding.severity}[{finding.code}]", fg=_COLOURS[finding.severity], bold=True)
    known = {"expected": finding.expected, "got": finding.got, "did you mean": finding.did_you_mean}
    return [
        f"{_place(source, finding)}: {kind}: {one_line(finding.message)}",
        *(f"    {_in_place(line)}" for line in (finding.excerpt or "").split("\n") if line),
        *(f"  {name}: {one_line(value)}" for name, value in known.items() if value is not None),
    ]


def _place(source: str, finding: Finding) -> str:
    places = (source, finding.line, finding.column)
    return ":".join(one_line(str(place)) for place in places if place is not None)


def _in_place(text: str) -> str:
    """*text* with a space for each character that a terminal would obey, so that the caret stays where it is."""
    return "".join(character if character.isprintable() else " " for character in text)


def tally(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 warning``; "" where there are none."""
    counts = dict.fromkeys((Severity.ERROR, Severity.WARNING), 0)
    for finding in findings:
        counts[finding.severity] += 1
    return ", ".join(f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in counts.items() if number)
