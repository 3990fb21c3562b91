"""Follows the changes of KAZOO's monthly databases and sends every debug document on.

    python -m feeds.couchdb_changes --account 0123456789abcdef0123456789abcdef

It asks with `feed=normal`, one database after the other: so any number of accounts costs CouchDB one request at a time,
and a new month is just one more database. Only positions behind documents that have arrived are remembered, so nothing
is ever skipped.
"""

import argparse
import base64
import json
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Self
from urllib.parse import quote

from feeds.ingest_client import IngestClient, Outgoing, RejectLog, Tokens, batches
from feeds.rounds import Clock, Job, Rounds, StateFile, argument_parser, exit_status, positive, start
from feeds.server import Answer, FeedError, LaterError, Server, Sleep, web_address

log = logging.getLogger("feeds")

DATABASE = re.compile(r"account/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{28})-([0-9]{4}(?:0[1-9]|1[0-2]))")
# A monthly database also holds call records, voicemails and more, each of them whole in the answer.
PAGE_ROWS = 200
DISCOVERY_INTERVAL = 60.0


class Database(NamedTuple):
    """One account's database of one month, such as `account/01/23/456789abcdef0123456789abcdef-202403`."""

    month: str
    account_id: str
    name: str

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The monthly database of this name; `None` for any other database."""
        parts = DATABASE.fullmatch(name)
        return cls(parts[4], parts[1] + parts[2] + parts[3], name) if parts else None


class CouchDB:
    """What the follower reads from CouchDB, or from BigCouch."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def monthly_databases(self, accounts: Sequence[str], first_month: str) -> list[Database]:
        """The databases from a month on, oldest month first; no accounts means all of them."""
        folders = [f"account/{each[:2]}/{each[2:4]}/{each[4:]}-" for each in accounts] or ["account/"]
        names = {name for folder in folders for name in self._names(folder)}
        found = [database for database in map(Database.named, names) if database and database.month >= first_month]
        # An old server may ignore the range of names.
        return sorted(database for database in found if not accounts or database.account_id in accounts)

    def _names(self, start_of_name: str) -> list[str]:
        query = {"startkey": json.dumps(start_of_name), "endkey": json.dumps(start_of_name + "\ufff0")}
        answer = self._server.ask("GET", "/_all_dbs", query=query)
        match answer.status, answer.json():
            case 200, list(names):
                return names
        raise _trouble("the list of databases", answer)

    def changes(self, database: str, since: object) -> tuple[list[dict[str, Any]], object]:
        """The next rows and the position behind them; no rows and the old position when the database is gone."""
        # Opaque text on CouchDB 2 and later, a number on 1.x, a list on BigCouch.
        position = since if isinstance(since, str) else json.dumps(since)
        query = {"feed": "normal", "include_docs": "true", "limit": PAGE_ROWS, "since": position}
        answer = self._server.ask("GET", f"/{quote(database, safe='')}/_changes", query=query)
        match answer.status, answer.json():
            case 200, {"results": list(rows), "last_seq": behind}:
                return rows, behind
            case 404, _:
                return [], since
        raise _trouble(database, answer)


def _trouble(what: str, answer: Answer) -> FeedError:
    if answer.status in (401, 403):
        return FeedError(f"CouchDB: {answer.complaint}; check COUCHDB_USER and COUCHDB_PASSWORD (an admin is needed)")
    return LaterError(f"CouchDB, {what}: {answer.complaint}")


class Follower:
    """Brings the debug documents of the accounts to the service; no accounts means all of them."""

    def __init__(
        self,
        couch: CouchDB,
        client: IngestClient,
        state: StateFile,
        *,
        accounts: Sequence[str],
        months: int,
        clock: Clock,
    ) -> None:
        self._couch, self._client, self._state = couch, client, state
        self._accounts, self._months, self._clock = accounts, months, clock
        self._positions: dict[str, object] = state.content.setdefault("positions", {})
        self._databases: list[Database] = []
        self._next_discovery = 0.0

    def jobs(self) -> list[Job]:
        """The databases to read in this round, older months first."""
        self._state.save()
        if self._clock() >= self._next_discovery:
            self._discover()
        return [(database.account_id, partial(self.catch_up, database)) for database in self._databases]

    def _discover(self) -> None:
        first = first_month(self._clock(), self._months)
        found = self._couch.monthly_databases(self._accounts, first)
        if found != self._databases or not found:
            log.info("databases to follow, from %s on: %d", first, len(found))
        self._databases, self._next_discovery = found, self._clock() + DISCOVERY_INTERVAL
        for name in [name for name in self._positions if name[-6:] < first]:
            del self._positions[name]

    def catch_up(self, database: Database) -> None:
        """Sends what the database has gained since its remembered position."""
        while True:
            rows, behind = self._couch.changes(database.name, self._positions.get(database.name, 0))
            for batch in batches(_debug_documents(rows)):
                self._client.send(database.account_id, [item.document for item in batch])
                self._positions[database.name] = batch[-1].mark
                self._state.save()
            # Rows behind the last document hold nothing to send: the next save will do.
            self._positions[database.name] = behind
            if len(rows) < PAGE_ROWS:
                return


def _debug_documents(rows: Sequence[Mapping[str, Any]]) -> Iterator[Outgoing[object]]:
    for row in rows:
        document = row.get("doc")
        if isinstance(document, dict) and document.get("pvt_type") == "pivot_debug":
            yield Outgoing(document, row["seq"])


def first_month(now: float, months: int) -> str:
    """The oldest of so many months that end with the present one: `202402` for two months in March 2024."""
    today = time.gmtime(now)
    count = today.tm_year * 12 + today.tm_mon - months
    return f"{count // 12:04}{count % 12 + 1:02}"


def follow(options: argparse.Namespace, environ: Mapping[str, str], sleep: Sleep, clock: Clock) -> int:
    """Follows until something ends it; returns the exit status."""
    tokens, service = Tokens.from_env(environ), web_address(environ, "API_ROOT")
    source = web_address(environ, "COUCHDB_URL")
    state = StateFile(options.state, {"feed": "couchdb_changes", "from": source, "to": service})
    follower = Follower(
        CouchDB(Server(source, _login(environ), sleep=sleep)),
        IngestClient(Server(service, {}, sleep=sleep), tokens, RejectLog(options.rejected)),
        state,
        accounts=tokens.accounts(options.account),
        months=options.months,
        clock=clock,
    )
    rounds = Rounds(once=options.once, interval=options.interval, sleep=sleep, clock=clock)
    try:
        return rounds.run(follower.jobs)
    finally:
        state.save()


def _login(environ: Mapping[str, str]) -> dict[str, str]:
    user = environ.get("COUCHDB_USER")
    pair = f"{user}:{environ.get('COUCHDB_PASSWORD', '')}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()} if user else {}


def main(
    arguments: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    sleep: Sleep = time.sleep,
    clock: Clock = time.time,
) -> int:
    """The command; returns its exit status."""
    parser = argument_parser("couchdb_changes", "Sends KAZOO's debug documents on, from CouchDB.", interval=5)
    parser.add_argument(
        "--months", type=positive, default=2, metavar="N", help="how many months to read, with this one (%(default)s)"
    )
    options = parser.parse_args(arguments)
    return exit_status(lambda: follow(options, environ, sleep, clock))


if __name__ == "__main__":
    start(main)
