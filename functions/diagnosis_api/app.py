"""The error dictionary, and the check of an answer before any call is made. Reads no data; its requests are counted."""

from typing import Any

from pivot_debug import caller, clock, dictionary, dynamodb, envelope, validation
from pivot_debug.api_request import ApiRequest
from pivot_debug.endpoint import serve
from pivot_debug.envelope import Reply
from pivot_debug.errors import MethodNotAllowedError, UnknownErrorCodeError
from pivot_debug.observability import logger
from pivot_debug.starting import at_start

ERRORS = "/v2/pivot/errors"
ERROR = "/v2/pivot/errors/{code}"
VALIDATE = "/v2/accounts/{account_id}/pivot/validate"

_VERBS = {ERRORS: ("GET", "HEAD", "OPTIONS"), ERROR: ("GET", "HEAD", "OPTIONS"), VALIDATE: ("PUT", "OPTIONS")}

at_start(dynamodb.quick_client, logger)


def handler(event: dict[str, Any], _context: Any) -> Reply:
    return serve(event, _answer)


def _answer(request: ApiRequest) -> Reply:
    allowed = _VERBS[request.resource]
    if request.method not in allowed:
        raise MethodNotAllowedError(allowed)
    return envelope.data_reply(request, _data(request))


def _data(request: ApiRequest) -> Any:
    if request.resource == ERRORS:
        return [dictionary.as_json(code) for code in dictionary.ERROR_CODES]
    if request.resource == ERROR:
        return _error(request.path.rstrip("/").rsplit("/", 1)[1])
    caller.check(request.caller, request.account_id, caller.READ, clock.now_ms())
    return validation.validate(request.body)


def _error(code: str) -> dict[str, Any]:
    if code not in dictionary.ERROR_CODES:
        raise UnknownErrorCodeError
    return dictionary.as_json(code)
