"""A token has so many requests a minute, on whatever route; the answer says how many are left, or when to come back."""

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from functions.diagnosis_api import app as diagnosis_api
from pivot_debug import caller, clock, dynamodb, tokens
from pivot_debug.usage import seconds_left
from tests.builders import ACCOUNT, NOW_MS, a_call, api_event, event
from tests.integration.helpers import Account, Reply, Sent, assert_error, aws_error, logged, tapped
from tests.integration.service import Service

LIMIT = 3
TOO_MANY = {"message": "too many requests"}


@pytest.fixture
def account(deployment: Service, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose token, of its own, has three requests a minute."""
    monkeypatch.setenv("REQUESTS_PER_MINUTE", str(LIMIT))
    return Account.new(deployment)


def ask(account: Account, **more: Any) -> Reply:
    return account.get(principalId=account.id, **more)


def test_every_request_takes_one_and_the_answer_says_what_is_left(account: Account) -> None:
    left = [ask(account)["json"]["tokens"] for _ in range(LIMIT)]

    assert left == [{"consumed": 1, "remaining": LIMIT - n} for n in (1, 2, 3)]


def test_beyond_the_limit_the_answer_is_429_with_the_time_to_come_back(account: Account) -> None:
    for _ in range(LIMIT):
        assert ask(account)["statusCode"] == 200

    reply = ask(account)

    assert_error(reply, 429, "too_many_requests", TOO_MANY)
    assert reply["headers"]["Retry-After"] == str(seconds_left(NOW_MS))
    assert reply["json"]["tokens"] == {"consumed": 1, "remaining": 0}


def test_the_next_minute_begins_anew(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(LIMIT + 1):
        last = ask(account)
    assert last["statusCode"] == 429

    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + seconds_left(NOW_MS) * 1000)

    assert ask(account)["json"]["tokens"]["remaining"] == LIMIT - 1


def test_all_routes_take_from_the_same(account: Account) -> None:
    ask(account)
    ask(account, method="HEAD")
    account.put([account.own(document) for document in a_call()], principalId=account.id)

    validate = event("validate")
    validate["requestContext"]["authorizer"] |= {"principalId": account.id}
    reply = diagnosis_api.handler(validate, None)

    assert reply["statusCode"] == 429
    assert account.service.delete("x", account_id=account.id, principalId=account.id)["statusCode"] == 429


def test_what_is_refused_is_neither_read_nor_stored(account: Account) -> None:
    for _ in range(LIMIT):
        ask(account)
    sent: list[Sent] = []

    with tapped(dynamodb.client(), sent.append):
        reply = account.put([account.own(document) for document in a_call()], principalId=account.id)

    assert (reply["statusCode"], sent) == (429, [])
    assert not [message for message in account.service.receive() if account.id in message]


def test_one_token_takes_nothing_from_another(account: Account, deployment: Service) -> None:
    for _ in range(LIMIT + 1):
        ask(account)

    assert ask(Account.new(deployment))["statusCode"] == 200


def test_a_token_may_have_a_limit_of_its_own(account: Account) -> None:
    replies = [ask(account, requests_per_minute="5")["statusCode"] for _ in range(6)]

    assert replies == [200] * 5 + [429]


def test_the_limit_of_a_token_travels_from_its_row_to_the_function() -> None:
    token, row = tokens.new_token(
        name="n", accounts=(ACCOUNT,), scopes=("debug:read",), now=NOW_MS // 1000, requests_per_minute=5
    )

    known = tokens.verify(tokens.split(token)[1], row, NOW_MS // 1000)

    assert caller.from_context(caller.to_context(known)).requests_per_minute == 5


@pytest.mark.parametrize("limit", ["", "0", "-1", "x", "1.5", None])
def test_an_odd_limit_in_the_context_is_the_deployments(account: Account, limit: Any) -> None:
    assert ask(account, requests_per_minute=limit)["json"]["tokens"]["remaining"] == LIMIT - 1


def test_the_405_that_needs_no_token_costs_nobody_anything(deployment: Service) -> None:
    request = api_event(method="PATCH")
    request["requestContext"] = {**request["requestContext"], "authorizer": {}}
    sent: list[Sent] = []

    with tapped(dynamodb.quick_client(), sent.append):
        reply = deployment.get(method="PATCH", principalId="")

    assert (reply["statusCode"], sent) == (405, [])
    assert reply["json"]["tokens"]["consumed"] == 0


@pytest.mark.parametrize(
    "error",
    [
        aws_error("ThrottlingException", "UpdateItem"),
        aws_error("InternalServerError", "UpdateItem"),
        ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com"),
    ],
    ids=["throttled", "internal error", "timeout"],
)
def test_a_counter_that_does_not_answer_refuses_nobody_and_is_counted_itself(
    account: Account, monkeypatch: pytest.MonkeyPatch, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)

    def fail(_: Sent) -> None:
        raise error

    with logged() as log, tapped(dynamodb.quick_client(), fail):
        reply = ask(account)

    assert reply["statusCode"] == 200
    assert '"not counted"' in log.getvalue()
    assert "RequestsNotCounted" in capsys.readouterr().out
