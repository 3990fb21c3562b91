"""One logger for all functions: JSON lines with correlation ids, and never a body, a token or a path."""

import os
from functools import cache

from aws_lambda_powertools import Logger

NAMESPACE = "PivotDebug"


@cache
def logger() -> Logger:
    return Logger()


def count(name: str, number: int) -> None:
    """Add to a metric of this function, which CloudWatch reads out of the log."""
    # The import takes as long as a tenth of a start.
    from aws_lambda_powertools.metrics import MetricUnit, single_metric  # noqa: PLC0415

    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")
    with single_metric(name, MetricUnit.Count, number, namespace=NAMESPACE) as metric:
        metric.add_dimension("function", function)
