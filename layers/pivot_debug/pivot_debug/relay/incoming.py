"""A request of KAZOO, as the relay's function URL hands it on (payload format 2.0). Pure."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pivot_debug.upstream.exchange import can_be_header

# They belong to the connection to the relay, or were put there by AWS, or would let the server compress its answer.
_NOT_FORWARDED = frozenset(
    (
        *("accept-encoding", "connection", "content-length", "cookie", "expect", "forwarded", "host", "keep-alive"),
        *("proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "via"),
        "x-auth-token",
    )
)
_FROM_AWS = ("x-amz-", "x-amzn-", "x-forwarded-")
_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """``raw_path`` and ``raw_query`` are as KAZOO sent them, ``headers`` have lower-case names.

    ``received_ms`` (Unix ms) is when the request reached AWS, before the function was started for it.
    ``exchange_id`` (32 hex) is new for every request. ``root`` is the address under which the relay was reached.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    received_ms: int
    exchange_id: str
    root: str

    @classmethod
    def of(cls, event: dict[str, Any], *, decoded_by_gateway: bool, root: str = "") -> "Incoming":
        """Read the event. *root* is for a relay that KAZOO reaches under another address than the function's own."""
        context = event["requestContext"]
        path = event["rawPath"]
        return cls(
            method=context["http"]["method"],
            raw_path=quote(path, safe=_PATH_CHARACTERS) if decoded_by_gateway else path,
            raw_query=event.get("rawQueryString") or "",
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            body=_body(event),
            received_ms=int(context["timeEpoch"]),
            exchange_id=hashlib.sha256(str(context["requestId"]).encode()).hexdigest()[:32],
            root=root or f"https://{context['domainName']}",
        )

    def forwarded_headers(self) -> tuple[tuple[str, str], ...]:
        """What the server gets of the headers: nothing that KAZOO did not send, but the wish for a plain body.

        One that cannot stand in a request is left out, lest it cost the call.
        """
        kept = (pair for pair in self.headers.items() if _is_forwarded(pair[0]) and can_be_header(*pair))
        return (*kept, ("accept-encoding", "identity"))


def _body(event: dict[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _is_forwarded(name: str) -> bool:
    return name not in _NOT_FORWARDED and not name.startswith(_FROM_AWS)
