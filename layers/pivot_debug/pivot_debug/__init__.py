"""Pivot Debug: records every step of a KAZOO Pivot call and tells why it went wrong."""

import gc
import os

__version__ = "0.1.0"

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # A start makes half a million objects that all stay. Looking for garbage among them every 2,000 took a tenth of it.
    gc.set_threshold(50_000)
