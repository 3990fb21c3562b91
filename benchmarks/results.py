"""results.json, and results.md, which is made from it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import Figure

HERE: Final = Path(__file__).parent
_JSON, _PAGE = HERE / "results.json", HERE / "results.md"


def load() -> dict[str, Any]:
    """What was measured before: a run of some subjects leaves the others as they are."""
    return json.loads(_JSON.read_text()) if _JSON.exists() else {}


def save(results: dict[str, Any], page: str) -> None:
    _JSON.write_text(json.dumps(results, indent=1) + "\n")
    _PAGE.write_text(page)


def plain(figures: dict[str, Figure]) -> dict[str, Any]:
    return {name: {key: round(value, 4) for key, value in asdict(figure).items()} for name, figure in figures.items()}


def figures_table(figures: dict[str, Any], unit: str = "ms") -> list[str]:
    """Median, ratio to the baseline, and the ratio's middle half."""
    lines = [f"| | {unit} | ratio | middle half |", "|---|---|---|---|"]
    for name, one in figures.items():
        spread = f"{one['low']:.3f} to {one['high']:.3f}"
        lines.append(f"| {name} | {one['milliseconds']:.2f} | {one['ratio']:.3f} | {spread} |")
    return lines


def units_table(units: dict[str, Any]) -> list[str]:
    lines = ["| | read units | write units | requests |", "|---|---|---|---|"]
    for name, one in units.items():
        lines.append(f"| {name} | {one['reads']:g} | {one['writes']:g} | {one['requests']} |")
    return lines
