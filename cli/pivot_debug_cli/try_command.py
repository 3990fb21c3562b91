"""``pivot-debug try``: calls a Pivot server as KAZOO would, and follows its answers."""

import re
import uuid
from functools import reduce
from typing import Annotated, Literal

import typer

from pivot_debug.findings import Severity
from pivot_debug_cli.connection import account_id
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.kazoo_client import fault_of_url
from pivot_debug_cli.kazoo_requests import Call, Params, Target, overlaid, own_param
from pivot_debug_cli.kazoo_steps import State
from pivot_debug_cli.lint_command import FAULTY, TIMEOUT_MS
from pivot_debug_cli.output import as_json
from pivot_debug_cli.timeline import described_step, show_call, show_step, show_verdict
from pivot_debug_cli.trial import Trial, ending, verdict_of_trial

_MADE_UP_ACCOUNT = "0123456789abcdef0123456789abcdef"
_KEYS = re.compile(r"[0-9A-D*#]*")


def try_server(
    *,
    url: Annotated[str, typer.Argument(metavar="URL", help="The voice_url.")],
    method: Annotated[Literal["get", "post"], typer.Option(help="Method of the first request.")] = "get",
    req_format: Annotated[Literal["kazoo", "twiml"], typer.Option("--format", help="Names of parameters.")] = "kazoo",
    body_format: Annotated[Literal["form", "json"], typer.Option(help="Body of a POST.")] = "form",
    caller: Annotated[str, typer.Option("--from", metavar="NUMBER", help="Who calls.")] = "+12025550143",
    called: Annotated[str, typer.Option("--to", metavar="NUMBER", help="Who is called.")] = "+12025550100",
    account: Annotated[
        str, typer.Option(metavar="ACCOUNT_ID", help="The account. [default: made up]", show_default=False)
    ] = _MADE_UP_ACCOUNT,
    digits: Annotated[
        str, typer.Option(metavar="1,2,...", help="What the caller presses: at each prompt what is up to a comma.")
    ] = "",
    timeout_ms: Annotated[int, typer.Option(min=1, max=60_000, help="How long KAZOO waits.")] = TIMEOUT_MS,
    max_steps: Annotated[int, typer.Option(min=1, max=100, help="Stop after that many requests.")] = 10,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="One more parameter of each request; may repeat.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Call a Pivot server as KAZOO would, and follow its answers step by step.

    It goes as far as can be told without a phone: along children._ of KAZOO JSON to the next pivot, from TwiML where
    Redirect, Gather, Record or Dial lead. The exit status is 0 if nothing fails, 1 if KAZOO would stumble, 2 for wrong
    usage.
    """
    call = Call(call_id=f"try-{uuid.uuid4()}", account_id=account_id(account), caller=caller, called=called)
    target = Target(url=_checked(url), method=method, req_format=req_format, body_format=body_format)
    state = State(target=target, digits=_presses(digits))
    trial = Trial(call=call, state=state, own=_own(param or []), timeout_ms=timeout_ms, max_steps=max_steps)
    if _play(trial, as_object=json_output) == Severity.ERROR:
        raise typer.Exit(FAULTY)


def _play(trial: Trial, *, as_object: bool) -> str:
    """Play the call and show it; the verdict's status is returned."""
    if not as_object:
        show_call(trial.call)
    steps = []
    for step in trial.steps():
        steps.append(step)
        if not as_object:
            show_step(step)
    verdict, end = verdict_of_trial(steps, trial.timeout_ms), ending(steps, trial.max_steps)
    if as_object:
        ended = {"ending": end} if end else {}
        described = [described_step(step) for step in steps]
        as_json({"call_id": trial.call.call_id, "steps": described, "verdict": verdict, **ended})
    else:
        show_verdict(verdict, end)
    return str(verdict["status"])


def _checked(url: str) -> str:
    if fault := fault_of_url(url):
        raise CommandError(f"KAZOO cannot call this voice_url: {fault}")
    return url


def _presses(text: str) -> tuple[str, ...]:
    presses = tuple(press.strip() for press in text.split(",")) if text else ()
    wrong = next((press for press in presses if not _KEYS.fullmatch(press)), None)
    if wrong is not None:
        raise CommandError(f"--digits: {wrong!r} cannot be pressed; a phone has 0-9, *, # and A-D")
    return presses


def _own(texts: list[str]) -> Params:
    try:
        return reduce(overlaid, map(own_param, texts), {})
    except ValueError as error:
        raise CommandError(f"--param: {error}") from None
