"""Runs a case: a relay defined through the API, called with what KAZOO sends, recorded, and read back."""

import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.relay import app as relay_app
from pivot_debug import clock
from pivot_debug.upstream.connection import tls_context
from pivot_debug.upstream.deadline import Deadline
from tests.builders import CALL, NOW_MS
from tests.integration.certificates import Authority
from tests.integration.helpers import Account, Document, Reply, deployed
from tests.integration.matrix.case import HOST, PRIVATE_HOST, Case
from tests.integration.servers import Script, Server, refuses, serving
from tests.integration.service import Service

PARAMETERS = (
    "Account-ID={account}&Api-Version=4.x&Call-ID=829597750%4010.26.0.158&&&Direction=inbound"
    "&From=2600%40sip.example.com&Request=300%40sip.example.com&To=300%40sip.example.com"
)
"""As KAZOO writes them: its two empty objects leave nothing between the separators."""

_ADDRESSES = {HOST: "127.0.0.1", PRIVATE_HOST: "10.0.0.1"}


@dataclass(frozen=True)
class Outcome:
    """What KAZOO got, the call in the list, its records, and how long KAZOO waited in real seconds."""

    reply: Reply
    call: Document
    records: list[Document]
    waited_s: float

    @property
    def verdict(self) -> Document:
        verdict: Document = self.call["verdict"]
        return verdict

    @property
    def findings(self) -> list[Document]:
        return [finding for record in self.records for finding in record.get("findings", [])]

    @property
    def content_type(self) -> str:
        """The first that the server sent, "" if there was none."""
        (response,) = (record for record in self.records if record["type"] == "response")
        values = [value for name, value in response["resp_headers"].items() if name.lower() == "content-type"]
        return str(values[0][0] if values and isinstance(values[0], list) else [*values, ""][0])


class Watch:
    """The clock of the service: it stands still but for what a server is said to take."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ms(self) -> int:
        return self.ms

    def slowed(self, script: Script, took_ms: int) -> Script:
        def slow(sock: socket.socket, request: bytes) -> None:
            self.ms += took_ms
            script(sock, request)

        return slow


@dataclass(frozen=True)
class Stage:
    """A deployment whose relay may call this machine."""

    service: Service
    authority: Authority
    watch: Watch

    def run(self, case: Case) -> Outcome:
        account = Account.new(self.service)
        self.watch.ms = NOW_MS
        with self._server(case) as server:
            relay_url = self._defined(account, case, server.port)
            began = time.monotonic()
            reply = self.service.called(**_request(case, account, relay_url))
            waited_s = time.monotonic() - began
        assert self.service.record_queue() == []
        (call,) = account.listed()
        outcome = Outcome(reply, call, account.listed(call_id=CALL), waited_s)
        account.forget()
        return outcome

    def _server(self, case: Case) -> AbstractContextManager[Server]:
        if case.script is None:
            return refuses()
        tls = case.tls(self.authority) if case.tls else None
        return serving(self.watch.slowed(case.script, case.took_ms), tls=tls)

    def _defined(self, account: Account, case: Case, port: int) -> str:
        voice_url = case.url.format(port=port)
        data = {"name": "m", "voice_url": voice_url, "req_timeout_ms": case.limit_ms}
        reply = self.service.relays("PUT", data=data, account_id=account.id, accounts=account.id)
        assert reply["statusCode"] == 201, reply["body"]
        url: str = reply["json"]["data"]["relay_url"]
        return url


def _request(case: Case, account: Account, relay_url: str) -> dict[str, Any]:
    """What KAZOO sends."""
    path = urlsplit(relay_url).path
    if case.posts is None:
        return {"raw_path": path, "raw_query": PARAMETERS.format(account=account.id), "headers": {"te": ""}}
    kind, body = case.posts
    headers = {"te": "", "content-type": kind, "content-length": str(len(body))}
    return {"method": "POST", "raw_path": path, "raw_query": "", "headers": headers, "body": body.decode()}


@contextmanager
def stage() -> Iterator[Stage]:
    """A deployment for many cases, each with an account of its own."""
    with deployed() as service, TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        authority, watch = Authority(Path(folder)), Watch()
        patch.setenv("RELAY_ALLOWED", "127.0.0.1/32")
        patch.setenv("SSL_CERT_FILE", str(authority.file))
        patch.setattr(socket, "getaddrinfo", _looked_up)
        patch.setattr(clock, "now_ms", watch.now_ms)
        patch.setattr(Deadline, "spent_ms", lambda _: float(watch.ms - NOW_MS))
        for cached in (relay_app.guard, tls_context):
            cached.cache_clear()
        yield Stage(service, authority, watch)
    tls_context.cache_clear()


def _looked_up(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
    if host not in _ADDRESSES:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (_ADDRESSES[host], port))]
