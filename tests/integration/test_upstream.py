"""The way out against real sockets: every way in which a server can fail has its code, its sentence and its end."""

import errno
import gzip
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.dictionary import ERROR_CODES
from pivot_debug.upstream import connection
from pivot_debug.upstream.addresses import Address
from pivot_debug.upstream.answer_body import read_body
from pivot_debug.upstream.answer_head import MAX_HEADERS, MAX_SIZE, read_head
from pivot_debug.upstream.connection import tls_context
from pivot_debug.upstream.deadline import Deadline
from pivot_debug.upstream.exchange import MAX_BODY, TransportError, UpstreamAnswer, UpstreamRequest, fetch
from pivot_debug.upstream.faults import ExchangeFault
from pivot_debug.upstream.guard import Guard
from pivot_debug.upstream.incoming import MAX_LINE, Incoming
from pivot_debug.upstream.progress import Progress
from tests.integration.certificates import Authority
from tests.integration.servers import (
    Script,
    Server,
    answer,
    answers,
    by_path,
    drips,
    late,
    redirect,
    refuses,
    repeats,
    resets,
    serving,
    stalls,
)

pytestmark = pytest.mark.enable_socket

LOOPBACK = Guard.parse("80", "127.0.0.1/32,127.0.0.2/32")
HOST = "pivot.example"
SHORT_MS = 300
AMPLE_MS = 10_000
BOUNDED_S = 5
"""Far more than any budget here: what ends before was bounded."""

OK = answer(b"<Response/>", "Content-Type: text/xml")


def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def sent(
    url: str, *, method: str = "GET", budget_ms: int = AMPLE_MS, body: bytes = b"", **headers: str
) -> UpstreamAnswer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = UpstreamRequest(method=method, url=url, headers=pairs, body=body)
    return fetch(request, budget_ms=budget_ms, guard=LOOPBACK, resolve=here)


def failed(url: str, *, budget_ms: int = AMPLE_MS, method: str = "GET") -> TransportError:
    """How fetching *url* fails: in bounded time, with a code of the dictionary and a sentence that names the host."""
    began = time.monotonic()
    with pytest.raises(TransportError) as raised:
        sent(url, budget_ms=budget_ms, method=method)
    error = raised.value
    assert time.monotonic() - began < BOUNDED_S
    assert error.code in ERROR_CODES
    assert error.message.endswith(".")
    assert error.code == "blocked_target" or "127.0.0.1" in error.message or HOST in error.message
    return error


def outcome(script: Script, *, budget_ms: int = AMPLE_MS, method: str = "GET") -> TransportError:
    with serving(script) as server:
        return failed(server.url, budget_ms=budget_ms, method=method)


def answered(script: Script, method: str = "GET") -> UpstreamAnswer:
    with serving(script) as server:
        return sent(server.url, method=method)


# ---------------------------------------------------------------- the request


def test_a_get_is_sent_with_the_callers_headers_and_host_alone() -> None:
    with serving(answers(OK)) as server:
        sent(f"{server.url}/a[1]?x[]=1&&y=a+b#part", te="", Connection="keep-alive", ACCEPT_encoding="identity")

    assert server.requests == [
        b"GET /a[1]?x[]=1&&y=a+b HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\nte: \r\nConnection: keep-alive\r\nACCEPT-encoding: identity\r\n\r\n" % server.port
    ]


