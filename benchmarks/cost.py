"""docs/cost.md, from measured capacity units and list prices: `python -m benchmarks.cost` prints the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pivot_debug.usage import share_of
from tests.template import default

HERE: Final = Path(__file__).parent
MILLION: Final = 1_000_000
REQUESTS_PER_MINUTE: Final = int(default("RequestsPerMinute"))
_PARTS: Final = ("API", "Lambda", "SQS", "DynamoDB", "logs")
_SIX_BY_FOUR: Final = "6 records x 4 KB"


class Way(StrEnum):
    """How the records of a call come in."""

    BATCHED = "batched"
    ONE_BY_ONE = "one by one"
    RELAYED = "relayed"


@dataclass(frozen=True)
class Inputs:
    """Units as they were measured, prices, and what is assumed of the traffic."""

    units: Mapping[str, Any]
    prices: Mapping[str, Any]
    assumed: Mapping[str, float]

    @classmethod
    def read(cls) -> "Inputs":
        results = json.loads((HERE / "results.json").read_text())
        prices, assumed = (json.loads((HERE / name).read_text()) for name in ("prices.json", "assumptions.json"))
        return cls(results["capacity"]["recording"], prices, assumed)

    def price(self, name: str) -> float:
        """Dollars for one."""
        return float(self.prices["per_million"][name]) / MILLION


def dollars(inputs: Inputs, name: str, way: Way) -> dict[str, float]:
    """What a million calls cost, part by part.

    Args:
        inputs: units, prices and assumptions.
        name: records and size, as in "6 records x 4 KB".
        way: many documents in each request; or each attempt in a request and a delivery of its own, to the API or
            through the relay, whose function URL costs nothing beside its function.
    """
    units, assumed = measured_units(inputs, name, way), inputs.assumed
    records = int(name.split(maxsplit=1)[0])
    requests = records / assumed["documents_per_ingest_request"] if way is Way.BATCHED else records / 2
    runs = requests + requests / assumed["messages_per_recorder_batch"]
    per_call = {
        "API": 0 if way is Way.RELAYED else requests * inputs.price("rest_api_requests"),
        "Lambda": runs * inputs.price("lambda_requests")
        + _gb_seconds(assumed, records, way) * inputs.prices["lambda_gb_second_arm64"],
        "SQS": _sqs_requests(inputs, name, requests) * inputs.price("sqs_requests"),
        "DynamoDB": _dynamodb(inputs, units["writes"] + _counted(requests, way), units["reads"]),
        "logs": _log_bytes(assumed, requests, way) / 1e9 * inputs.prices["logs_gb_in"],
    }
    return {part: cost * MILLION for part, cost in per_call.items()}


def measured_units(inputs: Inputs, name: str, way: Way) -> Mapping[str, float]:
    """Capacity units of storing a call."""
    units: Mapping[str, float] = inputs.units[name]["at once" if way is Way.BATCHED else "attempt by attempt"]
    return units


def _counted(requests: float, way: Way) -> float:
    """Write units of counting requests against their token's limit. KAZOO's, to the relay, have no token."""
    return 0 if way is Way.RELAYED else requests / share_of(REQUESTS_PER_MINUTE)


def _sqs_requests(inputs: Inputs, name: str, messages: float) -> float:
    """As SQS counts: each 64 KB of a request is one. Packed records are sent as base64."""
    kilobytes = float(inputs.units[name]["bytes"]) * 4 / 3 / 1024
    counted = max(messages, kilobytes / float(inputs.prices["sqs_request_kb"]))
    return counted * inputs.assumed["sqs_requests_per_message"]


def _log_bytes(assumed: Mapping[str, float], requests: float, way: Way) -> float:
    """The recorder has a line for each call of a batch; one that comes bit by bit comes in as many batches."""
    recorded = 1 if way is Way.BATCHED else requests
    return requests * assumed["log_bytes_per_request"] + recorded * assumed["log_bytes_per_recorded_call"]


def _gb_seconds(assumed: Mapping[str, float], records: int, way: Way) -> float:
    """Of what takes a call's records in, and of the recorder. The relay is paid while it waits for the server, too."""
    recorded = records * assumed["ms_per_record_recorder"] * assumed["function_memory_gb"]
    if way is Way.RELAYED:
        taken_in = records / 2 * assumed["ms_per_relayed_request_waiting_included"] * assumed["relay_memory_gb"]
    else:
        taken_in = records * assumed["ms_per_record_ingest"] * assumed["function_memory_gb"]
    return (taken_in + recorded) / 1000


def page(inputs: Inputs) -> str:
    """docs/cost.md."""
    prices = inputs.prices
    return "\n".join(
        [
            "# Cost",
            "",
            "Made by `python -m benchmarks.cost` from measured capacity units (`benchmarks/results.json`), prices",
            "(`benchmarks/prices.json`) and assumptions (`benchmarks/assumptions.json`). Do not edit it by hand.",
            "",
            f"Prices: {prices['region']}, on demand, the first tier, as of {prices['date']}: [their sources](#prices).",
            "",
            "## A million calls, written",
            "",
            "Dollars. Bodies compress about three to one, as texts of an IVR do; every record counts one body.",
            "*Batched*: documents come a hundred to a request, as the feeds send them, and a call is folded once.",
            "*One by one*: each attempt is a request and a delivery of its own, and the summary is folded each time.",
            "Both are counted against their token's limit, which is in the dollars and not in the units.",
            "*Relayed*: the same through the relay, without API Gateway; its function is paid while the server thinks.",
            "",
            *_table(inputs),
            "",
            *_settings(inputs),
            "",
            *_reading(inputs),
            "",
            *_prices(inputs),
            "",
            *_assumed(inputs),
            "",
        ]
    )


