"""The local stack for end-to-end tests: `stack` is deployed once and shared, so each test has accounts of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import LocalStack, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with running_stack(state=tmp_path_factory.mktemp("stack")) as running:
        yield running
