"""What a client of the deployed API sees over HTTP."""

import json
import re
import subprocess
import sys

import httpx
import pytest

from local.stack import LocalStack
from tests.e2e.client import Api, new_account, recent_call
from tests.template import ROOT

AWKWARD_IDS = [
    "829597750@10.26.0.158",
    "a7/Fq+Zx9?k@10.26.0.158",
    "100%#1",
    "%41bc%2F",
    "a:b;c=d&e,f",
    "[x]{y}<z>\\\"'`",
    "a b\tc",
    "ünïcode-☎",
    "123456-abc@host",
    "202413-x",
    "konami-transfer-4be1c09f",
    "*",
]


def assert_error(reply: httpx.Response, status: int, message: str) -> None:
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["access-control-allow-origin"] == "*"
    body = reply.json()
    assert {name: body[name] for name in ("status", "error", "message")} == {
        "status": "error",
        "error": str(status),
        "message": message,
    }
    assert body["request_id"]
    assert isinstance(body["data"], dict)
    assert "auth_token" not in body


@pytest.fixture(scope="module")
def api(stack: LocalStack) -> Api:
    return Api(stack)


def test_the_envelope_of_a_list_has_every_key_with_its_type(api: Api) -> None:
    api.given(recent_call("enveloped"))

    reply = api.get(page_size=1)

    body = reply.json()
    assert reply.headers["content-type"] == "application/json"
    expected = {
        "data": list,
        "page_size": int,
        "revision": str,
        "request_id": str,
        "node": str,
        "timestamp": str,
        "version": str,
        "tokens": dict,
        "status": str,
        "auth_token": str,
    }
    assert set(body) == set(expected)
    assert all(isinstance(body[name], kind) for name, kind in expected.items())
    assert re.fullmatch(r"[0-9a-f]{32}", body["revision"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])
    assert len(body["node"]) == 22
    assert body["auth_token"] == api.token


@pytest.mark.parametrize("call_id", AWKWARD_IDS)
def test_a_call_is_read_back_under_any_call_id(api: Api, call_id: str) -> None:
    api.given(recent_call(call_id))

    by_call_id = api.data(call_id)
    by_debug_id = api.data(by_call_id[0]["debug_id"])

    assert [record["type"] for record in by_call_id] == ["request", "response"]
    assert {record["call_id"] for record in by_call_id} == {call_id}
    assert by_debug_id == by_call_id


def test_a_reply_that_is_known_already_is_304(api: Api) -> None:
    tag = api.get().headers["etag"]

    reply = api.request("GET", headers={"If-None-Match": tag})

    assert (reply.status_code, reply.content) == (304, b"")


def test_the_gateways_own_answers_carry_the_envelope(stack: LocalStack, api: Api) -> None:
    assert_error(httpx.get(api.path, trust_env=False), 401, "invalid_credentials")
    assert_error(Api(stack, api.account_id, "junk").get(), 401, "invalid_credentials")
    assert_error(Api(stack, api.account_id, "pvd_" + "a" * 16 + "_" + "b" * 32).get(), 401, "invalid_credentials")
    assert_error(Api(stack, new_account(), api.token).get(), 403, "forbidden")
    unknown = f"{stack.api_root}/accounts/{api.account_id}/pivot"
    assert_error(api.http.get(unknown, headers={"X-Auth-Token": api.token}), 404, "not_found")


def test_a_revoked_token_is_refused(stack: LocalStack) -> None:
    api = Api(stack)
    stack.pivot_debug("token", "revoke", api.token)

    reply = api.get()

    assert_error(reply, 401, "invalid_credentials")


def test_a_token_that_may_only_read_cannot_write(stack: LocalStack) -> None:
    account_id = new_account()
    reader = Api(stack, account_id, stack.create_token(account_id, scopes="debug:read"))

    assert reader.get().status_code == 200
    assert_error(reader.put([]), 403, "forbidden")


