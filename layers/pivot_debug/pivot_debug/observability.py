"""One logger for all functions: JSON lines with correlation ids, and never a body, a token or a path."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from pivot_debug import clock

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE = "PivotDebug"


@cache
def logger() -> "Logger":
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - 50 ms that an authorizer with a good token does not need

    return Logger()


def count(name: str, number: int) -> None:
    """Add to a metric of this function, which CloudWatch reads out of the log."""
    count_all({name: number})


def count_all(numbers: Mapping[str, int]) -> None:
    """Add to several metrics; nothing is said of those that are 0.

    In CloudWatch's embedded metric format, by hand: Powertools would add a dimension ``service``, and an alarm on
    ``function`` alone would never see the metric.
    """
    told = {name: number for name, number in numbers.items() if number}
    if not told:
        return
    metrics = [{"Name": name, "Unit": "Count"} for name in told]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["function"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": clock.now_ms(), "CloudWatchMetrics": [directive]},
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
        **told,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")


def call_digest(call_id: str) -> str:
    """What a log line says of a call: enough to find its lines, nothing of what a telephone put into its id."""
    return hashlib.sha256(call_id.encode(errors="surrogatepass")).hexdigest()[:12]
