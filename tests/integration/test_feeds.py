"""The feeds against small servers that behave like CouchDB, KAZOO and the ingest API. No test waits for a clock."""

import base64
import datetime as dt
import json
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

import pytest

from feeds import couchdb_changes, crossbar_poll
from feeds.rounds import StateFile
from pivot_debug.intake import take_in
from tests.builders import ACCOUNT, CALL
from tests.builders import OTHER_ACCOUNT as OTHER

pytestmark = pytest.mark.enable_socket

NOW = 1_710_278_680  # 2024-03-12T21:24:40Z
GREGORIAN_NOW = NOW + 62_167_219_200
INTERVAL = 7  # the pause between rounds; no pause between two tries is as long
AWKWARD_ID = "a/b%2F+c?d:e@10.26.0.158"

Document = dict[str, Any]


# ---------------------------------------------------------------- servers


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def tokens(self) -> list[str]:
        """The path as Crossbar and CouchDB read it: split first, each part decoded once."""
        return [unquote(part) for part in self.path.strip("/").split("/")]


@dataclass(frozen=True)
class Reply:
    status: int
    content: object
    headers: dict[str, str] = field(default_factory=dict)


class Raw(str):
    """JSON to be sent as it is."""

    __slots__ = ()


class Server:
    """Answers with what is in `script` first, then with `answer`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: deque[Reply] = deque()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                path, _, query = self.path.partition("?")
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, path, dict(parse_qsl(query)), headers, self.rfile.read(length))
                fake.requests.append(request)
                reply = fake.script.popleft() if fake.script else fake.answer(request)
                body = (reply.content if isinstance(reply.content, Raw) else json.dumps(reply.content)).encode()
                self.send_response_only(reply.status)
                for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = handle_any  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Ingest(Server):
    """Judges documents as the service does; may be told to refuse accounts, and bodies above a size."""

    def __init__(self) -> None:
        super().__init__()
        self.largest_body = 6_000_000
        self.refused: dict[str, int] = {}
        self.deliveries: list[tuple[str, list[Document]]] = []

    @property
    def delivered(self) -> list[str]:
        return [name_of(document) for _, documents in self.deliveries for document in documents]

    def answer(self, request: Request) -> Reply:
        account_id = request.tokens[2]
        assert request.method == "PUT"
        assert request.path == f"/v2/accounts/{account_id}/pivot/debug"
        assert request.headers["content-type"] == "application/json"
        if status := self.refused.get(account_id):
            return problem(status, "refused")
        if len(request.body) > self.largest_body:
            return problem(413, "validation error")
        intake = take_in(request.body.decode(), account_id, NOW * 1_000)
        if not intake.accepted:
            return Reply(400, {"data": intake.all_errors(), "status": "error", "message": "validation error"})
        documents = json.loads(request.body)["data"]
        self.deliveries.append((account_id, [documents[index] for index in intake.accepted]))
        return Reply(202, {"data": intake.report(), "status": "success"})


class CouchDB(Server):
    """Holds databases as lists of documents; a position is the text `<number>-opaque+/`, as in a cluster."""

    def __init__(self) -> None:
        super().__init__()
        self.databases: dict[str, list[Document]] = {"_users": [], "accounts": []}

    def answer(self, request: Request) -> Reply:
        match request.tokens:
            case ["_all_dbs"]:
                first, last = json.loads(request.query["startkey"]), json.loads(request.query["endkey"])
                return Reply(200, [name for name in sorted(self.databases) if first <= name <= last])
            case [name, "_changes"] if name in self.databases:
                assert request.query["include_docs"] == "true"
                return self._changes(self.databases[name], request.query)
        return Reply(404, {"error": "not_found", "reason": "Database does not exist."})

    def _changes(self, documents: list[Document], query: dict[str, str]) -> Reply:
        since = int(query["since"].removesuffix("-opaque+/"))
        behind = min(since + int(query["limit"]), len(documents))
        rows = [
            {"seq": f"{number + 1}-opaque+/", "id": name_of(documents[number]), "changes": [], "doc": documents[number]}
            for number in range(since, behind)
        ]
        return Reply(200, {"results": rows, "last_seq": f"{behind}-opaque+/", "pending": len(documents) - behind})


class Kazoo(Server):
    """KAZOO's Pivot API with its faults: one row for each document, call-id order, a cursor that may stand still."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Document] = []
        self.token = "kazoo-token"
        self.api_key = "k" * 64
        self.unreadable: set[str] = set()

    def answer(self, request: Request) -> Reply:
        if request.tokens == ["v2", "api_auth"]:
            return self._login(json.loads(request.body)["data"]["api_key"])
        if request.headers.get("x-auth-token") != self.token:
            return problem(401, "invalid_credentials")
        match request.tokens:
            case ["v2", "accounts", _, "pivot", "debug"]:
                return self._calls(request.query)
            case ["v2", "accounts", _, "pivot", "debug", debug_id] if debug_id not in self.unreadable:
                found = [each for each in self.records if each["debug_id"] == debug_id]
                return Reply(200, page(found[::-1], request.query, rows_per_item=1, key="id"))
        return problem(500, "init failed")

    def _login(self, api_key: str) -> Reply:
        if api_key != self.api_key:
            return Reply(404, {"data": [api_key], "message": "bad identifier", "status": "error"})
        self.token = "fresh-token"
        return Reply(201, {"data": {}, "auth_token": self.token, "status": "success"})

    def _calls(self, query: dict[str, str]) -> Reply:
        month = {month_of(int(query[name])) for name in ("created_from", "created_to")}
        assert len(month) == 1, "a range over two months loses calls"
        rows = [each for each in self.records if month_of(each["created"]) in month]
        content = page(sorted(rows, key=lambda row: str(row["call_id"])), query, rows_per_item=2, key="call_id")
        keys = ("call_id", "debug_id", "created")
        content["data"] = [{key: row[key] for key in keys} for row in content["data"]]
        return Reply(200, content)


