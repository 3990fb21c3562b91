"""``pivot-debug lint``: checks answers of a Pivot server as the service does, without a call."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from pivot_debug.diagnosis import Answer, Diagnosis, diagnose
from pivot_debug.dictionary import ERROR_CODES
from pivot_debug.findings import Severity
from pivot_debug.upstream.model import TransportError, UpstreamRequest
from pivot_debug_cli.answers import answer_of, file_answer, has_errors, twiml_root
from pivot_debug_cli.failures import FAILED, CommandError
from pivot_debug_cli.finding_lines import say, show_advice, show_findings, tally
from pivot_debug_cli.kazoo_client import ask
from pivot_debug_cli.outline import flow_outline, flow_tree, twiml_outline
from pivot_debug_cli.output import as_json, note

FAULTY = 1
"""Exit status where a checked answer has errors."""

TIMEOUT_MS = 5_000
"""As long as KAZOO waits."""


@dataclass(frozen=True, slots=True)
class _Checked:
    source: str
    answer: Answer
    diagnosis: Diagnosis

    def outline(self) -> str:
        """What KAZOO would run, in a line; "" where that is nothing."""
        if self.diagnosis.effective_flow is not None:
            return flow_outline(self.diagnosis.effective_flow)
        root = twiml_root(self.answer, self.diagnosis)
        return "" if root is None else twiml_outline(root)


def lint(
    *,
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE|URL|-...", help="Files, addresses to fetch, or - for standard input.")
    ],
    content_type: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help='Content-Type of a file; "" for none. [default: by its suffix or beginning]'),
    ] = None,
    status: Annotated[int, typer.Option(min=100, max=999, help="HTTP status of a file.")] = 200,
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON list, an object for each source.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
) -> None:
    """Check answers to Pivot, KAZOO JSON or TwiML, as KAZOO would take them.

    An address is fetched as KAZOO does it: GET, 5 seconds, redirects followed; its own status and headers count. The
    exit status is 0 if KAZOO would run everything, 1 if an answer has errors, 2 if one cannot be read.
    """
    checked, is_missing = [], False
    for source in sources:
        try:
            answer = _answer(source, content_type, status)
        except CommandError as error:
            note(str(error))
            is_missing = True
        else:
            checked.append(_Checked(source, answer, diagnose(answer)))
    _report(checked, as_list=json_output, is_one=len(sources) == 1)
    if is_missing:
        raise typer.Exit(FAILED)
    if any(fails(each.diagnosis, strict=strict) for each in checked):
        raise typer.Exit(FAULTY)


def fails(diagnosis: Diagnosis, *, strict: bool) -> bool:
    return has_errors(diagnosis) or (strict and bool(diagnosis.findings))


def _answer(source: str, content_type: str | None, status: int) -> Answer:
    if source.lower().startswith(("http://", "https://")):
        return _fetched(source)
    return file_answer(source, _read(source), content_type, status)


def _fetched(url: str) -> Answer:
    try:
        return answer_of(ask(UpstreamRequest(method="GET", url=url), TIMEOUT_MS))
    except TransportError as error:
        raise CommandError(f"cannot fetch {url}: {error}") from None


def _read(source: str) -> bytes:
    if source == "-":
        return typer.get_binary_stream("stdin").read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise CommandError(f"cannot read {source}: {error.strerror}") from None


def _report(checked: list[_Checked], *, as_list: bool, is_one: bool) -> None:
    if as_list:
        as_json([_described(each) for each in checked])
        return
    for each in checked:
        _show(each, prefix="" if is_one else f"{each.source}: ")


def _show(checked: _Checked, prefix: str) -> None:
    findings = checked.diagnosis.findings
    show_findings("<stdin>" if checked.source == "-" else checked.source, findings)
    if findings:
        say()
        show_advice(findings)
        say()
    if has_errors(checked.diagnosis):
        say(f"{prefix}{typer.style(tally(findings), fg=typer.colors.RED, bold=True)}")
        return
    for line in _tree(checked.diagnosis):
        say(f"    {line}")
    warned = f" ({tally(findings)})" if findings else ""
    ok = typer.style("ok", fg=typer.colors.GREEN, bold=True)
    say(f"{prefix}{ok}: KAZOO would run {checked.outline()}{warned}")


def _tree(diagnosis: Diagnosis) -> list[str]:
    return [] if diagnosis.effective_flow is None else flow_tree(diagnosis.effective_flow)


def _described(checked: _Checked) -> dict[str, Any]:
    """What a program needs; values that are not there are left out."""
    diagnosis = checked.diagnosis
    codes = dict.fromkeys(finding.code for finding in diagnosis.findings)
    return {
        "source": checked.source,
        "status": int(checked.answer.status),
        "content_type": checked.answer.header("content-type"),
        "errors": sum(finding.severity is Severity.ERROR for finding in diagnosis.findings),
        "warnings": sum(finding.severity is Severity.WARNING for finding in diagnosis.findings),
        "findings": [finding.as_json() for finding in diagnosis.findings],
        "advice": {code: advice(code) for code in codes if code in ERROR_CODES},
        **({"runs": checked.outline()} if checked.outline() else {}),
        **({} if diagnosis.effective_flow is None else {"effective_flow": diagnosis.effective_flow}),
    }


def advice(code: str) -> dict[str, str]:
    entry = ERROR_CODES[code]
    return {"kazoo_does": entry.kazoo_does, "hint": entry.hint}
