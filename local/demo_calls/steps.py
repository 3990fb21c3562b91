"""The steps of a demo call: what KAZOO writes down when it asks, is answered, or cannot read the answer.

Header names and values come out in lower case and parameters in KAZOO's own form encoding, as they are stored.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote_plus, urlsplit

from local.demo_calls.documents import GREGORIAN_UNIX_EPOCH, Call, Document, Step

REALM = "birchstreet.sip.example.com"
CARRIER_REALM = "carrier.example.com"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Headers = Mapping[str, str]


def request(
    url: str,
    params: Mapping[str, Any] | None = None,
    *,
    method: str = "get",
    content_type: str = FORM,
    headers: Headers | None = None,
    after: int = 0,
    iteration: int | None = None,
) -> Step:
    """KAZOO asks the server: GET with the parameters in the query, POST with them in a form or JSON body."""

    def fields(call: Call, _moment: datetime) -> Document:
        asked = _call_params(call) | dict(params or {})
        if method == "get":
            return {"method": "get", "uri": _with_query(url, asked), "req_headers": _lowered(headers), "req_body": ""}
        return _posted(url, asked, {"Content-Type": content_type} | dict(headers or {}), call)

    return Step(after, fields, iteration)


def cdr_request(url: str, *, seconds: int, after: int = 30) -> Step:
    """The call is over and KAZOO posts its record; nothing in the document says that this is no voice request."""

    def fields(call: Call, moment: datetime) -> Document:
        return _posted(url, _call_record(call, moment, seconds), {"Content-Type": FORM}, call)

    return Step(after, fields)


def response(
    body: str = "", *, content_type: str = "", status: int = 200, headers: Headers | None = None, after: int = 1
) -> Step:
    """The server answers; the status code is a string, as KAZOO stores it."""

    def fields(_call: Call, moment: datetime) -> Document:
        return _answer_head(status, body, content_type, moment, headers) | {"resp_body": body}

    return Step(after, fields)


def flow_response(flow: Document, *, content_type: str = JSON, headers: Headers | None = None) -> Step:
    """The server answers with a KAZOO callflow action."""
    return response(json.dumps(flow), content_type=content_type, headers=headers)


def twiml_response(*verbs: str, content_type: str = "text/xml; charset=UTF-8") -> Step:
    """The server answers with TwiML, one line per verb."""
    return response(twiml(*verbs), content_type=content_type)


def json_error(before: str, after: str, message: str = "invalid JSON") -> Step:
    """KAZOO notes that an answer is not JSON: the text up to the fault, and the text behind it."""

    def fields(_call: Call, _moment: datetime) -> Document:
        noted = {"message": message, "before": before, "after": after}
        return {"json_errors": noted, "resp_body": before + after}

    return Step(0, fields)


def broken_json(before: str, after: str, message: str = "invalid JSON", content_type: str = JSON) -> tuple[Step, Step]:
    """An answer that is not JSON, and KAZOO's note on it."""
    return response(before + after, content_type=content_type), json_error(before, after, message)


def schema_error(flow: Document, errors: Document) -> Step:
    """KAZOO 4.0 notes that a flow breaks the schema; later releases fail to write this."""
    return Step(0, lambda _call, _moment: {"schema_errors": deepcopy(errors), "resp_body": json.dumps(flow)})


def answer_in_halves(body: str, *, content_type: str, status: int = 200) -> tuple[Step, Step]:
    """The answer as it was stored before 2015: a document of status and headers, and one of the body alone."""
    head = Step(1, lambda _call, moment: _answer_head(status, body, content_type, moment))
    return head, Step(0, lambda _call, _moment: {"resp_body": body})


def action(module: str, data: Document | None = None, children: dict[str, Document] | None = None) -> Document:
    """A KAZOO callflow action: the module to run, its data, and the actions that may follow."""
    return {"module": module, "data": data or {}, "children": children or {}}


