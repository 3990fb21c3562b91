"""The check of TwiML answers, as KAZOO executes them."""

from pivot_debug.twiml.addresses import written_addresses
from pivot_debug.twiml.check import check_twiml

__all__ = ["check_twiml", "written_addresses"]
