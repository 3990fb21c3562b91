"""How the commands write: tables for people, JSON for programs, notes on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDE = 1_000
"""Columns where no terminal limits them, so that grep finds every row on one line."""


def one_line(text: str) -> str:
    """*text* without line breaks and without what a terminal would obey: a dump may hold anything."""
    return "".join(character if character.isprintable() else " " for character in " ".join(text.split()))


def note(text: str) -> None:
    """One line for the person, out of the way of what a program reads."""
    typer.echo(f"pivot-debug: {one_line(text)}", err=True)


def as_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under headings; a cell of several lines holds several values.

    On a terminal each value has its line, and the first column, the one to copy, is never broken. Elsewhere a row is
    one line however long, for grep.
    """
    terminal = sys.stdout.isatty()
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        grid.add_column(column, no_wrap=column == columns[0], overflow="fold")
    for row in rows:
        values = (map(one_line, cell.split("\n")) for cell in row)
        grid.add_row(*(Text(("\n" if terminal else ", ").join(cell)) for cell in values))
    console = Console(width=None if terminal else _WIDE, highlight=False)
    with console.capture() as printed:
        console.print(grid)
    typer.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Names and values, one pair a line."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        typer.echo(f"{name:<{width}}  {one_line(value)}")


def error_console() -> Console:
    return Console(stderr=True, highlight=False)
