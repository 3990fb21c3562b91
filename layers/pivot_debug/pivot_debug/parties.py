"""Who called whom, from the parameters that KAZOO sent with a request. Pure."""

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pivot_debug.models import Document

MAX_LENGTH = 255
"""Characters of a number or name that are shown."""

_CALLER_NAMES = ("Caller-ID-Number", "CallerNumber", "From")
_CALLED_NAMES = ("To", "Request")


def parties_of(request: Document) -> Document:
    """``caller`` and ``called``, as far as they are known."""
    parameters = parameters_of(request)
    found = {"caller": _first(parameters, _CALLER_NAMES), "called": _first(parameters, _CALLED_NAMES)}
    return {name: value for name, value in found.items() if value}


def parameters_of(request: Document) -> dict[str, Any]:
    """What KAZOO told of the call: from the query of a GET, the form or the JSON object of a POST."""
    body = _body(request)
    return dict(parse_qsl(_query(request.get("uri", "")))) | (_json(body) or dict(parse_qsl(body)))


def _body(request: Document) -> str:
    """As text, also where it is kept as bytes because one of them is no UTF-8."""
    body: str = request.get("req_body", "")
    if request.get("req_body_encoding") != "base64":
        return body
    try:
        return base64.b64decode(body).decode(errors="replace")
    except ValueError:
        return ""


def _query(uri: str) -> str:
    try:
        return urlsplit(uri).query
    except ValueError:
        return ""


def _json(body: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _first(parameters: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """The first named parameter that is there, without the realm after its ``@``."""
    value = next((parameters[name] for name in names if name in parameters), "")
    return value.split("@")[0][:MAX_LENGTH] or None if isinstance(value, str) else None
