"""Servers and requests made to break the relay: the call gets its answer, and its record holds no secret."""

import base64
import random
from typing import Any

import pytest

from pivot_debug.upstream.answer_head import MAX_SIZE
from tests.integration import test_relay
from tests.integration.servers import answer, answers, redirect
from tests.integration.service import RELAY_ROOT, Service
from tests.integration.test_relay import GOOD, PARAMETERS, call, records, relayed, the_call

pytestmark = pytest.mark.enable_socket

local_servers_are_allowed = test_relay.local_servers_are_allowed


FUNCTION_URL = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws"


@pytest.mark.parametrize(
    ("own_domain", "target"), [(RELAY_ROOT, RELAY_ROOT), (RELAY_ROOT, FUNCTION_URL), ("", FUNCTION_URL)]
)
def test_a_redirect_to_the_relay_itself_ends_there_instead_of_going_round_for_ever(
    service: Service, monkeypatch: pytest.MonkeyPatch, own_domain: str, target: str
) -> None:
    with relayed(service, answers(redirect(f"{target}/x"))) as (_, url):
        monkeypatch.setenv("RELAY_ROOT", own_domain)
        reply = call(service, url)

    assert reply["statusCode"] == 502
    assert "the relay's own address" in records(service)[1]["transport_error"]["message"]


def test_headers_that_no_record_could_hold_are_no_answer_and_a_record_says_so(service: Service) -> None:
    lines = [f"X-{number}: {'x' * 10_000}" for number in range(50)]

    with relayed(service, answers(answer(b"{}", *lines))) as (_, url):
        reply = call(service, url)

    assert reply["statusCode"] == 502
    assert records(service)[1]["transport_error"]["code"] == "not_http"


def test_the_largest_headers_of_every_redirect_fit_into_one_record(service: Service) -> None:
    noise = random.Random(1).randbytes(MAX_SIZE).replace(b"\n", b"").replace(b"\r", b"")[: MAX_SIZE - 200]
    pages = iter([*[b"HTTP/1.1 302 Found\r\nLocation: /on\r\n"] * 5, b"HTTP/1.1 200 OK\r\n"])

    def script(sock: Any, _request: bytes) -> None:
        sock.sendall(next(pages) + b"X: " + noise + b"\r\nContent-Length: 2\r\n\r\n{}")

    with relayed(service, script) as (_, url):
        assert call(service, url)["statusCode"] == 200

    assert len(records(service)[1]["hops"]) == 5


@pytest.mark.parametrize("name", [b"X Y", b"", b"X\x00Y", b"X-\xe9", b"X@[]"])
def test_a_header_that_lambda_might_not_send_is_left_out_and_recorded(service: Service, name: bytes) -> None:
    with relayed(service, answers(b"HTTP/1.1 200 OK\r\n" + name + b": 1\r\nX-Own: 2\r\n\r\n{}")) as (_, url):
        reply = call(service, url)

    assert reply["headers"] == {"content-type": "text/xml", "x-own": "2"}
    assert records(service)[1]["resp_headers"] == {name.decode("latin-1"): "1", "X-Own": "2"}


@pytest.mark.parametrize("odd", [b"\xe9", b"\x01", b"\x7f"])
def test_characters_that_lambda_might_not_send_leave_the_rest_of_a_header_as_it_is(
    service: Service, odd: bytes
) -> None:
    with relayed(service, answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; x=" + odd + b"\r\n\r\n{}")) as (_, url):
        reply = call(service, url)

    assert reply["headers"]["content-type"] == "text/xml; x=?"


@pytest.mark.parametrize("header", [("x", "a\x7fb"), ("x", "a\x01b"), ("x y", "1"), ("", "1"), ("x", "a\r\nHost: b")])
def test_a_header_that_cannot_stand_in_a_request_is_left_out_and_the_call_goes_on(
    service: Service, header: tuple[str, str]
) -> None:
    with relayed(service, GOOD) as (server, url):
        reply = call(service, url, headers={"content-type": "text/plain", **dict([header])})

    assert reply["statusCode"] == 200
    assert len(server.requests[0].splitlines()) == 5
    assert set(records(service)[0]["req_headers"]) == {"content-type", "accept-encoding"}


@pytest.mark.parametrize(
    "location",
    [
        "https://h ost/#access_token=planted",
        "https://h.example:0/pvr_00112233445566778899aabbccddeeff_planted/voice",
        "//user:planted@h ost/",
        "/next#access_token=planted",
    ],
)
def test_no_secret_of_a_redirect_is_kept_or_told(
    service: Service, caplog: pytest.LogCaptureFixture, location: str
) -> None:
    with relayed(service, answers(redirect(location))) as (_, url):
        reply = call(service, url)

    assert reply["statusCode"] == 502
    assert "planted" not in f"{reply}{records(service)}{service.listed()}{caplog.text}"


def test_a_byte_that_is_no_utf_8_hides_neither_the_call_nor_its_caller_nor_keeps_a_secret(service: Service) -> None:
    body = f"{PARAMETERS}&password=planted&x=".encode() + b"\xff"
    encoded = base64.b64encode(body).decode()

    with relayed(service, GOOD) as (server, url):
        call(service, url, method="POST", raw_query="", body=encoded, is_base64=True)

    assert server.requests[0].endswith(body)
    assert the_call(service)["caller"] == "2600"
    request = records(service)[0]
    assert base64.b64decode(request["req_body"]) == body.replace(b"planted", b"***")
    assert request["redacted"] == ["req_body.password"]


def test_a_byte_order_mark_before_json_keeps_no_secret(service: Service) -> None:
    with relayed(service, GOOD) as (_, url):
        call(service, url, method="POST", body='\ufeff{"password": "planted"}')

    assert "planted" not in str(records(service))
