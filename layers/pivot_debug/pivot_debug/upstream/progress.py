"""How far one exchange has come, and what each part of it took."""

from collections.abc import Iterator
from contextlib import contextmanager

from pivot_debug.upstream.deadline import Deadline
from pivot_debug.upstream.model import Phase, Timings


class Progress:
    """Kept by whoever does the work; whoever catches an error reads there where it happened."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.phase: Phase = "guard"
        self.host, self.port = "the server", 0
        self.body_bytes = 0
        self._began_ms = deadline.spent_ms()
        self._took_ms: dict[Phase, float] = {}

    @contextmanager
    def measured(self, phase: Phase) -> Iterator[None]:
        """Enter *phase*, and keep what the block takes if it succeeds."""
        self.phase = phase
        began_ms = self.deadline.spent_ms()
        yield
        self._took_ms[phase] = round(self.deadline.spent_ms() - began_ms, 1)

    def has_answer_begun(self) -> bool:
        return "headers" in self._took_ms

    def timings(self) -> Timings:
        """Of this exchange up to now."""
        return Timings(
            dns_ms=self._took_ms.get("dns"),
            connect_ms=self._took_ms.get("connect"),
            tls_ms=self._took_ms.get("tls"),
            first_byte_ms=self._took_ms.get("headers"),
            total_ms=round(self.deadline.spent_ms() - self._began_ms, 1),
        )
