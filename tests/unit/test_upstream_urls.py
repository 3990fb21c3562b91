"""One strict parser for outgoing URLs: what it does not understand at once, it refuses."""

import string
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.upstream.urls import MAX_PLACE, MAX_WHOLE, TargetUrl, UnusableUrlError, parse_url

PRINTABLE = st.text(string.ascii_letters + string.digits + string.punctuation, max_size=40)


def test_a_url_is_taken_apart() -> None:
    target = parse_url("https://ivr.example.com:8443/voice/a.php?x=1#top")

    assert target == TargetUrl(scheme="https", host="ivr.example.com", port=8443, path="/voice/a.php?x=1")
    assert target.authority == "ivr.example.com:8443"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://h.example/a[1]?x[]=1&&y=a+b", "/a[1]?x[]=1&&y=a+b"),
        ("http://h.example/a/../b//c;v=1/.", "/a/../b//c;v=1/."),
        ("http://h.example/%7e%2F%00?%20&a=%c3%bc&", "/%7e%2F%00?%20&a=%c3%bc&"),
        ("http://h.example/a:b@c?d@e://f", "/a:b@c?d@e://f"),
        ("http://h.example/?", "/?"),
        ("http://h.example", "/"),
        ("http://h.example?a=1", "/?a=1"),
        ("http://h.example/a#b?c", "/a"),
        ("http://h.example#/a", "/"),
    ],
)
def test_path_and_query_stay_as_they_are_but_for_the_fragment(url: str, path: str) -> None:
    assert parse_url(url).path == path


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("HTTP://IVR.Example.COM/", "ivr.example.com", 80),
        ("hTTpS://ivr.example.com./", "ivr.example.com", 443),
        ("http://_sip._tcp.my_host.example/", "_sip._tcp.my_host.example", 80),
        ("http://xn--bcher-kva.example:65535/", "xn--bcher-kva.example", 65_535),
        ("http://a/", "a", 80),
        ("http://1.2.3.4.example/", "1.2.3.4.example", 80),
        ("http://0xcafe.example:1/", "0xcafe.example", 1),
    ],
)
def test_a_host_is_a_name_in_lower_case_without_its_last_dot(url: str, host: str, port: int) -> None:
    target = parse_url(url)

    assert (target.host, target.port, target.address) == (host, port, None)


@pytest.mark.parametrize(
    ("url", "address", "authority"),
    [
        ("http://127.0.0.1/", IPv4Address("127.0.0.1"), "127.0.0.1"),
        ("http://8.8.8.8.:81/", IPv4Address("8.8.8.8"), "8.8.8.8:81"),
        ("http://[::1]/", IPv6Address("::1"), "[::1]"),
        ("https://[2001:DB8:0:0::1]:443/", IPv6Address("2001:db8::1"), "[2001:db8::1]"),
        ("http://[2001:db8::192.0.2.1]:8080/", IPv6Address("2001:db8::c000:201"), "[2001:db8::c000:201]:8080"),
    ],
)
def test_an_address_in_its_usual_spelling_is_known_as_one(
    url: str, address: IPv4Address | IPv6Address, authority: str
) -> None:
    target = parse_url(url)

    assert target.address == address
    assert ip_address(target.host) == address
    assert target.authority == authority


def test_what_stands_before_the_host_is_told_apart() -> None:
    assert parse_url("http://user:p%40ss@h.example/").userinfo == "user:p%40ss"
    assert parse_url("http://a@b@h.example/").host == "h.example"
    assert parse_url("http://@h.example/").userinfo == ""
    assert parse_url("http://h.example/").userinfo is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "/", "h.example", "//h.example/", "http:", "http:/", "http://", "http:///a", "http://:80/", "http://@/"),
        *("http:h.example", "http:/h.example", "://h.example", "mailto:a@h.example", "ftp://h.example/", "file:///a"),
        *("https+x://h.example/", " http://h.example/", "http://h.example/ ", "http://h.example/a b"),
        *("http://h.example/\n", "http://h\t.example/", "http://h.example/\x00", "http://h.example/\x7f"),
        *("http://h.exämple/", "http://h.example/ä", "http://h.example/\u200b", "http://h.example\\@x.example/"),
        *("http://h%2eexample/", "http://h.example%00.x/", "http://h!.example/", "http://h,example/", "http://*/"),
        *("http://-h.example/", "http://h-.example/", "http://h..example/", "http://.example/", "http://h.example../"),
        *("http://./", f"http://{'a' * 64}.example/", f"http://{'a.' * 127}example/"),
        *("http://h.example:/", "http://h.example:x/", "http://h.example:0/", "http://h.example:65536/"),
        *("http://h.example:123456/", "http://h.example:-1/", "http://h.example:+80/", "http://h.example:8 0/"),
        *("http://h.example:80:80/", "http://::1/", "http://[::1", "http://::1]/", "http://[::1]x/", "http://[]/"),
        *("http://[127.0.0.1]/", "http://[::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[v1.x]/", "http://[::g]/"),
        *(
            "http://1/",
            "http://127.1/",
            "http://127.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
        ),
        *("http://0177.0.0.1/", "http://127.0.0.01/", "http://127.0.0.0x1/", "http://127.0.0.256/", "http://0x/"),
        *("http://1.2.3.4.5/", "http://h.example.1/", "http://h.example.0x1/", "http://127.0.0.1../"),
        f"http://h.example/{'a' * MAX_PLACE}",
        f"http://h.example/?{'a' * MAX_WHOLE}",
    ],
)
def test_whatever_is_not_plainly_a_url_of_a_web_server_is_refused(url: str) -> None:
    with pytest.raises(UnusableUrlError):
        parse_url(url)


def test_the_parameters_of_a_call_may_make_a_url_longer_than_its_place_may_be() -> None:
    assert len(parse_url(f"http://h.example/voice?{'a' * 2 * MAX_PLACE}").path) > MAX_PLACE


def test_what_a_refusal_tells_is_short_and_printable() -> None:
    with pytest.raises(UnusableUrlError) as refusal:
        parse_url(f"http://h.example/\x1b[2J{'a' * MAX_WHOLE}")

    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("begin", ["http://", "http:", "https:/", "ftp://", "//", "http:\\\\", "", "http://a/b@"])
def test_what_a_refusal_tells_holds_no_secret(begin: str) -> None:
    with pytest.raises(UnusableUrlError) as refusal:
        parse_url(f"{begin}user:hunter2@h example/voice#hunter2?pin=1234")

    assert "h example/voice" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert "1234" not in str(refusal.value)


@given(PRINTABLE, PRINTABLE)
def test_no_url_leads_to_a_host_that_does_not_stand_in_it(authority: str, rest: str) -> None:
    try:
        target = parse_url(f"http://{authority}/{rest}")
    except UnusableUrlError:
        return

    if target.address is None:
        assert target.host in authority.lower()
    assert set(target.host) <= set(string.ascii_lowercase + string.digits + "-_.:")
    assert 0 < target.port < 65_536


@given(st.text())
def test_any_text_is_either_a_url_or_refused(text: str) -> None:
    with suppress(UnusableUrlError):  # any other error fails
        parse_url(text)
