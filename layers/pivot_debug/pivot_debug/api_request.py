"""A request as API Gateway (REST, proxy integration) hands it to a function."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from pivot_debug.caller import from_context
from pivot_debug.errors import InvalidRequestError
from pivot_debug.tokens import Caller
from pivot_debug.usage import Usage

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """``query`` is decoded, the last value of a repeated name; ``headers`` have lower-case names.

    ``path`` is as the gateway gave it: ``account_id`` and ``call_id`` decode their part of it. ``usage`` is the
    caller's, where it was counted.
    """

    method: str
    resource: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    caller: Caller
    request_id: str
    decoded_by_gateway: bool
    usage: Usage | None = None

    @classmethod
    def of(cls, event: dict[str, Any], *, decoded_by_gateway: bool) -> "ApiRequest":
        context = event.get("requestContext") or {}
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        wanted_id = headers.get("x-request-id", "")
        return cls(
            method=event["httpMethod"],
            resource=event["resource"],
            path=event["path"],
            query={name: values[-1] for name, values in (event.get("multiValueQueryStringParameters") or {}).items()},
            headers=headers,
            body=event.get("body") or "",
            caller=from_context(context.get("authorizer") or {}),
            request_id=wanted_id if _REQUEST_ID.fullmatch(wanted_id) else str(context.get("requestId", "")),
            decoded_by_gateway=decoded_by_gateway,
        )

    @property
    def account_id(self) -> str:
        return self._decoded("account_id", _between(self.path, "/accounts/", "/pivot/"))

    @property
    def call_id(self) -> str:
        """The call id, decoded exactly once; ``+`` stays ``+``. A trailing slash of the path is no part of it."""
        return self._decoded("call_id", _between(self.path, "/pivot/debug/", "").removesuffix("/"))

    @property
    def token(self) -> str:
        return self.headers.get("x-auth-token", "")

    def _decoded(self, name: str, text: str) -> str:
        """AWS hands the path on as it was sent; sam local and the local stack decode it."""
        if self.decoded_by_gateway:
            return text
        try:
            return unquote_to_bytes(text).decode()
        except UnicodeDecodeError:
            raise InvalidRequestError(name, "invalid", "the path is not valid UTF-8 once decoded") from None


def _between(text: str, before: str, after: str) -> str:
    """What stands behind the first *before* and, if *after* is given, in front of the next *after*."""
    rest = text.partition(before)[2]
    return rest.partition(after)[0] if after else rest
