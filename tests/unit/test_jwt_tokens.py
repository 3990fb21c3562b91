"""KAZOO's JSON Web Tokens: what is accepted, and the table of forgeries that are not (RFC 8725)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.errors import ConfigurationError, InvalidTokenError
from pivot_debug.jwt_tokens import LEEWAY_SECONDS, MAX_LENGTH, JwtSettings, verify
from pivot_debug.tokens import Caller, is_shaped_like_jwt
from tests.builders import ACCOUNT, OTHER_ACCOUNT

moderately = settings(max_examples=50, deadline=None)

NOW = 1_710_278_736
YEAR_2100 = 4_102_444_800
KID = "0123456789abcdef0123456789abcdef"
OTHER_KID = "fedcba9876543210"

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key()
PKCS1_PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
SPKI_PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SETTINGS = JwtSettings("kazoo", {KID: PUBLIC}, ("debug:read",))

Signer = Callable[[bytes], bytes]


def b64(data: bytes | str) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def header(**fields: Any) -> dict[str, Any]:
    return {"alg": "RS256", "typ": "JWT", "kid": KID, **fields}


def claims(**fields: Any) -> dict[str, Any]:
    """What KAZOO puts into a token."""
    usual = {"iss": "kazoo", "account_id": ACCOUNT, "owner_id": "f" * 32, "method": "cb_user_auth", "exp": NOW + 3600}
    return {**usual, **fields}


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def rsa_pkcs1(key: rsa.RSAPrivateKey = KEY, algorithm: HashAlgorithm | None = None) -> Signer:
    return lambda data: key.sign(data, padding.PKCS1v15(), algorithm or SHA256())


def rsa_pss(data: bytes) -> bytes:
    return KEY.sign(data, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())


def hmac_with(secret: bytes) -> Signer:
    return lambda data: hmac.digest(secret, data, "sha256")


def a_token(
    head: dict[str, Any] | str | None = None, body: dict[str, Any] | str | None = None, signer: Signer | None = None
) -> str:
    """A token signed by KAZOO's key unless told otherwise; text is taken as it is."""
    parts = [header() if head is None else head, claims() if body is None else body]
    signed = ".".join(b64(part if isinstance(part, str) else json.dumps(part)) for part in parts)
    return f"{signed}.{b64((signer or rsa_pkcs1())(signed.encode()))}"


def with_claims(**fields: Any) -> str:
    return a_token(body=claims(**fields))


def with_exp(text: str) -> str:
    """A token whose ``exp`` is this piece of JSON."""
    return a_token(body=json.dumps(claims(exp="@")).replace('"@"', text))


def with_header(**fields: Any) -> str:
    return a_token(header(**fields))


def tampered() -> str:
    head, _, signature = a_token().split(".")
    return f"{head}.{b64(json.dumps(claims(account_id=OTHER_ACCOUNT)))}.{signature}"


def with_loose_tail() -> str:
    """The same signature bytes, written with other unused bits in the last character."""
    token = a_token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    loose = token[:-1] + alphabet[last | 1]
    assert loose != token
    assert base64.urlsafe_b64decode(loose.split(".")[2] + "==") == base64.urlsafe_b64decode(token.split(".")[2] + "==")
    return loose


