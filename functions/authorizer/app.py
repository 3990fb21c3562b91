"""API Gateway TOKEN authorizer: tells who a token is and what it may reach."""

import os
import time
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pivot_debug import tokens
from pivot_debug.errors import InvalidTokenError
from pivot_debug.observability import count, logger
from pivot_debug.policy import policy_for
from pivot_debug.settings import required
from pivot_debug.starting import at_start

if TYPE_CHECKING:
    from pivot_debug.jwt_tokens import JwtSettings
    from pivot_debug.token_store import TokenStore
    from pivot_debug.tokens import Caller


def get_ready() -> None:
    """Load what the tokens of this deployment need: a JWT no AWS client, and a token of ours nothing for JWTs."""
    if accepts_jwts():
        import_module("pivot_debug.jwt_tokens")
    else:
        token_store()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        caller = identify(event.get("authorizationToken", ""), int(time.time()))
    except InvalidTokenError as error:
        # The gateway names no request of its own to an authorizer; its access log has this id of Lambda's.
        logger().info("token refused", request_id=getattr(context, "aws_request_id", ""), reason=str(error))
        count("TokensRefused", 1)
        # The gateway answers 401 for exactly this text, 500 for any other.
        raise Exception("Unauthorized") from None  # noqa: TRY002 - as above
    except Exception:
        logger().exception("not decided", request_id=getattr(context, "aws_request_id", ""))
        raise
    return policy_for(caller, event["methodArn"])


def identify(token: str, now: int) -> "Caller":
    """The caller of an opaque token or of a KAZOO JWT; InvalidTokenError for anything else. *now* is Unix seconds."""
    if not token.isascii():
        raise InvalidTokenError("not ASCII")
    if tokens.is_opaque(token):
        token_id, secret = tokens.split(token)
        return tokens.verify(secret, token_store().find(token_id), now)
    if not tokens.is_shaped_like_jwt(token):
        raise InvalidTokenError("neither a token of this service nor a JWT")
    if not accepts_jwts():
        raise InvalidTokenError("a JWT, and this deployment has no key for any")
    from pivot_debug import jwt_tokens  # noqa: PLC0415 - 80 ms that only JWTs need

    return jwt_tokens.verify(token, jwt_settings(), now)


def accepts_jwts() -> bool:
    return bool(os.environ.get("JWT_PUBLIC_KEYS"))


@cache
def token_store() -> "TokenStore":
    from pivot_debug import dynamodb  # noqa: PLC0415 - 250 ms that a JWT does not need
    from pivot_debug.token_store import TokenStore  # noqa: PLC0415 - as above

    return TokenStore(required("TOKEN_TABLE"), dynamodb.quick_client())


@cache
def jwt_settings() -> "JwtSettings":
    from pivot_debug.jwt_tokens import JwtSettings  # noqa: PLC0415 - as in identify

    return JwtSettings.from_env(os.environ)


at_start(get_ready)
