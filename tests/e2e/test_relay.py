"""The relay on the local stack: the real template, a function URL, and Pivot servers on this machine behind it."""

import time
from typing import Any

import httpx
import pytest

from local.demo_relay import EXPECTED, place_calls
from local.pivot_server import ANSWERS, running_pivot_server
from local.stack import LocalStack
from pivot_debug.relay.known_relays import FRESH_SECONDS
from tests.e2e.client import Api

pytestmark = pytest.mark.enable_socket


def defined(api: Api, voice_url: str, **definition: Any) -> dict[str, Any]:
    reply = api.request("PUT", path="/relays", json={"data": {"name": "e2e", "voice_url": voice_url, **definition}})
    assert reply.status_code == 201, reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


def call(url: str, call_id: str) -> httpx.Response:
    return httpx.get(f"{url}?Call-ID={call_id}", trust_env=False, timeout=30)


def test_every_call_of_the_demo_is_listed_with_the_verdict_that_its_server_deserves(stack: LocalStack) -> None:
    api = Api(stack)

    with running_pivot_server() as server:
        place_calls(stack, api.account_id, api.token, server)
    api.wait_for_recorder()

    listed = {call["call_id"]: call["verdict"].get("code", "ok") for call in api.data(page_size=100)}
    assert listed == EXPECTED


def test_kazoo_gets_what_the_server_sent(stack: LocalStack) -> None:
    api = Api(stack)

    with running_pivot_server() as server:
        url = defined(api, f"{server}/misspelt")["relay_url"]
        reply = call(url, "one")

    sent = ANSWERS["/misspelt"]
    assert (reply.status_code, reply.text, reply.headers["content-type"]) == (200, sent.body, sent.content_type)


def test_recording_is_switched_on_and_off_without_touching_the_callflow(stack: LocalStack) -> None:
    api = Api(stack)

    with running_pivot_server() as server:
        relay = defined(api, f"{server}/voicemail", debug=False)
        call(relay["relay_url"], "before")
        reply = api.request("PATCH", path=f"/relays/{relay['id']}", json={"data": {"debug": True}})
        assert reply.json()["data"]["relay_url"] == relay["relay_url"]
        time.sleep(FRESH_SECONDS)
        call(relay["relay_url"], "after")
    api.wait_for_recorder()

    assert [call["call_id"] for call in api.data()] == ["after"]


def test_a_deleted_relay_answers_404(stack: LocalStack) -> None:
    api = Api(stack)

    with running_pivot_server() as server:
        relay = defined(api, f"{server}/voicemail")
        assert api.request("DELETE", path=f"/relays/{relay['id']}").status_code == 200
        reply = call(relay["relay_url"], "late")

    assert reply.status_code == 404


def test_a_server_in_a_private_network_cannot_even_be_defined(stack: LocalStack) -> None:
    reply = Api(stack).request(
        "PUT", path="/relays", json={"data": {"name": "x", "voice_url": "http://169.254.169.254/latest/meta-data/"}}
    )

    assert (reply.status_code, list(reply.json()["data"])) == (400, ["voice_url"])
