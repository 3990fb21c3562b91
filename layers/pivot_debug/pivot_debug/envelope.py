"""Crossbar's envelope, and the only place that knows HTTP statuses and headers."""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pivot_debug import __version__, clock, errors
from pivot_debug.api_request import ApiRequest
from pivot_debug.page import Page, revision_of

JSON_TYPE = "application/json"
"""Exactly, without a charset: the Monster UI SDK parses an error's body only where the whole value is this."""

CSV_TYPE = "text/csv"

Reply = dict[str, Any]

_EXPOSED = "content-type, x-request-id, etag, retry-after, x-next-start-key"


def page_reply(request: ApiRequest, page: Page) -> Reply:
    """200 with the page, or 304 where the client has these very items already."""
    data = ",".join(page.items)
    revision = revision_of(
        page.origin or data.encode(), len(page.items), is_last=not page.next_start_key, verdict=page.verdict
    )
    unchanged = unchanged_reply(request, revision)
    if unchanged:
        return unchanged
    verdict = {"verdict": page.verdict} if page.verdict else {}
    rest = page.paging() | verdict | ({"revision": revision} if page.items else {}) | _success(request)
    headers = _headers(request) | _etag(revision)
    return _reply(request, 200, f'{{"data":[{data}],{json.dumps(rest)[1:]}', headers)


def unchanged_reply(request: ApiRequest, revision: str) -> Reply | None:
    """304 where the client has this revision, None where it has not.

    If-None-Match is a list of tags, weak ones included, or ``*``.
    """
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in request.headers.get("if-none-match", "").split(",")]
    is_known = revision in tags or "*" in tags
    return _reply(request, 304, "", _headers(request) | _etag(revision)) if is_known else None


def csv_reply(request: ApiRequest, text: str, page: Page) -> Reply:
    """200 with CSV. It has no envelope, so the way to the next page travels in a header."""
    headers = _headers(request) | {"Content-Type": CSV_TYPE, "Content-Disposition": 'attachment; filename="debug.csv"'}
    if page.next_start_key:
        headers["X-Next-Start-Key"] = page.next_start_key
    return _reply(request, 200, text, headers)


def data_reply(request: ApiRequest, data: Any) -> Reply:
    """200 with one thing, or a list that has no pages."""
    return _reply(request, 200, json.dumps({"data": data} | _success(request)), _headers(request))


def created_reply(request: ApiRequest, data: dict[str, Any]) -> Reply:
    """201 with what is new."""
    return _reply(request, 201, json.dumps({"data": data} | _success(request)), _headers(request))


def accepted_reply(request: ApiRequest, data: dict[str, Any]) -> Reply:
    """202: taken over, and stored within seconds."""
    return _reply(request, 202, json.dumps({"data": data} | _success(request)), _headers(request))


