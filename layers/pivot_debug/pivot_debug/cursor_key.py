"""The key that signs page cursors, from Secrets Manager: fetched when a page first needs it, then kept."""

from functools import cache

import boto3

from pivot_debug.dynamodb import TIMEOUTS, unavailable_as_domain_error
from pivot_debug.settings import required


@cache
def cursor_key() -> bytes:
    client = boto3.client("secretsmanager", config=TIMEOUTS)
    with unavailable_as_domain_error():
        secret: str = client.get_secret_value(SecretId=required("CURSOR_SECRET"))["SecretString"]
    return secret.encode()
