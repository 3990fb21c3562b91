"""What the relay adds to a call, warm: its handler against a plain request to the same server, in turn.

Wall-clock time on 127.0.0.1, new connections on both sides;
DynamoDB and SQS are left out, since a warm relay asks neither before KAZOO has its answer.
"""

import http.client
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from unittest.mock import patch

from benchmarks.measure import in_turn, waited
from benchmarks.warm import NOWHERE
from tests.builders import ACCOUNT, RELAY_ID, RELAY_SECRET, a_relay, a_relay_event
from tests.template import environment

QUERY: Final = "Call-ID=829597750%4010.26.0.158&Caller-ID-Number=%2B14155550100&To=2600&Api-Version=4.x"

_PROMPT = '{"module":"tts","data":{"text":"%s"},"children":{"_":{"module":"hangup","data":{}}}}'
_FLOW = '{"module":"menu","data":{"id":"%s"},"children":{%s}}'
_BRANCH = '"{0}":{{"module":"play","data":{{"id":"https://example.com/{0}.mp3"}}}}'
_BRANCHES = ",".join(_BRANCH.format(number) for number in range(400))
ANSWERS: Final = {
    "/small": ("JSON of 0.3 KB", _PROMPT % ("Hello. " * 30), 0.0),
    "/large": ("JSON of 26 KB, 401 actions", _FLOW % ("0" * 32, _BRANCHES), 0.0),
    "/slow": ("JSON of 0.3 KB after 50 ms", _PROMPT % ("Hello. " * 30), 0.05),
}


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


def relay(rounds: int) -> dict[str, Figures]:
    """The figures for each answer of the server."""
    with _server() as port:
        return {name: _measured(port, path, rounds) for path, (name, _, _) in ANSWERS.items()}


def _measured(port: int, path: str, rounds: int) -> Figures:
    """Both ways to one answer, and after each relayed one the recording that KAZOO does not wait for."""
    recording = []
    with _relay(port) as (relayed, record):

        def through() -> float:
            taken = waited(lambda: relayed(path))
            recording.append(waited(record))
            return taken

        taken = in_turn({"direct": lambda: waited(lambda: _directly(port, path)), "relayed": through}, rounds)
    added = [ours - plain for ours, plain in zip(taken["relayed"], taken["direct"], strict=True)]
    low, middle, high = statistics.quantiles(added, n=4)
    direct, relayed_ms, recorded = map(statistics.median, (taken["direct"], taken["relayed"], recording))
    return Figures(direct, relayed_ms, middle, low, high, recorded)


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
        stack.enter_context(redirect_stdout(NOWHERE))
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


@contextmanager
def _server() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
