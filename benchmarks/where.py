"""Where the time of a warm invocation goes, by library: what is left to win, and where."""

import cProfile
import pstats
from collections import defaultdict
from typing import Final

from benchmarks import warm
from benchmarks.scenes import scene
from functions.debug_api import app as debug_api

TIMES: Final = 50
_GROUPS: Final = {
    "botocore/parsers": "botocore, reading the answer",
    "botocore/": "botocore, all else: rules of endpoints, signing, hooks",
    "pivot_debug/": "our own code",
    "debug_api/": "our own code",
    "aws_lambda_powertools/": "the line in the log",
    "/logging/": "the line in the log",
    "simplejson": "the runtime, encoding the answer",
    "awslambdaric": "the runtime, encoding the answer",
    "zlib": "unpacking (zlib)",
    "sha256": "the ETag (SHA-256)",
    "a2b_base64": "botocore, reading the answer",
}
_REST: Final = "the standard library, for all of them"


def where(name: str) -> dict[str, float]:
    """Share of the processor time by library, largest first, as cProfile sees it: it makes calls dearer than work."""
    chosen = scene(name)
    with warm.stage(chosen):
        invoke = warm.invocation(debug_api.handler, chosen.event)
        invoke()
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(TIMES):
            invoke()
        profile.disable()
    return _shares(pstats.Stats(profile).get_stats_profile())


def _shares(stats: pstats.StatsProfile) -> dict[str, float]:
    taken: dict[str, float] = defaultdict(float)
    for function, entry in stats.func_profiles.items():
        place = f"{entry.file_name}:{function}"
        taken[next((group for part, group in _GROUPS.items() if part in place), _REST)] += entry.tottime
    whole = sum(taken.values())
    return {name: time / whole for name, time in sorted(taken.items(), key=lambda one: -one[1])}
