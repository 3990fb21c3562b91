"""Secrets planted in every place of a record, by name and by shape, are counted; none is found again in what is stored.

``pytest -s`` prints how many there were. A secret counts as found where a part of it that tells something is left, as
it stands or decoded once more: percent-encoding, escapes of JSON, references of XML.
"""

import base64
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlencode
from xml.sax.saxutils import escape

import pytest

from pivot_debug import clock, documents
from pivot_debug.models import Kind, Record, Source
from pivot_debug.packing import unpack
from pivot_debug.relay import exchange_records
from pivot_debug.relay.exchange import Exchange
from pivot_debug.relay.incoming import Incoming
from pivot_debug.upstream.exchange import Timings, UpstreamAnswer
from tests.builders import ACCOUNT, CREATED, NOW_MS, a_json_error, a_relay, a_relay_event, a_request, a_response
from tests.unit.test_answer_redaction import spelt_in_escapes, spelt_in_references

ROUNDS = 3
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Fields = dict[str, Any]


class Secret(NamedTuple):
    """``parts`` are what tells something of it."""

    name: str
    text: str
    parts: tuple[str, ...]


def any_of(source: random.Random, length: int, alphabet: str = _ALPHABET) -> str:
    """Ends as no word does, so that it has a digit and a change of case."""
    return "".join(source.choice(alphabet) for _ in range(length - 3)) + ("aB3" if "a" in alphabet else "QX3")


def a_jwt(source: random.Random) -> tuple[str, ...]:
    return ("eyJhbGciOiJIUzI1NiJ9", "eyJ" + any_of(source, 60), any_of(source, 40))


def by_shape(source: random.Random) -> list[Secret]:
    """Each under a name that says nothing."""
    jwt, lines = a_jwt(source), [any_of(source, 30) + one for one in ("+/", "/", "==")]
    basic = base64.b64encode(f"user:{any_of(source, 19)}\xbf".encode("latin-1")).decode()
    tokens = [
        any_of(source, 20),
        "AKIA" + any_of(source, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        *(f"{start}{any_of(source, 36)}" for start in ("ghp_", "github_pat_", "glpat-", "xoxb-", "sk_live_")),
        f"AIza{any_of(source, 35)}",
    ]
    pem = "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n".format("\n".join(lines))
    return [
        Secret("note", ".".join(jwt), jwt[1:]),
        Secret("note", "Bearer " + ".".join(jwt), jwt[1:]),
        Secret("note", pem, tuple(line[:30] for line in lines)),
        Secret("note", pem.partition("-----END")[0], tuple(line[:30] for line in lines)),
        Secret("note", f"Basic {basic}", (basic[:12], basic[12:24])),
        Secret("note", f"Bearer {tokens[0]}", (tokens[0],)),
        *(Secret("note", f"see {token} there", (token[-16:],)) for token in tokens[1:]),
    ]


def by_name(source: random.Random) -> list[Secret]:
    names = ("password", "X-Auth-Token", "api_key", "clientSecret", "PIN")
    return [Secret(name, text := any_of(source, 20), (text,)) for name in names]


def members(secret: Secret) -> Fields:
    return {"a": "b", secret.name: secret.text, "c": 1}


def address(secret: Secret) -> str:
    return f"https://h.example/x?a=b&{urlencode([(secret.name, secret.text)], quote_via=quote)}&c=1"


def as_xml(secret: Secret) -> str:
    text = escape(secret.text, {'"': "&quot;"})
    return f'<Response><Say {secret.name}="{text}">a</Say><{secret.name}>{text}</{secret.name}></Response>'


ANYWHERE: dict[str, Callable[[Secret], str]] = {
    "JSON": lambda secret: json.dumps(members(secret)),
    "nested JSON": lambda secret: json.dumps({"data": [{"x": {"y": members(secret)}}]}),
    "JSON with escaped slashes": lambda secret: json.dumps(members(secret)).replace("/", "\\/"),
    "JSON in escapes": lambda secret: f'{{"{spelt_in_escapes(secret.name)}":"{spelt_in_escapes(secret.text)}"}}',
    "JSON encoded twice": lambda secret: json.dumps({"data": {"text": json.dumps(members(secret))}}),
    "JSON with an address": lambda secret: json.dumps({"voice_url": address(secret)}),
    "JSON cut off": lambda secret: json.dumps(members(secret)).partition(', "c"')[0],
    "JSON behind a warning": lambda secret: f"Warning: can't open [x]\n{json.dumps(members(secret))}",
    "Python": lambda secret: str(members(secret)),
    "XML": as_xml,
    "XML in references": lambda secret: f"<R><{secret.name}>{spelt_in_references(secret.text)}</{secret.name}></R>",
    "CDATA": lambda secret: f"<R><{secret.name}><![CDATA[{secret.text}]]></{secret.name}></R>",
    "XML cut off": lambda secret: as_xml(secret).partition("</Say>")[0],
    "XML in JSON": lambda secret: json.dumps({"data": {"text": as_xml(secret)}}),
    "XML with an address": lambda secret: f"<R><Redirect>{escape(address(secret))}</Redirect></R>",
    "an address in an address": lambda secret: f"got https://a.example/?next={quote(address(secret), safe='')}&b=1",
}
FORMS: dict[str, Callable[[Secret], str]] = {
    "a form": lambda secret: urlencode(members(secret)),
    "a form with %20": lambda secret: urlencode(members(secret), quote_via=quote),
    "an address in a form": lambda secret: urlencode({"next": address(secret)}),
    "JSON in a form": lambda secret: urlencode({"a": "b", "payload": json.dumps({"x": members(secret)})}),
    "XML in a form": lambda secret: urlencode({"payload": as_xml(secret)}),
    "a form in a form": lambda secret: urlencode({"payload": urlencode(members(secret))}),
}
HEADERS: dict[str, Callable[[Secret], Fields]] = {
    "a header": lambda secret: {secret.name: secret.text.replace("\n", " ")},
    "an address in a header": lambda secret: {"referer": address(secret)},
}
URIS: dict[str, Callable[[Secret], str]] = {
    "a query": address,
    "an address in a query": lambda secret: f"https://h.example/?next={quote(address(secret), safe='')}&b=1",
    "JSON in a query": lambda secret: f"https://h.example/?x={quote(json.dumps(members(secret)))}",
}

PLACES: dict[str, tuple[str, Callable[[Secret], Any]]] = {
    **{f"{name} of a request": ("req_headers", fill) for name, fill in HEADERS.items()},
    **{name: ("uri", fill) for name, fill in URIS.items()},
    **{f"{name} in a request": ("req_body", fill) for name, fill in (ANYWHERE | FORMS).items()},
    **{f"{name} of an answer": ("resp_headers", fill) for name, fill in HEADERS.items()},
    **{f"{name} in an answer": ("resp_body", fill) for name, fill in ANYWHERE.items()},
}

_planted: Counter[str] = Counter()
_found: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def _figure() -> Iterator[None]:
    yield
    print(f"\nsecrets: {_planted.total()} planted, {len(_found)} found: {dict(_planted)}")


def ingested(fields: Fields) -> tuple[Record, ...]:
    document = a_response(**fields) if fields.keys() & {"resp_body", "resp_headers"} else a_request(**fields)
    return documents.records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))


