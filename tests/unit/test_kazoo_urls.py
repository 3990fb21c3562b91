import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.kazoo_urls import is_absolute, is_under, resolve_like_kazoo

URLS = st.text(alphabet="htp:/.?=#abü ", max_size=30)


@pytest.mark.parametrize(
    ("base", "relative", "expected"),
    [
        ("http://pivot/script.php", "script2.php", "http://pivot/script2.php"),
        ("http://pivot/script.php", "/script2.php", "http://pivot/script2.php"),
        ("http://host/d1/d2/d3/file.ext", "../.././a", "http://host/d1/d2/a"),
        ("https://h.example/voice", "next", "https://h.example/voice/next"),
        ("https://h.example/voice", "/next", "https://h.example/voice/next"),
        ("https://h.example/a/voice.php", "/next.php", "https://h.example/a/next.php"),
        ("https://h.example/a/voice.php?x=1", "next.php", "https://h.example/a/next.php"),
        ("https://h.example/a/voice?x=1", "next", "https://h.example/a/voice?x=1/next"),
        ("https://h.example/a/voice.php", "?step=2", "https://h.example/a/?step=2"),
        ("https://h.example", "next.php", "https://next.php"),
        ("https://h.example/v1.0", "next", "https://h.example/next"),
    ],
)
def test_relative_addresses_resolve_as_in_kazoo(base: str, relative: str, expected: str) -> None:
    assert resolve_like_kazoo(base, relative) == expected


@pytest.mark.parametrize("relative", [None, "", "/", ".", "./", "//"])
def test_what_names_nothing_calls_the_same_address_again(relative: str | None) -> None:
    assert resolve_like_kazoo("https://h.example/a/voice.php?x=1", relative) == "https://h.example/a/voice.php?x=1"


@pytest.mark.parametrize("relative", ["http://other.example/x", "https://other.example", "httpish/next"])
def test_whatever_begins_with_http_stands_as_it_is(relative: str) -> None:
    assert resolve_like_kazoo("https://h.example/voice", relative) == relative
    assert is_absolute(relative)


@pytest.mark.parametrize(
    ("base", "relative", "expected"),
    [
        ("https://h.example/a/", "next", "https://h.example/a/next"),
        ("https://h.example/a/", "next/", "https://h.example/a/next"),
        ("https://h.example/a/voice", "x?u=//y", "https://h.example/a/voice/x?u=/y"),
        ("https://h.example/a", "HTTP://h.example/b", "https://h.example/a/HTTP:/b"),
        ("http://h/a", "../../../../..", ""),
        ("http://h/a", "../../../../../x", "x"),
    ],
)
def test_odd_addresses_resolve_as_kazoo_splits_them(base: str, relative: str, expected: str) -> None:
    assert resolve_like_kazoo(base, relative) == expected


@pytest.mark.parametrize(
    ("path", "relative"),
    [("a/voice.php", "next.php"), ("a/voice.php", "../x"), ("a/voice", "/next"), ("a/v.php", "?a=1")],
)
def test_a_relay_that_mirrors_the_path_of_the_server_is_never_left(path: str, relative: str) -> None:
    server, relay = "https://h.example", "https://relay.example/r/secret"

    behind_relay = resolve_like_kazoo(f"{relay}/{path}", relative)

    assert behind_relay == resolve_like_kazoo(f"{server}/{path}", relative).replace(server, relay)
    assert is_under(behind_relay, relay)


@pytest.mark.parametrize("url", ["https://r.example/r/t", "https://r.example/r/t/a.php", "https://r.example/r/t?x=1"])
def test_an_address_below_the_root_is_under_it(url: str) -> None:
    assert is_under(url, "https://r.example/r/t")
    assert is_under(url, "https://r.example/r/t/")


@pytest.mark.parametrize(
    "url", ["https://r.example/r/tx", "https://r.example.evil/r/t", "http://r.example/r/t", "", "/r"]
)
def test_an_address_that_merely_resembles_the_root_is_not_under_it(url: str) -> None:
    assert not is_under(url, "https://r.example/r/t")


@given(URLS, URLS)
def test_any_two_texts_resolve_to_something(base: str, relative: str) -> None:
    resolved = resolve_like_kazoo(base, relative)

    assert resolved == relative if is_absolute(relative) else "//" not in resolved or "//" in base
