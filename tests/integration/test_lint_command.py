import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pivot_debug.dictionary import ERROR_CODES
from pivot_debug_cli.main import app

PLAY_AND_HANG_UP = '{"module": "play", "data": {"id": "welcome"}, "children": {"_": {"module": "hangup"}}}'
STRING_FOR_INTEGER = '{\n  "module": "response",\n  "data": {"code": "486"}\n}\n'
UNKNOWN_VERB = "<Response>\n  <Speak>Bye</Speak>\n</Response>\n"
ONLY_A_WARNING = '<Response><Say volume="9">Bye</Say><Hangup/></Response>'


# ---------------------------------------------------------------- a Pivot server on this machine


@dataclass(frozen=True)
class Seen:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: str

    @property
    def target(self) -> str:
        return self.path.partition("?")[0]


@dataclass(frozen=True)
class Told:
    """What the server is to answer. Without a content type it sends none."""

    body: str | bytes = ""
    content_type: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    break_off: bool = False
    drips: bool = False
    missing: int = 0


@dataclass
class PivotServer:
    url: str
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, Told | Callable[[Seen], Told]] = field(default_factory=dict)
    waiting: threading.Event = field(default_factory=threading.Event)

    def tell(self, path: str, body: str | bytes, content_type: str | None = "text/xml", **more: Any) -> None:
        self.answers[path] = Told(body, content_type, **more)


@contextmanager
def pivot_server() -> Iterator[PivotServer]:
    """A server on 127.0.0.1 that answers each path with what it was told, and keeps what it saw."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    _Handler.pivot = PivotServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield _Handler.pivot
    finally:
        _Handler.pivot.waiting.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    pivot: PivotServer

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length).decode()
        seen = Seen(self.command, self.path, list(self.headers.items()), body)
        self.pivot.seen.append(seen)
        told = self.pivot.answers[seen.target]
        self._answer(told(seen) if callable(told) else told)

    do_POST = do_GET  # noqa: N815 - http.server calls it so

    def _answer(self, told: Told) -> None:
        if told.break_off:
            return
        body = told.body.encode() if isinstance(told.body, str) else told.body
        self.send_response_only(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        if told.content_type is not None:
            self.send_header("Content-Type", told.content_type)
        self.send_header("Content-Length", str(len(body) + told.missing))
        self.end_headers()
        self.wfile.write(body)
        while told.drips and not self.pivot.waiting.wait(0.005):
            with suppress(OSError):  # the client has gone
                self.wfile.write(b" ")

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of one that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/voice"


@contextmanager
def closed_port() -> Iterator[str]:
    """An address where nothing listens: bound, so that nobody else takes it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/voice"


@pytest.fixture
def server() -> Iterator[PivotServer]:
    with pivot_server() as running:
        yield running


# ---------------------------------------------------------------- the command


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def lint(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["lint", *arguments], input=stdin)


def a_file(name: str, content: str | bytes) -> str:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def described(*arguments: str, stdin: str | bytes | None = None) -> dict[str, Any]:
    result = lint(*arguments, "--json", stdin=stdin)
    (one,) = json.loads(result.stdout)
    assert result.stderr == ""
    assert isinstance(one, dict)
    return one


def test_a_valid_action_is_ok_and_its_effective_flow_is_shown() -> None:
    result = lint(a_file("answer.json", PLAY_AND_HANG_UP))

    *tree, last = result.stdout.splitlines()
    assert result.exit_code == 0
    assert last == "ok: KAZOO would run play -> hangup"
    assert tree[0].startswith('    play  {"id": "welcome", "endless_playback": false')
    assert tree[1] == "      _: hangup"


def test_valid_twiml_is_ok() -> None:
    result = lint(a_file("answer.xml", "<Response><Gather><Say>Hello</Say></Gather><Hangup/></Response>"))

    assert (result.exit_code, result.stdout) == (0, "ok: KAZOO would run Gather(Say) -> Hangup\n")


def test_an_error_is_shown_as_a_compiler_would() -> None:
    result = lint(a_file("answer.json", STRING_FOR_INTEGER))

    place, excerpt, caret, expected, got, meant, *_ = result.stdout.splitlines()
    assert result.exit_code == 1
    assert place.startswith("answer.json:3:20: error[schema_violation]: ")
    assert excerpt == '      "data": {"code": "486"}'
    assert caret.index("^") == excerpt.index('"486"')
    assert (expected, got, meant) == ("  expected: an integer", '  got: "486"', "  did you mean: 486")
    assert result.stdout.splitlines()[-1] == "1 error"


def test_for_each_code_kazoos_doing_and_the_hint_are_told_once() -> None:
    result = lint(a_file("answer.xml", UNKNOWN_VERB.replace("</Response>", "<Bye/></Response>")))

    entry = ERROR_CODES["twiml_unknown_verb"]
    assert result.stdout.count("error[twiml_unknown_verb]") == 2
    assert result.stdout.count(f"  then: {entry.kazoo_does}\n  hint: {entry.hint}\n") == 1
    assert result.stdout.splitlines()[-1] == "2 errors"


def test_a_warning_fails_only_when_strict() -> None:
    file = a_file("answer.xml", ONLY_A_WARNING)

    assert lint(file).stdout.splitlines()[-1] == "ok: KAZOO would run Say -> Hangup (1 warning)"
    assert lint(file).exit_code == 0
    assert lint(file, "--strict").exit_code == 1


def test_what_is_not_a_terminal_gets_no_colours() -> None:
    result = lint(a_file("answer.json", STRING_FOR_INTEGER))

    assert "\x1b" not in result.stdout