def _dynamodb(inputs: Inputs, writes: float, reads: float) -> float:
    return writes * inputs.price("dynamodb_write_units") + reads * inputs.price("dynamodb_read_units")


def _table(inputs: Inputs) -> list[str]:
    head = ["call", "delivered", "write units", "read units", *_PARTS, "all"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name in inputs.units:
        for way in Way:
            cost, units = dollars(inputs, name, way), measured_units(inputs, name, way)
            cells = [name, way, f"{units['writes']:g}", f"{units['reads']:g}"]
            cells += [f"{cost[part]:.2f}" for part in _PARTS] + [f"{sum(cost.values()):.2f}"]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _settings(inputs: Inputs) -> list[str]:
    whole = sum(dollars(inputs, _SIX_BY_FOUR, Way.ONE_BY_ONE).values())
    small = sum(dollars(inputs, "6 records x 1 KB", Way.ONE_BY_ONE).values())
    stored = inputs.units[_SIX_BY_FOUR]["bytes"] * MILLION / 1e9
    month = stored * inputs.prices["dynamodb_gb_month"]
    days = inputs.assumed["retention_days"]
    return [
        "## What each setting changes",
        "",
        f"For a million calls of {_SIX_BY_FOUR}, one by one, which cost ${whole:.2f} to write:",
        "",
        "| setting | effect |",
        "|---|---|",
        f"| one call in ten is recorded (a tenth of the traffic is fed in) | ${whole / 10:.2f} |",
        f"| failed calls alone, where one in twenty fails | ${whole / 20:.2f} |",
        f"| bodies of 1 KB instead of 4 KB | ${small:.2f} |",
        f"| retention of {days:g} days | {stored:.1f} GB are kept: ${month:.2f} a month of storage |",
        f"| retention of 90 days | ${month * 3:.2f}; deleting what has expired costs nothing |",
        "| the cap on bodies (256 KB whole) | for larger bodies alone: each further KB, compressed, is a write unit |",
    ]


def _reading(inputs: Inputs) -> list[str]:
    measured = json.loads((HERE / "results.json").read_text())["capacity"]
    api, run = inputs.price("rest_api_requests"), inputs.price("lambda_requests")
    second = inputs.assumed["function_memory_gb"] * inputs.prices["lambda_gb_second_arm64"]
    lines = [
        "## A million pages, read",
        "",
        "| page | requests | read units | API | Lambda (20 ms) | DynamoDB |",
        "|---|---|---|---|---|---|",
    ]
    for name, units in measured["reading"].items():
        table = _dynamodb(inputs, units["writes"], units["reads"]) * MILLION
        cells = [name, f"{units['requests']:g}", f"{units['reads']:g}", f"{api * MILLION:.2f}"]
        lines.append(f"| {' | '.join([*cells, f'{(run + second * 0.02) * MILLION:.2f}', f'{table:.2f}'])} |")
    counted = measured["other"]["count a share of a token's requests"]["writes"] * MILLION
    share = share_of(REQUESTS_PER_MINUTE)
    most, least = (inputs.price("dynamodb_write_units") * units for units in (counted, counted / share))
    return [
        *lines,
        "",
        "Beside that, requests are counted against their token's limit: one unit is written for the first of a minute",
        f"in each process, and for each {share} after it, which is ${most:.2f} a million pages at most, or",
        f"${least:.2f} where a program reads without a pause. The authorizer runs, and reads a unit, once a minute for",
        "each token.",
    ]


def _prices(inputs: Inputs) -> list[str]:
    prices = inputs.prices
    dollars_of = {name: f"{price:g} a million" for name, price in prices["per_million"].items()} | {
        "lambda_gb_second_arm64": f"{prices['lambda_gb_second_arm64']:.10f}",
        "dynamodb_gb_month": f"{prices['dynamodb_gb_month']:g}",
        "logs_gb_in": f"{prices['logs_gb_in']:g}",
        "sqs_request_kb": f"each {prices['sqs_request_kb']} KB count as a request",
    }
    return [
        "## Prices",
        "",
        "AWS's pages fill in most figures in the browser; stored copies, all that could be read, lack them. *Others*:",
        "as others give it who wrote of that page or of AWS's price list in 2025 and 2026. They agree, but for texts",
        "that still have DynamoDB's units at twice the price, as it was until November 2024.",
        "",
        "| price | dollars | AWS's page | read in |",
        "|---|---|---|---|",
        *(
            f"| {name.replace('_', ' ')} | {dollars_of[name]} | [{page.split('/')[3]}]({page}) | {found} |"
            for name, (page, found) in prices["sources"].items()
        ),
        "",
        "Not counted: free tiers; cold starts, [billed like any run][init] since August 2025; point-in-time recovery",
        "and backups; logs that are kept; data sent to the internet; mails of alarms, for whose price no AWS page was",
        "found; what the deployment costs idle ([well-architected.md](well-architected.md)).",
        "",
        "[init]: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/",
    ]


def _assumed(inputs: Inputs) -> list[str]:
    lines = ["## Assumed", "", "| | |", "|---|---|"]
    return lines + [f"| {name.replace('_', ' ')} | {value:g} |" for name, value in inputs.assumed.items()]


if __name__ == "__main__":
    print(page(Inputs.read()))  # noqa: T201 - it is a program
