"""results.md: what was measured, the goals beside it."""

from typing import Any

from benchmarks import flat, goals
from benchmarks.results import figures_table, units_table

_INTRODUCTION = """\
# Benchmarks

Made by `make bench`. A ratio compares two runs of one round, in the same minute on the same machine; the figure is the
median over the rounds, and beside it stands the middle half. Ratios hold on other machines, milliseconds do not.
"""

_FLAT = """\
A page reads its own rows and one more, or as many as a filter may examine, and is charged for their bytes: 4 KB a unit,
half of that when eventually consistent. That is the model, with the bytes a row of the largest month; the size of the
month is not in it."""

_MISSED = "Where a goal is missed, it is for one of these reasons:"

_FIRST = """\
Each function gets an event that it answers without AWS, so that its start is all there is to it: an authorizer a token
that cannot be one, a recorder no message, the relay a path of nobody, all others a verb without a route."""

_RELAY = """\
Milliseconds of wall-clock time. *Added* is what the relay's handler takes beyond a plain request to the same server,
both over new connections on one machine. Not in it: the way from KAZOO to AWS and Lambda's own few milliseconds; name
lookup and TLS towards the server, which KAZOO would have needed as well. *Recording* (checking the answer, redacting,
packing) happens when KAZOO has its answer already; sending to SQS is left out."""


def page(results: dict[str, Any]) -> str:
    about = [f"| {name} | {value} |" for name, value in results["about"].items()]
    parts = [_INTRODUCTION, "| | |", "|---|---|", *about, "", "## Goals", ""]
    costs = goals.costs(results)
    parts += [*goals.table(results), "", *([_MISSED, "", *costs, ""] if costs else [])]
    for name, write in _CHAPTERS.items():
        if name in results:
            parts += [*write(results[name]), ""]
    return "\n".join(parts)


def _warm(scenes: dict[str, Any]) -> list[str]:
    lines = ["## Warm: from the runtime's event to its answer", "", "Processor time; DynamoDB's answer is canned.", ""]
    for scene, figures in scenes.items():
        lines += [f"### {scene}", "", *figures_table(figures), ""]
    return lines[:-1]


def _cold(figures: dict[str, Any]) -> list[str]:
    text = "Fresh processes load the built artifact, as `sam build` made it, and make their clients."
    return ["## Cold: from a fresh process to ready", "", text, "", *figures_table(figures)]


def _runtime(measured: dict[str, Any]) -> list[str]:
    lines = [
        "## Through awslambdaric and the emulator",
        "",
        "Milliseconds of wall-clock time.",
        "",
        "### List of 50",
        "",
    ]
    lines += ["| | first answer, ms | later answers, ms |", "|---|---|---|"]
    lines += [f"| {name} | {one['first']:.0f} | {one['later']:.2f} |" for name, one in measured["list of 50"].items()]
    lines += ["", "### From the start of the process to its first answer", "", _FIRST, ""]
    return [*lines, *figures_table(measured["first answers"])]


def _instructions(counted: dict[str, Any]) -> list[str]:
    lines = ["## Instructions, in millions (callgrind)", "", "| | | |", "|---|---|---|"]
    for scene, handlers in counted["warm"].items():
        lines += [f"| {scene} | {name} | {millions:.1f} |" for name, millions in handlers.items()]
    return lines + [f"| cold | {name} | {millions:.0f} |" for name, millions in counted["cold"].items()]


def _where(scenes: dict[str, Any]) -> list[str]:
    lines = ["## Where the time goes", ""]
    lines += ["Shares as cProfile sees them; it makes calls dearer than work.", "", "| | | |", "|---|---|---|"]
    for scene, shares in scenes.items():
        lines += [f"| {scene} | {name} | {share:.0%} |" for name, share in shares.items()]
    return lines


def _relay(answers: dict[str, Any]) -> list[str]:
    lines = ["## What the relay adds, warm", "", _RELAY, ""]
    lines += [
        "| the server answers | asked directly | through the relay | added | middle half | recording, afterwards |"
    ]
    lines += ["|---|---|---|---|---|---|"]
    for name, one in answers.items():
        spread = f"{one['added_low']:.2f} to {one['added_high']:.2f}"
        cells = [f"{one[key]:.2f}" for key in ("direct", "relayed", "added")] + [spread, f"{one['recording']:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _throughput(subjects: dict[str, Any]) -> list[str]:
    lines = ["## On the way in: 50 records of 4 KB", ""]
    for figures in subjects.values():
        lines += [*figures_table(figures), ""]
    return lines[:-1]


def _wire(scenes: dict[str, Any]) -> list[str]:
    lines = ["## On the way out", "", "API Gateway compresses by itself, and charges nothing for it.", ""]
    lines += ["| | | ms | ratio | bytes |", "|---|---|---|---|---|"]
    for scene, (figures, sizes) in scenes.items():
        lines += [
            f"| {scene} | {name} | {one['milliseconds']:.2f} | {one['ratio']:.2f} | {sizes[name]:,} |"
            for name, one in figures.items()
        ]
    return lines


def _capacity(subjects: dict[str, Any]) -> list[str]:
    at_once = {f"store {name}, at once": one["at once"] for name, one in subjects["recording"].items()}
    in_turn = {f"store {name}, by attempt": one["attempt by attempt"] for name, one in subjects["recording"].items()}
    return ["## Capacity units", "", *units_table({**at_once, **in_turn, **subjects["reading"], **subjects["other"]})]


def _flat(months: dict[str, Any]) -> list[str]:
    largest = max(months, key=int)
    lines = ["## Flat: the same page in months of different sizes", "", _FLAT, ""]
    lines += [
        "| calls in the month | page | rows | requests | read units | by the model |",
        "|---|---|---|---|---|---|",
    ]
    for count in (*months, "1000000"):
        model = flat.modelled(months[largest], int(count))
        for name, units in model.items():
            one = months.get(count, {}).get(name)
            cells = f"{one['rows']} | {one['requests']} | {one['reads']:g}" if one else "| | "
            lines.append(f"| {int(count):,} | {name} | {cells} | {units:g} |")
    return lines


_CHAPTERS = {
    "warm": _warm,
    "where": _where,
    "instructions": _instructions,
    "cold": _cold,
    "runtime": _runtime,
    "throughput": _throughput,
    "relay": _relay,
    "wire": _wire,
    "capacity": _capacity,
    "flat": _flat,
}
