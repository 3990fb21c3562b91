"""Settings of a function, read once from its environment."""

import os
from collections.abc import Mapping

from pivot_debug.errors import ConfigurationError


def required(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable's value; ConfigurationError names it where it is missing or empty."""
    value = environ.get(name, "")
    if not value:
        raise ConfigurationError(f"{name} is not set")
    return value


def optional(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable's value; "" where it is missing."""
    return environ.get(name, "")


def whole_number(name: str, environ: Mapping[str, str] = os.environ) -> int:
    """The variable as a number; ConfigurationError names it where it is none."""
    value = required(name, environ)
    try:
        return int(value)
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number, not {value!r}") from None
