"""Every alarm has a runbook, and nothing is watched that no code counts."""

import ast
import json
import re
from typing import Any

import pytest

from tests.template import ROOT, resources, template

RUNBOOKS = (ROOT / "docs/operating.md").read_text()
ALARMS = resources("AWS::CloudWatch::Alarm")
QUERIES = resources("AWS::Logs::QueryDefinition")
FUNCTIONS = resources("AWS::Serverless::Function")
SOURCES = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/pivot_debug/pivot_debug").rglob("*.py")]

OF_AWS = {
    "AWS/ApiGateway": {"Count", "4XXError", "5XXError", "Latency"},
    "AWS/Lambda": {"Errors", "Throttles", "Duration"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/DynamoDB": {
        *("WriteThrottleEvents", "ReadThrottleEvents"),
        *("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits"),
    },
}


def dashboard() -> Any:
    return json.loads(resources("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Sub"])


def watched() -> set[tuple[str, str]]:
    """Namespace and name of every metric in the dashboard and in an alarm."""
    found = {(metric[0], metric[1]) for widget in dashboard()["widgets"] for metric in metrics_of(widget)}
    for alarm in ALARMS.values():
        if "MetricName" in alarm:
            found.add((alarm["Namespace"], alarm["MetricName"]))
        stats = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
        found |= {(metric["Namespace"], metric["MetricName"]) for metric in stats}
    return found


def metrics_of(widget: Any) -> list[Any]:
    metrics: list[Any] = widget["properties"].get("metrics", [])
    return metrics


def counted() -> set[str]:
    """Names that the code gives to ``count``, in a call or in a mapping for ``count_all``."""
    texts = {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    verdicts = {f"Verdicts{status}" for status in ("Ok", "Warning", "Error")} if "Verdicts" in texts else set()
    return texts | verdicts


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_has_a_runbook_and_tells_somebody(name: str) -> None:
    alarm = ALARMS[name]

    assert re.search(rf"^### .*`{name}`", RUNBOOKS, re.MULTILINE)
    assert "docs/operating.md" in alarm["AlarmDescription"]
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert alarm["TreatMissingData"] == "notBreaching"


def test_every_runbook_is_of_an_alarm() -> None:
    assert set(re.findall(r"^### .*`(\w+Alarm)`", RUNBOOKS, re.MULTILINE)) == set(ALARMS)


def test_every_metric_of_our_own_that_is_watched_is_counted_by_code() -> None:
    own = {name for namespace, name in watched() if namespace == "PivotDebug"}

    assert len(own) >= 10
    assert own - counted() == set()


def test_every_metric_of_aws_that_is_watched_is_one() -> None:
    others = {(namespace, name) for namespace, name in watched() if namespace != "PivotDebug"}

    assert {(namespace, name) for namespace, name in others if name not in OF_AWS[namespace]} == set()


def test_every_function_is_watched_by_the_alarms_of_functions() -> None:
    for name in ("FunctionErrorsAlarm", "FunctionThrottlesAlarm"):
        stats = [one["MetricStat"]["Metric"] for one in ALARMS[name]["Metrics"] if "MetricStat" in one]
        assert {metric["Dimensions"][0]["Value"]["Ref"] for metric in stats} == set(FUNCTIONS)


def test_every_resource_that_the_dashboard_names_is_there() -> None:
    named = set(re.findall(r"\$\{(?!AWS::)(\w+)", json.dumps(dashboard())))

    assert named - set(template()["Resources"]) - set(template()["Parameters"]) == set()


def test_every_saved_query_is_in_the_operators_manual() -> None:
    titles = [query["Name"]["Sub"].split("/", 1)[1] for query in QUERIES.values()]

    assert len(titles) >= 8
    assert [title for title in titles if f"| {title} |" not in RUNBOOKS] == []


def test_every_saved_query_reads_logs_of_functions_that_are_there() -> None:
    for query in QUERIES.values():
        for group in query["LogGroupNames"]:
            assert group["Ref"] in resources("AWS::Logs::LogGroup")
