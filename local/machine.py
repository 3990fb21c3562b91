"""Where things lie on this machine, and the Lambda runtime that it stands in for."""

import os
import platform
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
STATE: Final = ROOT / ".local"

SAM: Final = STATE / "sam-venv" / "bin" / "sam"
MINISTACK: Final = STATE / "ministack-venv" / "bin" / "ministack"
PIVOT_DEBUG: Final = Path(sys.executable).parent / "pivot-debug"

REGION: Final = "us-east-1"
STACK_NAME: Final = "pivot-debug-local"

# The functions run on the Python that runs this file: make builds all virtual environments with one interpreter.
PYTHON_RUNTIME: Final = f"python{sys.version_info.major}.{sys.version_info.minor}"
ARCHITECTURE: Final = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
BUILD: Final = STATE / "build" / f"{PYTHON_RUNTIME}-{ARCHITECTURE}"

# Variables of the person at the keyboard that would point a command at a real account, or a function at other code.
_PRIVATE_PREFIXES: Final = ("AWS_", "SAM_CLI_", "MINISTACK_", "LAMBDA_", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class LocalStackError(Exception):
    """What went wrong and what to do about it, for the person who typed the command."""


def local_aws(endpoint_url: str) -> dict[str, str]:
    """The variables that send every AWS call to the local stack and none to a real account."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def child_environment(**variables: str) -> dict[str, str]:
    """The environment of a command that we start: ours without what is private to the person, and `variables`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_PRIVATE_PREFIXES)}
    return kept | {
        "PATH": f"{SAM.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0",
        **variables,
    }