def jwk_of(key: rsa.RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": KID, "n": b64(numbers.n.to_bytes(256, "big")), "e": b64(numbers.e.to_bytes(3, "big"))}


def refused(token: str, now: int = NOW) -> bool:
    with pytest.raises(InvalidTokenError):
        verify(token, SETTINGS, now)
    return True


# ---------------------------------------------------------------- what is accepted


def test_a_token_of_kazoo_reaches_its_own_account() -> None:
    assert verify(a_token(), SETTINGS, NOW) == Caller(
        name=f"jwt:{ACCOUNT}", accounts=(ACCOUNT,), scopes=("debug:read",), expires=NOW + 3600 + LEEWAY_SECONDS
    )


@pytest.mark.parametrize(
    "token",
    [
        a_token(without(header(), "typ")),
        with_claims(iat=NOW, nbf=NOW, jti="x", sub="y", aud="somebody else"),
        with_claims(identity_sig="x", **{"as": None}),
        with_exp(str(NOW + 1)),
        with_exp(str(10**30)),
    ],
    ids=["no typ", "registered claims", "KAZOO's other claims", "about to expire", "never expires"],
)
def test_accepted_is(token: str) -> None:
    assert verify(token, SETTINGS, NOW).accounts == (ACCOUNT,)


@pytest.mark.parametrize("other", [OTHER_ACCOUNT, [OTHER_ACCOUNT], "*", {"account_id": OTHER_ACCOUNT}])
def test_the_claim_as_is_ignored(other: Any) -> None:
    # It is copied from the body of the login request: the client's choice.
    assert verify(with_claims(**{"as": other}), SETTINGS, NOW).accounts == (ACCOUNT,)


@pytest.mark.parametrize("scopes", ["debug:write", ["debug:write"], "*"])
def test_a_token_cannot_name_its_own_scopes(scopes: Any) -> None:
    assert verify(with_claims(scope=scopes, scopes=scopes), SETTINGS, NOW).scopes == ("debug:read",)


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "x5t"])
def test_what_a_header_says_about_keys_is_ignored(name: str) -> None:
    value = jwk_of(STRANGERS_KEY) if name == "jwk" else "https://attacker.example/keys"

    assert verify(with_header(**{name: value}), SETTINGS, NOW).accounts == (ACCOUNT,)
    assert refused(a_token(header(**{name: value}), signer=rsa_pkcs1(STRANGERS_KEY)))


def test_a_clock_may_be_half_a_minute_off() -> None:
    assert LEEWAY_SECONDS == 30
    assert verify(with_claims(exp=NOW - 29), SETTINGS, NOW).expires == NOW + 1
    assert refused(with_claims(exp=NOW - 30))
    assert refused(with_claims(exp=NOW - 31))


def test_each_key_is_good_for_its_own_key_id_alone() -> None:
    both = JwtSettings("kazoo", {KID: PUBLIC, OTHER_KID: STRANGERS_KEY.public_key()}, ("debug:read",))

    assert verify(a_token(header(kid=OTHER_KID), signer=rsa_pkcs1(STRANGERS_KEY)), both, NOW)
    with pytest.raises(InvalidTokenError):
        verify(a_token(header(kid=OTHER_KID)), both, NOW)
    with pytest.raises(InvalidTokenError):
        verify(a_token(header(kid=KID), signer=rsa_pkcs1(STRANGERS_KEY)), both, NOW)


def test_without_a_key_no_token_is_accepted() -> None:
    with pytest.raises(InvalidTokenError, match="unknown key"):
        verify(a_token(), JwtSettings("kazoo", {}, ("debug:read",)), NOW)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("x" * (MAX_LENGTH + 1), "longer than any KAZOO token"),
        (with_header(kid=OTHER_KID), "unknown key"),
        (with_claims(iss="x"), "no JWT of ours: InvalidIssuerError"),
        (with_claims(exp=NOW - 31), "expired, or exp is not a whole number"),
        (with_claims(account_id="x"), "account_id is not an account id"),
    ],
)
def test_the_log_says_why_a_jwt_was_refused(token: str, reason: str) -> None:
    with pytest.raises(InvalidTokenError) as caught:
        verify(token, SETTINGS, NOW)

    assert str(caught.value) == reason


# ---------------------------------------------------------------- the forgery table

