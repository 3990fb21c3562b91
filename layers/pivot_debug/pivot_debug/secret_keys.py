"""The deployment's keys, from Secrets Manager: each is fetched when it is first needed, then kept."""

from functools import cache

import boto3

from pivot_debug.dynamodb import TIMEOUTS, unavailable_as_domain_error
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
    client = boto3.client("secretsmanager", config=TIMEOUTS)
    with unavailable_as_domain_error():
        secret: str = client.get_secret_value(SecretId=required(setting))["SecretString"]
    return secret.encode()
