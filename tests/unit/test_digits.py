"""Keyed digits that may be a PIN or a card number are hidden; the choice in a menu is not."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.documents import records_of
from pivot_debug.models import Source
from pivot_debug.packing import unpack
from pivot_debug.sealing import redacted
from tests.builders import ACCOUNT, CREATED, a_request

thoroughly = settings(max_examples=200, deadline=None)

KEYS = st.text("0123456789*#", min_size=4, max_size=19).filter(lambda keys: sum(map(str.isdigit, keys)) >= 4)
NAMES = st.sampled_from(["Digits", "digits", "Digits[patient]", "Digits%5Bpatient%5D", "D%69gits", "DTMF", "a[Digits]"])


def stored(document: dict[str, Any], **settings: Any) -> dict[str, Any]:
    now_ms = clock.unix_ms(CREATED)
    own, *_ = records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=now_ms, **settings)
    return unpack(own.packed)


def percent_encoded(text: str) -> str:
    return "".join(f"%{ord(one):02X}" for one in text)


@given(KEYS, NAMES, st.sampled_from([lambda keys: quote(keys, safe="*"), percent_encoded]))
@thoroughly
def test_no_keyed_secret_of_a_query_or_a_form_reaches_the_store(keys: str, name: str, encode: Any) -> None:
    text = f"Call-ID=a&{name}={encode(keys)}&From=%2B14155550100"
    request = a_request(uri=f"https://pivot.example.com/ivr?{text}", req_body=text, method="post")

    record = stored(request)

    assert record["uri"].endswith(f"?Call-ID=a&{name}={'*' * len(keys)}&From=%2B14155550100")
    assert record["req_body"] == f"Call-ID=a&{name}={'*' * len(keys)}&From=%2B14155550100"
    assert len(record["redacted"]) == 2


@given(KEYS, st.sampled_from(["Digits", "dtmf"]))
@thoroughly
def test_no_keyed_secret_of_a_json_request_reaches_the_store(keys: str, name: str) -> None:
    for value in (keys, {"patient": keys}, [keys], {"a": {"b": keys}}):
        record = stored(a_request(method="post", req_body=json.dumps({"To": "4711471147", name: value})))

        assert keys not in record["req_body"]
        assert json.loads(record["req_body"])["To"] == "4711471147"


@pytest.mark.parametrize(
    "part",
    ["Digits=1234&", "a=%2F%3FDigits%3D1234&", "a=1+1+1+1+1+1&", "=", "a&", "?", "a[", "a=%41", "4111111111111111 "],
)
def test_a_hostile_request_is_read_in_one_pass(part: str) -> None:
    # Looked at once for each place in it, it would take hours.
    text = part * (200_000 // len(part))

    document = redacted({"uri": text, "req_body": text, "req_headers": {"Location": text}})

    assert document.keys() >= {"uri", "req_body", "req_headers"}


def test_digits_that_came_as_a_number_are_hidden_too() -> None:
    record = stored(a_request(method="post", req_body='{"Digits":{"a":123456}}'))

    assert record["req_body"] == '{"Digits":{"a":999999}}'
    assert record["redacted"] == ["req_body.Digits"]


@pytest.mark.parametrize("keys", ["", "1", "12", "101", "*98", "#", "1%23", "***1"])
def test_the_choice_in_a_menu_stays(keys: str) -> None:
    uri = f"https://pivot.example.com/ivr?Digits={keys}"

    record = stored(a_request(uri=uri))

    assert record["uri"] == uri
    assert "redacted" not in record


def test_numbers_that_nobody_keyed_in_stay() -> None:
    uri = "https://pivot.example.com/ivr?Caller-ID-Number=4155550100&To=2600&Call-ID=4111111111111111%4010.0.0.1"

    assert stored(a_request(uri=uri))["uri"] == uri


def test_an_account_may_keep_its_digits_but_never_what_is_called_a_pin() -> None:
    uri = "https://pivot.example.com/ivr?Digits=1234&Digits[patient]=301442&Digits[pin]=12"

    record = stored(a_request(uri=uri), keep_digits=True)

    assert record["uri"] == "https://pivot.example.com/ivr?Digits=1234&Digits[patient]=301442&Digits[pin]=***"
    assert record["redacted"] == ["uri.Digits[pin]"]


def test_the_id_of_a_document_without_one_tells_nothing_of_its_digits() -> None:
    requests = [a_request(uri=f"https://a.example/?Digits={pin}") for pin in ("1234", "9876")]
    for request in requests:
        del request["_id"]

    ids = {stored(request, keep_digits=keep)["id"] for request in requests for keep in (True, False)}

    assert len(ids) == 1
