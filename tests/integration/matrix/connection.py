"""Servers that cannot be reached, break off, take too long, or send too much."""

from tests.integration.matrix.case import HANGUP, JSON, PRIVATE_HOST, Case, answered, silent
from tests.integration.servers import Script, answer, answers, drips, late, repeats, resets, stalls

LIMIT_MS = 300
"""KAZOO's, for servers that never end: half of it is theirs."""

OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PROMISED = OPEN + b"Content-Length: 100\r\n\r\n" + HANGUP
ENDLESS = OPEN + b"Content-Length: 999999\r\n\r\n"
CHUNKED = OPEN + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"13\r\n" + HANGUP + b"\r\n"


def slow(name: str, script: Script, told: str) -> Case:
    return silent(name, script, "timeout", told, limit_ms=LIMIT_MS)


UNREACHED = (
    silent("does not listen on this port", None, "connection_refused", "refuses connections on port"),
    silent(
        "has a host name that DNS does not know",
        None,
        "dns_failure",
        "nosuch.invalid was not found",
        url="http://nosuch.invalid:{port}/voice",
    ),
    silent(
        "has a host name that leads into a private network",
        None,
        "blocked_target",
        "leads to 10.0.0.1, which is not a public address",
        url=f"http://{PRIVATE_HOST}/voice",
    ),
)

BROKEN_OFF = (
    silent(
        "closes the connection without a word", answers(b""), "connection_reset", "closed the connection without an"
    ),
    silent("closes within the status line", answers(b"HTTP/1"), "connection_reset", "within the headers"),
    silent("closes within the headers", answers(OPEN), "connection_reset", "within the headers"),
    silent(
        "promises 100 bytes and closes after 19", answers(PROMISED), "connection_reset", "after 19 bytes of the body"
    ),
    silent("closes before the last chunk", answers(CHUNKED + CHUNK), "connection_reset", "after 19 bytes of the body"),
    silent(
        "closes after an interim 100",
        answers(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "connection_reset",
        "closed the connection",
    ),
    silent("resets the connection without a word", resets(), "connection_reset", "reset the connection without an"),
    silent("resets within the headers", resets(OPEN), "connection_reset", "reset the connection"),
    silent("resets within the body", resets(PROMISED), "connection_reset", "reset the connection"),
)

TOO_SLOW = (
    slow("takes the request and never answers", stalls(), "ran out while waiting for the answer"),
    slow("answers too late", late(answers(answer(HANGUP, JSON)), after_ms=5000), "while waiting for the answer"),
    slow("stalls within the status line", stalls(b"HTTP/1.1 2"), "while waiting for the answer"),
    slow("stalls after the status line", stalls(b"HTTP/1.1 200 OK\r\n"), "while waiting for the answer"),
    slow("stalls within the headers", stalls(OPEN + b"Content-Le"), "while waiting for the answer"),
    slow("stalls before the body", stalls(ENDLESS), "0 bytes of the body had come"),
    slow("stalls within the body", stalls(PROMISED), "19 bytes of the body had come"),
    slow("stalls before the last chunk", stalls(CHUNKED + CHUNK), "19 bytes of the body had come"),
    slow("tells no length and keeps the connection open", stalls(OPEN + b"\r\n" + HANGUP), "19 bytes of the body"),
    slow("sends an interim 100 and nothing after it", stalls(b"HTTP/1.1 100 Continue\r\n\r\n"), "waiting for the"),
    slow(
        "switches to another protocol (101)",
        stalls(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
        "waiting for the answer",
    ),
    slow("sends the headers a byte at a time", drips(b"X-Slow: 1\r\n", first=OPEN), "while waiting for the answer"),
    slow("sends the body a byte at a time", drips(b" ", first=ENDLESS), "bytes of the body had come"),
    slow("sends small chunks without end", drips(b"1\r\n \r\n", first=CHUNKED), "bytes of the body had come"),
    answered(
        "answers in time, but only just",
        HANGUP,
        JSON,
        code="slow_response",
        severity="warning",
        told="took 4200 ms of the 4500 ms allowed",
        took_ms=4200,
    ),
)

TOO_MUCH = (
    silent(
        "announces a body of a gigabyte",
        stalls(OPEN + b"Content-Length: 1000000000\r\n\r\n"),
        "body_too_large",
        "a body of 1,000,000,000 bytes",
    ),
    silent("sends a body of 5 MB", answers(answer(b" " * 5_000_000, JSON)), "body_too_large", "5,000,000 bytes"),
    silent(
        "sends large chunks without end",
        repeats(b"FFFF\r\n" + b" " * 65_535 + b"\r\n", first=CHUNKED),
        "body_too_large",
        "more than 4,000,000 bytes",
    ),
    silent(
        "tells no length and sends without end",
        repeats(b" " * 65_536, first=OPEN + b"\r\n"),
        "body_too_large",
        "more than 4,000,000 bytes",
    ),
)

CASES = (*UNREACHED, *BROKEN_OFF, *TOO_SLOW, *TOO_MUCH)
