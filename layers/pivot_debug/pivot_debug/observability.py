"""One logger for all functions: JSON lines with correlation ids, and never a body, a token or a path."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from pivot_debug import clock

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE = "PivotDebug"

UNFILTERED = "FATAL"
"""The level of metrics: Lambda drops lines below the function's level, takes one without a level for INFO, and no
level is above this one."""


@cache
def logger() -> "Logger":
    """Lambda must be able to read level and time of a line, else it takes the line for INFO, and perhaps drops it.

    It knows ``WARN`` and no ``WARNING``, and times in the form of RFC 3339 alone.
    """
    import logging  # noqa: PLC0415 - as below

    from aws_lambda_powertools import Logger  # noqa: PLC0415 - 50 ms that an authorizer with a good token does not need

    logging.addLevelName(logging.WARNING, "WARN")
    return Logger(use_rfc3339=True)


def count(name: str, number: int) -> None:
    """Add to a metric of this function, which CloudWatch reads out of the log."""
    count_all({name: number})


def count_all(numbers: Mapping[str, int]) -> None:
    """Add to several metrics; nothing is said of those that are 0."""
    told = {name: number for name, number in numbers.items() if number}
    if told:
        _tell(told, "Count")


def measure(name: str, ms: int) -> None:
    """Add a duration to a metric of this function."""
    _tell({name: ms}, "Milliseconds")


def _tell(values: Mapping[str, int], unit: str) -> None:
    """A line in CloudWatch's embedded metric format.

    By hand: Powertools adds a dimension ``service``, and an alarm on ``function`` alone would never see the metric.
    """
    now = clock.now_ms()
    metrics = [{"Name": name, "Unit": unit} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["function"]], "Metrics": metrics}
    line = {
        "level": UNFILTERED,
        "timestamp": clock.iso(now),
        "_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]},
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
        **values,
    }
    sys.stdout.write(f"{json.dumps(line)}\n")


def call_digest(call_id: str) -> str:
    """What a log line says of a call: enough to find its lines, nothing of what a telephone put into its id."""
    return hashlib.sha256(call_id.encode(errors="surrogatepass")).hexdigest()[:12]


def call_digests(call_ids: Iterable[str]) -> str:
    """Several calls, each once, in one text: of a list, CloudWatch would make a field for each."""
    return " ".join(map(call_digest, dict.fromkeys(call_ids)))
