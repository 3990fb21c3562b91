"""Puts a failed exchange into a code of the error dictionary and a sentence for a developer. Pure."""

import socket
import ssl
from collections.abc import Callable

from pivot_debug.upstream.faults import BrokenOffError, NotHttpError, OversizedBodyError, TooManyRedirectsError
from pivot_debug.upstream.guard import BlockedTargetError
from pivot_debug.upstream.model import Phase
from pivot_debug.upstream.progress import Progress

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (BlockedTargetError, "blocked_target"),
    (TooManyRedirectsError, "too_many_redirects"),
    (OversizedBodyError, "body_too_large"),
    (NotHttpError, "not_http"),
    (TimeoutError, "timeout"),
    (socket.gaierror, "dns_failure"),
    (ssl.SSLError, "tls_error"),
    (ConnectionRefusedError, "connection_refused"),
    (ConnectionError, "connection_reset"),
    (BrokenOffError, "connection_reset"),
)
_CODES_OF_PHASES: dict[Phase, str] = {"dns": "dns_failure", "connect": "connection_refused", "tls": "tls_error"}
"""For what else the operating system reports, such as an unreachable network."""

_WHILE: dict[Phase, str] = {
    "dns": "while resolving its name",
    "connect": "while connecting",
    "tls": "while setting up TLS",
    "request": "while sending the request",
    "headers": "while waiting for the answer",
}
_CERTIFICATE_FAULTS = {  # OpenSSL's X509_V_ERR_*
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
    19: "its authority is not known",
    20: "its authority is not known, or the intermediate certificate is not sent",
    62: "it is made out to another host name",
    64: "it is not made out to this IP address",
}
_NOT_TLS = "the port speaks something else, such as plain HTTP"
_TLS_FAULTS = (  # parts of OpenSSL's reasons
    ("WRONG_VERSION_NUMBER", _NOT_TLS),
    ("RECORD_LAYER_FAILURE", _NOT_TLS),
    ("PACKET_LENGTH_TOO_LONG", _NOT_TLS),
    ("PROTOCOL", "it offers no version of TLS that is still accepted"),
    ("UNRECOGNIZED_NAME", "it does not know this host name"),
    (
        "HANDSHAKE_FAILURE",
        "it shares no cipher with us, does not know this host name, or asks for a certificate of the client",
    ),
    ("CERTIFICATE_REQUIRED", "it asks for a certificate of the client"),
    ("EOF", "it closed the connection"),
)


def failure(error: Exception, progress: Progress) -> tuple[str, str]:
    """The code, and one sentence that names the host and how far the exchange had come."""
    code = _code(error, progress.phase)
    return code, f"{_SENTENCES[code](error, progress)}."


def _code(error: Exception, phase: Phase) -> str:
    known = next((code for kind, code in _CODES if isinstance(error, kind)), "")
    if phase == "tls" and known != "timeout":
        return "tls_error"
    return known or _CODES_OF_PHASES.get(phase, "connection_reset")


def _blocked_target(error: Exception, _: Progress) -> str:
    return str(error)


def _too_many_redirects(error: Exception, progress: Progress) -> str:
    return f"{progress.host} redirected once more after {error} redirects"


def _body_too_large(error: Exception, progress: Progress) -> str:
    return f"{progress.host} sends a body of {error}"


def _not_http(error: Exception, progress: Progress) -> str:
    return f"{progress.host} does not answer in HTTP: {error}"


def _timeout(_: Exception, progress: Progress) -> str:
    came = f"{progress.body_bytes:,} bytes of the body had come"
    how_far = f"the time ran out {_WHILE[progress.phase]}" if progress.phase in _WHILE else came
    return f"{progress.host} did not answer within {progress.deadline.budget_ms} ms: {how_far}"


def _dns_failure(error: Exception, progress: Progress) -> str:
    return f"{progress.host} was not found {_WHILE['dns']}: {_told(error)}"


def _connection_refused(error: Exception, progress: Progress) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"{progress.host} refuses connections on port {progress.port} ({_WHILE['connect']})"
    return f"{progress.host} cannot be reached on port {progress.port} ({_WHILE['connect']}): {_told(error)}"


def _connection_reset(error: Exception, progress: Progress) -> str:
    closed = "closed the connection" if isinstance(error, BrokenOffError) else "reset the connection"
    where = _WHILE.get(progress.phase, f"after {progress.body_bytes:,} bytes of the body, before its end")
    if progress.phase == "headers":
        where = "within the headers of its answer" if progress.has_answer_begun() else "without an answer"
    return f"{progress.host} {closed} {where}"


def _tls_error(error: Exception, progress: Progress) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = _CERTIFICATE_FAULTS.get(error.verify_code, error.verify_message)
        return f"{progress.host} has no valid certificate for TLS: {fault.rstrip('.')}"
    if not isinstance(error, ssl.SSLError):
        return f"{progress.host} reset the connection {_WHILE['tls']}"
    reason = error.reason or ""
    told = reason.replace("_", " ").lower() or _told(error)
    fault = next((fault for part, fault in _TLS_FAULTS if part in reason), told)
    return f"{progress.host} does not speak TLS as expected: {fault}"


_SENTENCES: dict[str, Callable[[Exception, Progress], str]] = {
    "blocked_target": _blocked_target,
    "too_many_redirects": _too_many_redirects,
    "body_too_large": _body_too_large,
    "not_http": _not_http,
    "timeout": _timeout,
    "dns_failure": _dns_failure,
    "connection_refused": _connection_refused,
    "connection_reset": _connection_reset,
    "tls_error": _tls_error,
}


def _told(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__).rstrip(".")
