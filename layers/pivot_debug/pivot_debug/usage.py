"""How many requests a token has made in this minute, and how many it may. Pure."""

from dataclasses import dataclass

WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """``used`` counts the request at hand; ``ends_in``: whole seconds until counting begins again, at least 1."""

    limit: int
    used: int
    ends_in: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.used, 0)

    @property
    def is_over(self) -> bool:
        return self.used > self.limit


def window_of(now_ms: int) -> int:
    """The number of the minute, counted from 1970."""
    return now_ms // WINDOW_MS


def seconds_left(now_ms: int) -> int:
    """Until the next minute begins, rounded up."""
    return -(-(WINDOW_MS - now_ms % WINDOW_MS) // 1000)