@cache
def _node() -> str:
    """Who answered, in KAZOO's form: 22 characters, the base64url of an MD5."""
    name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "") or os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")
    digest = hashlib.md5(name.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _base(request: ApiRequest) -> dict[str, Any]:
    return {
        "request_id": request.request_id,
        "node": _node(),
        "timestamp": clock.iso(clock.now_ms()),
        "version": __version__,
        "tokens": _tokens(request),
    }


def _tokens(request: ApiRequest) -> dict[str, int]:
    """What this request took of its token's requests of the minute; nothing where it was not counted."""
    usage = request.usage
    if usage is None:
        return {"consumed": 0, "remaining": int(os.environ.get("REQUESTS_PER_MINUTE", "0"))}
    return {"consumed": 1, "remaining": usage.remaining}


def _success(request: ApiRequest) -> dict[str, Any]:
    token = {"auth_token": request.token} if request.token else {}
    return _base(request) | {"status": "success"} | token


def _headers(request: ApiRequest) -> dict[str, str]:
    return {
        "Content-Type": JSON_TYPE,
        "Content-Language": "en",
        "X-Request-ID": request.request_id,
        "X-Content-Type-Options": "nosniff",
        # The reply repeats the caller's token: no cache may keep it.
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "Access-Control-Allow-Origin": os.environ.get("CORS_ORIGIN", "*"),
        "Access-Control-Expose-Headers": _EXPOSED,
    }


def _etag(revision: str) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


def _reply(request: ApiRequest, status: int, body: str, headers: dict[str, str]) -> Reply:
    return {
        "statusCode": status,
        "headers": headers,
        "body": "" if request.method == "HEAD" else body,
        "isBase64Encoded": False,
    }


# ---------------------------------------------------------------- errors


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    message: str
    data: Any
    headers: dict[str, str] = field(default_factory=dict)


def error_reply(request: ApiRequest, error: Exception) -> Reply:
    """The error envelope for anything that was raised. What is not of ours becomes 500 and tells the client nothing."""
    refusal = _refusal(error)
    body = {
        "data": refusal.data,
        "error": str(refusal.status),
        "message": refusal.message,
        "status": "error",
        **_base(request),
    }
    return _reply(request, refusal.status, json.dumps(body), _headers(request) | refusal.headers)


def status_of(reply: Reply) -> int:
    status: int = reply["statusCode"]
    return status


def is_our_fault(reply: Reply) -> bool:
    """Whether the reply is a 5xx, which goes to the log with its cause."""
    return bool(reply["statusCode"] >= 500)  # noqa: PLR2004 - the HTTP class of server errors


def _refusal(error: Exception) -> _Refusal:
    return next((make(error) for kind, make in _REFUSALS if isinstance(error, kind)), _INTERNAL)


def _validation(error: Any) -> _Refusal:
    return _Refusal(400, "validation error", error.errors)


def _unknown_account(error: Any) -> _Refusal:
    return _Refusal(404, "bad identifier", {"message": f"invalid account_id '{error.account_id}'"})


def _unknown_relay(error: Any) -> _Refusal:
    return _Refusal(404, "bad_identifier", {"message": "bad identifier", "cause": error.relay_id})


def _too_large(error: Any) -> _Refusal:
    message = f"the request body is larger than {error.limit} bytes; send fewer documents at once"
    return _Refusal(413, "validation error", {"file": {"maxSize": {"message": message, "target": error.limit}}})


def _method_not_allowed(error: Any) -> _Refusal:
    return _Refusal(405, "invalid_method", {"message": "method not allowed"}, {"Allow": ", ".join(error.allowed)})


def _too_many(error: Any) -> _Refusal:
    message = {"message": "too many requests"}
    return _Refusal(429, "too_many_requests", message, {"Retry-After": str(error.seconds)})


def _always(refusal: _Refusal) -> Callable[[Any], _Refusal]:
    return lambda _: refusal


_INTERNAL = _Refusal(500, "internal_error", {"message": "internal error"})

_REFUSALS: Iterable[tuple[type[Exception], Callable[[Any], _Refusal]]] = (
    (errors.InvalidRequestError, _validation),
    (errors.ExpiredTokenError, _always(_Refusal(401, "invalid_credentials", {"message": "invalid credentials"}))),
    (errors.ForbiddenError, _always(_Refusal(403, "forbidden", {"message": "forbidden"}))),
    (errors.UnknownAccountError, _unknown_account),
    (errors.TooManyRequestsError, _too_many),
    (errors.BodyTooLargeError, _too_large),
    (errors.UnknownErrorCodeError, _always(_Refusal(404, "not_found", {"message": "no such error code"}))),
    (errors.UnknownRelayError, _unknown_relay),
    (errors.MethodNotAllowedError, _method_not_allowed),
    (
        errors.NotAcceptableError,
        _always(_Refusal(406, "not_acceptable", {"message": f"offered are {JSON_TYPE} and {CSV_TYPE}"})),
    ),
    (
        errors.TooMuchAtOnceError,
        _always(_Refusal(416, "range not satisfiable", {"message": "too much for one reply: page through it"})),
    ),
    (
        errors.RecordingOffError,
        _always(_Refusal(409, "recording_off", {"message": "recording is switched off for this account"})),
    ),
    (
        errors.StoreUnavailableError,
        _always(_Refusal(503, "datastore_unreachable", {"message": "datastore timeout"}, {"Retry-After": "1"})),
    ),
)