def page(rows: list[Document], query: dict[str, str], *, rows_per_item: int, key: str) -> dict[str, Any]:
    """Starts at the first row with the cursor's key: rows with one key repeat, and fill whole pages."""
    start = next((n for n, row in enumerate(rows) if row[key] == query.get("start_key")), 0)
    end = start + rows_per_item * int(query["page_size"])
    cursor = {"next_start_key": rows[end][key]} if end < len(rows) else {}
    return {"data": rows[start:end], "page_size": len(rows[start:end]), "status": "success", **cursor}


def problem(status: int, message: str) -> Reply:
    return Reply(status, {"data": {"message": message}, "error": str(status), "message": message, "status": "error"})


def month_of(created: int) -> str:
    return dt.datetime.fromtimestamp(created - 62_167_219_200, dt.UTC).strftime("%Y%m")


def name_of(document: Document) -> str:
    return str(document.get("_id") or document["id"])


def stored(number: int, **fields: object) -> Document:
    """A debug document as CouchDB holds it."""
    return {
        "_id": f"{number:032x}",
        "_rev": "1-967a00dff5e02add41819138abb3284d",
        "pvt_type": "pivot_debug",
        "pvt_created": GREGORIAN_NOW,
        "call_id": CALL,
        "iteration": 1,
        "uri": "https://pivot.example.com/ivr",
        **fields,
    }


def served(number: int, *, call_id: str = CALL, created: int = GREGORIAN_NOW - 60) -> Document:
    """A debug document as KAZOO's API shows it."""
    debug_id = f"{month_of(created)}-{call_id}"
    return {
        "id": f"{number:032x}",
        "call_id": call_id,
        "created": created,
        "debug_id": debug_id,
        "iteration": 1,
        "uri": "https://pivot.example.com/ivr",
    }


def ids(numbers: range) -> list[str]:
    return [f"{number:032x}" for number in numbers]


def database(month: str, account_id: str = ACCOUNT) -> str:
    return f"account/{account_id[:2]}/{account_id[2:4]}/{account_id[4:]}-{month}"


# ---------------------------------------------------------------- the site


class Time:
    """A clock that sleeping moves. Between rounds it does what `between` holds; when nothing is left, Ctrl-C is hit."""

    def __init__(self) -> None:
        self.now = float(NOW)
        self.pauses: list[float] = []
        self.between: deque[Callable[[], object]] = deque()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds != INTERVAL:
            self.pauses.append(seconds)
        elif self.between:
            self.between.popleft()()
        else:
            raise KeyboardInterrupt


