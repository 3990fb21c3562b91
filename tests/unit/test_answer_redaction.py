"""What a server answered loses its credentials and card numbers, and nothing else: no finding moves."""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.answer_redaction import mask_answer, mask_value
from pivot_debug.card_numbers import is_card_number
from pivot_debug.diagnosis import Answer, diagnose
from pivot_debug.documents import records_of
from pivot_debug.models import Source
from pivot_debug.packing import unpack, unpack_text
from tests.builders import ACCOUNT, CREATED, a_json_error, a_request, a_response

thoroughly = settings(max_examples=150, deadline=None)

CARD = "4111111111111111"
CORES = st.integers(0, 16**16 - 1).map(lambda number: f"k{number:016x}z")
NAMES = st.sampled_from(
    ["password", "PIN", "auth_token", "api-key", "clientSecret", "Authorization", "bridge_password"]
)
PARAMETERS = st.sampled_from(["token", "api_key", "code", "key", "sig", "access%5Ftoken"])


def spelt_in_escapes(text: str) -> str:
    return "".join(f"\\u{ord(one):04x}" for one in text)


def spelt_in_references(text: str) -> str:
    return "".join(f"&#{ord(one)};" if at % 2 else f"&#x{ord(one):x};" for at, one in enumerate(text))


def kept(body: str, **fields: Any) -> str:
    """Everything that is stored of a response with this body, as text."""
    document = a_response(resp_body=body, **fields)
    records = records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))
    return "\n".join(unpack_text(record.packed) for record in records)


def planted(core: str, name: str, parameter: str, where: str) -> str:
    """An answer with a secret in it."""
    flow: dict[str, Any] = {"module": "pivot", "data": {"voice_url": "https://a.example/x"}, "children": {}}
    address = f"https://u:{core}@a.example/x?{parameter}={core}&b=1#{parameter}={core}"
    inner = json.dumps({"module": "tts", "data": {"text": "hello", name: core}})
    bodies = {
        "member": flow | {name: core},
        "nested member": {"data": {"a": [{"b": {name: [core, core]}}]}},
        "below a secret name": {"credentials": {"user": {"x": core}}},
        "address": {"data": {"voice_url": address}},
        "JSON in JSON": {"data": {"text": inner}},
        "XML in JSON": {"data": {"text": f'<Sip username="u" password="{core}"/>'}},
    }
    if where in bodies:
        return json.dumps(bodies[where])
    return {
        "escaped member": f'{{"{spelt_in_escapes(name)}": "{spelt_in_escapes(core)}"}}',
        "escaped slashes": json.dumps({"voice_url": address}).replace("/", "\\/").replace("&", "\\u0026"),
        "cut off": json.dumps({name: core})[:-2],
        "attribute": f'<Response><Dial><Sip username="{core}" password={quoteattr(core)}>sip:a</Sip></Dial></Response>',
        "attribute in single quotes": f"<Response><Sip password = '{spelt_in_references(core)}'/></Response>",
        "element": f"<Response><a:password>{spelt_in_references(core)}</a:password></Response>",
        "CDATA": f"<Response><password><![CDATA[{core}]]></password></Response>",
        "variable": f"<Response><Set><Variable key='pin' value='{core}'/></Set></Response>",
        "address in XML": f"<Response><Redirect>{escape(address)}</Redirect></Response>",
        "relative address": f"<Response><Redirect>menu.php?a=1&amp;{parameter}={core}</Redirect></Response>",
        "HTML": f'<html><a href="{escape(address)}">x</a><input name="password" value="{core}"></html>',
        "text": f"Warning: fetched {address} in /a.php",
    }[where]


