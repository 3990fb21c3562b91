"""The relay: defined through the API, called as KAZOO calls it, with real servers behind it, and read back."""

import base64
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.relay import app as relay_app
from pivot_debug import queue
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.relay import known_relays
from tests.builders import ACCOUNT, CALL, NOW_MS
from tests.integration.helpers import Sent, aws_error, tapped
from tests.integration.servers import Script, Server, answer, answers, redirect, refuses, serving, stalls
from tests.integration.service import Service

pytestmark = pytest.mark.enable_socket

HANGUP = b'{"module":"hangup","data":{}}'
JSON = "Content-Type: application/json"
GOOD = answers(answer(HANGUP, JSON))
PARAMETERS = (
    "Account-ID=0123456789abcdef0123456789abcdef&Call-ID=829597750%4010.26.0.158&Custom-SIP-Headers=&&From=2600"
)


@pytest.fixture(autouse=True)
def local_servers_are_allowed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - comes first
    monkeypatch.setenv("RELAY_ALLOWED", "127.0.0.0/8")
    relay_app.guard.cache_clear()


def defined(service: Service, voice_url: str, **definition: Any) -> dict[str, Any]:
    """The API's answer to a new relay."""
    reply = service.relays("PUT", data={"name": "welcome", "voice_url": voice_url, **definition})
    assert reply["statusCode"] == 201, reply["body"]
    data: dict[str, Any] = reply["json"]["data"]
    return data


def path_of(url: str) -> str:
    return urlsplit(url).path


def call(service: Service, relay_url: str, **request: Any) -> dict[str, Any]:
    return service.called(**({"raw_path": path_of(relay_url), "raw_query": PARAMETERS} | request))


@contextmanager
def relayed(service: Service, script: Script, **definition: Any) -> Iterator[tuple[Server, str]]:
    """A server behind a relay, and the relay's address."""
    with serving(script) as server:
        yield server, defined(service, f"{server.url}/a/voice.php", **definition)["relay_url"]


def the_call(service: Service, call_id: str = CALL) -> dict[str, Any]:
    assert service.record_queue() == []
    (listed,) = (one for one in service.listed() if one["call_id"] == call_id)
    return listed


def records(service: Service, call_id: str = CALL) -> list[dict[str, Any]]:
    assert service.record_queue() == []
    return service.listed(call_id=call_id)


def body_of(reply: dict[str, Any]) -> bytes:
    return base64.b64decode(reply["body"]) if reply["isBase64Encoded"] else str(reply["body"]).encode()


# ---------------------------------------------------------------- what the server gets, and what KAZOO gets


def test_a_call_goes_through_the_relay_and_is_listed_with_its_verdict(service: Service) -> None:
    with relayed(service, GOOD) as (server, url):
        reply = call(service, url)

    assert (reply["statusCode"], body_of(reply)) == (200, HANGUP)
    listed = the_call(service)
    assert listed["verdict"] == {"status": "ok"}
    assert listed["uri"] == f"{server.url}/a/voice.php?{PARAMETERS}"
    assert (listed["status_code"], listed["attempts"], listed["caller"]) == ("200", 1, "2600")


def test_the_server_gets_method_path_and_query_to_the_byte(service: Service) -> None:
    query = "b=2&a[]=1&a[]=%2B+x&&empty=&="

    with relayed(service, GOOD) as (server, url):
        call(service, f"{url}%20x/[1]", raw_path=f"{path_of(url)}%20x/[1]", raw_query=query)

    assert server.requests[0].startswith(f"GET /a/voice.php%20x/[1]?{query} HTTP/1.1\r\n".encode())


def test_the_server_gets_the_body_and_its_type_to_the_byte(service: Service) -> None:
    body = b"Call-ID=829597750%4010.26.0.158&Digits[default]=1&\xff\xfe"
    headers = {"content-type": "application/x-www-form-urlencoded; x=Y", "content-length": str(len(body))}

    with relayed(service, GOOD) as (server, url):
        call(
            service,
            url,
            method="POST",
            raw_query="",
            headers=headers,
            body=base64.b64encode(body).decode(),
            is_base64=True,
        )

    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert sent == body
    assert b"content-type: application/x-www-form-urlencoded; x=Y\r\n" in head
    assert b"accept-encoding: identity" in head
    assert head.lower().count(b"content-length:") == 1


