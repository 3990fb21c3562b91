"""Which records belong to the same HTTP exchange of a call. Pure.

KAZOO links a response to its request by nothing but time (whole seconds) and iteration, and every KAZOO-JSON step
has iteration 1. One request is under way at a time, so a response belongs to the newest open request, with one
exception: two steps inside one second store both requests before the first response.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from pivot_debug import ranks
from pivot_debug.keys import Seq
from pivot_debug.models import Document, RecordType

KAZOO_TIMEOUT_MS = 5000
"""KAZOO waits this long for an answer at most (callflows.pivot: req_timeout_ms)."""

SLOW_PART = 0.8
"""Answers that took this part of the time there was, or more, nearly missed it."""

MAX_OPEN = 32
"""Requests of a call that may wait for their answers at once; KAZOO itself never has more than two."""

_CLOSING = frozenset({RecordType.RESPONSE, RecordType.TRANSPORT_ERROR})


@dataclass(slots=True)
class OpenRequest:
    attempt: int
    ms: int
    iteration: int


@dataclass(slots=True)
class AttemptNumbering:
    """Numbers the attempts 1..n while the records of a call go by in order.

    Its state is small and goes into page cursors (``as_json``), so that a page need not read those before it.
    """

    count: int = 0
    answered: int = 0
    waiting: list[OpenRequest] = field(default_factory=list)

    def number(self, seq: Seq) -> int:
        """The attempt of the next record."""
        record_type = ranks.type_of(seq.rank)
        if record_type is RecordType.REQUEST:
            return self._begin(seq)
        if record_type in _CLOSING and seq.rank != ranks.BODY_HALF:
            return self._close(seq)
        return self.answered or self._begin(seq)

    def as_json(self) -> list[Any]:
        return [self.count, self.answered, [list(asdict(request).values()) for request in self.waiting]]

    @classmethod
    def from_json(cls, state: list[Any]) -> "AttemptNumbering":
        count, answered, waiting = state
        return cls(count, answered, [OpenRequest(*request) for request in waiting])

    def _begin(self, seq: Seq) -> int:
        self.count += 1
        if ranks.type_of(seq.rank) is RecordType.REQUEST:
            self.waiting = [*self.waiting, OpenRequest(self.count, seq.ms, seq.iteration)][-MAX_OPEN:]
        return self.count

    def _close(self, seq: Seq) -> int:
        candidates = [request for request in self.waiting if request.iteration == seq.iteration]
        if not candidates:
            self.answered = self._begin(seq)
            return self.answered
        request = _asker(candidates, seq)
        self.waiting.remove(request)
        self.answered = request.attempt
        return self.answered


def _asker(candidates: list[OpenRequest], answer: Seq) -> OpenRequest:
    oldest, newest = candidates[0], candidates[-1]
    same_second = newest.ms // 1000 == answer.ms // 1000
    if same_second and answer.ms - oldest.ms < KAZOO_TIMEOUT_MS:
        return oldest
    return newest


@dataclass(slots=True)
class Attempt:
    """One HTTP exchange of a call; times are Unix ms."""

    number: int
    started_ms: int
    ended_ms: int | None = None
    is_cdr: bool = False
    request: Document | None = None
    response: Document | None = None
    errors: dict[RecordType, Document] = field(default_factory=dict)

    @property
    def status_code(self) -> str | None:
        return None if self.response is None else self.response.get("resp_status_code")

    @property
    def duration_ms(self) -> int | None:
        """From the request to its end; None where either is missing."""
        return None if self.request is None or self.ended_ms is None else self.ended_ms - self.started_ms

    @property
    def taken_ms(self) -> int | None:
        """What the server took: as the relay saw it, else the time from the request to its end."""
        return _time((self.response or {}).get("upstream_ms")) or self.duration_ms

    @property
    def given_ms(self) -> int:
        """What the server was given: by the relay, else all the time that KAZOO waited."""
        return _time((self.request or {}).get("budget_ms")) or self.timeout_ms

    @property
    def is_slow(self) -> bool:
        return self.taken_ms is not None and self.taken_ms >= SLOW_PART * self.given_ms

    @property
    def timeout_ms(self) -> int:
        """How long KAZOO waited for the answer: as the relay knows it, else what KAZOO does unless it is told."""
        return _time((self.request or {}).get("timeout_ms")) or KAZOO_TIMEOUT_MS


def _time(value: Any) -> int:
    """The whole ms that a document tells; 0 where it tells none."""
    return int(value) if isinstance(value, int | float) and 0 < value <= KAZOO_TIMEOUT_MS * 100 else 0


def attempts_of(records: list[tuple[Seq, Document]]) -> list[Attempt]:
    """The attempts of a call, from all of its records in order."""
    numbering = AttemptNumbering()
    attempts: dict[int, Attempt] = {}
    for seq, document in records:
        number = numbering.number(seq)
        attempt = attempts.setdefault(number, Attempt(number, seq.ms))
        _add(attempt, seq, document)
    return list(attempts.values())


def _add(attempt: Attempt, seq: Seq, document: Document) -> None:
    record_type = ranks.type_of(seq.rank)
    attempt.is_cdr |= ranks.is_cdr(seq.rank)
    if record_type is RecordType.REQUEST:
        attempt.request = document
    elif record_type is RecordType.RESPONSE:
        # Before 2015 status and body came in two documents.
        attempt.response = (attempt.response or {}) | document
        attempt.ended_ms = seq.ms
    else:
        attempt.errors[record_type] = document
        attempt.ended_ms = attempt.ended_ms or seq.ms