def planted_in_ruins(core: str, name: str, parameter: str, where: str) -> str:
    """An answer with a secret in it that was to be JSON, a form or a settings file, and is none."""
    address = f"https://u:{core}@a.example/x?{parameter}={core}&b=1"
    flow: dict[str, Any] = {"module": "tts", "data": {name: core, "text": "it's", "voice_url": address}}
    flow["secrets"] = {"a": [core, {"b": core}]}
    text = json.dumps(flow)
    return {
        "Python": str(flow),
        "names without quotes": f'{{module: "tts", data: {{a: 1, {name}: "{core}", voice_url: {address}}}}}',
        "JavaScript": f"{{\n  // {address}\n  {name}: '{core}', secrets: {{\n  a: ['{core}']}}\n}}",
        "a warning": f"Warning: can't open [x] in a.php\n{text}",
        "a warning in markup": f"<br />\n<b>Warning</b>: can't open [x] in <b>a</b><br />\n{text}",
        "a warning before XML": f'PHP Notice: a["b"]\n<Response><Say {name}="{core}">a</Say><{name}>{core}</{name}>',
        "encoded twice": json.dumps(text),
        "encoded three times": json.dumps(json.dumps(text)),
        "encoded twice in text": f"got {json.dumps(text)}",
        "text behind": f'{{"module":"hangup"}} {text} {address}',
        "a line break in a string": text.replace("it's", "it\n's"),
        "a quote too few": text.replace('"tts"', '"tts').replace(json.dumps(flow["secrets"]), "{}"),
        "a quote too many": text.replace('"tts"', '"tts""').replace(json.dumps(flow["secrets"]), "{}"),
        "a form": f"{name}={core}&a=b&{name}={core}",
        "settings": f"A=b\n{name}={core}\nB=c",
        "headers": f"Host: a\n{name}: {core}\nAuthorization: Bearer {core}",
        "var_dump": f'array(1) {{\n  ["{name}"]=>\n  string(18) "{core}"\n}}',
        "print_r": f"Array\n(\n    [{name}] => {core}\n)",
        "PHP": f"<?php\nreturn ['{name}' => '{core}', 'secrets' => ['a' => '{core}']];",
    }[where]


RUINS = st.sampled_from(
    [
        *("Python", "names without quotes", "JavaScript", "a warning", "a warning in markup", "a warning before XML"),
        *("encoded twice", "encoded three times", "encoded twice in text", "text behind", "a line break in a string"),
        *("a quote too few", "a quote too many", "a form", "settings", "headers", "var_dump", "print_r", "PHP"),
    ]
)
PLACES = st.sampled_from(
    [
        *("member", "nested member", "below a secret name", "address", "JSON in JSON", "XML in JSON"),
        *("escaped member", "escaped slashes", "cut off", "attribute in single quotes", "element"),
        *("CDATA", "variable", "address in XML", "relative address", "HTML", "text"),
    ]
)


@given(CORES, NAMES, PARAMETERS, PLACES)
@settings(max_examples=500, deadline=None)
def test_no_secret_planted_in_an_answer_reaches_the_store(core: str, name: str, parameter: str, where: str) -> None:
    body = planted(core, name, parameter, where)

    for content_type in ("application/json", "text/xml", "text/html"):
        text = kept(body, resp_headers={"content-type": content_type})

        assert core not in text
        assert spelt_in_escapes(core) not in json.loads(text.split("\n")[0])["resp_body"]


@given(CORES, NAMES, PARAMETERS, RUINS)
@settings(max_examples=500, deadline=None)
def test_no_secret_planted_in_a_broken_answer_reaches_the_store(
    core: str, name: str, parameter: str, where: str
) -> None:
    body = planted_in_ruins(core, name, parameter, where)

    for content_type in ("application/json", "text/xml", "text/html"):
        assert core not in kept(body, resp_headers={"content-type": content_type})


