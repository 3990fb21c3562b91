import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from pivot_debug.dictionary import ERROR_CODES
from pivot_debug_cli.main import app
from tests.integration.servers import answers, serving
from tests.integration.test_lint_command import PivotServer, closed_port, pivot_server, silent_server

HANG_UP = "<Response><Hangup/></Response>"
KAZOO_HANG_UP = '{"module": "response", "data": {"code": 486}}'


@pytest.fixture
def server() -> Iterator[PivotServer]:
    with pivot_server() as running:
        yield running


def try_(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["try", *arguments])


def tried(*arguments: str) -> dict[str, Any]:
    result = try_(*arguments, "--json")
    assert result.stderr == ""
    trial = json.loads(result.stdout)
    assert isinstance(trial, dict)
    assert result.exit_code == (1 if trial["verdict"]["status"] == "error" else 0)
    return trial


def query(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query)


def a_menu(server: PivotServer) -> str:
    """A TwiML server that asks for a key."""
    server.tell("/voice.php", '<Response>\n<Gather action="menu.php"><Say>Press 1</Say></Gather>\n</Response>')
    server.tell("/menu.php", "<Response><Say>Bye</Say><Hangup/></Response>")
    return f"{server.url}/voice.php"


def test_the_first_request_is_kazoos_get(server: PivotServer) -> None:
    server.tell("/voice", KAZOO_HANG_UP, "application/json")

    try_(f"{server.url}/voice?x=%20", "--from", "+4930100", "--to", "100", "--account", "a" * 32)

    (seen,) = server.seen
    assert seen.method == "GET"
    assert seen.path.startswith("/voice?x=%20&Account-ID=")
    assert "&&" in seen.path  # two empty objects of custom values
    assert query(seen.path)["From"] == ["+4930100"]
    assert query(seen.path)["Account-ID"] == ["a" * 32]
    assert {name.lower(): value for name, value in seen.headers} == {
        "host": server.url.removeprefix("http://"),
        "te": "",
        "connection": "keep-alive",
    }


@pytest.mark.parametrize(
    ("body_format", "content_type"), [("form", "application/x-www-form-urlencoded"), ("json", "application/json")]
)
def test_a_post_sends_its_parameters_in_the_body(server: PivotServer, body_format: str, content_type: str) -> None:
    server.tell("/voice", HANG_UP)

    try_(f"{server.url}/voice", "--method", "post", "--format", "twiml", "--body-format", body_format, "--to", "7")

    (seen,) = server.seen
    params = json.loads(seen.body) if body_format == "json" else {k: v[0] for k, v in parse_qs(seen.body).items()}
    headers = {name.lower(): value for name, value in seen.headers}
    assert (seen.method, seen.path, params["To"], params["ApiVersion"]) == ("POST", "/voice", "7", "2010-04-01")
    assert set(headers) == {"host", "te", "connection", "content-type", "content-length"}
    assert headers["content-type"] == content_type


def test_parameters_of_the_user_are_sent_too(server: PivotServer) -> None:
    server.tell("/voice", HANG_UP)

    try_(f"{server.url}/voice", "--param", "Custom-Application-Vars[vip]=yes", "--param", "From=200")

    assert "Custom-Application-Vars[vip]=yes" in server.seen[0].path
    assert query(server.seen[0].path)["From"] == ["200"]


def test_a_gather_is_followed_with_the_digits(server: PivotServer) -> None:
    trial = tried(a_menu(server), "--format", "twiml", "--digits", "1")

    first, second = server.seen
    assert (first.method, second.method, second.path) == ("GET", "POST", "/menu.php")
    assert parse_qs(second.body)["Digits"] == ["1"]
    assert [step["runs"] for step in trial["steps"]] == ["Gather(Say)", "Say -> Hangup"]
    assert trial["steps"][1]["why"] == "Gather got 1"
    assert trial["verdict"] == {"status": "ok"}
    assert trial["ending"] == "Hangup: KAZOO hangs up"


def test_without_digits_the_caller_presses_nothing(server: PivotServer) -> None:
    trial = tried(a_menu(server), "--format", "twiml")

    assert trial["ending"] == "all verbs are done: KAZOO hangs up"


