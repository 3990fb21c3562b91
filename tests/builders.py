"""What tests are about, with a default for everything else."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pivot_debug import clock
from pivot_debug.documents import records_of
from pivot_debug.models import Record, Source
from pivot_debug.relay.model import Relay, digest
from pivot_debug.relay.record_mode import parse_record_mode

ACCOUNT = "0123456789abcdef0123456789abcdef"
OTHER_ACCOUNT = "fedcba9876543210fedcba9876543210"
TOKEN = "pvd_aaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
CALL = "829597750@10.26.0.158"
NOW_MS = 1_710_278_736_000
"""2024-03-12 21:25:36 UTC."""

CREATED = 63_877_497_876
"""2024-03-12 21:24:36 UTC in Gregorian seconds: a minute before NOW_MS."""

RELAY_ID = "00112233445566778899aabbccddeeff"
RELAY_SECRET = "c" * 32

EVENTS = Path(__file__).parent.parent / "events"


def event(name: str) -> dict[str, Any]:
    """A sample event of events/."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


def a_request(*, call_id: str = CALL, created: int = CREATED, iteration: int = 1, **fields: Any) -> dict[str, Any]:
    """A request document as KAZOO stores it."""
    return _stored(call_id, created, iteration) | {
        "_id": f"request-{call_id}-{created}-{iteration}",
        "uri": "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com&Api-Version=4.x",
        "method": "get",
        "req_headers": {},
        "req_body": "",
        **fields,
    }


def a_response(*, call_id: str = CALL, created: int = CREATED, iteration: int = 1, **fields: Any) -> dict[str, Any]:
    """A response document as KAZOO stores it."""
    return _stored(call_id, created, iteration) | {
        "_id": f"response-{call_id}-{created}-{iteration}",
        "resp_status_code": "200",
        "resp_headers": {"content-type": "application/json", "server": "nginx"},
        "resp_body": '{"module":"hangup","data":{}}',
        **fields,
    }


def a_json_error(*, call_id: str = CALL, created: int = CREATED, iteration: int = 1, **fields: Any) -> dict[str, Any]:
    """A json_errors document as KAZOO stores it."""
    return _stored(call_id, created, iteration) | {
        "_id": f"error-{call_id}-{created}-{iteration}",
        "json_errors": {"message": "invalid JSON", "before": '{"module":"play",', "after": "}"},
        "resp_body": '{"module":"play",}',
        **fields,
    }


def a_call(*, call_id: str = CALL, created: int = CREATED, status: str = "200") -> list[dict[str, Any]]:
    """Request and response of a call of one attempt."""
    return [
        a_request(call_id=call_id, created=created),
        a_response(call_id=call_id, created=created + 1, resp_status_code=status),
    ]


def _stored(call_id: str, created: int, iteration: int) -> dict[str, Any]:
    return {
        "_rev": "1-967a00dff5e02add41819138abb3284d",
        "call_id": call_id,
        "iteration": iteration,
        "pvt_type": "pivot_debug",
        "pvt_account_id": ACCOUNT,
        "pvt_created": created,
        "pvt_modified": created,
        "pvt_node": "kazoo_apps@apps1.example.net",
    }


def a_record(document: dict[str, Any]) -> Record:
    """The document's own record."""
    now_ms = clock.unix_ms(document["pvt_created"])
    return records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=now_ms)[0]


def api_event(
    *,
    method: str = "GET",
    account_id: str = ACCOUNT,
    call_id: str | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    accounts: str = ACCOUNT,
    scopes: str = "debug:read,debug:write",
    **authorizer: str,
) -> dict[str, Any]:
    """A REST API event as AWS sends it: the path percent-encoded, as the client sent it."""
    sample = event("list_calls")
    resource = "/v2/accounts/{account_id}/pivot/debug" + ("" if call_id is None else "/{call_id+}")
    path = f"/v2/accounts/{account_id}/pivot/debug" + ("" if call_id is None else f"/{quote(call_id, safe='')}")
    context = {"principalId": "aaaaaaaaaaaaaaaa", "accounts": accounts, "scopes": scopes, **authorizer}
    return sample | {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {"X-Auth-Token": TOKEN, **(headers or {})},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "body": body,
        "requestContext": sample["requestContext"] | {"authorizer": context},
    }


def queue_event(messages: Iterable[str]) -> dict[str, Any]:
    """An SQS event with these message bodies."""
    sample = event("queue_batch")["Records"][0]
    return {"Records": [sample | {"messageId": f"message-{n}", "body": body} for n, body in enumerate(messages)]}


def a_relay(*, record: str = "all", rewrite: bool = False, **element: Any) -> Relay:
    """A relay that RELAY_SECRET opens; *element* is laid over the data of its pivot element."""
    return Relay(
        account_id=ACCOUNT,
        id=RELAY_ID,
        name="welcome",
        element={"voice_url": "https://pivot.example.com/ivr/welcome.php", "debug": True} | element,
        record=parse_record_mode(record),
        rewrite=rewrite,
        secret_sha256=digest(RELAY_SECRET),
        origin_key="0f" * 16,
        generation=1,
        created_ms=NOW_MS,
        modified_ms=NOW_MS,
        revision=1,
        counting_since=NOW_MS,
    )


def a_relay_event(
    *,
    method: str = "GET",
    raw_path: str | None = None,
    raw_query: str | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    is_base64: bool = False,
    request_id: str | None = None,
    received_ms: int = NOW_MS,
) -> dict[str, Any]:
    """A request of KAZOO as the relay's function URL hands it on."""
    sample = event("relay")
    context = sample["requestContext"]
    return sample | {
        "rawPath": sample["rawPath"] if raw_path is None else raw_path,
        "rawQueryString": sample["rawQueryString"] if raw_query is None else raw_query,
        "headers": sample["headers"] if headers is None else headers,
        "isBase64Encoded": is_base64,
        **({} if body is None else {"body": body}),
        "requestContext": context
        | {
            "http": context["http"] | {"method": method},
            "requestId": request_id or context["requestId"],
            "timeEpoch": received_ms,
        },
    }
