"""The files that `make run` leaves for other programs: a shell's variables, and the environment of `sam local`."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from local.machine import STATE, LocalStackError, local_aws
from local.stack import LocalStack

STACK_ENV: Final = STATE / "stack.env"
START_API_ENV: Final = STATE / "start-api.env.json"
# The name under which the functions of `sam local` reach the local stack; see local/start_api.py.
FORWARD_HOST: Final = "pivot-debug-forward"


@contextmanager
def env_files(stack: LocalStack, *, account_id: str, token: str) -> Iterator[None]:
    """Both files lie there while the block runs, unless a younger stack has put its own in their place."""
    _write(stack, account_id=account_id, token=token)
    try:
        yield
    finally:
        with suppress(LocalStackError):
            if read_stack_env()["AWS_ENDPOINT_URL"] == stack.endpoint_url:
                STACK_ENV.unlink(missing_ok=True)
                START_API_ENV.unlink(missing_ok=True)


def _write(stack: LocalStack, *, account_id: str, token: str) -> None:
    outputs = stack.outputs
    resources = {
        "DEBUG_TABLE": outputs["DebugTable"],
        "TOKEN_TABLE": outputs["TokenTable"],
        "ACCOUNT_TABLE": outputs["AccountTable"],
        "RELAY_TABLE": outputs["RelayTable"],
        "RELAY_SECRET": outputs["RelaySecret"],
        "RELAY_ROOT": stack.relay_root,
        "RECORD_QUEUE_URL": outputs["RecordQueue"],
        "CURSOR_SECRET": outputs["CursorSecret"],
    }
    shell = {**stack.environment, **resources, "ACCOUNT_ID": account_id, "AUTH_TOKEN": token}
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in shell.items())
    _write_private(STACK_ENV, "".join(lines))
    forwarded = stack.endpoint_url.replace("127.0.0.1", FORWARD_HOST)
    container = {**local_aws(forwarded), **resources, "PATH_PARAMETERS": "decoded"}
    _write_private(START_API_ENV, json.dumps({"Parameters": container}, indent=2))


def read_stack_env() -> dict[str, str]:
    """The variables of the stack that `make run` keeps open.

    Raises:
        LocalStackError: there is none.
    """
    try:
        words = shlex.split(STACK_ENV.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LocalStackError("No local stack is running: start one with make run") from error
    pairs = (word.partition("=") for word in words if word != "export")
    return {name: value for name, _, value in pairs}


def _write_private(path: Path, text: str) -> None:
    """Writes a file that this user alone can read: it holds a token."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