FORGERIES = {
    # The algorithm is the attacker's choice.
    "alg none": a_token(header(alg="none"), signer=lambda _: b""),
    "alg None": a_token(header(alg="None"), signer=lambda _: b""),
    "alg none, signed": with_header(alg="none"),
    "alg empty": with_header(alg=""),
    "alg missing": a_token(without(header(), "alg")),
    "alg null": with_header(alg=None),
    "alg a list": with_header(alg=["RS256"]),
    "alg lower case": with_header(alg="rs256"),
    "HS256 with the PKCS#1 PEM": a_token(header(alg="HS256"), signer=hmac_with(PKCS1_PEM)),
    "HS256 with the SPKI PEM": a_token(header(alg="HS256"), signer=hmac_with(SPKI_PEM)),
    "HS256 with the stripped PEM": a_token(header(alg="HS256"), signer=hmac_with(PKCS1_PEM.strip())),
    "HS256 with an empty key": a_token(header(alg="HS256"), signer=hmac_with(b"")),
    "HS256 signature under RS256": a_token(signer=hmac_with(PKCS1_PEM)),
    "RS384": a_token(header(alg="RS384"), signer=rsa_pkcs1(algorithm=SHA384())),
    "PS256": a_token(header(alg="PS256"), signer=rsa_pss),
    "PS256 signature under RS256": a_token(signer=rsa_pss),
    "RS384 signature under RS256": a_token(signer=rsa_pkcs1(algorithm=SHA384())),
    "duplicate alg, none last": a_token(f'{{"alg":"RS256","alg":"none","kid":"{KID}"}}', signer=lambda _: b""),
    "duplicate alg, none first": a_token(f'{{"alg":"none","alg":"RS256","kid":"{KID}"}}', signer=lambda _: b""),
    "duplicate alg, HS256 last": a_token(f'{{"alg":"RS256","alg":"HS256","kid":"{KID}"}}', signer=hmac_with(PKCS1_PEM)),
    # The expiry.
    "exp missing": a_token(body=without(claims(), "exp")),
    "exp null": with_exp("null"),
    "exp a list": with_exp(f"[{NOW + 60}]"),
    "exp an object": with_exp("{}"),
    "exp abc": with_exp('"abc"'),
    "exp empty": with_exp('""'),
    "exp 1e400": with_exp("1e400"),
    "exp infinite": with_exp("Infinity"),
    "exp not a number": with_exp("NaN"),
    "exp negative": with_exp("-1"),
    "exp zero": with_exp("0"),
    "exp true": with_exp("true"),
    "exp false": with_exp("false"),
    "exp a numeric string": with_exp(f'"{NOW + 60}"'),
    "exp fractional": with_exp(f"{NOW + 60}.5"),
    "exp a whole float": with_exp(f"{NOW + 60}.0"),
    "exp in exponent form": with_exp("1e11"),
    "exp past": with_exp(str(NOW - 3600)),
    # Not yet valid.
    "nbf in the future": with_claims(nbf=YEAR_2100),
    "iat in the future": with_claims(iat=YEAR_2100),
    "nbf no number": with_claims(nbf="soon"),
    "iat a list": with_claims(iat=[]),
    # The issuer.
    "iss wrong": with_claims(iss="kazoo2"),
    "iss part of ours": with_claims(iss="kaz"),
    "iss empty": with_claims(iss=""),
    "iss missing": a_token(body=without(claims(), "iss")),
    "iss null": with_claims(iss=None),
    "iss a list": with_claims(iss=["kazoo"]),
    "iss upper case": with_claims(iss="KAZOO"),
    "iss a URL": with_claims(iss="https://attacker.example"),
    # The form.
    "crit unknown": with_header(crit=["x"], x=1),
    "crit empty": with_header(crit=[]),
    "crit no list": with_header(crit="exp"),
    "b64 false": with_header(b64=False),
    "trailing newline": f"{a_token()}\n",
    "leading space": f" {a_token()}",
    "Bearer before it": f"Bearer {a_token()}",
    "four parts": f"{a_token()}.x",
    "four parts, empty": f"{a_token()}.",
    "two parts": a_token().rpartition(".")[0],
    "no signature": a_token().rpartition(".")[0] + ".",
    "empty parts": "..",
    "non-canonical base64 tail": with_loose_tail(),
    "standard base64": a_token().replace("-", "+").replace("_", "/") + "+",
    "not base64": "é.é.é",
    "header no object": a_token('["RS256"]'),
    "header no JSON": a_token("{"),
    "header nested too deeply": a_token("[" * 2000),
    "payload no object": a_token(body='["x"]'),
    "payload no JSON": a_token(body="{"),
    "payload empty": a_token(body=""),
    "over-long": with_claims(x="y" * MAX_LENGTH),
    "over-long header": with_header(x="y" * MAX_LENGTH),
    # The signature.
    "tampered payload": tampered(),
    "key of another": a_token(signer=rsa_pkcs1(STRANGERS_KEY)),
    "signature cut": a_token()[:-4],
    "signature of zeros": a_token(signer=lambda _: bytes(256)),
    "signature 1": a_token(signer=lambda _: (1).to_bytes(256, "big")),
    "own key in the header": a_token(header(jwk=jwk_of(STRANGERS_KEY)), signer=rsa_pkcs1(STRANGERS_KEY)),
    # The key id is untrusted text.
    "kid unknown": with_header(kid=OTHER_KID),
    "kid missing": a_token(without(header(), "kid")),
    "kid null": with_header(kid=None),
    "kid a number": with_header(kid=5),
    "kid true": with_header(kid=True),
    "kid a list": with_header(kid=[KID]),
    "kid an object": with_header(kid={KID: 1}),
    "kid empty": with_header(kid=""),
    "kid upper case": with_header(kid=KID.upper()),
    "kid a path": with_header(kid="../../../../dev/null"),
    "kid a path to ours": with_header(kid=f"./{KID}"),
    "kid with a newline": with_header(kid=f"{KID}\n"),
    "kid with a NUL": with_header(kid=f"{KID}\0"),
    "kid SQL": with_header(kid="' OR 1=1 --"),
    "kid short": with_header(kid=KID[:15]),
    "kid long": with_header(kid="a" * 65),
    "kid not ASCII": with_header(kid="٠" * 16),  # noqa: RUF001 - digits that are not ASCII
    # The account.
    "account_id missing": a_token(body=without(claims(), "account_id")),
    "account_id null": with_claims(account_id=None),
    "account_id a number": with_claims(account_id=int("1" * 32)),
    "account_id a float": with_claims(account_id=1.5),
    "account_id true": with_claims(account_id=True),
    "account_id a list": with_claims(account_id=[ACCOUNT]),
    "account_id an object": with_claims(account_id={ACCOUNT: ACCOUNT}),
    "account_id empty": with_claims(account_id=""),
    "account_id upper case": with_claims(account_id=ACCOUNT.upper()),
    "account_id *": with_claims(account_id="*"),
    "account_id with *": with_claims(account_id=f"{ACCOUNT[:-1]}*"),
    "account_id with ?": with_claims(account_id=f"{ACCOUNT[:-1]}?"),
    "account_id and more": with_claims(account_id=f"{ACCOUNT}0"),
    "account_id with a newline": with_claims(account_id=f"{ACCOUNT}\n"),
    "account_id of two": with_claims(account_id=f"{ACCOUNT},{OTHER_ACCOUNT}"),
    "account_id with a path": with_claims(account_id=f"{ACCOUNT[:-1]}/"),
}


