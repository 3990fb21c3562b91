"""Credentials never reach the store, and nothing else is touched."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.documents import records_of
from pivot_debug.models import Source
from pivot_debug.packing import unpack, unpack_text
from pivot_debug.redaction import redact_form, redact_headers, redact_json, redact_keys, redact_url
from pivot_debug.telling_names import is_secret_name
from tests.builders import ACCOUNT, CREATED, a_request, a_response

moderately = settings(max_examples=60, deadline=None)

SECRET = "s3cr3t-Va1ue"


def words(text: str) -> list[str]:
    return text.split()


# A planted secret is recognised again by its core, whatever stands around it.
CORES = st.integers(0, 16**16 - 1).map(lambda number: f"q{number:016x}")
SECRET_HEADERS = st.sampled_from(
    words("""
        Authorization PROXY-AUTHORIZATION cookie Set-Cookie x-auth-token X-Api-Key X-My-Secret X-Amz-Security-Token
        X-Hub-Signature-256 api_key X-Password X-Credential
    """)
)
SECRET_PARAMETERS = st.sampled_from(
    words("""
        token access_token refresh_token id_token apikey api_key API-Key key secret pin PIN client_secret password
        passwd pwd sig signature session auth jwt sip[password] Custom-SIP-Headers[X-Auth-Token]
        Custom-SIP-Headers%5BX-Auth-Token%5D to%6Ben a.b.token X-Amz-Signature
    """)
)
PLAIN_NAMES = st.sampled_from(
    words("""
        Call-ID Caller-ID-Number From To Api-Version Language Request x keypad pinned Authority TokenType
        Cookie-Policy monkey author Session-Count Recording-Url Passenger
    """)
)
PLAIN_TEXTS = st.text("abcXYZ 0189+-_.~%/:@,!*'()[]", max_size=20)


def record_text(document: dict[str, Any]) -> str:
    """The document as it lies in the store."""
    records = records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))
    return "\n".join(unpack_text(record.packed) for record in records)


def record(document: dict[str, Any]) -> dict[str, Any]:
    """As it is kept where digits are: what is hidden of those is tested in test_digits."""
    now_ms = clock.unix_ms(CREATED)
    own, *_ = records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=now_ms, keep_digits=True)
    return unpack(own.packed)


# ---------------------------------------------------------------- what survives


@given(CORES, SECRET_HEADERS, st.sampled_from(["", "Bearer ", "basic ", "Token  ", "sid=", "a\tb "]), st.booleans())
@moderately
def test_no_secret_planted_in_a_header_reaches_the_store(core: str, name: str, before: str, is_repeated: bool) -> None:
    value: Any = [f"{before}{core}", f"{before}x{core}"] if is_repeated else f"{before}{core}"

    assert core not in record_text(a_request(req_headers={"x-a": "b", name: value, "z": "y"}))
    assert core not in record_text(a_response(resp_headers={name: value}))


@given(CORES, SECRET_PARAMETERS, PLAIN_NAMES, PLAIN_TEXTS, st.sampled_from("?#"))
@moderately
def test_no_secret_planted_in_a_query_reaches_the_store(
    core: str, name: str, plain: str, text: str, separator: str
) -> None:
    around = quote(text, safe="/:@!*'(),?=")
    uri = f"https://pivot.example.com/a{separator}{plain}={around}&{name}={around}{core}{around}&{plain}=1"

    assert core not in record_text(a_request(uri=uri))


@given(CORES, SECRET_PARAMETERS, PLAIN_NAMES, PLAIN_TEXTS)
@moderately
def test_no_secret_planted_in_a_form_reaches_the_store(core: str, name: str, plain: str, text: str) -> None:
    around = quote(text, safe="")
    body = f"{plain}={around}&{name}={around}{core}{around}&{plain}=1&&"

    assert core not in record_text(a_request(method="post", req_body=body))


@given(
    CORES,
    st.text("abcAB09-._~!$&'()*+,;=%:@", max_size=8),
    st.sampled_from(["host.example", "host.example:8080", "10.0.0.1", "[::1]", "[::1]:443", "HOST"]),
    st.sampled_from(["", "/", "/a?b=c", "?x=1", "#f"]),
)
@moderately
def test_no_secret_planted_in_userinfo_reaches_the_store(core: str, around: str, host: str, rest: str) -> None:
    for userinfo in (f"{core}", f"user:{around}{core}{around}", f"{around}{core}:{around}"):
        uri = f"https://{userinfo}@{host}{rest}"

        assert core not in record_text(a_request(uri=uri))
        assert core not in record_text(a_response(resp_headers={"location": uri}))
        assert redact_url(uri) == (f"https://***@{host}{rest}", ["userinfo"])


@pytest.mark.parametrize("host", ["host.example", "10.0.0.1", "host.example:8080"])
def test_a_password_in_kazoos_own_odd_order_is_taken_out_too(host: str) -> None:
    # KAZOO's splitter expects user@pass:host.
    kept, lost = redact_url(f"https://user@{SECRET}:{host}/a")

    assert SECRET not in kept
    assert lost == ["userinfo"]


@pytest.mark.parametrize(
    "uri",
    [
        f"https://pivot.example.com/a?token=abc;{SECRET}",
        f"https://pivot.example.com/a?x=1&password={SECRET[:3]};{SECRET}",
    ],
)
def test_a_semicolon_does_not_end_a_secret_in_a_query(uri: str) -> None:
    # No server of today reads ";" as a separator: all of it is the value.
    assert SECRET not in redact_url(uri)[0]


@pytest.mark.parametrize("body", [f"password=ab;{SECRET}", f"password=ab#{SECRET}&x=1"])
def test_neither_a_semicolon_nor_a_hash_ends_a_secret_in_a_form(body: str) -> None:
    assert SECRET not in redact_form(body)[0]


@pytest.mark.parametrize("host", ["host.example", "host.example:8080"])
def test_a_colon_in_a_password_of_that_order_does_not_save_it(host: str) -> None:
    kept, _ = redact_url(f"https://user@ab:{SECRET}:{host}/a")

    assert SECRET not in kept
    assert kept.endswith(f"@{host}/a")


def test_a_space_in_a_password_does_not_save_it() -> None:
    assert SECRET not in redact_url(f"https://user:my {SECRET}@pivot.example.com/a")[0]


def test_a_parameter_after_a_second_question_mark_is_taken_out() -> None:
    assert SECRET not in redact_url(f"https://pivot.example.com/a?x=1?token={SECRET}")[0]


@pytest.mark.parametrize("name", ["Location", "content-location", "Referer", "Refresh"])
def test_a_relative_url_in_a_header_loses_its_secrets(name: str) -> None:
    for url in (f"/next?access_token={SECRET}", f"/next#access_token={SECRET}", f"//user:{SECRET}@pivot.example.com/"):
        kept, lost = redact_headers({name: url})

        assert SECRET not in str(kept)
        assert lost == [name]


@pytest.mark.parametrize(
    "value",
    [
        "bot (+https://bot.example; bot@example.com)",
        "<https://a.example>; rel=author; title=me@b.example",
        "https://a.example, mailto:me@b.example",
    ],
)
def test_a_mail_address_that_follows_a_url_in_a_header_is_no_userinfo(value: str) -> None:
    assert redact_headers({"user-agent": value}) == ({"user-agent": value}, [])


def test_a_url_inside_a_url_loses_its_userinfo() -> None:
    kept, lost = redact_url(f"https://a.example/?next=https://user:{SECRET}@b.example/")

    assert kept == "https://a.example/?next=https://***@b.example/"
    assert lost == ["userinfo"]


# ---------------------------------------------------------------- names


# security-reliability.md section 5: headers, then parameters of queries and forms.
CHECKLIST = words("""
    authorization proxy-authorization cookie set-cookie x-auth-token x-api-key x-amz-security-token www-authenticate
    X-Any-Token-At-All my-secret x-goog-signature
    password passwd pwd pin token access_token refresh_token id_token api_key apikey key secret client_secret code
    code_verifier assertion samlresponse sig signature session auth card cvv
