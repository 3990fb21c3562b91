"""What operators look at is deployed, and fed by what the functions really log."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.machine import STACK_NAME
from local.pivot_server import running_pivot_server
from local.stack import LocalStack
from pivot_debug.observability import call_digest
from tests import insights
from tests.e2e.client import Api, recent_call
from tests.template import resources

QUERIES = resources("AWS::Logs::QueryDefinition")
GROUPS = resources("AWS::Logs::LogGroup")

NOT_TRIED = {
    **dict.fromkeys(("RefusedRequestsQuery", "SlowRequestsQuery"), "ministack writes no access log"),
    **dict.fromkeys(("FailedRequestsQuery", "LostRecordsQuery"), "nothing on ministack fails"),
    "FailedDeliveriesQuery": "a message that fails would be in the way of the other tests for half an hour",
}
"""Saved queries with nothing to find on the local stack; tests/integration/test_saved_queries.py tries them all."""


def test_alarms_and_dashboard_are_deployed(stack: LocalStack) -> None:
    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]

    # Those over several metrics are not: see local/unknown_resources.py.
    assert len(alarms) >= 4
    assert all(alarm["AlarmActions"] == [stack.outputs["AlarmTopic"]] for alarm in alarms)
    body = stack.client("cloudwatch").get_dashboard(DashboardName=STACK_NAME)["DashboardBody"]
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


# ---------------------------------------------------------------- saved queries


@pytest.fixture(scope="module")
def busy(stack: LocalStack) -> Api:
    """An account in which something of everything happened."""
    api = Api(stack)
    deleter = Api(stack, api.account_id, stack.create_token(api.account_id, scopes="debug:delete"))
    stranger = Api(stack, api.account_id, f"pvd_{'a' * 16}_{'b' * 32}")
    api.given([*recent_call("good"), *recent_call("bad", status="500")])
    with running_pivot_server() as server:
        voice_url = f"{server}/crash"
        defined = api.request("PUT", path="/relays", json={"data": {"name": "e2e", "voice_url": voice_url}})
        httpx.get(f"{defined.json()['data']['relay_url']}?Call-ID=relayed", trust_env=False, timeout=30)
    api.wait_for_recorder()
    assert stranger.get().status_code == 401
    assert deleter.request("DELETE", "bad").status_code == 200
    return api


def found_by(query: str, api: Api, **replaced: str) -> list[insights.Row]:
    """Rows of the account, or of no account in particular."""
    groups = [group["Ref"] for group in QUERIES[query]["LogGroupNames"]]
    rows = insights.run(query, [line for group in groups for line in logged(api.stack, group)], **replaced)
    return [row for row in rows if row.get("account", api.account_id) == api.account_id]


def logged(stack: LocalStack, group: str) -> Iterator[str]:
    """The functions' own lines, without Lambda's."""
    name = GROUPS[group]["LogGroupName"]["Sub"].replace("${AWS::StackName}", STACK_NAME)
    for page in stack.client("logs").get_paginator("filter_log_events").paginate(logGroupName=name):
        yield from (event["message"] for event in page["events"] if event["message"].startswith("{"))


def test_the_saved_queries_tell_who_asks_and_what_is_answered(busy: Api) -> None:
    answers = {(row["route"], row["status"]) for row in found_by("AnswersByRouteQuery", busy)}

    debug = "/v2/accounts/{account_id}/pivot/debug"
    assert answers >= {(debug, 202), (f"{debug}/{{call_id+}}", 200), ("/v2/accounts/{account_id}/pivot/relays", 201)}
    assert {row["caller"]: row["answers"] for row in found_by("BusiestTokensQuery", busy)}[
        busy.token.split("_")[1]
    ] == 2
    assert [row for row in found_by("RefusedTokensQuery", busy) if row["reason"] == "unknown token"]


def test_the_saved_queries_tell_whose_calls_and_servers_fail(busy: Api) -> None:
    (calls,) = found_by("FailingCallsQuery", busy)
    (server,) = found_by("FailingServersQuery", busy)
    (records,) = found_by("HandedOnQuery", busy)

    assert (calls["code"], calls["calls"]) == ("http_5xx", 2)
    assert (server["upstream_status"], server["requests"]) == (500, 1)
    assert (records["records"], records["requests"]) == (4 + 2, 2)


def test_the_saved_queries_follow_a_call_and_time_the_relay(busy: Api) -> None:
    ways = {call: found_by("WhereIsACallQuery", busy, DIGEST=call_digest(call)) for call in ("bad", "relayed")}
    (relay,) = found_by("RelayLatencyQuery", busy)

    assert [row["message"] for row in ways["bad"]] == ["handed on", "recorded", "deleted", "answered"]
    assert [row["message"] for row in ways["relayed"]] == ["relayed", "recorded"]
    assert all(row["request_id"] for rows in ways.values() for row in rows)
    assert 0 <= relay["median_ms"] <= relay["max_ms"]


def test_every_saved_query_is_tried_on_the_stack_or_has_its_reason() -> None:
    source = Path(__file__).read_text()
    tried = set(re.findall(r'found_by\("(\w+)"', source))

    assert tried | set(NOT_TRIED) == set(QUERIES)
    assert not tried & set(NOT_TRIED)
