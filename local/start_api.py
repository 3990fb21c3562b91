"""`sam local start-api` beside the local stack: functions in Docker, their tables and queue on ministack.

Two things stand in the way. SAM gives all verbs of one function and path the authorizer of one of them, whichever comes
out of a set last: routes without an authorizer are left out, so that the others surely have theirs. And a container
cannot reach a server on this machine's 127.0.0.1, where alone ministack listens (SAM's `docker_network =
"host"` changes nothing about that). So the containers get a network of their own with a tunnel in it, which carries
their calls through a Unix socket.
"""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from local import port_forward
from local.deployment import CONFIG, OVERRIDES, TEMPLATE
from local.env_files import FORWARD_HOST
from local.machine import ARCHITECTURE, PYTHON_RUNTIME, ROOT, SAM, LocalStackError, child_environment, local_aws
from local.processes import python_command, running

_NETWORK: Final = "pivot-debug-local"
_IMAGE: Final = f"public.ecr.aws/lambda/python:{PYTHON_RUNTIME.removeprefix('python')}-{ARCHITECTURE}"


def start_api(endpoint_url: str, stack_port: int, port: int, state: Path) -> None:
    """Serves the API of `make run`'s latest build on 127.0.0.1:`port` until it is interrupted."""
    docker = shutil.which("docker")
    if docker is None:
        raise LocalStackError("sam local needs Docker: install it, or use make run alone, which needs none")
    command = [str(SAM), "local", "start-api", "--port", str(port), *CONFIG, *OVERRIDES]
    arguments = ["--template-file", str(_template()), "--docker-network", _NETWORK]
    with _tunnel(docker, stack_port, state):
        _in_foreground([*command, *arguments], endpoint_url)


def _template() -> Path:
    """The built template, beside the original, without routes that take no token."""
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        events = resource["Properties"].get("Events", {})
        for name in [name for name, event in events.items() if _is_open(event)]:
            del events[name]
    copy = TEMPLATE.with_name("start-api.yaml")
    copy.write_text(yaml.safe_dump(template, sort_keys=False), encoding="utf-8")
    return copy


def _is_open(event: dict[str, Any]) -> bool:
    authorizer: str | None = event["Properties"].get("Auth", {}).get("Authorizer")
    return authorizer == "NONE"


@contextmanager
def _tunnel(docker: str, stack_port: int, state: Path) -> Iterator[None]:
    folder = state / "tunnel"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log = state / "tunnel.log"
    mounts = ["--volume", f"{folder}:/tunnel", "--volume", f"{port_forward.__file__}:/port_forward.py:ro"]
    inner = [docker, "run", "--rm", "--name", FORWARD_HOST, "--network", _NETWORK, *mounts, "--entrypoint", "python3"]
    _remove_network(docker)
    _quietly([docker, "network", "create", _NETWORK])
    outer = python_command(port_forward.__file__, "out", str(folder / "socket"), str(stack_port))
    environment = child_environment()
    with (
        running(outer, env=environment, log=log),
        running(
            [*inner, _IMAGE, "/port_forward.py", "in", "/tunnel/socket", str(stack_port)], env=environment, log=log
        ),
    ):
        try:
            yield
        finally:
            _remove_network(docker)


def _in_foreground(command: list[str], endpoint_url: str) -> None:
    """Ctrl-C is handed on once, and then SAM given the time to remove its containers: a second one would hinder it."""
    environment = child_environment(**local_aws(endpoint_url))
    process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)  # noqa: S603 - our own command
    try:
        process.wait()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _remove_network(docker: str) -> None:
    """Removes the network with all its containers: the tunnel, and what SAM forgets when it is stopped early."""
    containers = _quietly([docker, "ps", "--all", "--quiet", "--filter", f"network={_NETWORK}"]).split()
    for container in containers:
        _quietly([docker, "rm", "--force", container])
    _quietly([docker, "network", "rm", _NETWORK])


def _quietly(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, check=False, text=True).stdout  # noqa: S603 - our own command
