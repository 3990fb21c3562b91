"""Finds a deployment: its tables and the root of its API."""

import os
import shlex
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError

from pivot_debug import dynamodb
from pivot_debug.account_store import AccountStore
from pivot_debug.aws_client import aws_client
from pivot_debug.erasing import Eraser
from pivot_debug.keys import is_account_id
from pivot_debug.token_store import TokenStore
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.output import note

LOCAL_FILE = Path(".local/stack.env")
"""Where ``make run`` writes how its local stack is reached."""

_TABLES_AND_QUEUES = (
    *("TOKEN_TABLE", "ACCOUNT_TABLE", "DEBUG_TABLE", "RELAY_TABLE"),
    *("RECORD_QUEUE_URL", "RECORD_DEAD_LETTER_QUEUE_URL"),
)
_PLACES = ("AWS_ENDPOINT_URL", "PIVOT_DEBUG_STACK", "API_ROOT", *_TABLES_AND_QUEUES)
_SETTINGS = {*_PLACES, "AUTH_TOKEN", "ACCOUNT_ID"}

StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="PIVOT_DEBUG_STACK",
        metavar="NAME",
        help="CloudFormation stack whose outputs name the tables and the API.",
    ),
]


class Deployment:
    """One deployment, found by options first, then the environment, then ``.local/stack.env``, then its stack."""

    def __init__(self, *, stack: str | None = None, api_root: str | None = None) -> None:
        _use_local_file({"PIVOT_DEBUG_STACK": stack, "API_ROOT": api_root})
        _use_region()
        self._stack = stack or setting("PIVOT_DEBUG_STACK")
        self._api_root = api_root or setting("API_ROOT")

    def tokens(self) -> TokenStore:
        return TokenStore(self._table("TOKEN_TABLE", "TokenTable"), dynamodb.client())

    def accounts(self) -> AccountStore:
        return AccountStore(self._table("ACCOUNT_TABLE", "AccountTable"), dynamodb.client())

    def eraser(self, account: str) -> Eraser:
        return Eraser(self._table("DEBUG_TABLE", "DebugTable"), account, dynamodb.client())

    def relay_table(self) -> str | None:
        """Name of the table of relays; None where the deployment has none."""
        return setting("RELAY_TABLE") or (self._outputs.get("RelayTable") if self._stack else None)

    def queues(self) -> tuple[str, str]:
        """URLs of the record queue and of its dead-letter queue."""
        names = ("RECORD_QUEUE_URL", "RecordQueue"), ("RECORD_DEAD_LETTER_QUEUE_URL", "RecordDeadLetterQueue")
        record, dead = (self._table(*name) for name in names)
        return record, dead

    def api_root(self) -> str:
        """Root of the API, ``https://.../v2``, without a slash at its end."""
        root = self._api_root or (self._output("ApiRoot") if self._stack else None)
        if not root:
            raise CommandError("where is the API? Set API_ROOT or --api-root (https://.../v2), or name the --stack")
        if not root.startswith(("http://", "https://")):
            raise CommandError(f"API_ROOT is not a URL: {root!r} must begin with https:// or http://")
        return root.rstrip("/")

    def _table(self, variable: str, output: str) -> str:
        name = setting(variable)
        if name:
            return name
        if not self._stack:
            raise CommandError(
                "which deployment? Name its stack with --stack or PIVOT_DEBUG_STACK, "
                "or run this in the folder where make run has started a local stack"
            )
        return self._output(output)

    def _output(self, name: str) -> str:
        value = self._outputs.get(name)
        if not value:
            raise CommandError(f"stack {self._stack} has no output {name}: is it a deployment of pivot-debug?")
        return value

    @cached_property
    def _outputs(self) -> dict[str, str]:
        stack = self._stack or ""
        client: Any = aws_client("cloudformation")
        try:
            found = client.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in error.response["Error"]["Message"]:
                raise
            region = client.meta.region_name
            raise CommandError(f"no stack {stack} in {region}: check --stack, AWS_REGION and AWS_PROFILE") from None
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def setting(name: str) -> str | None:
    """A variable's value; None where it is unset or empty."""
    return os.environ.get(name) or None


def account_id(text: str) -> str:
    """*text* where it is an account id, else CommandError."""
    if not is_account_id(text):
        raise CommandError(f"{text!r} is not an account id: 32 characters, 0-9 and a-f, as in KAZOO's /v2/accounts/ID")
    return text


def _use_local_file(chosen: dict[str, str | None]) -> None:
    """Fill the environment from ``.local/stack.env``, unless an option or the environment names another deployment.

    Credentials and region go with the address of AWS: a person's own are not for the local stack.
    """
    values = _read_local_file()
    named = {name: chosen.get(name) or setting(name) for name in _PLACES}
    if any(value and value != values.get(name) for name, value in named.items()):
        return
    taken = {name: value for name, value in values.items() if name in _SETTINGS and name not in os.environ}
    taken |= {name: value for name, value in values.items() if name.startswith("AWS_")}
    if any(os.environ.get(name) != value for name, value in taken.items()):
        os.environ.update(taken)
        note(f"using {LOCAL_FILE}")


def _read_local_file() -> dict[str, str]:
    try:
        words = shlex.split(LOCAL_FILE.read_text(encoding="utf-8"), comments=True)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot read {LOCAL_FILE} ({error}): remove it, or start the local stack again") from None
    pairs = (word.partition("=") for word in words)
    return {name: value for name, equals, value in pairs if equals}


def _use_region() -> None:
    """AWS_REGION is what every other AWS tool reads; botocore reads AWS_DEFAULT_REGION alone."""
    region = setting("AWS_REGION")
    if region:
        os.environ["AWS_DEFAULT_REGION"] = region
