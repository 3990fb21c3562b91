"""Plays a call against a Pivot server, request by request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pivot_debug.attempts import SLOW_PART
from pivot_debug.diagnosis import Answer, Diagnosis
from pivot_debug.dictionary import ERROR_CODES, reason_of
from pivot_debug.findings import Finding, Severity
from pivot_debug.upstream.model import TransportError, UpstreamAnswer, UpstreamRequest
from pivot_debug_cli.answers import answer_of, has_errors, twiml_root
from pivot_debug_cli.kazoo_client import ask
from pivot_debug_cli.kazoo_requests import Call, Params, kazoo_request, overlaid
from pivot_debug_cli.kazoo_steps import End, Next, State, after_flow, after_twiml
from pivot_debug_cli.local_urls import diagnose_near
from pivot_debug_cli.outline import flow_outline, twiml_outline


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A request, what came of it, and what follows. ``runs`` are the verbs or modules that KAZOO accepts."""

    number: int
    why: str
    request: UpstreamRequest
    ms: int
    then: Next | End | None
    reply: UpstreamAnswer | None = None
    content_type: str = ""
    runs: str = ""
    remark: str = ""
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A call to be played. ``own`` are parameters laid over those that KAZOO sends."""

    call: Call
    state: State
    own: Params
    timeout_ms: int
    max_steps: int

    def steps(self) -> Iterator[Step]:
        """Send request after request; each step is handed out when its answer is there."""
        onward: Next | End | None = Next(why="the call begins", state=self.state)
        for number in range(1, self.max_steps + 1):
            if not isinstance(onward, Next):
                return
            step = self._step(number, onward)
            onward = step.then
            yield step

    def _step(self, number: int, now: Next) -> Step:
        request = kazoo_request(now.state.target, overlaid(now.state.params(self.call), self.own))
        try:
            reply = ask(request, self.timeout_ms)
        except TransportError as error:
            ms, findings = round(error.total_ms), [_unanswered(error)]
            return Step(number=number, why=now.why, request=request, ms=ms, then=None, findings=findings)
        return _answered(number, now, request, reply, self.timeout_ms)


def _unanswered(error: TransportError) -> Finding:
    """For an address that no client can call KAZOO has no code of its own: it records the request, and no answer."""
    if error.phase == "guard":
        return Finding(code="no_response", severity=Severity.ERROR, message=f"KAZOO cannot call it: {error.message}")
    return Finding(code=error.code, severity=Severity.ERROR, message=error.message)


def _answered(number: int, now: Next, request: UpstreamRequest, reply: UpstreamAnswer, timeout_ms: int) -> Step:
    answer = answer_of(reply)
    diagnosis, remark = diagnose_near(answer, reply.url)
    runs, then = _executed(answer, diagnosis, now.state)
    return Step(
        number=number,
        why=now.why,
        request=request,
        ms=round(reply.total_ms),
        then=then,
        reply=reply,
        content_type=answer.header("content-type"),
        runs=runs,
        remark=remark,
        findings=[*diagnosis.findings, *_slowness(reply, timeout_ms)],
    )


def _executed(answer: Answer, diagnosis: Diagnosis, state: State) -> tuple[str, Next | End | None]:
    if diagnosis.effective_flow is not None:
        return flow_outline(diagnosis.effective_flow), after_flow(diagnosis.effective_flow, state)
    root = None if has_errors(diagnosis) else twiml_root(answer, diagnosis)
    return ("", None) if root is None else (twiml_outline(root), after_twiml(root, state))


def _slowness(reply: UpstreamAnswer, timeout_ms: int) -> list[Finding]:
    if reply.total_ms < SLOW_PART * timeout_ms:
        return []
    message = f"The answer took {round(reply.total_ms)} ms."
    return [Finding(code="slow_response", severity=Severity.WARNING, message=message)]


def verdict_of_trial(steps: list[Step], timeout_ms: int) -> dict[str, Any]:
    """As the service gives it of a recorded call: the first error, else the first warning, else ``ok``."""
    for severity in (Severity.ERROR, Severity.WARNING):
        for step in steps:
            for finding in step.findings:
                if finding.severity is severity and finding.code in ERROR_CODES:
                    return _verdict(step, finding, timeout_ms)
    return {"status": "ok"}


def _verdict(step: Step, finding: Finding, timeout_ms: int) -> dict[str, Any]:
    entry = ERROR_CODES[finding.code]
    facts = {
        "attempt": step.number,
        "status": step.reply and step.reply.status,
        "url": step.request.url,
        "content_type": step.content_type,
        "detail": finding.message,
        "place": finding.line and f"line {finding.line}, column {finding.column}",
        "ms": step.ms,
        "timeout_ms": timeout_ms,
    }
    return {
        "status": str(finding.severity),
        "code": finding.code,
        "attempt": step.number,
        "reason": reason_of(finding.code, facts),
        "hint": entry.hint,
        "prediction": entry.kazoo_does,
    }


def ending(steps: list[Step], max_steps: int) -> str:
    """How the call ends where no error ends it."""
    then = steps[-1].then
    if isinstance(then, Next):
        return f"KAZOO would go on ({then.why}); the trial stopped after {max_steps} requests (--max-steps)"
    return then.why if then else ""
