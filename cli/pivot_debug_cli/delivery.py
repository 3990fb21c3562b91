"""Sends batches to the ingest API until each document is accepted or rejected."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from pivot_debug import __version__
from pivot_debug_cli.batches import Parcel, body
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.replies import Outcome, Rejection, all_rejected, outcome, refusal

WAITS = (0.5, 1, 2, 4, 8)
"""Seconds before each new try, give or take a fifth. Where the API names a longer time (Retry-After), it is kept."""

_LONGEST_WAIT = 300
_PAST_THE_PROXY = {"all://127.0.0.1": None, "all://localhost": None}
"""The local stack is on this machine, where the environment's proxy cannot reach it."""

_TRY_AGAIN = {429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class _NoReply:
    reason: str
    least_wait: float = 0


def open_client(token: str) -> httpx.Client:
    """A client that sends the token. The service answers within 29 seconds or not at all."""
    headers = {"X-Auth-Token": token, "Content-Type": "application/json", "User-Agent": f"pivot-debug/{__version__}"}
    return httpx.Client(headers=headers, timeout=httpx.Timeout(35, connect=5), mounts=_PAST_THE_PROXY)


@dataclass(slots=True, kw_only=True)
class Delivery:
    """The way to one API. ``on_wait`` is told why and for how many seconds, before each new try."""

    client: httpx.Client
    api_root: str
    on_wait: Callable[[str, float], None]
    sleep: Callable[[float], None] = time.sleep

    def send(self, batch: list[Parcel]) -> Outcome:
        """Deliver a batch, in halves where the API finds it too large.

        Raises CommandError where the next batch would fare no better: no connection, no permission, recording off.
        """
        reply = self._put(batch)
        if reply.status_code == httpx.codes.ACCEPTED:
            return outcome(batch, reply)
        if reply.status_code == httpx.codes.BAD_REQUEST:
            return all_rejected(batch, reply)
        if reply.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            return self._send_halves(batch)
        raise CommandError(refusal(batch[0].account_id, reply))

    def _send_halves(self, batch: list[Parcel]) -> Outcome:
        if len(batch) == 1:
            return Outcome([], [Rejection(batch[0].entry, "larger than the API takes (413)")])
        middle = len(batch) // 2
        return self.send(batch[:middle]) + self.send(batch[middle:])

    def _put(self, batch: list[Parcel]) -> httpx.Response:
        url, content = f"{self.api_root}/accounts/{batch[0].account_id}/pivot/debug", body(batch)
        for wait in WAITS:
            reply = self._try(url, content)
            if isinstance(reply, httpx.Response):
                return reply
            seconds = max(wait * random.uniform(0.8, 1.2), reply.least_wait)  # noqa: S311 - spreads load, guards nothing
            self.on_wait(reply.reason, seconds)
            self.sleep(seconds)
        last = self._try(url, content)
        if isinstance(last, httpx.Response):
            return last
        raise CommandError(f"{last.reason}, {len(WAITS) + 1} times in a row: check API_ROOT and the network")

    def _try(self, url: str, content: bytes) -> httpx.Response | _NoReply:
        try:
            reply = self.client.put(url, content=content)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise CommandError(f"API_ROOT is not a URL that can be used ({error}): {self.api_root}") from None
        except httpx.TransportError as error:
            return _NoReply(f"{self.api_root} does not answer ({str(error) or type(error).__name__})")
        if reply.status_code in _TRY_AGAIN:
            return _NoReply(f"{self.api_root} answers {reply.status_code}", _retry_after(reply))
        return reply


def _retry_after(reply: httpx.Response) -> float:
    """Seconds that the reply asks to wait, whichever of HTTP's two forms it uses; 0 where it does not ask."""
    text = reply.headers.get("Retry-After", "")
    try:
        moment = None if text.isdigit() else parsedate_to_datetime(text)
    except ValueError:
        return 0
    seconds = float(text) if moment is None else (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0), _LONGEST_WAIT)
