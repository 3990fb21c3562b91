"""What every function behind the API does around its own answer: read the request, log a line, keep causes inside."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pivot_debug import envelope
from pivot_debug.api_request import ApiRequest
from pivot_debug.envelope import Reply
from pivot_debug.errors import InvalidRequestError, TooManyRequestsError
from pivot_debug.keys import parts_of_debug_id
from pivot_debug.metering import usage_of
from pivot_debug.observability import call_digest, count, logger
from pivot_debug.settings import required


def serve(event: dict[str, Any], answer: Callable[[ApiRequest], Reply]) -> Reply:
    """The answer to an API Gateway event; an error envelope where answering raises.

    The log gets the route and the outcome, and for a 5xx the cause. The client never sees an exception's text.
    Whatever is logged meanwhile has the request's id, account and call.
    """
    request = ApiRequest.of(event, decoded_by_gateway=required("PATH_PARAMETERS") == "decoded")
    known = {"request_id": request.request_id, "route": request.resource, "caller": request.caller.name}
    with logger().append_context_keys(**known, **_account(request), **_call(request)):
        return _served(request, answer)


def _served(request: ApiRequest, answer: Callable[[ApiRequest], Reply]) -> Reply:
    try:
        request = replace(request, usage=usage_of(request.caller))
        if request.usage and request.usage.is_over:
            count("RequestsLimited", 1)
            raise TooManyRequestsError(request.usage.ends_in)  # noqa: TRY301 - answered as every other refusal
        reply = answer(request)
    except Exception as error:  # noqa: BLE001 - the edge: whatever it was, the client gets an envelope
        reply = envelope.error_reply(request, error)
        if envelope.is_our_fault(reply):
            logger().exception("request failed")
    logger().info("answered", status=envelope.status_of(reply))
    return reply


def _account(request: ApiRequest) -> dict[str, str]:
    """The account in the path, where it is one; of any other path the log says nothing."""
    found = re.search(r"/accounts/([0-9a-f]{32})/", request.path)
    return {"account": found[1]} if found else {}


def _call(request: ApiRequest) -> dict[str, str]:
    """The digest of the call in the path, the same whether a call id or a debug id stands there."""
    if not request.resource.endswith("{call_id+}"):
        return {}
    try:
        call_id = request.call_id
    except InvalidRequestError:
        return {}
    named = parts_of_debug_id(call_id)
    return {"call": call_digest(named[1] if named else call_id)} if call_id else {}
