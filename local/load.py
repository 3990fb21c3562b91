"""The local stack under load: ingest, relay, list and reads at once; then nothing may be missing and nothing doubled.

Time is measured and decides nothing. Whoever sends waits while the queue is long, so that what is shown can be held.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import httpx

from local.cpu_time import CpuSeconds, cpu_seconds
from local.demo_relay import Relays
from local.load_ledger import Balance, Ledger, balance, latency
from local.machine import LocalStackError
from local.progress import say, step
from local.stack import LocalStack
from pivot_debug import clock

INGEST, RELAY, LIST, READ = "ingest", "relay", "list", "read"
CALLS_OF_BATCH: Final = 10
RECORDS_OF_CALL: Final = 2
_BACKLOG: Final = 8
_WARM_UP_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 300


@dataclass
class Load:
    """One run on an account of its own. ``room`` is set while the queue is short."""

    stack: LocalStack
    token: str
    account_id: str
    relay_url: str
    ledger: Ledger = field(default_factory=Ledger)
    stop: threading.Event = field(default_factory=threading.Event)
    room: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def url(self) -> str:
        return f"{self.stack.api_root}/accounts/{self.account_id}/pivot/debug"


@dataclass(frozen=True)
class Outcome:
    """``records`` of ``seconds`` of sending, recorded ``drained_seconds`` after it; ``balance`` is of all."""

    ledger: Ledger
    balance: Balance
    records: int
    seconds: float
    drained_seconds: float
    cpu: CpuSeconds

    @property
    def is_good(self) -> bool:
        return self.balance.is_even and not self.ledger.errors


def run_load(stack: LocalStack, pivot_server: str, seconds: int) -> Outcome:
    """Drive the stack for so many seconds, wait until all is recorded, and compare.

    Raises:
        LocalStackError: the recorder did not get through the queue.
    """
    account_id = uuid.uuid4().hex
    token = stack.create_token(account_id, requests_per_minute="60000")
    relay_url = Relays(stack, account_id, token).define("Load", f"{pivot_server}/voicemail")
    load = Load(stack, token, account_id, relay_url)
    with step("Start the functions"):
        _drive(load, _WARM_UP_SECONDS)
        _drain(stack)
        load.ledger.milliseconds.clear()
    warm = load.ledger.records.total()
    before, started = cpu_seconds(), time.monotonic()
    with step(f"Send for {seconds} s"):
        _drive(load, seconds)
    sent = time.monotonic()
    with step("Wait until all is recorded"):
        _drain(stack)
    drained, cpu = time.monotonic(), cpu_seconds().since(before)
    with step("Compare what was sent with what is listed"):
        compared = balance(load.ledger.records, _all_calls(load))
    held = load.ledger.records.total() - warm
    return Outcome(load.ledger, compared, held, sent - started, drained - sent, cpu)


def _drive(load: Load, seconds: int) -> None:
    load.stop.clear()
    acts = (_ingest, _ingest, _relay, _relay, _read)
    with ThreadPoolExecutor(len(acts)) as pool:
        try:
            threads = [pool.submit(_repeat, load, act) for act in acts]
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and not any(thread.done() for thread in threads):
                (load.room.set if load.stack.unrecorded() < _BACKLOG else load.room.clear)()
                time.sleep(0.2)
        finally:
            load.stop.set()
            load.room.set()
    for thread in threads:
        thread.result()


def _repeat(load: Load, act: Callable[[Load, httpx.Client], None]) -> None:
    # ministack answers one request on a connection best.
    with httpx.Client(timeout=30, trust_env=False, headers={"Connection": "close"}) as http:
        while not load.stop.is_set():
            act(load, http)


@contextmanager
def _counted(load: Load, kind: str, records: dict[str, int] | None = None) -> Iterator[None]:
    """The block is one request: it raises what says that the request failed."""
    started = time.monotonic()
    try:
        yield
    except (httpx.HTTPError, ValueError) as error:
        load.ledger.failed(kind, f"{type(error).__name__}: {error}")
    else:
        load.ledger.answered(kind, (time.monotonic() - started) * 1000, records)


def _ingest(load: Load, http: httpx.Client) -> None:
    load.room.wait()
    call_ids = [f"ingest-{next(load.numbers)}" for _ in range(CALLS_OF_BATCH)]
    documents = [document for call_id in call_ids for document in _documents(load.account_id, call_id)]
    with _counted(load, INGEST, dict.fromkeys(call_ids, RECORDS_OF_CALL)):
        reply = http.put(load.url, json={"data": documents}, headers={"X-Auth-Token": load.token}).raise_for_status()
        if len(reply.json()["data"]["accepted"]) != len(documents):
            raise ValueError("documents were rejected")


def _relay(load: Load, http: httpx.Client) -> None:
    load.room.wait()
    call_id = f"relay-{next(load.numbers)}"
    with _counted(load, RELAY, {call_id: RECORDS_OF_CALL}):
        http.get(load.relay_url, params={"Call-ID": call_id}).raise_for_status()


def _read(load: Load, http: httpx.Client) -> None:
    """A page of the list, and one of the calls on it."""
    calls: list[dict[str, Any]] = []
    with _counted(load, LIST):
        calls = _page(load, http, page_size="50")["data"]
    if calls:
        with _counted(load, READ):
            call_id = calls[-1]["call_id"]
            address = f"{load.url}/{quote(call_id, safe='')}"
            http.get(address, headers={"X-Auth-Token": load.token}).raise_for_status()


def _page(load: Load, http: httpx.Client, **query: str) -> dict[str, Any]:
    reply = http.get(load.url, params=query, headers={"X-Auth-Token": load.token}).raise_for_status()
    page: dict[str, Any] = reply.json()
    return page


def _documents(account_id: str, call_id: str) -> list[dict[str, Any]]:
    """Request and response of a call, as KAZOO stores them."""
    now = clock.gregorian(clock.now_ms())
    stored = {"call_id": call_id, "iteration": 1, "pvt_account_id": account_id, "pvt_created": now}
    uri = "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600&Api-Version=4.x"
    body = '{"module":"tts","data":{"text":"Hello"},"children":{"_":{"module":"hangup","data":{}}}}'
    headers = {"content-type": "application/json", "server": "nginx"}
    return [
        stored | {"_id": f"q-{call_id}", "uri": uri, "method": "get", "req_headers": {}, "req_body": ""},
        stored | {"_id": f"a-{call_id}", "resp_status_code": "200", "resp_headers": headers, "resp_body": body},
    ]


def _drain(stack: LocalStack) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while stack.unrecorded():
        if time.monotonic() > deadline:
            raise LocalStackError(f"The queue is not empty. Look at {stack.state / 'ministack.log'}")
        time.sleep(0.1)


def _all_calls(load: Load) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    query = {"page_size": "500"}
    with httpx.Client(timeout=60, trust_env=False, headers={"Connection": "close"}) as http:
        while True:
            page = _page(load, http, **query)
            calls += page["data"]
            if "next_start_key" not in page:
                return calls
            query["start_key"] = page["next_start_key"]


def show(outcome: Outcome) -> None:
    """Print the figures as a table in Markdown, and what is wrong."""
    ledger, whole = outcome.ledger, outcome.seconds + outcome.drained_seconds
    say("\n| | requests | a second | median ms | p99 ms |\n|---|---|---|---|---|")
    for kind, times in sorted(ledger.milliseconds.items()):
        one = latency(times)
        say(f"| {kind} | {one.count} | {one.count / outcome.seconds:.1f} | {one.median:.0f} | {one.p99:.0f} |")
    say(f"\nRecorded: {outcome.records} records, {outcome.records / whole:.0f} a second held.")
    say(f"Sent for {outcome.seconds:.0f} s; {outcome.drained_seconds:.1f} s later all was recorded.")
    say(f"Errors: {len(ledger.errors)}. Records lost: {outcome.balance.lost}, doubled: {outcome.balance.doubled}.")
    cpu = outcome.cpu
    say(
        f"Processor: ministack {cpu.ministack / whole:.0%} of one core, the functions {cpu.functions / whole:.0%}, "
        f"this program with the Pivot server {cpu.program / whole:.0%}; the machine has {os.cpu_count()} cores."
    )
    for remark in (*ledger.errors[:5], *outcome.balance.remarks):
        say(f"  {remark}")