def test_a_nested_pivot_is_followed_with_the_collected_digits(server: PivotServer) -> None:
    flow = {
        "module": "collect_dtmf",
        "data": {"collection_name": "pin", "max_digits": 4},
        "children": {"_": {"module": "pivot", "data": {"voice_url": f"{server.url}/next", "debug": True}}},
    }
    server.tell("/voice", json.dumps(flow).replace("/", "\\/"), "application/json")  # as PHP escapes it
    server.tell("/next", KAZOO_HANG_UP, "application/json")

    trial = tried(f"{server.url}/voice", "--digits", "1234")

    assert "Digits[pin]=1234" in server.seen[1].path
    assert [step["runs"] for step in trial["steps"]] == ["collect_dtmf -> pivot", "response"]
    assert "127.0.0.1" in trial["steps"][0]["remark"]
    assert trial["verdict"] == {"status": "ok"}
    assert trial["ending"] == "module response: KAZOO hangs up with SIP 486"


def test_another_fault_beside_a_local_address_is_still_an_error(server: PivotServer) -> None:
    flow = {"module": "pivot", "data": {"voice_url": f"{server.url}/next", "method": 3, "debug": True}}
    server.tell("/voice", json.dumps(flow), "application/json")

    (finding,) = tried(f"{server.url}/voice")["steps"][0]["findings"]

    assert finding["pointer"] == "/data/method"
    assert server.url in finding["excerpt"]


def test_the_timeline_tells_each_step_and_the_verdict(server: PivotServer) -> None:
    url = a_menu(server)
    server.tell("/menu.php", '<Response>\n  <Say voice="alice">Bye</Say>\n</Response>')

    result = try_(url, "--format", "twiml", "--digits", "1")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("call try-")
    assert any(line.startswith(f"1  GET {url}?CallSid=try-") for line in lines)
    assert f"2  POST {server.url}/menu.php  (Gather got 1)" in lines
    assert any(line.startswith("   200 text/xml, ") and line.endswith(" ms: Gather(Say)") for line in lines)
    place = next(index for index, line in enumerate(lines) if line.startswith("   answer 2:2:8: error["))
    assert lines[place + 2].index("^") == lines[place + 1].index("voice=")
    assert lines[-3].startswith("verdict: error[twiml_invalid_value] Attempt 2: ")
    assert lines[-2] == f"prediction: {ERROR_CODES['twiml_invalid_value'].kazoo_does}"
    assert lines[-1] == f"hint: {ERROR_CODES['twiml_invalid_value'].hint}"


def test_a_failing_step_is_the_last_one(server: PivotServer) -> None:
    url = a_menu(server)
    server.tell("/menu.php", "oops", "text/html", status=500)

    trial = tried(url, "--format", "twiml", "--digits", "1")

    assert trial["verdict"]["code"] == "http_5xx"
    assert trial["verdict"]["attempt"] == 2
    assert trial["verdict"]["reason"].startswith("Attempt 2: ")
    assert "ending" not in trial


def test_a_warning_does_not_fail(server: PivotServer) -> None:
    server.tell("/voice", '<Response><Say volume="9">Bye</Say><Hangup/></Response>')

    trial = tried(f"{server.url}/voice")

    assert (trial["verdict"]["status"], trial["verdict"]["code"]) == ("warning", "unknown_key")


def test_an_endless_call_is_stopped(server: PivotServer) -> None:
    server.tell("/voice", "<Response><Redirect/></Response>")

    trial = tried(f"{server.url}/voice", "--max-steps", "3")

    assert [step["method"] for step in trial["steps"]] == ["GET", "POST", "POST"]
    assert "stopped after 3 requests (--max-steps)" in trial["ending"]


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_redirects_keep_or_change_the_method_as_kazoos_client_does(
    server: PivotServer, status: int, method: str
) -> None:
    server.tell("/voice", "", status=status, headers={"Location": "/moved"})
    server.tell("/moved", HANG_UP)

    trial = tried(f"{server.url}/voice", "--method", "post")

    first, second = server.seen
    assert (first.method, second.method) == ("POST", method)
    assert bool(second.body) is (method == "POST")
    assert trial["steps"][0]["redirects"] == [f"{status} to {server.url}/moved"]


