"""Every way to fail, each with the whole error envelope."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from functions.debug_api import app as debug_api
from functions.ingest import app as ingest
from pivot_debug import clock, dynamodb, query, secret_keys
from pivot_debug.account_store import AccountSettings
from tests.builders import CREATED, NOW_MS, TOKEN, a_call, a_request, api_event
from tests.integration.helpers import (
    Account,
    Reply,
    assert_error,
    aws_error,
    has_null,
    invalid,
    logged,
    raising,
    tapped,
)
from tests.integration.service import Service

CANARY = "canary-8f2e0c"
ENDPOINT = "https://dynamodb.eu-central-1.amazonaws.com"
FORBIDDEN = {"message": "forbidden"}
UNAVAILABLE = {"message": "datastore timeout"}

PAGE_OF_HTML = aws_error("502")
PAGE_OF_HTML.response["ResponseMetadata"] = {
    "HTTPStatusCode": 502,
    "HTTPHeaders": {},
    "RequestId": "",
    "HostId": "",
    "RetryAttempts": 2,
}
"""As botocore makes it of an answer that has no code."""

TEMPORARY = [
    pytest.param(aws_error("ProvisionedThroughputExceededException"), id="throughput"),
    pytest.param(aws_error("ThrottlingException"), id="throttling"),
    pytest.param(aws_error("RequestLimitExceeded"), id="request limit"),
    pytest.param(aws_error("InternalServerError"), id="server error"),
    pytest.param(aws_error("ServiceUnavailable"), id="unavailable"),
    pytest.param(PAGE_OF_HTML, id="page of HTML"),
    pytest.param(ResponseParserError("injected"), id="unreadable"),
    pytest.param(ReadTimeoutError(endpoint_url=ENDPOINT), id="read timeout"),
    pytest.param(ConnectionClosedError(endpoint_url=ENDPOINT), id="connection closed"),
    pytest.param(ConnectTimeoutError(endpoint_url=ENDPOINT), id="connect timeout"),
    pytest.param(EndpointConnectionError(endpoint_url=ENDPOINT), id="no connection"),
    pytest.param(SSLError(endpoint_url=ENDPOINT, error=OSError("handshake")), id="tls"),
]


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore's pauses between its own retries."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def every_route(account: Account, **request: Any) -> list[Reply]:
    """The same request to the list, to a call, and to the ingest."""
    return [account.get(**request), account.get(call_id="one", **request), account.put(a_request(), **request)]


# ---------------------------------------------------------------- 400


@pytest.mark.parametrize("name", ["page_size", "created_from", "created_to"])
def test_a_list_parameter_that_is_no_number_is_400(account: Account, name: str) -> None:
    reply = account.get(query={name: "many"})

    data = invalid(name, "type", "must be a whole number", target="integer")
    assert_error(reply, 400, "validation error", data)


@pytest.mark.parametrize("size", ["0", "-1", "ten", ""])
def test_a_page_size_is_judged_by_the_same_rule_for_a_call(account: Account, size: str) -> None:
    of_list = account.get(query={"page_size": size})["json"]

    of_call = account.get(call_id="one", query={"page_size": size})

    assert_error(of_call, 400, "validation error", of_list["data"])


@pytest.mark.parametrize("name", ["created_from", "created_to"])
def test_a_time_that_is_no_number_is_judged_by_the_same_rule_for_a_call(account: Account, name: str) -> None:
    reply = account.get(call_id="one", query={name: "yesterday"})

    data = invalid(name, "type", "must be a whole number", target="integer")
    assert_error(reply, 400, "validation error", data)


def test_a_bad_cursor_of_a_call_is_400(account: Account) -> None:
    reply = account.get(call_id="one", query={"start_key": "x"})

    message = "not a next_start_key of this list with these filters, or older than a day: start again without it"
    assert_error(reply, 400, "validation error", invalid("start_key", "invalid", message))


@pytest.mark.parametrize("encoded", ["%FF", "a%C3", "%ED%A0%80", "%C0%AF"])
def test_a_path_that_decodes_to_no_text_is_400(account: Account, encoded: str) -> None:
    event = api_event(account_id=account.id, accounts=account.id, call_id="x")
    event["path"] = f"/v2/accounts/{account.id}/pivot/debug/{encoded}"

    reply = debug_api.handler(event, None)

    data = invalid("call_id", "invalid", "the path is not valid UTF-8 once decoded")
    assert_error(reply, 400, "validation error", data)


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("", invalid("json", "invalid", "not valid JSON", target="body")),
        ("{", invalid("json", "invalid", "not valid JSON", target="body")),
        ("{}", invalid("data", "required", "Field is required but missing", value="data")),
        ("[]", invalid("data", "required", "Field is required but missing", value="data")),
        ("null", invalid("data", "required", "Field is required but missing", value="data")),
        ('{"data": null}', invalid("0.document", "type", "a debug document is an object", target="object")),
        ('{"data": [{"call_id": 5}]}', invalid("0.call_id", "type", "Input should be a valid string")),
        ('{"data": {}}', invalid("0.call_id", "required", "Field required")),
    ],
)
def test_an_ingest_body_that_holds_no_document_is_400(account: Account, body: str, data: dict[str, Any]) -> None:
    reply = account.put(None, body=body)

    assert_error(reply, 400, "validation error", data)


@pytest.mark.parametrize("headers", [{"Accept": "text/csv"}, {"Accept": "application/octet-stream"}])
def test_an_error_is_json_also_for_who_wanted_csv(account: Account, headers: dict[str, str]) -> None:
    reply = account.get(query={"page_size": "0"}, headers=headers)

    assert_error(reply, 400, "validation error", invalid("page_size", "minimum", "must be at least 1", target=1))


def test_an_error_holds_no_null_which_the_monster_ui_would_stumble_over(account: Account) -> None:
    replies = [
        account.get(query={"page_size": "0"}),
        account.get(scopes=""),
        account.put([{"call_id": None}, {"call_id": "x", "created": 5}]),
    ]

    assert [reply["body"] for reply in replies if has_null(reply["json"])] == []


def test_head_fails_with_the_status_and_headers_of_get_and_no_body(account: Account) -> None:
    full = account.get(query={"page_size": "0"})

    head = account.get(method="HEAD", query={"page_size": "0"})

    assert (head["statusCode"], head["headers"], head["body"]) == (400, full["headers"], "")


@pytest.mark.parametrize("call_id", ["x" * 256, "x" * 2000, "#" * 400, "é" * 500, "\x00", "000101-x", "999912-x"])
def test_a_call_id_that_no_call_can_have_is_just_unknown(account: Account, call_id: str) -> None:
    reply = account.get(call_id=call_id)

    assert (reply["statusCode"], reply["json"]["data"]) == (200, [])


# ---------------------------------------------------------------- 401


@pytest.mark.parametrize("seconds_ago", [0, 1, 86_400])
def test_a_token_that_expired_since_the_gateway_looked_is_401(account: Account, seconds_ago: int) -> None:
    expires = str(NOW_MS // 1000 - seconds_ago)

    replies = every_route(account, expires=expires)

    for reply in replies:
        assert_error(reply, 401, "invalid_credentials", {"message": "invalid credentials"})


def test_a_token_works_until_the_second_it_expires(account: Account) -> None:
    replies = every_route(account, expires=str(NOW_MS // 1000 + 1))

    assert [reply["statusCode"] for reply in replies] == [200, 200, 400]


@pytest.mark.parametrize("expires", ["soon", "1.5", "1e9", "-1", "None", "²", " ", "0x1"])
def test_an_expiry_that_cannot_be_read_gives_no_access(account: Account, expires: str) -> None:
    replies = [account.get(expires=expires), account.get(call_id="one", expires=expires)]

    assert [reply["statusCode"] for reply in replies if reply["statusCode"] not in (401, 403)] == []


# ---------------------------------------------------------------- 403


def test_another_accounts_token_is_403(account: Account, deployment: Service) -> None:
    stranger = Account.new(deployment)

    replies = every_route(account, accounts=stranger.id)

    for reply in replies:
        assert_error(reply, 403, "forbidden", FORBIDDEN)


@pytest.mark.parametrize("scopes", ["", "debug:write", "debug:reader", "read", "debug", "*", "DEBUG:READ"])
def test_reading_needs_the_scope_to_read(account: Account, scopes: str) -> None:
    replies = [account.get(scopes=scopes), account.get(call_id="one", scopes=scopes)]

    for reply in replies:
        assert_error(reply, 403, "forbidden", FORBIDDEN)


@pytest.mark.parametrize("scopes", ["", "debug:read", "*"])
def test_writing_needs_the_scope_to_write(account: Account, scopes: str) -> None:
    reply = account.put(a_request(), scopes=scopes)

    assert_error(reply, 403, "forbidden", FORBIDDEN)


@pytest.mark.parametrize(
    "context",
    [
        None,
        {},
        {"principalId": "x"},
        {"accounts": None, "scopes": None},
        {"accounts": ["*"], "scopes": ["debug:read", "debug:write"]},
        {"accounts": True, "scopes": True},
        {"accounts": "", "scopes": "debug:read,debug:write"},
        {"accounts": "None", "scopes": "debug:read,debug:write"},
        {"Accounts": "*", "Scopes": "debug:read,debug:write"},
    ],
)
def test_without_a_readable_authorizer_context_nothing_is_allowed(account: Account, context: Any) -> None:
    events = [api_event(account_id=account.id), api_event(account_id=account.id, method="PUT", body='{"data":[]}')]
    for event in events:
        event["requestContext"] = event["requestContext"] | {"authorizer": context}

    replies = [debug_api.handler(events[0], None), ingest.handler(events[1], None)]

    for reply in replies:
        assert_error(reply, 403, "forbidden", FORBIDDEN)


# ---------------------------------------------------------------- 404


@pytest.mark.parametrize(
    "account_id",
    ["x", "0" * 31, "0" * 33, "0" * 31 + "G", "0123456789ABCDEF0123456789ABCDEF", "*", "0" * 31 + "é", "0" * 32 + " "],
)
def test_what_is_no_account_id_is_404_for_an_operator(account: Account, account_id: str) -> None:
    replies = every_route(account, account_id=account_id, accounts="*")

    for reply in replies:
        assert_error(reply, 404, "bad identifier", {"message": f"invalid account_id '{account_id}'"})


@pytest.mark.parametrize("account_id", ["x", "0" * 33, "*", ""])
def test_what_is_no_account_id_is_403_for_everybody_else(account: Account, account_id: str) -> None:
    replies = every_route(account, account_id=account_id, accounts=account.id)

    for reply in replies:
        assert_error(reply, 403, "forbidden", FORBIDDEN)


# ---------------------------------------------------------------- 405


@pytest.mark.parametrize(
    ("call_id", "method", "allow"),
    [
        *[(None, verb, "GET, HEAD, PUT, OPTIONS") for verb in ("POST", "PATCH", "DELETE", "TRACE", "PROPFIND")],
        *[("one", verb, "GET, HEAD, DELETE, OPTIONS") for verb in ("PUT", "POST", "PATCH", "TRACE")],
    ],
)
def test_any_other_verb_is_405_and_told_what_is_allowed_without_a_token(
    account: Account, call_id: str | None, method: str, allow: str
) -> None:
    event = api_event(account_id=account.id, call_id=call_id, method=method)
    event["requestContext"] = {**event["requestContext"], "authorizer": None}
    event["headers"] = {}

    reply = debug_api.handler(event, None)

    assert_error(reply, 405, "invalid_method", {"message": "method not allowed"})
    assert reply["headers"]["Allow"] == allow


def test_a_wrong_verb_is_405_before_the_account_is_looked_at(account: Account) -> None:
    reply = account.get(method="DELETE", account_id="%FF")

    assert_error(reply, 405, "invalid_method", {"message": "method not allowed"})


# ---------------------------------------------------------------- 406, 409, 416


@pytest.mark.parametrize("call_id", [None, "one"])
@pytest.mark.parametrize("accept", ["text/html", "image/png, text/html;q=0.9", "application/json;q=0", "xml"])
def test_an_accept_header_that_admits_nothing_offered_is_406(
    account: Account, call_id: str | None, accept: str
) -> None:
    reply = account.get(call_id=call_id, headers={"Accept": accept})

    assert_error(reply, 406, "not_acceptable", reply["json"]["data"])
    assert list(reply["json"]["data"]) == ["message"]


def test_what_is_forbidden_is_403_before_it_is_406(account: Account) -> None:
    reply = account.get(scopes="", headers={"Accept": "text/html"})

    assert_error(reply, 403, "forbidden", FORBIDDEN)


def test_where_recording_is_off_documents_are_409(account: Account, deployment: Service) -> None:
    deployment.accounts().save(account.id, AccountSettings(recording=False))

    reply = account.put(a_request())

    assert_error(reply, 409, "recording_off", {"message": "recording is switched off for this account"})


def test_where_recording_is_off_what_was_recorded_can_still_be_read(account: Account, deployment: Service) -> None:
    account.given(a_call(call_id="one"))
    deployment.accounts().save(account.id, AccountSettings(recording=False))

    replies = [account.get(), account.get(call_id="one")]

    assert [reply["json"]["page_size"] for reply in replies] == [1, 2]


@pytest.mark.parametrize("call_id", [None, "one"])
def test_more_at_once_than_the_cap_is_416(
    account: Account, monkeypatch: pytest.MonkeyPatch, call_id: str | None
) -> None:
    account.given([a_request(call_id=name, created=CREATED + n) for name in ("one", "two") for n in range(2)])
    monkeypatch.setattr(query, "UNPAGED_CAP", 1)

    reply = account.get(call_id=call_id, query={"paginate": "false"})

    assert_error(reply, 416, "range not satisfiable", {"message": "too much for one reply: page through it"})


# ---------------------------------------------------------------- 503


@pytest.mark.parametrize("error", TEMPORARY)
@pytest.mark.parametrize("call_id", [None, "one"])
@pytest.mark.usefixtures("_no_waiting")
def test_a_store_that_may_answer_the_next_time_is_503_with_retry_after(
    account: Account, error: Exception, call_id: str | None
) -> None:
    with tapped(dynamodb.client(), raising(error)):
        reply = account.get(call_id=call_id)

    assert_error(reply, 503, "datastore_unreachable", UNAVAILABLE)
    assert reply["headers"]["Retry-After"] == "1"


@pytest.mark.parametrize("error", TEMPORARY)
@pytest.mark.usefixtures("_no_waiting")
def test_settings_that_cannot_be_read_now_make_the_ingest_503(account: Account, error: Exception) -> None:
    with tapped(dynamodb.client(), raising(error)):
        reply = account.put(a_request())

    assert_error(reply, 503, "datastore_unreachable", UNAVAILABLE)
    assert reply["headers"]["Retry-After"] == "1"


@pytest.mark.parametrize("error", TEMPORARY)
@pytest.mark.usefixtures("_no_waiting")
def test_a_queue_that_takes_nothing_now_makes_the_ingest_503(account: Account, error: Exception) -> None:
    document = account.own(a_request())

    with tapped(ingest.queue()._client, raising(error)):
        reply = account.put(document)

    assert_error(reply, 503, "datastore_unreachable", UNAVAILABLE)
    assert reply["headers"]["Retry-After"] == "1"


@pytest.mark.parametrize("error", [TEMPORARY[1], TEMPORARY[5], TEMPORARY[7]])
@pytest.mark.usefixtures("_no_waiting")
def test_a_cursor_key_that_cannot_be_fetched_now_is_503(
    account: Account, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    secrets = boto3.client("secretsmanager")
    monkeypatch.setattr(secret_keys, "aws_client", lambda _service: secrets)
    secret_keys.cursor_key.cache_clear()

    with tapped(secrets, raising(error)):
        reply = account.get(query={"page_size": "1"})

    assert_error(reply, 503, "datastore_unreachable", UNAVAILABLE)
    assert reply["headers"]["Retry-After"] == "1"


def test_the_cause_of_a_503_is_in_the_log(account: Account) -> None:
    with logged() as log, tapped(dynamodb.client(), raising(aws_error("ThrottlingException", message=CANARY))):
        account.get()

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["message"] for line in lines if CANARY in line.get("exception", "")] == ["request failed"]


def test_a_store_that_recovers_is_used_again(account: Account) -> None:
    account.given(a_call(call_id="one"))
    with tapped(dynamodb.client(), raising(aws_error("ThrottlingException"))):
        account.get()

    assert account.call_ids() == ["one"]


# ---------------------------------------------------------------- 500


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(CANARY),
        ValueError(CANARY),
        KeyError(CANARY),
        RecursionError(CANARY),
        aws_error("AccessDeniedException", message=CANARY),
        aws_error("ResourceNotFoundException", message=CANARY),
    ],
)
def test_an_error_that_nobody_foresaw_is_500_and_tells_the_log_alone(account: Account, error: Exception) -> None:
    with logged() as log, tapped(dynamodb.client(), raising(error)):
        replies = every_route(account)

    for reply in replies:
        assert_error(reply, 500, "internal_error", {"message": "internal error"})
        assert CANARY not in json.dumps(reply)
    assert log.getvalue().count('"message":"request failed"') == 3
    assert CANARY in log.getvalue()


def test_the_log_of_a_500_finds_the_request_and_keeps_the_token_out(account: Account) -> None:
    with logged() as log, tapped(dynamodb.client(), raising(RuntimeError(CANARY))):
        account.get(headers={"X-Request-ID": "find-me"})

    failed = [json.loads(line) for line in log.getvalue().splitlines() if CANARY in line]
    assert [line["request_id"] for line in failed] == ["find-me"]
    assert TOKEN not in log.getvalue()


@pytest.mark.parametrize("name", ["DEBUG_TABLE", "CURSOR_SECRET"])
def test_a_missing_setting_is_500_and_named_in_the_log_alone(
    account: Account, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    secret_keys.cursor_key.cache_clear()
    monkeypatch.delenv(name)

    with logged() as log:
        reply = account.get(query={"page_size": "1"})

    assert_error(reply, 500, "internal_error", {"message": "internal error"})
    assert name in log.getvalue()


def test_the_timestamp_of_an_error_is_in_whole_seconds(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + 999)

    reply = account.get(query={"page_size": "0"})

    assert reply["json"]["timestamp"] == "2024-03-12T21:25:36Z"


def test_a_failure_is_not_remembered_by_the_function(account: Account) -> None:
    with tapped(dynamodb.client(), raising(RuntimeError(CANARY))):
        account.put(account.own(a_request()))

    reply = account.put(account.own(a_request()))
    account.service.record_queue()

    assert reply["statusCode"] == 202
