"""Runs variants in turn, so that what else the machine does meets all of them, and tells medians and spread."""

import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_RUN_NS = 30_000_000

Run = Callable[[], float]
"""One run of a variant; it returns what it took, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A variant's median, and its ratio to the baseline in the same rounds: the median and the middle half."""

    milliseconds: float
    ratio: float
    low: float
    high: float


def in_turn(variants: Mapping[str, Run], rounds: int) -> dict[str, list[float]]:
    """What every variant took, round by round, in a new order each time."""
    taken: dict[str, list[float]] = {name: [] for name in variants}
    order = list(variants)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            taken[name].append(variants[name]())
    return taken


def interleaved(variants: Mapping[str, Run], baseline: str, rounds: int) -> dict[str, Figure]:
    """Run every variant once a round; a ratio compares two runs of one round."""
    taken = in_turn(variants, rounds)
    return {name: _figure(times, taken[baseline]) for name, times in taken.items()}


def timed(call: Callable[[], object]) -> Run:
    """The processor time of a call in this process: what other processes do is not in it.

    A run is as many calls in a row as take some 30 ms: a single short one would mostly meet the processor's caches as
    the variant before it left them.
    """
    began = time.process_time_ns()
    call()
    repeats = max(1, _RUN_NS // max(time.process_time_ns() - began, 1))

    def run() -> float:
        start = time.process_time_ns()
        for _ in range(repeats):
            call()
        return (time.process_time_ns() - start) / 1e6 / repeats

    return run


def waited(call: Callable[[], object]) -> float:
    """The milliseconds that a caller waits, for others too."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def _figure(times: list[float], baseline: list[float]) -> Figure:
    ratios = [own / other for own, other in zip(times, baseline, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Figure(statistics.median(times), middle, low, high)
