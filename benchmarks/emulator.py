"""The real runtime: awslambdaric under AWS's runtime interface emulator, which lies in the wheel of aws-sam-cli.

DynamoDB is a server on loopback that sends canned bytes, so a request's sockets and parsing are in the figures. The
emulator adds about a millisecond of its own to each.
"""

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from benchmarks.canned import Answers, key_of
from benchmarks.cold import lambda_environment
from benchmarks.scenes import Scene
from local.machine import ROOT, STATE

Ask = Callable[[str], tuple[float, Any]]

EMPTY, OBVIOUS, OURS = "empty handler", "boto3 + TypeDeserializer + json", "debug_api, built artifact"
_WARM: Final = 20
_READY_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds from the start of the runtime to its first answer, and of a later one."""

    first: float
    later: float


def emulator() -> Path | None:
    """The emulator for this machine's processor, where SAM is installed."""
    processor = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), "")
    return next((STATE / "sam-venv").glob(f"lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{processor}"), None)


def through_the_runtime(program: Path, artifacts: Path, scene: Scene, rounds: int) -> dict[str, Taken]:
    """Medians over *rounds* of one start and some requests of each handler, in turn."""
    layer = str(artifacts / "PivotDebugLayer" / "python")
    tests = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "pivot_debug")])
    handlers = {
        EMPTY: ("benchmarks.empty_handler.handler", tests),
        OBVIOUS: ("benchmarks.baselines.obvious_handler", tests),
        OURS: ("app.handler", os.pathsep.join([str(artifacts / "DebugApiFunction"), layer])),
    }
    taken: dict[str, list[Taken]] = {name: [] for name in handlers}
    with _dynamodb(scene.answers | {"SecretId": b'{"SecretString":"a key of the benchmark"}'}) as endpoint_url:
        for _ in range(rounds):
            for name, (handler, path) in handlers.items():
                taken[name].append(_one_round(program, handler, path, endpoint_url, scene.event))
    return {
        name: Taken(statistics.median(one.first for one in all_), statistics.median(one.later for one in all_))
        for name, all_ in taken.items()
    }


def _one_round(program: Path, handler: str, path: str, endpoint_url: str, event: str) -> Taken:
    env = lambda_environment("debug_api") | {"PYTHONPATH": path, "AWS_ENDPOINT_URL": endpoint_url}
    with runtime(program, handler, env) as ask:
        first = _answered(ask, event)
        return Taken(first, statistics.median(_answered(ask, event) for _ in range(_WARM)))


def _answered(ask: Ask, event: str) -> float:
    milliseconds, reply = ask(event)
    if reply.get("statusCode") != 200:  # noqa: PLR2004 - the one answer that counts
        raise AssertionError(str(reply)[:500])
    return milliseconds


@contextmanager
def runtime(program: Path, handler: str, env: Mapping[str, str]) -> Iterator[Ask]:
    """The runtime with a handler: ask it an event, and get the milliseconds and the reply.

    The emulator starts the runtime with the first event, so that its answer has the whole start in it.
    """
    port = _free_port()
    addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    addresses += ["--runtime-api-address", f"127.0.0.1:{_free_port()}"]
    command = [str(program), *addresses, sys.executable, "-m", "awslambdaric", handler]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - AWS's own program
    try:
        _wait_for(port)
        yield lambda event: _asked(port, event)
    finally:
        process.terminate()
        process.wait()


def _asked(port: int, event: str) -> tuple[float, Any]:
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    began = time.perf_counter()
    with urllib.request.urlopen(url, event.encode(), timeout=60) as answer:
        reply = json.load(answer)
    return (time.perf_counter() - began) * 1000, reply


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError("the emulator did not start")


@contextmanager
def _dynamodb(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else head and body of an answer would wait for each other.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = answers[key_of(self.rfile.read(int(self.headers["content-length"])))]
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
