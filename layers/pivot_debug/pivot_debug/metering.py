"""Counts the requests of each token, and tells when they are more than its limit."""

from collections import defaultdict

from pivot_debug import clock, dynamodb
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.observability import count, logger
from pivot_debug.settings import required, whole_number
from pivot_debug.tokens import Caller
from pivot_debug.usage import Tally, Usage, seconds_left, window_of
from pivot_debug.usage_store import UsageStore


def usage_of(caller: Caller) -> Usage | None:
    """The caller's usage with this request; None where nobody is known, or nothing can be counted.

    A counter that does not answer refuses nobody: the limit protects the service, and must not take it down.
    """
    if not caller.name:
        return None
    now = clock.now_ms()
    limit = caller.requests_per_minute or whole_number("REQUESTS_PER_MINUTE")
    tally = _this_minute.tally(caller.name, window_of(now))
    tally.untold += 1
    if tally.must_tell(limit):
        try:
            tally.tell(_store().add(caller.name, window_of(now), tally.untold))
        except StoreUnavailableError as error:
            logger().warning("not counted", caller=caller.name, reason=str(error))
            count("RequestsNotCounted", 1)
            return None
    return Usage(limit=limit, used=tally.used, ends_in=seconds_left(now))


class _Minute:
    """The tallies of this process; those of another minute are forgotten."""

    def __init__(self) -> None:
        self._window = 0
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)

    def tally(self, token: str, window: int) -> Tally:
        if window != self._window:
            self._window, self._tallies = window, defaultdict(Tally)
        return self._tallies[token]


_this_minute = _Minute()


def _store() -> UsageStore:
    return UsageStore(required("USAGE_TABLE"), dynamodb.quick_client())
