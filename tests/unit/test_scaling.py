"""docs/scaling.md says what the model says, and the model says what the template says."""

import json
import re

import pytest

from local import scaling
from tests.template import ROOT, template

PAGE = (ROOT / "docs/scaling.md").read_text()
PARAMETERS = template()["Parameters"]


@pytest.mark.parametrize("heading", scaling.tables())
def test_the_document_has_the_models_table(heading: str) -> None:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]

    assert scaling.tables()[heading] in section


@pytest.mark.parametrize(
    ("parameter", "number"),
    [
        ("RecorderConcurrency", scaling.RECORDER_CONCURRENCY),
        ("ThrottleRate", scaling.THROTTLE_RATE),
        ("RequestsPerMinute", scaling.TOKEN_REQUESTS_A_MINUTE),
    ],
)
def test_the_models_settings_are_the_templates(parameter: str, number: int) -> None:
    assert PARAMETERS[parameter]["Default"] == number
    assert PARAMETERS["RecorderConcurrency"]["MaxValue"] == scaling.MAX_RECORDERS


def test_the_models_units_are_those_that_were_measured() -> None:
    cost = (ROOT / "docs/operating.md").read_text().split("## Cost")[1]
    row = re.search(r"a call of two records, delivered together \| (\d+):.*\((\d+) where the call failed\) \|", cost)

    assert row
    assert [int(number) for number in row.groups()] == [scaling.WRITES_OF_CALL, scaling.WRITES_OF_FAILED_CALL]
    assert f"a list page of 50 calls | | {scaling.READS_OF_LIST_PAGE:g}:" in cost
    assert f"reading a call of two records | | {scaling.READS_OF_CALL:g} |" in cost


def test_the_page_of_costs_assumes_the_models_times() -> None:
    assumed = json.loads((ROOT / "benchmarks/assumptions.json").read_text())

    assert assumed["ms_per_record_recorder"] * scaling.RECORDS_OF_CALL == scaling.RECORDER_SECONDS_OF_CALL * 1000


def test_the_models_units_are_those_of_the_benchmarks() -> None:
    capacity = json.loads((ROOT / "benchmarks/results.json").read_text())["capacity"]

    assert capacity["recording"]["2 records x 1 KB"]["at once"]["writes"] == scaling.WRITES_OF_CALL
    assert capacity["reading"]["list page of 50"]["reads"] == scaling.READS_OF_LIST_PAGE


def test_slower_servers_leave_the_relay_fewer_requests() -> None:
    rates = [scaling.relayed_requests(seconds).a_second for seconds in (0.0, 0.1, 0.5, 4.5)]

    assert rates == sorted(rates, reverse=True)
    assert rates[0] == scaling.CONCURRENCY * scaling.REQUESTS_OF_RUN


@pytest.mark.parametrize(
    "limits", [scaling.calls_of_account(), scaling.calls_of_deployment(), scaling.reads_of_account()]
)
def test_the_first_limit_stands_first(limits: list[scaling.Limit]) -> None:
    rates = [limit.a_second for limit in limits]

    assert rates == sorted(rates)
    assert all(rate > 0 for rate in rates)
