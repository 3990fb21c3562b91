"""Polls KAZOO's own Pivot API and sends every debug record on.

    python -m feeds.crossbar_poll --account 0123456789abcdef0123456789abcdef

KAZOO's list is asked month by month, because its cursor loses calls where it passes from one month to another. A call
is read again at gaps that double with its silence: soon after something happened, seldom later, and no more once it has
been quiet for `--quiet` hours.
"""

import argparse
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from feeds.ingest_client import Document, IngestClient, Outgoing, RejectLog, Tokens, batches
from feeds.kazoo_api import GREGORIAN, Kazoo
from feeds.rounds import Clock, Job, Rounds, StateFile, argument_parser, exit_status, positive, start
from feeds.server import FeedError, LaterError, Server, Sleep, secret, web_address

log = logging.getLogger("feeds")

HOUR = 3_600
KAZOO_TRIES = 3


class Seen(NamedTuple):
    """A record that was read; `last` marks the last one of its call in this reading."""

    debug_id: str
    record_id: str
    created: int
    last: bool


@dataclass(frozen=True)
class Limits:
    """How long calls are looked at.

    Attributes:
        lookback: Seconds before a round within which a call must have begun to be read at all.
        quiet: Seconds of silence after which a call is done with.
        remember: How many calls of an account are remembered at most.
    """

    lookback: int
    quiet: int
    remember: int


class CallMemory:
    """What is remembered of one account's calls, in `content`; all times, `now` too, are Gregorian seconds."""

    def __init__(self, content: dict[str, Any], limits: Limits, now: int) -> None:
        self._content, self._limits, self._now = content, limits, now
        self._calls: dict[str, dict[str, Any]] = content.setdefault("calls", {})
        content.setdefault("horizon", now - limits.lookback)

    @property
    def horizon(self) -> int:
        """Calls that began before are no longer looked at. It stays behind while the poller is off."""
        return int(self._content["horizon"])

    def is_due(self, debug_id: str) -> bool:
        """Whether to read the call: it is new, or it has been left alone for as long as it had been silent."""
        call = self._calls.get(debug_id)
        if call is None:
            return True
        silence = call["read"] - call["changed"]
        return bool(silence < self._limits.quiet and self._now - call["read"] >= silence)

    def unseen(self, debug_id: str, created: int, records: Iterable[Document]) -> list[Outgoing[Seen]]:
        """The records that have not arrived yet, each of them once."""
        known = self._call(debug_id, created)["ids"]
        new = {name: record for record in records if (name := _record_id(record)) not in known}
        last = next(reversed(new), None)
        return [
            Outgoing(record, Seen(debug_id, name, int(record.get("created") or created), name == last))
            for name, record in new.items()
        ]

    def arrived(self, seen: Seen) -> None:
        """Notes a record that the service has. The call counts as read with its last one: a crash may come between."""
        call = self._calls[seen.debug_id]
        call["ids"].append(seen.record_id)
        call["changed"] = max(call["changed"], seen.created)
        call["read"] = self._now if seen.last else call["changed"]

    def was_read(self, debug_id: str, created: int) -> None:
        """Notes a reading that brought nothing."""
        self._call(debug_id, created)["read"] = self._now

    def tidy(self) -> None:
        """Ends a round: forgets calls beyond the horizon, and the records of calls that are done with."""
        horizon = max(self.horizon, self._now - self._limits.lookback)
        by_age = sorted(self._calls, key=lambda name: int(self._calls[name]["created"]))
        if surplus := by_age[: -self._limits.remember]:
            horizon = max(horizon, self._calls[surplus[-1]]["created"] + 1)
            log.warning(
                "more than %d calls to remember: the oldest %d are done with", self._limits.remember, len(surplus)
            )
        self._content["horizon"] = horizon
        for name in by_age:
            call = self._calls[name]
            if call["created"] < horizon:
                del self._calls[name]
            elif call["read"] - call["changed"] >= self._limits.quiet:
                call["ids"] = []

    def _call(self, debug_id: str, created: int) -> dict[str, Any]:
        return self._calls.setdefault(debug_id, {"created": created, "changed": created, "read": created, "ids": []})


def _record_id(record: Document) -> str:
    return str(record.get("id") or hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest())


