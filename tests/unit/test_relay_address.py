"""The relay's addresses lead where KAZOO would have gone without the relay, and nowhere else."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pivot_debug.kazoo_urls import is_under, resolve_like_kazoo
from pivot_debug.relay.address import (
    RelayAddress,
    can_be_relayed,
    foreign_target,
    origin_of,
    parse_relay_path,
    relay_url,
    upstream_url,
)
from tests.builders import ACCOUNT

ROOT = "https://x.lambda-url.eu-central-1.on.aws"
RELAY_ID = "0f" * 16
SECRET = "aZ09" * 8
KEY = "a key of the relay's own"
VOICE = "https://real.example/a/voice.php"
CDR = "https://reports.example:8443/cdr"

SEGMENTS = st.text(string.ascii_letters + string.digits + "-._~%!$&'()*+,;=:@[]é", min_size=1, max_size=8)
STEPS = st.one_of(SEGMENTS, st.sampled_from(["..", ".", "", "?a=1", "next.php"]))
PATHS = st.lists(st.one_of(SEGMENTS, st.just("")), max_size=4).map(lambda segments: "/" + "/".join(segments))
QUERIES = st.text(string.ascii_letters + "09-._~%!$&'()*+,;=:@/?[]é", min_size=1, max_size=20)
SECRETS = st.text(string.ascii_letters + string.digits, min_size=32, max_size=32)
HEX_IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


def mirror(url: str, target: str = "voice", root: str = ROOT) -> str:
    return relay_url(root, ACCOUNT, RELAY_ID, SECRET, target, url)


def read(address: str) -> RelayAddress | None:
    """The address as the relay gets to see it, a path alone."""
    return parse_relay_path(address.removeprefix(ROOT).partition("?")[0])


def led_to(address: str, *, voice_url: str = VOICE, cdr_url: str | None = CDR, key: str = KEY) -> str | None:
    """Where the relay goes when KAZOO calls *address*."""
    parsed, query = read(address), address.partition("?")[2]
    if parsed is None:
        return None
    return upstream_url(parsed, query, voice_url=voice_url, cdr_url=cdr_url, origin_key=key)


# ---------------------------------------------------------------- KAZOO through the relay goes where it would go anyway


@pytest.mark.parametrize(
    ("base", "relative"),
    [
        ("http://pivot/script.php", "script2.php"),
        ("http://pivot/script.php", "/script2.php"),
        ("http://host/d1/d2/d3/file.ext", "../.././a"),
        ("https://h.example/voice", "next"),
        ("https://h.example/voice", "/next"),
        ("https://h.example/a/voice.php", "/next.php"),
        ("https://h.example/a/voice.php?x=1", "next.php"),
        ("https://h.example/a/voice?x=1", "next"),
        ("https://h.example/a/voice.php", "?step=2"),
        ("https://h.example/v1.0", "next"),
        ("https://h.example/a/voice.php?u=http://b.c/d", "../e"),
        ("https://h.example/a//voice", "../../next"),
        ("https://h.example/a/", "next/"),
        ("https://h.example/a/voice", ""),
    ],
)
def test_a_relative_address_leads_where_kazoo_would_have_gone_directly(base: str, relative: str) -> None:
    through_relay = led_to(resolve_like_kazoo(mirror(base), relative), voice_url=base)

    assert through_relay == resolve_like_kazoo(base, relative)


@pytest.mark.parametrize(
    ("base", "relative", "direct", "through_relay"),
    [
        ("https://h.example", "next.php", "https://next.php", "https://h.example/next.php"),
        ("https://h.example", "?a=1", "https://?a=1", "https://h.example/?a=1"),
    ],
)
def test_where_the_server_has_no_path_the_relay_is_kinder_than_kazoo(
    base: str, relative: str, direct: str, through_relay: str
) -> None:
    # KAZOO takes such a host, which has a dot, for the file that gives way. The relay's address ends in "/".
    assert resolve_like_kazoo(base, relative) == direct
    assert led_to(resolve_like_kazoo(mirror(base), relative), voice_url=base) == through_relay


@given(PATHS, st.none() | QUERIES, st.lists(STEPS, min_size=1, max_size=6))
def test_any_relative_address_within_the_server_is_mirrored(path: str, query: str | None, steps: list[str]) -> None:
    base = f"https://real.example{path}" + ("" if query is None else f"?{query}")
    on_the_way = [resolve_like_kazoo(base, "/".join(steps[:count])) for count in range(1, len(steps) + 1)]
    assume(not steps[0].startswith("http"))
    # Beyond that KAZOO takes the host for a file.
    assume(all(address.startswith("https://real.example/") for address in on_the_way))

    assert resolve_like_kazoo(mirror(base), "/".join(steps)) == mirror(on_the_way[-1])


@given(PATHS, st.none() | QUERIES)
def test_path_and_query_come_back_to_the_byte(path: str, query: str | None) -> None:
    url = f"https://real.example{path}" + ("" if query is None else f"?{query}")

    assert led_to(mirror(url)) == url


@pytest.mark.parametrize("query", ["a=1&&b=2&", "sip[a]=1&l[]=2", "a=b+c&d=%2B", "a=1&a=2", "=&?/"])
def test_a_query_is_handed_on_as_kazoo_wrote_it(query: str) -> None:
    assert led_to(f"{mirror(VOICE)}?{query}") == f"{VOICE}?{query}"


def test_nothing_before_the_mirrored_path_has_a_dot_or_is_a_query() -> None:
    for target in ("voice", "cdr", foreign_target("https://other.example:8443", KEY)):
        before = mirror("https://h.example/MIRRORED.php", target).partition("MIRRORED")[0].removeprefix(ROOT)

        assert not set(before) & {".", "?", "#"}


# ---------------------------------------------------------------- making an address


@pytest.mark.parametrize(
    ("url", "mirrored"),
    [
        ("https://real.example", "/"),
        ("https://real.example?x=1", "/?x=1"),
        ("https://real.example/", "/"),
        ("https://user:pass@real.example:8443/a?b=c#part", "/a?b=c"),
        ("https://[::1]:8443/a#", "/a"),
        ("HTTPS://Real.Example/A//b/", "/A//b/"),
    ],
)
def test_an_address_mirrors_path_and_query_alone(url: str, mirrored: str) -> None:
    for root in (ROOT, f"{ROOT}/"):
        assert mirror(url, root=root) == f"{ROOT}/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice{mirrored}"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://real.example", "https://real.example"),
        ("HTTP://Real.Example:80/A?B#C", "http://real.example"),
        ("https://real.example:443/", "https://real.example"),
        ("https://real.example:80/", "https://real.example:80"),
        ("https://real.example:/", "https://real.example"),
        ("https://user:p%40ss@real.example:8443/a@b", "https://real.example:8443"),
        ("https://real.example?x=@y", "https://real.example"),
        ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080"),
    ],
)
def test_an_origin_is_written_in_one_way(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "url",
    [
        *("", "/a", "next.php", "httpish", "ftp://h.example/", "https:h.example", "https://", "https:///a"),
        *("https://?x", "https://h.example:port/", "https://user@pass:h.example/a", "https://h\\@evil.example/"),
        *("https://h.example/a b", "https://h.example/a\r\nX: y", "https://h\n.example/", " https://h.example/"),
        *("https://b\u00fccher.example/", "http\u017f://h.example/", "https://[::1/", "https://h.example/\ud800"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert not can_be_relayed(url)
    with pytest.raises(ValueError, match="not an http or https address"):
        origin_of(url)
    with pytest.raises(ValueError, match="not an http or https address"):
        mirror(url)


def test_an_address_with_credentials_has_no_mirror_for_they_would_be_lost() -> None:
    assert can_be_relayed("https://h.example/a@b")
    assert not can_be_relayed("https://user:pass@h.example/a")


# ---------------------------------------------------------------- reading an address


def test_an_address_is_read_into_its_parts() -> None:
    assert read(mirror("https://real.example/a%2Fb/ü")) == RelayAddress(ACCOUNT, RELAY_ID, SECRET, "voice", "/a%2Fb/ü")


def test_an_address_that_ends_with_its_target_means_the_root_of_the_server() -> None:
    assert led_to(f"{ROOT}/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice") == "https://real.example/"


def test_a_logged_address_does_not_tell_its_secret() -> None:
    assert SECRET not in repr(read(mirror(VOICE)))


@pytest.mark.parametrize(
    "raw_path",
    [
        "",
        "/",
        f"/{ACCOUNT}",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}//a",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voicemail",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice.php",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/o-YQ-short/a",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/o--{'0' * 32}/a",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET[:-1]}/voice/a",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}x/voice/a",
        f"/{ACCOUNT}/pvr_{RELAY_ID}/voice/a",
        f"/{ACCOUNT}/pvr_{RELAY_ID.upper()}_{SECRET}/voice/a",
        f"/{ACCOUNT.upper()}/pvr_{RELAY_ID}_{SECRET}/voice/a",
        f"/{ACCOUNT}/pvr%5F{RELAY_ID}_{SECRET}/voice/a",
        f"/r/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice/a",
        f"{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice/a",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice/a b",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice/a\r\nx: y",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice/a\n",
        f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/voice/a?b",
    ],
)
def test_any_other_path_is_none_of_the_relays(raw_path: str) -> None:
    assert parse_relay_path(raw_path) is None


@pytest.mark.parametrize("relative", ["../../next", "../../../next", "../../next.php", "../../../../../x"])
def test_an_address_beyond_the_mirrored_root_leads_nowhere(relative: str) -> None:
    assert led_to(resolve_like_kazoo(mirror(VOICE), f"../{relative}")) is None


@given(st.text() | st.text("/pvr_voicedo-0123456789abcdefAZ", max_size=200))
def test_no_text_raises(raw_path: str) -> None:
    parse_relay_path(raw_path)
    parse_relay_path(f"/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/{raw_path}")


def test_a_long_hostile_text_is_read_at_once() -> None:
    for part in ("o-", "-", "a", "/", "@", "[", "https://", ":"):
        hostile = part * 300_000

        assert read(f"{ROOT}/{ACCOUNT}/pvr_{RELAY_ID}_{SECRET}/o-{hostile}!") is None
        assert not can_be_relayed(f"https://{hostile} ")


# ---------------------------------------------------------------- other servers


@given(st.sampled_from(["https://other.example", "http://10.0.0.1:8080", "https://[::1]:8443"]), PATHS, QUERIES)
def test_the_relay_leads_to_another_origin_of_which_it_made_the_address_itself(
    origin: str, path: str, query: str
) -> None:
    url = f"{origin}{path}?{query}"

    assert led_to(mirror(url, foreign_target(origin_of(url), KEY))) == url


def test_the_report_at_the_end_of_a_call_has_a_target_of_its_own() -> None:
    assert led_to(mirror(CDR, "cdr")) == CDR
    assert led_to(mirror(CDR, "cdr"), cdr_url=None) is None


@given(st.integers(0, 31), st.sampled_from("0123456789abcdef"))
def test_an_address_with_a_changed_mac_leads_nowhere(place: int, digit: str) -> None:
    target = foreign_target("https://other.example", KEY)
    place -= 32
    forged = target[:place] + digit + target[place:][1:]
    assume(forged != target)

    assert led_to(mirror("https://other.example/a", forged)) is None


@given(st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=60))
def test_an_origin_that_the_relay_did_not_sign_leads_nowhere(encoded: str) -> None:
    genuine = foreign_target("https://other.example", KEY)
    forged = f"o-{encoded}{genuine[-33:]}"
    assume(forged != genuine)

    assert led_to(mirror("https://other.example/a", forged)) is None


def test_an_origin_spelt_in_another_way_of_base64_leads_nowhere() -> None:
    genuine = foreign_target("https://o.example", KEY)  # 17 bytes: the last letter has bits to spare
    letter = len(genuine) - 34
    respelt = genuine[:letter] + chr(ord(genuine[letter]) + 1) + genuine[letter + 1 :]

    assert led_to(mirror("https://o.example/a", genuine)) == "https://o.example/a"
    assert led_to(mirror("https://o.example/a", respelt)) is None


@given(st.text(max_size=20))
def test_an_address_signed_with_another_key_leads_nowhere(key: str) -> None:
    assume(key != KEY)
    try:
        target = foreign_target("https://other.example", key)
    except UnicodeEncodeError:
        assume(False)  # noqa: FBT003 - a key that is no text

    assert led_to(mirror("https://other.example/a", target)) is None


@given(st.text(max_size=40), PATHS)
def test_a_made_up_target_never_yields_a_url(target: str, path: str) -> None:
    assume(target not in {"voice", "cdr"} and not any("\ud800" <= letter <= "\udfff" for letter in target))
    address = RelayAddress(ACCOUNT, RELAY_ID, SECRET, target, path)

    assert upstream_url(address, "", voice_url=VOICE, cdr_url=CDR, origin_key=KEY) is None


@given(HEX_IDS, SECRETS, PATHS)
def test_every_address_that_can_be_made_can_be_read(relay_id: str, secret: str, path: str) -> None:
    address = relay_url(ROOT, ACCOUNT, relay_id, secret, "voice", f"https://real.example{path}")

    assert read(address) == RelayAddress(ACCOUNT, relay_id, secret, "voice", path)
    assert is_under(address, ROOT)