def test_a_terminal_gets_colours_unless_they_are_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_file("answer.json", STRING_FOR_INTEGER)

    assert "\x1b[31m" in CliRunner().invoke(app, ["lint", file], color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in CliRunner().invoke(app, ["lint", file], color=True).stdout


def test_what_a_terminal_would_obey_is_not_passed_on_to_it() -> None:
    result = CliRunner().invoke(app, ["lint", a_file("answer.xml", "<Response><\x1b[2J/></Response>")])

    assert result.exit_code == 1
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "guessed"),
    [
        ("answer.json", "<Response/>", "application/json"),
        ("ANSWER.XML", "{}", "text/xml"),
        ("answer.php", " \n<Response><Hangup/></Response>", "text/xml"),
        ("answer", b"\xef\xbb\xbf<Response/>", "text/xml"),
        ("answer.txt", "{}", "application/json"),
        ("answer.txt", "", "application/json"),
    ],
)
def test_the_content_type_is_guessed_by_the_suffix_then_by_the_beginning(
    name: str, content: str | bytes, guessed: str
) -> None:
    assert described(a_file(name, content))["content_type"] == guessed


def test_the_content_type_and_the_status_can_be_given() -> None:
    file = a_file("answer.xml", "<Response><Hangup/></Response>")

    assert described(file, "--content-type", "text/html")["findings"][0]["code"] == "content_type_mismatch"
    assert described(file, "--content-type", "")["errors"] == 0
    assert described(file, "--status", "503")["findings"][0]["code"] == "http_5xx"


def test_standard_input_is_checked_too() -> None:
    result = lint("-", stdin=UNKNOWN_VERB)

    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>:2:3: error[twiml_unknown_verb]: ")


def test_bytes_that_are_not_utf_8_are_a_finding() -> None:
    result = lint(a_file("answer.json", b'{"module": "play\xff"}'))

    assert result.exit_code == 1
    assert result.stdout.startswith("answer.json: error[invalid_encoding]: ")


def test_json_output_holds_findings_advice_and_the_whole_effective_flow() -> None:
    good, bad = (
        described(a_file("good.json", PLAY_AND_HANG_UP)),
        described(a_file("bad.json", STRING_FOR_INTEGER)),
    )

    assert good["runs"] == "play -> hangup"
    assert good["effective_flow"]["data"]["endless_playback"] is False
    assert good["findings"] == []
    assert (bad["errors"], bad["warnings"]) == (1, 0)
    assert bad["findings"][0]["pointer"] == "/data/code"
    assert bad["advice"]["schema_violation"]["hint"] == ERROR_CODES["schema_violation"].hint
    assert "effective_flow" not in bad


def test_several_answers_are_told_apart_and_one_bad_one_fails() -> None:
    result = lint(a_file("good.json", PLAY_AND_HANG_UP), a_file("bad.xml", UNKNOWN_VERB))

    assert result.exit_code == 1
    assert "good.json: ok: KAZOO would run play -> hangup" in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1] == "bad.xml: 1 error"


def test_a_file_that_cannot_be_read_is_one_line_and_the_others_are_checked_nevertheless() -> None:
    result = lint("missing.json", a_file("good.json", PLAY_AND_HANG_UP))

    assert result.exit_code == 2
    assert result.stderr == "pivot-debug: cannot read missing.json: No such file or directory\n"
    assert result.stdout.splitlines()[-1] == "good.json: ok: KAZOO would run play -> hangup"


def test_an_address_is_fetched_and_its_own_status_and_headers_count(server: PivotServer) -> None:
    server.tell("/ok", PLAY_AND_HANG_UP, "application/json")
    server.tell("/html", "<Response><Hangup/></Response>", "text/html; charset=utf-8")
    server.tell("/none", PLAY_AND_HANG_UP, None)
    server.tell("/broken", "sorry", status=500)

    found = {path: described(f"{server.url}{path}")["findings"] for path in ("/ok", "/html", "/none", "/broken")}

    assert found["/ok"] == []
    assert found["/html"][0]["code"] == "content_type_mismatch"
    assert found["/none"][0]["code"] == "content_type_missing"
    assert found["/broken"][0]["code"] == "http_5xx"


def test_fetching_sends_the_headers_of_kazoos_client_and_no_others(server: PivotServer) -> None:
    server.tell("/voice", PLAY_AND_HANG_UP, "application/json")

    lint(f"{server.url}/voice?a=b%20c")

    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/voice?a=b%20c")
    assert {name.lower() for name, _ in seen.headers} == {"host", "te", "connection"}


def test_redirects_are_followed(server: PivotServer) -> None:
    server.tell("/old", "", status=302, headers={"Location": "/new"})
    server.tell("/new", "<Response><Hangup/></Response>")

    assert lint(f"{server.url}/old").stdout == "ok: KAZOO would run Hangup\n"


def test_a_loop_of_redirects_is_one_line(server: PivotServer) -> None:
    server.tell("/round", "", status=302, headers={"Location": "/round"})

    result = lint(f"{server.url}/round")

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "redirected once more after 5 redirects" in result.stderr
    assert len(server.seen) == 6


def test_a_compressed_answer_is_a_finding(server: PivotServer) -> None:
    server.tell("/gz", gzip.compress(b"{}"), "application/json", headers={"Content-Encoding": "gzip"})

    assert described(f"{server.url}/gz")["errors"] == 1


def test_an_address_that_refuses_is_one_line() -> None:
    with closed_port() as url:
        result = lint(url)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"pivot-debug: cannot fetch {url}: ")
    assert result.stderr.count("\n") == 1
    assert "refuses connections" in result.stderr


@pytest.mark.parametrize("url", ["http://", "https://h:port/", "http://h/ä", "http://h/a b"])
def test_an_address_that_is_none_is_one_line(url: str) -> None:
    result = lint(url)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