def test_a_relative_address_goes_by_the_address_before_any_redirect(server: PivotServer) -> None:
    server.tell("/voice.php", "", status=302, headers={"Location": "/deep/down/moved.php"})
    server.tell("/deep/down/moved.php", "<Response><Redirect>next.php</Redirect></Response>")
    server.tell("/next.php", HANG_UP)

    tried(f"{server.url}/voice.php")

    assert server.seen[-1].path == "/next.php"


def test_credentials_in_the_address_are_sent_as_kazoos_client_sends_them(server: PivotServer) -> None:
    server.tell("/voice", HANG_UP)

    try_(server.url.replace("//", "//user:p%40ss@") + "/voice", "--method", "post")

    assert ("Authorization", "Basic dXNlcjpwQHNz") in server.seen[0].headers
    assert dict(server.seen[0].headers)["Host"] == server.url.removeprefix("http://")


# ---------------------------------------------------------------- no answer


def code_of(url: str, *arguments: str) -> str:
    trial = tried(url, *arguments)
    assert trial["verdict"]["prediction"] == ERROR_CODES[trial["verdict"]["code"]].kazoo_does
    return str(trial["verdict"]["code"])


def test_a_refused_connection_has_its_code() -> None:
    with closed_port() as url:
        assert code_of(url) == "connection_refused"


def test_a_server_that_never_answers_is_a_timeout() -> None:
    with silent_server() as url:
        assert code_of(url, "--timeout-ms", "50") == "timeout"


def test_a_server_that_drips_for_ever_is_a_timeout(server: PivotServer) -> None:
    server.tell("/voice", HANG_UP, drips=True, missing=1_000_000)

    assert code_of(f"{server.url}/voice", "--timeout-ms", "100") == "timeout"


def test_a_server_that_breaks_off_without_an_answer_has_its_code(server: PivotServer) -> None:
    server.tell("/voice", "", break_off=True)

    assert code_of(f"{server.url}/voice") == "connection_reset"


def test_a_server_that_breaks_off_within_the_body_has_its_code(server: PivotServer) -> None:
    server.tell("/voice", HANG_UP, missing=10)

    assert code_of(f"{server.url}/voice") == "connection_reset"


def test_a_server_without_tls_has_its_code(server: PivotServer) -> None:
    assert code_of(f"{server.url}/voice".replace("http:", "https:")) == "tls_error"


def test_a_name_that_nobody_knows_has_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert code_of("http://pivot.example/voice") == "dns_failure"


def test_a_server_that_speaks_another_language_has_its_code() -> None:
    with serving(answers(b"SSH-2.0-OpenSSH_9.6\r\n")) as server:
        assert code_of(f"{server.url}/voice") == "not_http"


def test_redirects_without_end_have_their_code(server: PivotServer) -> None:
    server.tell("/voice", "", status=302, headers={"Location": "/voice"})

    assert code_of(f"{server.url}/voice") == "too_many_redirects"


def test_an_address_in_an_answer_that_cannot_be_called_fails_the_step(server: PivotServer) -> None:
    server.tell("/voice", "<Response><Redirect>http://</Redirect></Response>")

    assert code_of(f"{server.url}/voice") == "no_response"


def test_a_redirect_to_an_address_that_cannot_be_called_fails_the_step(server: PivotServer) -> None:
    server.tell("/voice", "", status=302, headers={"Location": "http://"})

    assert code_of(f"{server.url}/voice") == "no_response"


# ---------------------------------------------------------------- wrong usage


@pytest.mark.parametrize(
    "arguments",
    [
        ["ftp://h.example/voice"],
        ["voice"],
        ["http://"],
        ["http://h.example", "--digits", "1,x"],
        ["http://h.example", "--param", "novalue"],
        ["http://h.example", "--account", "nobody"],
    ],
)
def test_wrong_usage_is_one_line_and_calls_nobody(arguments: list[str]) -> None:
    result = try_(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("pivot-debug: ")
    assert result.stderr.count("\n") == 1
