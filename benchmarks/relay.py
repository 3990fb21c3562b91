"""What the relay adds to a call, warm: its handler against a plain request to the same server, in turn.

`python -m benchmarks.relay` writes benchmarks/relay.md. Wall-clock time on 127.0.0.1, new connections on both sides;
DynamoDB and SQS are left out, since a warm relay asks neither before KAZOO has its answer.
"""

import http.client
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from unittest.mock import patch

from tests.builders import ACCOUNT, RELAY_ID, RELAY_SECRET, a_relay, a_relay_event
from tests.template import environment

ROUNDS: Final = 400
QUERY: Final = "Call-ID=829597750%4010.26.0.158&Caller-ID-Number=%2B14155550100&To=2600&Api-Version=4.x"
PAGE: Final = Path(__file__).with_suffix(".md")

_PROMPT = '{"module":"tts","data":{"text":"%s"},"children":{"_":{"module":"hangup","data":{}}}}'
_FLOW = '{"module":"menu","data":{"id":"%s"},"children":{%s}}'
_BRANCH = '"{0}":{{"module":"play","data":{{"id":"https://example.com/{0}.mp3"}}}}'
_BRANCHES = ",".join(_BRANCH.format(number) for number in range(400))
ANSWERS: Final = {
    "/small": ("JSON of 0.3 KB", _PROMPT % ("Hello. " * 30), 0.0),
    "/large": ("JSON of 26 KB, 401 actions", _FLOW % ("0" * 32, _BRANCHES), 0.0),
    "/slow": ("JSON of 0.3 KB after 50 ms", _PROMPT % ("Hello. " * 30), 0.05),
}


# Never closed: the logger keeps the stream that it was made with.
_NOWHERE = Path(os.devnull).open("w")  # noqa: SIM115 - as above


@dataclass(frozen=True)
class Figures:
    """Milliseconds: medians of both ways, and of their difference with its middle half; then of the work afterwards."""

    direct: float
    relayed: float
    added: float
    added_low: float
    added_high: float
    recording: float


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, body, delay = ANSWERS[self.path.split("?")[0]]
        time.sleep(delay)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def main() -> None:
    with _server() as port:
        figures = {path: measured(port, path, ROUNDS) for path in ANSWERS}
    text = page(figures)
    PAGE.write_text(text, encoding="utf-8")
    PAGE.with_suffix(".json").write_text(json.dumps({p: vars(f) for p, f in figures.items()}, indent=2) + "\n")
    sys.stdout.write(text)


def measured(port: int, path: str, rounds: int) -> Figures:
    """Both ways to one answer, in turn, and after each relayed one the recording that KAZOO does not wait for."""
    with _relay(port) as (relayed, record):
        direct, through, recording = [], [], []
        for _ in range(rounds):
            direct.append(_timed(lambda: _directly(port, path)))
            through.append(_timed(lambda: relayed(path)))
            recording.append(_timed(record))
    added = [ours - plain for ours, plain in zip(through, direct, strict=True)]
    low, middle, high = statistics.quantiles(added, n=4)
    return Figures(
        statistics.median(direct), statistics.median(through), middle, low, high, statistics.median(recording)
    )


def page(figures: dict[str, Figures]) -> str:
    """The results as Markdown."""
    rows = "\n".join(
        f"| {ANSWERS[path][0]} | {one.direct:.2f} | {one.relayed:.2f} | **{one.added:.2f}** "
        f"({one.added_low:.2f} to {one.added_high:.2f}) | {one.recording:.2f} |"
        for path, one in figures.items()
    )
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"""# What the relay adds

Milliseconds, medians of {ROUNDS} rounds, {datetime.now(UTC):%Y-%m-%d}, {machine}. Made by `python -m benchmarks.relay`.

| the server answers | asked directly | through the relay | added (middle half) | recording, afterwards |
|---|---|---|---|---|
{rows}

Added is what the relay's handler takes beyond a plain request to the same server, both over new connections on one
machine. Not in it: the way from KAZOO to AWS and Lambda's own few milliseconds; name lookup and TLS towards the server,
which KAZOO would have needed as well. Recording (checking the answer, redacting, packing) happens when KAZOO has its
answer already; sending to SQS is left out.
"""


def _directly(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"{path}?{QUERY}")
    connection.getresponse().read()
    connection.close()


@contextmanager
def _relay(port: int) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """Ask the relay for a path; and do what it would do after its answer."""
    credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing")
    region = {"AWS_DEFAULT_REGION": "eu-central-1"}
    variables = {**environment("RelayFunction"), **credentials, **region, "RELAY_ALLOWED": "127.0.0.0/8"}
    jobs: list[Callable[[], None]] = []
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, variables))
        stack.enter_context(redirect_stdout(_NOWHERE))
        from functions.relay import app  # noqa: PLC0415 - it reads its environment when it is imported
        from pivot_debug.account_store import AccountSettings  # noqa: PLC0415 - likewise
        from pivot_debug.relay.known_relays import KnownRelays  # noqa: PLC0415 - likewise

        definition = a_relay(voice_url=f"http://127.0.0.1:{port}/")
        known = KnownRelays(lambda *_: definition)
        stack.enter_context(patch.object(app, "known_relays", lambda: known))
        stack.enter_context(patch.object(app, "settings_in_period", lambda *_: AccountSettings()))
        stack.enter_context(patch.object(app, "queue", _Sent))
        stack.enter_context(patch.object(app, "_after_reply", _Later(jobs)))

        def ask(path: str) -> None:
            raw_path = f"/{ACCOUNT}/pvr_{RELAY_ID}_{RELAY_SECRET}/voice{path}"
            event = a_relay_event(raw_path=raw_path, raw_query=QUERY, received_ms=int(time.time() * 1000))
            if app.handler(event, None)["statusCode"] != 200:  # noqa: PLR2004 - the server's own status
                raise AssertionError("the relay did not relay")

        def record() -> None:
            jobs.pop()()

        yield ask, record


@dataclass(frozen=True)
class _Later:
    """Keeps the work that Lambda does once the answer is out."""

    jobs: list[Callable[[], None]]

    def run(self, job: Callable[[], None]) -> None:
        self.jobs.append(job)


class _Sent:
    """A queue that takes everything at once."""

    def send(self, _delivery: Any) -> int:
        return 1


def _timed(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


@contextmanager
def _server() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
