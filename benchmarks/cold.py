"""A cold start: fresh processes load each function of the built artifact, as Lambda lays it out, and get it ready.

The processor time of the process, from its first line to the moment when a request could be served.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.measure import Figure, Run, interleaved
from benchmarks.names import BARE, FRESH, JWT, NO_BYTECODE
from local.machine import ROOT
from tests.builders import ACCOUNT
from tests.template import environment

FUNCTIONS: Final = (
    *("authorizer", "debug_api", "deletion", "diagnosis_api", "ingest", "recorder", "relay", "relays_api"),
)
_KID = "0123456789abcdef"
_TIMED: Final = "import time; _began = time.process_time()\n{}\nprint((time.process_time() - _began) * 1000)"
BARE_PROGRAM: Final = "import boto3; boto3.client('dynamodb')"
METHOD_ARN: Final = "arn:aws:execute-api:us-east-1:123456789012:api/stage/GET/v2"
_DECIDE: Final = "app.handler({{'authorizationToken': {token!r}, 'methodArn': {arn!r}}}, None)"


@dataclass(frozen=True)
class Layout:
    """Where code lies: *functions* holds a folder for each function, *packages* is what Lambda calls /opt/python."""

    functions: Path
    packages: Path
    by_logical_id: bool = True

    def task(self, function: str) -> Path:
        return self.functions / (logical_id(function) if self.by_logical_id else function)


def logical_id(function: str) -> str:
    return "".join(part.title() for part in function.split("_")) + "Function"


def cold(artifacts: Path, rounds: int) -> dict[str, Figure]:
    """Every function against boto3's bare client, and debug_api without bytecode and outside of the artifact."""
    built = Layout(artifacts, artifacts / "PivotDebugLayer" / "python")
    with _without_bytecode(built) as bare_sources, _virtual_environment() as fresh:
        variants: dict[str, Run] = {BARE: _bare()}
        variants |= {name: _start(built, name) for name in FUNCTIONS}
        variants[JWT] = _first_jwt(built)
        variants[NO_BYTECODE] = _start(bare_sources, "debug_api")
        variants[FRESH] = _start(fresh, "debug_api")
        return interleaved(variants, BARE, rounds)


def program(layout: Layout, function: str) -> str:
    """Loads a function as the runtime does; its own last lines get it ready, because it is told that this is Lambda."""
    return f"import sys; sys.path[:0] = [{str(layout.task(function))!r}, {str(layout.packages)!r}]\nimport app"


def lambda_environment(function: str) -> dict[str, str]:
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    lambdas = {"AWS_LAMBDA_FUNCTION_NAME": function, "AWS_DEFAULT_REGION": "us-east-1"}
    # /opt and /var/task are read-only on Lambda: what has no bytecode gets none.
    kept = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **environment(logical_id(function)), **credentials, **lambdas}


def _start(layout: Layout, function: str) -> Run:
    return _fresh_process(program(layout, function), lambda_environment(function))


def _bare() -> Run:
    return _fresh_process(BARE_PROGRAM, lambda_environment("debug_api"))


def _first_jwt(layout: Layout) -> Run:
    token, variables = a_jwt()
    return _fresh_process(f"{program(layout, 'authorizer')}\n{_DECIDE.format(token=token, arn=METHOD_ARN)}", variables)


def a_jwt() -> tuple[str, dict[str, str]]:
    """A JWT as KAZOO makes them, and the environment of an authorizer that accepts it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"iss": "kazoo", "account_id": ACCOUNT, "exp": 4_102_444_800}
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": _KID})
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()
    return token, lambda_environment("authorizer") | {"JWT_PUBLIC_KEYS": f"{_KID}={public}"}


def _fresh_process(code: str, variables: dict[str, str]) -> Run:
    command = [sys.executable, "-c", _TIMED.format(code)]

    def run() -> float:
        done = subprocess.run(command, env=variables, cwd="/", capture_output=True, text=True, check=True)  # noqa: S603 - our own program
        return float(json.loads(done.stdout.splitlines()[-1]))

    return run


@contextmanager
def _without_bytecode(built: Layout) -> Iterator[Layout]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "artifacts"
        shutil.copytree(built.functions, copy, ignore=shutil.ignore_patterns("__pycache__"))
        yield Layout(copy, copy / "PivotDebugLayer" / "python")


@contextmanager
def _virtual_environment() -> Iterator[Layout]:
    """Our sources, compiled as Python itself does it, on the libraries of the environment that runs this."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder)
        shutil.copytree(ROOT / "functions", sources / "functions")
        shutil.copytree(ROOT / "layers" / "pivot_debug", sources / "package")
        subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)  # noqa: S603 - our own program
        yield Layout(sources / "functions", sources / "package", by_logical_id=False)
