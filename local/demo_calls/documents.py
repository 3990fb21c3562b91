"""What a demo call is, and how its debug documents look in KAZOO's database.

A demo call is told as a list of steps, one per document. A step (see `demo_steps`) knows what KAZOO wrote down;
`DemoCall.documents` adds what every document has: ids, account, database, time, node, iteration.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

GREGORIAN_UNIX_EPOCH = 62_167_219_200
CALLERS = (
    ("ADA BRANDT", "+14155550117"),
    ("J OKAFOR", "+14155550123"),
    ("WIRELESS CALLER", "+14155550138"),
    ("MEI-LIN ZHOU", "+14155550142"),
    ("anonymous", "anonymous"),
    ("CAFÉ ÉTOILE", "+14155550166"),
)

Document = dict[str, Any]
When = Callable[[datetime], datetime]


@dataclass(frozen=True, kw_only=True)
class Release:
    """What the KAZOO release that took a call does differently from the others."""

    node: str = "kazoo_apps@apps1.example.net"
    api_version: str = "4.x"
    counts_iterations: bool = True
    hashes_documents: bool = False
    sends_objects: bool = True
    lowers_request_headers: bool = True


MASTER = Release(hashes_documents=True)
MASTER_NODE_2 = Release(hashes_documents=True, node="kazoo_apps@apps2.example.net")
KAZOO_4_0 = Release(sends_objects=False)
WHISTLE_2015 = Release(
    node="whistle_apps@apps1.example.net", api_version="2015-03-01", sends_objects=False, lowers_request_headers=False
)
WHISTLE_2014 = Release(
    node="whistle_apps@apps1.example.net",
    api_version="2013-05-01",
    sends_objects=False,
    lowers_request_headers=False,
    counts_iterations=False,
)


@dataclass(frozen=True)
class Line:
    """A telephone number of the demo company; its Pivot element asks for the parameter names of `req_format`."""

    number: str
    req_format: str


FRONT_DESK = Line("+14155550100", "kazoo")
BOOKING = Line("+14155550101", "twiml")


@dataclass(frozen=True)
class Call:
    """What the requests of a call tell the customer's server about it."""

    account_id: str
    call_id: str
    line: Line
    release: Release

    @property
    def caller(self) -> tuple[str, str]:
        """Name and number: the same caller for the same call id."""
        return CALLERS[int(hex_id(self.call_id), 16) % len(CALLERS)]


@dataclass(frozen=True)
class Step:
    """One document, written `after` seconds after the one before it, in the same iteration unless it names another."""

    after: int
    fields: Callable[[Call, datetime], Document]
    iteration: int | None = None


@dataclass(frozen=True)
class DemoCall:
    """One call of the demo company: `shows` says why it is here."""

    call_id: str
    shows: str
    began: When
    line: Line
    steps: tuple[Step, ...]
    release: Release = MASTER

    def documents(self, account_id: str, now: datetime) -> list[Document]:
        """The call's documents, in the order in which KAZOO wrote them."""
        call = Call(account_id, self.call_id, self.line, self.release)
        moment, iteration = self.began(now), 1
        documents: list[Document] = []
        for step in self.steps:
            moment += timedelta(seconds=step.after)
            iteration = step.iteration or iteration
            public = {"call_id": self.call_id, "iteration": iteration, **step.fields(call, moment)}
            documents.append(_stored(call, moment, len(documents), public))
        return documents


def minutes_ago(minutes: int) -> When:
    return lambda now: now - timedelta(minutes=minutes)


def days_ago(days: int, clock: str) -> When:
    """At `clock` (UTC), so many days before today; at least one, so that it is never to come."""
    return lambda now: datetime.combine(now - timedelta(days=days), time.fromisoformat(clock), UTC)


def days_before_month(days: int, clock: str) -> When:
    """At `clock` (UTC), so many days before this month's first: 1 is the last day of the month before."""
    return lambda now: days_ago(days, clock)(now.replace(day=1))


def hex_id(*parts: object) -> str:
    """32 lower-case hex characters that depend on nothing but `parts`."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def _stored(call: Call, moment: datetime, position: int, public: Document) -> Document:
    if not call.release.counts_iterations:
        del public["iteration"]
    created = int(moment.timestamp()) + GREGORIAN_UNIX_EPOCH
    content_hash = hex_id(json.dumps(public))
    return {
        "_id": hex_id(call.account_id, call.call_id, created, position),
        "_rev": f"1-{hex_id(content_hash)}",
        **public,
        "pvt_type": "pivot_debug",
        "pvt_account_id": call.account_id,
        "pvt_account_db": _month_database(call.account_id, moment),
        "pvt_created": created,
        "pvt_modified": created,
        "pvt_node": call.release.node,
        **({"pvt_document_hash": content_hash} if call.release.hashes_documents else {}),
    }


def _month_database(account_id: str, moment: datetime) -> str:
    return f"account%2F{account_id[:2]}%2F{account_id[2:4]}%2F{account_id[4:]}-{moment:%Y%m}"
