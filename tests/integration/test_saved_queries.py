"""Each saved query, run on what the functions whose logs it reads really logged."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

import pytest

from functions.authorizer import app as authorizer
from functions.diagnosis_api import app as diagnosis_api
from functions.recorder import app as recorder
from functions.relay import app as relay
from pivot_debug import dynamodb
from pivot_debug.aws_client import aws_client
from pivot_debug.observability import call_digest
from tests import insights
from tests.builders import ACCOUNT, RELAY_ID, a_call, a_relay, event, queue_event
from tests.integration.helpers import aws_error, deployed, logged, raising, tapped
from tests.integration.servers import answer, answers, serving
from tests.integration.service import Service
from tests.template import resources

pytestmark = pytest.mark.enable_socket

QUERIES = resources("AWS::Logs::QueryDefinition")
FUNCTIONS = resources("AWS::Serverless::Function")
THROTTLED = aws_error("ThrottlingException")
CALLER = "aaaaaaaaaaaaaaaa"
SENT_BY_KAZOO = "Call-ID=relayed&From=2600"


class Context:
    """What Lambda tells a function of its invocation."""

    aws_request_id = "0d5a3b7e-invocation"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Logs:
    """What was logged, by the log group it would have gone to."""

    def __init__(self) -> None:
        self.lines: defaultdict[str, list[str]] = defaultdict(list)

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        with logged() as log, redirect_stdout(log):
            yield
        group = FUNCTIONS[function]["LoggingConfig"]["LogGroup"]["Ref"]
        self.lines[group] += log.getvalue().splitlines()

    def found_by(self, query: str, **replaced: str) -> list[insights.Row]:
        groups = [group["Ref"] for group in QUERIES[query]["LogGroupNames"]]
        return insights.run(query, [line for group in groups for line in self.lines[group]], **replaced)


@pytest.fixture(scope="module")
def logs() -> Logs:
    """A day in the life of a deployment."""
    logs = Logs()
    with pytest.MonkeyPatch.context() as patch, deployed() as service:
        patch.setenv("RELAY_ALLOWED", "127.0.0.0/8")
        relay.guard.cache_clear()
        _callers(service, logs)
        _documents(service, logs)
        _calls_through_the_relay(service, logs)
    logs.lines["ApiLogGroup"] = [_access(status, ms) for status, ms in (("200", "20"), ("429", "3"), ("429", "4"))]
    return logs


def _callers(service: Service, logs: Logs) -> None:
    with logs.of("AuthorizerFunction"), pytest.raises(Exception, match="Unauthorized"):
        authorizer.handler(event("authorizer_bad_token"), Context())
    with logs.of("AuthorizerFunction"), tapped(dynamodb.quick_client(), raising(THROTTLED)), suppress(Exception):
        authorizer.handler(event("authorizer_good_token"), Context())
    with logs.of("DiagnosisApiFunction"):
        diagnosis_api.handler(event("validate"), None)
    with logs.of("RelaysApiFunction"):
        service.relays("GET")
    with logs.of("DebugApiFunction"), tapped(dynamodb.client(), raising(THROTTLED)):
        service.get()


def _documents(service: Service, logs: Logs) -> None:
    with logs.of("IngestFunction"):
        service.put([*a_call(call_id="good"), *a_call(call_id="bad", status="500")])
    messages = service.receive()
    with logs.of("RecorderFunction"):
        with tapped(dynamodb.client(), raising(THROTTLED)):
            recorder.handler(queue_event(messages), Context())
        recorder.handler(queue_event([*messages, "no delivery"]), Context())
    with logs.of("DebugApiFunction"):
        service.get(call_id="bad")
    with logs.of("DeletionFunction"):
        service.delete("202403-bad")


def _calls_through_the_relay(service: Service, logs: Logs) -> None:
    for status in ("200 OK", "500 Internal Server Error"):
        with serving(answers(answer(status=status))) as server:
            _call(service, logs, server.url)
    _call(service, logs, "http://10.0.0.1")
    with tapped(aws_client("sqs"), raising(THROTTLED)):
        _call(service, logs, "http://10.0.0.1")


def _call(service: Service, logs: Logs, voice_url: str) -> None:
    service.relay_store().delete(ACCOUNT, RELAY_ID)
    service.relay_store().add(a_relay(voice_url=f"{voice_url}/ivr"))
    relay.known_relays.cache_clear()
    with logs.of("RelayFunction"):
        service.called(raw_query=SENT_BY_KAZOO)


def _access(status: str, ms: str) -> str:
    """A line of the gateway's access log."""
    values = {"status": status, "responseLatency": ms, "authorizer.principalId": CALLER, "responseLength": "2"}
    form: str = resources("AWS::Serverless::Api")["Api"]["AccessLogSetting"]["Format"]
    return re.sub(r"\$context\.([\w.]+)", lambda variable: values.get(variable[1], "x"), form)


# ---------------------------------------------------------------- rows


def test_failed_requests_are_found_with_their_cause_and_account(logs: Logs) -> None:
    rows = {row["message"]: row for row in logs.found_by("FailedRequestsQuery")}

    failed = rows["request failed"]
    assert (failed["account"], failed["exception_name"]) == (ACCOUNT, "StoreUnavailableError")
    assert failed["route"] == "/v2/accounts/{account_id}/pivot/debug"
    assert "_served" in failed["location"]
    assert rows["not decided"]["exception_name"] == "StoreUnavailableError"
    assert all(row["request_id"] for row in rows.values())


