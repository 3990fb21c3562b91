"""Connects to a checked address: names are looked up once, and the answer that was checked is the one that is called.

Looking a name up again to connect would let its owner answer otherwise the second time (DNS rebinding).
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import cache
from ipaddress import ip_address
from threading import Thread

from pivot_debug.upstream.addresses import Address
from pivot_debug.upstream.deadline import Deadline
from pivot_debug.upstream.guard import BlockedTargetError, Guard
from pivot_debug.upstream.progress import Progress
from pivot_debug.upstream.urls import TargetUrl

Resolver = Callable[[str, int], Sequence[str]]
"""From host and port to all its addresses; raises OSError, socket.gaierror where there are none."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the operating system, with all its patience. Raises socket.gaierror."""
    return [str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect(target: TargetUrl, guard: Guard, progress: Progress, resolve: Resolver) -> socket.socket:
    """An open connection, encrypted for https, to an address of *target* that *guard* lets through.

    Raises:
        BlockedTargetError: One of its addresses must not be called.
        OSError: There is no such name, no connection, no TLS, or no time left.
    """
    addresses = _addresses(target, progress, resolve)
    progress.phase = "guard"
    guard.check_addresses(target.host, target.port, addresses)
    with ExitStack() as on_failure:
        with progress.measured("connect"):
            sock = on_failure.enter_context(_reached(addresses, target.port, progress.deadline))
        if target.scheme == "https":
            with progress.measured("tls"):
                sock = _secured(sock, target.host, progress.deadline)
        on_failure.pop_all()
    return sock


def _addresses(target: TargetUrl, progress: Progress, resolve: Resolver) -> list[Address]:
    """IPv4 first, as Erlang's client does; each once."""
    if target.address is not None:
        return [target.address]
    with progress.measured("dns"):
        found = _resolved(target, progress.deadline, resolve)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
    return sorted(dict.fromkeys(map(ip_address, found)), key=lambda address: address.version)


def _resolved(target: TargetUrl, deadline: Deadline, resolve: Resolver) -> Sequence[str]:
    """Ask in a thread of its own, because a resolver cannot be interrupted."""
    answer: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(resolve(target.host, target.port))
        except OSError as error:
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    return answer.result(deadline.left_s())


def _reached(addresses: list[Address], port: int, deadline: Deadline) -> socket.socket:
    """The first address that takes the connection; if none does, the first one's error counts."""
    errors: list[OSError] = []
    for number, address in enumerate(addresses):
        # An address that swallows packets must leave time for those after it.
        patience_s = deadline.left_s() / (len(addresses) - number)
        try:
            return _connected(address, port, patience_s)
        except OSError as error:
            errors.append(error)
    raise errors[0]


def _connected(address: Address, port: int, patience_s: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - versions of IP
    with ExitStack() as on_failure:
        sock = on_failure.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.settimeout(patience_s)
        sock.connect((str(address), port))
        if ip_address(peer_of(sock)) != address:
            raise BlockedTargetError(f"{address} was checked, but the connection leads elsewhere")
        on_failure.pop_all()
    return sock


def peer_of(sock: socket.socket) -> str:
    """The address at the other end. Raises ConnectionResetError where that has gone already."""
    try:
        return str(sock.getpeername()[0])
    except OSError:
        raise ConnectionResetError from None


def _secured(sock: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    sock.settimeout(deadline.left_s())
    return tls_context().wrap_socket(sock, server_hostname=host)


@cache
def tls_context() -> ssl.SSLContext:
    """Trusts what this machine trusts, or SSL_CERT_FILE. Made once: reading the authorities takes tens of ms."""
    return ssl.create_default_context()
