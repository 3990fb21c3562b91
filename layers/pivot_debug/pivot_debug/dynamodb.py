"""The DynamoDB client that every store uses, and what its errors mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from pivot_debug.aws_client import aws_client
from pivot_debug.errors import StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRY_AGAIN = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
    "InternalServiceError",
    "ServiceUnavailable",
}


def client() -> "DynamoDBClient":
    made: DynamoDBClient = aws_client("dynamodb")
    return made


def quick_client() -> "DynamoDBClient":
    """For a caller that must be done within 5 s."""
    made: DynamoDBClient = aws_client("dynamodb", is_quick=True)
    return made


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