def test_answers_are_counted_by_route_and_status(logs: Logs) -> None:
    rows = {(row["route"], row["status"]): row["answers"] for row in logs.found_by("AnswersByRouteQuery")}

    call = "/v2/accounts/{account_id}/pivot/debug/{call_id+}"
    assert rows["/v2/accounts/{account_id}/pivot/debug", 503] == 1
    assert rows["/v2/accounts/{account_id}/pivot/debug", 202] == 1
    assert rows[call, 200] == 2
    assert rows["/v2/accounts/{account_id}/pivot/validate", 200] == 1
    assert rows["/v2/accounts/{account_id}/pivot/relays", 200] == 1


def test_who_asks_most_is_found_with_the_account(logs: Logs) -> None:
    rows = {(row["caller"], row["account"]): row["answers"] for row in logs.found_by("BusiestTokensQuery")}

    assert rows[CALLER, ACCOUNT] == 6


def test_who_is_refused_is_found_in_the_access_log(logs: Logs) -> None:
    (row,) = logs.found_by("RefusedRequestsQuery")

    assert row == {"caller": CALLER, "status": 429, "route": "x", "refused": 2}


def test_refused_tokens_are_counted_by_reason(logs: Logs) -> None:
    assert logs.found_by("RefusedTokensQuery") == [{"reason": "unknown token", "refused": 1}]


def test_failing_calls_are_counted_by_account_and_verdict(logs: Logs) -> None:
    assert logs.found_by("FailingCallsQuery") == [{"account": ACCOUNT, "code": "http_5xx", "calls": 1}]


def test_failing_servers_are_counted_by_relay_and_by_what_they_did(logs: Logs) -> None:
    rows = logs.found_by("FailingServersQuery")

    assert {(row["account"], row["relay"]) for row in rows} == {(ACCOUNT, RELAY_ID)}
    assert {(row["code"], row["upstream_status"], row["requests"]) for row in rows} == {
        (None, 500, 1),
        ("blocked_target", None, 1),
    }


def test_deliveries_that_failed_are_found_with_message_account_and_calls(logs: Logs) -> None:
    rows = {row["message"]: row for row in logs.found_by("FailedDeliveriesQuery")}

    failed = rows["not recorded"]
    assert (failed["message_id"], failed["account"]) == ("message-0", ACCOUNT)
    assert failed["calls"] == f"{call_digest('good')} {call_digest('bad')}"
    assert failed["exception_name"] == "StoreUnavailableError"
    assert (rows["not a delivery"]["message_id"], rows["not a delivery"]["exception_name"]) == (
        "message-1",
        "ValueError",
    )


def test_records_that_were_lost_are_found_with_their_call(logs: Logs) -> None:
    (row,) = logs.found_by("LostRecordsQuery")

    assert (row["account"], row["relay"], row["records"]) == (ACCOUNT, RELAY_ID, 2)
    assert (row["call"], row["exception_name"]) == (call_digest("relayed"), "NotSentError")
    assert row["request_id"]


def test_a_call_is_followed_from_its_arrival_to_its_deletion(logs: Logs) -> None:
    rows = logs.found_by("WhereIsACallQuery", DIGEST=call_digest("bad"))

    told = [row["message"] for row in rows]
    assert told == ["handed on", "not recorded", "recorded", "answered", "deleted", "answered"]
    assert all(row["account"] == ACCOUNT and row["request_id"] for row in rows)
    assert (rows[0]["records"], rows[2]["stored"], rows[2]["known"]) == (4, 2, 0)
    assert (rows[2]["verdict"], rows[2]["code"]) == ("error", "http_5xx")
    assert [row["status"] for row in rows if row["message"] == "answered"] == [200, 200]


def test_a_call_that_only_the_relay_saw_is_found_too(logs: Logs) -> None:
    rows = logs.found_by("WhereIsACallQuery", DIGEST=call_digest("relayed"))

    assert [row["message"] for row in rows] == ["relayed", "relayed", "relayed", "records lost"]


def test_the_slowest_requests_come_first(logs: Logs) -> None:
    rows = logs.found_by("SlowRequestsQuery")

    assert [row["ms"] for row in rows] == [20, 4, 3]
    assert {name for row in rows for name in row} == {"@timestamp", "request_id", "route", "method", "status", "ms"}


def test_records_by_account_has_those_of_ingest_and_of_the_relay(logs: Logs) -> None:
    (row,) = logs.found_by("HandedOnQuery")

    assert (row["account"], row["requests"]) == (ACCOUNT, 1 + 3)
    assert row["records"] >= 4 + 3 * 2


def test_what_the_relay_adds_is_measured_in_milliseconds(logs: Logs) -> None:
    (row,) = logs.found_by("RelayLatencyQuery")

    assert row["requests"] == 3
    assert 0 <= row["median_ms"] <= row["p99_ms"] <= row["max_ms"]


# ---------------------------------------------------------------- ids


def test_every_line_but_a_metrics_tells_which_request_it_belongs_to(logs: Logs) -> None:
    lines = [json.loads(line) for group, lines in logs.lines.items() for line in lines]

    assert len(lines) > 20
    assert [line for line in lines if "_aws" not in line and not line.get("request_id")] == []


def test_every_saved_query_is_tried_here() -> None:
    tried = set(re.findall(r'found_by\("(\w+)"', Path(__file__).read_text()))

    assert tried == set(QUERIES)


def test_a_query_that_asks_for_what_nobody_logs_finds_nothing() -> None:
    """Else the tests above would prove nothing."""
    line = json.dumps({"message": "relayed", "code": "x", "timestamp": "2024-03-12T21:25:36Z"})

    assert insights.run("FailingServersQuery", [line])
    assert not insights.run("FailingServersQuery", [line.replace('"relayed"', '"passed on"')])
    assert not insights.run("FailingServersQuery", [line.replace('"code"', '"cause"')])