def test_a_sip_password_is_hidden_and_its_user_name_is_not() -> None:
    masked, lost = mask_answer('<Sip username="bob" password="s3cr&amp;t">sip:a@b</Sip>')

    assert (masked, lost) == ('<Sip username="bob" password="**********">sip:a@b</Sip>', ["password"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"pin": "1234"}', '{"pin": "****"}'),
        ('{"pin": 1234}', '{"pin": 9999}'),
        ('{"pin": -0.5e3}', '{"pin": -0.9e3}'),
        ('{"pin": null, "a": "1234"}', '{"pin": null, "a": "1234"}'),
        ('{"pin": ""}', '{"pin": ""}'),
        ('{"password": "a\\"b\\\\"}', '{"password": "*\\"***"}'),
        ('{"token": "\\ud83d\\ude00x"}', '{"token": "*************"}'),
        (f'{{"text": "card {CARD}."}}', '{"text": "card 9999999999999999."}'),
        (f'{{"n": {CARD}}}', '{"n": 9999999999999999}'),
        ("<Say>4111 1111-1111 1111</Say>", "<Say>9999 9999-9999 9999</Say>"),
        ("<Say>&#52;111111111111111</Say>", "<Say>&#57;999999999999999</Say>"),
        ('{"pins": ["1234", 5678, "a1"]}', '{"pins": ["9999", 9999, "*9"]}'),
        ('{"digits": "4711"}', '{"digits": "****"}'),
        ('{"digits": 4711, "b": 12}', '{"digits": 9999, "b": 12}'),
        ('{"Digits": {"pin": ["4711"], "menu": "12"}}', '{"Digits": {"pin": ["****"], "menu": "12"}}'),
        ('{"module":"send_dtmf","data":{"digits":"4711#"}}', '{"module":"send_dtmf","data":{"digits":"*****"}}'),
        ("{'dtmf': '4711', a: 1}", "{'dtmf': '****', a: 1}"),
        ("<Number sendDigits='4711'>+49</Number>", "<Number sendDigits='****'>+49</Number>"),
        ("<a><Digits>&#52;711</Digits></a>", "<a><Digits>********</Digits></a>"),
        ("<a><Digits><b>4711</b> 12</Digits> 4711</a>", "<a><Digits><b>****</b> 12</Digits> 4711</a>"),
        ("<a><password><b/>x</password>y</a>", "<a><password><b/>*</password>y</a>"),
        ("see https://h/?Digits=4711&amp;a=4711", "see https://h/?Digits=****&amp;a=4711"),
        ("[Digits] => 4711", "[Digits] => 9999"),
        ('"\\u0034111111111111111"', '"\\u0039999999999999999"'),
        ('["\\u0034111111111111111"]', '["\\u0039999999999999999"]'),
    ],
)
def test_what_is_hidden_keeps_its_length_and_its_kind(body: str, expected: str) -> None:
    assert mask_answer(body)[0] == expected


