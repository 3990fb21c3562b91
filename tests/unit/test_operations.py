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
        *("WriteThrottleEvents", "ReadThrottleEvents", "SuccessfulRequestLatency"),
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
    """Metrics alone, without what is computed of them."""
    return [one for one in widget["properties"].get("metrics", []) if not isinstance(one[0], dict)]


def metrics_of_alarm(name: str) -> dict[str, Any]:
    """The metrics that an alarm over several looks at, by the name they have in its expression."""
    return {one["Id"]: one["MetricStat"]["Metric"] for one in ALARMS[name]["Metrics"] if "MetricStat" in one}


def watched_functions(*alarms: str) -> list[str]:
    """The functions whose metrics of Lambda these alarms look at."""
    found = [metric for name in alarms if "Metrics" in ALARMS[name] for metric in metrics_of_alarm(name).values()]
    found += [ALARMS[name] for name in alarms if "MetricName" in ALARMS[name]]
    return [one["Dimensions"][0]["Value"]["Ref"] for one in found if one["Namespace"] == "AWS/Lambda"]


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
    assert sorted(watched_functions("FunctionErrorsAlarm")) == sorted(FUNCTIONS)
    assert sorted(watched_functions("FunctionThrottlesAlarm", "RelayThrottlesAlarm")) == sorted(FUNCTIONS)


@pytest.mark.parametrize("name", [name for name in ALARMS if "Metrics" in ALARMS[name]])
def test_an_alarm_over_several_metrics_looks_at_ten_at_most(name: str) -> None:
    # CloudWatch's own limit, which no linter knows.
    assert len(metrics_of_alarm(name)) <= 10


def test_a_refused_token_is_no_error_of_a_function() -> None:
    total = ALARMS["FunctionErrorsAlarm"]["Metrics"][0]["Expression"]
    added_up = re.fullmatch(r"SUM\(\[(.*)\]\) - FILL\(refused, 0\)", total)
    metrics = metrics_of_alarm("FunctionErrorsAlarm")
    refused = metrics.pop("refused")

    assert (refused["Namespace"], refused["MetricName"]) == ("PivotDebug", "TokensRefused")
    assert refused["Dimensions"] == [{"Name": "function", "Value": {"Ref": "AuthorizerFunction"}}]
    assert added_up
    assert added_up[1].split(", ") == list(metrics)


def test_the_dashboard_takes_refused_tokens_from_the_errors_of_the_authorizer_too() -> None:
    (widget,) = (one for one in dashboard()["widgets"] if "Function errors" in one["properties"].get("title", ""))
    computed = [one[0] for one in widget["properties"]["metrics"] if isinstance(one[0], dict)]

    assert [one["expression"] for one in computed] == ["authorizer - FILL(refused, 0)"]


@pytest.mark.parametrize("name", ["Errors", "Throttles", "Duration"])
def test_the_dashboard_shows_every_function(name: str) -> None:
    shown = {one[3] for widget in dashboard()["widgets"] for one in metrics_of(widget) if one[1] == name}

    assert shown == {f"${{{function}}}" for function in FUNCTIONS}


def test_every_table_of_logs_on_the_dashboard_is_a_saved_query() -> None:
    saved = {as_in_a_widget(query) for query in QUERIES.values()}
    shown = [one["properties"]["query"] for one in dashboard()["widgets"] if one["type"] == "log"]

    assert len(shown) >= 3
    assert set(shown) <= saved


def as_in_a_widget(query: Any) -> str:
    """A saved query with the log groups that it reads in front, on one line."""
    sources = [f"SOURCE '${{{group['Ref']}}}'" for group in query["LogGroupNames"]]
    return " | ".join([*sources, *query["QueryString"].strip().split("\n| ")])


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