@pytest.mark.parametrize("call_id", [None, "some-call"])
def test_other_verbs_are_405_and_say_what_is_allowed(api: Api, call_id: str | None) -> None:
    for method in ("POST", "PATCH"):
        reply = api.request(method, call_id)

        assert_error(reply, 405, "invalid_method")
        assert "GET" in reply.headers["allow"]


def test_a_preflight_needs_no_token(api: Api) -> None:
    origin = {"Origin": "https://ui.example.com", "Access-Control-Request-Method": "GET"}

    reply = api.http.options(api.path, headers=origin)

    assert reply.status_code in (200, 204)
    assert reply.headers["access-control-allow-origin"] == "*"
    allowed = reply.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("content-type", "x-auth-token", "x-kazoo-cluster-id"))


def test_bad_input_is_400_in_the_validation_shape(api: Api) -> None:
    for query in ({"created_from": "1710278676"}, {"page_size": "many"}, {"start_key": "forged.cursor"}):
        reply = api.get(**query)

        assert_error(reply, 400, "validation error")
        ((field, rules),) = reply.json()["data"].items()
        assert field in query
        assert all("message" in details for details in rules.values())


def test_an_answer_is_checked_before_any_call_is_made(api: Api) -> None:
    answer = {"body": '{"module":"say"}', "content_type": "application/json"}

    reply = api.request("PUT", path="/validate", json={"data": answer})

    assert reply.status_code == 200, reply.text
    assert reply.json()["data"]["verdict"]["code"] == "unknown_module"


def test_the_error_dictionary_is_open_to_every_token(stack: LocalStack, api: Api) -> None:
    errors = api.http.get(f"{stack.api_root}/pivot/errors", headers={"X-Auth-Token": api.token}).json()["data"]
    one = api.http.get(f"{stack.api_root}/pivot/errors/timeout", headers={"X-Auth-Token": api.token}).json()["data"]

    assert one in errors
    assert_error(api.http.get(f"{stack.api_root}/pivot/errors"), 401, "invalid_credentials")


def test_a_bad_answer_is_the_verdict_in_list_and_detail(api: Api) -> None:
    request, response = recent_call("misspelt")
    api.given([request, response | {"resp_body": '{"module":"say"}'}])

    (call,) = api.data(filter_call_id="misspelt")
    detail = api.get("misspelt").json()

    assert call["verdict"]["code"] == "unknown_module"
    assert call["has_schema_errors"] is True
    assert detail["verdict"] == call["verdict"]
    assert [record["type"] for record in detail["data"]] == ["request", "response", "schema_errors"]


def test_csv_has_a_row_for_each_call(api: Api) -> None:
    api.given(recent_call("in-csv"))

    reply = api.request("GET", headers={"Accept": "text/csv"})

    assert reply.headers["content-type"].startswith("text/csv")
    assert any(line.startswith("in-csv,") for line in reply.text.splitlines())


def test_an_unmodified_kazoo_client_lists_pages_reads_and_parses_errors(stack: LocalStack) -> None:
    api = Api(stack)
    api.given([document for n in range(3) for document in recent_call(f"sdk-{n}", seconds_ago=100 + n)])

    arguments = [stack.api_root, api.account_id, api.token, new_account()]
    command = [sys.executable, "-m", "tests.e2e.kazoo_client", *arguments]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert printed.returncode == 0, printed.stderr
    got = json.loads(printed.stdout)
    assert got["pages"] == [["sdk-0", "sdk-1"], ["sdk-2"]]
    assert not got["has_third_page"]
    assert got["records"] == 2
    assert got["bad_token"] == ["KazooApiAuthenticationError", "Invalid credentials"]
    assert got["other_account"] == ["KazooApiError", "forbidden"]
    assert got["no_route"] == ["KazooApiError", "not_found"]
    assert got["bad_range"][0] == "KazooApiBadDataError"
    assert "date_range" in got["bad_range"][1]["created_from"]