@pytest.mark.parametrize(
    "body",
    [
        '{"module":"response","data":{"code":486,"message":"Busy"},"children":{}}',
        '{"module":"menu","data":{"id":"x"},"children":{"token":{"module":"hangup","data":{}}}}',
        '{"module":"tts","data":{"text":"Press 1; your token is ready"}}',
        '<Response><Set><Variable key="colour" value="red"/></Set><Dial>+4915112345678</Dial></Response>',
        "<Response><Redirect>menu.php?a=1&amp;b=2</Redirect></Response>",
        '{"created":1710278676000,"did":"+4111111111111111"}',
        '{"id":"a4111111111111111","hash":"4111111111111111f0","ratio":0.4111111111111111}',
        '{"call_id":"4111111111111111@10.26.0.158"}',
        '{"call":"4111111111111111%4010.26.0.158"}',
        f'{{"to_did":"{CARD}","caller_id":{{"number":"1"}},"To":{CARD},"call_id":"{CARD}-1"}}',
        f"<Response><Dial callerId='{CARD}'>{CARD}</Dial><Redirect>?To={CARD}&amp;CallSid={CARD}</Redirect></Response>",
        '{"module":"collect_dtmf","data":{"max_digits":5000,"digits":"123","interdigit_timeout":12345}}',
        '{"module":"menu","children":{"digits":{"module":"offnet","data":{"to_did":"4711471147"}}}}',
        '<Response><Gather numDigits="5000" timeout="4711"/></Response>',
        "{'To': '4111111111111111', \"From\" => \"4111111111111111\", to: 4111111111111111}",
        "",
        "plain text with user@host and a=b",
    ],
)
def test_what_is_no_secret_stays(body: str) -> None:
    assert mask_answer(body) == (body, [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "{'password': 'hunter2', 'u': 'https://u:p@h/?token=abc'}",
            "{'password': '*******', 'u': 'https://*:*@h/?token=***'}",
            id="str of a dict in Python",
        ),
        pytest.param("{u'pin': u'12', 'a': {'pin': [34]}}", "{u'pin': u'**', 'a': {'pin': [99]}}", id="Python 2"),
        pytest.param("{'secret': {'a': 'x'}, 'b': \"it's\"}", "{'secret': {'a': '*'}, 'b': \"it's\"}", id="nested"),
        pytest.param('{password: "hunter2", b: 1}', '{password: "*******", b: 1}', id="names without quotes"),
        pytest.param("{pin: 1234, a: {pin:12}}", "{pin: 9999, a: {pin:99}}", id="numbers of such names"),
        pytest.param('{secret: {a: "b"}, c: "d"}', '{secret: {a: "*"}, c: "d"}', id="below such names"),
        pytest.param(
            "{foo: https://u:p@h/?token=abc}", "{foo: https://*:*@h/?token=****", id="an address in no quotes"
        ),
        pytest.param("{} // see https://u:p@h/?sig=ab c", "{} // see https://*:*@h/?sig=** c", id="a comment"),
        pytest.param('Warning: x {"password": "abc"}', 'Warning: x {"password": "***"}', id="a warning in plain text"),
        pytest.param(
            'Notice: can\'t [2] {"secret": {"a": "b"}}',
            'Notice: can\'t [2] {"secret": {"a": "*"}}',
            id="an apostrophe in a warning",
        ),
        pytest.param(
            '<br />\n<b>Warning</b>: y\n{"text":"<a>","secret":{"a":"<b>","c":"d"}}',
            '<br />\n<b>Warning</b>: y\n{"text":"<a>","secret":{"a":"<*>","c":"*"}}',
            id="a warning in markup",
        ),
        pytest.param(
            'Warning: x\n<?xml version="1.0"?><Response><password>a&amp;b</password></Response>',
            'Warning: x\n<?xml version="1.0"?><Response><password>*******</password></Response>',
            id="a warning before markup",
        ),
        pytest.param('{"password": "abc"}{"pin": "12"}', '{"password": "***"}{"pin": "**"}', id="two documents"),
        pytest.param('{"a": "b, "password": "abc"}', '{"a": "b, "password": "***"}', id="a quote that is missing"),
        pytest.param('{"a: "b", "pin": 1234}', '{"a: "b", "pin": 9999}', id="a quote that is missing before a number"),
        pytest.param('{"a": "b"", "password": "abc"}', '{"a": "b"", "password": "***"}', id="a quote too many"),
        pytest.param('"{\\"password\\": \\"abc\\"}"', '"{\\"password\\": \\"***\\"}"', id="encoded twice"),
        pytest.param('{\\"password\\": \\"abc\\"}', '{\\"password\\": \\"***\\"}', id="escaped in no string"),
        pytest.param("password=abc&x=1&pin=2", "password=***&x=1&pin=*", id="a form"),
        pytest.param("DB=a\nDB_PASSWORD=abc\n", "DB=a\nDB_PASSWORD=***\n", id="a file of settings"),
        pytest.param(
            "Host: a\r\nAuthorization: Bearer abc\r\n", "Host: a\r\nAuthorization: ****** ***\r\n", id="headers"
        ),
        pytest.param("a:\n  password: abc\n", "a:\n  password: ***\n", id="YAML"),
        pytest.param('["password"]=>\n  string(3) "abc"', '["password"]=>\n  string(3) "***"', id="var_dump"),
        pytest.param('["pin"]=>\n  int(12)\n}', '["pin"]=>\n  int(99)\n}', id="var_dump of a number"),
        pytest.param('{"password" = "abc"}', '{"password" = "***"}', id="an equals sign"),
        pytest.param(
            '{"voice_url": https:\\/\\/u:p@h\\/x}', '{"voice_url": https:\\/\\/*:*@h\\/x}', id="escaped slashes"
        ),
        pytest.param("Array\n(\n [pin] => 12\n [b] => c", "Array\n(\n [pin] => 99\n [b] => c", id="print_r"),
        pytest.param("    [secret] => a b\n    [b] => c", "    [secret] => * *\n    [b] => c", id="print_r of words"),
        pytest.param(
            "<?php $password = \"a\"; f(['pin' => '12']);", "<?php $password = \"*\"; f(['pin' => '**']);", id="PHP"
        ),
    ],
)
def test_a_secret_is_hidden_in_what_is_no_json_but_was_to_be(body: str, expected: str) -> None:
    masked, lost = mask_answer(body)

    assert masked == expected
    assert lost
    assert mask_answer(masked)[0] == masked


