"""Builds template.yaml with `sam build` and puts what ministack knows of it on the local stack with `sam deploy`."""

import fcntl
from collections.abc import Iterator
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
OVERRIDES: Final = ("--parameter-overrides", *(f"{name}={value}" for name, value in _PARAMETERS.items()))


@contextmanager
def build_lock() -> Iterator[None]:
    """Keeps the build folder for this process: `make run` and the tests share it, and SAM itself does not lock it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(*, log: Path) -> None:
    """Builds functions and layer for this machine's Python. Only what changed is built again."""
    arguments = ("--template-file", str(ROOT / "template.yaml"), "--build-dir", str(TEMPLATE.parent))
    cache = ("--cache-dir", str(BUILD / "cache"))
    run([str(SAM), "build", *CONFIG, *arguments, *cache, *OVERRIDES], env=child_environment(), log=log)


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
