"""KAZOO's request, read from what a function URL hands on."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.relay.incoming import Incoming
from tests.builders import a_relay_event, event


def test_the_sample_event_is_read_as_kazoo_sent_it() -> None:
    incoming = Incoming.of(event("relay"), decoded_by_gateway=False)

    assert incoming.method == "GET"
    assert incoming.raw_path.endswith("/voice/ivr/welcome.php")
    assert incoming.raw_query.startswith("lang=en&Account-ID=")
    assert "&&" in incoming.raw_query
    assert incoming.received_ms == 1_710_278_736_000
    assert incoming.root == "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws"
    assert len(incoming.exchange_id) == 32


def test_kazoos_own_headers_go_on_and_those_of_aws_do_not() -> None:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-account": "17",
        "host": "relay.example.com",
        "te": "",
        "connection": "keep-alive",
        "content-length": "3",
        "accept-encoding": "gzip",
        "cookie": "a=b",
        "x-forwarded-for": "192.0.2.1",
        "x-amzn-trace-id": "Root=1",
    }

    incoming = Incoming.of(a_relay_event(headers=headers), decoded_by_gateway=False)

    assert incoming.forwarded_headers() == (
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-account", "17"),
        ("accept-encoding", "identity"),
    )


@given(body=st.binary(max_size=200))
def test_a_body_arrives_byte_for_byte(body: bytes) -> None:
    encoded = a_relay_event(method="POST", body=base64.b64encode(body).decode(), is_base64=True)

    assert Incoming.of(encoded, decoded_by_gateway=False).body == body


def test_a_body_of_text_is_utf8() -> None:
    incoming = Incoming.of(a_relay_event(method="POST", body="From=Zoë"), decoded_by_gateway=False)

    assert incoming.body == "From=Zoë".encode()


@pytest.mark.parametrize(
    ("decoded", "sent"),
    [
        ("/a b/c", "/a%20b/c"),
        ("/é", "/%C3%A9"),
        ("/100%", "/100%25"),
        ("/a+b;c=d,e", "/a+b;c=d,e"),
        ("/[x]?", "/%5Bx%5D%3F"),
    ],
)
def test_a_path_that_the_gateway_decoded_is_encoded_again(decoded: str, sent: str) -> None:
    assert Incoming.of(a_relay_event(raw_path=decoded), decoded_by_gateway=True).raw_path == sent
    assert Incoming.of(a_relay_event(raw_path=decoded), decoded_by_gateway=False).raw_path == decoded


def test_every_request_is_an_exchange_of_its_own() -> None:
    first = Incoming.of(a_relay_event(request_id="one"), decoded_by_gateway=False)
    again = Incoming.of(a_relay_event(request_id="one"), decoded_by_gateway=False)
    other = Incoming.of(a_relay_event(request_id="two"), decoded_by_gateway=False)

    assert first.exchange_id == again.exchange_id != other.exchange_id


def test_a_relay_under_a_domain_of_its_own_knows_its_address() -> None:
    incoming = Incoming.of(a_relay_event(), decoded_by_gateway=False, root="https://relay.example.com")

    assert incoming.root == "https://relay.example.com"
