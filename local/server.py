"""ministack, the local stack's AWS: started on 127.0.0.1, waited for, and stopped with all its functions."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from local.machine import MINISTACK, REGION, LocalStackError, child_environment
from local.processes import last_lines, running
from local.progress import step

HOST: Final = "127.0.0.1"
_READY_SECONDS: Final = 60
_WARM_SECONDS: Final = 3600


@contextmanager
def running_ministack(port: int, state: Path) -> Iterator[str]:
    """The endpoint URL of a fresh ministack that runs while the block does.

    Args:
        port: where to listen; 0 picks a free one.
        state: a folder for its log and temporary files. Nothing is kept from one run to the next.
    """
    chosen = port or _free_port()
    _require_free(chosen)
    scratch = state / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    log = state / "ministack.log"
    log.unlink(missing_ok=True)
    try:
        with running([str(MINISTACK)], env=_environment(chosen, scratch), log=log) as process:
            endpoint_url = f"http://{HOST}:{chosen}"
            with step(f"Start ministack on {HOST}:{chosen}"):
                _wait_until_ready(endpoint_url, process, log)
            yield endpoint_url
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _environment(port: int, scratch: Path) -> dict[str, str]:
    return child_environment(
        BIND_HOST=HOST,
        GATEWAY_PORT=str(port),
        MINISTACK_REGION=REGION,
        TMPDIR=str(scratch),
        LAMBDA_EXECUTOR="local",
        LAMBDA_WARM_TTL_SECONDS=str(_WARM_SECONDS),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _require_free(port: int) -> None:
    """A port is taken when somebody answers there, or when it cannot be bound."""
    try:
        with socket.socket() as caller:
            answered = caller.connect_ex((HOST, port)) == 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except OSError as error:
        raise LocalStackError(_taken(port)) from error
    if answered:
        raise LocalStackError(_taken(port))


def _taken(port: int) -> str:
    return (
        f"Port {port} is taken: stop what runs there (another make run?), or choose another, as in make run PORT=4580"
    )


def _wait_until_ready(endpoint_url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{endpoint_url}/_ministack/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise LocalStackError(f"ministack did not start. {last_lines(log)}")
