"""The local stack: template.yaml, deployed on ministack, with nothing of it left when the block is over.

`make run` keeps one open; end-to-end tests open their own:

    with running_stack(state=tmp_path) as stack:
        token = stack.create_token(account_id)
        httpx.get(f"{stack.api_root}/accounts/{account_id}/pivot/debug", headers={"X-Auth-Token": token})
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.bridge import bridge_api, bridge_queue, bridge_relay
from local.deployment import build, build_lock, deploy
from local.machine import (
    PIVOT_DEBUG,
    PYTHON_RUNTIME,
    REGION,
    ROOT,
    STACK_NAME,
    LocalStackError,
    child_environment,
    local_aws,
)
from local.progress import step
from local.server import running_ministack


@dataclass(frozen=True)
class LocalStack:
    """A ministack at `endpoint_url` with our stack on it; `state` is the folder of its logs."""

    endpoint_url: str
    state: Path

    def client(self, service: str) -> Any:
        """A boto3 client of the local stack."""
        session = boto3.session.Session("test", "test", region_name=REGION)
        # A proxy, if the person has one, finds no way to this machine's own address.
        config = Config(proxies={})
        return session.client(service, endpoint_url=self.endpoint_url, config=config)  # type: ignore[call-overload]

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of the CloudFormation stack: table names, queue URLs, ids."""
        stack = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    @property
    def api_root(self) -> str:
        """Where the API answers. This form of address needs no name resolution, unlike ministack's host names."""
        return f"{self.endpoint_url}/restapis/{self.outputs['ApiId']}/{self.outputs['Stage']}/_user_request_/v2"

    @property
    def relay_root(self) -> str:
        """Where the relay answers: ministack serves a function URL under this path, too."""
        function_url = self.client("lambda").get_function_url_config(
            FunctionName=self._function_names()["RelayFunction"]
        )["FunctionUrl"]
        return f"{self.endpoint_url}/_aws/lambda-url/{function_url.removeprefix('https://').split('.')[0]}"

    @property
    def environment(self) -> dict[str, str]:
        """What AWS programs and our command line need to work on this stack."""
        return {**local_aws(self.endpoint_url), "PIVOT_DEBUG_STACK": STACK_NAME, "API_ROOT": self.api_root}

    def deploy(self) -> None:
        """Builds what changed and brings the stack up to date."""
        with build_lock():
            with step(f"Build for {PYTHON_RUNTIME}"):
                build(log=self.state / "sam-build.log")
            with step("Deploy template.yaml"):
                deploy(self.endpoint_url, self.client("s3"), log=self.state / "sam-deploy.log")
        with step("Bridge the differences from AWS"):
            bridge_api(self.client("cloudformation"), self.client("apigateway"), STACK_NAME)
            bridge_queue(self.client("lambda"))
            bridge_relay(self.client("lambda"), self._function_names(), self.relay_root)

    def _function_names(self) -> dict[str, str]:
        resources = self.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)["StackResources"]
        functions = (one for one in resources if one["ResourceType"] == "AWS::Lambda::Function")
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in functions}

    def pivot_debug(self, *arguments: str, **variables: str) -> str:
        """Runs our command line on this stack and returns what it printed.

        Raises:
            LocalStackError: it failed; the message shows what it printed.
        """
        result = subprocess.run(  # noqa: S603 - our own command line
            [str(PIVOT_DEBUG), *arguments],
            env=child_environment(**self.environment, **variables),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            printed = f"{result.stdout}{result.stderr}".strip()
            raise LocalStackError(f"pivot-debug {' '.join(arguments)} failed:\n{printed}")
        return result.stdout

    def create_token(self, account_id: str, scopes: str = "debug:read,debug:write", **options: str) -> str:
        """A new token of the account. `options` are further options of `pivot-debug token create`."""
        further = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        printed = self.pivot_debug("token", "create", account_id, "--scopes", scopes, *further, "--json")
        token: str = json.loads(printed)["token"]
        return token

    def set_account(self, account_id: str, *, retention_days: int) -> None:
        self.pivot_debug("account", "set", account_id, "--retention-days", str(retention_days))

    def ingest(self, file: Path, *, account_id: str, token: str) -> None:
        """Sends a file of debug documents through the public API."""
        self.pivot_debug("ingest", str(file), ACCOUNT_ID=account_id, AUTH_TOKEN=token)

    def unrecorded(self) -> int:
        """How many messages still wait for the recorder, or are with it now."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        queue = self.outputs["RecordQueue"]
        counts = self.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)


@contextmanager
def running_stack(*, state: Path, port: int = 0) -> Iterator[LocalStack]:
    """A fresh, empty stack that runs while the block does.

    Args:
        state: a folder for logs and temporary files.
        port: where it listens on 127.0.0.1; 0 picks a free one.
    """
    state.mkdir(parents=True, exist_ok=True)
    with running_ministack(port, state) as endpoint_url:
        stack = LocalStack(endpoint_url, state)
        stack.deploy()
        yield stack