@pytest.mark.parametrize("body", [b"", b"Digits=1&\xff\x00"])
def test_a_post_is_sent_with_its_body_and_the_length_of_it(body: bytes) -> None:
    with serving(answers(OK)) as server:
        sent(server.url, method="POST", body=body, content_type="application/json")

    assert server.requests == [
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\ncontent-type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (server.port, len(body), body)
    ]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET / HTTP/1.1\r\nX:", ()),
        ("GET", (("X-A", "1\r\nX-B: 2"),)),
        ("GET", (("X-A: 1\r\nX-B", "2"),)),
        ("GET", (("X-A", "1\x002"),)),
        ("GET", (("Content-Length", "5"),)),
        ("GET", (("HOST", "other.example"),)),
    ],
)
def test_a_request_that_would_break_out_of_its_lines_cannot_be_made(
    method: str, headers: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(ValueError, match=r"\bHTTP\b|made from"):
        UpstreamRequest(method=method, url="http://h.example/", headers=headers)


def test_proxies_in_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with refuses() as proxy, serving(answers(OK)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        assert sent(server.url).status == 200


# ---------------------------------------------------------------- the answer


def test_an_answer_comes_with_all_that_was_seen() -> None:
    with serving(answers(OK)) as server:
        answer_ = sent(f"http://{HOST}:{server.port}/voice")

    timings = answer_.timings
    assert (answer_.url, answer_.address) == (f"http://{HOST}:{server.port}/voice", "127.0.0.1")
    assert (answer_.status, answer_.body, answer_.hops) == (200, b"<Response/>", ())
    assert None not in (timings.dns_ms, timings.connect_ms, timings.first_byte_ms)
    assert timings.tls_ms is None
    assert 0 < timings.total_ms <= answer_.total_ms


def test_headers_keep_their_case_order_and_repeats() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nX-b:  two \r\ncontent-TYPE:text/xml\r\nX-b: one\r\nSet-Cookie: a=b\r\nx-B:\r\n"
        b"Folded: one\r\n\ttwo\r\nL\xe4tin: \xfc\r\nContent-Length: 0\r\n\r\n"
    )

    assert answered(answers(head)).headers == (
        ("X-b", "two"),
        ("content-TYPE", "text/xml"),
        ("X-b", "one"),
        ("Set-Cookie", "a=b"),
        ("x-B", ""),
        ("Folded", "one two"),
        ("Lätin", "ü"),
        ("Content-Length", "0"),
    )


def test_a_line_that_is_no_header_is_no_http() -> None:
    with serving(answers(b"HTTP/1.1 200 OK\r\nno header at all\r\nContent-Length: 0\r\n\r\n")) as server:
        error = failed(server.url)

    assert (error.code, error.message) == (
        "not_http",
        "127.0.0.1 does not answer in HTTP: one of its headers is 'no header at all'.",
    )


def test_what_must_not_stand_in_a_header_becomes_a_space() -> None:
    assert answered(answers(b"HTTP/1.1 200 OK\r\nX: a\rb\x00c\r\nContent-Length: 0\r\n\r\n")).headers[0] == (
        "X",
        "a b c",
    )


@pytest.mark.parametrize("interim", ["100 Continue", "103 Early Hints"])
def test_an_interim_answer_is_skipped(interim: str) -> None:
    answer_ = answered(answers(f"HTTP/1.1 {interim}\r\nLink: </a.css>\r\n\r\n".encode() * 2 + OK))

    assert (answer_.status, answer_.body) == (200, b"<Response/>")
    assert answer_.headers[0] == ("Content-Type", "text/xml")


@pytest.mark.parametrize(
    "head",
    [
        *(b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n", b"HTTP/1.1 200\r\n\r\n"),
        *(b"HTTP/1.1 200 \n\n", b"HTTP/1.1 200 OK\nContent-Length: 11\n\n", b"HTTP/2 200\r\n\r\n"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\ncontent-length: 11, 11\r\n\r\n",
    ],
)
def test_old_and_careless_servers_are_understood(head: bytes) -> None:
    assert answered(answers(head + b"<Response/>")).body == b"<Response/>"


@pytest.mark.parametrize(
    "chunks",
    [
        b"4\r\n<Res\r\n7\r\nponse/>\r\n0\r\n\r\n",
        b"0b ;name=value\r\n<Response/>\r\n000\r\nTrailer: 1\r\n\r\n",
        b"B\n<Response/>\n0\n\n",
    ],
)
@pytest.mark.parametrize("headers", ["chunked", "gzip, Chunked", "gzip\r\ntransfer-encoding: chunked"])
def test_a_body_is_taken_out_of_its_chunks(chunks: bytes, headers: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {headers}\r\nContent-Length: 3\r\n\r\n"

    assert answered(answers(head.encode() + chunks)).body == b"<Response/>"


@pytest.mark.parametrize(
    ("status", "method"), [("204 No Content", "GET"), ("304 Not Modified", "GET"), ("200 OK", "HEAD")]
)
def test_where_http_has_no_body_none_is_waited_for(status: str, method: str) -> None:
    script = stalls(f"HTTP/1.1 {status}\r\nContent-Length: 100\r\n\r\n".encode())

    assert answered(script, method).body == b""


def test_a_compressed_body_is_left_as_it_is_however_large_it_would_be() -> None:
    bomb = gzip.compress(bytes(50 * MAX_BODY), 1)

    assert answered(answers(answer(bomb, "Content-Encoding: gzip"))).body == bomb


def test_the_largest_body_passes() -> None:
    assert len(answered(answers(answer(bytes(MAX_BODY)))).body) == MAX_BODY


def test_an_error_status_is_an_answer() -> None:
    assert answered(answers(answer(b"sorry", status="503 Service Unavailable"))).status == 503


def test_a_server_that_takes_its_time_is_waited_for() -> None:
    def script(sock: socket.socket, _request: bytes) -> None:
        for byte in OK:
            sock.sendall(bytes([byte]))

    assert answered(script).body == b"<Response/>"


# ---------------------------------------------------------------- no connection


def test_a_port_where_nothing_listens_is_refused() -> None:
    with refuses() as server:
        error = failed(server.url)

    assert (error.code, error.phase) == ("connection_refused", "connect")
    assert str(server.port) in error.message


def test_the_next_address_is_tried_where_one_cannot_be_reached() -> None:
    with serving(answers(OK)) as server:
        request = UpstreamRequest(method="GET", url=f"http://{HOST}:{server.port}/")
        both = lambda _host, _port: ["127.0.0.2", "127.0.0.1", "127.0.0.1"]  # noqa: E731
        answer_ = fetch(request, budget_ms=AMPLE_MS, guard=LOOPBACK, resolve=both)

    assert answer_.address == "127.0.0.1"
    assert len(server.requests) == 1


def test_an_address_that_swallows_packets_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    patience: list[float] = []
    really = connection._connected

    def swallowed(address: Address, port: int, patience_s: float) -> socket.socket:
        patience.append(patience_s)
        if len(patience) == 1:
            raise TimeoutError
        return really(address, port, patience_s)

    monkeypatch.setattr(connection, "_connected", swallowed)
    with serving(answers(OK)) as server:
        request = UpstreamRequest(method="GET", url=f"http://{HOST}:{server.port}/")
        both = lambda _host, _port: ["127.0.0.2", "127.0.0.1"]  # noqa: E731
        answer_ = fetch(request, budget_ms=AMPLE_MS, guard=LOOPBACK, resolve=both)

    assert answer_.address == "127.0.0.1"
    assert patience[0] <= AMPLE_MS / 1000 / 2 < patience[1]


def test_a_host_without_a_route_to_it_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> socket.socket:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(connection, "_connected", unreachable)
    error = failed("http://127.0.0.1/")

    assert (error.code, error.phase) == ("connection_refused", "connect")
    assert "No route to host" in error.message


def test_ipv4_is_tried_first() -> None:
    guard = Guard.parse("80", "127.0.0.1/32,::1/128")
    with serving(answers(OK)) as server:
        request = UpstreamRequest(method="GET", url=f"http://{HOST}:{server.port}/")
        answer_ = fetch(request, budget_ms=AMPLE_MS, guard=guard, resolve=lambda *_: ["::1", "127.0.0.1"])

    assert answer_.address == "127.0.0.1"


def test_a_name_is_looked_up_once_and_the_checked_address_is_called() -> None:
    calls: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        calls.append(host)
        return ["127.0.0.1"] if len(calls) == 1 else ["127.0.0.2"]

    with serving(answers(OK)) as server:
        request = UpstreamRequest(method="GET", url=f"http://{HOST}:{server.port}/")
        answer_ = fetch(request, budget_ms=AMPLE_MS, guard=Guard.parse("80", "127.0.0.1/32"), resolve=rebinding)

    assert calls == [HOST]
    assert answer_.address == "127.0.0.1"


def test_a_connection_that_leads_elsewhere_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pivot_debug.upstream.connection.peer_of", lambda _: "127.0.0.9")

    with serving(answers(OK)) as server:
        assert failed(server.url).code == "blocked_target"

    assert server.requests in ([], [b""])


def test_the_system_is_asked_where_no_resolver_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)

    with serving(answers(OK)) as server:
        request = UpstreamRequest(method="GET", url=f"http://{HOST}:{server.port}/")

        assert fetch(request, budget_ms=AMPLE_MS, guard=LOOPBACK).address == "127.0.0.1"


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    over = threading.Event()

    def hangs(_host: str, _port: int) -> Sequence[str]:
        over.wait(BOUNDED_S)
        return ["127.0.0.1"]

    request = UpstreamRequest(method="GET", url=f"http://{HOST}/")
    with pytest.raises(TransportError) as raised:
        fetch(request, budget_ms=SHORT_MS, guard=LOOPBACK, resolve=hangs)
    over.set()

    assert (raised.value.code, raised.value.phase) == ("timeout", "dns")
    assert "resolving" in raised.value.message
    assert raised.value.total_ms < BOUNDED_S * 1000


# ---------------------------------------------------------------- broken off


@pytest.mark.parametrize(
    ("script", "phase"),
    [
        (answers(b""), "headers"),
        (answers(b"HT"), "headers"),
        (answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"), "headers"),
        (answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Response/>"), "body"),
        (answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<Response/>"), "body"),
        (answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n<Response/>\r\n"), "body"),
        (answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"), "body"),
        (resets(), "headers"),
        (resets(b"HTTP/1.1 200 OK\r\n"), "headers"),
        (resets(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Response/>"), "body"),
    ],
)
def test_a_server_that_breaks_off_has_its_code(script: Script, phase: str) -> None:
    error = outcome(script)

    assert (error.code, error.phase) == ("connection_reset", phase)


def test_how_much_of_the_body_came_before_the_end_is_told() -> None:
    error = outcome(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Response/>"))

    assert "after 11 bytes of the body" in error.message


# ---------------------------------------------------------------- out of time


@pytest.mark.parametrize(
    ("script", "phase", "told"),
    [
        (stalls(), "headers", "waiting for the answer"),
        (stalls(b"HTTP/1.1 200 OK\r\nContent-Le"), "headers", "waiting for the answer"),
        (stalls(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Response/>"), "body", "11 bytes of the body"),
        (stalls(b"HTTP/1.1 200 OK\r\n\r\n<Response/>"), "body", "11 bytes of the body"),
        (drips(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 9), "headers", "waiting for the answer"),
        (drips(b"HTTP/1.1 100 Continue\r\n\r\n"), "headers", "waiting for the answer"),
        (repeats(b"HTTP/1.1 100 Continue\r\n\r\n"), "headers", "waiting for the answer"),
        (drips(b" ", first=b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"), "body", "bytes of the body had come"),
        (drips(b"1\r\nx\r\n", first=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), "body", "had come"),
    ],
)
def test_a_server_that_is_too_slow_has_its_code_and_how_far_it_came(script: Script, phase: str, told: str) -> None:
    error = outcome(script, budget_ms=SHORT_MS)

    assert (error.code, error.phase) == ("timeout", phase)
    assert told in error.message
    assert f"within {SHORT_MS} ms" in error.message


def test_a_server_that_takes_no_more_of_the_request_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        request = UpstreamRequest(
            method="POST", url=f"http://127.0.0.1:{listener.getsockname()[1]}/", body=bytes(30_000_000)
        )
        with pytest.raises(TransportError) as raised:
            fetch(request, budget_ms=SHORT_MS, guard=LOOPBACK)

    assert (raised.value.code, raised.value.phase) == ("timeout", "request")


def test_redirects_share_one_budget() -> None:
    error = outcome(late(answers(redirect("/")), after_ms=150), budget_ms=400)

    assert error.code == "timeout"


# ---------------------------------------------------------------- too much


@pytest.mark.parametrize(
    "script",
    [
        stalls(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"),
        repeats(bytes(65_536), first=b"HTTP/1.1 200 OK\r\n\r\n"),
        repeats(b"FFFF\r\n" + bytes(65_535) + b"\r\n", first=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        repeats(bytes(65_536), first=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n"),
        answers(answer(bytes(MAX_BODY + 1))),
    ],
)
def test_a_body_that_is_too_large_is_not_read_to_its_end(script: Script) -> None:
    error = outcome(script)

    assert (error.code, error.phase) == ("body_too_large", "body")


# ---------------------------------------------------------------- not HTTP

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        *(b"SSH-2.0-OpenSSH_9.6\r\n", b"220 mail.example ESMTP\r\n", b"J\x00\x00\x00\x0a8.0.36\x00", b"\x00"),
        *(
            b"<html>HTTP/0.9</html>",
            b"ok",
            b"\r\nHTTP/1.1 200 OK\r\n\r\n",
            b"http/1.1 200 OK\r\n\r\n",
            b"ICY 200 OK\r\n\r\n",
        ),
        *(b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/1.1 2000 OK\r\n\r\n"),
        *(b"HTTP/1.1 099 OK\r\n\r\n", b"HTTP/one 200 OK\r\n\r\n", b"HTTP/1.1 " + b"2" * 2 * MAX_LINE),
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * (MAX_LINE + 1) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"x" * (MAX_SIZE // 2) + b"\r\n") * 2 + b"\r\n",
        *(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        *(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",),
        *(
            CHUNKED + b"\r\n",
            CHUNKED + b"ten\r\n",
            CHUNKED + b"-1\r\n",
            CHUNKED + b"0x1\r\n",
            CHUNKED + b"f" * 17 + b"\n",
        ),
        *(CHUNKED + b"1\r\nab\r\n0\r\n\r\n", CHUNKED + b"1\r\na0\r\n\r\n", CHUNKED + b"<Response/>\r\n"),
    ],
)
def test_what_is_not_http_has_its_code(data: bytes) -> None:
    error = outcome(answers(data))

    assert error.code == "not_http"
    assert error.message.isprintable()
    assert error.message.isascii()


def test_a_server_of_another_kind_that_waits_for_its_turn_is_told_at_once() -> None:
    assert outcome(stalls(b"J\x00\x00\x00")).code == "not_http"


def read(data: bytes) -> bytes:
    """The body of an answer that came as *data*."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        progress = Progress(Deadline(AMPLE_MS))
        incoming = Incoming(ours, progress.deadline)
        return read_body("GET", read_head(incoming), incoming, progress)


@given(st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX:", CHUNKED]))
def test_whatever_a_server_sends_is_an_answer_or_a_fault(data: bytes, start: bytes) -> None:
    with suppress(ExchangeFault):  # any other error fails
        read(start + data)


@given(st.lists(st.binary(min_size=1, max_size=50)))
def test_a_body_comes_out_of_whatever_chunks_as_it_went_in(pieces: list[bytes]) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)

    assert read(CHUNKED + chunks + b"0\r\n\r\n") == b"".join(pieces)


# ---------------------------------------------------------------- redirects


def moved(server: Server, request: str) -> tuple[str, bytes]:
    """Request line and body of a request that came to *server* once more."""
    found = next(one for one in server.requests if request.encode() in one)
    head, _, body = found.partition(b"\r\n\r\n")
    return head.decode(), body


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_of_a_get_is_followed(status: int) -> None:
    script = by_path({"/old?a=1": answers(redirect("/new?b=2", f"{status} Moved")), "/new?b=2": answers(OK)})
    with serving(script) as server:
        answer_ = sent(f"{server.url}/old?a=1", te="")

    (hop,) = answer_.hops
    assert (answer_.url, answer_.status) == (f"{server.url}/new?b=2", 200)
    assert (hop.url, hop.status, hop.location) == (f"{server.url}/old?a=1", status, f"{server.url}/new?b=2")
    assert hop.headers[0] == ("Location", "/new?b=2")
    assert hop.timings.first_byte_ms is not None
    assert answer_.total_ms >= answer_.timings.total_ms
    assert server.requests[1] == server.requests[0].replace(b"/old?a=1", b"/new?b=2")


@pytest.mark.parametrize(
    ("status", "method"), [(300, "POST"), (301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_redirect_of_a_post_keeps_or_drops_the_body_with_its_type(status: int, method: str) -> None:
    script = by_path({"/old": answers(redirect("/new", f"{status} Moved")), "/new": answers(OK)})
    with serving(script) as server:
        sent(f"{server.url}/old", method="POST", body=b"Digits=1", te="", Content_Type="text/plain")

    head, body = moved(server, "/new")
    is_post = method == "POST"
    assert head.startswith(f"{method} /new HTTP/1.1\r\n")
    assert "\r\nte: " in head
    assert body == (b"Digits=1" if is_post else b"")
    assert ("Content-Type" in head, "Content-Length" in head) == (is_post, is_post)


@pytest.mark.parametrize("status", [302, 307])
def test_to_another_origin_no_header_goes_but_the_content_type(status: int) -> None:
    with serving(answers(OK)) as other:
        script = answers(answer(b"", f"Location: {other.url}/new", "Set-Cookie: a=b", status=f"{status} Moved"))
        with serving(script) as server:
            answer_ = sent(server.url, method="POST", body=b"{}", X_Secret="s", te="", Content_Type="application/json")

    (request,) = other.requests
    assert answer_.url == f"{other.url}/new"
    assert b"Secret" not in request
    assert b"te:" not in request
    assert b"ookie" not in request
    assert (b"Content-Type: application/json" in request) is (status == 307)


def test_the_body_of_a_redirect_is_not_waited_for() -> None:
    endless = b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 1000000000\r\n\r\n"

    assert answered(by_path({"/": stalls(endless), "/new": answers(OK)})).status == 200


@pytest.mark.parametrize(
    ("location", "path"),
    [
        *(("/root", "/root"), ("next.php?b=2", "/a/next.php?b=2"), ("../up", "/up"), ("?b=2", "/a/old?b=2")),
        ("/a[1]?x[]=1&&y=a+b#part", "/a[1]?x[]=1&&y=a+b"),
    ],
)
def test_a_relative_location_goes_by_the_address_that_sent_it(location: str, path: str) -> None:
    with serving(by_path({"/a/old?a=1": answers(redirect(location)), path: answers(OK)})) as server:
        answer_ = sent(f"{server.url}/a/old?a=1")

    assert server.requests[1].startswith(f"GET {path} ".encode())
    assert answer_.url.startswith(f"{server.url}{path}")


def test_a_location_without_a_scheme_keeps_that_of_the_request() -> None:
    with serving(answers(OK)) as other, serving(answers(redirect(other.url.removeprefix("http:")))) as server:
        assert sent(server.url).url == other.url


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1 302 Found\r\n", 302),
        (b"HTTP/1.1 302 Found\r\nLocation:\r\n", 302),
        (b"HTTP/1.1 304 Not Modified\r\nLocation: /new\r\n", 304),
        (b"HTTP/1.1 305 Use Proxy\r\nLocation: /new\r\n", 305),
        (b"HTTP/1.1 201 Created\r\nLocation: /new\r\n", 201),
    ],
)
def test_what_erlangs_client_does_not_follow_is_the_answer(head: bytes, status: int) -> None:
    answer_ = answered(answers(head + b"Content-Length: 0\r\n\r\n"))

    assert (answer_.status, answer_.hops) == (status, ())


def test_a_method_that_changes_something_is_not_sent_elsewhere() -> None:
    assert answered(answers(redirect("/new", "307 Moved")), "PUT").status == 307


def test_five_redirects_are_followed() -> None:
    steps = {f"/{number}": answers(redirect(f"/{number + 1}")) for number in range(5)}
    with serving(by_path(steps | {"/5": answers(OK)})) as server:
        answer_ = sent(f"{server.url}/0")

    assert [hop.url for hop in answer_.hops] == [f"{server.url}/{number}" for number in range(5)]


def test_a_loop_ends_after_the_fifth_redirect() -> None:
    with serving(answers(redirect("/round"))) as server:
        error = failed(f"{server.url}/round")

    assert (error.code, error.phase, error.url) == ("too_many_redirects", "redirect", f"{server.url}/round")
    assert len(server.requests) == len(error.hops) == 6


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.3:{port}/", "http://127.0.0.1:22@127.0.0.3/", "http://169.254.169.254/", "http://[::1]/"),
        *("file:///etc/passwd", "http:127.0.0.1", "http://", "//[", "http://h.example/ä", "/\\h.example"),
    ],
)
@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
def test_a_redirect_to_where_nobody_may_call_is_blocked(location: str, status: str) -> None:
    with serving(lambda sock, _: sock.sendall(redirect(location.format(port=1), status))) as server:
        error = failed(server.url, method="POST")

    (hop,) = error.hops
    assert (error.code, error.phase) == ("blocked_target", "guard")
    assert error.url == hop.location
    assert len(server.requests) == 1


def test_a_redirect_to_a_port_that_is_not_for_public_servers_is_blocked() -> None:
    error = outcome(answers(redirect("http://8.8.8.8:22/")))

    assert error.code == "blocked_target"
    assert "port 22" in error.message


def test_a_name_is_checked_again_at_every_hop() -> None:
    turns = iter((["127.0.0.1"], ["127.0.0.3"]))
    with serving(answers(redirect("/again"))) as server:
        request = UpstreamRequest(method="GET", url=f"http://{HOST}:{server.port}/")
        with pytest.raises(TransportError) as raised:
            fetch(request, budget_ms=AMPLE_MS, guard=LOOPBACK, resolve=lambda *_: next(turns))

    assert raised.value.code == "blocked_target"
    assert "127.0.0.3" in raised.value.message


# ---------------------------------------------------------------- TLS


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that the client trusts, because SSL_CERT_FILE names it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    tls_context.cache_clear()
    yield authority
    tls_context.cache_clear()


def https(server: Server, host: str = HOST) -> str:
    return f"https://{host}:{server.port}/voice"


def test_a_server_with_a_good_certificate_answers(trusted: Authority) -> None:
    with serving(answers(OK), tls=trusted.server(HOST)) as server:
        answer_ = sent(https(server))

    assert answer_.body == b"<Response/>"
    assert answer_.timings.tls_ms is not None
    assert server.requests[0].startswith(f"GET /voice HTTP/1.1\r\nHost: {HOST}:{server.port}\r\n".encode())


def test_the_host_name_is_told_to_the_server_during_the_handshake(trusted: Authority) -> None:
    names: list[str | None] = []
    context = trusted.server(HOST)
    context.sni_callback = lambda _sock, name, _context: names.append(name)

    with serving(answers(OK), tls=context) as server:
        sent(https(server, f"{HOST.upper()}."))

    assert names == [HOST]


def test_a_body_is_cut_short_by_tls_too(trusted: Authority) -> None:
    with serving(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Res"), tls=trusted.server(HOST)) as server:
        assert failed(https(server)).code == "connection_reset"


def test_a_server_that_stalls_behind_tls_is_a_timeout(trusted: Authority) -> None:
    with serving(stalls(), tls=trusted.server(HOST)) as server:
        error = failed(https(server), budget_ms=5 * SHORT_MS)

    assert (error.code, error.phase) == ("timeout", "headers")


def tls_failure(server: Server) -> str:
    error = failed(https(server))
    assert (error.code, error.phase) == ("tls_error", "tls")
    assert error.timings.connect_ms is not None
    return error.message


def test_a_certificate_that_nobody_vouches_for_is_a_tls_error(authority: Authority) -> None:
    with serving(answers(OK), tls=authority.server(HOST)) as server:
        assert "authority is not known" in tls_failure(server)
    assert server.requests == []


def test_a_self_signed_certificate_is_a_tls_error(authority: Authority) -> None:
    with serving(answers(OK), tls=authority.self_signed_server()) as server:
        assert "self-signed" in tls_failure(server)


def test_an_expired_certificate_is_a_tls_error(trusted: Authority) -> None:
    with serving(answers(OK), tls=trusted.server(HOST, is_expired=True)) as server:
        assert "expired" in tls_failure(server)


def test_a_certificate_of_another_host_is_a_tls_error(trusted: Authority) -> None:
    with serving(answers(OK), tls=trusted.server("other.example")) as server:
        assert "another host name" in tls_failure(server)


def test_a_certificate_without_the_address_is_a_tls_error(trusted: Authority) -> None:
    with serving(answers(OK), tls=trusted.server(HOST)) as server:
        error = failed(https(server, "127.0.0.1"))

    assert error.code == "tls_error"
    assert "IP address" in error.message


@pytest.mark.parametrize("status", ["400 Bad Request", "200 OK"])
def test_plain_http_where_the_url_says_https_is_a_tls_error(status: str) -> None:
    with serving(answers(answer(b"speak plainly", status=status))) as server:
        assert "plain HTTP" in tls_failure(server)


@pytest.mark.parametrize("script", [answers(b""), resets()])
def test_a_connection_that_ends_within_the_handshake_is_a_tls_error(script: Script) -> None:
    with serving(script) as server:
        assert "connection" in tls_failure(server)


def test_a_handshake_that_stalls_is_a_timeout() -> None:
    with serving(stalls()) as server:
        error = failed(https(server), budget_ms=SHORT_MS)

    assert (error.code, error.phase) == ("timeout", "tls")
    assert "TLS" in error.message


def test_tls_where_the_url_says_http_is_not_http(authority: Authority) -> None:
    with serving(answers(OK), tls=authority.server(HOST)) as server:
        error = failed(server.url)

    assert error.code in ("not_http", "connection_reset")


def test_a_tls_alert_says_what_is_wrong() -> None:
    error = outcome(answers(b"\x15\x03\x01\x00\x02\x02\x46"))

    assert error.code == "not_http"
    assert "TLS" in error.message


@contextmanager
def a_proxy_that_must_not_be_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with refuses() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        yield proxy


def test_no_proxy_is_asked_for_https_either(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_proxy_that_must_not_be_asked(monkeypatch), serving(answers(OK), tls=trusted.server(HOST)) as server:
        assert sent(https(server)).status == 200
