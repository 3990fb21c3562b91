"""What an answer costs on its way out: compressed by the function, left to the gateway, or known already."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

from benchmarks import warm
from benchmarks.measure import Figure, interleaved, timed
from benchmarks.scenes import Scene
from functions.debug_api import app as debug_api

PLAIN, LEVEL_1, LEVEL_6 = (
    "as it is: the gateway compresses",
    "gzip level 1 in the function",
    "gzip level 6 in the function",
)
KNOWN = "304: the client has it"


def wire(scene: Scene, rounds: int) -> tuple[dict[str, Figure], dict[str, int]]:
    """Processor time of each way, and bytes that leave the function."""
    with warm.stage(scene):
        etag = debug_api.handler(json.loads(scene.event), None)["headers"]["ETag"]
        asking = json.loads(scene.event)
        asking["headers"]["If-None-Match"] = etag
        handlers: dict[str, Callable[[Any, Any], Any]] = {
            PLAIN: debug_api.handler,
            LEVEL_1: _compressed(1),
            LEVEL_6: _compressed(6),
        }
        invocations = {name: warm.invocation(handler, scene.event) for name, handler in handlers.items()}
        invocations[KNOWN] = warm.invocation(debug_api.handler, json.dumps(asking))
        sizes = {name: len(invoke()) for name, invoke in invocations.items()}
        return interleaved({name: timed(invoke) for name, invoke in invocations.items()}, PLAIN, rounds), sizes


def _compressed(level: int) -> Callable[[Any, Any], Any]:
    def handler(event: Any, context: Any) -> Any:
        reply = debug_api.handler(event, context)
        body = base64.b64encode(gzip.compress(reply["body"].encode(), level, mtime=0)).decode()
        headers = {**reply["headers"], "Content-Encoding": "gzip"}
        return {**reply, "body": body, "headers": headers, "isBase64Encoded": True}

    return handler
