"""Example requests and replies, made by the service's own code from one failed call."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from pivot_debug import dictionary, envelope, intake, validation
from pivot_debug.api_request import ApiRequest
from pivot_debug.caller import READ, WRITE
from pivot_debug.csv_export import CALL_COLUMNS, RECORD_COLUMNS, to_csv
from pivot_debug.deletion import Deletion
from pivot_debug.models import Record, StoredRecord
from pivot_debug.packing import to_json, unpack
from pivot_debug.page import Page
from pivot_debug.reading import CallAddress
from pivot_debug.summary import fold
from pivot_debug.tokens import Caller

ACCOUNT = "0123456789abcdef0123456789abcdef"
CALL_ID = "829597750@10.26.0.158"
NOW_MS = 1_710_278_736_000
"""2024-03-12 21:25:36 UTC."""

_MONTH = "202403"
_CREATED = 63_877_497_876
_STEADY = {
    "request_id": "b2c1f7a0-3c0e-4d43-9a58-6a3e0a8f4f0d",
    "node": base64.urlsafe_b64encode(bytes(16)).rstrip(b"=").decode(),
    "timestamp": "2024-03-12T21:25:36Z",
    "tokens": {"consumed": 1, "remaining": 200},
}

REQUEST = ApiRequest(
    method="GET",
    resource="",
    path="",
    query={},
    headers={},
    body="",
    caller=Caller(name="aaaaaaaaaaaaaaaa", accounts=(ACCOUNT,), scopes=(READ, WRITE)),
    request_id=_STEADY["request_id"],  # type: ignore[arg-type]
    decoded_by_gateway=False,
)

DOCUMENTS = [
    {
        "_id": "5e0b3b9f6b4c4a0d8f7a3c1d2e9b8a70",
        "call_id": CALL_ID,
        "iteration": 1,
        "pvt_type": "pivot_debug",
        "pvt_created": _CREATED,
        "pvt_node": "kazoo_apps@apps1.example.net",
        "uri": "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com",
        "method": "get",
        "req_headers": {"authorization": "Basic dXNlcjpwYXNz"},
        "req_body": "",
    },
    {
        "_id": "0c4f3a2b1d9e48f7a6b5c4d3e2f1a0b9",
        "call_id": CALL_ID,
        "iteration": 1,
        "pvt_type": "pivot_debug",
        "pvt_created": _CREATED + 1,
        "resp_status_code": "200",
        "resp_headers": {"content-type": "application/json"},
        "resp_body": '{"module":"say","data":{}}',
    },
]
ANSWER = {"body": '{"module":"hangup"}', "content_type": "application/json", "status": 200}

INGEST_BODY = {"data": DOCUMENTS}
VALIDATE_BODY = {"data": ANSWER}


def steady(body: dict[str, Any]) -> dict[str, Any]:
    """A reply without what is different each time."""
    return {name: _STEADY.get(name, value) for name, value in body.items()}


def _taken_in() -> intake.Intake:
    return intake.take_in(json.dumps(INGEST_BODY), ACCOUNT, NOW_MS)


def _stored(records: Iterable[Record]) -> list[StoredRecord]:
    return [StoredRecord(record.seq, record.packed, NOW_MS // 1000) for record in records]


def page_of_calls() -> dict[str, Any]:
    call = fold(CALL_ID, _MONTH, _stored(_taken_in().records())).document
    return body_of(envelope.page_reply(REQUEST, Page(items=[to_json(call)])))


def page_of_records() -> dict[str, Any]:
    return page_of(_taken_in().records())


def calls_as_csv() -> str:
    return _as_csv(page_of_calls(), CALL_COLUMNS)


def records_as_csv() -> str:
    return _as_csv(page_of_records(), RECORD_COLUMNS)


def _as_csv(page: dict[str, Any], columns: tuple[str, ...]) -> str:
    return to_csv([to_json(item) for item in page["data"]], columns)


def page_of(records: Iterable[Record]) -> dict[str, Any]:
    """The page that shows these records of one attempt."""
    stored = _stored(records)
    head = {"call_id": CALL_ID, "debug_id": f"{_MONTH}-{CALL_ID}"}
    items = [
        to_json({**head, "seq": place, "attempt": 1, **unpack(record.packed)}) for place, record in enumerate(stored, 1)
    ]
    verdict = fold(CALL_ID, _MONTH, stored).document["verdict"]
    return body_of(envelope.page_reply(REQUEST, Page(items=items, verdict=verdict)))


def deleted() -> dict[str, Any]:
    report = Deletion(CallAddress(CALL_ID, _MONTH), len(DOCUMENTS), is_complete=True).report()
    return body_of(envelope.data_reply(REQUEST, report))


def accepted() -> dict[str, Any]:
    return body_of(envelope.accepted_reply(REQUEST, _taken_in().report()))


def checked() -> dict[str, Any]:
    return body_of(envelope.data_reply(REQUEST, validation.validate(json.dumps(VALIDATE_BODY))))


def error_code() -> dict[str, Any]:
    return body_of(envelope.data_reply(REQUEST, dictionary.as_json("http_5xx")))


def error_codes() -> dict[str, Any]:
    return body_of(envelope.data_reply(REQUEST, [dictionary.as_json("http_5xx")]))


def body_of(reply: envelope.Reply) -> dict[str, Any]:
    """The reply's JSON, without what is different each time."""
    return steady(json.loads(reply["body"]))
