"""The deployment's keys, from Secrets Manager: each is fetched when it is first needed, then kept."""

from functools import cache

from pivot_debug.aws_client import aws_client
from pivot_debug.dynamodb import unavailable_as_domain_error
from pivot_debug.settings import required


@cache
def cursor_key() -> bytes:
    """Signs page cursors."""
    return _secret("CURSOR_SECRET")


@cache
def relay_key() -> bytes:
    """Derives the secrets of relays."""
    return _secret("RELAY_SECRET")


def _secret(setting: str) -> bytes:
    with unavailable_as_domain_error():
        secret: str = aws_client("secretsmanager").get_secret_value(SecretId=required(setting))["SecretString"]
    return secret.encode()