def ingested_with_an_error(fields: Fields) -> tuple[Record, ...]:
    """As KAZOO stores what is no JSON: cut in two at the fault."""
    body, half = fields["resp_body"], len(fields["resp_body"]) // 2
    error = {"message": "m", "before": body[:half], "after": body[half:]}
    document = a_json_error(json_errors=error, resp_body=body)
    return documents.records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))


def relayed(fields: Fields, *, encoding: str = "utf-8", odd: str = "") -> tuple[Record, ...]:
    """*odd* behind a body makes it no UTF-8, in another *encoding*: it is kept in base64."""
    request_body, body = ((fields.get(name, "") + odd).encode(encoding) for name in ("req_body", "resp_body"))
    incoming = Incoming.of(
        a_relay_event(
            method="POST",
            headers=fields.get("req_headers", {}),
            body=base64.b64encode(request_body).decode(),
            is_base64=True,
        ),
        decoded_by_gateway=False,
    )
    answer = UpstreamAnswer(
        url="https://h.example/",
        address="192.0.2.1",
        status=200,
        headers=tuple(fields.get("resp_headers", {}).items()),
        body=body,
        timings=Timings(),
        total_ms=1.0,
    )
    exchange = Exchange(
        incoming=incoming,
        relay=a_relay(),
        kind=Kind.VOICE,
        url=fields.get("uri", "https://h.example/"),
        budget_ms=1000,
        outcome=answer,
        ended_ms=NOW_MS,
    )
    return exchange_records.records_of(exchange)


def texts(value: Any) -> Iterator[str]:
    """Every text in a document, names too, those in base64 decoded."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value
        if re.fullmatch(r"[A-Za-z0-9+/]{24,}={0,2}", value) and len(value) % 4 == 0:
            yield base64.b64decode(value).decode("latin-1")


def unescaped(text: str) -> str:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)


def left_of(secret: Secret, records: tuple[Record, ...]) -> list[str]:
    stored = [text for record in records for text in texts(unpack(record.packed))]
    decoded = [decode(text) for text in stored for decode in (str, unquote_plus, unescaped, unescape)]
    return [text for text in decoded if any(part in text for part in secret.parts)]


@pytest.mark.parametrize("place", PLACES)
def test_no_planted_secret_is_found_in_what_is_stored(place: str) -> None:
    source = random.Random(place)
    field, fill = PLACES[place]
    ways: list[Callable[[Fields], tuple[Record, ...]]] = [ingested, relayed]
    if field == "resp_body":
        ways.append(ingested_with_an_error)
    if field in ("req_body", "resp_body"):
        ways.append(lambda fields: relayed(fields, encoding="latin-1", odd="\xff"))

    for secret in (one for _ in range(ROUNDS) for one in (*by_shape(source), *by_name(source))):
        for keep in ways:
            _planted["by shape" if secret.name == "note" else "by name"] += 1
            left = left_of(secret, keep({field: fill(secret)}))
            _found.extend(left[:1])
            assert left == [], f"{secret.text} in {place}"


def test_a_secret_that_is_not_hidden_would_be_found() -> None:
    # Else the test above would prove nothing.
    for fill in (*ANYWHERE.values(), *FORMS.values()):
        secret = Secret("note", "an-innocent/text+1", ("an-innocent",))

        assert left_of(secret, ingested({"req_body": fill(secret)}))
