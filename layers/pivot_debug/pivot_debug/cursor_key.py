"""The key that signs page cursors, from Secrets Manager: fetched when a page first needs it, then kept."""

from functools import cache

from pivot_debug.aws_client import aws_client
from pivot_debug.dynamodb import unavailable_as_domain_error
from pivot_debug.settings import required


@cache
def cursor_key() -> bytes:
    with unavailable_as_domain_error():
        secret: str = aws_client("secretsmanager").get_secret_value(SecretId=required("CURSOR_SECRET"))["SecretString"]
    return secret.encode()
