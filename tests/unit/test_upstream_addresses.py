"""Which addresses count as public: none that only its own network may call, in no disguise."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pivot_debug.upstream.addresses import is_public, unwrapped

IPV4 = st.ip_addresses(v=4).map(lambda address: IPv4Address(str(address)))

SPECIAL = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200"),  # noqa: S104
    "100.127.255.255",
    *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.79.129", "169.254.169.254"),
    *("169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.2.1"),
    *("192.88.99.1", "192.168.1.20", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:100.64.0.1"),
    *("::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:f7f7:f7f7"),
    *("2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2002:808:808::"),
    *("3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1"),
    *("ff02::1", "ff0e::1", "fe80::1%eth0"),
]
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "168.63.129.15", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.88.98.1"),
    *("192.167.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255"),
    *("2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "3ffe::1"),
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
]


@pytest.mark.parametrize("text", SPECIAL)
def test_a_special_address_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_any_other_address_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses())
def test_nothing_is_public_that_python_takes_for_private(address: IPv4Address | IPv6Address) -> None:
    inner = unwrapped(address)

    # No assume: most of what is drawn is special, and hypothesis gives up where too much is thrown away.
    assert not is_public(address) or (inner.is_global and not inner.is_multicast)


@pytest.mark.parametrize("network", ["0.0.0.0/0", "2000::/3"])
@given(data=st.data())
def test_where_addresses_are_given_out_python_and_this_table_mostly_agree(network: str, data: st.DataObject) -> None:
    # Else a table that refuses everything would pass the tests above.
    address = data.draw(st.ip_addresses(network=network))
    assume(not any(address in special for special in NARROWER if special.version == address.version))

    assert is_public(address) == (address.is_global and not address.is_multicast)


NARROWER = [ipaddress.ip_network(text) for text in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "2001::/23")]
NARROWER += [ipaddress.ip_network(text) for text in ("2002::/16", "3fff::/20")]


@given(IPV4)
def test_an_ipv4_address_is_found_in_every_form_that_holds_it(inner: IPv4Address) -> None:
    number = int(inner)
    forms = [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0xFFFF << 48 | number),
        IPv6Address(number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(int(IPv6Address("64:ff9b:1::")) | number),
        IPv6Address(0x2002 << 112 | number << 80 | 1),
        IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),
    ]

    assert {unwrapped(form) for form in forms} == {inner}
    assert unwrapped(inner) == inner


@given(IPV4)
def test_mapped_and_nat64_are_as_public_as_what_they_hold_and_all_others_are_not(inner: IPv4Address) -> None:
    assert is_public(IPv6Address(f"::ffff:{inner}")) == is_public(inner)
    assert is_public(IPv6Address(f"64:ff9b::{inner}")) == is_public(inner)
    assert not is_public(IPv6Address(f"::{inner}"))
    assert not is_public(IPv6Address(f"::ffff:0:{inner}"))


def test_a_plain_ipv6_address_holds_none() -> None:
    assert unwrapped(IPv6Address("2606:4700::1111")) == IPv6Address("2606:4700::1111")
