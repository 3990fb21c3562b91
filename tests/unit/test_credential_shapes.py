"""Credentials are known by their shape, and nothing else has it."""

from typing import Any

import pytest

from pivot_debug.answer_redaction import mask_answer
from pivot_debug.credential_shapes import hide_credentials
from tests.builders import a_request
from tests.unit.test_redaction import record

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/IBAAKC\nAQEA0Z==\n-----END RSA PRIVATE KEY-----"
SHAPES = {
    "JWT": [JWT, "eyJhbGciOiJkaXIifQ..aXYtaXY.Y2lwaGVy.dGFn", JWT.rpartition(".")[0] + "."],
    "AWS access key": ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"],
    "GitHub token": ["ghp_" + "aB3" * 12, "github_pat_" + "aB3" * 7 + "_" + "c4" * 20],
    "GitLab token": ["glpat-aB3-" + "c4" * 9],
    "Slack token": ["xoxb-123456789012-" + "aB3" * 8],
    "Stripe key": ["sk_live_" + "aB3" * 8, "rk_test_" + "aB3" * 8],
    "Google API key": ["AIza" + "aB3-_" * 7],
    "SendGrid key": [f"SG.{'a' * 22}.{'b' * 43}"],
}
SCHEMES = {
    "bearer token": ["Bearer abcdefgh12345678", "bearer aBcdefghijklmnop+/==", "BEARER%20abcdefgh12345678"],
    "basic credentials": ["Basic dXNlcjpwYXNzd29yZA==", "basic+dXNlcjpwYXNzd29%2BZA%3D%3D"],
}


def marked(text: str) -> tuple[str, list[str]]:
    return hide_credentials(text, lambda _: "***")


@pytest.mark.parametrize(("name", "secret"), [(name, one) for name, many in SHAPES.items() for one in many])
def test_a_credential_is_known_by_its_shape_wherever_it_stands(name: str, secret: str) -> None:
    for before, behind in (
        ("", ""),
        ("got ", " from x"),
        ('{"a":"', '"}'),
        ("a=", "&b=1"),
        ("<a>", "</a>"),
        ("'", "'"),
    ):
        kept = f"{before}{'eyJ' if name == 'JWT' else ''}***{behind}"

        assert marked(f"{before}{secret}{behind}") == (kept, [name])
        assert marked(kept) == (kept, [])


@pytest.mark.parametrize(
    "key",
    [
        PEM,
        PEM.replace("RSA ", "").replace("\n", "\r\n"),
        PEM.replace("\n", "\\n").replace("/", "\\/"),
        PEM.replace("+", "%2B").replace(" ", "+").replace("\n", "%0A"),
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2.0 (x)\n\nlQ==\n-----END PGP PRIVATE KEY BLOCK-----",
    ],
)
def test_of_a_private_key_its_first_and_last_line_stay(key: str) -> None:
    first, last = key[: key.index("-----", 5) + 5], key[key.index("-----END") :]
    kept = f'"{first}***{last} a"'

    assert marked(f'"{key} a"') == (kept, ["private key"])
    assert marked(kept) == (kept, [])


def test_a_private_key_that_was_cut_off_is_hidden_up_to_the_end_of_its_text() -> None:
    start, first = PEM.partition("-----END")[0], PEM.partition("\n")[0]

    assert marked(f"a {start}") == (f"a {first}***", ["private key"])
    assert marked(f'{{"a":"{start}","b":1}}') == (f'{{"a":"{first}***","b":1}}', ["private key"])


@pytest.mark.parametrize(("name", "secret"), [(name, one) for name, many in SCHEMES.items() for one in many])
def test_of_a_credential_with_its_scheme_the_scheme_stays(name: str, secret: str) -> None:
    kept, lost = marked(f'"{secret}"')

    assert lost == [name]
    assert kept.lower() in ('"bearer ***"', '"bearer%20***"', '"basic ***"', '"basic+***"')