@dataclass
class Site:
    ingest: Ingest
    couch: CouchDB
    kazoo: Kazoo
    folder: Path
    time: Time = field(default_factory=Time)

    def __post_init__(self) -> None:
        self.environ = {
            "API_ROOT": f"{self.ingest.address}/v2/",
            "AUTH_TOKEN": "operator-token",
            "COUCHDB_URL": self.couch.address,
            "KAZOO_API_ROOT": f"{self.kazoo.address}/v2",
            "KAZOO_AUTH_TOKEN": "kazoo-token",
        }

    def follow(self, *options: str) -> int:
        return self._run(couchdb_changes.main, options)

    def poll(self, *options: str) -> int:
        return self._run(crossbar_poll.main, ("--account", ACCOUNT, *options))

    def _run(self, main: Callable[..., int], options: tuple[str, ...]) -> int:
        files = ["--state", str(self.folder / "state"), "--rejected", str(self.folder / "rejected")]
        return main([*files, "--interval", str(INTERVAL), *options], self.environ, self.time.sleep, self.time)

    @property
    def rejected(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "rejected").read_text().splitlines()]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Ingest() as ingest, CouchDB() as couch, Kazoo() as kazoo:
        yield Site(ingest, couch, kazoo, tmp_path)


class PowerCutError(BaseException):
    """Nothing in the feeds catches it."""


def cut_power_before_saving(monkeypatch: pytest.MonkeyPatch, site: Site, *, deliveries: int) -> None:
    """From the given number of deliveries on, no state reaches the disk."""
    save = StateFile.save

    def save_or_die(state: StateFile) -> None:
        if len(site.ingest.deliveries) >= deliveries:
            raise PowerCutError
        save(state)

    monkeypatch.setattr(StateFile, "save", save_or_die)


# ---------------------------------------------------------------- following CouchDB


def test_every_debug_document_is_delivered_once_as_it_is_stored_and_nothing_else_is(site: Site) -> None:
    call_record = {"_id": "202403-cdr", "pvt_type": "cdr", "call_id": CALL}
    site.couch.databases[database("202402")] = [stored(1)]
    site.couch.databases[database("202403")] = [
        {"_id": "_design/pivot"},
        stored(2),
        call_record,
        stored(3, resp_body="é"),
    ]

    status = site.follow("--once")

    assert status == 0
    assert site.ingest.deliveries == [(ACCOUNT, [stored(1)]), (ACCOUNT, [stored(2), stored(3, resp_body="é")])]
    assert not (site.folder / "rejected").exists()


def test_many_documents_travel_in_batches_of_a_hundred(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(number) for number in range(450)]

    site.follow("--once")

    assert [len(documents) for _, documents in site.ingest.deliveries] == [100, 100, 100, 100, 50]
    assert site.ingest.delivered == ids(range(450))


def test_a_batch_stays_below_five_megabytes(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(number, resp_body="x" * 1_000_000) for number in range(12)]

    site.follow("--once")

    assert site.ingest.delivered == ids(range(12))
    assert max(len(request.body) for request in site.ingest.requests) < 5_000_000
    assert len(site.ingest.requests) == 3


def test_the_next_run_sends_only_what_is_new(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1), stored(2)]
    site.follow("--once")
    site.couch.databases[database("202403")].append(stored(3))

    site.follow("--once")

    assert site.ingest.delivered == ids(range(1, 4))


def test_a_crash_between_sending_and_saving_repeats_one_batch_and_skips_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.couch.databases[database("202403")] = [stored(number) for number in range(250)]
    with monkeypatch.context() as patch:
        cut_power_before_saving(patch, site, deliveries=2)
        with pytest.raises(PowerCutError):
            site.follow("--once")

    site.follow("--once")

    sent = Counter(site.ingest.delivered)
    assert list(sent) == ids(range(250))
    assert [name for name, times in sent.items() if times > 1] == ids(range(100, 200))