""")

# What KAZOO sends with every request, headers of every day, and look-alikes.
ORDINARY = words("""
    Account-ID Api-Version Call-ID Call-Status Caller-ID-Name Caller-ID-Number Direction From From-Realm Language
    Recording-ID Request-Realm To User-ID CallSid AccountSid ApiVersion Custom-Application-Vars[x] Transcription-Text
    Digits Hangup-Cause Duration-Seconds Disposition
    content-type host te server etag x-request-id author keypad spin token_type
""")


@pytest.mark.parametrize("name", CHECKLIST)
def test_every_name_of_the_checklist_is_secret(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_name(name.upper())


@pytest.mark.parametrize(
    "name", ["pass", "passphrase", "passcode", "auth_key", "session_id", "sessionid", "otp", "X-Authorization"]
)
def test_common_names_of_credentials_are_secret_too(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["", "[]", *ORDINARY])
def test_names_of_ordinary_things_are_not(name: str) -> None:
    assert not is_secret_name(name)


# ---------------------------------------------------------------- what is left alone


@given(
    PLAIN_NAMES, PLAIN_TEXTS, PLAIN_NAMES, st.sampled_from(["", "&&", "&", "#frag", "?", "&=&", "&novalue", "&a=&b"])
)
@moderately
def test_a_url_without_secrets_is_kept_to_the_byte(name: str, text: str, other: str, rest: str) -> None:
    url = f"https://pivot.example.com:8443/a;b/c%2F?{name}={quote(text)}&{other}=+%2B{rest}"

    assert redact_url(url) == (url, [])


@given(st.text())
@moderately
def test_text_without_an_equals_sign_is_kept_to_the_byte(text: str) -> None:
    form = text.replace("=", "")

    assert redact_form(form) == (form, [])


@given(st.dictionaries(PLAIN_NAMES, PLAIN_TEXTS | st.integers() | st.lists(PLAIN_TEXTS, max_size=3)))
@moderately
def test_headers_without_secrets_are_kept_to_the_byte(headers: dict[str, Any]) -> None:
    assert redact_headers(headers) == (headers, [])


def test_only_the_value_of_a_secret_parameter_is_replaced() -> None:
    kept, lost = redact_url("https://p.example/a?b=c%20d&&API%5Fkey=x=y&e=+#f&token=z")

    assert kept == "https://p.example/a?b=c%20d&&API%5Fkey=***&e=+#f&token=***"
    assert lost == ["API_key", "token"]


def test_an_empty_secret_is_no_secret() -> None:
    assert redact_form("token=&pin=&x=1") == ("token=&pin=&x=1", [])


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (f"Bearer {SECRET}", "Bearer ***"),
        (f"basic {SECRET}", "basic ***"),
        (SECRET, "***"),
        (f"Bearer{SECRET}", "***"),
        (f"Bearer\t{SECRET}", "***"),
        (42, "***"),
        ("", "***"),
    ],
)
def test_the_scheme_of_a_credential_stays_readable(value: str | int, kept: str) -> None:
    assert redact_headers({"authorization": value}) == ({"authorization": kept}, ["authorization"])


def test_a_repeated_header_loses_the_secret_in_each_of_its_values() -> None:
    kept, lost = redact_headers({"set-cookie": ["a=1", "b=2"], "vary": ["a", "b"]})

    assert kept == {"set-cookie": ["***", "***"], "vary": ["a", "b"]}
    assert lost == ["set-cookie"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://u:p@host:/a", "https://***@host:/a"),
        ("https://u:p@host:8080/a", "https://***@host:8080/a"),
        ("https://u@host/a", "https://***@host/a"),
        ("https://userpass@host/a", "https://***@host/a"),
        ("https://u:p@[2001:db8::1]/a", "https://***@[2001:db8::1]/a"),
        ("https://u:p@[2001:db8::1]:8443/a", "https://***@[2001:db8::1]:8443/a"),
        ("https://u:p@q@host/a", "https://***@host/a"),
        ("https://host/a@b:c", "https://host/a@b:c"),
        ("https://host?a@b:c", "https://host?a@b:c"),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ],
)
def test_host_and_port_stay_when_userinfo_goes(url: str, kept: str) -> None:
    assert redact_url(url)[0] == kept


# ---------------------------------------------------------------- twice


@given(st.text("ab:/?#&;=@[]*. %token", max_size=40) | st.text(max_size=30))
@moderately
def test_redacting_a_url_twice_equals_once(text: str) -> None:
    once = redact_url(text)[0]

    assert redact_url(once) == (once, [])


@given(st.text("a&;=#?* %token", max_size=40) | st.text(max_size=30))
@moderately
def test_redacting_a_form_twice_equals_once(text: str) -> None:
    once = redact_form(text)[0]

    assert redact_form(once) == (once, [])


@given(st.dictionaries(SECRET_HEADERS | PLAIN_NAMES, st.text("Bearer basic:/@*?=token ", max_size=20) | st.integers()))
@moderately
def test_redacting_headers_twice_equals_once(headers: dict[str, Any]) -> None:
    once = redact_headers(headers)[0]

    assert redact_headers(once) == (once, [])


# ---------------------------------------------------------------- in a record


def test_a_record_says_what_was_taken_out_of_it() -> None:
    document = a_request(
        method="post",
        uri=f"https://u:{SECRET}@p.example/a?token={SECRET}",
        req_headers={"authorization": SECRET, "content-type": "application/x-www-form-urlencoded"},
        req_body=f"Call-ID=1&pin={SECRET}",
    )

    assert record(document)["redacted"] == ["req_body.pin", "req_headers.authorization", "uri.token", "uri.userinfo"]


def test_a_record_that_lost_nothing_says_nothing() -> None:
    assert "redacted" not in record(a_request())


def test_what_another_recorder_took_out_stays_listed() -> None:
    document = a_request(redacted=["uri.token", "req_body.code"], uri=f"https://p.example/?pin={SECRET}")

    assert record(document)["redacted"] == ["req_body.code", "uri.pin", "uri.token"]


@pytest.mark.parametrize("body", ['{"Call-ID":"a=b&c;d#e"}', "[1, 2]", "<a b='c'>d=e&amp;f</a>", ' \n{"a": "b" }'])
def test_a_request_body_that_is_no_form_is_kept_to_the_byte(body: str) -> None:
    assert record(a_request(method="post", req_body=body))["req_body"] == body


# ---------------------------------------------------------------- bodies in JSON

JSON_TEXTS = st.text('a"\\:{}[], \n\té', max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | JSON_TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(PLAIN_NAMES | st.text('ab"\\: ', max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
JSON_STYLES = st.fixed_dictionaries({"indent": st.sampled_from([None, 1]), "ensure_ascii": st.booleans()})


@given(JSON, JSON_STYLES)
@moderately
def test_json_without_secrets_is_kept_to_the_byte(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)

    assert redact_json(text) == (text, [])


@given(CORES, JSON_TEXTS, SECRET_HEADERS, JSON, JSON, JSON_STYLES)
@moderately
def test_no_secret_planted_in_json_reaches_the_store(  # noqa: PLR0917 - drawn by hypothesis
    core: str, around: str, name: str, before: Any, behind: Any, style: dict[str, Any]
) -> None:
    member = {"before": before, name: f"{around}{core}{around}", "behind": behind}
    body = json.dumps({"data": [before, member]}, **style)

    document = record(a_request(method="post", req_body=body))

    assert core not in json.dumps(document)
    kept = json.loads(document["req_body"])["data"][1]
    assert kept == member | {name: "***"}
    assert document["redacted"] == [f"req_body.{name}"]


@pytest.mark.parametrize(
    "body",
    [
        f'{{"token":"{SECRET}"}}',
        f'[{{"a":[{{"sip":{{"password" : "{SECRET}"}}}}]}}]',
        f' \n{{"pin":\n"{SECRET}"}}',
        f'{{"token":["{SECRET}"]}}',
        f'{{"tokens":["a","{SECRET}"]}}',
        f'{{"credentials":{{"user":"{SECRET}","realm":"x"}}}}',
        f'{{"pass\\u0077ord":"{SECRET}"}}',
        f'{{"token":"a\\"{SECRET}"}}',
        f'{{"token":"{SECRET}',
    ],
    ids=["text", "deep", "spaced", "list", "later in a list", "object", "escaped name", "escaped quote", "cut"],
)
def test_a_secret_in_a_json_body_is_taken_out_whatever_it_is_wrapped_in(body: str) -> None:
    assert SECRET not in record_text(a_request(method="post", req_body=body))


def test_a_number_under_a_secret_name_is_taken_out() -> None:
    assert redact_json('{"pin":1234,"a":-1.5e3,"cvv": -1}') == ('{"pin":"***","a":-1.5e3,"cvv": "***"}', ["pin", "cvv"])


@given(JSON_TEXTS | st.text('"\\:{}[],a1 token', max_size=30))
@moderately
def test_redacting_json_twice_equals_once(text: str) -> None:
    once = redact_json(text)[0]

    assert redact_json(once) == (once, [])


# ---------------------------------------------------------------- our own keys

RELAY = "pvr_" + "0f" * 16
TOKEN = "pvd_aZ09aZ09aZ09aZ09"
KEYS = st.sampled_from([(RELAY, "relay"), (TOKEN, "token")])
KEY_SECRETS = st.text("abcdefXYZ0189", min_size=32, max_size=32)
RELAY_URI = f"https://fn.on.aws/{ACCOUNT}/{RELAY}_SECRET/voice/a.php?Call-ID=1&&From=%2B1"


@given(KEY_SECRETS, st.sampled_from(["SECRET", "secret-named", "token=SECRET"]), st.booleans())
@moderately
def test_the_secret_of_a_relay_reaches_the_store_by_no_way(secret: str, query: str, is_lower: bool) -> None:
    # KAZOO keeps headers in lower case.
    uri = RELAY_URI.replace("SECRET", secret) + f"&{query.replace('SECRET', f'{RELAY}_{secret}')}"
    headers = {"Referer": uri.lower() if is_lower else uri, "x": f"/{RELAY}_{secret}/voice", "y": [uri, uri]}
    documents = [
        a_request(uri=uri, req_headers=headers, method="post", req_body=f"u={quote(uri, safe='')}&v={uri}"),
        a_request(uri=uri, method="post", req_body=json.dumps({"u": [{"v": uri}], uri: 1})),
        a_request(uri=uri, method="post", req_body=f"<a>{uri}</a>"),
        a_response(resp_headers={**headers, "location": uri}),
    ]

    for document in documents:
        kept = record_text(document)
        assert secret.lower() not in kept.lower()
        assert f"{RELAY}_***" in kept


def test_a_record_says_that_a_key_was_taken_out_and_keeps_its_id() -> None:
    uri = RELAY_URI.replace("SECRET", "a" * 32)
    document = record(
        a_request(
            uri=uri, method="post", req_headers={"Referer": uri}, req_body=f"a={RELAY}_b&c={TOKEN}_d&token={TOKEN}_e"
        )
    )

    assert document["uri"] == RELAY_URI.replace("SECRET", "***")
    assert document["req_body"] == f"a={RELAY}_***&c={TOKEN}_***&token=***"
    assert document["redacted"] == ["req_body.relay", "req_body.token", "req_headers.Referer", "uri.relay"]


@given(KEYS, KEY_SECRETS, st.text(max_size=10), st.text(' /%-_.?&=\\"\n', max_size=5))
@moderately
def test_a_key_is_known_by_its_form_wherever_it_stands(
    key: tuple[str, str], secret: str, before: str, behind: str
) -> None:
    identity, kind = key

    kept = f"{before}{identity}_***{behind}"

    assert redact_keys(f"{before}{identity}_{secret}{behind}") == (kept, [kind])
    assert redact_keys(kept) == (kept, [])


@pytest.mark.parametrize("length", [1, 31, 33, 100])
def test_a_key_that_was_cut_off_or_runs_on_is_taken_out_too(length: int) -> None:
    assert redact_keys(f"{RELAY}_{'a' * length}") == (f"{RELAY}_***", ["relay"])


@pytest.mark.parametrize(
    "text",
    [
        RELAY,
        f"{RELAY}_",
        f"{RELAY}_***",
        f"{RELAY}-{'a' * 32}",
        f"pvr_{'0g' * 16}_{'a' * 32}",
        f"pvr_{'0f' * 15}_{'a' * 32}",
        f"pvd_short_{'a' * 32}",
        "pvr_ pvd_",
    ],
)
def test_what_only_looks_like_a_key_is_kept(text: str) -> None:
    assert redact_keys(text) == (text, [])
    assert redact_url(f"https://h.example/{text}") == (f"https://h.example/{text}", [])


def test_a_long_text_full_of_beginnings_of_keys_is_read_at_once() -> None:
    for part in ("pvr_", f"pvr_{'0' * 32}", f"{RELAY}_", f"{TOKEN}_", "pvd_aaaaaaaaaaaaaaaa"):
        assert redact_keys(part * 50_000)[0].startswith(part[:10])
