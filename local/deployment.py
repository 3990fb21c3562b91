"""Builds template.yaml with `sam build` and puts what ministack knows of it on the local stack with `sam deploy`."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from local.machine import (
    ARCHITECTURE,
    BUILD,
    PYTHON_RUNTIME,
    ROOT,
    SAM,
    STACK_NAME,
    child_environment,
    local_aws,
)
from local.processes import run
from local.unknown_resources import without_unknown_resources

TEMPLATE: Final = BUILD / "artifacts" / "template.yaml"
_BUCKET: Final = "pivot-debug-local-artifacts"
CONFIG: Final = ("--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local")
_PARAMETERS: Final = {
    "Stage": "local",
    "PythonRuntime": PYTHON_RUNTIME,
    "Architecture": ARCHITECTURE,
    "DeletionProtection": "false",
    # More would only wait for each other: one process plays DynamoDB.
    "RecorderConcurrency": "2",
    # Pivot servers under development listen on this machine.
    "RelayAllowed": "127.0.0.0/8",
    # What ministack does; see local/bridge.py.
    "PathParameters": "decoded",
}


def _overrides(parameters: Mapping[str, str]) -> tuple[str, ...]:
    return ("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()))


OVERRIDES: Final = _overrides(_PARAMETERS)


@contextmanager
def build_lock() -> Iterator[None]:
    """Keeps the build folder for this process: `make run` and the tests share it, and SAM itself does not lock it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(*, log: Path) -> None:
    """Builds functions and layer for this machine's Python. Only what changed is built again."""
    build_for(PYTHON_RUNTIME, ARCHITECTURE, log=log)


def build_for(runtime: str, architecture: str, *, log: Path, path: str = "") -> Path:
    """Builds functions and layer for any runtime and processor, and returns the folder of what was built.

    Args:
        runtime: such as "python3.13"; this very Python must be on the PATH.
        architecture: "arm64" or "x86_64".
        log: takes SAM's output.
        path: folders to put in front of the PATH.
    """
    folder = BUILD.parent / f"{runtime}-{architecture}"
    artifacts = folder / TEMPLATE.parent.name
    places = ("--build-dir", str(artifacts), "--cache-dir", str(folder / "cache"))
    template = ("--template-file", str(ROOT / "template.yaml"))
    parameters = {**_PARAMETERS, "PythonRuntime": runtime, "Architecture": architecture}
    env = child_environment()
    env["PATH"] = os.pathsep.join(filter(None, (path, env["PATH"])))
    run([str(SAM), "build", *CONFIG, *template, *places, *_overrides(parameters)], env=env, log=log)
    return artifacts


def deploy(endpoint_url: str, s3: Any, *, log: Path) -> None:
    """Creates or updates the stack from what `build` made.

    Args:
        endpoint_url: of the running ministack.
        s3: its S3 client. A bucket made here saves SAM the minute in which it makes a stack for one.
        log: takes SAM's output.
    """
    s3.create_bucket(Bucket=_BUCKET)
    # SAM asks every 5 seconds how far CloudFormation is, unless told otherwise.
    env = child_environment(**local_aws(endpoint_url), SAM_CLI_POLL_DELAY="0.2")
    known = TEMPLATE.with_name("local.yaml")
    known.write_text(without_unknown_resources(TEMPLATE.read_text()))
    template = ("--template-file", str(known))
    target = ("--stack-name", STACK_NAME, "--s3-bucket", _BUCKET)
    run([str(SAM), "deploy", *CONFIG, *template, *target, *OVERRIDES], env=env, log=log)
