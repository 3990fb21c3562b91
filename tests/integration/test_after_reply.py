"""Work after the answer, with a Lambda whose extensions API is played by a server on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import pytest

from pivot_debug.after_reply import AfterReply

pytestmark = pytest.mark.enable_socket

PATIENCE = 10
"""Seconds after which a test fails that waits for something."""


class FakeLambda:
    """Registers extensions and tells them of invocations, as long as it is told to."""

    def __init__(self, *, refuses: bool) -> None:
        self.refuses = refuses
        self.registered: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        self.asked: SimpleQueue[str] = SimpleQueue()
        self.events: SimpleQueue[bytes] = SimpleQueue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"127.0.0.1:{self.server.server_port}"

    def invoke(self) -> None:
        self.events.put(b'{"eventType":"INVOKE","requestId":"one"}')

    def end(self) -> None:
        self.events.put(b'{"eventType":"SHUTDOWN"}')

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake.registered.put((self.headers["Lambda-Extension-Name"], body))
                self.send_response(403 if fake.refuses else 200)
                if not fake.refuses:
                    self.send_header("Lambda-Extension-Identifier", "extension-1")
                self.end_headers()

            def do_GET(self) -> None:
                fake.asked.put(self.headers["Lambda-Extension-Identifier"])
                event = fake.events.get()
                self.send_response(200)
                self.send_header("Content-Length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler


@contextmanager
def a_lambda(*, refuses: bool = False) -> Iterator[FakeLambda]:
    fake = FakeLambda(refuses=refuses)
    thread = Thread(target=fake.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.end()
        fake.server.shutdown()
        fake.server.server_close()
        thread.join()


def test_a_job_runs_outside_of_the_invocation_and_only_then_the_next_one_is_asked_for() -> None:
    with a_lambda() as fake:
        after_reply = AfterReply(fake.address)
        assert fake.asked.get(timeout=PATIENCE) == "extension-1"
        may_go_on, done = Event(), Event()

        fake.invoke()
        after_reply.run(lambda: done.set() if may_go_on.wait(PATIENCE) else None)

        # The handler is back already, and Lambda still waits for the extension.
        assert not done.is_set()
        assert fake.asked.empty()
        may_go_on.set()
        assert done.wait(PATIENCE)
        assert fake.asked.get(timeout=PATIENCE) == "extension-1"


def test_it_registers_for_invocations_alone() -> None:
    with a_lambda() as fake:
        AfterReply(fake.address)

        assert fake.registered.get(timeout=PATIENCE) == ("after-reply", b'{"events": ["INVOKE"]}')
        fake.asked.get(timeout=PATIENCE)


def test_every_invocation_has_its_own_job_in_order() -> None:
    with a_lambda() as fake:
        after_reply = AfterReply(fake.address)
        done: SimpleQueue[int] = SimpleQueue()

        for number in range(3):
            fake.invoke()
            after_reply.run(lambda number=number: done.put(number))  # type: ignore[misc]

        assert [done.get(timeout=PATIENCE) for _ in range(3)] == [0, 1, 2]


def test_where_lambda_refuses_the_extension_jobs_run_at_once() -> None:
    with a_lambda(refuses=True) as fake:
        done = []

        AfterReply(fake.address).run(lambda: done.append("here"))

    assert done == ["here"]


def test_where_nothing_listens_jobs_run_at_once() -> None:
    with a_lambda() as fake:
        address = fake.address
    done = []

    AfterReply(address).run(lambda: done.append("here"))

    assert done == ["here"]


def test_a_job_that_the_extension_did_not_live_to_do_is_done_all_the_same() -> None:
    with a_lambda() as fake:
        after_reply = AfterReply(fake.address)
        done: SimpleQueue[str] = SimpleQueue()
        fake.asked.get(timeout=PATIENCE)

        fake.end()
        after_reply.run(lambda: done.put("done"))
        after_reply.run(lambda: done.put("done"))

        assert [done.get(timeout=PATIENCE) for _ in range(2)] == ["done", "done"]


def test_without_a_lambda_jobs_run_at_once() -> None:
    done = []

    AfterReply(None).run(lambda: done.append("here"))

    assert done == ["here"]
