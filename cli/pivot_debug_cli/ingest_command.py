"""``pivot-debug ingest``: sends a dump of debug documents in through the public API."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from pivot_debug.keys import is_account_id
from pivot_debug_cli.batches import Parcel, batches, encode
from pivot_debug_cli.connection import Deployment, StackOption, account_id, setting
from pivot_debug_cli.delivery import Delivery, open_client
from pivot_debug_cli.dumps import DumpError, Entry, read, skip_reason
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.output import error_console, note
from pivot_debug_cli.summary import Summary

SOME_REJECTED = 1
_HOW_TO_GET_ONE = "pivot-debug token create ACCOUNT_ID --scopes debug:write"
_INTERRUPTED = 130

# What API Gateway takes for a token of this service or a JWT; other characters could not even stand in a header.
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{20,4096}")


class _UnsendableError(Exception):
    """A document that can go to no account; the text says why."""


def ingest(
    *,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The dump, or - for standard input.")],
    account: Annotated[
        str | None,
        typer.Option(
            envvar="ACCOUNT_ID",
            metavar="ACCOUNT_ID",
            help="Account of every document. [default: the pvt_account_id of each]",
        ),
    ] = None,
    api_root: Annotated[
        str | None, typer.Option(envvar="API_ROOT", metavar="URL", help="Root of the API: https://.../v2")
    ] = None,
    token: Annotated[
        str | None, typer.Option(envvar="AUTH_TOKEN", metavar="TOKEN", help="Token with the scope debug:write.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write each rejected document here, with the reason.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
    stack: StackOption = None,
) -> None:
    """Send a dump of a KAZOO monthly database in.

    It may be JSON lines, KAZOO's archive, what CouchDB answers to _all_docs or _changes with include_docs=true, a reply
    of KAZOO's Pivot API, a JSON list or a single document. Documents of other types are skipped. Sending the same dump
    again stores nothing twice. The exit status is 0 if no document was rejected and 1 if one was.
    """
    root = Deployment(stack=stack, api_root=api_root).api_root()
    owner = account or setting("ACCOUNT_ID")
    owner = account_id(owner) if owner else None
    client = open_client(_token(token))
    with client, _opened(file) as (dump, size), _created(rejects, file) as rejects_file:
        summary = Summary(rejects_file)
        _send_all(dump, size, owner, Delivery(client=client, api_root=root, on_wait=_tell_wait), summary)
    _report(summary, owner, as_json=json_output)
    if summary.rejected:
        raise typer.Exit(SOME_REJECTED)


def _report(summary: Summary, owner: str | None, *, as_json: bool) -> None:
    if summary.other_accounts:
        note(
            f"{summary.other_accounts} documents belong to other accounts than {owner}: "
            "each goes to its own where ACCOUNT_ID is empty and --account is not given"
        )
    if as_json:
        summary.show_as_json()
    else:
        summary.show()


def _send_all(dump: BinaryIO, size: int | None, owner: str | None, delivery: Delivery, summary: Summary) -> None:
    try:
        with _progress(size) as (progress, task):
            for batch in batches(_parcels(read(dump), owner, summary)):
                summary.add(batch[0].account_id, delivery.send(batch))
                progress.update(
                    task,
                    completed=batch[-1].entry.done,
                    description=f"{summary.accepted} accepted, {summary.rejected} rejected",
                )
    except (CommandError, DumpError, OSError) as error:
        raise CommandError(f"{error}; {summary.so_far()}") from None
    except KeyboardInterrupt:
        raise CommandError(f"stopped; {summary.so_far()}", _INTERRUPTED) from None


def _parcels(entries: Iterable[Entry], owner: str | None, summary: Summary) -> Iterator[Parcel]:
    """The documents that are worth sending; the summary hears of all others."""
    for entry in entries:
        summary.read += 1
        kind = skip_reason(entry.document)
        if kind:
            summary.skipped[kind] += 1
            continue
        try:
            account = _account(entry.document, owner)
        except _UnsendableError as error:
            summary.reject(entry, str(error))
            continue
        summary.other_accounts += entry.document.get("pvt_account_id", account) != account
        yield Parcel(entry=entry, account_id=account, payload=encode(entry.document))


def _account(document: Any, owner: str | None) -> str:
    """The account that a document goes to."""
    if not isinstance(document, dict):
        raise _UnsendableError("not a JSON object")
    if owner:
        return owner
    account = document.get("pvt_account_id")
    if account is None:
        raise _UnsendableError("no pvt_account_id: name the account with --account")
    if not isinstance(account, str) or not is_account_id(account):
        raise _UnsendableError("pvt_account_id is not an account id")
    return account


@contextmanager
def _opened(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The dump, and its size where that is known."""
    if file == "-":
        yield typer.get_binary_stream("stdin"), None
        return
    try:
        dump = Path(file).open("rb")  # noqa: SIM115 - in a with block, errors of the caller would be caught here
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from None
    with dump:
        yield dump, os.fstat(dump.fileno()).st_size or None


@contextmanager
def _created(rejects: Path | None, dump: str) -> Iterator[IO[str] | None]:
    """The file of rejects, for its owner's eyes only: bodies of calls stand in it."""
    if rejects is None:
        yield None
        return
    if dump != "-" and rejects.exists() and rejects.samefile(dump):
        raise CommandError("--rejects would overwrite the dump: name another file")
    try:
        file = os.fdopen(os.open(rejects, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {rejects}: {error.strerror}") from None
    with file:
        yield file


def _token(option: str | None) -> str:
    token = option or setting("AUTH_TOKEN")
    if not token:
        raise CommandError(f"no token: set AUTH_TOKEN; {_HOW_TO_GET_ONE} makes one")
    if not _TOKEN.fullmatch(token):
        raise CommandError("AUTH_TOKEN is not a token: it has characters that no token has, or is too short")
    return token


@contextmanager
def _progress(size: int | None) -> Iterator[tuple[Progress, Any]]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    quiet = not sys.stderr.isatty()
    with Progress(*columns, console=error_console(), disable=quiet, transient=True) as progress:
        yield progress, progress.add_task("reading", total=size)


def _tell_wait(reason: str, seconds: float) -> None:
    note(f"{reason}; trying again in {seconds:.1f} s")
