"""`python -m benchmarks [--rounds N] [SUBJECT ...]`: measures all subjects, or those named, and writes the results."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import (
    capacity,
    cold,
    emulator,
    first_answers,
    flat,
    goals,
    instructions,
    relay,
    results,
    throughput,
    warm,
    where,
    wire,
)
from benchmarks.names import BARE
from benchmarks.page import page
from benchmarks.scenes import GOAL_SCENES, OWN_SCENES, scene
from benchmarks.tables import running_tables
from local.deployment import build_for, build_lock
from local.machine import ARCHITECTURE, PYTHON_RUNTIME
from local.progress import say

LONG = "500"
"""In the name of scenes that take twenty times as long as others; they get fewer rounds."""


def measure_warm(rounds: int) -> dict[str, Any]:
    names = [*GOAL_SCENES, *OWN_SCENES]
    return {
        name: results.plain(warm.warm(scene(name), max(rounds // 4, 3) if LONG in name else rounds)) for name in names
    }


def measure_cold(rounds: int) -> dict[str, Any]:
    return results.plain(cold.cold(built(), rounds))


def measure_runtime(rounds: int) -> dict[str, Any]:
    program = emulator.emulator()
    if program is None:
        say("No emulator for this processor: left out.")
        return {}
    taken = emulator.through_the_runtime(program, built(), scene("list of 50"), max(rounds // 4, 3))
    return {
        "list of 50": {name: asdict(one) for name, one in taken.items()},
        "first answers": results.plain(first_answers.first_answers(program, built(), max(rounds // 4, 3))),
    }


def measure_instructions(_: int) -> dict[str, Any]:
    if not instructions.can_count():
        say("No valgrind here: instructions are not counted.")
        return {}
    artifacts = built()
    layout = cold.Layout(artifacts, artifacts / "PivotDebugLayer" / "python")
    programs = {BARE: cold.BARE_PROGRAM} | {name: cold.program(layout, name) for name in cold.FUNCTIONS}
    return {
        "warm": {name: instructions.per_invocation(name) for name in GOAL_SCENES if LONG not in name},
        "cold": {name: instructions.of_program(code, _environment(name)) for name, code in programs.items()},
    }


def _environment(name: str) -> dict[str, str]:
    return cold.lambda_environment(name if name in cold.FUNCTIONS else "debug_api")


def measure_where(_: int) -> dict[str, Any]:
    return {name: where.where(name) for name in GOAL_SCENES}


def measure_throughput(rounds: int) -> dict[str, Any]:
    taking_in, recording = throughput.throughput(rounds)
    return {"ingest": results.plain(taking_in), "recorder": results.plain(recording)}


def measure_wire(rounds: int) -> dict[str, Any]:
    found = {name: wire.wire(scene(name), rounds) for name in ("list of 50", "call of 30 x 8 KB")}
    return {name: [results.plain(figures), sizes] for name, (figures, sizes) in found.items()}


def measure_capacity(_: int) -> dict[str, Any]:
    with running_tables() as tables:
        return {
            "recording": capacity.recording_units(tables),
            "reading": capacity.reading_units(tables),
            "other": capacity.other_units(tables),
        }


def measure_flat(_: int) -> dict[str, Any]:
    found = {}
    with running_tables() as tables:
        for count in (100, 10_000, 100_000):
            flat.load_month(tables, count)
            found[str(count)] = flat.costs(tables, count)
    return found


def measure_relay(rounds: int) -> dict[str, Any]:
    """Sixteen times the rounds: they are short, and wall-clock time scatters more."""
    found = relay.relay(rounds * 16)
    return {name: {key: round(value, 4) for key, value in asdict(one).items()} for name, one in found.items()}


SUBJECTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "warm": measure_warm,
    "cold": measure_cold,
    "runtime": measure_runtime,
    "throughput": measure_throughput,
    "relay": measure_relay,
    "wire": measure_wire,
    "capacity": measure_capacity,
    "flat": measure_flat,
    "where": measure_where,
    "instructions": measure_instructions,
}


def built() -> Path:
    """The artifact for the Python that runs this, built where it has changed."""
    with build_lock(), tempfile.TemporaryDirectory() as folder:
        base = str(Path(sys.base_prefix) / "bin")
        return build_for(PYTHON_RUNTIME, ARCHITECTURE, log=Path(folder) / "sam-build.log", path=base)


def about() -> dict[str, str]:
    names = ("botocore", "aws-lambda-powertools", "pydantic", "cryptography", "fastapi", "mangum", "awslambdaric")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "Python": platform.python_version(),
        "versions": ", ".join(f"{name} {version(name)}" for name in names),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], default=[])
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    found = results.load() | {"about": about()}
    for name in options.subjects or SUBJECTS:
        say(f"Measure {name}")
        measured = SUBJECTS[name](options.rounds)
        if measured:
            found[name] = measured
        results.save(found, page(found))
    print("\n".join(goals.table(found)))  # noqa: T201 - it is a program


if __name__ == "__main__":
    main()
