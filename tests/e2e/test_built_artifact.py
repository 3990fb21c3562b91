"""What `sam build` made of template.yaml, looked into: it is what Lambda would load."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deployment import build_for, build_lock
from local.machine import PYTHON_RUNTIME, ROOT

_HASHED_AND_NEVER_CHECKED = (0b01).to_bytes(4, "little")
"""Bytes 4 to 8 of bytecode (PEP 552): 1 alone says that it is taken as it is, whatever its source looks like."""


@pytest.fixture(scope="module", params=["x86_64", "arm64"])
def artifacts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by this machine's Python for its own processor, and for another one."""
    with build_lock():
        return build_for(PYTHON_RUNTIME, request.param, log=tmp_path_factory.mktemp("build") / "sam-build.log")


def modules(artifacts: Path) -> Iterator[Path]:
    return artifacts.rglob("*.py")


def test_every_module_has_bytecode_that_is_never_checked(artifacts: Path) -> None:
    # Lambda's /opt and /var/task are read-only: what is not compiled here is compiled at every start.
    expected = importlib.util.MAGIC_NUMBER + _HASHED_AND_NEVER_CHECKED
    compiled = {path: Path(importlib.util.cache_from_source(str(path))) for path in modules(artifacts)}

    missing = [path for path, bytecode in compiled.items() if not bytecode.exists()]

    assert len(compiled) > 300
    assert missing == []
    assert {bytecode.read_bytes()[:8] for bytecode in compiled.values()} == {expected}


def test_bytecode_names_the_place_where_lambda_unpacks_it(artifacts: Path) -> None:
    layer = artifacts / "PivotDebugLayer" / "python" / "pivot_debug" / "keys.py"
    function = artifacts / "DebugApiFunction" / "app.py"

    assert b"/opt/python/pivot_debug/keys.py" in Path(importlib.util.cache_from_source(str(layer))).read_bytes()
    assert b"/var/task/app.py" in Path(importlib.util.cache_from_source(str(function))).read_bytes()


def test_the_layer_holds_no_tests_no_stubs_and_no_boto3(artifacts: Path) -> None:
    layer = artifacts / "PivotDebugLayer" / "python"
    unwanted = [path for path in layer.rglob("*") if path.name == "tests" or path.suffix == ".pyi"]

    assert unwanted == []
    assert not {"boto3", "pip", "bin"} & {path.name for path in layer.iterdir()}


def test_the_layer_describes_the_services_that_we_call_and_no_other(artifacts: Path) -> None:
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]
    called = {name for path in sources for name in re.findall(r'aws_client\("(\w+)"', path.read_text())}
    data = artifacts / "PivotDebugLayer" / "python" / "botocore" / "data"

    assert {path.name for path in data.iterdir() if path.is_dir()} == called


def test_extensions_are_for_the_deployed_processor(artifacts: Path, request: pytest.FixtureRequest) -> None:
    # ELF's e_machine: 0x3E for x86_64, 0xB7 for arm64.
    machine = {"x86_64": 0x3E, "arm64": 0xB7}[request.node.callspec.params["artifacts"]]

    extensions = list(artifacts.rglob("*.so"))

    assert extensions
    assert {path.read_bytes()[18] for path in extensions} == {machine}
