"""Who may know whom: the layers of the package, read from its imports."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.template import ROOT

PACKAGE = ROOT / "layers" / "pivot_debug" / "pivot_debug"
CODE = sorted(
    path for folder in ("layers", "functions", "cli", "local", "feeds") for path in (ROOT / folder).rglob("*.py")
)

# The edge of the package. Every other module is a pure rule: it must stand the test by default.
ON_AWS = {
    *("store", "token_store", "account_store", "relay_store", "usage_store", "dynamodb", "queue", "secret_keys"),
    *("aws_client", "erasing", "dead_letters"),
}
EDGE = ON_AWS | {"after_reply", "endpoint", "envelope", "metering", "observability"}
# One for each front door: what API clients get, and what KAZOO gets of the relay.
KNOW_STATUSES = {"envelope", "relay.reply"}
# They drive a store, which they are given; no rule may import them either.
DRIVERS = {"recording", "reading", "listing", "deletion"}

MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 45

AWS = {"boto3", "botocore", "aws_lambda_powertools"}
STATUSES = {status.value for status in HTTPStatus if status >= HTTPStatus.OK}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


@cache
def modules() -> dict[str, Path]:
    """Every module by its name inside the package: ``keys``, ``callflow.check``."""
    paths = {path.relative_to(PACKAGE).with_suffix(""): path for path in sorted(PACKAGE.rglob("*.py"))}
    names = {".".join(part for part in name.parts if part != "__init__"): path for name, path in paths.items()}
    return {name: path for name, path in names.items() if name}


def imports(path: Path) -> set[str]:
    """Dotted names of all that a file imports, also inside functions: ``from a import b`` is ``a`` and ``a.b``."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def libraries(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def own_modules(path: Path) -> set[str]:
    """Modules of the package that a file imports."""
    return {name.removeprefix("pivot_debug.") for name in imports(path)} & set(modules())


def is_limit(node: ast.AST) -> bool:
    """``MAX_PAGE_SIZE = 500``, ``default=500`` and ``text[:500]`` are limits; nothing called a status is."""
    if isinstance(node, ast.keyword):
        return node.arg is not None and "status" not in node.arg
    return isinstance(node, ast.Slice) or (
        isinstance(node, ast.Assign)
        and all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
        and not any("STATUS" in target.id for target in node.targets if isinstance(target, ast.Name))
    )


def direct_values(node: ast.AST) -> Iterator[ast.AST]:
    """All below a node but the inside of calls in it: ``headers=make(404)`` hides no status."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.Call):
            yield from direct_values(child)


def statuses(path: Path) -> list[str]:
    """Where a file holds whole numbers that are HTTP statuses, or a reply's ``statusCode``."""
    limits = {id(part) for node in ast.walk(tree(path)) if is_limit(node) for part in direct_values(node)}
    constants = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and id(node) not in limits]
    return [
        f"{path.name}:{node.lineno}: {node.value!r}"
        for node in constants
        if (type(node.value) is int and node.value in STATUSES) or node.value == "statusCode"
    ]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and number of lines of every function."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def title(path: Path) -> str:
    return str(path.relative_to(ROOT))


PURE = {name: path for name, path in modules().items() if name not in EDGE | DRIVERS}


def test_the_package_is_where_these_tests_look() -> None:
    known = {"errors", "clock", "keys", "models", "packing", "redaction", "bodies", "documents", "attempts", "verdict"}
    known |= {"summary", "cursor", "query", "negotiation", "csv_export", "policy", "tokens", "caller", "intake"}

    assert known <= set(PURE)
    assert set(modules()) >= EDGE | DRIVERS


@pytest.mark.parametrize("name", PURE)
def test_a_rule_knows_nothing_of_aws(name: str) -> None:
    assert not libraries(PURE[name]) & AWS


@pytest.mark.parametrize("name", PURE)
def test_a_rule_imports_no_module_but_other_rules(name: str) -> None:
    assert not own_modules(PURE[name]) - set(PURE)


@pytest.mark.parametrize("name", sorted(ON_AWS | DRIVERS))
def test_what_stores_and_drives_knows_nothing_of_http(name: str) -> None:
    assert not own_modules(modules()[name]) & {"envelope", "api_request"}


def test_only_the_stores_the_queue_and_the_clients_import_botocore_and_nobody_boto3() -> None:
    importers = {name for name, path in modules().items() if "botocore" in libraries(path)}

    assert importers <= ON_AWS
    assert not [name for name, path in modules().items() if "boto3" in libraries(path)]


def test_nobody_goes_past_the_guard_of_outgoing_requests() -> None:
    # after_reply speaks with Lambda itself.
    way_out = {f"upstream.{name}" for name in ("connection", "failures", "incoming", "outgoing")}
    clients = {"socket", "ssl", "http.client", "urllib.request"}

    importers = {name for name, path in modules().items() if imports(path) & clients}

    assert way_out <= importers <= way_out | {"after_reply"}


def test_only_observability_imports_powertools() -> None:
    importers = {name for name, path in modules().items() if "aws_lambda_powertools" in libraries(path)}

    assert importers <= {"observability"}


@pytest.mark.parametrize("name", sorted(set(modules()) - KNOW_STATUSES))
def test_only_the_two_that_answer_know_http_statuses(name: str) -> None:
    assert statuses(modules()[name]) == []


def test_those_two_do_know_them() -> None:
    # Else the test above would prove nothing.
    assert all(len(statuses(modules()[name])) > 5 for name in KNOW_STATUSES)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=title)
def test_the_package_imports_nothing_that_uses_it(path: Path) -> None:
    assert not libraries(path) & {"functions", "cli", "pivot_debug_cli", "local", "feeds", "tests"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=title)
def test_the_package_imports_itself_by_its_name(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith(".")]


@pytest.mark.parametrize("path", sorted((ROOT / "functions").rglob("*.py")), ids=title)
def test_a_function_imports_the_package_the_standard_library_alone(path: Path) -> None:
    assert libraries(path) <= {"pivot_debug"} | sys.stdlib_module_names


def test_no_module_imports_itself_by_a_detour() -> None:
    reached = {name: own_modules(path) for name, path in modules().items()}

    for _ in reached:
        reached = {name: names.union(*(reached[one] for one in names)) for name, names in reached.items()}

    assert [name for name, names in reached.items() if name in names] == []


def test_no_module_is_called_utils() -> None:
    names = {part for path in CODE for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}

    assert not names & {"utils", "util", "helpers", "helper", "common", "misc"}


@pytest.mark.parametrize("path", CODE, ids=title)
def test_a_module_can_be_read_at_once(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", CODE, ids=title)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert [name for name, lines in functions(path) if lines > MAX_FUNCTION_LINES] == []
