"""What a function gets ready before its first request.

Lambda starts a function on a whole processor, whatever its memory size; a request has a share of one by its memory.
"""

import os
import random
from collections.abc import Callable


def at_start(*steps: Callable[[], object]) -> None:
    """Take the steps now if Lambda is starting this process. Elsewhere each is taken when it is first needed.

    No step may open a connection or read a clock: with SnapStart it runs once, and its outcome is copied.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return
    for step in steps:
        step()
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        _be_one_of_many()


def _be_one_of_many() -> None:
    """Copies of one snapshot would all draw the same random numbers: the moments at which botocore tries again."""
    from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - Lambda alone has it, where SnapStart is

    register_after_restore(random.seed)
