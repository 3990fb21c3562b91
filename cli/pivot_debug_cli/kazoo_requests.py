"""The requests that KAZOO's Pivot sends: parameters, their encoding, and where they go. Pure.

Read in the source of KAZOO: ``pivot_call``, ``kzt_kazoo``, ``kzt_twiml``, ``kz_http_util``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pivot_debug.upstream.model import UpstreamRequest

FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"

_BARE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-~_")
_URL = re.compile(r"(?P<place>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?", re.DOTALL)
_CREDENTIALS = re.compile(r"(https?://[^/?#:@]*):(?=[^/?#@]*@)")
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*)")

Params = dict[str, Any]
"""Strings, numbers, booleans, lists of them, and objects of all these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What KAZOO knows of a call from its beginning."""

    call_id: str
    account_id: str
    caller: str
    called: str
    realm: str = "kazoo.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes, and how. ``url`` is the one that relative addresses of the answer are resolved against."""

    url: str
    method: str = "get"
    req_format: str = "kazoo"
    body_format: str = "form"


def first_params(call: Call, req_format: str) -> Params:
    """What KAZOO tells of a call in each request; what it does not know is left out."""
    return _twiml_params(call) if req_format == "twiml" else _kazoo_params(call)


def _kazoo_params(call: Call) -> Params:
    return {
        "Account-ID": call.account_id,
        "Api-Version": "4.x",
        "Call-ID": call.call_id,
        "Caller-ID-Name": call.caller,
        "Caller-ID-Number": call.caller,
        "Custom-Application-Vars": {},
        "Custom-SIP-Headers": {},
        "Direction": "inbound",
        "From": call.caller,
        "From-Realm": call.realm,
        "Language": "en-us",
        "Request": call.called,
        "Request-Realm": call.realm,
        "To": call.called,
        "To-Realm": call.realm,
    }


def _twiml_params(call: Call) -> Params:
    return {
        "CallSid": call.call_id,
        "AccountSid": call.account_id,
        "From": call.caller,
        "FromRealm": call.realm,
        "To": call.called,
        "ToRealm": call.realm,
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "CallerName": call.caller,
        "CallerNumber": call.caller,
    }


def kazoo_request(target: Target, params: Params) -> UpstreamRequest:
    """The request as it goes over the wire. Only a POST has a header of KAZOO's own."""
    if target.method == "get":
        return UpstreamRequest(method="GET", url=with_query(target.url, form_encoded(params)))
    if target.body_format == "json":
        body, content_type = json.dumps(params, ensure_ascii=False, separators=(",", ":")), JSON_TYPE
    else:
        body, content_type = form_encoded(params), FORM_TYPE
    headers = (("Content-Type", content_type),)
    return UpstreamRequest(method="POST", url=target.url, headers=headers, body=body.encode())


def with_query(url: str, query: str) -> str:
    """*url* with more query behind its own. KAZOO loses the colon of ``user:password@`` on the way."""
    match = _URL.fullmatch(url)
    assert match  # noqa: S101 - it matches any text
    place = _CREDENTIALS.sub(r"\1", match["place"])
    whole = f"{match['query']}&{query}" if match["query"] else query
    return place + (f"?{whole}" if whole else "") + (f"#{match['fragment']}" if match["fragment"] else "")


def form_encoded(params: Mapping[str, Any]) -> str:
    """KAZOO's own form encoding: names stay as they are, and an empty object leaves nothing between two ``&``."""
    return "&".join(_pair(name, value) for name, value in params.items())


def _pair(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return form_encoded({f"{name}[{inner}]": each for inner, each in value.items()})
    if isinstance(value, list):
        return "&".join(f"{name}[]={percent_encoded(str(each))}" for each in value)
    if isinstance(value, bool):
        return f"{name}={str(value).lower()}"
    return f"{name}={percent_encoded(str(value))}"


def percent_encoded(text: str) -> str:
    return "".join(_encoded_byte(byte) for byte in text.encode())


def _encoded_byte(byte: int) -> str:
    if byte == ord(" "):
        return "+"
    return chr(byte) if byte in _BARE else f"%{byte:02X}"


def merged(*params: Params) -> Params:
    """All of them together; the first to set a name wins, as KAZOO's own parameters do."""
    whole: Params = {}
    for each in params:
        whole |= {name: value for name, value in each.items() if name not in whole}
    return whole


def own_param(text: str) -> Params:
    """``name=value`` or ``name[inner]=value`` as a parameter. Raises ValueError where it is neither."""
    name, equals, value = text.partition("=")
    match = _NAME.fullmatch(name)
    if not equals or not match:
        raise ValueError(f"{text!r} is not name=value, nor name[inner]=value")
    param: Any = value
    for inner in reversed(list(_inner_names(match[2]))):
        param = {inner: param}
    return {match[1]: param}


def _inner_names(brackets: str) -> Iterator[str]:
    return (found[1] for found in re.finditer(r"\[([^\[\]]+)\]", brackets))


def overlaid(params: Params, own: Params) -> Params:
    """*params* with *own* laid over them, object by object."""
    return params | {
        name: overlaid(params[name], value) if _both_objects(params.get(name), value) else value
        for name, value in own.items()
    }


def _both_objects(one: Any, other: Any) -> bool:
    return isinstance(one, dict) and isinstance(other, dict)
