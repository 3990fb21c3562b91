"""The DynamoDB client that every store uses, with limits that fit inside a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from pivot_debug.errors import StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# botocore waits 60 s by default, twice the 29 s that API Gateway gives a whole request.
TIMEOUTS = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})

# The authorizer has 5 s in all, and somebody is on the phone while the relay reads its definition: two attempts and the
# pause between them take 4 s at most.
QUICK_TIMEOUTS = Config(connect_timeout=1, read_timeout=1.5, retries={"mode": "standard", "total_max_attempts": 2})

_TRY_AGAIN = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
    "InternalServiceError",
    "ServiceUnavailable",
}


@cache
def client() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=TIMEOUTS)


@cache
def quick_client() -> "DynamoDBClient":
    """For a caller that must be done within 5 s."""
    return boto3.client("dynamodb", config=QUICK_TIMEOUTS)


def is_condition_failure(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


@contextmanager
def unavailable_as_domain_error() -> Iterator[None]:
    """Raise StoreUnavailableError for what a later try may cure; let every other error rise as it is."""
    try:
        yield
    except (HTTPClientError, NoConnectionError) as error:
        raise StoreUnavailableError(type(error).__name__) from error
    except ClientError as error:
        if error.response["Error"]["Code"] in _TRY_AGAIN:
            raise StoreUnavailableError(error.response["Error"]["Code"]) from error
        raise
