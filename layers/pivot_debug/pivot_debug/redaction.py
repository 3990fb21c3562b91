"""Takes credentials out of what is about to be kept. Pure.

What was there stays visible: a value becomes ``***`` and its path is listed in the record's ``redacted``. Text around
it is kept to the byte, because a URL is debugged by looking at it.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from pivot_debug.credential_shapes import hide_credentials
from pivot_debug.telling_names import is_secret_name

MARK = "***"
SHORTEST_ENCODED = len("pin%3D1")
"""A shorter value holds no other one."""

_END_IN_URL = re.compile("[&#]")
_END_IN_FORM = re.compile("&")
_VALUE = re.compile(r"(?P<name>(?<![^?&;#])[^=&;#?]*+|)=(?P<value>[^&#]*+)")
_NAME = re.compile(r"(?:^|[?&;#])([^=&;#?]+)=")
_AUTHORITY = re.compile(r"(?:(?<=://)|(?<=\A//))[^/?#\s]*@[^/?#\s]*")
_MAY_BE_URL = re.compile("[?#]|//")
_LEADING_AUTHORITY = re.compile(r"(?<=\Ahttp://)[^/?#]*@[^/?#]*|(?<=\Ahttps://)[^/?#]*@[^/?#]*")
# A string that is cut off lasts to the end of the text: so none is ever looked at twice.
_JSON_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]|\\(?:.|\Z))*+(?:"|\Z))(?P<colon>\s*+:)?|(?P<number>-?[0-9][0-9.eE+-]*+)|(?P<word>[a-z]++)'
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)
# A relay's key, and a token of the API: known by their form, wherever they stand. Cut off, they are secret too.
_KEY = re.compile(r"(?P<relay>pvr_[0-9a-fA-F]{32}_)[A-Za-z0-9]++|(?P<token>pvd_[A-Za-z0-9]{16}_)[A-Za-z0-9]++")
_SCHEME = re.compile(r"^(basic|bearer|digest|negotiate|token) +", re.IGNORECASE)


def redact_headers(headers: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The headers without credentials, and the names of those that lost one."""
    kept, lost = {}, []
    for name, value in headers.items():
        kept[name] = _redact_header(name, value)
        if kept[name] != value:
            lost.append(name)
    return kept, lost


def redact_url(url: str) -> tuple[str, list[str]]:
    """The URL without userinfo and without the values of secret-named parameters, and what was taken out."""
    bare = _AUTHORITY.sub(_without_userinfo, _LEADING_AUTHORITY.sub(_without_userinfo, url))
    kept, lost = _redact_query(bare)
    return _and_shapes(kept, ["userinfo", *lost] if bare != url else lost)


def _redact_text(text: str) -> str:
    """A header's text that holds URLs; what follows one after a space is none of it."""
    return _redact_query(_AUTHORITY.sub(_without_userinfo, text))[0]


def _redact_query(bare: str) -> tuple[str, list[str]]:
    start = min((at for at in (bare.find("?"), bare.find("#")) if at >= 0), default=len(bare))
    query, lost = _redact_parameters(bare[start:], ends=_END_IN_URL)
    return bare[:start] + query, lost


def redact_form(text: str) -> tuple[str, list[str]]:
    """Form-encoded text without the values of secret-named parameters, and their names."""
    return _and_shapes(*_redact_parameters(text, ends=_END_IN_FORM))


def redact_json(text: str) -> tuple[str, list[str]]:
    """JSON text without the texts and numbers in secret-named members, at any depth, and the names of these."""
    return _and_shapes(*_redact_members(text))


def redact_keys(text: str) -> tuple[str, list[str]]:
    """Any text without the secrets of our own keys, and whose they were: ``relay``, ``token``.

    Ids stay: ``pvr_{32 hex}_{secret}`` becomes ``pvr_{32 hex}_***``, a token of the API ``pvd_{16}_***``.
    """
    lost: list[str] = []

    def bare(found: re.Match[str]) -> str:
        lost.append(str(found.lastgroup))
        return f"{found['relay'] or found['token']}{MARK}"

    return _KEY.sub(bare, text), lost


