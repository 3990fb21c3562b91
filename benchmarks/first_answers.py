"""How long each function takes from the start of its process to its first answer, through the real runtime.

Each gets an event that it answers without AWS, so that nothing but its start is in the figure.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.cold import FUNCTIONS, METHOD_ARN, a_jwt, lambda_environment, logical_id
from benchmarks.emulator import EMPTY, runtime
from benchmarks.measure import Figure, interleaved
from benchmarks.names import BARE, JWT
from local.machine import ROOT
from tests.builders import a_relay_event, api_event

_EVENTS: Final[dict[str, Any]] = {
    "authorizer": {"authorizationToken": "pvd_no_token", "methodArn": METHOD_ARN},
    "recorder": {"Records": []},
    "relay": a_relay_event(raw_path="/nothing/here"),
}


@dataclass(frozen=True)
class Start:
    """A handler, where its code lies, and the event of its first request."""

    handler: str
    path: str
    event: Any
    variables: Mapping[str, str]


def first_answers(program: Path, artifacts: Path, rounds: int) -> dict[str, Figure]:
    """Every function, and an empty one, against one that makes boto3's bare client."""
    variants = {name: partial(_first, program, start) for name, start in _starts(artifacts).items()}
    return interleaved(variants, BARE, rounds)


def _nobodys_request() -> dict[str, Any]:
    """Refused before anything is read: its verb has no route, and no token stands behind it."""
    event = api_event(method="PATCH")
    return event | {"requestContext": event["requestContext"] | {"authorizer": {}}}


def _starts(artifacts: Path) -> dict[str, Start]:
    ours = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "pivot_debug")])
    token, variables = a_jwt()
    refused = _nobodys_request()
    built = {
        name: Start("app.handler", _built(artifacts, name), _EVENTS.get(name, refused), lambda_environment(name))
        for name in FUNCTIONS
    }
    decided = {"authorizationToken": token, "methodArn": METHOD_ARN}
    return {
        EMPTY: Start("benchmarks.empty_handler.handler", ours, {}, lambda_environment("debug_api")),
        BARE: Start("benchmarks.client_handler.handler", ours, {}, lambda_environment("debug_api")),
        **built,
        JWT: Start("app.handler", _built(artifacts, "authorizer"), decided, variables),
    }


def _built(artifacts: Path, function: str) -> str:
    return os.pathsep.join([str(artifacts / logical_id(function)), str(artifacts / "PivotDebugLayer" / "python")])


def _first(program: Path, start: Start) -> float:
    with runtime(program, start.handler, {**start.variables, "PYTHONPATH": start.path}) as ask:
        return ask(json.dumps(start.event))[0]
