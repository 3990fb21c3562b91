"""What can go wrong, in the words of the domain.

PivotDebugError
├── InvalidRequestError        a parameter, a document or a cursor does not hold what it must
├── ExpiredTokenError          the token was good when the gateway last looked
├── ForbiddenError             the token does not reach this account or lacks the scope
├── UnknownAccountError        not an account id at all
├── TooManyRequestsError       the token has used up its requests of this minute
├── BodyTooLargeError          a request body is larger than documented
├── UnknownErrorCodeError      the error dictionary has no such code
├── UnknownRelayError          the account has no such relay
├── MethodNotAllowedError      the route exists, the verb does not
├── NotAcceptableError         neither JSON nor CSV will do for the client
├── TooMuchAtOnceError         more than one reply may hold was asked for at once
├── RecordingOffError          the account's recording is switched off
├── StoreUnavailableError      DynamoDB or the queue did not answer in time: try again
│   └── NotSentError           the queue: it tells how many records it did not take
├── InvalidTokenError          no, bad, expired or revoked credentials (authorizer only)
└── ConfigurationError         the deployment lacks a setting

Nothing here knows HTTP: ``envelope`` alone maps these to statuses.
"""

from typing import Any

ValidationErrors = dict[str, dict[str, dict[str, Any]]]
"""Crossbar's validation shape: field path -> rule -> ``{"message": ..., "cause" or "target": ...}``."""


class PivotDebugError(Exception):
    """Base of all errors that this package raises on purpose."""


class InvalidRequestError(PivotDebugError):
    """Input that cannot be used.

    ``errors`` has Crossbar's validation shape: field path -> rule -> details, the details with at least a
    ``message``, often with ``cause`` or ``target``.
    """

    def __init__(self, field: str, rule: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.errors: ValidationErrors = {field: {rule: {"message": message, **details}}}

    @classmethod
    def of(cls, errors: ValidationErrors) -> "InvalidRequestError":
        """Several findings at once, already in the validation shape."""
        error = cls("", "", "several fields are invalid")
        error.errors = errors
        return error


class ExpiredTokenError(PivotDebugError):
    """The token expired while the gateway still reused an earlier decision about it."""


class ForbiddenError(PivotDebugError):
    """The caller is known, and may not do this."""


class UnknownAccountError(PivotDebugError):
    """The path's account id is not 32 lower-case hex characters."""

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.account_id = account_id


class TooManyRequestsError(PivotDebugError):
    """The token may ask again in ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class BodyTooLargeError(PivotDebugError):
    """A request body has more than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class UnknownErrorCodeError(PivotDebugError):
    """The error dictionary has no such code."""


class UnknownRelayError(PivotDebugError):
    """The account has no relay of this id."""

    def __init__(self, relay_id: str) -> None:
        super().__init__(relay_id)
        self.relay_id = relay_id


class MethodNotAllowedError(PivotDebugError):
    """The verb is not one of ``allowed``."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__("method not allowed")
        self.allowed = allowed


class NotAcceptableError(PivotDebugError):
    """The Accept header admits none of the offered media types."""


class TooMuchAtOnceError(PivotDebugError):
    """``paginate=false`` would make a reply larger than the stated cap."""


class RecordingOffError(PivotDebugError):
    """Recording is off for the account, so nothing was accepted."""


class StoreUnavailableError(PivotDebugError):
    """A data store throttled or did not answer; the same request may succeed in a second."""


class NotSentError(StoreUnavailableError):
    """The queue did not take the last ``records`` of a delivery; those before them are on their way."""

    def __init__(self, cause: str, records: int) -> None:
        super().__init__(cause)
        self.records = records


class InvalidTokenError(PivotDebugError):
    """The credentials are missing, malformed, unknown, wrong, expired or revoked."""


class ConfigurationError(PivotDebugError):
    """An environment variable is missing or cannot be read; the text names it."""