@pytest.mark.parametrize(
    "body",
    [
        "token = getToken()\nif (token) next(token)",
        "Unexpected token: } in line 3",
        "Password: please try again",
        "Your session: see below",
        "http://auth:8080/x is down, and so is sip:token:5060",
        "{'module': 'tts', 'data': {'text': 'hello'}}",
        '{module: "response", data: {code: 486, key: "x"}}',
        'Warning: x {"children": {"token": {"module": "hangup"}}}',
        "Warning: a < b {} [1]",
        'var_dump: string(5) "hello", it\'s {name}',
        "password=",
    ],
)
def test_broken_answers_without_a_secret_stay(body: str) -> None:
    assert mask_answer(body) == (body, [])


def test_digits_and_card_numbers_stay_where_the_account_says_so() -> None:
    body = f'{{"text": "{CARD}", "password": "a", "digits": "4711", "u": "/?Digits=4711&x=%3FDigits%3D4711"}}'

    assert mask_answer(body, keep_digits=True) == (body.replace('"a"', '"*"'), ["password"])


def test_a_pin_of_a_conference_is_hidden_and_no_fault_of_it() -> None:
    flow = {"module": "conference", "data": {"config": {"member": {"pins": ["4711"]}}}}
    body = json.dumps(flow)

    masked, lost = mask_answer(body)

    assert (masked, lost) == (body.replace("4711", "9999"), ["pins"])
    assert findings(masked, "application/json") == findings(body, "application/json")


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("4711", "dtmf", "****"),
        (4711, "dtmf", "****"),
        ("12", "dtmf", "12"),
        ([{"a": "4711"}, 7], "digits", [{"a": "****"}, 7]),
        (int(CARD), "note", "9" * 16),
        (int(CARD), "caller_id_number", int(CARD)),
        ({"x": CARD}, "call_id", {"x": "9" * 16}),
        ("hunter2", "password", "***"),
        (True, "password", True),
        (4711.5, "note", 4711.5),
        (None, "dtmf", None),
    ],
)
def test_a_value_is_hidden_because_of_its_name(value: Any, name: str, expected: Any) -> None:
    assert mask_value(value, name=name)[0] == expected


# ---------------------------------------------------------------- findings


PIECES = st.sampled_from(
    [
        *('{"', '"}', '":"', '":', ",", "{", "}", "[", "]", '"', "\\", "\\u12", "\\ud800", "\\q", "\\n", "\n", "\x00"),
        *("password", "pin", "pins", "digits", "Digits", "max_digits", "send_dtmf", "123456", "id", "to_did"),
        *("<Digits>", "</Digits>", '<Play digits="', "?Digits=4711", "member", "conference"),
        *("password", "pin", "module", "data", "children", "tts", "text", "4111111111111111", "1234", "0.5", "true"),
        *("<Response>", "</Response>", '<Sip password="', '">', "<Dial>", "&amp;", "&foo;", "&", "&#0;", "]]>", "<!--"),
        *("eyJhbGciOiJI.eyJzdWIi.c2ln", "Bearer abcdefgh12345678", "AKIAIOSFODNN7EXAMPLE", "?a=%3Fpin%3D1"),
        *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),
        *("https://u:p@h/?token=", "x", " ", "é", "\ud800", "<password>", "</password>", "<![CDATA[", "'", "="),
        *(
            "{'",
            "'}",
            "':'",
            "': ",
            "=>",
            "{password:",
            "pin: ",
            '\\"',
            "(",
            "<b>",
            "</b>",
            "<br />",
            "<?",
            "?>",
            "/>",
            "\ufeff",
        ),
    ]
)


def findings(body: str, content_type: str) -> list[Any]:
    answer = Answer(status="200", headers={"content-type": content_type}, body=body)
    return [(one.code, one.severity, one.line, one.column) for one in diagnose(answer).findings]