def test_the_server_gets_nothing_of_aws_and_no_secret(service: Service) -> None:
    with relayed(service, GOOD) as (server, url):
        call(service, url)

    sent = server.requests[0].lower()
    assert b"x-amzn" not in sent
    assert b"x-forwarded" not in sent
    assert b"pvr_" not in sent


@pytest.mark.parametrize("status", [200, 201, 206, 400, 404, 410, 500, 503])
def test_kazoo_gets_status_type_and_bytes_unchanged(service: Service, status: int) -> None:
    body = b"\xef\xbb\xbf{\x00\xff}"
    wanted = 'Content-Type: Application/JSON;Charset="UTF-8" ; x=1'

    with relayed(service, answers(answer(body, wanted, "X-Own: 1", status=f"{status} Own"))) as (_, url):
        reply = call(service, url)

    assert (reply["statusCode"], body_of(reply)) == (status, body)
    assert reply["headers"]["content-type"] == 'Application/JSON;Charset="UTF-8" ; x=1'
    assert reply["headers"]["x-own"] == "1"


def test_an_answer_without_a_type_is_handed_on_as_the_twiml_that_kazoo_takes_it_for(service: Service) -> None:
    with relayed(service, answers(answer(b"<Response><Hangup/></Response>"))) as (_, url):
        reply = call(service, url)

    assert reply["headers"]["content-type"] == "text/xml"
    assert the_call(service)["verdict"] == {"status": "ok"}
    assert "Content-Type" not in records(service)[1]["resp_headers"]


def test_cookies_and_redirects_do_not_get_past_the_relay(service: Service) -> None:
    script = answers(answer(b"", "Set-Cookie: a=b", "Location: https://elsewhere.example/", status="304 Not Modified"))

    with relayed(service, script) as (_, url):
        reply = call(service, url)

    assert not {"set-cookie", "location"} & reply["headers"].keys()


def test_redirects_are_followed_and_each_hop_is_recorded(service: Service) -> None:
    def script(sock: Any, request: bytes) -> None:
        sock.sendall(answer(HANGUP, JSON) if b"/new" in request else redirect("/new?token=hidden"))

    with relayed(service, script) as (server, url):
        reply = call(service, url)

    assert (reply["statusCode"], len(server.requests)) == (200, 2)
    response = records(service)[1]
    (hop,) = response["hops"]
    assert hop["uri"].startswith(f"{server.url}/a/voice.php?Account-ID=")
    assert (hop["resp_status_code"], hop["resp_headers"]["Location"]) == ("302", "/new?token=***")
    assert set(hop["timings"]) >= {"connect_ms", "first_byte_ms", "total_ms"}


def test_a_steps_relative_address_leads_back_to_the_relay_and_into_the_same_call(service: Service) -> None:
    def script(sock: Any, request: bytes) -> None:
        is_second = request.startswith(b"POST /a/menu.php")
        body = b"<Response><Hangup/></Response>" if is_second else b"<Response><Redirect>menu.php</Redirect></Response>"
        sock.sendall(answer(body, "Content-Type: text/xml"))

    with relayed(service, script) as (server, url):
        call(service, url)
        later = url.replace("/voice.php", "/menu.php")
        call(service, later, method="POST", raw_query="", body=PARAMETERS, request_id="two", received_ms=NOW_MS + 50)

    assert [request.split(b" ")[1].split(b"?")[0] for request in server.requests] == [b"/a/voice.php", b"/a/menu.php"]
    assert (the_call(service)["attempts"], the_call(service)["verdict"]) == (2, {"status": "ok"})