@pytest.mark.parametrize(
    "text",
    [
        "Bearer of news",
        "Bearer authentication-required",
        "Basic internationalization. Basic Authentication.",
        "text=Basic+authentication+needed+in+2024",
        "a%20Basic%20authentication%20needed",
        "log: eyJhbGciOiJIUzI1NiJ9... is refused",
        "cursor=eyJpZCI6MTIzNDU2Nzg5MH0",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "call 1710278676-53289@10.26.0.158, e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "media 0f8fad5bd9cb469fa16570867728950e, SK0f8fad5bd9cb469fa16570867728950e",
        "XAKIAIOSFODNN7EXAMPLE AKIAIOSFODNN7EXAMPLES task_live_aaaaaaaaaaaaaaaaaa ghp_short xoxb",
        "pvd_aZ09aZ09aZ09aZ09",
        "",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert marked(text) == (text, [])
    assert mask_answer(text) == (text, [])


def test_of_our_own_token_the_id_stays_behind_its_scheme_too() -> None:
    document = record(a_request(req_headers={"x": f"Bearer pvd_aZ09aZ09aZ09aZ09_{'a1' * 16}"}))

    assert document["req_headers"]["x"] == "Bearer pvd_aZ09aZ09aZ09aZ09_***"


@pytest.mark.parametrize(
    ("fields", "kept", "redacted"),
    [
        ({"req_headers": {"x-note": JWT}}, {"x-note": "eyJ***"}, "req_headers.x-note"),
        ({"uri": f"https://a.example/{JWT}?b=1"}, "https://a.example/eyJ***?b=1", "uri.JWT"),
        ({"req_body": f"note={JWT}&b=1"}, "note=eyJ***&b=1", "req_body.JWT"),
        ({"req_body": f'{{"note":"a {JWT}"}}'}, '{"note":"a eyJ***"}', "req_body.JWT"),
        ({"req_body": "p=%7B%22pin%22%3A%221234%22%7D&b=1"}, "p=%7B%22pin%22%3A%22***%22%7D&b=1", "req_body.pin"),
        ({"uri": "/a?next=https%3A%2F%2Fu%3Ap%40h%2F"}, "/a?next=https%3A%2F%2F*%3A*%40h%2F", "uri.userinfo"),
    ],
)
def test_a_record_says_what_was_taken_out_of_a_request(fields: dict[str, Any], kept: Any, redacted: str) -> None:
    document = record(a_request(method="post", **fields))

    assert document[next(iter(fields))] == kept
    assert document["redacted"] == [redacted]


@pytest.mark.parametrize(
    ("body", "expected", "name"),
    [
        (f'{{"text":"{"eyJ" + "a" * 9}.b.c"}}', f'{{"text":"eyJ{"x" * 9}.x.x"}}', "JWT"),
        ('{"text":"AKIA\\u0049OSFODNN7EXAMPLE"}', f'{{"text":"xxxx******{"x" * 15}"}}', "AWS access key"),
        ('<a b="Bearer abcdefgh12345678"/>', f'<a b="Bearer {"x" * 16}"/>', "bearer token"),
        ("/a?next=%2Fb%3Ftoken%3Dabc&c=1", "/a?next=%***%*******%*****&c=1", "token"),
        ('{"a": "b, AKIAIOSFODNN7EXAMPLE', f'{{"a": "b, {"x" * 20}', "AWS access key"),
    ],
)
def test_in_an_answer_as_many_characters_take_its_place(body: str, expected: str, name: str) -> None:
    masked, lost = mask_answer(body)

    assert len(masked) == len(body)
    assert (masked, lost) == (expected, [name])


@pytest.mark.parametrize(
    "part",
    [
        *("eyJ", "eyJ-", "eyJaaaaaaaa.", "eyJaaaaaaaa..", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----END "),
        *(
            '-----BEGIN PRIVATE KEY-----"',
            "-----BEGIN PRIVATE KEY-----\\",
            "Bearer ",
            "Bearer+",
            "Basic%20",
            "Bearer \\",
        ),
        *("AKIA", "github_pat_", "xoxb-", "sk_live_", "AIza", "SG.", "SG.aaaaaaaaaaaaaaaaaaaaaa.", "?a=%", "a=%3D&"),
    ],
)
def test_a_long_text_full_of_beginnings_is_read_at_once(part: str) -> None:
    # Looked at once for each of them, it would take hours.
    body = part * (400_000 // len(part))

    assert len(mask_answer(body)[0]) == len(body)
