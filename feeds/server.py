"""HTTP with patience: a server that is busy, broken or out of reach is asked again.

    FeedError              ends the feed
    ├── LaterError         one piece of work failed; the next round tries it again
    └── RefusedError       the service refuses one account; the others go on

Every error is one line of text for the operator.
"""

import email.utils
import http.client
import json
import logging
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any

log = logging.getLogger("feeds")

Sleep = Callable[[float], None]

TRIES = 6
TIMEOUT = 60.0
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0


class FeedError(Exception):
    """Ends the feed."""


class LaterError(FeedError):
    """One piece of work failed; the next round tries it again."""


class RefusedError(FeedError):
    """The service refuses what is sent for one account."""


@dataclass(frozen=True)
class Answer:
    """What a server said. Status 0: it said nothing, and `problem` tells why."""

    status: int
    body: bytes = b""
    retry_after: float = 0.0
    problem: str = ""

    @property
    def will_pass(self) -> bool:
        """Whether asking again may help."""
        return self.status in (0, 429) or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def complaint(self) -> str:
        """Status and message on one line. Never the `data`: KAZOO repeats a refused API key there."""
        content = self.json()
        message = content.get("message") or content.get("reason") if isinstance(content, dict) else None
        text = " ".join(str(message or self.problem).split())[:200]
        return f"{self.status} {text}" if self.status else text

    def json(self) -> Any:
        """The decoded body, or `None` where it is not JSON."""
        try:
            return json.loads(self.body, object_pairs_hook=_keep_repeated)
        except (ValueError, RecursionError):
            return None


class Server:
    """A server below one root address.

    Args:
        root: As `web_address` gives it.
        headers: Go with every request.
        sleep: Waits the given seconds between two tries.
        tries: How often one question is asked at most.
    """

    def __init__(self, root: str, headers: Mapping[str, str], *, sleep: Sleep, tries: int = TRIES) -> None:
        self._root, self._headers, self._sleep, self._tries = root, dict(headers), sleep, tries
        self._opener = urllib.request.build_opener(_NoRedirects)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Returns the first answer that is neither 429 nor 5xx.

        Raises:
            LaterError: Every try met a 429, a 5xx or no answer at all.
        """
        url = self._root + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(  # noqa: S310 - web_address lets in http and https alone
            url, data=body, method=method, headers=self._headers | dict(headers or {})
        )
        for tried in range(1, self._tries + 1):
            answer = self._try(request)
            if not answer.will_pass:
                return answer
            if tried < self._tries:
                pause = max(answer.retry_after, min(LONGEST_PAUSE, 2.0 ** (tried - 1)))
                log.warning("%s %s%s: %s; again in %.0f s", method, self._root, path, answer.complaint, pause)
                self._sleep(pause)
        raise LaterError(f"{method} {self._root}{path}: {answer.complaint}, {self._tries} times")

    def _try(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=TIMEOUT) as reply:
                return Answer(reply.status, reply.read(), problem=reply.reason)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _rest(error), _retry_after(error.headers), str(error.reason))
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, problem=str(getattr(error, "reason", error)) or type(error).__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Hands a redirect back as it is: following it could carry the token to another server."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _keep_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """KAZOO stores a repeated header (set-cookie) as a repeated key; both values are kept, as a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        before = found.get(name)
        if name not in found:
            found[name] = value
        else:
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
    return found


def _rest(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read()
    except (OSError, http.client.HTTPException):
        return b""  # the status is enough


def _retry_after(headers: Message) -> float:
    """The seconds to wait. A date is measured from the answer's own `Date`, so that no clock needs to be right."""
    value = headers["Retry-After"] or "0"
    if value.isdecimal():
        return min(float(value), LONGEST_RETRY_AFTER)
    try:
        then, now = (email.utils.parsedate_to_datetime(text) for text in (value, headers["Date"]))
        return min(max((then - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
    except (TypeError, ValueError):
        return 0.0


def web_address(environ: Mapping[str, str], name: str) -> str:
    """The http or https address in an environment variable, without a slash at its end."""
    value = environ.get(name, "").strip()
    if not value:
        raise FeedError(f"{name} is not set")
    parts = urllib.parse.urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise FeedError(f"{name} is not an address such as https://host.example/path (no user, no query)")
    return value.rstrip("/")


def secret(environ: Mapping[str, str], name: str) -> str:
    """The token in an environment variable; empty where it is not set."""
    value = environ.get(name, "").strip()
    if not is_token(value or "-"):
        raise FeedError(f"{name} is not a token: it holds a blank or a character outside ASCII")
    return value


def is_token(value: object) -> bool:
    """Whether the value can stand in a header."""
    return isinstance(value, str) and re.fullmatch(r"[!-~]+", value) is not None
