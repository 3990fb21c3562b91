"""Commands that the local stack starts. None of them outlives this process, however it ends (see `guard`)."""

import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local import guard
from local.machine import ROOT, LocalStackError

_SHOWN_LINES: Final = 25
_STOP_SECONDS: Final = 15


@contextmanager
def running(command: Sequence[str], *, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs while the block does; its output goes to the end of `log`.

    When the block is left, the command and everything it started have ended.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the commands are our own
            [*python_command(guard.__file__), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=env,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait(_STOP_SECONDS)


def python_command(script: str, *arguments: str) -> list[str]:
    """The command that runs a script of ours on our own Python."""
    return [sys.executable, script, *arguments]


def run(command: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
    """Runs a command to its end.

    Raises:
        LocalStackError: the command failed; the message shows the end of its output.
    """
    with running(command, env=env, log=log) as process:
        code = process.wait()
    if code:
        name = " ".join([Path(command[0]).name, *command[1:2]])
        raise LocalStackError(f"{name} failed. {last_lines(log)}")


def last_lines(log: Path) -> str:
    """The end of a log file, headed by the file's name."""
    with log.open(encoding="utf-8", errors="replace") as lines:
        tail = "".join(deque(lines, maxlen=_SHOWN_LINES))
    return f"The end of {log}:\n{tail.rstrip()}"
