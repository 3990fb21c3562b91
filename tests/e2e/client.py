"""A client of the deployed API: plain HTTP, an account and token of its own for each test."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from local.stack import LocalStack
from pivot_debug import clock
from tests import builders

RECORDED_WITHIN_SECONDS = 60


def new_account() -> str:
    return uuid.uuid4().hex


def greg(seconds_ago: int = 0) -> int:
    """Gregorian seconds of a moment before now."""
    return clock.gregorian(clock.now_ms()) - seconds_ago


@dataclass
class Api:
    stack: LocalStack
    account_id: str = field(default_factory=new_account)
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.token or self.stack.create_token(self.account_id)
        self.http = httpx.Client(timeout=60, trust_env=False, headers={"Connection": "close"})

    @property
    def path(self) -> str:
        return f"{self.stack.api_root}/accounts/{self.account_id}/pivot/debug"

    def request(
        self, method: str, call_id: str | None = None, *, path: str = "/debug", **options: Any
    ) -> httpx.Response:
        url = self.path.removesuffix("/debug") + path + ("" if call_id is None else f"/{quote(call_id, safe='')}")
        headers = {"X-Auth-Token": self.token, **options.pop("headers", {})}
        return self.http.request(method, url, headers=headers, **options)

    def get(self, call_id: str | None = None, **query: Any) -> httpx.Response:
        return self.request("GET", call_id, params=query or None)

    def data(self, call_id: str | None = None, **query: Any) -> list[dict[str, Any]]:
        reply = self.get(call_id, **query)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["data"]
        return found

    def pages(self, call_id: str | None = None, **query: Any) -> Iterator[list[dict[str, Any]]]:
        """The items of every page, following next_start_key to the last page."""
        while True:
            reply = self.get(call_id, **query)
            assert reply.status_code == 200, reply.text
            yield reply.json()["data"]
            if "next_start_key" not in reply.json():
                return
            query["start_key"] = reply.json()["next_start_key"]

    def put(self, documents: Any) -> httpx.Response:
        return self.request("PUT", json={"data": documents})

    def given(self, documents: list[dict[str, Any]], batch: int = 100) -> None:
        """Documents that were accepted, and stored by the real recorder behind the real queue."""
        for start in range(0, len(documents), batch):
            reply = self.put([self.own(document) for document in documents[start : start + batch]])
            assert reply.status_code == 202, reply.text
        self.wait_for_recorder()

    def own(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document as one of this account."""
        return document | {"pvt_account_id": self.account_id}

    def wait_for_recorder(self) -> None:
        deadline = time.monotonic() + RECORDED_WITHIN_SECONDS
        while self.stack.unrecorded():
            assert time.monotonic() < deadline, "the recorder did not empty the queue"
            time.sleep(0.1)


def recent_call(call_id: str, seconds_ago: int = 100, status: str = "200") -> list[dict[str, Any]]:
    return builders.a_call(call_id=call_id, created=greg(seconds_ago), status=status)