def test_a_state_that_was_cut_off_while_it_was_written_is_never_seen(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.follow("--once")
    (site.folder / "state.new").write_text('{"belongs')

    site.follow("--once")

    assert site.ingest.delivered == ids(range(1, 2))


def test_the_database_of_a_new_month_is_picked_up_while_it_runs(site: Site) -> None:
    def april_begins() -> None:
        site.time.now += 20 * 86_400
        site.couch.databases[database("202404")] = [stored(2)]

    site.couch.databases[database("202403")] = [stored(1)]
    site.time.between.append(april_begins)

    site.follow()

    assert site.ingest.delivered == ids(range(1, 3))


def test_a_header_that_stands_twice_in_a_document_keeps_both_values(site: Site) -> None:
    twice = json.dumps(
        {"results": [{"seq": "1-x", "doc": stored(1, resp_headers={"a": "1", "b": "2"})}], "last_seq": 1}
    )
    site.couch.script.extend([Reply(200, [database("202403")]), Reply(200, Raw(twice.replace('"b"', '"a"')))])

    site.follow("--once")

    ((_, (document,)),) = site.ingest.deliveries
    assert document["resp_headers"] == {"a": ["1", "2"]}


def test_months_outside_the_window_are_left_alone(site: Site) -> None:
    site.couch.databases |= {database(f"2024{month:02}"): [stored(month)] for month in range(1, 4)}

    site.follow("--once")
    before = list(site.ingest.delivered)
    site.follow("--once", "--months", "3")

    assert before == ids(range(2, 4))
    assert sorted(site.ingest.delivered) == ids(range(1, 4))


def test_database_names_are_percent_encoded(site: Site) -> None:
    site.couch.databases[database("202403")] = []

    site.follow("--once")

    paths = [request.path for request in site.couch.requests if request.path.endswith("/_changes")]
    assert paths == ["/account%2F01%2F23%2F456789abcdef0123456789abcdef-202403/_changes"]


def test_a_position_of_bigcouch_goes_back_as_json(site: Site) -> None:
    site.couch.databases[database("202403")] = []
    names = Reply(200, [database("202403")])
    row = {"seq": [7, "g1AAAA"], "id": name_of(stored(1)), "doc": stored(1)}
    site.couch.script.extend([names, Reply(200, {"results": [row], "last_seq": [8, "g1AAAB"]})])
    site.follow("--once")
    site.couch.script.extend([names, Reply(200, {"results": [], "last_seq": [8, "g1AAAB"]})])

    site.follow("--once")

    assert site.couch.requests[1].query["since"] == "0"
    assert json.loads(site.couch.requests[-1].query["since"]) == [8, "g1AAAB"]


def test_one_operator_token_feeds_every_account(site: Site) -> None:
    site.couch.databases |= {database("202403"): [stored(1)], database("202403", OTHER): [stored(2)]}

    site.follow("--once")

    assert {account_id for account_id, _ in site.ingest.deliveries} == {ACCOUNT, OTHER}
    assert {request.headers["x-auth-token"] for request in site.ingest.requests} == {"operator-token"}


def test_a_chosen_account_is_the_only_one(site: Site) -> None:
    site.couch.databases |= {database("202403"): [stored(1)], database("202403", OTHER): [stored(2)]}

    site.follow("--once", "--account", OTHER)

    assert site.ingest.deliveries == [(OTHER, [stored(2)])]


def test_with_a_token_for_each_account_each_uses_its_own_and_others_are_left_alone(site: Site) -> None:
    third = "0" * 32
    (site.folder / "tokens").write_text(json.dumps({ACCOUNT: "token-a", OTHER: "token-b"}))
    site.environ = {**site.environ, "AUTH_TOKEN": "", "AUTH_TOKENS_FILE": str(site.folder / "tokens")}
    site.couch.databases |= {database("202403", account_id): [stored(1)] for account_id in (ACCOUNT, OTHER, third)}

    site.follow("--once")

    used = {request.tokens[2]: request.headers["x-auth-token"] for request in site.ingest.requests}
    assert used == {ACCOUNT: "token-a", OTHER: "token-b"}


def test_couchdb_gets_user_and_password(site: Site) -> None:
    site.environ |= {"COUCHDB_USER": "admin", "COUCHDB_PASSWORD": "pass:word"}

    site.follow("--once")

    kind, _, pair = site.couch.requests[0].headers["authorization"].partition(" ")
    assert (kind, base64.b64decode(pair)) == ("Basic", b"admin:pass:word")


def test_a_couchdb_that_refuses_the_user_ends_it_with_one_line(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.couch.script.append(Reply(401, {"error": "unauthorized", "reason": "You are not a server admin."}))

    status = site.follow()

    assert status == 1
    (line,) = errors_in(caplog)
    assert line.startswith("stopped: CouchDB: 401 You are not a server admin.; check COUCHDB_USER")


def test_a_redirect_is_not_followed_for_it_could_carry_the_password_elsewhere(site: Site) -> None:
    site.environ |= {"COUCHDB_USER": "admin", "COUCHDB_PASSWORD": "secret"}
    site.couch.script.append(Reply(302, {}, {"Location": f"{site.kazoo.address}/_all_dbs"}))

    status = site.follow("--once")

    assert status == 1
    assert site.kazoo.requests == []


# ---------------------------------------------------------------- sending


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


def test_a_batch_that_is_too_large_is_halved_until_it_fits(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(number) for number in range(100)]
    site.ingest.largest_body = 10_000

    status = site.follow("--once")

    assert status == 0
    assert site.ingest.delivered == ids(range(100))


def test_a_single_document_that_is_too_large_is_logged_and_the_others_arrive(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1), stored(2, resp_body="x" * 20_000), stored(3)]
    site.ingest.largest_body = 10_000

    status = site.follow("--once")

    assert status == 0
    assert site.ingest.delivered == [*ids(range(1, 2)), *ids(range(3, 4))]
    assert [name_of(line["doc"]) for line in site.rejected] == ids(range(2, 3))


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, 1),
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "Tue, 12 Mar 2024 21:25:40 GMT", "Date": "Tue, 12 Mar 2024 21:24:40 GMT"}, 60),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "9999999"}, 3_600),
    ],
)
def test_after_429_it_waits_as_long_as_it_is_told(site: Site, headers: dict[str, str], pause: float) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.ingest.script.append(Reply(429, {"message": "too_many_requests"}, headers))

    status = site.follow("--once")

    assert status == 0
    assert site.time.pauses == [pause]
    assert site.ingest.delivered == ids(range(1, 2))


