"""Takes credentials out of what is about to be kept. Pure.

What was there stays visible: a value becomes ``***`` and its path is listed in the record's ``redacted``. Text around
it is kept to the byte, because a URL is debugged by looking at it.
"""

import re
from typing import Any
from urllib.parse import unquote_plus

MARK = "***"

_SECRET_WORDS = ("token", "secret", "passw", "apikey", "accesskey", "privatekey", "signature", "credential", "cookie")
_SECRET_NAMES = frozenset({"auth", "authorization", "proxyauthorization", "jwt", "key", "pin", "pwd", "session", "sig"})
_NOT_SECRET = frozenset({"cookiepolicy", "tokentype"})

_PARAMETER = re.compile(r"(?P<start>^|[?&;#])(?P<name>[^=&;#?]+)=(?P<value>[^&;#]+)")
_AUTHORITY = re.compile(r"(?<=://)[^/?#\s]*@[^/?#\s]*")
_SCHEME = re.compile(r"^(basic|bearer|digest|negotiate|token) +", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Whether a header or parameter of this name holds a credential: ``X-Auth-Token``, ``sip[password]``."""
    return any(_is_secret_step(step) for step in re.split(r"[\[\].]+", name.lower()) if step)


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
    bare = _AUTHORITY.sub(_without_userinfo, url)
    lost = ["userinfo"] if bare != url else []
    start = min((at for at in (bare.find("?"), bare.find("#")) if at >= 0), default=len(bare))
    query, names = redact_form(bare[start:])
    return bare[:start] + query, lost + names


def redact_form(text: str) -> tuple[str, list[str]]:
    """Form-encoded text without the values of secret-named parameters, and their names."""
    lost: list[str] = []

    def hide(found: re.Match[str]) -> str:
        name = unquote_plus(found["name"])
        if not is_secret_name(name) or found["value"] == MARK:
            return found[0]
        lost.append(name)
        return f"{found['start']}{found['name']}={MARK}"

    return _PARAMETER.sub(hide, text), lost


def _is_secret_step(step: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", step)
    if plain in _NOT_SECRET:
        return False
    return plain in _SECRET_NAMES or any(word in plain for word in _SECRET_WORDS)


def _redact_header(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_redact_header(name, one) for one in value]
    if is_secret_name(name):
        scheme = _SCHEME.match(value) if isinstance(value, str) else None
        return f"{scheme[0]}{MARK}" if scheme else MARK
    return redact_url(value)[0] if isinstance(value, str) and "://" in value else value


def _without_userinfo(found: re.Match[str]) -> str:
    """``user:pass@host`` -> ``***@host``; KAZOO's own odd order ``user@pass:host`` likewise."""
    host = found[0].rpartition("@")[2]
    before_colon, colon, after_colon = host.rpartition(":")
    if colon and before_colon and not after_colon.isdigit() and not host.endswith("]"):
        host = after_colon
    return f"{MARK}@{host}"
