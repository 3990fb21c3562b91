"""What the person at the terminal sees: one line for each step, with the seconds it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

_WIDTH: Final = 46
_console: Final = Console(highlight=False, markup=False, soft_wrap=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Shows `text` at once and, when the block is left, how long it took."""
    started = time.monotonic()
    _console.print(f"{text} ".ljust(_WIDTH, "."), end=" ")
    try:
        yield
    except KeyboardInterrupt:
        _console.print("stopped")
        raise
    except BaseException:
        _console.print("failed")
        raise
    _console.print(f"{time.monotonic() - started:5.1f} s")


def say(text: str = "") -> None:
    _console.print(text)
