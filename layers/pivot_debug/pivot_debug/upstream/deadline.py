"""The time that is left for all of an exchange: a server that drips bytes gets no more of it than another."""

import time


class Deadline:
    """Starts with its making, on a clock that nobody sets."""

    def __init__(self, budget_ms: int) -> None:
        self.budget_ms = budget_ms
        self._began = time.monotonic()

    def spent_ms(self) -> float:
        """Milliseconds since the beginning, to a tenth."""
        return round((time.monotonic() - self._began) * 1000, 1)

    def left_s(self) -> float:
        """Seconds that are left, more than none. Raises TimeoutError."""
        left = self._began + self.budget_ms / 1000 - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
