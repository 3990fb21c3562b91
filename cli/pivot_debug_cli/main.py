"""``pivot-debug``: the entry point, and the list of its commands."""

from typing import Annotated

import typer

from pivot_debug import __version__
from pivot_debug_cli import account_commands, dlq_commands, token_commands
from pivot_debug_cli.failures import OneLineErrors
from pivot_debug_cli.ingest_command import ingest
from pivot_debug_cli.lint_command import lint
from pivot_debug_cli.try_command import try_server

app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    rich_markup_mode=None,
    # A traceback would be a bug of ours; the values in it may be secrets.
    pretty_exceptions_show_locals=False,
    help="Operate a pivot-debug deployment, and check a Pivot server before it takes calls.",
)
app.add_typer(token_commands.app, name="token")
app.add_typer(account_commands.app, name="account")
app.add_typer(dlq_commands.app, name="dlq")
app.command()(ingest)
app.command()(lint)
app.command(name="try")(try_server)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Nothing to do before a command."""