def test_a_report_to_cdr_url_is_relayed_and_recorded_as_such(service: Service) -> None:
    with serving(answers(answer(status="500 Broken"))) as server:
        relay = defined(service, f"{server.url}/voice", cdr_url=f"{server.url}/cdr?k=1")
        call(service, relay["cdr_relay_url"], method="POST", raw_query="k=1", body=f"Call-ID={CALL}&Hangup-Cause=X")

    assert server.requests[0].startswith(b"POST /cdr?k=1 ")
    assert [record["kind"] for record in records(service)] == ["cdr", "cdr"]
    assert the_call(service)["verdict"] == {"status": "ok"}


# ---------------------------------------------------------------- when there is no answer


def test_where_the_server_refuses_kazoo_gets_502_at_once_and_the_list_says_why(service: Service) -> None:
    with refuses() as server:
        reply = call(service, defined(service, f"{server.url}/voice")["relay_url"])

    assert reply["statusCode"] == 502
    listed = the_call(service)
    assert (listed["verdict"]["code"], listed["has_transport_errors"]) == ("connection_refused", True)
    assert listed["verdict"]["reason"].startswith("Attempt 1: 127.0.0.1 refuses connections on port")
    error = records(service)[1]
    assert (error["type"], error["transport_error"]["phase"]) == ("transport_error", "connect")
    assert "total_ms" in error["timings"]


def test_where_the_server_is_too_slow_kazoo_gets_504_within_its_own_limit(service: Service) -> None:
    with relayed(service, stalls(), req_timeout_ms=400) as (_, url):
        reply = call(service, url)

    assert reply["statusCode"] == 504
    assert "connection" not in reply["body"]
    verdict = the_call(service)["verdict"]
    assert verdict["code"] == "timeout"
    assert verdict["reason"] == (
        "Attempt 1: 127.0.0.1 did not answer within 200 ms: the time ran out while waiting for the answer."
    )


def test_what_starting_took_is_taken_off_the_servers_time(service: Service) -> None:
    with relayed(service, stalls(), req_timeout_ms=5000) as (_, url):
        call(service, url, received_ms=NOW_MS - 3800)

    assert "within 700 ms" in the_call(service)["verdict"]["reason"]


@pytest.mark.parametrize("clock_ahead_ms", [4900, 60_000])
def test_clocks_that_differ_keep_no_call_from_its_answer(service: Service, clock_ahead_ms: int) -> None:
    with relayed(service, GOOD) as (_, url):
        assert call(service, url, received_ms=NOW_MS - clock_ahead_ms)["statusCode"] == 200


