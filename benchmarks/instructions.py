"""Instructions that an invocation takes, counted by valgrind: they repeat to four digits on any machine."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from benchmarks.names import OBVIOUS, OURS
from local.machine import ROOT

_ONCE, _OFTEN = 2, 8
"""Six more: a token's requests are told to the counter once in six, at the limit of 600 that a deployment has."""


def can_count() -> bool:
    return shutil.which("valgrind") is not None


def per_invocation(scene: str) -> dict[str, float]:
    """Millions of instructions of one more invocation, for the obvious handler and for ours."""
    return {name: _of_invocation(scene, name) for name in (OBVIOUS, OURS)}


def of_program(program: str, variables: Mapping[str, str]) -> float:
    """Millions of instructions of a whole Python program."""
    return _counted([sys.executable, "-c", program], variables)


def _of_invocation(scene: str, handler: str) -> float:
    """The difference between few and some more, so that starting and the first of all do not count."""
    command = [sys.executable, "-m", "benchmarks.once", scene, handler]
    few, more = (_counted([*command, str(times)], os.environ) for times in (_ONCE, _OFTEN))
    return (more - few) / (_OFTEN - _ONCE)


_TOOL: Final = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def _counted(command: list[str], variables: Mapping[str, str]) -> float:
    # Else the order of sets, and with it the work, would differ from run to run.
    env = {**variables, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*_TOOL, *command], env=env, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own programs
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise ValueError(done.stderr[-500:])
    return int(found[1]) / 1e6
