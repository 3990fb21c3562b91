"""``pivot-debug dlq``: deliveries that failed five times, and the way back for them."""

from typing import Annotated, Any

import typer

from pivot_debug import clock
from pivot_debug.aws_client import aws_client
from pivot_debug.dead_letters import DeadLetter, DeadLetters
from pivot_debug_cli.connection import Deployment, StackOption
from pivot_debug_cli.output import as_json, note, table

app = typer.Typer(no_args_is_help=True, help="See the dead-letter queue, and give its messages back to the recorder.")

_LimitOption = Annotated[int, typer.Option(min=1, max=100_000, help="Messages to look at, at most.")]


@app.command()
def show(
    *,
    limit: _LimitOption = 100,
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON list instead.")] = False,
    stack: StackOption = None,
) -> None:
    """Show the messages, without what is in their records. They stay where they are."""
    letters = _letters(stack)
    seen = list(letters.receive(limit))
    for letter in seen:
        letters.put_back(letter.receipt)
    if json_output:
        as_json([_described(letter) for letter in seen])
    elif seen:
        table(("MESSAGE", "SENT", "ACCOUNT", "RECORDS", "CALLS"), [_cells(letter) for letter in seen])
    else:
        note("the dead-letter queue is empty")


@app.command()
def redrive(
    *,
    limit: _LimitOption = 100_000,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is no delivery, and will only come back.")
    ] = False,
    stack: StackOption = None,
) -> None:
    """Give messages back to the recorder. What is stored already is not stored twice."""
    letters = _letters(stack)
    given, kept = 0, []
    for letter in letters.receive(limit):
        if letter.delivery or everything:
            letters.redrive(letter)
            given += 1
        else:
            kept.append(letter.receipt)
    # Not before: they would be received again.
    for receipt in kept:
        letters.put_back(receipt)
    typer.echo(f"{given} messages given back to the recorder")
    if kept:
        stay = "stay: they are no deliveries. See pivot-debug dlq show; --all gives them back too"
        note(f"{len(kept)} messages {stay}")


def _letters(stack: str | None) -> DeadLetters:
    urls = Deployment(stack=stack).queues()
    return DeadLetters(*urls, aws_client("sqs"))


def _described(letter: DeadLetter) -> dict[str, Any]:
    delivery = letter.delivery
    known: dict[str, Any] = {"message_id": letter.message_id, "sent": clock.iso(letter.sent_ms)}
    if delivery is None:
        return known | {"is_delivery": False}
    calls = list(dict.fromkeys(record.call_id for record in delivery.records))
    return known | {
        "is_delivery": True,
        "account_id": delivery.account_id,
        "records": len(delivery.records),
        "calls": calls,
    }


def _cells(letter: DeadLetter) -> tuple[str, ...]:
    told = _described(letter)
    if not told["is_delivery"]:
        return (letter.message_id, told["sent"], "no delivery", "", "")
    return (letter.message_id, told["sent"], told["account_id"], str(told["records"]), "\n".join(told["calls"]))
