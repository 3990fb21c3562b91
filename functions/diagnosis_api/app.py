"""The error dictionary, and the check of an answer before any call is made. Needs no data and may read none."""

from typing import Any

from pivot_debug import caller, clock, dictionary, envelope, validation
from pivot_debug.api_request import ApiRequest
from pivot_debug.envelope import Reply
from pivot_debug.errors import UnknownErrorCodeError
from pivot_debug.observability import logger
from pivot_debug.settings import required

ERRORS = "/v2/pivot/errors"
ERROR = "/v2/pivot/errors/{code}"


def handler(event: dict[str, Any], _context: Any) -> Reply:
    request = ApiRequest.of(event, decoded_by_gateway=required("PATH_PARAMETERS") == "decoded")
    try:
        reply = envelope.data_reply(request, _answer(request))
    except Exception as error:  # noqa: BLE001 - the edge: whatever it was, the client gets an envelope
        reply = envelope.error_reply(request, error)
        if envelope.is_our_fault(reply):
            logger().exception("request failed", request_id=request.request_id, route=request.resource)
    logger().info("answered", request_id=request.request_id, route=request.resource, status=reply["statusCode"])
    return reply


def _answer(request: ApiRequest) -> Any:
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
