"""No URL and no name leads to where nobody may call; a resolver stub stands for DNS, and no socket is opened."""

import socket
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network

import pytest

from pivot_debug.errors import ConfigurationError
from pivot_debug.upstream.exchange import TransportError, UpstreamRequest, fetch
from pivot_debug.upstream.guard import BlockedTargetError, Guard

pytestmark = pytest.mark.disable_socket

PUBLIC_WEB = Guard.parse("80,443,8080,8443", "")
RUNTIME_API = "127.0.0.1:9001"

LOOPBACK = [
    *("http://127.0.0.1/", "http://localhost/", "http://LOCALHOST./", "http://127.1/", "http://0/", "http://0.0.0.0/"),
    *("http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/"),
    "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    *("http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:ffff:7f00:1]/"),
    *("http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/"),
    *("http://localhost.localdomain/", "http://ip6-localhost/", "http://my.localhost/"),
]
LINK_LOCAL = [
    *("http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/"),
    *("http://0251.0376.0251.0376/", "http://[::ffff:a9fe:a9fe]/", "http://[fd00:ec2::254]/"),
    *("http://[fe80::1%25eth0]/", "http://[fe80::1]/", "http://169.254.170.2/", "http://169.254.79.129:2000/"),
    *("http://100.100.100.200/", "http://168.63.129.16/", "http://metadata.google.internal/"),
]
PRIVATE = [
    *("http://10.0.0.5/", "http://172.16.0.1/", "http://172.31.255.254/", "http://192.168.1.20/"),
    *("http://100.64.0.1/", "http://192.0.0.1/", "http://192.0.2.1/", "http://198.18.0.1/", "http://198.51.100.1/"),
    *("http://203.0.113.1/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/"),
    *("http://[fc00::1]/", "http://[fec0::1]/", "http://[ff02::1]/", "http://[2001:db8::1]/"),
    *("http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a9fe:a9fe]/", "http://[2002:7f00:1::]/"),
    *("http://[2001:0::1]/", "http://[2001:0:4136:e378:8000:63bf:f7f7:f7f7]/", "http://[100::1]/"),
]
TRICKS = [
    *("http://8.8.8.8@127.0.0.1/", "http://127.0.0.1#@8.8.8.8/", "http://127.0.0.1\\@8.8.8.8/"),
    *("http://8.8.8.8\\@127.0.0.1/", "http://8.8.8.8:80@127.0.0.1:80/", "http://127.0.0.1%00.example.com/"),
    *("http://127.0.0.1%2eexample.com/", "http:///127.0.0.1/", "http:127.0.0.1", "//127.0.0.1/"),
    *("http://\t127.0.0.1/", "http://127.0.0.1\r\nX:1/", "http://user:pass@example.com/", "http://user@example.com/"),
    *("http://example.com:0/", "http://example.com:22/", "http://example.com:99999/", "http://[::1"),
    *("http://exa mple.com/", "http://8.8.8.8:22/", "https://[2606:4700::1111]:25/"),
]
SCHEMES = [
    *("file:///proc/self/environ", "ftp://example.com/", "gopher://example.com:70/_GET", "data:text/xml,<Response/>"),
    *("dict://example.com:11211/stats", "ldap://example.com/", "jar:http://example.com/!/", "unix:///var/run/a.sock"),
]

