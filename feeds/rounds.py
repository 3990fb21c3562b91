"""How a feed runs: what it remembers, its rounds over the accounts, its options, its start and its end."""

import argparse
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from feeds.server import FeedError, LaterError, RefusedError, Sleep

log = logging.getLogger("feeds")

Clock = Callable[[], float]
# An account, and a piece of work to do for it.
Job = tuple[str, Callable[[], None]]

REFUSED_PAUSE = 900.0


class StateFile:
    """A JSON object on disk that is replaced as a whole: a crash leaves the old one or the new one.

    Args:
        path: The file; it is made where it does not exist.
        belongs_to: What the state is about. A file that belongs to something else is refused, for a position in one
            source says nothing about another, and what one service has taken another has not.
    """

    def __init__(self, path: Path, belongs_to: Mapping[str, str]) -> None:
        self._path, self._saved = path, b""
        self.content: dict[str, Any] = self._read() if path.exists() else {"belongs_to": dict(belongs_to)}
        if self.content.get("belongs_to") != belongs_to:
            raise FeedError(f"{path} belongs to {self.content.get('belongs_to')}: choose another --state")
        self.save()  # a folder that cannot be written shows now, not after the first batch

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_bytes())
        except ValueError as error:
            raise FeedError(f"{self._path} is not a state file ({error}): move it away to start anew") from error
        return content if isinstance(content, dict) else {}

    def save(self) -> None:
        """Writes the content if it has changed."""
        content = json.dumps(self.content, separators=(",", ":")).encode()
        if content == self._saved:
            return
        new = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        self._saved = content


class Rounds:
    """Does the work of every account, round after round, and leaves a refused account alone for a while."""

    def __init__(self, *, once: bool, interval: float, sleep: Sleep, clock: Clock) -> None:
        self._once, self._interval, self._sleep, self._clock = once, interval, sleep, clock
        self._refused: dict[str, tuple[float, RefusedError]] = {}

    def run(self, jobs: Callable[[], Sequence[Job]]) -> int:
        """Works for ever; with `once`, does one round and returns 0 if all of it could be done, else 1.

        Raises:
            FeedError: Nothing can go on; among other things, because every account is refused.
        """
        while True:
            complete = self._round(jobs)
            if self._once:
                return 0 if complete else 1
            self._sleep(self._interval)

    def _round(self, jobs: Callable[[], Sequence[Job]]) -> bool:
        try:
            todo = jobs()
        except LaterError as outage:
            log.error("%s", outage)  # noqa: TRY400 - an operator reads it; a stack trace would not help
            return False
        errors = [self._error_of(account_id, work) for account_id, work in todo if self._may(account_id)]
        if todo and all(account_id in self._refused for account_id, _ in todo):
            raise self._refused[todo[0][0]][1]
        for error in filter(None, errors):
            log.error("%s", error)
        return not any(errors)

    def _may(self, account_id: str) -> bool:
        again, _ = self._refused.get(account_id, (0.0, None))
        return again <= self._clock()

    def _error_of(self, account_id: str, work: Callable[[], None]) -> LaterError | RefusedError | None:
        try:
            work()
        except LaterError as error:
            return error
        except RefusedError as error:
            self._refused[account_id] = (self._clock() + REFUSED_PAUSE, error)
            return error
        self._refused.pop(account_id, None)
        return None


def argument_parser(feed: str, purpose: str, *, interval: int) -> argparse.ArgumentParser:
    """The options that every feed has."""
    parser = argparse.ArgumentParser(prog=f"python -m feeds.{feed}", description=purpose)
    add = parser.add_argument
    add("--account", action="append", default=[], metavar="ID", help="account to feed; may be given several times")
    add("--state", type=Path, default=Path(f"{feed}.state.json"), metavar="FILE", help="its memory (%(default)s)")
    add(
        "--rejected",
        type=Path,
        default=Path(f"{feed}.rejected.ndjson"),
        metavar="FILE",
        help="takes the documents that the service refuses (%(default)s)",
    )
    add("--interval", type=positive, default=interval, metavar="SECONDS", help="pause between rounds (%(default)s)")
    add("--once", action="store_true", help="do one round and end; for cron")
    return parser


def positive(text: str) -> int:
    """A whole number above zero, given as an option."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def exit_status(feed: Callable[[], int]) -> int:
    """Runs a feed to its end, whatever that is, and tells it in one line."""
    try:
        return feed()
    except (FeedError, OSError) as error:
        log.error("stopped: %s", error)  # noqa: TRY400 - an operator reads it; a stack trace would not help
        return 1
    except KeyboardInterrupt:
        log.info("stopped")
        return 128 + signal.SIGINT


def start(main: Callable[[], int]) -> None:
    """Runs `main` as a program: log lines in UTC on standard error, an orderly end on SIGTERM."""
    logging.Formatter.converter = time.gmtime
    line = "%(asctime)sZ %(levelname)s %(message)s"
    logging.basicConfig(format=line, datefmt="%Y-%m-%dT%H:%M:%S", level=logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