@pytest.mark.parametrize("token", FORGERIES.values(), ids=FORGERIES)
def test_refused_is(token: str) -> None:
    assert refused(token)


def test_every_forgery_is_refused_for_more_than_its_length() -> None:
    # Else the table would test nothing but the cap.
    too_long = [name for name, token in FORGERIES.items() if len(token) > MAX_LENGTH]

    assert too_long == ["over-long", "over-long header"]


def test_a_token_may_be_as_long_as_the_cap() -> None:
    token = with_claims(x="y" * 2500)

    assert 0.9 * MAX_LENGTH < len(token) <= MAX_LENGTH
    assert verify(token, SETTINGS, NOW)


@given(st.text() | st.text("eyJ.-_A9=", max_size=60))
@moderately
def test_arbitrary_text_is_refused_and_never_a_crash(text: str) -> None:
    assert refused(text)


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40))
@moderately
def test_arbitrary_bytes_in_the_form_of_a_token_are_refused(head: bytes, body: bytes, signature: bytes) -> None:
    assert refused(f"{b64(head)}.{b64(body)}.{b64(signature)}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "cty", "jwk"]), JSON, max_size=3))
@moderately
def test_no_header_but_kazoos_own_is_a_crash(fields: dict[str, Any]) -> None:
    try:
        caller = verify(a_token(header(**fields), signer=lambda _: b"x"), SETTINGS, NOW)
    except InvalidTokenError:
        return

    pytest.fail(f"accepted without a signature: {caller}")


@given(st.dictionaries(st.sampled_from(["iss", "exp", "nbf", "iat", "sub", "jti", "aud", "account_id", "as"]), JSON))
@settings(moderately, max_examples=60)
def test_no_claim_that_kazoo_might_sign_is_a_crash(fields: dict[str, Any]) -> None:
    try:
        caller = verify(with_claims(**fields), SETTINGS, NOW)
    except InvalidTokenError:
        return

    assert caller.accounts == (ACCOUNT,)


@pytest.mark.parametrize(("token", "expected"), [("a.b.c", True), ("..", True), ("a.b", False), ("a.b.c.d", False)])
def test_a_jwt_has_three_parts(token: str, expected: bool) -> None:
    assert is_shaped_like_jwt(token) is expected


# ---------------------------------------------------------------- settings


def environment(**changes: str) -> dict[str, str]:
    return {"JWT_ISSUER": "kazoo", "JWT_SCOPES": "debug:read,debug:write", "JWT_PUBLIC_KEYS": "", **changes}


def inside(pem: bytes) -> str:
    """What stands between the first and the last line of a PEM, on one line."""
    return "".join(pem.decode().splitlines()[1:-1])


def as_text(der: bytes) -> str:
    return base64.b64encode(der).decode()


@pytest.mark.parametrize("pem", [PKCS1_PEM, SPKI_PEM], ids=["PKCS#1, as KAZOO serves it", "SubjectPublicKeyInfo"])
def test_both_forms_of_a_public_key_are_read(pem: bytes) -> None:
    settings_read = JwtSettings.from_env(environment(JWT_PUBLIC_KEYS=f"{KID}={inside(pem)}"))

    assert settings_read.public_keys[KID].public_numbers() == PUBLIC.public_numbers()
    assert verify(a_token(), settings_read, NOW).scopes == ("debug:read", "debug:write")


def test_several_keys_stand_side_by_side() -> None:
    strangers = inside(STRANGERS_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1))

    read = JwtSettings.from_env(
        environment(JWT_PUBLIC_KEYS=f" {KID}={inside(PKCS1_PEM)} ,\n {OTHER_KID} = {strangers},")
    )

    assert {kid: key.public_numbers() for kid, key in read.public_keys.items()} == {
        KID: PUBLIC.public_numbers(),
        OTHER_KID: STRANGERS_KEY.public_key().public_numbers(),
    }