def twiml(*verbs: str) -> str:
    return "\n".join(
        ('<?xml version="1.0" encoding="UTF-8"?>', "<Response>", *(f"  {v}" for v in verbs), "</Response>")
    )


def form_encoded(params: Mapping[str, Any]) -> str:
    """KAZOO's form encoding: `a[b]=1&c[]=2`, keys bare; an empty object leaves nothing between two `&`."""
    return "&".join(_encoded(name, value) for name, value in params.items())


def _encoded(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "&".join(_encoded(f"{name}[{key}]", inner) for key, inner in value.items())
    if isinstance(value, list):
        return "&".join(_encoded(f"{name}[]", inner) for inner in value)
    return f"{name}={quote_plus(str(value))}"


def _with_query(url: str, params: Mapping[str, Any]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, form_encoded(params))))
    return parts._replace(query=query).geturl()


def _posted(url: str, params: Mapping[str, Any], headers: Headers, call: Call) -> Document:
    as_json = headers["Content-Type"] == JSON
    body = json.dumps(params, ensure_ascii=False, separators=(",", ":")) if as_json else form_encoded(params)
    stored = _lowered(headers) if call.release.lowers_request_headers else dict(headers)
    return {"method": "post", "uri": url, "req_headers": stored, "req_body": body}


def _answer_head(
    status: int, body: str, content_type: str, moment: datetime, headers: Headers | None = None
) -> Document:
    sent = {"Connection": "keep-alive", "Date": format_datetime(moment, usegmt=True), "Server": "nginx/1.24.0"}
    sent |= {"Content-Length": str(len(body.encode()))}
    sent |= {"Content-Type": content_type} if content_type else {}
    return {"resp_status_code": str(status), "resp_headers": _lowered(sent | dict(headers or {}))}


def _lowered(headers: Headers | None) -> dict[str, str]:
    return {name.lower(): value.lower() for name, value in (headers or {}).items()}


def _call_params(call: Call) -> dict[str, Any]:
    return _twiml_params(call) if call.line.req_format == "twiml" else _kazoo_params(call)


def _kazoo_params(call: Call) -> dict[str, Any]:
    name, number = call.caller
    objects: Document = {"Custom-Application-Vars": {}, "Custom-SIP-Headers": {}} if call.release.sends_objects else {}
    return {
        "Account-ID": call.account_id,
        "Api-Version": call.release.api_version,
        "Call-ID": call.call_id,
        "Caller-ID-Name": name,
        "Caller-ID-Number": number,
        **objects,
        "Direction": "inbound",
        "From": number,
        "From-Realm": CARRIER_REALM,
        "Language": "en-us",
        "Request": call.line.number,
        "Request-Realm": REALM,
        "To": call.line.number,
        "To-Realm": REALM,
    }


def _twiml_params(call: Call) -> dict[str, Any]:
    name, number = call.caller
    return {
        "CallSid": call.call_id,
        "AccountSid": call.account_id,
        "From": number,
        "FromRealm": CARRIER_REALM,
        "To": call.line.number,
        "ToRealm": REALM,
        "CallStatus": "in-progress",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "CallerName": name,
        "CallerNumber": number,
    }


def _call_record(call: Call, moment: datetime, seconds: int) -> dict[str, Any]:
    name, number = call.caller
    return {
        "Billing-Seconds": seconds,
        "Call-Direction": "inbound",
        "Call-ID": call.call_id,
        "Caller-ID-Name": name,
        "Caller-ID-Number": number,
        "Custom-SIP-Headers": {"X-Trunk": "east-1"},
        "Disposition": "ANSWER",
        "Duration-Seconds": seconds + 4,
        "From": f"{number}@{CARRIER_REALM}",
        "Hangup-Cause": "NORMAL_CLEARING",
        "Hangup-Code": "sip:200",
        "Ringing-Seconds": 4,
        "Timestamp": int(moment.timestamp()) + GREGORIAN_UNIX_EPOCH,
        "To": f"{call.line.number}@{REALM}",
    }
