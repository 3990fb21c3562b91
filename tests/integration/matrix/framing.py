"""Servers that speak something other than HTTP, or HTTP so badly that it cannot be read."""

from tests.integration.matrix.case import HANGUP, Case, silent
from tests.integration.matrix.connection import CHUNKED, OPEN
from tests.integration.servers import answers


def garbled(name: str, data: bytes, told: str) -> Case:
    return silent(name, answers(data), "not_http", told)


CASES = (
    garbled("is an SSH server", b"SSH-2.0-OpenSSH_9.6\r\n", "begins with 'SSH-2.0-OpenSSH_9.6"),
    garbled("is a mail server", b"220 mail.example ESMTP\r\n", "begins with '220 mail.example"),
    garbled("is a database", b"J\x00\x00\x00\x0a8.0.36\x00", "begins with 'J"),
    garbled("speaks HTTP/2 alone", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "does not answer in HTTP"),
    garbled("speaks HTTPS where the URL says http", b"\x15\x03\x01\x00\x02\x02\x46", "it speaks TLS"),
    garbled("sends the body without status line and headers", HANGUP, """begins with '{"module":"hangup"}'"""),
    garbled("sends a page without status line and headers", b"<html>Welcome</html>", "begins with '<html>"),
    garbled("begins with an empty line", b"\r\n" + OPEN + b"\r\n" + HANGUP, "does not answer in HTTP"),
    garbled("sends a status line without a status", b"HTTP/1.1 OK\r\n\r\n", "its status line is 'HTTP/1.1 OK'"),
    garbled("sends a header of 100 KB", OPEN + b"X: " + b"x" * 100_000 + b"\r\n\r\n", "a line has more than 65,536"),
    garbled("sends 200 headers", OPEN + b"X: x\r\n" * 200 + b"\r\n", "more than 100 headers"),
    garbled("sends a negative Content-Length", OPEN + b"Content-Length: -5\r\n\r\n" + HANGUP, "Content-Length is '-5'"),
    garbled("sends a Content-Length in words", OPEN + b"Content-Length: ten\r\n\r\n" + HANGUP, "is 'ten'"),
    garbled(
        "sends two different Content-Lengths",
        OPEN + b"Content-Length: 19\r\nContent-Length: 20\r\n\r\n" + HANGUP,
        "Content-Length is '19, 20'",
    ),
    garbled("announces chunks and sends none", CHUNKED + HANGUP + b"\r\n", "the size of a chunk is"),
    garbled("sends a chunk size in words", CHUNKED + b"ten\r\n", "the size of a chunk is 'ten'"),
    garbled(
        "sends a chunk that is longer than its size",
        CHUNKED + b"5\r\n" + HANGUP + b"\r\n0\r\n\r\n",
        "longer than its size",
    ),
)
