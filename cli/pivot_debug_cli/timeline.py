"""Shows a tried call: step by step for people, whole for programs."""

from typing import Any

import typer

from pivot_debug.findings import Severity
from pivot_debug.upstream.model import UpstreamAnswer
from pivot_debug_cli.answers import by_name
from pivot_debug_cli.finding_lines import say, show_findings
from pivot_debug_cli.kazoo_requests import Call
from pivot_debug_cli.output import one_line
from pivot_debug_cli.trial import Step

_INDENT = "   "
_COLOURS = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "error": typer.colors.RED}


def show_call(call: Call) -> None:
    say(one_line(f"call {call.call_id} from {call.caller} to {call.called}, account {call.account_id}"))


def show_step(step: Step) -> None:
    number = typer.style(f"{step.number:<2}", bold=True)
    say()
    say(f"{number} {step.request.method} {one_line(step.request.url)}  ({step.why})")
    if step.request.body:
        say(f"{_INDENT}{one_line(step.request.body.decode())}")
    say(f"{_INDENT}{_outcome(step)}")
    if step.remark:
        say(f"{_INDENT}note: {step.remark}")
    show_findings(f"answer {step.number}", step.findings, _INDENT)


def _outcome(step: Step) -> str:
    if step.reply is None:
        return f"no answer, {step.ms} ms"
    hops = "".join(f"{hop}, " for hop in _hops(step.reply))
    kind = step.content_type or "no Content-Type"
    runs = f": {step.runs}" if step.runs else ""
    return one_line(f"{hops}{step.reply.status} {kind}, {step.ms} ms{runs}")


def _hops(reply: UpstreamAnswer) -> list[str]:
    return [f"{hop.status} to {hop.location}" for hop in reply.hops]


def show_verdict(verdict: dict[str, Any], ending: str) -> None:
    status = verdict["status"]
    code = f"[{verdict['code']}]" if "code" in verdict else ""
    reason = f" {one_line(verdict['reason'])}" if "reason" in verdict else ""
    say()
    say(f"verdict: {typer.style(f'{status}{code}', fg=_COLOURS[status], bold=True)}{reason}")
    say(f"prediction: {verdict['prediction'] if status == Severity.ERROR else ending}")
    if "hint" in verdict:
        say(f"hint: {verdict['hint']}")


def described_step(step: Step) -> dict[str, Any]:
    """What a program needs of a step; values that are not there are left out."""
    request, reply = step.request, step.reply
    optional = {
        "status": reply and reply.status,
        "redirects": _hops(reply) if reply and reply.hops else None,
        "response_headers": reply and by_name(reply.headers),
        "runs": step.runs or None,
        "remark": step.remark or None,
        "then": step.then and step.then.why,
    }
    return {
        "step": step.number,
        "why": step.why,
        "method": request.method,
        "url": request.url,
        "headers": by_name(request.headers),
        "body": request.body.decode(),
        "ms": step.ms,
        **{name: value for name, value in optional.items() if value is not None},
        "findings": [finding.as_json() for finding in step.findings],
    }
