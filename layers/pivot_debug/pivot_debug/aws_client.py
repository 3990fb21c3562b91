"""Clients of AWS services, with limits that fit inside a request.

Made by botocore: boto3 wraps the very same clients, and its import takes a tenth of a cold start.
"""

import json
import zlib
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

FAULT_OF_AWS = 500
"""HTTP status from which on a request may be made again as it is."""


@cache
def aws_client(service: str, *, is_quick: bool = False) -> Any:
    """The one client of a service, such as ``dynamodb``: it keeps its connections open between invocations.

    *is_quick*: for a caller that must be done within 5 s.
    """
    client: Any = _session().create_client(service, config=QUICK_TIMEOUTS if is_quick else TIMEOUTS)
    _doubt_answers(client)
    return client


@cache
def _session() -> Session:
    """One for all clients: they share what it has read of AWS's endpoints."""
    return get_session()


def _doubt_answers(client: Any) -> None:
    """Make an answer that is no JSON object an error that botocore tries again, as it does with S3's errors in a 200.

    It would take such an answer for an empty one: an item that is not there, a message that was sent. An answer of
    DynamoDB has a checksum, which takes a fifth of the time; botocore looks at it, too, but not at its last attempt.
    """
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parse.{service}", _as_error)
    client.meta.events.register_first(f"needs-retry.{service}", _with_status_of_parsed)


def _as_error(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    is_json = operation_model.service_model.resolved_protocol == "json"
    if is_json and operation_model.output_shape is not None and not _is_whole(response_dict):
        response_dict["status_code"] = FAULT_OF_AWS
        response_dict["body"] = b'{"__type": "MalformedAnswer", "message": "no JSON object"}'


def _is_whole(response_dict: dict[str, Any]) -> bool:
    body: bytes = response_dict["body"]
    checksum: str | None = response_dict["headers"].get("x-amz-crc32")
    if checksum is not None:
        return str(zlib.crc32(body)) == checksum
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _with_status_of_parsed(response: Any, **_: Any) -> None:
    if response is not None:
        http_response, parsed = response
        http_response.status_code = parsed["ResponseMetadata"]["HTTPStatusCode"]
