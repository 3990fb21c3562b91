"""Servers to which no HTTPS connection comes about."""

import ssl

from tests.integration.certificates import Authority
from tests.integration.matrix.case import HANGUP, HOST, HTML, JSON, SECURE, Case, Tls, answered, silent
from tests.integration.servers import Script, answer, answers, resets, stalls

GOOD = answers(answer(HANGUP, JSON))
NOT_SPOKEN = b"\x15\x03\x01\x00\x02\x02\x46"
"""TLS alert "protocol version", which ends the handshake of a server that is too old."""


def untrusted(name: str, told: str, tls: Tls, url: str = SECURE) -> Case:
    return silent(name, GOOD, "tls_error", told, tls=tls, url=url)


def unencrypted(name: str, script: Script, told: str) -> Case:
    return silent(name, script, "tls_error", told, url=SECURE)


def _signed_by_a_stranger(authority: Authority) -> ssl.SSLContext:
    folder = authority.file.parent / "stranger"
    folder.mkdir(exist_ok=True)
    return Authority(folder).server(HOST)


def _asks_for_a_certificate(authority: Authority) -> ssl.SSLContext:
    context = authority.server(HOST)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # with a newer one its word may come after the connection's end
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _knows_another_host(authority: Authority) -> ssl.SSLContext:
    context = authority.server(HOST)
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


CASES = (
    untrusted("has a self-signed certificate", "it is self-signed", lambda authority: authority.self_signed_server()),
    untrusted(
        "has a certificate for another host name",
        "made out to another host name",
        lambda authority: authority.server("other.example"),
    ),
    untrusted(
        "has a certificate that has expired",
        "it has expired",
        lambda authority: authority.server(HOST, is_expired=True),
    ),
    untrusted(
        "has a certificate of an unknown authority",
        "its authority is not known",
        _signed_by_a_stranger,
    ),
    untrusted(
        "has no certificate for its IP address",
        "not made out to this IP address",
        lambda authority: authority.server(HOST),
        url="https://127.0.0.1:{port}/voice",
    ),
    untrusted("asks for a certificate of the client", "does not speak TLS as", _asks_for_a_certificate),
    untrusted("does not know the host name of the URL", "does not know this host name", _knows_another_host),
    unencrypted("speaks plain HTTP where the URL says https", GOOD, "such as plain HTTP"),
    unencrypted("is an SSH server where the URL says https", answers(b"SSH-2.0-OpenSSH_9.6\r\n"), "such as plain HTTP"),
    unencrypted("knows no version of TLS but old ones", answers(NOT_SPOKEN), "no version of TLS"),
    unencrypted("closes within the handshake", answers(b""), "closed the connection"),
    unencrypted("resets within the handshake", resets(), "reset the connection"),
    silent("stalls within the handshake", stalls(), "timeout", "while setting up TLS", url=SECURE, limit_ms=300),
    answered(
        "speaks HTTPS where the URL says http, and says so",
        b"<html>The plain HTTP request was sent to HTTPS port</html>",
        HTML,
        status="400 Bad Request",
        code="http_4xx",
        told="400",
    ),
)
