"""Validates answers in KAZOO JSON against what KAZOO's call actions take. Pure."""

from pivot_debug.callflow.addresses import written_addresses
from pivot_debug.callflow.check import ActionCheck, check_call_action, unread_from

__all__ = ["ActionCheck", "check_call_action", "unread_from", "written_addresses"]