@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(["application/json", "text/xml"]))
@example(body='"}https://u:p@h/?token=\\', content_type="application/json")
@example(body='{"password":"\\q"', content_type="application/json")
@example(body="<password><![CDATA[a&", content_type="text/xml")
@example(body="<Response><![CDATA[token=a;x&amp;", content_type="text/xml")
@example(body="<password></>", content_type="text/xml")
@example(body="<Response>://\x00&amp;@", content_type="text/xml")
@example(body="'a<Sip password=\"&'b", content_type="text/xml")
@example(body="'}<Sip password=\"'}", content_type="text/xml")
@example(body="passwordhttps://u:p@h/?token=", content_type="text/xml")
@settings(max_examples=1500, deadline=None)
def test_masking_moves_no_finding_and_adds_none(body: str, content_type: str) -> None:
    masked, _ = mask_answer(body)

    assert len(masked) == len(body)
    assert findings(masked, content_type) == findings(body, content_type)


@given(CORES, NAMES, PARAMETERS, PLACES)
@thoroughly
def test_masking_a_planted_secret_moves_no_finding(core: str, name: str, parameter: str, where: str) -> None:
    body = planted(core, name, parameter, where)

    for content_type in ("application/json", "text/xml"):
        assert findings(mask_answer(body)[0], content_type) == findings(body, content_type)


@given(CORES, NAMES, PARAMETERS, RUINS)
@thoroughly
def test_masking_a_secret_in_a_broken_answer_moves_no_finding(core: str, name: str, parameter: str, where: str) -> None:
    body = planted_in_ruins(core, name, parameter, where)

    for content_type in ("application/json", "text/xml"):
        assert findings(mask_answer(body)[0], content_type) == findings(body, content_type)


def test_what_a_finding_quotes_is_masked_too() -> None:
    text = kept('{"module":"play","data":{"id":5,"password":"hunter2"}}')

    assert "schema_violation" in text
    assert "hunter2" not in text
    assert "*******" in text


# ---------------------------------------------------------------- errors that KAZOO stored


def test_a_secret_around_a_syntax_error_is_masked_although_it_is_cut_in_two() -> None:
    error = {"message": "m", "before": '{"password":"hun', "after": 'ter2","x":}'}
    (record,) = records_of(
        a_json_error(json_errors=error, resp_body='{"password":"hunter2","x":}'),
        account_id=ACCOUNT,
        source=Source.INGEST,
        now_ms=clock.unix_ms(CREATED),
    )
    stored = unpack(record.packed)

    assert stored["json_errors"] == {"message": "m", "before": '{"password":"***', "after": '****","x":}'}
    assert stored["redacted"] == ["json_errors.password", "resp_body.password"]


def test_the_value_in_a_schema_error_is_masked_and_what_is_wrong_with_it_is_not() -> None:
    errors = {"data.password": {"type": {"message": "not a string", "cause": 1234, "value": "x9"}}}

    assert mask_value(errors) == (
        {"data.password": {"type": {"message": "not a string", "cause": "***", "value": "***"}}},
        ["data.password", "data.password"],
    )


# ---------------------------------------------------------------- card numbers


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "378282246310005",
        "30569309025904",
        "6011111111111117",
        "4222222222222",
        "6304000000000000000",
    ],
)
def test_the_test_numbers_of_the_card_schemes_are_recognised(number: str) -> None:
    assert is_card_number(number)


@pytest.mark.parametrize(
    "number", ["4111111111111112", "1710278676000", "411111111111", "9" * 16, "41111111111111110000", ""]
)
def test_other_numbers_are_none(number: str) -> None:
    assert not is_card_number(number)


@given(st.integers(2, 6), st.integers(11, 17), st.randoms(use_true_random=False), st.sampled_from(["", " ", "-"]))
@thoroughly
def test_every_number_with_its_check_digit_is_found_among_others(first: int, more: int, random: Any, gap: str) -> None:
    number = f"{first}" + "".join(random.choice("0123456789") for _ in range(more))
    number = next(number + digit for digit in "0123456789" if is_card_number(number + digit))
    written = gap.join(number[at : at + 4] for at in range(0, len(number), 4))

    masked, lost = mask_answer(f"call 12, card {written}, room 7")

    assert number not in masked.replace(gap or "?", "")
    assert len(lost) == 1
    assert masked.startswith("call 12, card 9")


