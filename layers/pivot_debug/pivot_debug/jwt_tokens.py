"""KAZOO's own JSON Web Tokens: RS256, one issuer, configured public keys (RFC 8725).

A KAZOO JWT names no audience: any one of the platform is good here. KAZOO can revoke one early (identity_sig), which
only KAZOO can check; here a JWT works until its ``exp``.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from pivot_debug.errors import ConfigurationError, InvalidTokenError
from pivot_debug.keys import is_account_id
from pivot_debug.settings import required
from pivot_debug.tokens import SCOPES, Caller

LEEWAY_SECONDS = 30
MAX_LENGTH = 4096
MIN_KEY_BITS = 2048
"""RFC 7518, 3.3."""

_KID = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True, slots=True)
class JwtSettings:
    issuer: str
    public_keys: Mapping[str, RSAPublicKey]
    scopes: tuple[str, ...]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "JwtSettings":
        """From JWT_ISSUER, JWT_PUBLIC_KEYS (``kid=BASE64,kid=BASE64``) and JWT_SCOPES."""
        pairs = [pair.partition("=") for pair in environ.get("JWT_PUBLIC_KEYS", "").split(",") if pair.strip()]
        scopes = tuple(required("JWT_SCOPES", environ).split(","))
        if set(scopes) - set(SCOPES):
            raise ConfigurationError(f"JWT_SCOPES: scopes are {', '.join(SCOPES)}")
        public_keys = {kid.strip(): _public_key(kid.strip(), text.strip()) for kid, _, text in pairs}
        return cls(required("JWT_ISSUER", environ), public_keys, scopes)


def verify(token: str, settings: JwtSettings, now: int) -> Caller:
    """The caller of a JWT, or InvalidTokenError. *now* is Unix seconds."""
    if len(token) > MAX_LENGTH:
        raise InvalidTokenError("longer than any KAZOO token")
    claims = _claims(token, settings)
    expires, account_id = claims["exp"], claims.get("account_id")
    # PyJWT also takes numbers in strings, and account ids of any type.
    if type(expires) is not int or expires + LEEWAY_SECONDS <= now:
        raise InvalidTokenError("expired, or exp is not a whole number")
    if not isinstance(account_id, str) or not is_account_id(account_id):
        raise InvalidTokenError("account_id is not an account id")
    return Caller(
        name=f"jwt:{account_id}", accounts=(account_id,), scopes=settings.scopes, expires=expires + LEEWAY_SECONDS
    )


def _claims(token: str, settings: JwtSettings) -> dict[str, Any]:
    """What one of the keys has signed: the header chooses the key, and nothing else."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = settings.public_keys.get(kid) if isinstance(kid, str) and _KID.fullmatch(kid) else None
        if key is None:
            raise InvalidTokenError("unknown key")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=settings.issuer,
            options={"require": ["exp", "iss"], "verify_exp": False, "verify_aud": False},
        )
    except (jwt.InvalidTokenError, ValueError, OverflowError) as error:
        raise InvalidTokenError(f"no JWT of ours: {type(error).__name__}") from None
    return claims


@cache
def _public_key(kid: str, text: str) -> RSAPublicKey:
    """A key from the middle of its PEM, PKCS#1 (as KAZOO serves it) or SubjectPublicKeyInfo."""
    if not _KID.fullmatch(kid):
        raise ConfigurationError(f"JWT_PUBLIC_KEYS: {kid!r} is not a key id of 16 to 64 hex characters")
    try:
        der = base64.b64decode(text, validate=True)
    except ValueError:
        raise ConfigurationError(f"JWT_PUBLIC_KEYS: the key of {kid} is not base64") from None
    for label in ("RSA PUBLIC KEY", "PUBLIC KEY"):
        pem = f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"
        try:
            key = load_pem_public_key(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= MIN_KEY_BITS:
            return key
    raise ConfigurationError(f"JWT_PUBLIC_KEYS: the key of {kid} is not an RSA public key of {MIN_KEY_BITS}+ bits")
