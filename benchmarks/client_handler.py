"""A function that makes boto3's client of DynamoDB, and does nothing with it: the least that most start with."""

from typing import Any

import boto3

CLIENT = boto3.client("dynamodb")


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": ""}
