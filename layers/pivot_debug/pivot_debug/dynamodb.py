"""The DynamoDB client that every store uses, and what its errors mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

from pivot_debug.aws_client import FAULT_OF_AWS, aws_client
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
    except (HTTPClientError, NoConnectionError, ResponseParserError) as error:
        raise StoreUnavailableError(type(error).__name__) from error
    except ClientError as error:
        if _may_pass(error):
            raise StoreUnavailableError(error.response["Error"]["Code"]) from error
        raise


def _may_pass(error: ClientError) -> bool:
    """Not by its code alone: what stands before AWS's services answers with a page of HTML, which has none."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= FAULT_OF_AWS or error.response["Error"]["Code"] in _TRY_AGAIN
