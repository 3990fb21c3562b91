"""Pivot Debug: records every step of a KAZOO Pivot call and tells why it went wrong."""

__version__ = "0.1.0"
