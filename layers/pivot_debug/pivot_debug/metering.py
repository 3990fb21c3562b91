"""Counts the requests of each token, and refuses those beyond its limit."""

from pivot_debug import clock, dynamodb
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.observability import count, logger
from pivot_debug.settings import required, whole_number
from pivot_debug.tokens import Caller
from pivot_debug.usage import Usage
from pivot_debug.usage_store import UsageStore


def usage_of(caller: Caller) -> Usage | None:
    """The caller's usage with this request; None where nobody is known, or nothing can be counted.

    A counter that does not answer refuses nobody: the limit protects the service, and must not take it down.
    """
    if not caller.name:
        return None
    limit = caller.requests_per_minute or whole_number("REQUESTS_PER_MINUTE")
    try:
        return UsageStore(required("USAGE_TABLE"), dynamodb.quick_client()).count(caller.name, limit, clock.now_ms())
    except StoreUnavailableError as error:
        logger().warning("not counted", caller=caller.name, reason=str(error))
        count("RequestsNotCounted", 1)
        return None