def test_faults_of_the_service_are_sat_out_with_growing_pauses(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.ingest.script.extend(Reply(status, {}) for status in (500, 502, 503, 504))

    status = site.follow("--once")

    assert status == 0
    assert site.time.pauses == [1, 2, 4, 8]
    assert site.ingest.delivered == ids(range(1, 2))


def test_a_service_that_stays_broken_fails_a_single_run_and_the_next_run_delivers(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.ingest.script.extend(Reply(503, {}) for _ in range(6))

    first, second = site.follow("--once"), site.follow("--once")

    assert (first, second) == (1, 0)
    assert site.ingest.delivered == ids(range(1, 2))


def test_a_service_out_of_reach_does_not_end_the_follower(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    with Ingest() as gone:
        site.environ["API_ROOT"] = f"{gone.address}/v2"
    site.time.between.append(lambda: None)

    status = site.follow()

    assert status == 130
    assert len(errors_in(caplog)) == 2
    assert "Connection refused, 6 times" in errors_in(caplog)[0]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "the token is unknown, expired or revoked"),
        (
            403,
            f"the token may not write here: pivot-debug token create {ACCOUNT} --scopes debug:write makes one that may",
        ),
        (409, f"recording is off: pivot-debug account set {ACCOUNT} --recording on switches it on"),
    ],
)
def test_a_refusal_ends_the_feed_of_the_only_account_with_one_line(
    site: Site, caplog: pytest.LogCaptureFixture, status: int, reason: str
) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.ingest.refused[ACCOUNT] = status

    exit_status = site.follow()

    assert exit_status == 1
    assert errors_in(caplog) == [f"stopped: account {ACCOUNT}: {status}, {reason}"]
    assert len(site.ingest.requests) == 1


def test_a_bad_token_of_all_accounts_ends_it_at_once(site: Site) -> None:
    site.couch.databases |= {database("202403"): [stored(1)], database("202403", OTHER): [stored(2)]}
    site.ingest.refused = {ACCOUNT: 401, OTHER: 401}

    status = site.follow()

    assert status == 1
    assert len(site.ingest.requests) == 1


