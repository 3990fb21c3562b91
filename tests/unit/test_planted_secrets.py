"""Secrets planted in every place of a record are counted; none is found again in what is stored.

Credentials by name and by shape, PINs that a caller keyed in, and numbers of payment cards.

``pytest -s`` prints how many there were. A secret counts as found where a part of it that tells something is left, as
it stands or decoded once more: percent-encoding (also thrice), escapes of JSON, references of XML.
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
from xml.sax.saxutils import escape, quoteattr

import pytest

from pivot_debug import clock, documents
from pivot_debug.card_numbers import is_card_number
from pivot_debug.models import Kind, Record, Source
from pivot_debug.packing import unpack
from pivot_debug.relay import exchange_records
from pivot_debug.relay.exchange import Exchange
from pivot_debug.relay.incoming import Incoming
from pivot_debug.upstream.exchange import Hop, Timings, TransportError, UpstreamAnswer
from tests.builders import ACCOUNT, CREATED, NOW_MS, a_json_error, a_relay, a_relay_event, a_request, a_response
from tests.unit.test_answer_redaction import spelt_in_escapes, spelt_in_references

ROUNDS = 3
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

OWN_KEYS = ("pvr_0123456789abcdef0123456789abcdef", "pvd_abcdefgh12345678")
"""A relay's, and a token's of the API, but for the secret."""

Fields = dict[str, Any]


class Secret(NamedTuple):
    """``parts`` are what tells something of it; ``kind`` is what it is counted as."""

    name: str
    text: str
    parts: tuple[str, ...]
    kind: str = "by shape"


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
        *(Secret("note", f"see /{start}_{(own := any_of(source, 32))}/x", (own[:16],)) for start in OWN_KEYS),
        *(Secret("note", f"see {token} there", (token[-16:],)) for token in tokens[1:]),
    ]


def by_name(source: random.Random) -> list[Secret]:
    names = ("password", "X-Auth-Token", "api_key", "clientSecret", "PIN")
    return [Secret(name, text := any_of(source, 20), (text,), "by name") for name in names]


def pins(source: random.Random) -> list[Secret]:
    """Digits that a caller keyed in: none of them begins a date or a port that stands in a record."""
    names = ("Digits", "dtmf", "Digits[patient]", "sendDigits")
    lengths = (4, 6, 8, 12)
    keyed = ["7" + any_digits(source, length - 2) + "7" for length in lengths]
    return [Secret(name, keys, (keys,), "PINs") for name, keys in zip(names, keyed, strict=True)]


def cards(source: random.Random) -> list[Secret]:
    """By a name that says nothing, and in every way of writing."""
    first = [start + any_digits(source, length) for start, length in (("4", 14), ("37", 12), ("5", 14), ("6", 17))]
    numbers = [next(f"{one}{last}" for last in range(10) if is_card_number(f"{one}{last}")) for one in first]
    written = [numbers[0], *(in_groups(number, gap) for number, gap in zip(numbers[1:], " -", strict=False))]
    return [
        *(Secret("note", text, (text,), "cards") for text in (*written, numbers[3])),
        Secret("note", f"my card is {written[1]}, thanks", (written[1],), "cards"),
        Secret("card_no", written[2], (written[2],), "cards"),
    ]


def any_digits(source: random.Random, length: int) -> str:
    return "".join(source.choice("0123456789") for _ in range(length))


def in_groups(number: str, gap: str) -> str:
    return gap.join(number[at : at + 4] for at in range(0, len(number), 4))


def planted(source: random.Random) -> list[Secret]:
    return [*by_shape(source), *by_name(source), *pins(source), *cards(source)]


def members(secret: Secret) -> Fields:
    return {"a": "b", secret.name: secret.text, "c": 1}


def as_number(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def address(secret: Secret) -> str:
    return f"https://h.example/x?a=b&{urlencode([(secret.name, secret.text)], quote_via=quote)}&c=1"


def nested_address(secret: Secret) -> str:
    return f"https://a.example/?next={quote(address(secret), safe='')}&b=1"


def twice_encoded(secret: Secret) -> str:
    return f"https://h.example/?u={quote(quote(address(secret), safe=''), safe='')}&b=1"


def as_xml(secret: Secret) -> str:
    text, name = escape(secret.text, {'"': "&quot;"}), in_xml(secret)
    return f'<Response><Say {name}="{text}">a</Say><{name}>{text}</{name}></Response>'


def in_xml(secret: Secret) -> str:
    """No element is called ``Digits[patient]``."""
    return secret.name.partition("[")[0]


def multipart(secret: Secret) -> str:
    """What a browser makes of a form with files."""
    part = '--x7\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join(part.format(name, text) for name, text in members(secret).items()) + "--x7--\r\n"


ANYWHERE: dict[str, Callable[[Secret], str]] = {
    "JSON": lambda secret: json.dumps(members(secret)),
    "JSON with a number": lambda secret: json.dumps({secret.name: as_number(secret.text), "c": 1}),
    "nested JSON": lambda secret: json.dumps({"data": [{"x": {"y": members(secret)}}]}),
    "JSON with escaped slashes": lambda secret: json.dumps(members(secret)).replace("/", "\\/"),
    "JSON in escapes": lambda secret: f'{{"{spelt_in_escapes(secret.name)}":"{spelt_in_escapes(secret.text)}"}}',
    "JSON encoded twice": lambda secret: json.dumps({"data": {"text": json.dumps(members(secret))}}),
    "JSON with an address": lambda secret: json.dumps({"voice_url": address(secret)}),
    "JSON cut off": lambda secret: json.dumps(members(secret)).partition(', "c"')[0],
    "JSON behind a warning": lambda secret: f"Warning: can't open [x]\n{json.dumps(members(secret))}",
    "Python": lambda secret: str(members(secret)),
    "a pair in a line": lambda secret: f"12:01 WARN login({secret.name}={secret.text}) failed",
    "pairs of Java": lambda secret: f"got {{a=b, {secret.name}={secret.text}, c=1}}",
    "XML": as_xml,
    "XML in references": lambda secret: (
        f"<R><{in_xml(secret)}>{spelt_in_references(secret.text)}</{in_xml(secret)}></R>"
    ),
    "CDATA": lambda secret: f"<R><{in_xml(secret)}><![CDATA[{secret.text}]]></{in_xml(secret)}></R>",
    "XML in an element": lambda secret: f"<R><{in_xml(secret)}><a><b/>{escape(secret.text)}</a></{in_xml(secret)}></R>",
    "a variable in XML": lambda secret: f'<R><Variable key="{secret.name}" value={quoteattr(secret.text)}/></R>',
    "XML cut off": lambda secret: as_xml(secret).partition("</Say>")[0],
    "XML in JSON": lambda secret: json.dumps({"data": {"text": as_xml(secret)}}),
    "XML with an address": lambda secret: f"<R><Redirect>{escape(address(secret))}</Redirect></R>",
    "an address in an address": lambda secret: f"got {nested_address(secret)}",
    "an address in two addresses": lambda secret: f"got https://b.example/?u={quote(nested_address(secret), safe='')}",
}
FORMS: dict[str, Callable[[Secret], str]] = {
    "a form": lambda secret: urlencode(members(secret)),
    "a form of nothing else": lambda secret: urlencode({secret.name: secret.text}),
    "a form with %20": lambda secret: urlencode(members(secret), quote_via=quote),
    "an address in a form": lambda secret: urlencode({"next": address(secret)}),
    "JSON in a form": lambda secret: urlencode({"a": "b", "payload": json.dumps({"x": members(secret)})}),
    "XML in a form": lambda secret: urlencode({"payload": as_xml(secret)}),
    "a form encoded twice": lambda secret: urlencode({"u": quote(urlencode(members(secret)))}),
    "JSON encoded twice in a form": lambda secret: urlencode({"u": quote(json.dumps(members(secret)))}),
    "a form with parts": multipart,
    "a form in a form": lambda secret: urlencode({"payload": urlencode(members(secret))}),
}
HEADERS: dict[str, Callable[[Secret], Fields]] = {
    "a header": lambda secret: {secret.name: secret.text.replace("\n", " ")},
    "an address in a header": lambda secret: {"referer": address(secret), "Location": address(secret)},
    "a relative address in a header": lambda secret: {"Location": f"/ivr?{urlencode({secret.name: secret.text})}"},
    "an address in an address in a header": lambda secret: {"Referer": nested_address(secret)},
    "JSON in a header": lambda secret: {"X-Context": json.dumps({"a": members(secret)})},
    "pairs in a header": lambda secret: {"X-Context": f"a=1; {secret.name}={secret.text}; b=2".replace("\n", " ")},
    "an address encoded twice in a header": lambda secret: {"Referer": twice_encoded(secret)},
    "a repeated header": lambda secret: {"X-Seen": ["a", address(secret)]},
}
URIS: dict[str, Callable[[Secret], str]] = {
    "a query": address,
    "an address in a query": nested_address,
    "an address in two addresses": lambda secret: f"https://h.example/?u={quote(nested_address(secret), safe='')}",
    "an address encoded twice": twice_encoded,
    "JSON in a query": lambda secret: f"https://h.example/?x={quote(json.dumps(members(secret)))}",
}

HOPS: dict[str, Callable[[Secret], list[tuple[str, Fields]]]] = {
    "the address of a redirect": lambda secret: [(address(secret), {})],
    "the header of a redirect": lambda secret: [("https://h.example/", {"Location": address(secret)})],
}
OTHERS: dict[str, Callable[[Secret], Any]] = {
    "a field of its own": members,
    "a list in a field of its own": lambda secret: [{"x": [members(secret)]}],
    "JSON in a field of its own": lambda secret: json.dumps(members(secret)),
}
PLACES: dict[str, tuple[str, Callable[[Secret], Any]]] = {
    **{f"{name} of a request": ("req_headers", fill) for name, fill in HEADERS.items()},
    **{name: ("uri", fill) for name, fill in URIS.items()},
    **{f"{name} in a request": ("req_body", fill) for name, fill in (ANYWHERE | FORMS).items()},
    **{f"{name} of an answer": ("resp_headers", fill) for name, fill in HEADERS.items()},
    **{f"{name} in an answer": ("resp_body", fill) for name, fill in ANYWHERE.items()},
    **{name: ("hops", fill) for name, fill in HOPS.items()},
    "an address in a transport error": ("transport_error", lambda secret: f"no answer of {address(secret)} in time"),
    **{name: ("x_context", fill) for name, fill in OTHERS.items()},
}

_planted: Counter[str] = Counter()
_found: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def _figure() -> Iterator[None]:
    yield
    print(f"\nsecrets: {_planted.total()} planted, {len(_found)} found: {dict(_planted)}")


def ingested(fields: Fields, **settings: Any) -> tuple[Record, ...]:
    document = a_response(**fields) if fields.keys() & {"resp_body", "resp_headers", "hops"} else a_request(**fields)
    if "hops" in fields:
        document["hops"] = [{"uri": uri, "resp_headers": headers} for uri, headers in fields["hops"]]
    if "transport_error" in fields:
        document["transport_error"] = {"code": "timeout", "message": fields["transport_error"]}
    now_ms = clock.unix_ms(CREATED)
    return documents.records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=now_ms, **settings)


def ingested_with_an_error(fields: Fields) -> tuple[Record, ...]:
    """As KAZOO stores what is no JSON: cut in two at the fault."""
    body, half = fields["resp_body"], len(fields["resp_body"]) // 2
    error = {"message": "m", "before": body[:half], "after": body[half:]}
    document = a_json_error(json_errors=error, resp_body=body)
    return documents.records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))


def each_header(headers: Fields) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        yield from ((name, one) for one in (value if isinstance(value, list) else [value]))


def a_hop(url: str, headers: Fields) -> Hop:
    return Hop(url=url, status=302, location="/x", headers=tuple(each_header(headers)), timings=Timings())


def a_failure(message: str, hops: tuple[Hop, ...]) -> TransportError:
    return TransportError(
        "timeout", message, phase="headers", url="https://h.example/", timings=Timings(), total_ms=1.0, hops=hops
    )


def relayed(fields: Fields, *, encoding: str = "utf-8", odd: str = "") -> tuple[Record, ...]:
    """*odd* behind a body makes it no UTF-8, in another *encoding*: it is kept in base64."""
    request_body, body = ((fields.get(name, "") + odd).encode(encoding) for name in ("req_body", "resp_body"))
    incoming = Incoming.of(
        a_relay_event(
            method="POST",
            headers={name: str(value) for name, value in fields.get("req_headers", {}).items()},
            body=base64.b64encode(request_body).decode(),
            is_base64=True,
        ),
        decoded_by_gateway=False,
    )
    hops = tuple(a_hop(*hop) for hop in fields.get("hops", ()))
    answer = UpstreamAnswer(
        url="https://h.example/",
        address="192.0.2.1",
        status=200,
        headers=tuple(each_header(fields.get("resp_headers", {}))),
        body=body,
        timings=Timings(),
        total_ms=1.0,
        hops=hops,
    )
    error = fields.get("transport_error")
    exchange = Exchange(
        incoming=incoming,
        relay=a_relay(),
        kind=Kind.VOICE,
        url=fields.get("uri", "https://h.example/"),
        budget_ms=1000,
        outcome=answer if error is None else a_failure(error, hops),
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


def decoded_often(text: str) -> str:
    return unquote_plus(unquote_plus(unquote_plus(text)))


DECODERS = (str, unquote_plus, decoded_often, unescaped, unescape)


def left_of(secret: Secret, records: tuple[Record, ...]) -> list[str]:
    stored = [text for record in records for text in texts(unpack(record.packed))]
    decoded = [decode(text) for text in stored for decode in DECODERS]
    return [text for text in decoded if any(holds(text, part) for part in secret.parts)]


def holds(text: str, part: str) -> bool:
    """Digits within a hash are no PIN."""
    return part in text and (not part.isdigit() or bool(re.search(rf"(?<![0-9a-f]){part}(?![0-9a-f])", text)))


def ways_of(field: str) -> list[Callable[[Fields], tuple[Record, ...]]]:
    """Ingest, relay, and of bodies what each of them does with one that is broken."""
    ways: list[Callable[[Fields], tuple[Record, ...]]] = [ingested]
    if field != "x_context":
        ways.append(relayed)
    if field == "resp_body":
        ways.append(ingested_with_an_error)
    if field in ("req_body", "resp_body"):
        ways.append(lambda fields: relayed(fields, encoding="latin-1", odd="\xff"))
    return ways


@pytest.mark.parametrize("place", PLACES)
def test_no_planted_secret_is_found_in_what_is_stored(place: str) -> None:
    source = random.Random(place)
    field, fill = PLACES[place]

    for secret in (one for _ in range(ROUNDS) for one in planted(source)):
        for keep in ways_of(field):
            _planted[secret.kind] += 1
            left = left_of(secret, keep({field: fill(secret)}))
            _found.extend(left[:1])
            assert left == [], f"{secret.text} in {place}"


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_that_is_not_hidden_would_be_found(place: str) -> None:
    # Else the test above would prove nothing.
    field, fill = PLACES[place]
    secret = Secret("note", "an-innocent/text+1", ("an-innocent",))

    for keep in ways_of(field):
        assert left_of(secret, keep({field: fill(secret)}))


@pytest.mark.parametrize("place", PLACES)
def test_an_account_may_keep_its_digits_and_its_cards_in_every_place(place: str) -> None:
    source = random.Random(place)
    field, fill = PLACES[place]

    for secret in (*pins(source), *cards(source)):
        if secret.name != "card_no":
            assert left_of(secret, ingested({field: fill(secret)}, keep_digits=True)), f"{secret.text} in {place}"


# In the first the number's own element is called "a". The second is read as JSON gone wrong, where "=" ends no name.
NAMELESS = ("XML in an element", "pairs of Java")


@pytest.mark.parametrize("place", [place for place in PLACES if not place.startswith(NAMELESS)])
@pytest.mark.parametrize("name", ["To", "Caller-ID-Number", "Call-ID", "AccountSid"])
def test_a_telephone_number_or_an_id_that_passes_for_a_card_stays_in_every_place(place: str, name: str) -> None:
    number = "4111111111111111"
    field, fill = PLACES[place]

    assert left_of(Secret(name, number, (number,)), ingested({field: fill(Secret(name, number, (number,)))}))
