"""What each function loads when it starts: libraries are most of a cold start, so none comes in by accident."""

import json
import subprocess
import sys

import pytest

from tests.template import ROOT, environment, resources

LOGGER = {"aws_lambda_powertools", "jmespath", "typing_extensions"}
# certifi: where it is installed, as here by the tests' own tools, botocore takes it.
AWS = {"botocore", "certifi", "dateutil", "jmespath", "six", "urllib3"}
JWT = {"cffi", "cryptography", "jwt", "typing_extensions"}
CHECKS = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}

MAY_LOAD = {
    # No logger: only a refusal is logged.
    "authorizer": AWS,
    "debug_api": LOGGER | AWS,
    "deletion": LOGGER | AWS,
    # AWS: each request is counted.
    "diagnosis_api": LOGGER | AWS | CHECKS,
    "ingest": LOGGER | AWS | CHECKS,
    "recorder": LOGGER | AWS,
    "relay": LOGGER | AWS | CHECKS,
    "relays_api": LOGGER | AWS | CHECKS,
}
KNOWS_CALLFLOWS = {"diagnosis_api", "ingest", "recorder", "relay", "relays_api"}

_PROGRAM = """
import importlib, json, sys
importlib.import_module(f"functions.{sys.argv[1]}.app")
loaded = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
libraries = {name.split(".")[0] for name, file in loaded.items() if "site-packages" in file}
own = {name.split(".")[1] for name in loaded if name.startswith("pivot_debug.")}
print(json.dumps([sorted(libraries), sorted(own)]))
"""


def loaded(function: str, **settings: str) -> tuple[set[str], set[str]]:
    """Libraries, and modules of our package, in a fresh process that was started as Lambda starts the function."""
    name = "".join(part.title() for part in function.split("_"))
    lambdas = {"AWS_LAMBDA_FUNCTION_NAME": function, "AWS_DEFAULT_REGION": "eu-central-1"}
    variables = {**environment(f"{name}Function"), **lambdas, "PATH": "", "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, "-c", _PROGRAM, function]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    libraries, own = json.loads(done.stdout)
    # The editable install of this very project, and the machinery of the virtual environment.
    return {name for name in libraries if not name.startswith(("__editable__", "_", "distutils"))}, set(own)


@pytest.mark.parametrize("function", MAY_LOAD)
def test_a_function_loads_no_library_that_it_does_not_need(function: str) -> None:
    libraries, own = loaded(function)

    assert libraries - MAY_LOAD[function] == set()
    assert ("callflow" in own) is (function in KNOWS_CALLFLOWS)


def test_an_authorizer_that_expects_jwts_loads_what_checks_them_and_no_aws_client() -> None:
    libraries, own = loaded("authorizer", JWT_PUBLIC_KEYS="0123456789abcdef=set")

    assert "jwt" in libraries
    assert libraries - JWT == set()
    assert not {"aws_client", "token_store"} & own


def test_every_function_has_a_list() -> None:
    folders = {
        function["CodeUri"].rstrip("/").split("/")[1] for function in resources("AWS::Serverless::Function").values()
    }

    assert folders - set(MAY_LOAD) == set()
