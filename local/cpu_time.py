"""How much processor time the local stack has taken, as ``ps`` tells it (Linux and macOS)."""

import os
import subprocess
from dataclasses import dataclass
from typing import Final

_MINUTE: Final = 60


@dataclass(frozen=True)
class CpuSeconds:
    """Of this program, of ministack (our guard's child), and of the functions that it runs."""

    program: float
    ministack: float
    functions: float

    def since(self, before: "CpuSeconds") -> "CpuSeconds":
        return CpuSeconds(
            program=self.program - before.program,
            ministack=self.ministack - before.ministack,
            functions=self.functions - before.functions,
        )


def cpu_seconds() -> CpuSeconds:
    """What the processes that run now have taken since they began."""
    command = ["ps", "-axo", "pid=,ppid=,time="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no input of anybody
    return by_role(listed.stdout, os.getpid())


def by_role(listed: str, own_pid: int) -> CpuSeconds:
    """Lines of pid, parent and time, by how far below *own_pid* each process is: guard 1, ministack 2, functions 3."""
    rows = [line.split() for line in listed.splitlines() if line.strip()]
    parents = {int(pid): int(parent) for pid, parent, _ in rows}
    seconds = [0.0, 0.0, 0.0, 0.0]
    for pid, _, time in rows:
        depth = _depth(int(pid), own_pid, parents)
        if depth is not None:
            seconds[min(depth, 3)] += parse_time(time)
    return CpuSeconds(program=seconds[0], ministack=seconds[2], functions=seconds[3])


def parse_time(text: str) -> float:
    """Seconds of ``[days-][hours:]minutes:seconds[.hundredths]``."""
    days, _, clock = text.rpartition("-")
    total = 0.0
    for part in clock.split(":"):
        total = total * _MINUTE + float(part)
    return total + int(days or 0) * 24 * _MINUTE * _MINUTE


def _depth(pid: int, own_pid: int, parents: dict[int, int]) -> int | None:
    depth = 0
    while pid != own_pid:
        if pid not in parents or depth > len(parents):
            return None
        pid, depth = parents[pid], depth + 1
    return depth
