"""A small Pivot server for the demo: some of its answers are good, some are what developers send by mistake."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

JSON: Final = "application/json"
XML: Final = "text/xml"


@dataclass(frozen=True)
class Answer:
    """``delay`` is in seconds."""

    body: str
    content_type: str = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0


ANSWERS: Final = {
    # Good ones.
    "/welcome": Answer(
        '<Response><Gather action="menu" numDigits="1"><Say>Press 1 for sales.</Say></Gather></Response>', XML
    ),
    "/menu": Answer("<Response><Say>Goodbye.</Say><Hangup/></Response>", XML),
    "/voicemail": Answer(
        '{"module":"tts","data":{"text":"Nobody is here."},'
        '"children":{"_":{"module":"voicemail","data":{"id":"8d4f1a3be05c4e7c9a62d7308b5e9f14"}}}}'
    ),
    "/old": Answer("", status=302, headers={"Location": "/voicemail"}),
    # Those of a bad day.
    "/crash": Answer("Traceback (most recent call last): ...", "text/plain", status=500),
    "/maintenance": Answer("<!DOCTYPE html><html><body>Back soon</body></html>", "text/html"),
    "/misspelt": Answer('{\n  "module": "playy",\n  "data": {"id": "https://example.com/hello.mp3"}\n}'),
    "/comma": Answer('{\n  "module": "hangup",\n  "data": {},\n}'),
    "/verb": Answer("<Response>\n  <Speak>Hello</Speak>\n</Response>", XML),
    "/nothing": Answer(""),
    "/slow": Answer('{"module":"hangup","data":{}}', delay=2),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = ANSWERS.get(self.path.split("?")[0], Answer("Not found", "text/plain", status=404))
        time.sleep(answer.delay)
        body = answer.body.encode()
        headers = {"Content-Type": answer.content_type, **answer.headers, "Content-Length": str(len(body))}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):  # who waited for a slow answer has gone
            self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """What it is asked is in the debug records."""


@contextmanager
def running_pivot_server() -> Iterator[str]:
    """The server's root, such as ``http://127.0.0.1:40123``, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
