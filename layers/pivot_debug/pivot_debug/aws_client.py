"""Clients of AWS services, with limits that fit inside a request.

Made by botocore: boto3 wraps the very same clients, and its import takes a tenth of a cold start.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from pivot_debug import __version__

# botocore waits 60 s by default, twice the 29 s that API Gateway gives a whole request.
# One connection serves many invocations, and the network forgets an idle one without a word: hence the keepalive.
TIMEOUTS = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    # botocore puts its own together anew for each request, which is a twentieth of a list page.
    user_agent=f"pivot-debug/{__version__}",
)

# The authorizer has 5 s in all, and somebody is on the phone while the relay reads its definition: two attempts and the
# pause between them take 4 s at most.
QUICK_TIMEOUTS = TIMEOUTS.merge(Config(read_timeout=1.5, retries={"mode": "standard", "total_max_attempts": 2}))


@cache
def aws_client(service: str, *, is_quick: bool = False) -> Any:
    """The one client of a service, such as ``dynamodb``: it keeps its connections open between invocations.

    *is_quick*: for a caller that must be done within 5 s.
    """
    return _session().create_client(service, config=QUICK_TIMEOUTS if is_quick else TIMEOUTS)


@cache
def _session() -> Session:
    """One for all clients: they share what it has read of AWS's endpoints."""
    return get_session()
