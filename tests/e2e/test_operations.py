"""What operators look at is deployed, and fed by what the functions really log."""

import json

from local.stack import LocalStack
from tests.e2e.client import Api, recent_call


def test_alarms_and_dashboard_are_deployed(stack: LocalStack) -> None:
    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]

    # Those over several metrics are not: see local/unknown_resources.py.
    assert len(alarms) >= 4
    assert all(alarm["AlarmActions"] == [stack.outputs["AlarmTopic"]] for alarm in alarms)
    body = stack.client("cloudwatch").get_dashboard(DashboardName="pivot-debug-local")["DashboardBody"]
    assert "${" not in body
    assert len(json.loads(body)["widgets"]) > 10


def test_a_token_beyond_its_limit_is_429_until_the_minute_is_over(stack: LocalStack) -> None:
    account = Api(stack)
    api = Api(stack, account.account_id, stack.create_token(account.account_id, requests_per_minute="3"))

    replies = [api.get() for _ in range(8)]

    # A minute may turn while we ask.
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused
    assert all(reply.json()["message"] == "too_many_requests" for reply in refused)
    assert all(1 <= int(reply.headers["retry-after"]) <= 60 for reply in refused)


def test_a_call_is_deleted_by_a_token_that_may(stack: LocalStack) -> None:
    reader = Api(stack)
    deleter = Api(stack, reader.account_id, stack.create_token(reader.account_id, scopes="debug:delete"))
    reader.given([*recent_call("gone/1"), *recent_call("stays")])

    assert reader.request("DELETE", "gone/1").status_code == 403
    assert deleter.get().status_code == 403
    reply = deleter.request("DELETE", "gone/1")

    assert (reply.status_code, reply.json()["data"]["deleted"], reply.json()["data"]["complete"]) == (200, 2, True)
    assert [call["call_id"] for call in reader.data()] == ["stays"]
    reader.given(recent_call("gone/1"))
    assert [call["call_id"] for call in reader.data()] == ["stays"]


def test_an_account_is_purged_with_all_that_it_had(stack: LocalStack) -> None:
    api = Api(stack)
    api.given(recent_call("gone"))

    first = json.loads(stack.pivot_debug("account", "purge", api.account_id, "--yes", "--json"))
    second = json.loads(stack.pivot_debug("account", "purge", api.account_id, "--yes", "--json"))

    assert (first["items"], first["tokens"]) == (3, 1)
    assert (second["items"], second["tokens"]) == (0, 0)
