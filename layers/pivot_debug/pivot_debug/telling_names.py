"""What a name says of its value: a credential, keys that a caller pressed, a telephone number or an id. Pure.

One table for headers, parameters, members, elements and attributes, wherever they stand.
"""

import re
from enum import IntEnum
from functools import lru_cache


class Sense(IntEnum):
    """The more, the more is to be hidden."""

    NOTHING = 0
    IDENTITY = 1
    """A telephone number or an id: long numbers there are no payment cards."""
    KEYED = 2
    """What a caller pressed: from four digits on it may be a PIN, or a card."""
    SECRET = 3
    """A credential, whatever it looks like."""


_SECRET_WORDS = (
    *("accesskey", "apikey", "aspsessionid", "authorization", "cookie", "credential", "passw", "privatekey"),
    *("secret", "sessid", "signature", "token"),
)
_SECRET_NAMES = frozenset(
    (
        *("assertion", "auth", "authkey", "code", "codeverifier", "jwt", "key", "otp"),
        *("pass", "passcode", "passphrase", "pwd", "samlresponse", "session", "sessionid", "sig"),
        *("accountpin", "callerpin", "conferencepin", "memberpin", "moderatorpin", "userpin", "voicemailpin", "vmpin"),
        *("pin", "pincode", "pinnumber", "pins"),
        *("aspnetsessionid", "jsessionid", "netsessionid", "wwwauthenticate"),
        *("card", "cardno", "cardnum", "cardnumber", "creditcard", "creditcardno", "creditcardnumber"),
        *("ccno", "ccnum", "ccnumber", "debitcard", "debitcardnumber", "pan", "primaryaccountnumber"),
        *("cardcode", "csc", "cvc", "cvc2", "cvn", "cvv", "cvv2", "securitycode"),
        *("socialsecurity", "socialsecuritynumber", "ssn"),
    )
)
_NOT_SECRET = frozenset({"cookiepolicy", "tokentype"})
# user_pin, doorPin, DOOR-PIN 2; no keypin, no Spin.
_PIN = re.compile(r"(?:(?<![A-Za-z])[Pp]|(?<=[a-z])P)(?:in|IN)[^A-Za-z]*+\Z")

# max_digits and numDigits say how many.
_KEYED = re.compile(r"(?<!max)(?<!min)(?<!num)(?<!numberof)(?:digits|dtmf)\Z")

_IDENTITY = re.compile(
    r"\Ax?(?:from|request|to)(?:number|realm|uri|user)?\Z|\A(?:ani|dial|diversion|dnis)\Z"
    r"|\Ax?(?:called|callee|caller|calling)|e164|fax|mobile|msisdn|phone|dids?\Z|ids?\Z"
)

_STEP = re.compile(r"[\[\].]+")
_NO_LETTER = re.compile("[^a-z0-9]")
_LONGEST_KNOWN = 64


def sense_of(name: str) -> Sense:
    """What a name says in a request: ``X-Auth-Token``, ``Digits[patient]``, ``Call-ID``."""
    return _known_sense(name) if len(name) <= _LONGEST_KNOWN else _sense_of(name)


def is_secret_name(name: str) -> bool:
    """Whether a header or parameter of this name holds a credential: ``X-Auth-Token``, ``sip[password]``."""
    return sense_of(name) is Sense.SECRET


def _sense_of(name: str) -> Sense:
    steps = [step for step in _STEP.split(name) if step]
    plain = [_NO_LETTER.sub("", step.lower()) for step in steps]
    if any(map(_is_secret_step, steps, plain)):
        return Sense.SECRET
    if any(map(_KEYED.search, plain)):
        return Sense.KEYED
    is_identity = bool(plain) and _IDENTITY.search(plain[-1]) and "card" not in plain[-1]
    return Sense.IDENTITY if is_identity else Sense.NOTHING


_known_sense = lru_cache(maxsize=2048)(_sense_of)
"""The same names come with every request."""


def _is_secret_step(step: str, plain: str) -> bool:
    if plain in _NOT_SECRET:
        return False
    return plain in _SECRET_NAMES or any(word in plain for word in _SECRET_WORDS) or bool(_PIN.search(step))
