"""The URL of a request, taken apart once and strictly: what is found here, and nothing else, is connected to. Pure.

Parsers differ in what they make of odd URLs, and each difference is a way around a check. So whatever is not plainly
written is refused: an address in any spelling but the usual one, a backslash, characters that must be encoded.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from pivot_debug.upstream.addresses import Address

MAX_PLACE = 2_048
"""Characters of a URL without its query, to which KAZOO adds the parameters of the call."""

MAX_WHOLE = 16_384

_SHAPE = re.compile(r"([^:/?#]+)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?")
_AUTHORITY = re.compile(r"(?:(?P<userinfo>.*)@)?(?P<host>\[[^\[\]]*\]|[^:\[\]@]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MEANT_AS_IPV4 = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""By its last label, as browsers have it (WHATWG URL Standard, "ends in a number")."""

_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65_535
_LONGEST_NAME = 253


class UnusableUrlError(ValueError):
    """Not a URL that a request can be sent to; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetUrl:
    """Where a request goes.

    ``host`` is in lower case, without brackets and trailing dot; ``address`` is set where it is an address itself.
    ``path`` is path and query, byte for byte as written. ``userinfo`` is what stands before ``@``, None without one.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None = None
    userinfo: str | None = None

    @property
    def authority(self) -> str:
        """As in a Host header: the port is told where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def parse_url(url: str) -> TargetUrl:
    """Take *url* apart. Raises UnusableUrlError for all that is not plainly an http or https URL with a host."""
    if len(url) > MAX_WHOLE or len(url.partition("?")[0]) > MAX_PLACE:
        raise UnusableUrlError(f"{_shown(url)} is too long for a URL")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UnusableUrlError(f"{_shown(url)} has characters that must be percent-encoded in a URL")
    shape = _SHAPE.fullmatch(url)
    authority = _AUTHORITY.fullmatch(shape[2]) if shape else None
    scheme = shape[1].lower() if shape else ""
    if not shape or not authority or scheme not in _PORTS:
        raise UnusableUrlError(f"{_shown(url)} is not a URL with http:// or https:// and a host")
    host, address = _host(authority["host"].lower(), url)
    return TargetUrl(
        scheme=scheme,
        host=host,
        port=_port(authority["port"], url) if authority["port"] else _PORTS[scheme],
        path=(shape[3] or "/") + (shape[4] or ""),
        address=address,
        userinfo=authority["userinfo"],
    )


def _host(text: str, url: str) -> tuple[str, Address | None]:
    """The host as it is looked up, and the address where it is one."""
    name = text.removesuffix(".")
    try:
        if text.startswith("["):
            address: Address | None = _ipv6(text[1:-1])
        else:
            address = IPv4Address(name) if _MEANT_AS_IPV4.fullmatch(name) else None
    except AddressValueError:
        raise UnusableUrlError(f"{_shown(url)} has an IP address that is not in the usual spelling") from None
    if address is not None:
        return str(address), address
    if len(name) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, name.split("."))):
        raise UnusableUrlError(f"{_shown(url)} has a host name with characters or a length that DNS does not know")
    return name, None


def _ipv6(text: str) -> IPv6Address:
    if "%" in text:
        raise AddressValueError("a zone is known on one machine only")
    return IPv6Address(text)


def _port(text: str, url: str) -> int:
    port = int(text)
    if not 0 < port <= _LAST_PORT:
        raise UnusableUrlError(f"{_shown(url)} has a port that is not from 1 to {_LAST_PORT}")
    return port


_LONGEST_SHOWN = 80
_USERINFO = re.compile(r"(^[^:/\\@]*:[/\\]*|^[/\\]*).*@")
"""Also where no host would be looked for, as in ``http:user:password@host``: what is refused is badly written."""


def _shown(url: str) -> str:
    """For a message: without what may be secret, credentials, query and fragment."""
    place = _USERINFO.sub(r"\1", re.split("[?#]", url, maxsplit=1)[0])
    return repr(place if len(place) <= _LONGEST_SHOWN else f"{place[:_LONGEST_SHOWN]}...")
