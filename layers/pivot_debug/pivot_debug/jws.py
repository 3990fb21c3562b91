"""JSON signed with RS256 (RFC 7515, compact form), as KAZOO makes it.

`cryptography` checks the signature. A JWT library around it would do the same with four times the import, for which
whoever meets a cold authorizer has to wait.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from pivot_debug.errors import InvalidTokenError

_KEY_ID = re.compile(r"[0-9a-f]{16,64}")
# `crit` and `b64` (RFC 7797) would change what is signed, or ask for what we do not know: RFC 7515 has us refuse.
_NOT_UNDERSTOOD = frozenset({"crit", "b64"})


def is_key_id(text: object) -> bool:
    """Whether *text* can be the ``kid`` of a KAZOO key."""
    return isinstance(text, str) and _KEY_ID.fullmatch(text) is not None


def signed_object(token: str, public_keys: Mapping[str, RSAPublicKey]) -> dict[str, Any]:
    """The payload of a token that one of the keys has signed; InvalidTokenError for any other text.

    The header chooses the key and nothing else: the algorithm is ours (RFC 8725, 3.1).
    """
    head, _, rest = token.partition(".")
    payload, _, signature = rest.partition(".")
    header = _object(head)
    if header.get("alg") != "RS256" or _NOT_UNDERSTOOD & header.keys():
        raise InvalidTokenError("not signed with RS256 alone")
    key = public_keys.get(header["kid"]) if is_key_id(header.get("kid")) else None
    if key is None:
        raise InvalidTokenError("unknown key")
    try:
        key.verify(_bytes(signature), f"{head}.{payload}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise InvalidTokenError("bad signature") from None
    return _object(payload)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidTokenError("not a JWT")
    return found


def _bytes(part: str) -> bytes:
    """Base64url without padding, in its one canonical form: the decoder itself would overlook what is not."""
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise InvalidTokenError("not base64url") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise InvalidTokenError("not canonical base64url")
    return data
