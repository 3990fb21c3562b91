"""``pivot-debug account purge``: deletes everything that a deployment holds of one account."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import typer

from pivot_debug import clock, dynamodb
from pivot_debug.aws_client import aws_client
from pivot_debug.dead_letters import DeadLetters
from pivot_debug.erasing import BATCH, Eraser
from pivot_debug.token_store import TokenStore
from pivot_debug_cli.connection import Deployment, StackOption, account_id
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.output import as_json, facts, note

_AT_ONCE = 40 * BATCH
"""Items between two lines of progress."""

_FIRST_MONTH = "197001"

_PATIENCE = 900
"""Seconds for which dead letters are hidden while they are looked through: all of them, so that each is seen once."""

_EVERY_LETTER = 100_000
_LETTERS_AT_ONCE = 1000
"""Dead letters between two lines of progress."""


def purge(
    *,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT_ID")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    stack: StackOption = None,
) -> None:
    """Delete all that there is of an account: records, dead letters, tokens, relays, settings.

    Stopped, it goes on when it is run again.
    """
    wanted = account_id(account)
    deployment = Deployment(stack=stack)
    accounts, tokens = deployment.accounts(), deployment.tokens()
    eraser, relays = deployment.eraser(wanted), deployment.relay_table()
    letters = DeadLetters(*deployment.queues(), aws_client("sqs"), _PATIENCE)
    if not yes and not typer.confirm(f"Delete everything of account {wanted}? Nothing can bring it back", err=True):
        raise CommandError("nothing was deleted")
    accounts.stop_recording(wanted)
    note("nothing more is accepted while this runs")
    deleted = {
        "tokens": _purge_tokens(tokens, wanted),
        "relays": _purge_relays(relays, wanted) if relays else 0,
        "dead_letters": _purge_letters(letters, wanted),
        "items": sum(_purge_month(eraser, month) for month in _months()),
    }
    accounts.forget(wanted)
    if json_output:
        as_json({"account_id": wanted, **deleted})
    else:
        facts([("account", wanted), *((name.replace("_", " "), str(number)) for name, number in deleted.items())])
    note("what was on its way meanwhile is stored still: run it again in a minute, until it deletes 0 items")


def _purge_tokens(tokens: TokenStore, account: str) -> int:
    """Tokens that list other accounts, too, go on for those; tokens of all accounts are the operators'."""
    rows = [row for row in tokens.all() if account in row.accounts]
    for row in rows:
        tokens.withdraw(row, account)
    if rows:
        note(f"{len(rows)} tokens are withdrawn; they work on for 60 seconds at most")
    return len(rows)


def _purge_relays(table: str, account: str) -> int:
    client: Any = dynamodb.client()
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="account_id = :account",
        ExpressionAttributeValues={":account": {"S": account}},
        ProjectionExpression="account_id, relay_id",
        ConsistentRead=True,
    )
    with dynamodb.unavailable_as_domain_error():
        relays = [item for page in pages for item in page["Items"]]
        for relay in relays:
            client.delete_item(TableName=table, Key=relay)
    return len(relays)


def _purge_letters(letters: DeadLetters, account: str) -> int:
    """A redrive would store the account again. Those of other accounts are seen again when all were looked through."""
    deleted, others = 0, []
    for number, letter in enumerate(letters.receive(_EVERY_LETTER), 1):
        if letter.is_of(account):
            letters.drop(letter)
            deleted += 1
        else:
            others.append(letter.receipt)
        if number % _LETTERS_AT_ONCE == 0:
            note(f"{number} dead letters looked through, {deleted} deleted")
    for receipt in others:
        letters.put_back(receipt)
    return deleted


def _months() -> Iterator[str]:
    """Every month that a record can be of, the newest first: dumps may bring old ones."""
    month = clock.month_of(clock.now_ms() + clock.DAY_MS)
    while month >= _FIRST_MONTH:
        yield month
        month = clock.previous_month(month)


def _purge_month(eraser: Eraser, month: str) -> int:
    keys, deleted = eraser.all_keys(month), 0
    while some := list(islice(keys, _AT_ONCE)):
        eraser.delete(month, some)
        deleted += len(some)
        note(f"{month}: {deleted} items deleted")
    return deleted
