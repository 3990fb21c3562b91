"""Faults of DynamoDB and SQS, put in where botocore hands a request to the network: all of its own code above is real.

moto stands behind. A reply that is made up here never reaches it, so nothing is written that AWS would not write.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

SLOW = 0.8
"""Part of the time limit that an answer takes which only just comes."""

Forward = Callable[[], Any]

EVERY_REQUEST = (
    *("throttled", "internal error", "gateway error", "timeout before", "reset"),
    *("lost response", "cut answer", "no answer of AWS", "slow"),
)
CONDITIONAL = ("rival wrote first",)
CHANGES = ("rival wrote first", "rival changed it")
QUERIES = ("partial page", "empty page with a key")
BATCHES = ("unprocessed items", "nothing processed")

HARMLESS = {"slow", "partial page", "empty page with a key", "unprocessed items", "rival wrote first"}
"""What nobody notices, however often it strikes."""

DONE_BUT_NOT_TOLD = {"lost response", "cut answer"}
"""What strikes when AWS has done what it was asked for."""


@dataclass
class Fault:
    """A fault of one operation, at its first or second request or always (``which`` 1, 2, 0).

    A second request is another attempt or another page, batch, item: whatever comes second.

    Without an ``operation`` it strikes at all of them; with a ``table``, where that one is asked alone.
    ``seconds`` counts what waiting would have taken: for answers (at most ``read_timeout``) and between attempts.
    """

    kind: str
    operation: str
    which: int
    read_timeout: float = 3.0
    seconds: float = 0.0
    table: str = ""
    hits: int = 0
    seen: int = field(default=0, init=False)

    def answer(self, request: Any, forward: Forward) -> Any:
        if _brings_made_up_key(request) or not self._concerns(request):
            return forward()
        self.seen += 1
        if self.which not in (0, self.seen):
            return forward()
        self.hits += 1
        return _ACTS[self.kind](self, request, forward)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def _concerns(self, request: Any) -> bool:
        is_operation = self.operation in ("", _operation(request))
        return is_operation and (not self.table or _body(request).get("TableName") == self.table)


@contextmanager
def injected(fault: Fault) -> Iterator[Fault]:
    """Everything that is sent to AWS meanwhile meets the fault; pauses are counted and not made."""
    original = BotocoreStubber.__call__

    def call(self: BotocoreStubber, event_name: str, request: Any, **more: Any) -> Any:
        return fault.answer(request, lambda: original(self, event_name, request, **more))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", call)
        patch.setattr("botocore.endpoint.time.sleep", fault.wait)
        patch.setattr("pivot_debug.erasing.time.sleep", fault.wait)
        yield fault


def _operation(request: Any) -> str:
    target = request.headers.get("X-Amz-Target", b"")
    return (target.decode() if isinstance(target, bytes) else str(target)).split(".")[-1]


def _body(request: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.body)
    return content


def _reply(request: Any, status: int, content: dict[str, Any]) -> AWSResponse:
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    body: Any = MockRawResponse(json.dumps(content))
    return AWSResponse(request.url, status, headers, body)


def _error(request: Any, status: int, code: str) -> AWSResponse:
    return _reply(request, status, {"__type": f"com.amazonaws#{code}", "message": "injected"})


def _throttled(_: Fault, request: Any, __: Forward) -> Any:
    return _error(request, 400, "ThrottlingException")


def _internal(_: Fault, request: Any, __: Forward) -> Any:
    return _error(request, 500, "InternalServerError")


def _denied(_: Fault, request: Any, __: Forward) -> Any:
    return _error(request, 400, "AccessDeniedException")


def _timeout(fault: Fault, request: Any, _: Forward) -> Any:
    fault.wait(fault.read_timeout)
    raise ReadTimeoutError(endpoint_url=request.url)


def _reset(_: Fault, request: Any, __: Forward) -> Any:
    raise ConnectionClosedError(endpoint_url=request.url)


def _page_of_html(_: Fault, request: Any, __: Forward) -> Any:
    """What a load balancer in front of the service says: its status is all that one can go by."""
    return _html(request, 503)


def _no_answer(_: Fault, request: Any, __: Forward) -> Any:
    """Something on the way answers in the place of AWS, and all seems well."""
    return _html(request, 200)


def _html(request: Any, status: int) -> AWSResponse:
    body: Any = MockRawResponse("<html><body>injected</body></html>")
    headers: Any = {"Content-Type": "text/html"}
    return AWSResponse(request.url, status, headers, body)


def _cut(_: Fault, request: Any, forward: Forward) -> Any:
    answer = forward()
    body: Any = MockRawResponse(answer.content[:-1])
    return AWSResponse(request.url, answer.status_code, answer.headers, body)


def _lost(fault: Fault, request: Any, forward: Forward) -> Any:
    forward()
    return _timeout(fault, request, forward)


def _slow(fault: Fault, _: Any, forward: Forward) -> Any:
    fault.wait(SLOW * fault.read_timeout)
    return forward()


def _rival(_: Fault, __: Any, forward: Forward) -> Any:
    forward()
    return forward()


def _rival_changed(_: Fault, request: Any, forward: Forward) -> Any:
    """Somebody else changes the relay just before: it has another revision then, and its count has begun anew."""
    content = _body(request)
    change = {
        **{name: content[name] for name in ("TableName", "Key")},
        "UpdateExpression": "SET revision = revision + :one, counting_since = counting_since + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    _rewrite(request, change)
    forward()
    _rewrite(request, content)
    return forward()


def _partial(_: Fault, request: Any, forward: Forward) -> Any:
    _rewrite(request, _body(request) | {"Limit": 1})
    return forward()


def _empty(_: Fault, request: Any, __: Forward) -> Any:
    """The client must come back with the key; it is taken off then, and the page is there."""
    key = _body(request).get("ExclusiveStartKey", {})
    return _reply(
        request, 200, {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": {**key, "made_up": {"S": "x"}}}
    )


def _brings_made_up_key(request: Any) -> bool:
    if b"made_up" not in (request.body or b""):
        return False
    content = _body(request)
    del content["ExclusiveStartKey"]["made_up"]
    _rewrite(request, {name: value for name, value in content.items() if name != "ExclusiveStartKey" or value})
    return True


def _unprocessed(_: Fault, request: Any, forward: Forward) -> Any:
    """All but one of the batch."""
    content = _body(request)
    ((table, requests),) = content["RequestItems"].items()
    _rewrite(request, {"RequestItems": {table: requests[:1]}})
    forward()
    return _reply(request, 200, {"UnprocessedItems": {table: requests[1:]} if requests[1:] else {}})


def _nothing_processed(_: Fault, request: Any, __: Forward) -> Any:
    return _reply(request, 200, {"UnprocessedItems": _body(request)["RequestItems"]})


def _rewrite(request: Any, content: dict[str, Any]) -> None:
    request.body = json.dumps(content).encode()
    request.headers["Content-Length"] = str(len(request.body))


_ACTS: dict[str, Callable[[Fault, Any, Forward], Any]] = {
    "throttled": _throttled,
    "internal error": _internal,
    "gateway error": _page_of_html,
    "no answer of AWS": _no_answer,
    "cut answer": _cut,
    "timeout before": _timeout,
    "reset": _reset,
    "lost response": _lost,
    "slow": _slow,
    "access denied": _denied,
    "rival wrote first": _rival,
    "rival changed it": _rival_changed,
    "partial page": _partial,
    "empty page with a key": _empty,
    "unprocessed items": _unprocessed,
    "nothing processed": _nothing_processed,
}
