"""Says which servers may be called, lest the relay reach what its caller could not. Pure.

The Runtime API of Lambda listens on this machine: who can make the relay call it takes other customers' requests.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from pivot_debug.errors import ConfigurationError
from pivot_debug.upstream.addresses import Address, Network, is_public, unwrapped
from pivot_debug.upstream.faults import ExchangeFault
from pivot_debug.upstream.urls import TargetUrl, UnusableUrlError, parse_url

_LINK_LOCAL = (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10"))
_LOOPBACK = IPv4Address("127.0.0.1")
_LAST_PORT = 65_535


class BlockedTargetError(ExchangeFault):
    """A target that must not be called, or that is no usable URL; the text says why."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Which targets are let through: public addresses on ``ports``, and the networks ``allowed`` on any port.

    Link-local addresses and ``runtime_api`` (host:port, the variable AWS_LAMBDA_RUNTIME_API) never are, nor are the
    hosts and ports of ``own``, where the relay itself answers: it would call itself without end.
    """

    ports: frozenset[int]
    allowed: tuple[Network, ...] = ()
    runtime_api: str = ""
    is_open: bool = False
    own: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, ports: str, allowed: str, *, runtime_api: str = "") -> "Guard":
        """Make one of a deployment's settings, such as ``"80,443"`` and ``"10.1.0.0/16,::1/128"``.

        Raises:
            ConfigurationError: One of the two cannot be read, or there is no port at all.
        """
        try:
            numbers = frozenset(map(_port, _listed(ports)))
            networks = tuple(map(ip_network, _listed(allowed)))
        except ValueError as error:
            raise ConfigurationError(f"the relay's ports or networks cannot be read: {error}") from None
        if not numbers:
            raise ConfigurationError("the relay may call no port at all")
        return cls(numbers, networks, runtime_api)

    @classmethod
    def open(cls) -> "Guard":
        """Let everything through, credentials in the URL too: for a person's own machine."""
        return cls(frozenset(), is_open=True)

    def except_for(self, *roots: str) -> "Guard":
        """The same, for a relay that is reached under these addresses. Raises UnusableUrlError for what is none."""
        found = map(parse_url, roots)
        return replace(self, own=frozenset((root.host, root.port) for root in found))

    def check_url(self, url: str) -> TargetUrl:
        """Take *url* apart; all is checked that can be told without DNS. Raises BlockedTargetError."""
        try:
            target = parse_url(url)
        except UnusableUrlError as error:
            raise BlockedTargetError(str(error)) from None
        if self.is_open:
            return target
        if target.userinfo is not None:
            raise BlockedTargetError(f"{target.host} must not be called with a user name or password in the URL")
        if (target.host, target.port) in self.own:
            raise BlockedTargetError("this is the relay's own address: name the server behind it")
        if (known := _known_without_dns(target)) is not None:
            self.check_addresses(target.host, target.port, [known])
        elif not self.allowed:
            self._check_port(target.host, target.port)
        return target

    def check_addresses(self, host: str, port: int, addresses: Iterable[Address]) -> None:
        """Raise BlockedTargetError if one of the addresses of *host* must not be called on *port*."""
        if self.is_open:
            return
        for address in addresses:
            leads_to = f"{address} is" if host == str(address) else f"{host} leads to {address}, which is"
            if self._is_never_called(address, port):
                raise BlockedTargetError(f"{leads_to} never called")
            if any(address in network for network in self.allowed):
                continue
            if not is_public(address):
                raise BlockedTargetError(f"{leads_to} not a public address")
            self._check_port(host, port)

    def _check_port(self, host: str, port: int) -> None:
        if port not in self.ports:
            known = ", ".join(map(str, sorted(self.ports)))
            raise BlockedTargetError(f"{host} must not be called on port {port}, only on {known}")

    def _is_never_called(self, address: Address, port: int) -> bool:
        forms = (address, unwrapped(address))
        if any(form in network for form in forms for network in _LINK_LOCAL):
            return True
        runtime_host, _, runtime_port = self.runtime_api.rpartition(":")
        return str(port) == runtime_port and any(
            form.is_loopback or form.is_unspecified or str(form) == runtime_host for form in forms
        )


def _known_without_dns(target: TargetUrl) -> Address | None:
    """The address that *target* is, or is by RFC 6761."""
    is_local = target.host == "localhost" or target.host.endswith(".localhost")
    return _LOOPBACK if is_local else target.address


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= _LAST_PORT:
        raise ValueError(f"{text!r} is not a port")
    return int(text)