def test_what_was_refused_is_sent_once_recording_is_on_again(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.ingest.refused[ACCOUNT] = 409
    site.follow("--once")
    site.ingest.refused.clear()

    site.follow("--once")

    assert site.ingest.delivered == ids(range(1, 2))


def test_a_refused_account_does_not_hold_up_the_others_and_is_tried_again_later(site: Site) -> None:
    def a_quarter_of_an_hour_later() -> None:
        site.time.now += 900
        site.ingest.refused.clear()

    site.couch.databases |= {database("202403"): [stored(1)], database("202403", OTHER): [stored(2)]}
    site.ingest.refused[ACCOUNT] = 409
    site.time.between.extend([lambda: None, a_quarter_of_an_hour_later])

    site.follow()

    assert site.ingest.delivered == [*ids(range(2, 3)), *ids(range(1, 2))]
    assert len(site.ingest.requests) == 3


def test_rejected_documents_are_logged_whole_with_the_reason(site: Site) -> None:
    nameless = {name: value for name, value in stored(2).items() if name != "call_id"}
    site.couch.databases[database("202403")] = [stored(1), nameless, stored(3)]

    status = site.follow("--once")

    assert status == 0
    assert site.ingest.delivered == [*ids(range(1, 2)), *ids(range(3, 4))]
    (line,) = site.rejected
    assert (line["account_id"], line["doc"]) == (ACCOUNT, nameless)
    assert list(line["errors"]) == ["call_id"]
    assert (site.folder / "rejected").stat().st_mode & 0o777 == 0o600


def test_a_batch_in_which_nothing_is_acceptable_is_logged_and_left_behind(site: Site) -> None:
    site.couch.databases[database("202403")] = [stored(1, call_id=""), stored(2, call_id="")]
    site.follow("--once")
    site.couch.databases[database("202403")].append(stored(3))

    status = site.follow("--once")

    assert status == 0
    assert [name_of(line["doc"]) for line in site.rejected] == ids(range(1, 3))
    assert site.ingest.delivered == ids(range(3, 4))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "<html>welcome</html>"),
        Reply(301, {}, {"Location": "https://elsewhere.example/"}),
        Reply(400, {"data": {"json": {"invalid": {"message": "no"}}}, "message": "validation error"}),
        Reply(404, {"message": "not_found"}),
    ],
)
def test_an_answer_that_is_not_the_ingest_apis_ends_it_and_loses_nothing(
    site: Site, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    site.couch.databases[database("202403")] = [stored(1)]
    site.ingest.script.append(reply)

    first, second = site.follow("--once"), site.follow("--once")

    assert (first, second) == (1, 0)
    assert "is API_ROOT right?" in errors_in(caplog)[0]
    assert site.ingest.delivered == ids(range(1, 2))


# ---------------------------------------------------------------- start and end


def test_ctrl_c_ends_it_with_its_state_saved(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.couch.databases[database("202403")] = [stored(1)]

    status = site.follow()

    assert status == 130
    assert errors_in(caplog) == []
    assert json.loads((site.folder / "state").read_text())["positions"] == {database("202403"): "1-opaque+/"}


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("API_ROOT", "", "API_ROOT is not set"),
        ("AUTH_TOKEN", "", "neither AUTH_TOKEN nor AUTH_TOKENS_FILE is set"),
        ("AUTH_TOKEN", "two words", "AUTH_TOKEN is not a token: it holds a blank"),
        ("COUCHDB_URL", "http://admin:secret@couch:5984", "COUCHDB_URL is not an address such as"),
        ("COUCHDB_URL", "file:///etc/passwd", "COUCHDB_URL is not an address such as"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    site: Site, caplog: pytest.LogCaptureFixture, name: str, value: str, complaint: str
) -> None:
    site.environ[name] = value

    status = site.follow("--once")

    assert status == 1
    assert errors_in(caplog)[0].startswith(f"stopped: {complaint}")
    assert "secret" not in caplog.text


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"short": "token"}', json.dumps({ACCOUNT: "two words"})])
def test_a_file_of_tokens_that_makes_no_sense_ends_it(site: Site, content: str) -> None:
    (site.folder / "tokens").write_text(content)
    site.environ["AUTH_TOKENS_FILE"] = str(site.folder / "tokens")

    status = site.follow("--once")

    assert status == 1
    assert site.couch.requests == []


def test_something_that_is_no_account_id_ends_it(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    status = site.follow("--once", "--account", "sip.example.com")

    assert status == 1
    assert errors_in(caplog)[0].startswith("stopped: --account sip.example.com: not an account id")


@pytest.mark.parametrize("content", ["", "[]", '{"belongs_to": {"feed": "couchdb_changes", "from": "a", "to": "b"}}'])
def test_a_state_file_of_something_else_is_refused_and_left_as_it_is(site: Site, content: str) -> None:
    (site.folder / "state").write_text(content)
    site.couch.databases[database("202403")] = [stored(1)]

    status = site.follow("--once")

    assert status == 1
    assert site.ingest.requests == []
    assert (site.folder / "state").read_text() == content


@pytest.mark.parametrize("main", [couchdb_changes.main, crossbar_poll.main])
def test_help_is_there(main: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])

    assert end.value.code == 0
    assert "--once" in capsys.readouterr().out


# ---------------------------------------------------------------- polling KAZOO


def test_every_record_is_sent_once_though_kazoos_pages_repeat_and_have_no_order(site: Site) -> None:
    site.kazoo.records = [
        served(call * 3 + number, call_id=f"{call * 7919 % 1000:03}@10.26.0.158", created=GREGORIAN_NOW - 600 + number)
        for call in range(300)
        for number in range(3)
    ]

    status = site.poll("--once")

    assert status == 0
    assert sorted(site.ingest.delivered) == ids(range(900))
    assert len([request for request in site.kazoo.requests if "start_key" in request.query]) > 1


def test_records_are_sent_as_kazoo_serves_them(site: Site) -> None:
    site.kazoo.records = [served(1)]

    site.poll("--once")

    assert site.ingest.deliveries == [(ACCOUNT, [served(1)])]


def test_a_cursor_that_stands_still_is_passed_with_larger_pages(site: Site) -> None:
    site.kazoo.records = [served(number, call_id="a@host") for number in range(900)] + [served(900, call_id="b@host")]

    status = site.poll("--once")

    assert status == 0
    assert sorted(site.ingest.delivered) == ids(range(901))


def test_a_cursor_that_never_moves_does_not_keep_it_for_ever(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    stuck = Reply(200, {"data": [], "start_key": "same", "next_start_key": "same"})
    site.kazoo.script.extend([stuck] * 6)

    status = site.poll("--once")

    assert status == 0
    assert "KAZOO repeats a page" in caplog.text
    assert len(site.kazoo.requests) == 6


def test_an_empty_list_is_no_trouble(site: Site) -> None:
    status = site.poll("--once")

    assert status == 0
    assert site.ingest.requests == []


def test_call_ids_are_percent_encoded_once(site: Site) -> None:
    site.kazoo.records = [served(1, call_id=AWKWARD_ID)]

    site.poll("--once")

    assert site.kazoo.requests[-1].path.endswith("/pivot/debug/202403-a%2Fb%252F%2Bc%3Fd%3Ae%4010.26.0.158")
    assert site.ingest.delivered == ids(range(1, 2))


def test_a_call_that_goes_on_is_read_again_and_only_its_news_are_sent(site: Site) -> None:
    def the_call_goes_on() -> None:
        site.kazoo.records.append(served(2, created=GREGORIAN_NOW + INTERVAL))

    site.kazoo.records = [served(1)]
    site.time.between.extend([the_call_goes_on, *[lambda: None] * 20])

    site.poll()

    assert site.ingest.delivered == ids(range(1, 3))


def test_a_call_is_read_at_gaps_that_double_until_it_has_been_quiet_for_long(site: Site) -> None:
    read_at: list[float] = []

    def a_minute_passes() -> None:
        if site.kazoo.requests[-1].path != f"/v2/accounts/{ACCOUNT}/pivot/debug":
            read_at.append(site.time.now - INTERVAL - NOW)
        site.time.now += 60 - INTERVAL

    site.kazoo.records = [served(1, created=GREGORIAN_NOW)]
    site.time.between.extend([a_minute_passes] * 240)

    site.poll("--quiet", "1")

    assert read_at == [60 * minutes for minutes in (0, 1, 2, 4, 8, 16, 32, 64)]
    assert site.ingest.delivered == ids(range(1, 2))


def test_a_crash_between_sending_and_saving_loses_no_record_of_a_long_call(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_over = GREGORIAN_NOW - 20 * 3_600
    site.kazoo.records = [served(number, created=long_over + number) for number in range(250)]
    with monkeypatch.context() as patch:
        cut_power_before_saving(patch, site, deliveries=2)
        with pytest.raises(PowerCutError):
            site.poll("--once")

    site.poll("--once")

    sent = Counter(site.ingest.delivered)
    assert sorted(sent) == ids(range(250))
    assert len([name for name, times in sent.items() if times > 1]) == 100


def test_calls_that_began_while_the_poller_was_off_are_read(site: Site) -> None:
    site.poll("--once")
    site.time.now += 5 * 86_400
    site.kazoo.records = [served(1, created=GREGORIAN_NOW + 3_600)]

    site.poll("--once")

    assert site.ingest.delivered == ids(range(1, 2))


def test_at_first_only_calls_of_the_lookback_are_read_and_across_the_months(site: Site) -> None:
    days_ago = {number: GREGORIAN_NOW - number * 86_400 for number in (5, 15, 40)}
    site.kazoo.records = [served(n, call_id=f"{n}@host", created=created) for n, created in days_ago.items()]

    site.poll("--once", "--lookback", "480")

    assert sorted(site.ingest.delivered) == [*ids(range(5, 6)), *ids(range(15, 16))]


def test_the_state_stays_small_and_calls_dropped_from_it_are_not_sent_again(site: Site) -> None:
    site.kazoo.records = [served(n, call_id=f"{n}@host", created=GREGORIAN_NOW - 900 + n) for n in range(50)]
    site.time.between.extend([lambda: None] * 5)

    site.poll("--remember", "10")

    assert sorted(site.ingest.delivered) == ids(range(50))
    account = json.loads((site.folder / "state").read_text())["accounts"][ACCOUNT]
    assert len(account["calls"]) == 10


def test_the_records_of_calls_that_are_done_with_leave_the_state(site: Site) -> None:
    site.kazoo.records = [served(1, created=GREGORIAN_NOW - 5 * 3_600)]

    site.poll("--once")

    (call,) = json.loads((site.folder / "state").read_text())["accounts"][ACCOUNT]["calls"].values()
    assert call["ids"] == []


def test_one_call_that_kazoo_cannot_show_does_not_hold_up_the_others(site: Site) -> None:
    site.kazoo.records = [served(1, call_id="a@host"), served(2, call_id="b@host")]
    site.kazoo.unreadable = {"202403-a@host"}
    first = site.poll("--once")
    site.kazoo.unreadable.clear()

    second = site.poll("--once")

    assert (first, second) == (1, 0)
    assert site.ingest.delivered == [*ids(range(2, 3)), *ids(range(1, 2))]


def test_a_token_that_kazoo_no_longer_takes_ends_it_with_one_line(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.environ["KAZOO_AUTH_TOKEN"] = "expired"

    status = site.poll()

    assert status == 1
    (line,) = errors_in(caplog)
    assert line.startswith("stopped: KAZOO does not take the token: 401 invalid_credentials; a token of KAZOO lives")


@pytest.mark.parametrize("token", ["", "expired"])
def test_an_api_key_gets_a_token_where_there_is_none_or_it_has_expired(site: Site, token: str) -> None:
    site.environ |= {"KAZOO_AUTH_TOKEN": token, "KAZOO_API_KEY": site.kazoo.api_key}
    site.kazoo.records = [served(1)]

    status = site.poll("--once")

    assert status == 0
    assert site.ingest.delivered == ids(range(1, 2))


def test_a_refused_api_key_is_not_shown(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.environ |= {"KAZOO_AUTH_TOKEN": "", "KAZOO_API_KEY": "wrong-key"}

    status = site.poll("--once")

    assert status == 1
    assert errors_in(caplog) == ["stopped: KAZOO does not take KAZOO_API_KEY: 404 bad identifier"]
    assert "wrong-key" not in caplog.text


def test_an_account_that_kazoo_forbids_ends_it_with_one_line(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.kazoo.script.append(problem(403, "forbidden"))

    status = site.poll()

    assert status == 1
    assert errors_in(caplog) == [f"stopped: account {ACCOUNT}: KAZOO answers 403 forbidden"]
