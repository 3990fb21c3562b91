"""Counts what becomes of a dump's documents, and shows it."""

import json
import time
from collections import Counter
from typing import IO, Any

from pivot_debug_cli.dumps import Entry
from pivot_debug_cli.output import as_json, facts, note, table
from pivot_debug_cli.replies import Outcome

SHOWN_REJECTIONS = 20


class Summary:
    """What became of the documents so far. Each rejected one is also written to *rejects*, if given.

    A line of that file holds the document under ``doc``: mended, the file can be sent in as it is.
    """

    def __init__(self, rejects: IO[str] | None = None) -> None:
        self.read = 0
        self.accepted = 0
        self.rejected = 0
        self.skipped: Counter[str] = Counter()
        self.other_accounts = 0
        self._rejects = rejects
        self._first_rejections: list[tuple[Entry, str]] = []
        # Numbers in place of the ids: a dump of several GB holds millions of calls.
        self._calls: set[int] = set()
        self._began = time.monotonic()

    def add(self, account_id: str, outcome: Outcome) -> None:
        self.accepted += len(outcome.call_ids)
        self._calls.update(hash((account_id, call_id)) for call_id in outcome.call_ids)
        for rejection in outcome.rejections:
            self.reject(rejection.entry, rejection.reason)

    def reject(self, entry: Entry, reason: str) -> None:
        self.rejected += 1
        if len(self._first_rejections) < SHOWN_REJECTIONS:
            self._first_rejections.append((entry, reason))
        if self._rejects:
            row = {**_place(entry), "reason": reason, "doc": entry.document}
            self._rejects.write(json.dumps(row) + "\n")

    def so_far(self) -> str:
        """What to add to the message of a failure."""
        if not self.accepted:
            return "nothing was sent in"
        return f"{self.accepted} documents were accepted before; sending the dump again stores nothing twice"

    def show_as_json(self) -> None:
        as_json(
            {
                "read": self.read,
                "accepted": self.accepted,
                "rejected": self.rejected,
                "skipped": dict(self.skipped),
                "calls": len(self._calls),
                "seconds": self._seconds(),
                "rejections": [{**_place(entry), "reason": reason} for entry, reason in self._shown()],
            }
        )

    def show(self) -> None:
        facts(
            [
                ("read", str(self.read)),
                ("accepted", str(self.accepted)),
                ("rejected", str(self.rejected)),
                ("skipped", self._skipped()),
                ("calls", str(len(self._calls))),
                ("seconds", str(self._seconds())),
            ]
        )
        if self.rejected:
            table(("REJECTED", "REASON"), [(entry.place, reason) for entry, reason in self._shown()])
        if self.rejected > SHOWN_REJECTIONS and not self._rejects:
            note(f"{self.rejected - SHOWN_REJECTIONS} more were rejected: --rejects FILE keeps all of them")

    def _shown(self) -> list[tuple[Entry, str]]:
        """The first rejections in the order of the dump: what is rejected here overtakes what the API rejects."""
        return sorted(self._first_rejections, key=lambda found: found[0].number)

    def _skipped(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.skipped.most_common())
        return f"{self.skipped.total()} ({kinds})" if kinds else "0"

    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 1)


def _place(entry: Entry) -> dict[str, Any]:
    return {"document": entry.number, **({"line": entry.line} if entry.line is not None else {})}
