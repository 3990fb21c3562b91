"""What a function does while Lambda starts it."""

import random
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from pivot_debug.starting import at_start


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What was asked to be run after a restore; the module that Lambda brings is played."""
    registered: list[Callable[[], object]] = []
    module = ModuleType("snapshot_restore_py")
    module.register_after_restore = registered.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    return registered


def test_nothing_is_made_ready_outside_of_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    taken: list[str] = []

    at_start(lambda: taken.append("step"))

    assert taken == []


def test_on_lambda_every_step_is_taken_in_order(
    monkeypatch: pytest.MonkeyPatch, hooks: list[Callable[[], object]]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "debug-api")
    taken: list[str] = []

    at_start(lambda: taken.append("first"), lambda: taken.append("second"))

    assert taken == ["first", "second"]
    assert hooks == []


def test_copies_of_a_snapshot_draw_different_numbers(
    monkeypatch: pytest.MonkeyPatch, hooks: list[Callable[[], object]]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "debug-api")
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    at_start()
    snapshot = random.getstate()
    drawn = set()

    for _ in range(2):
        random.setstate(snapshot)
        for hook in hooks:
            hook()
        drawn.add(random.random())

    assert len(drawn) == 2
