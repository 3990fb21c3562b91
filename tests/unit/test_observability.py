"""What Lambda and CloudWatch must be able to read in a line."""

import io
import json
import re
import subprocess
import sys
from contextlib import redirect_stdout
from typing import Any

import pytest

from pivot_debug import observability
from pivot_debug.observability import call_digest, call_digests
from tests.template import ROOT, template

OF_LAMBDA = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""The levels that Lambda knows, least severe first: any other makes a line INFO."""

RFC_3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
"""Lambda takes a line with another time for INFO, too."""

LEVELS: list[str] = template()["Parameters"]["LogLevel"]["AllowedValues"]


def metric(name: str = "RecordsLost", number: int = 2) -> dict[str, Any]:
    with redirect_stdout(io.StringIO()) as out:
        observability.count(name, number)
    line: dict[str, Any] = json.loads(out.getvalue())
    return line


def lines_at(level: str) -> list[dict[str, Any]]:
    """What a function that is deployed with this level writes."""
    program = (
        "from pivot_debug.observability import logger as log; log().info('i'); log().warning('w'); log().error('e')"
    )
    variables = {"POWERTOOLS_LOG_LEVEL": level, "AWS_LAMBDA_LOG_LEVEL": level, "POWERTOOLS_SERVICE_NAME": "x"}
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_level_that_can_be_deployed_is_one_of_lambdas() -> None:
    assert set(LEVELS) <= set(OF_LAMBDA)
    assert template()["Parameters"]["LogLevel"]["Default"] in LEVELS


@pytest.mark.parametrize(("level", "written"), [("INFO", "iwe"), ("WARN", "we"), ("ERROR", "e")])
def test_a_function_logs_from_its_level_on_in_words_that_lambda_reads(level: str, written: str) -> None:
    lines = lines_at(level)

    assert "".join(line["message"] for line in lines) == written
    assert all(OF_LAMBDA.index(line["level"]) >= OF_LAMBDA.index(level) for line in lines)
    assert all(re.fullmatch(RFC_3339, line["timestamp"]) for line in lines)


def test_no_level_keeps_a_metric_from_being_seen() -> None:
    line = metric()

    assert all(OF_LAMBDA.index(line["level"]) > OF_LAMBDA.index(level) for level in LEVELS)
    assert re.fullmatch(RFC_3339, line["timestamp"])


def test_a_metric_has_the_form_that_cloudwatch_reads() -> None:
    line = metric("RecordsLost", 2)

    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "PivotDebug",
        "Dimensions": [["function"]],
        "Metrics": [{"Name": "RecordsLost", "Unit": "Count"}],
    }
    assert (line["RecordsLost"], line["function"]) == (2, "local")


def test_a_duration_is_told_even_where_it_is_nothing() -> None:
    with redirect_stdout(io.StringIO()) as out:
        observability.measure("RelayMs", 0)
        observability.count("RecordsLost", 0)

    (line,) = map(json.loads, out.getvalue().splitlines())
    assert line["RelayMs"] == 0
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "RelayMs", "Unit": "Milliseconds"}]


def test_several_calls_are_told_in_one_text_each_once() -> None:
    assert call_digests(["a", "b", "a"]) == f"{call_digest('a')} {call_digest('b')}"


def test_the_operators_manual_says_how_a_digest_is_made() -> None:
    call_id = "829597750@10.26.0.158 %s\\n"
    (told,) = re.findall(r"`(printf %s CALL_ID .*?)`", (ROOT / "docs/operating.md").read_text())

    command = ["/bin/sh", "-c", told.replace("CALL_ID", '"$1"'), "sh", call_id]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed.strip() == call_digest(call_id)
