"""One logger for all functions: JSON lines with correlation ids, and never a body, a token or a path."""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    return Logger()