NAMES: Mapping[str, Sequence[str]] = {
    "example.com": ["93.184.215.14"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "metadata.google.internal": ["169.254.169.254"],
    "half-private.example": ["93.184.215.14", "10.0.0.5"],
    "private-first.example": ["192.168.1.20", "93.184.215.14"],
    "looped-ipv6.example": ["93.184.215.14", "::1"],
    "alias-of-internal.example": ["10.1.2.3"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "link-local.example": ["fe80::1%eth0"],
    "nowhere.example": [],
}


def looked_up(host: str, _port: int) -> Sequence[str]:
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return NAMES[host]


def refusal(url: str, guard: Guard = PUBLIC_WEB) -> TransportError:
    """How fetching *url* fails; where the guard lets it through, no socket can be opened and the test fails."""
    with pytest.raises(TransportError) as failed:
        fetch(UpstreamRequest(method="GET", url=url), budget_ms=5_000, guard=guard, resolve=looked_up)
    return failed.value


@pytest.mark.parametrize("url", [*LOOPBACK, *LINK_LOCAL, *PRIVATE, *TRICKS, *SCHEMES])
def test_a_bad_url_is_refused_before_anything_is_sent(url: str) -> None:
    error = refusal(url)

    assert (error.code, error.phase, error.url) == ("blocked_target", "guard", url)
    assert error.message.endswith(".")
    assert error.message.isprintable()


@pytest.mark.parametrize(
    "host",
    [
        *("half-private.example", "private-first.example", "looped-ipv6.example", "alias-of-internal.example"),
        *("127.0.0.1.nip.example", "mapped.example", "nat64.example", "link-local.example"),
    ],
)
def test_a_name_with_one_bad_address_is_refused(host: str) -> None:
    error = refusal(f"https://{host}/voice")

    assert (error.code, error.phase) == ("blocked_target", "guard")
    assert host in error.message


@pytest.mark.parametrize("host", ["unknown.example", "nowhere.example"])
def test_a_name_without_an_address_is_a_failure_of_dns(host: str) -> None:
    error = refusal(f"http://{host}/")

    assert (error.code, error.phase) == ("dns_failure", "dns")
    assert host in error.message


@pytest.mark.parametrize(
    "url",
    [
        *("HTTP://example.com/", "https://example.com./", "http://example.com:8080/a", "https://8.8.8.8:8443/"),
        *("http://[2606:4700::1111]/", "http://[::ffff:8.8.8.8]/"),
    ],
)
def test_a_public_server_on_a_usual_port_may_be_called(url: str) -> None:
    target = PUBLIC_WEB.check_url(url)

    PUBLIC_WEB.check_addresses(target.host, target.port, [ip_address("93.184.215.14")])


def test_an_allowed_network_may_be_called_on_any_port() -> None:
    guard = Guard.parse("80", "10.1.0.0/16, ::1/128")

    guard.check_url("http://10.1.2.3:9000/")
    guard.check_url("http://[::1]:9000/")
    guard.check_addresses("pbx.internal", 9000, [ip_address("10.1.2.3"), ip_address("::1")])


@pytest.mark.parametrize(
    ("port", "addresses"),
    [(80, ["10.2.0.1"]), (80, ["10.1.2.3", "10.2.0.1"]), (9000, ["8.8.8.8"]), (9000, ["10.1.2.3", "8.8.8.8"])],
)
def test_an_allowed_network_allows_nothing_beside_it(port: int, addresses: list[str]) -> None:
    guard = Guard.parse("80", "10.1.0.0/16")

    with pytest.raises(BlockedTargetError):
        guard.check_addresses("pbx.internal", port, [ip_address(address) for address in addresses])


def test_with_an_allowed_network_the_port_of_a_name_is_judged_when_its_addresses_are_known() -> None:
    assert Guard.parse("80", "10.1.0.0/16").check_url("http://pbx.internal:9000/").port == 9000

    with pytest.raises(BlockedTargetError):
        Guard.parse("80", "").check_url("http://pbx.internal:9000/")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"],  # noqa: S104 - nothing is bound
)
def test_the_runtime_api_is_never_called_under_whatever_name_of_this_machine(address: str) -> None:
    guard = Guard.parse("80", "0.0.0.0/0,::/0", runtime_api=RUNTIME_API)

    with pytest.raises(BlockedTargetError):
        guard.check_addresses("runtime.example", 9001, [ip_address(address)])
    guard.check_addresses("runtime.example", 9002, [ip_address(address)])


def test_the_runtime_api_is_never_called_where_it_is_not_on_this_machine() -> None:
    guard = Guard.parse("80", "10.0.0.0/8", runtime_api="10.0.0.7:9001")

    with pytest.raises(BlockedTargetError):
        guard.check_url("http://10.0.0.7:9001/2018-06-01/runtime/invocation/next")
    guard.check_url("http://10.0.0.8:9001/")


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::169.254.169.254"),
        *("64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::", "2001:0:1:2:3:4:5601:5601", "::ffff:0:169.254.169.254"),
    ],
)
def test_a_link_local_address_is_never_called_in_whatever_form(address: str) -> None:
    guard = Guard.parse("80", "0.0.0.0/0,::/0")

    with pytest.raises(BlockedTargetError):
        guard.check_addresses("metadata.example", 80, [ip_address(address)])


@pytest.mark.parametrize(
    "url", ["https://Relay.example.net/x", "https://relay.example.net.:0443/", "http://9.9.9.9:8080"]
)
def test_the_relay_never_calls_itself_however_its_address_is_spelled(url: str) -> None:
    guard = Guard.parse("80,443,8080", "").except_for("https://relay.example.net/root", "http://9.9.9.9:8080")

    with pytest.raises(BlockedTargetError, match="the relay's own address"):
        guard.check_url(url)


def test_beside_the_relay_itself_the_rest_of_its_host_may_be_called() -> None:
    guard = Guard.parse("80,443,8080", "").except_for("https://relay.example.net")

    assert guard.check_url("https://relay.example.net:8080/").port == 8080


def test_an_open_guard_lets_everything_through_that_is_a_url() -> None:
    guard = Guard.open()

    assert guard.check_url("http://user:pass@127.0.0.1:22/").userinfo == "user:pass"
    guard.check_addresses("metadata.example", 1, [ip_address("169.254.169.254")])
    with pytest.raises(BlockedTargetError):
        guard.check_url("file:///etc/passwd")


def test_settings_are_read_with_blanks_between_them() -> None:
    guard = Guard.parse(" 80 , 8443 ", " 127.0.0.0/8 , ::1/128 ")

    assert guard.ports == {80, 8443}
    assert guard.allowed == (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("ports", "allowed"),
    [
        *(
            ("", ""),
            (" ", ""),
            ("x", ""),
            ("80,", ""),
            ("0", ""),
            ("65536", ""),
            ("-1", ""),
            ("80;443", ""),
            ("8_0", ""),
            ("٨٠", ""),
        ),
        *(("80", "10.0.0.1/8"), ("80", "localhost"), ("80", "10.0.0.0/33"), ("80", "10.0.0.0/8,")),
    ],
)
def test_settings_that_make_no_sense_are_refused(ports: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError):
        Guard.parse(ports, allowed)
