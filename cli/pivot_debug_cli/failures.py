"""What can stop a command, told in one line that says what to do about it."""

import errno
from typing import Any, NoReturn

import typer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - the name in botocore
    CredentialRetrievalError,
    HTTPClientError,
    NoAuthTokenError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from typer.core import TyperGroup

from pivot_debug.errors import StoreUnavailableError
from pivot_debug_cli.output import note

FAILED = 2
"""Exit status of every failure: wrong usage, no connection, no such thing."""

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_SIGN_IN = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login"
_REFUSED_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NOT_ALLOWED = {"AccessDenied", "AccessDeniedException"}


class CommandError(Exception):
    """A command cannot go on; the text is the one line that its user reads."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


class OneLineErrors(TyperGroup):
    """A group of commands whose failures are one line on stderr and an exit status, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            _stop(str(error), error.status)
        except StoreUnavailableError as error:
            _stop(f"DynamoDB does not answer in time ({error}): try again in a moment", FAILED)
        except (BotoCoreError, ClientError) as error:
            _stop(explain(error), FAILED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has gone: typer ends quietly
                raise
            _stop(str(error), FAILED)


def explain(error: BotoCoreError | ClientError) -> str:
    """An error of boto3 as one line that says what to do."""
    if isinstance(error, ClientError):
        return _explain_refusal(error)
    if isinstance(error, _NO_CREDENTIALS):
        return f"no AWS credentials ({error}): {_SIGN_IN}"
    if isinstance(error, NoRegionError):
        return "no AWS region: set AWS_REGION to the region of the deployment"
    if isinstance(error, ProfileNotFound):
        return f"{error}: set AWS_PROFILE to one of those that aws configure list-profiles shows"
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"AWS does not answer ({error}): check the network, or start the local stack with make run"
    return f"AWS cannot be used ({error})"


def _explain_refusal(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code in _REFUSED_CREDENTIALS:
        return f"AWS refuses the credentials ({code}): {_SIGN_IN}"
    if code in _NOT_ALLOWED:
        return f"these AWS credentials may not do this ({message}): use those of an operator of the deployment"
    if code == "ResourceNotFoundException":
        return "no such table in this AWS account and region: check --stack, AWS_PROFILE and AWS_REGION"
    return f"AWS refuses {error.operation_name} ({code}: {message})"


def _stop(message: str, status: int) -> NoReturn:
    note(message)
    raise typer.Exit(status)
