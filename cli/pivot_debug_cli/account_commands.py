"""``pivot-debug account``: what an operator sets for one account."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from pivot_debug.account_store import MAX_RETENTION_DAYS, AccountSettings
from pivot_debug_cli.connection import Deployment, StackOption, account_id
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.output import as_json, facts, note
from pivot_debug_cli.purge_command import purge

app = typer.Typer(no_args_is_help=True, help="See and change what holds for one account.")

_AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT_ID")]


app.command()(purge)


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


@app.command()
def show(
    *,
    account: _AccountArgument,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    stack: StackOption = None,
) -> None:
    """Show whether an account is recorded, how long its records are kept, and what is hidden in them."""
    wanted = account_id(account)
    settings = Deployment(stack=stack).accounts().settings(wanted)
    if json_output:
        days = settings.retention_days
        as_json(
            {
                "account_id": wanted,
                "recording": settings.recording,
                "keep_digits": settings.keep_digits,
                **({"retention_days": days} if days is not None else {}),
            }
        )
    else:
        _show(wanted, settings)


@app.command(name="set")
def change(
    *,
    account: _AccountArgument,
    retention_days: Annotated[
        int | None, typer.Option(min=1, max=MAX_RETENTION_DAYS, help="Days that records made from now on are kept.")
    ] = None,
    default_retention: Annotated[
        bool, typer.Option("--default-retention", help="Keep them as long as the deployment says (RetentionDays).")
    ] = False,
    recording: Annotated[Switch | None, typer.Option(help="Whether documents are accepted at all.")] = None,
    keep_digits: Annotated[
        Switch | None, typer.Option(help="Whether keyed digits and card numbers are kept, PINs among them.")
    ] = None,
    stack: StackOption = None,
) -> None:
    """Change settings of an account; what is not given stays. It takes effect within seconds, without a deploy."""
    wanted = account_id(account)
    if retention_days is not None and default_retention:
        raise CommandError("give either --retention-days or --default-retention")
    if retention_days is None and recording is None and keep_digits is None and not default_retention:
        raise CommandError("nothing to set: give --recording, --retention-days, --default-retention or --keep-digits")
    store = Deployment(stack=stack).accounts()
    settings = store.settings(wanted)
    if retention_days is not None or default_retention:
        settings = replace(settings, retention_days=retention_days)
    if recording is not None:
        settings = replace(settings, recording=recording is Switch.ON)
    if keep_digits is not None:
        settings = replace(settings, keep_digits=keep_digits is Switch.ON)
    store.save(wanted, settings)
    _show(wanted, settings)
    note("in effect within 10 seconds")


def _show(account: str, settings: AccountSettings) -> None:
    days = settings.retention_days
    facts(
        [
            ("account", account),
            ("recording", "on" if settings.recording else "off"),
            ("retention", "the deployment's default" if days is None else f"{days} days"),
            ("keyed digits", "kept" if settings.keep_digits else "hidden from 4 digits on, card numbers too"),
        ]
    )