@pytest.mark.parametrize("text", ["", " ", ",", "\n"])
def test_no_key_at_all_is_allowed(text: str) -> None:
    assert JwtSettings.from_env(environment(JWT_PUBLIC_KEYS=text)).public_keys == {}


EC_KEY = (
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)
P256, UNKNOWN_CURVE = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f")
ED_KEY = ed25519.Ed25519PrivateKey.generate().public_key()
SHORT_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505 - it is refused
PRIVATE = KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())

BAD_KEYS = {
    "no key": KID,
    "an empty key": f"{KID}=",
    "no key id": f"={inside(PKCS1_PEM)}",
    "a key alone": inside(PKCS1_PEM),
    "a key id that is no hex": f"konami-transfer-{KID}={inside(PKCS1_PEM)}",
    "a key id too short": f"{KID[:15]}={inside(PKCS1_PEM)}",
    "a key id in upper case": f"{KID.upper()}={inside(PKCS1_PEM)}",
    "a whole PEM": f"{KID}={PKCS1_PEM.decode()}",
    "not base64": f"{KID}=%%%",
    "base64 cut": f"{KID}={inside(PKCS1_PEM)[:-1]}",
    "not ASCII": f"{KID}=é",
    "no key in it": f"{KID}={as_text(b'no key')}",
    "a key cut": f"{KID}={as_text(base64.b64decode(inside(PKCS1_PEM))[:-9])}",
    "a private key": f"{KID}={as_text(PRIVATE)}",
    "an elliptic curve": f"{KID}={as_text(EC_KEY)}",
    "an unknown curve": f"{KID}={as_text(EC_KEY.replace(P256, UNKNOWN_CURVE))}",
    "Ed25519": f"{KID}={as_text(ED_KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))}",
    # RFC 7518, 3.3: a key of 2048 bits or larger must be used.
    "a key too short for RS256": f"{KID}={as_text(SHORT_KEY.public_bytes(Encoding.DER, PublicFormat.PKCS1))}",
    "one good, one bad": f"{KID}={inside(PKCS1_PEM)},{OTHER_KID}=x",
}


@pytest.mark.parametrize("text", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_public_key_is_a_configuration_error_that_names_the_variable(text: str) -> None:
    with pytest.raises(ConfigurationError, match="JWT_PUBLIC_KEYS"):
        JwtSettings.from_env(environment(JWT_PUBLIC_KEYS=text))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_ISSUER", ""),
        ("JWT_SCOPES", ""),
        ("JWT_SCOPES", "debug"),
        ("JWT_SCOPES", "debug:read,"),
        ("JWT_SCOPES", "*"),
    ],
)
def test_any_other_bad_setting_is_named_too(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        JwtSettings.from_env(environment(**{name: value}))


@pytest.mark.parametrize("name", ["JWT_ISSUER", "JWT_SCOPES"])
def test_a_missing_setting_is_named_too(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        JwtSettings.from_env(without(environment(), name))


def test_the_tokens_of_this_table_are_all_different() -> None:
    assert len({hashlib.sha256(token.encode()).hexdigest() for token in FORGERIES.values()}) == len(FORGERIES)
