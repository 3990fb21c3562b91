"""Opaque tokens: how one is made, kept and checked. Nothing here reads or writes a table.

A token reads ``pvd_<id>_<secret>``. The id finds the stored row; of the secret only the SHA-256 is kept, which is
enough for a random secret of 190 bits.
"""

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass

from pivot_debug.errors import InvalidTokenError
from pivot_debug.keys import is_account_id

ALL_ACCOUNTS = "*"
SCOPES = ("debug:read", "debug:write", "debug:delete")
MAX_ACCOUNTS = 7
"""Accounts that one token may list: the policy made from them must stay under API Gateway's 8 KB."""

_PREFIX = "pvd"
_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 16
_SECRET_LENGTH = 32
_NO_DIGEST = "0" * 64
"""Compared with where there is no row: as long as a digest, and of no secret that anybody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who a request comes from: what its token may reach.

    ``expires`` is Unix seconds, None for never; ``requests_per_minute`` None for as many as the deployment says.
    """

    name: str
    accounts: tuple[str, ...]
    scopes: tuple[str, ...]
    expires: int | None = None
    requests_per_minute: int | None = None

    def may_see(self, account_id: str) -> bool:
        return ALL_ACCOUNTS in self.accounts or account_id in self.accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token as it is stored; times are Unix seconds."""

    token_id: str
    secret_sha256: str
    last_four: str
    name: str
    accounts: tuple[str, ...]
    scopes: tuple[str, ...]
    created: int
    expires_at: int | None = None
    revoked_at: int | None = None
    requests_per_minute: int | None = None


def is_opaque(token: str) -> bool:
    return token.startswith(f"{_PREFIX}_")


def is_shaped_like_jwt(token: str) -> bool:
    return token.count(".") == 2  # noqa: PLR2004 - header.payload.signature


def new_token(
    *,
    name: str,
    accounts: tuple[str, ...],
    scopes: tuple[str, ...],
    now: int,
    lifetime_days: int | None = None,
    requests_per_minute: int | None = None,
) -> tuple[str, TokenRow]:
    """A fresh token and the row to store for it. The token itself can never be shown again.

    Raises ValueError for accounts or scopes that no token can have.
    """
    _check(accounts, scopes)
    token_id, secret = _random(_ID_LENGTH), _random(_SECRET_LENGTH)
    row = TokenRow(
        token_id=token_id,
        secret_sha256=_digest(secret),
        last_four=secret[-4:],
        name=name,
        accounts=accounts,
        scopes=scopes,
        created=now,
        expires_at=None if lifetime_days is None else now + lifetime_days * 86_400,
        requests_per_minute=requests_per_minute,
    )
    return f"{_PREFIX}_{token_id}_{secret}", row


def split(token: str) -> tuple[str, str]:
    """Id and secret of a token; InvalidTokenError for any other text."""
    parts = token.split("_")
    if len(parts) != 3 or parts[0] != _PREFIX or len(parts[1]) != _ID_LENGTH or len(parts[2]) != _SECRET_LENGTH:  # noqa: PLR2004 - prefix, id, secret
        raise InvalidTokenError("not a token of this service")
    return parts[1], parts[2]


def verify(secret: str, row: TokenRow | None, now: int) -> Caller:
    """The caller of a token, or InvalidTokenError.

    An unknown id takes the same path as a wrong secret, so that neither can be told from the time it takes.
    """
    expected = row.secret_sha256 if row else _NO_DIGEST
    matches = hmac.compare_digest(_digest(secret), expected)
    if row is None or not matches:
        raise InvalidTokenError("unknown token")
    if row.revoked_at is not None:
        raise InvalidTokenError("revoked token")
    if row.expires_at is not None and row.expires_at <= now:
        raise InvalidTokenError("expired token")
    return Caller(
        name=row.token_id,
        accounts=row.accounts,
        scopes=row.scopes,
        expires=row.expires_at,
        requests_per_minute=row.requests_per_minute,
    )


def _check(accounts: tuple[str, ...], scopes: tuple[str, ...]) -> None:
    if accounts != (ALL_ACCOUNTS,) and not (accounts and all(map(is_account_id, accounts))):
        raise ValueError("accounts must be 32 lower-case hex characters each, or * alone")
    if len(accounts) > MAX_ACCOUNTS:
        raise ValueError(f"a token lists at most {MAX_ACCOUNTS} accounts")
    if not scopes or set(scopes) - set(SCOPES):
        raise ValueError(f"scopes are {', '.join(SCOPES)}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
