"""What a run under load sent, what was answered, and whether all of it is listed. Pure."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Final

_SHOWN: Final = 5


@dataclass
class Ledger:
    """Kept by several threads at once. ``records`` are those that must be listed, by call id."""

    records: Counter[str] = field(default_factory=Counter)
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def answered(self, kind: str, ms: float, records: Mapping[str, int] | None = None) -> None:
        """A request of this kind did what it should, and from now on these records must be listed."""
        with self._lock:
            self.milliseconds[kind].append(ms)
            self.records.update(records or {})

    def failed(self, kind: str, reason: str) -> None:
        with self._lock:
            self.errors.append(f"{kind}: {reason}")


@dataclass(frozen=True)
class Balance:
    """What was sent against what is listed. ``lost`` and ``doubled`` count records."""

    lost: int
    doubled: int
    remarks: tuple[str, ...]

    @property
    def is_even(self) -> bool:
        return not (self.lost or self.doubled or self.remarks)


def balance(sent: Mapping[str, int], listed: Iterable[Mapping[str, Any]]) -> Balance:
    """Compare the records of each call that was sent with the calls of the list."""
    calls = list(listed)
    times = Counter(call["call_id"] for call in calls)
    there = {call["call_id"]: int(call["records"]) for call in calls}
    differences = {call_id: there.get(call_id, 0) - sent.get(call_id, 0) for call_id in {*sent, *there}}
    remarks = [f"{call_id} has {number:+} records" for call_id, number in sorted(differences.items()) if number]
    remarks += [f"{call_id} is listed {number} times" for call_id, number in sorted(times.items()) if number > 1]
    return Balance(
        lost=-sum(number for number in differences.values() if number < 0),
        doubled=sum(number for number in differences.values() if number > 0),
        remarks=(*remarks[:_SHOWN], *([f"and {len(remarks) - _SHOWN} more"] if len(remarks) > _SHOWN else [])),
    )


@dataclass(frozen=True)
class Latency:
    """Milliseconds."""

    count: int
    median: float
    p99: float


def latency(milliseconds: list[float]) -> Latency:
    """Of at least one request."""
    p99 = quantiles(milliseconds, n=100, method="inclusive")[98] if len(milliseconds) > 1 else milliseconds[0]
    return Latency(count=len(milliseconds), median=median(milliseconds), p99=p99)
