"""What variants are called in the results, for those who measure and for those who read."""

from typing import Final

OURS: Final = "ours"
UNCOUNTED: Final = "ours, without counting the token's requests"
OBVIOUS: Final = "botocore + TypeDeserializer + json"
PEER: Final = "FastAPI + Mangum"

BARE: Final = "boto3.client('dynamodb')"
JWT: Final = "authorizer, with its first JWT"
NO_BYTECODE: Final = "debug_api without bytecode"
FRESH: Final = "debug_api in a virtual environment"
