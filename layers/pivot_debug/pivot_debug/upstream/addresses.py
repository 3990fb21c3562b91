"""Which IP addresses are public, the same on every version of Python. Pure.

``ipaddress.is_global`` is no help: up to 3.13 it takes NAT64 of 169.254.169.254, multicast and more for public.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host; Linux takes 0.0.0.0 for 127.0.0.1
            "10.0.0.0/8",
            "100.64.0.0/10",  # carriers' NAT; some clouds keep metadata there
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's internal services
            "169.254.0.0/16",  # link-local: metadata of clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",
        ),
    )
)
_GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All that IANA has opened for public use; link-local, private, multicast and 5f00::/16 lie outside."""

_SPECIAL_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols of the IETF, among them Teredo
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3fff::/20",
        ),
    )
)

_MAPPED, _NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
_TEREDO = IPv6Network("2001::/32")
_HOLDING_IPV4 = (
    # The form, and how many bits follow the IPv4 address in it.
    (_MAPPED, 0),
    (_NAT64, 0),
    (IPv6Network("::/96"), 0),  # compatible
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated
    (IPv6Network("64:ff9b:1::/48"), 0),  # NAT64 of a site
    (IPv6Network("2002::/16"), 80),  # 6to4
    (_TEREDO, 0),
)
_IPV4_BITS = 0xFFFFFFFF


def is_public(address: Address) -> bool:
    """Whether *address* belongs to a host that anybody on the Internet may call.

    Of the IPv6 forms that hold an IPv4 address, mapped and NAT64 are as public as that one; the others, which no
    server has, are not.
    """
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        address = unwrapped(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _GLOBAL_IPV6 and not any(address in network for network in _SPECIAL_IPV6)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address holds in one of the known forms; any other address as it is."""
    if isinstance(address, IPv4Address):
        return address
    for form, bits_behind in _HOLDING_IPV4:
        if address in form:
            inverted = _IPV4_BITS if form == _TEREDO else 0
            return IPv4Address((int(address) >> bits_behind & _IPV4_BITS) ^ inverted)
    return address
