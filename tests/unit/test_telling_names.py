"""A name says whether its value is a credential, was keyed in by a caller, or is a number or an id."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug import telling_names
from pivot_debug.telling_names import Sense, is_secret_name, sense_of


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> None:
    """Else a test would see what an earlier one made known, and so would mutation testing."""
    telling_names._known_sense.cache_clear()


def words(text: str) -> list[str]:
    return text.split()


CARDS = words("""
    card card_no cardno CardNumber credit_card creditCard credit-card-number cc_number cc_no ccnum debit_card pan
    cvc cvc2 cvv cvv2 csc card_code security_code
""")
PINS = words("""
    pin PIN pins pin_code pinCode pin-number user_pin userPin userpin USER_PIN account_pin voicemail_pin vmpin doorPin
    X-Caller-PIN member[pin] data.pins pin2 user_pin_1
""")
SESSIONS = words("session session_id sessid PHPSESSID jsessionid ASPSESSIONIDABCD ASP.NET_SessionId X-Sess-Id")
PERSONS = words("ssn social_security_number SSN")
KEYED = words("""
    Digits digits DIGITS Digits[patient] a[Digits] a.digits.b dtmf DTMF X-DTMF dtmf_digits DTMF-Digits sendDigits
    send_digits collected_digits entered-digits
""")
IDENTITIES = words("""
    To From to from Request From-URI to_number X-To Caller-ID-Number Caller-ID-Name callerId Callee-ID-Number called
    CalledNumber callingParty Call-ID CallSid AccountSid Account-ID User-ID owner_id id ids sid uuid X-Request-ID
    Recording-ID phone phone_number mobile fax msisdn e164 did to_did dids ani dnis Dial data.to_did a[From]
""")
NOTHING = words("""
    Direction Language text note voice_url max_digits min_digits numDigits number_of_digits digits_timeout
    interdigit_timeout dtmf_type spin Spin keypin keypad mapping opinion pinned shopping card_id discard
    number total toll stop_at fromage today panel company class_name cookie_policy token_type
""")


@pytest.mark.parametrize("name", [*CARDS, *PINS, *SESSIONS, *PERSONS])
def test_names_of_cards_pins_sessions_and_persons_are_secret(name: str) -> None:
    assert sense_of(name) is Sense.SECRET
    assert is_secret_name(name)


@pytest.mark.parametrize("name", KEYED)
def test_names_that_end_in_digits_or_dtmf_are_of_keys(name: str) -> None:
    assert sense_of(name) is Sense.KEYED


@pytest.mark.parametrize("name", IDENTITIES)
def test_names_of_telephone_numbers_and_ids_are_known(name: str) -> None:
    assert sense_of(name) is Sense.IDENTITY


@pytest.mark.parametrize("name", ["", "[]", *NOTHING])
def test_other_names_say_nothing(name: str) -> None:
    assert sense_of(name) is Sense.NOTHING


@pytest.mark.parametrize("name", ["Digits[pin]", "to[password]", "pin.digits", "secret_id", "card.id"])
def test_a_credential_is_the_strongest_of_a_name(name: str) -> None:
    assert sense_of(name) is Sense.SECRET


def test_keys_are_stronger_than_an_id() -> None:
    assert sense_of("Digits[account_id]") is Sense.KEYED


@given(st.text())
def test_any_name_says_something(name: str) -> None:
    assert sense_of(name) in Sense
    assert is_secret_name(name) == (sense_of(name) is Sense.SECRET)


@pytest.mark.parametrize("part", ["a", "pin", "pin_", "digits", "a[", "Pin", "id"])
def test_a_name_without_end_is_read_in_one_pass(part: str) -> None:
    began = time.process_time()

    sense_of(part * 300_000 + "!")

    assert time.process_time() - began < 5