def test_a_target_that_became_private_is_blocked_when_it_is_called(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with relayed(service, GOOD) as (server, url):
        monkeypatch.setenv("RELAY_ALLOWED", "")
        relay_app.guard.cache_clear()
        reply = call(service, url)

    assert (reply["statusCode"], server.requests) == (502, [])
    assert the_call(service)["verdict"]["code"] == "blocked_target"


def test_more_steps_up_than_there_are_folders_lead_out_of_the_relay(service: Service) -> None:
    with relayed(service, GOOD) as (server, url):
        reply = call(service, url, raw_path=path_of(url).replace("/voice/a/voice.php", "/next.php"))

    assert (reply["statusCode"], server.requests) == (404, [])


# ---------------------------------------------------------------- who may use it


@pytest.mark.parametrize("change", ["secret", "relay", "account", "target"])
def test_an_address_that_is_not_quite_right_opens_nothing(service: Service, change: str) -> None:
    with relayed(service, GOOD) as (server, url):
        path = path_of(url)
        wrong = {
            "secret": path.replace("/voice/", "x/voice/", 1)[:-1],
            "relay": path.replace("pvr_", f"pvr_{'0' * 32}", 1).replace("0" * 32 + path[38:70], "0" * 32),
            "account": path.replace(ACCOUNT, ACCOUNT[::-1]),
            "target": path.replace("/voice/", f"/o-aHR0cHM6Ly9ldmlsLmV4YW1wbGU-{'0' * 32}/", 1),
        }[change]
        reply = call(service, url, raw_path=wrong)

    assert (reply["statusCode"], server.requests) == (404, [])
    assert service.receive() == []


def test_a_deleted_relay_is_gone(service: Service) -> None:
    with serving(GOOD) as server:
        relay = defined(service, f"{server.url}/voice")
        assert service.relays("DELETE", relay["id"])["statusCode"] == 200
        reply = call(service, relay["relay_url"])

    assert reply["statusCode"] == 404


def test_after_a_rotation_old_and_new_address_work_until_the_grace_is_over(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(GOOD) as server:
        relay = defined(service, f"{server.url}/voice")
        rotated = service.relays("PUT", relay["id"], "secret", data={"grace_seconds": 60})["json"]["data"]
        both = [call(service, one["relay_url"])["statusCode"] for one in (relay, rotated)]
        monkeypatch.setattr("pivot_debug.clock.now_ms", lambda: NOW_MS + 60_000)
        later = [call(service, one["relay_url"])["statusCode"] for one in (relay, rotated)]

    assert (both, later) == ([200, 200], [404, 200])


# ---------------------------------------------------------------- what is recorded


def test_a_record_tells_what_kazoo_does_not(service: Service) -> None:
    script = answers(answer(HANGUP, JSON, "ETag: AbC", "X-One: 1", "x-one: 2", "Z: z"))

    with relayed(service, script) as (_, url):
        call(service, url, received_ms=NOW_MS - 120)

    request, response = records(service)
    assert (request["created_ms"], response["created_ms"]) == (NOW_MS - 120, NOW_MS)
    assert list(response["resp_headers"])[:2] == ["Content-Type", "ETag"]
    assert response["resp_headers"]["ETag"] == "AbC"
    assert {request["source"], response["source"], request["node"]} == {"relay"}
    assert response["remote_address"] == "127.0.0.1"
    assert {"connect_ms", "first_byte_ms", "total_ms"} <= response["timings"].keys()
    assert request["timeout_ms"] == 5000


def test_no_record_holds_the_relays_secret(service: Service) -> None:
    with serving(answers(answer(b"<Response><Redirect>https://x.example/</Redirect></Response>"))) as server:
        relay = defined(service, f"{server.url}/voice", rewrite=True)
        reply = call(service, relay["relay_url"])

    secret = relay["relay_url"].split("pvr_")[1].split("/")[0].split("_")[1]
    assert secret in body_of(reply).decode()
    stored = json.dumps(records(service))
    assert secret not in stored
    assert f"pvr_{relay['id']}_***/o-" in stored


def test_credentials_are_redacted_as_everywhere(service: Service) -> None:
    with relayed(service, GOOD) as (_, url):
        call(service, url, raw_query=f"{PARAMETERS}&api_key=hidden", headers={"authorization": "Bearer hidden"})

    assert "hidden" not in json.dumps(records(service))


def test_faults_in_the_json_become_the_record_that_kazoo_would_have_made(service: Service) -> None:
    with relayed(service, answers(answer(b'{"module":"hangup",}', JSON))) as (_, url):
        call(service, url)

    listed = the_call(service)
    assert (listed["verdict"]["code"], listed["has_json_errors"]) == ("json_syntax", True)
    (error,) = (record for record in records(service) if record["type"] == "json_errors")
    assert set(error["json_errors"]) == {"message", "before", "after"}


def test_an_answer_of_bytes_is_kept_as_base64(service: Service) -> None:
    with relayed(service, answers(answer(b"\xff\xfe", JSON))) as (_, url):
        call(service, url)

    response = records(service)[1]
    assert (response["body_encoding"], base64.b64decode(response["resp_body"])) == ("base64", b"\xff\xfe")
    assert the_call(service)["verdict"]["code"] == "invalid_encoding"


def test_a_request_without_a_call_id_is_a_call_of_its_own(service: Service) -> None:
    with relayed(service, GOOD) as (_, url):
        call(service, url, raw_query="hello=1")

    assert service.record_queue() == []
    (listed,) = service.listed()
    assert listed["call_id"].startswith("no-call-id-")


def test_two_exchanges_at_the_same_moment_keep_their_own_answers(service: Service) -> None:
    def script(sock: Any, request: bytes) -> None:
        sock.sendall(answer(HANGUP, JSON) if b"/a/first" in request else answer(status="404 Not Found"))

    with relayed(service, script) as (_, url):
        for number, name in enumerate(("first", "second")):
            call(service, url, raw_path=path_of(url).replace("voice.php", name), request_id=str(number))

    by_attempt = {
        record["attempt"]: record["resp_status_code"] for record in records(service) if record["type"] == "response"
    }
    asked = {record["attempt"]: "first" in record["uri"] for record in records(service) if record["type"] == "request"}
    assert {by_attempt[attempt] for attempt, is_first in asked.items() if is_first} == {"200"}
    assert {by_attempt[attempt] for attempt, is_first in asked.items() if not is_first} == {"404"}


@pytest.mark.parametrize(
    ("definition", "kept"),
    [
        ({"record": "all"}, 3),
        ({"record": "failures"}, 1),
        ({"record": "next 2 calls"}, 2),
        ({"record": "until 2024-03-12T21:25:37Z"}, 2),
        ({"debug": False}, 0),
    ],
    ids=str,
)
def test_the_definition_says_which_calls_are_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch, definition: dict[str, Any], kept: int
) -> None:
    def script(sock: Any, request: bytes) -> None:
        sock.sendall(answer(status="500 Broken") if b"call-2" in request else answer(HANGUP, JSON))

    with relayed(service, script, **definition) as (_, url):
        for number in range(3):
            received = NOW_MS + (2000 if number == 2 else 0)
            query = f"Call-ID=call-{number}"
            reply = call(service, url, raw_query=query, request_id=str(number), received_ms=received)
            assert reply["statusCode"] in (200, 500)

    assert service.record_queue() == []
    monkeypatch.setattr("pivot_debug.clock.now_ms", lambda: NOW_MS + 10_000)
    assert len(service.listed()) == kept


def test_a_recording_that_kazoo_uploads_is_handed_on_but_is_no_step_of_the_call(service: Service) -> None:
    with relayed(service, GOOD) as (server, url):
        reply = call(service, url, method="PUT", body=base64.b64encode(b"RIFF\xff").decode(), is_base64=True)

    assert (reply["statusCode"], server.requests[0].endswith(b"RIFF\xff")) == (200, True)
    assert service.receive() == []


def test_a_changed_definition_counts_within_seconds_without_a_new_callflow(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 0.0
    fresh = known_relays.KnownRelays(relay_app.relays().find, lambda: seconds)
    monkeypatch.setattr(relay_app, "known_relays", lambda: fresh)

    with serving(GOOD) as server:
        relay = defined(service, f"{server.url}/voice", debug=False)
        call(service, relay["relay_url"])
        assert service.relays("PATCH", relay["id"], data={"debug": True})["statusCode"] == 200
        seconds += known_relays.FRESH_SECONDS
        call(service, relay["relay_url"], request_id="two")

    assert the_call(service)["attempts"] == 1


def test_where_the_accounts_recording_is_off_the_relay_only_relays(service: Service) -> None:
    from pivot_debug.account_store import AccountSettings  # noqa: PLC0415 - this test alone

    service.accounts().save(ACCOUNT, AccountSettings(recording=False))

    with relayed(service, GOOD) as (_, url):
        assert call(service, url)["statusCode"] == 200

    assert service.receive() == []


# ---------------------------------------------------------------- rewriting


def test_with_rewriting_later_steps_come_back_to_the_relay_and_both_bodies_are_kept(service: Service) -> None:
    def script(sock: Any, request: bytes) -> None:
        host = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:"))[6:]
        first = b"<Response><Redirect>http://" + host + b"/next?x=1</Redirect></Response>"
        body = b"<Response><Hangup/></Response>" if b"/next" in request else first
        sock.sendall(answer(body, "Content-Type: text/xml"))

    with relayed(service, script, rewrite=True) as (server, url):
        served = body_of(call(service, url)).decode()
        onward = served.split("<Redirect>")[1].split("</Redirect>")[0]
        call(service, onward, raw_query="x=1&" + PARAMETERS, request_id="two", received_ms=NOW_MS + 9)

    assert "/voice/next?x=1" in onward
    assert server.requests[1].startswith(b"GET /next?x=1&")
    response = records(service)[1]
    assert f"{server.url}/next?x=1" in response["resp_body"]
    assert "/voice/next?x=1" in response["served_body"]
    assert the_call(service)["verdict"] == {"status": "ok"}


def test_a_rewritten_address_of_another_server_is_signed_and_leads_there(service: Service) -> None:
    with serving(GOOD) as other:
        body = json.dumps({"module": "pivot", "data": {"voice_url": f"{other.url}/ivr", "debug": True}}).encode()
        with relayed(service, answers(answer(body, JSON)), rewrite=True) as (_, url):
            onward = json.loads(body_of(call(service, url)))["data"]["voice_url"]
            assert "/o-" in onward
            assert call(service, onward, request_id="two")["statusCode"] == 200
            forged = onward.replace("/o-", "/o-x", 1)
            assert call(service, forged, request_id="three")["statusCode"] == 404

    assert len(other.requests) == 1


def test_without_rewriting_the_verdict_warns_of_an_address_that_leaves_the_relay(service: Service) -> None:
    body = b"<Response><Redirect>https://elsewhere.example/next</Redirect></Response>"

    with relayed(service, answers(answer(body, "Content-Type: text/xml"))) as (_, url):
        assert body_of(call(service, url)) == body

    assert the_call(service)["verdict"]["code"] == "leaves_relay"


# ---------------------------------------------------------------- the record never costs the call


class _Broken:
    def send(self, _delivery: Any) -> int:
        raise StoreUnavailableError


def test_a_queue_that_does_not_answer_changes_nothing_for_the_call_and_is_counted(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(relay_app, "queue", _Broken)

    with relayed(service, GOOD) as (_, url):
        reply = call(service, url)

    assert (reply["statusCode"], body_of(reply)) == (200, HANGUP)
    (metric,) = lost(capsys)
    assert metric["RecordsLost"] == 2
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "PivotDebug"


def lost(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if "RecordsLost" in line]


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_of_an_exchange_sent_in_several_messages_those_are_lost_that_the_queue_does_not_take(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], taken: int
) -> None:
    monkeypatch.setattr(queue, "MAX_MESSAGE", 1)
    left = [None] * taken

    def takes_some(sent: Sent) -> None:
        if sent.operation == "SendMessage" and not left:
            raise aws_error("ServiceUnavailable", sent.operation)
        left.pop()

    wrong = answers(answer(b"<Response><Speak>Hi</Speak></Response>", "Content-Type: text/xml"))
    with relayed(service, wrong) as (_, url), tapped(relay_app.queue()._client, takes_some):
        assert call(service, url)["statusCode"] == 200

    assert [metric["RecordsLost"] for metric in lost(capsys)] == [3 - taken]
    assert len(records(service)) == taken


def test_a_definition_that_cannot_be_read_is_a_plain_503(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise StoreUnavailableError("secret text")

    with relayed(service, GOOD) as (_, url):
        monkeypatch.setattr(relay_app, "known_relays", lambda: known_relays.KnownRelays(fail))
        reply = call(service, url)

    assert reply["statusCode"] == 503
    assert "secret text" not in reply["body"]
    assert "retry-after" not in reply["headers"]


def test_no_log_line_holds_a_path_a_body_or_a_secret(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), relayed(service, answers(answer(b"planted-body", JSON))) as (_, url):
        call(service, url, raw_query="Call-ID=1&From=planted-number&planted-query=1")

    assert "relayed" in caplog.text
    for planted in ("planted", "pvr_"):
        assert planted not in " ".join(str(vars(line)) for line in caplog.records if line.name != "urllib3")


def test_what_a_caller_keyed_in_is_hidden_unless_the_account_keeps_it(service: Service) -> None:
    with relayed(service, GOOD) as (_, url):
        call(service, url, raw_query=f"{PARAMETERS}&Digits=482915")

    assert "482915" not in json.dumps(records(service))
