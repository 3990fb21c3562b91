"""docs/cost.md is what its script makes of the committed measurements and prices."""

import json

import pytest

from benchmarks import cost, flat, page
from benchmarks.cost import Inputs, Way
from pivot_debug.usage import share_of
from tests.template import ROOT


def test_the_committed_page_is_what_the_script_prints() -> None:
    assert (ROOT / "docs/cost.md").read_text() == cost.page(Inputs.read()) + "\n"


def test_the_committed_results_are_the_page_of_the_committed_figures() -> None:
    results = json.loads((ROOT / "benchmarks/results.json").read_text())

    assert (ROOT / "benchmarks/results.md").read_text() == page.page(results)


def test_what_a_page_reads_is_what_the_model_of_a_month_says() -> None:
    months = json.loads((ROOT / "benchmarks/results.json").read_text())["flat"]
    largest = months[max(months, key=int)]

    for count, pages in months.items():
        measured = {name: one["reads"] for name, one in pages.items()}
        assert measured == pytest.approx(flat.modelled(largest, int(count)), abs=0.5)


@pytest.mark.parametrize("way", Way)
def test_what_costs_more_to_store_costs_more(way: Way) -> None:
    inputs = Inputs.read()

    sums = [sum(cost.dollars(inputs, f"{n} records x 4 KB", way).values()) for n in (2, 6, 20)]

    assert sums == sorted(sums)
    assert sums[0] > 0


def test_a_million_write_units_cost_their_price() -> None:
    inputs = Inputs(
        {"1 records x 1 KB": {"at once": {"writes": 1, "reads": 0}, "bytes": 0}},
        Inputs.read().prices,
        Inputs.read().assumed,
    )

    found = cost.dollars(inputs, "1 records x 1 KB", Way.BATCHED)["DynamoDB"]

    counting = share_of(cost.REQUESTS_PER_MINUTE) * inputs.assumed["documents_per_ingest_request"]
    assert found == pytest.approx(inputs.prices["per_million"]["dynamodb_write_units"] * (1 + 1 / counting))


def test_a_relayed_call_pays_no_gateway_but_the_wait_for_its_server() -> None:
    inputs = Inputs.read()

    relayed, sent = (cost.dollars(inputs, "2 records x 4 KB", way) for way in (Way.RELAYED, Way.ONE_BY_ONE))

    assert relayed["API"] == 0
    assert relayed["Lambda"] > sent["Lambda"]
    # Requests to the API are counted, KAZOO's are not.
    assert relayed["DynamoDB"] < sent["DynamoDB"] < relayed["DynamoDB"] * 1.05


def test_large_messages_cost_several_requests_of_the_queue() -> None:
    inputs = Inputs.read()

    small, large = (cost.dollars(inputs, f"20 records x {kb} KB", Way.BATCHED)["SQS"] for kb in (1, 32))

    assert large > 10 * small


def test_every_price_has_a_source() -> None:
    prices = Inputs.read().prices
    named = {*prices["per_million"], *prices} - {"date", "region", "per_million", "sources"}

    assert set(prices["sources"]) == named
