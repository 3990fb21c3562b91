"""The caller as the gateway hands it to a function, and the check that every function makes again."""

from collections.abc import Mapping
from typing import Any

from pivot_debug.errors import ExpiredTokenError, ForbiddenError, UnknownAccountError
from pivot_debug.keys import is_account_id
from pivot_debug.tokens import Caller

READ = "debug:read"
WRITE = "debug:write"
DELETE = "debug:delete"


def to_context(caller: Caller) -> dict[str, str]:
    """What the authorizer passes on: API Gateway allows a flat map of plain values. Never the token itself."""
    context = {"accounts": ",".join(caller.accounts), "scopes": ",".join(caller.scopes)}
    numbers = {"expires": caller.expires, "requests_per_minute": caller.requests_per_minute}
    return context | {name: str(number) for name, number in numbers.items() if number is not None}


def from_context(context: Mapping[str, Any]) -> Caller:
    """The caller in a request's authorizer context; one without rights where the context is missing or odd."""
    return Caller(
        name=str(context.get("principalId", "")),
        accounts=_words(context.get("accounts")),
        scopes=_words(context.get("scopes")),
        expires=_moment(context.get("expires")),
        requests_per_minute=_moment(context.get("requests_per_minute")) or None,
    )


def check(caller: Caller, account_id: str, scope: str, now_ms: int) -> None:
    """Raise unless the caller may do *scope* in the account now.

    The gateway's policy says the same; this is the second lock, and the one that sees a token expire while the
    gateway still reuses its decision.
    """
    if caller.expires is not None and caller.expires * 1000 <= now_ms:
        raise ExpiredTokenError
    if scope not in caller.scopes or not caller.may_see(account_id):
        raise ForbiddenError
    if not is_account_id(account_id):
        raise UnknownAccountError(account_id)


def _moment(value: Any) -> int | None:
    """Unix seconds, None where nothing was said; what cannot be read counts as long past."""
    text = str(value)
    return None if value is None else int(text) if text.isascii() and text.isdigit() else 0


def _words(text: Any) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word) if isinstance(text, str) else ()
