"""Deletes one call. The only function that may delete from DebugTable."""

from typing import Any

from pivot_debug import caller, clock, deletion, dynamodb, envelope
from pivot_debug.api_request import ApiRequest
from pivot_debug.endpoint import serve
from pivot_debug.envelope import Reply
from pivot_debug.erasing import Eraser
from pivot_debug.errors import InvalidRequestError
from pivot_debug.observability import count_all, logger
from pivot_debug.reading import candidates
from pivot_debug.settings import required
from pivot_debug.starting import at_start
from pivot_debug.store import DebugStore

at_start(dynamodb.client, dynamodb.quick_client, logger)


def handler(event: dict[str, Any], _context: Any) -> Reply:
    return serve(event, _answer)


def _answer(request: ApiRequest) -> Reply:
    now = clock.now_ms()
    caller.check(request.caller, request.account_id, caller.DELETE, now)
    if not request.call_id:
        raise InvalidRequestError("call_id", "required", "which call? Its id is the last step of the path")
    where = required("DEBUG_TABLE"), request.account_id, dynamodb.client()
    addresses = candidates(request.call_id, (0, clock.LATEST_MS), now)
    deleted = deletion.delete_call(DebugStore(*where), Eraser(*where), addresses)
    count_all({"RecordsDeleted": deleted.records})
    logger().info("deleted", records=deleted.records, complete=deleted.is_complete)
    return envelope.data_reply(request, deleted.report())
