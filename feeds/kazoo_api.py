"""KAZOO's own Pivot API, read past its faults: cursors that lose calls, stand still or go round in circles."""

import calendar
import json
import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from feeds.ingest_client import Document
from feeds.server import Answer, FeedError, LaterError, RefusedError, Server

log = logging.getLogger("feeds")

# KAZOO counts seconds from the year 0; this is the Unix epoch on its clock.
GREGORIAN = 62_167_219_200
DAY = 86_400
PAGE_SIZE = 200
LARGEST_PAGE_SIZE = 6_400


class Kazoo:
    """What the poller reads from KAZOO's Pivot API.

    Args:
        server: Below its API root, `https://host:8443/v2`.
        token: Sent as X-Auth-Token; may be empty when there is an API key.
        api_key: Gets a new token whenever KAZOO no longer takes the old one; KAZOO's live an hour. May be empty.
    """

    def __init__(self, server: Server, *, token: str, api_key: str) -> None:
        self._server, self._token, self._api_key = server, token, api_key

    def calls(self, account_id: str, month: str) -> Iterator[Document]:
        """The month's calls in no order, some of them more than once."""
        year, number = int(month[:4]), int(month[4:])
        begin = GREGORIAN + calendar.timegm((year, number, 1, 0, 0, 0))
        end = begin + calendar.monthrange(year, number)[1] * DAY - 1
        return self._pages(account_id, "", {"created_from": begin, "created_to": end})

    def records(self, account_id: str, debug_id: str) -> Iterator[Document]:
        """The records of a call in no order, some of them more than once."""
        return self._pages(account_id, "/" + quote(debug_id, safe=""), {})

    def _pages(self, account_id: str, path: str, query: Mapping[str, object]) -> Iterator[Document]:
        size, cursor = PAGE_SIZE, dict[str, object]()
        seen: set[object] = set()
        while True:
            page = self._get(account_id, path, {**query, **cursor, "page_size": size})
            yield from (item for item in page["data"] if isinstance(item, dict))
            following = page.get("next_start_key")
            if not following:
                return
            seen |= {cursor.get("start_key"), page.get("start_key")}
            if following not in seen:
                cursor = {"start_key": following}
            elif size < LARGEST_PAGE_SIZE:
                size *= 2  # KAZOO stands still where one call fills a page: ask for a page that holds more
            else:
                log.warning("account %s: KAZOO repeats a page of debug%s; the rest is not read", account_id, path)
                return

    def _get(self, account_id: str, path: str, query: Mapping[str, object]) -> dict[str, Any]:
        """Raises `LaterError` for a fault that may pass, `RefusedError` for this account, else `FeedError`."""
        answer = self._ask(f"/accounts/{account_id}/pivot/debug{path}", query)
        match answer.status, answer.json():
            case (200, {"data": list()} as page):
                return dict(page)
            case (401, _):
                hint = "; a token of KAZOO lives an hour, KAZOO_API_KEY gets new ones" if not self._api_key else ""
                raise FeedError(f"KAZOO does not take the token: {answer.complaint}{hint}")
            case (403, _):
                raise RefusedError(f"account {account_id}: KAZOO answers {answer.complaint}")
        raise LaterError(f"account {account_id}, debug{path}: KAZOO answers {answer.complaint}")

    def _ask(self, path: str, query: Mapping[str, object]) -> Answer:
        used = self._token
        answer = (
            self._server.ask("GET", path, query=query, headers={"X-Auth-Token": used})
            if used
            else Answer(HTTPStatus.UNAUTHORIZED)
        )
        if answer.status == HTTPStatus.UNAUTHORIZED and self._api_key:
            self._token = self._new_token()
            answer = self._server.ask("GET", path, query=query, headers={"X-Auth-Token": self._token})
        return answer

    def _new_token(self) -> str:
        body = json.dumps({"data": {"api_key": self._api_key}}).encode()
        answer = self._server.ask("PUT", "/api_auth", body=body, headers={"Content-Type": "application/json"})
        match answer.status, answer.json():
            case ((200 | 201), {"auth_token": str(token)}):
                return token
        raise FeedError(f"KAZOO does not take KAZOO_API_KEY: {answer.complaint}")
