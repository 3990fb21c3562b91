"""A warm invocation, from the runtime's event to the runtime's answer: processor time of our handlers and of others."""

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

from benchmarks import baselines
from benchmarks.canned import played
from benchmarks.measure import Figure, interleaved, timed
from benchmarks.names import OBVIOUS, OURS, PEER, UNCOUNTED
from benchmarks.scenes import Scene
from functions.debug_api import app as debug_api
from pivot_debug import clock, endpoint
from tests import builders
from tests.template import environment

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    **environment("DebugApiFunction"),
}

# Never closed: the logger keeps the stream that it was made with.
NOWHERE = Path("/dev/null").open("w")  # noqa: SIM115 - as above
_marshaller = LambdaMarshaller()


def _uncounted(event: dict[str, Any], context: Any) -> Any:
    """The baselines count no requests; so this is what we do in their place."""
    with patch.object(endpoint, "usage_of", lambda _: None):
        return debug_api.handler(event, context)


HANDLERS: Final[dict[str, Callable[[], baselines.Handler]]] = {
    OBVIOUS: lambda: baselines.obvious_handler,
    PEER: baselines.fastapi_handler,
    OURS: lambda: debug_api.handler,
    UNCOUNTED: lambda: _uncounted,
}


def invocation(handler: baselines.Handler, event: str) -> Callable[[], Any]:
    """What the runtime does for one event: decode it, call the handler, encode what it returned."""

    def invoke() -> str:
        reply: str = _marshaller.marshal_response(handler(json.loads(event), None))[0]
        return reply

    return invoke


@contextmanager
def stage(scene: Scene) -> Iterator[None]:
    """DynamoDB and the environment of the function, its log thrown away, and the clock of the payloads."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict("os.environ", ENVIRONMENT))
        stack.enter_context(redirect_stdout(NOWHERE))
        stack.enter_context(patch.object(clock, "now_ms", lambda: builders.NOW_MS))
        stack.enter_context(patch.object(debug_api, "cursor_key", lambda: b"k" * 64))
        stack.enter_context(played(scene.answers))
        yield


def check(invoke: Callable[[], str], scene: Scene) -> int:
    """Bytes of the answer; AssertionError where it does not hold what it should."""
    reply = json.loads(invoke())
    documents = json.loads(reply["body"])["data"]
    if (reply["statusCode"], len(documents)) != (200, scene.documents):
        raise AssertionError(reply["body"][:500])
    return len(reply["body"])


def warm(scene: Scene, rounds: int) -> dict[str, Figure]:
    """Every handler on a scene, against the obvious one."""
    with stage(scene):
        variants = {name: invocation(handler(), scene.event) for name, handler in HANDLERS.items()}
        for invoke in variants.values():
            check(invoke, scene)
        # What is loaded stays: else each variant would pay for looking through the modules of the others.
        gc.collect()
        gc.freeze()
        return interleaved({name: timed(invoke) for name, invoke in variants.items()}, OBVIOUS, rounds)