# ---------------------------------------------------------------- hostile bodies


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"a":' * 300_000, id="deep"),
        pytest.param('["' + "\\" * 1_000_001, id="backslashes"),
        pytest.param("4 " * 300_000, id="single digits"),
        pytest.param("4 " * 300_000 + "4x", id="single digits that end in a letter"),
        pytest.param("4" * 1_000_000, id="one number"),
        pytest.param('<a "' * 250_000, id="quotes that never end"),
        pytest.param("<![CDATA[" * 100_000, id="sections that never end"),
        pytest.param("<a " + "b" * 1_000_000, id="a name that never ends"),
        pytest.param("<" * 1_000_000, id="tags that never end"),
        pytest.param("<a>" + "&#52;" * 200_000, id="references"),
        pytest.param("://" * 300_000 + "@", id="addresses"),
        pytest.param("a?" + "b;" * 400_000 + "=", id="parameters"),
        pytest.param('{"password":"' + "x" * 1_000_000, id="a long secret"),
        pytest.param("[" + "1," * 300_000, id="numbers"),
        pytest.param('{"a":{"b":{"c":{"d":[' + "1," * 200_000, id="numbers below names"),
        pytest.param("'" * 1_000_000, id="apostrophes"),
        pytest.param("{'" * 500_000, id="braces and apostrophes"),
        pytest.param("{" * 1_000_000, id="braces"),
        pytest.param('"' * 1_000_000, id="quotes"),
        pytest.param("['a\"" * 250_000, id="quotes of both kinds"),
        pytest.param('x"' + "\\" * 1_000_000, id="backslashes in text"),
        pytest.param("a:" + '\\"' * 500_000, id="escaped quotes"),
        pytest.param("password:" + "\\" * 1_000_000, id="backslashes behind a name"),
        pytest.param("password: '" * 100_000, id="quotes behind names that never end"),
        pytest.param("a:" * 500_000, id="names"),
        pytest.param("a" * 1_000_000, id="one word"),
        pytest.param("\na " + " " * 1_000_000, id="spaces"),
        pytest.param("a:\n" * 300_000, id="lines"),
        pytest.param("<?" * 500_000, id="scripts that never end"),
        pytest.param("<a/>{" * 200_000, id="braces between elements"),
        pytest.param("<a>" * 300_000, id="elements that never end"),
        pytest.param("<Digits>1234" * 80_000, id="keys in keys"),
        pytest.param(f'"To":"{CARD} ",' * 40_000, id="telephone numbers"),
        pytest.param(f"{'a' * 90}={CARD} " * 9_000, id="card numbers behind long names"),
        pytest.param("a=%2F%3FDigits%3D1234&" * 40_000, id="encoded values"),
    ],
)
def test_a_hostile_body_is_masked_in_one_pass(body: str) -> None:
    # Looked at once for each place in it, it would take hours.
    masked, _ = mask_answer(body)

    assert len(masked) == len(body)


def test_a_request_in_xml_is_masked_as_an_answer_is() -> None:
    document = a_request(method="post", req_body='<a password="hunter2">4111111111111111</a>')
    (record,) = records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))

    assert unpack(record.packed)["req_body"] == '<a password="*******">9999999999999999</a>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{'password': 'hunter2', 'To': '4111111111111111'}", "{'password': '*******', 'To': '4111111111111111'}"),
        ('"{\\"password\\": \\"hunter2\\"}"', '"{\\"password\\": \\"*******\\"}"'),
        ('{"a": "https://u:p@h/?token=abc"}', '{"a": "https://*:*@h/?token=***"}'),
        ("a=https://u:p@h/&b=1", "a=https://*:*@h/&b=1"),
    ],
)
def test_a_request_that_is_no_form_and_no_json_loses_its_credentials_too(body: str, expected: str) -> None:
    document = a_request(method="post", req_body=body)
    (record,) = records_of(document, account_id=ACCOUNT, source=Source.INGEST, now_ms=clock.unix_ms(CREATED))

    assert unpack(record.packed)["req_body"] == expected
