"""Runs a command that must not outlive whoever started it: `python guard.py COMMAND [ARGUMENT ...]`.

Standard input is the lifeline: a pipe whose other end the starter alone holds. It closes when the starter lets go and
also when the starter crashes or is killed. Then the command and everything it started are ended. The guard runs in a
session of its own, so that Ctrl-C reaches the starter only, which stops things in its own order.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

GRACE_SECONDS = 5


def main(command: list[str]) -> int:
    # The command leads a process group of its own: ending the group ends what the command started, too.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own
    threading.Thread(target=_end_with_starter, args=(process,), daemon=True).start()
    code = process.wait()
    _signal_group(process, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _end_with_starter(process: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1):  # nothing is ever sent; an empty answer is the end
        pass
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)


def _signal_group(leader: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # macOS answers PermissionError for a group of zombies.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