class Poller:
    """Brings the debug records of the accounts' recent calls to the service."""

    def __init__(self, kazoo: Kazoo, client: IngestClient, state: StateFile, limits: Limits, clock: Clock) -> None:
        self._kazoo, self._client, self._state, self._limits, self._clock = kazoo, client, state, limits, clock

    def poll(self, account_id: str) -> None:
        """Reads the calls that are due, and sends what is new in them."""
        now = GREGORIAN + int(self._clock())
        content = self._state.content.setdefault("accounts", {}).setdefault(account_id, {})
        memory = CallMemory(content, self._limits, now)
        self._state.save()
        calls = self._recent_calls(account_id, memory.horizon, now)
        unread: list[str] = []
        for batch in batches(self._news(account_id, memory, calls, unread)):
            self._client.send(account_id, [item.document for item in batch])
            for item in batch:
                memory.arrived(item.mark)
            self._state.save()
        memory.tidy()
        self._state.save()
        if unread:
            raise LaterError(f"account {account_id}: {len(unread)} calls could not be read; they are tried again")

    def _recent_calls(self, account_id: str, horizon: int, now: int) -> dict[str, int]:
        calls: dict[str, int] = {}
        for month in months(horizon, now):
            for item in self._kazoo.calls(account_id, month):
                debug_id, created = item.get("debug_id") or f"{month}-{item.get('call_id')}", item.get("created") or now
                calls[debug_id] = max(created, calls.get(debug_id, 0))
        return {debug_id: created for debug_id, created in calls.items() if created >= horizon}

    def _news(
        self, account_id: str, memory: CallMemory, calls: Mapping[str, int], unread: list[str]
    ) -> Iterator[Outgoing[Seen]]:
        for debug_id, created in calls.items():
            if not memory.is_due(debug_id):
                continue
            try:
                news = memory.unseen(debug_id, created, self._kazoo.records(account_id, debug_id))
            except LaterError as error:
                log.warning("%s", error)
                unread.append(debug_id)
                continue
            if not news:
                memory.was_read(debug_id, created)
            yield from news


def months(begin: int, end: int) -> list[str]:
    """The months from one Gregorian second to another, such as `["202402", "202403"]`."""
    first, last = (time.gmtime(moment - GREGORIAN) for moment in (begin, end))
    counts = range(first.tm_year * 12 + first.tm_mon - 1, last.tm_year * 12 + last.tm_mon)
    return [f"{count // 12:04}{count % 12 + 1:02}" for count in counts]


def run(options: argparse.Namespace, environ: Mapping[str, str], sleep: Sleep, clock: Clock) -> int:
    """Polls until something ends it; returns the exit status."""
    tokens, service = Tokens.from_env(environ), web_address(environ, "API_ROOT")
    source = web_address(environ, "KAZOO_API_ROOT")
    token, api_key = secret(environ, "KAZOO_AUTH_TOKEN"), secret(environ, "KAZOO_API_KEY")
    accounts = tokens.accounts(options.account)
    if not token and not api_key:
        raise FeedError("neither KAZOO_AUTH_TOKEN nor KAZOO_API_KEY is set")
    if not accounts:
        raise FeedError("no account to poll: give --account, or AUTH_TOKENS_FILE alone")
    kazoo = Kazoo(Server(source, {}, sleep=sleep, tries=KAZOO_TRIES), token=token, api_key=api_key)
    client = IngestClient(Server(service, {}, sleep=sleep), tokens, RejectLog(options.rejected))
    state = StateFile(options.state, {"feed": "crossbar_poll", "from": source, "to": service})
    limits = Limits(options.lookback * HOUR, options.quiet * HOUR, options.remember)
    poller = Poller(kazoo, client, state, limits, clock)
    jobs: list[Job] = [(account_id, partial(poller.poll, account_id)) for account_id in accounts]
    return Rounds(once=options.once, interval=options.interval, sleep=sleep, clock=clock).run(lambda: jobs)


def main(
    arguments: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    sleep: Sleep = time.sleep,
    clock: Clock = time.time,
) -> int:
    """The command; returns its exit status."""
    parser = argument_parser("crossbar_poll", "Sends KAZOO's debug records on, from its Pivot API.", interval=60)
    add = parser.add_argument
    add("--lookback", type=positive, default=24, metavar="HOURS", help="how old a call may be at first (%(default)s)")
    add(
        "--quiet",
        type=positive,
        default=4,
        metavar="HOURS",
        help="silence after which a call is done with (%(default)s)",
    )
    add(
        "--remember",
        type=positive,
        default=20_000,
        metavar="N",
        help="calls to remember for each account (%(default)s)",
    )
    options = parser.parse_args(arguments)
    return exit_status(lambda: run(options, environ, sleep, clock))


if __name__ == "__main__":
    start(main)