def redact_values(text: str, redact: Callable[[str, str], tuple[str, list[str]]]) -> tuple[str, list[str]]:
    """A query, or a form: each encoded value is decoded for *redact*, and encoded anew where that hides any.

    *redact* gets the parameter's name, too.
    """
    lost: list[str] = []

    def inside(found: re.Match[str]) -> str:
        value = found["value"]
        if ("%" not in value and "+" not in value) or len(value) < SHORTEST_ENCODED:
            return found[0]
        kept, names = redact(unquote_plus(found["name"]), unquote_plus(value, errors="surrogateescape"))
        lost.extend(names)
        return f"{found['name']}={quote_plus(kept, safe='*', errors='surrogateescape')}" if names else found[0]

    return _VALUE.sub(inside, text), lost


def _without_shapes(text: str) -> tuple[str, list[str]]:
    """Any text without what is known by its form alone: our own keys, credentials of others."""
    return hide_credentials(text, lambda _: MARK)


def _and_shapes(text: str, lost: list[str]) -> tuple[str, list[str]]:
    """The same without those, of which the name of a parameter may hold one too."""
    kept, shapes = _without_shapes(text)
    return kept, [_without_shapes(name)[0] for name in lost] + shapes


def _redact_members(text: str) -> tuple[str, list[str]]:
    lost: list[str] = []
    depth, hidden_from, secret = 0, 0, ""

    def step(found: re.Match[str]) -> str:
        nonlocal depth, hidden_from, secret
        kind = found.lastgroup
        if kind == "colon":
            if not hidden_from:
                name = _decoded(found["text"])
                secret = name if is_secret_name(name) else ""
            return found[0]
        if kind == "open":
            depth += 1
            hidden_from = hidden_from or (depth if secret else 0)
        elif kind == "close":
            hidden_from = 0 if depth == hidden_from else hidden_from
            secret = secret if hidden_from else ""
            depth -= 1
        else:
            name, secret = secret, secret if hidden_from else ""
            if name and kind != "word" and found[0] != f'"{MARK}"':
                lost.append(name)
                return f'"{MARK}"'
        return found[0]

    return _JSON_TOKEN.sub(step, text), lost


def _decoded(text: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text


def _redact_parameters(text: str, ends: re.Pattern[str]) -> tuple[str, list[str]]:
    """A value reaches to the next of *ends*: a ``;`` may begin a parameter, but no server of today ends one there."""
    kept, lost, done = [], [], 0
    for found in _NAME.finditer(text):
        if found.start() < done or not is_secret_name(unquote_plus(found[1])):
            continue
        begin = found.end()
        ending = ends.search(text, begin)
        end = ending.start() if ending else len(text)
        if text[begin:end] not in ("", MARK):
            kept += [text[done:begin], MARK]
            lost.append(unquote_plus(found[1]))
            done = end
    return "".join(kept) + text[done:], lost


def _redact_header(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_redact_header(name, one) for one in value]
    if is_secret_name(name):
        scheme = _SCHEME.match(value) if isinstance(value, str) else None
        return f"{scheme[0]}{MARK}" if scheme else MARK
    if not isinstance(value, str):
        return value
    return _without_shapes(_redact_text(value) if _MAY_BE_URL.search(value) else value)[0]


def _without_userinfo(found: re.Match[str]) -> str:
    """``user:pass@host`` -> ``***@host``; KAZOO's own odd order ``user@pass:host`` likewise."""
    return f"{MARK}@{host_of(found[0])}"


def host_of(authority: str) -> str:
    """The host, and port, of an authority with userinfo in front of them."""
    host = authority.rpartition("@")[2]
    if not host.startswith("["):
        *_, last = parts = host.split(":")
        host = ":".join(parts[-2:]) if not last or last.isdigit() else last
    return host
