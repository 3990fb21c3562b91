"""How many requests a token has made in this minute, and how many it may. Pure."""

from dataclasses import dataclass

WINDOW_MS = 60_000

SHARES = 100
"""A process tells the others of its requests a hundredth of the limit at a time: see `Tally`."""


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


@dataclass(slots=True)
class Tally:
    """What one process knows of a token's requests in one minute.

    ``told``: what all processes together had told the counter when this one last did. ``untold``: its own since then.
    Together they are never more than was really used, so nobody is refused early; and each process lets through less
    than one share beyond the limit, so fewer than ``SHARES`` requests to the counter are made in a minute by each.
    """

    told: int = 0
    untold: int = 0

    @property
    def used(self) -> int:
        return self.told + self.untold

    def must_tell(self, limit: int) -> bool:
        """Whether the counter has to be asked before this request can be answered.

        It does for a token's first request, for each full share, and before anybody is refused. Once the counter
        has said that the limit is passed, it is not asked again: a client that goes on costs no more writes.
        """
        if self.told > limit:
            return False
        return self.told == 0 or self.untold >= share_of(limit) or self.used > limit

    def tell(self, told: int) -> None:
        """Keep what the counter said when it had taken in what was untold."""
        self.told, self.untold = told, 0


def share_of(limit: int) -> int:
    """Requests that a process answers before it tells of them; 1, which is to count exactly, below a limit of 200."""
    return max(limit // SHARES, 1)


def window_of(now_ms: int) -> int:
    """The number of the minute, counted from 1970."""
    return now_ms // WINDOW_MS


def seconds_left(now_ms: int) -> int:
    """Until the next minute begins, rounded up."""
    return -(-(WINDOW_MS - now_ms % WINDOW_MS) // 1000)
