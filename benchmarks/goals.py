"""The goals, and what was reached: nothing fails by them, they are printed side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.names import FRESH, JWT, OBVIOUS, OURS

Results = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """*read* finds the figure in the results; smaller is better. *cost* is what keeps it from being smaller."""

    what: str
    goal: float
    moonshot: float
    read: Callable[[Results], float]
    cost: str = ""


def _warm(scene: str) -> Callable[[Results], float]:
    return lambda results: float(results["warm"][scene][OURS]["ratio"])


def _counted(scene: str) -> Callable[[Results], float]:
    def ratio(results: Results) -> float:
        counted = results["instructions"]["warm"][scene]
        return float(counted[OURS] / counted[OBVIOUS])

    return ratio


def _cold(name: str) -> Callable[[Results], float]:
    return lambda results: float(results["cold"][name]["ratio"])


def _writes(call: str) -> Callable[[Results], float]:
    return lambda results: float(results["capacity"]["recording"][call]["at once"]["writes"])


def _detail_reads(results: Results) -> float:
    reading = results["capacity"]["reading"]
    return float(reading["call of 30 x 8 KB"]["reads"] / reading["call of 30 x 8 KB as typed attributes"]["reads"])


def _list_growth(results: Results) -> float:
    small, *_, large = (month["list, first page"]["reads"] for month in results["flat"].values())
    return float(large / small)


def _added_by_relay(results: Results) -> float:
    return max(float(answer["added"]) for answer in results["relay"].values())


_WARM_COST: Final = """\
* Warm: most of the time is botocore's, and the standard library's for botocore (*Where the time goes*). Milliseconds
  scatter from run to run; instructions repeat."""
_JWT_COST: Final = """\
* Cold, with a JWT: PyJWT loads an HTTP client and X.509, which a known public key does not need. It stays all the same:
  signatures are for a library that many watch (docs/decisions.md)."""

GOALS: Final = (
    Goal("warm list of 50, ms", 0.25, 0.20, _warm("list of 50"), _WARM_COST),
    Goal("warm list of 50, instructions", 0.25, 0.20, _counted("list of 50"), _WARM_COST),
    Goal("warm call of 30 x 8 KB, ms", 0.08, 0.06, _warm("call of 30 x 8 KB"), _WARM_COST),
    Goal("warm call of 30 x 8 KB, instructions", 0.08, 0.06, _counted("call of 30 x 8 KB"), _WARM_COST),
    Goal("warm call of 500 x 4 KB, ms", 0.07, 0.05, _warm("call of 500 x 4 KB"), _WARM_COST),
    Goal("cold debug_api against boto3's client", 1.2, 0.9, _cold("debug_api")),
    Goal("cold authorizer with a JWT against the same", 0.4, 0.25, _cold(JWT), _JWT_COST),
    Goal(
        "built artifact against a virtual environment, cold",
        1.05,
        1.0,
        lambda results: float(results["cold"]["debug_api"]["ratio"] / results["cold"][FRESH]["ratio"]),
    ),
    Goal("write units of a call of 6 x 4 KB", 14, 13, _writes("6 records x 4 KB")),
    Goal("write units of an attempt of 4 KB bodies", 8, 6, _writes("2 records x 4 KB")),
    Goal("read units of a call against typed attributes", 0.40, 0.33, _detail_reads),
    Goal("milliseconds that the relay adds, at worst", 25, 15, _added_by_relay),
    Goal("read units of a list page, 100,000 calls against 100", 1.0, 1.0, _list_growth),
)


def table(results: Results) -> list[str]:
    """What was reached, a line for each goal whose figure was measured."""
    return ["| | goal | moonshot | measured | |", "|---|---|---|---|---|", *_rows(results)]


def costs(results: Results) -> list[str]:
    """Why the goals that were missed were missed."""
    return list(dict.fromkeys(goal.cost for goal in GOALS if _found(goal, results) > goal.goal and goal.cost))


def _found(goal: Goal, results: Results) -> float:
    """The figure; -1 where it was not measured."""
    try:
        return goal.read(results)
    except KeyError:
        return -1


def _rows(results: Results) -> Iterator[str]:
    for goal in GOALS:
        found = _found(goal, results)
        verdict = "moonshot" if found <= goal.moonshot else "met" if found <= goal.goal else "missed"
        if found >= 0:
            yield f"| {goal.what} | {goal.goal:g} | {goal.moonshot:g} | {found:.3g} | {verdict} |"
