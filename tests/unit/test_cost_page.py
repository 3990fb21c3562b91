"""docs/cost.md is what its script makes of the committed measurements and prices."""

import json

import pytest

from benchmarks import cost, page
from benchmarks.cost import Inputs
from tests.template import ROOT


def test_the_committed_page_is_what_the_script_prints() -> None:
    assert (ROOT / "docs/cost.md").read_text() == cost.page(Inputs.read()) + "\n"


def test_the_committed_results_are_the_page_of_the_committed_figures() -> None:
    results = json.loads((ROOT / "benchmarks/results.json").read_text())

    assert (ROOT / "benchmarks/results.md").read_text() == page.page(results)


@pytest.mark.parametrize("in_turn", [True, False])
def test_what_costs_more_to_store_costs_more(in_turn: bool) -> None:
    inputs = Inputs.read()

    sums = [sum(cost.dollars(inputs, f"{n} records x 4 KB", in_turn=in_turn).values()) for n in (2, 6, 20)]

    assert sums == sorted(sums)
    assert sums[0] > 0


def test_a_million_write_units_cost_their_price() -> None:
    inputs = Inputs(
        {"1 records x 1 KB": {"at once": {"writes": 1, "reads": 0}}}, Inputs.read().prices, Inputs.read().assumed
    )

    found = cost.dollars(inputs, "1 records x 1 KB", in_turn=False)["DynamoDB"]

    assert found == pytest.approx(inputs.prices["per_million"]["dynamodb_write_units"])
