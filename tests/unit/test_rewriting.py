"""Addresses in an answer become the relay's; every other byte of it stays."""

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.relay.rewriting import rewritten
from pivot_debug.twiml.addresses import addresses
from pivot_debug.twiml.xml_positions import Document, Element, parse_xml

TWIML, KAZOO_JSON = "text/xml", "application/json"
NEXT = "https://h.example/next?a=1&b=2"
ODD = 'http://h.example/é"\\'
OWN = "https://fn.on.aws/relay?'\"<&\\>é"

moderately = settings(max_examples=200, deadline=None)


def to_own(_url: str) -> str:
    return OWN


def marked(url: str) -> str:
    """Another address from which the first can be told."""
    return f"https://fn.on.aws/r/{url.removeprefix('https://')}"


def unchanged(url: str) -> str:
    return url


def never(url: str) -> str:
    raise AssertionError(url)


# ---------------------------------------------------------------- TwiML


@pytest.mark.parametrize(
    "template",
    [
        "<Response><Redirect>{}</Redirect></Response>",
        '\ufeff<?xml version="1.0"?>\r\n<Response><Redirect method="GET">\r\n  {} \n</Redirect></Response>\n<!-- é -->',
        '<Response><Gather numDigits="1" action="{}"><Say>é 😀</Say></Gather></Response>',
        "<Response><Dial  action = '{}' timeout='20' >123</Dial></Response>",
        '<Response><Record\n action="{}"\n recordingUrl="https://files.example/a"/></Response>',
        "<Response><Gather><Redirect>{}</Redirect></Gather></Response>",
        "<Response><Say>a &amp; b</Say><Redirect>\n<!-- {{}} -->{}</Redirect></Response>",
        "<Response><Redirect><!-- --><![CDATA[lost]]>{}</Redirect></Response>",
        "<Response><Redirect>{}</Redirect></Response> and more",
    ],
)
@pytest.mark.parametrize(
    "spelt",
    [
        "https://h.example/next?a=1&amp;b=2",
        "https://h.example/next?a=1&#38;b=2",
        "&#x68;ttps://h.example/next?a=1&#x26;b=2",
    ],
)
def test_an_address_in_twiml_is_replaced_in_its_place(template: str, spelt: str) -> None:
    def to_relay(url: str) -> str:
        assert url == NEXT
        return OWN

    assert rewritten(template.format(spelt), TWIML, to_relay) == template.format(escape(OWN))


def test_each_address_of_an_answer_is_replaced() -> None:
    body = (
        '<Response>\n\t<Gather action="https://h.example/a"/><Record action="https://h.example/b"/>'
        "<Redirect>https://o.example/c</Redirect></Response>"
    )

    served = rewritten(body, TWIML, marked)

    assert served == body.replace("https://", "https://fn.on.aws/r/")


def test_an_address_that_ends_in_cdata_is_replaced_as_kazoo_reads_it() -> None:
    body = "<Response><Redirect>https://h.example/next<![CDATA[?a=1&b=2]]></Redirect></Response>"

    assert rewritten(body, TWIML, lambda url: url.replace("h.", "r.")) == (
        "<Response><Redirect>https://r.example/next?a=1&amp;b=2</Redirect></Response>"
    )


@pytest.mark.parametrize(
    "verb",
    [
        "<Redirect>next.php</Redirect>",
        "<Redirect>/next?u=https://h.example/</Redirect>",
        "<Redirect></Redirect><Redirect/>",
        "<Redirect> \n </Redirect>",
        "<Redirect>httpish/next</Redirect>",
        "<Redirect>HTTPS://h.example/</Redirect>",
        "<Redirect>https://user:pass@h.example/next</Redirect>",
        "<Redirect>https://</Redirect>",
        "<Redirect>https://h.example/a b</Redirect>",
        "<Redirect>\thttps://h.example/</Redirect>",
        "<Redirect>https://h.exa<!-- -->mple/next</Redirect>",
        "<Redirect><![CDATA[https://h.example/]]></Redirect>",
        '<Gather action=" https://h.example/"/>',
        "<Play>https://h.example/a.mp3</Play>",
        "<Say>https://h.example/</Say>",
        '<Record recordingUrl="https://h.example/put"/>',
        '<Dial statusCallback="https://h.example/"><Number url="https://h.example/">1</Number></Dial>',
        '<Dial><Conference waitUrl="https://h.example/a.mp3">a</Conference></Dial>',
        '<Redirect action="https://h.example/"/>',
        '<Set><Variable key="a" value="https://h.example/"/></Set>',
        "<!-- <Redirect>https://h.example/</Redirect> -->",
    ],
)
def test_what_kazoo_does_not_ask_for_the_next_step_is_left_alone(verb: str) -> None:
    assert rewritten(f"<Response>{verb}</Response>", TWIML, never) is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Response><Redirect>https://h.example/</Redirect>",
        "<Answer><Redirect>https://h.example/</Redirect></Answer>",
        '<!DOCTYPE a [<!ENTITY b "c">]><Response><Redirect>https://h.example/</Redirect></Response>',
        '{"module":"pivot","data":{"voice_url":"https://h.example/"}}',
    ],
)
def test_a_body_that_kazoo_cannot_read_as_twiml_is_left_alone(body: str) -> None:
    assert rewritten(body, TWIML, never) is None
    assert rewritten(body, "", never) is None


# ---------------------------------------------------------------- KAZOO JSON


def test_both_addresses_of_every_pivot_action_are_replaced() -> None:
    body = (
        '\ufeff{ "module" : "menu", "data":{"voice_url":"https://h.example/no"},\r\n "children": {\n'
        '  "1": {"data": {"voice_url" : VOICE, "é": "😀", "cdr_url":\tCDR}, "module": "pivot"},\n'
        '  "_": {"module":"tts","data":{"text":"https://h.example/"},"children":{"_":{"module":"pivot",\n'
        '   "data":{"debug":true,"voice_url":"https:\\/\\/h.example\\/\\u00e9"}}}}}}\n'
    )
    sent = body.replace("VOICE", '"https://h.example/a"').replace("CDR", '"http://h.example/b"')

    served = rewritten(sent, KAZOO_JSON, lambda url: f"{url}/x")

    assert served == body.replace("VOICE", '"https://h.example/a/x"').replace("CDR", '"http://h.example/b/x"').replace(
        '"https:\\/\\/h.example\\/\\u00e9"', '"https://h.example/\\u00e9/x"'
    )


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "text/html", "x"])
def test_whatever_is_not_sent_as_twiml_is_read_as_json(content_type: str) -> None:
    body = json.dumps({"module": "pivot", "data": {"voice_url": NEXT}})

    assert json.loads(rewritten(body, content_type, to_own) or "") == {"module": "pivot", "data": {"voice_url": OWN}}


@pytest.mark.parametrize(
    "answer",
    [
        {"module": "hangup"},
        {"module": "pivot"},
        {"module": "pivot", "data": [NEXT]},
        {"module": "pivot", "data": {"voice_url": 1, "cdr_url": None}},
        {"module": "pivot", "data": {"voice_url": "next", "cdr_url": "ftp://h.example/"}},
        {"module": "pivot", "data": {"voice_url": "https://user:pass@h.example/"}},
        {"module": "pivot", "voice_url": NEXT},
        {"module": "Pivot", "data": {"voice_url": NEXT}},
        {"module": "webhook", "data": {"uri": NEXT}, "children": [NEXT]},
        {"flow": {"module": "pivot", "data": {"voice_url": NEXT}}},
        [{"module": "pivot", "data": {"voice_url": NEXT}}],
        NEXT,
    ],
)
def test_what_no_pivot_action_calls_is_left_alone(answer: Any) -> None:
    assert rewritten(json.dumps(answer), KAZOO_JSON, never) is None


@pytest.mark.parametrize("body", ["", "{", '{"module":"pivot","data":{"voice_url":"https://h.example/"}},', "[" * 999])
def test_a_body_that_is_no_json_is_left_alone(body: str) -> None:
    assert rewritten(body, KAZOO_JSON, never) is None


# ---------------------------------------------------------------- any answer

# What spells an address, and how KAZOO takes it.
SPELLINGS = st.sampled_from(
    [
        (NEXT.replace("&", "&amp;"), NEXT),
        ("https://h.example/&#x41;/%2F?é", "https://h.example/A/%2F?é"),
        ("http://h.example:8080", "http://h.example:8080"),
        ("https://h.example/?q=&quot;&#39;&gt;\u2028😀", "https://h.example/?q=\"'>\u2028😀"),
    ]
)
PLACES = st.sampled_from(
    [
        *("<Redirect>{}</Redirect>", "<Redirect\nmethod='get'> \r\n{}\n <!-- é --> </Redirect>"),
        *("<Gather action='{}'/>", '<Gather\tx="1"\n action = "{}" >é<Say>a</Say></Gather>'),
        *('<Dial action="{}">1</Dial>', "<Gather><Record action='{}'/></Gather>"),
    ]
)
FILLERS = st.sampled_from(
    [
        *("", "\r\n", "é😀", "<!-- https://h.example/ -->", "<?a https://h.example/ ?>"),
        *("<Say a='>'>x</Say>", "<Redirect>next</Redirect>", "<Play>https://h.example/</Play>", "<Foo/>"),
    ]
)
SHREDS = st.lists(
    st.sampled_from(
        [
            *("https://h.example/a", "http://h.example?b=c", "next", "é😀", "&amp;", "&#10;", " ", "\n", "\r\n", "\t"),
            *("<![CDATA[", "]]>", "<!-- ", " -->", "<?pi ", "?>", "<Say>", "</Say>", "<Redirect>", "</Redirect>", '"'),
            *("<Gather action='", "'/>", '<Dial action="', '">1</Dial>', "<Record/>", "</Gather>", "<a/>"),
        ]
    ),
    max_size=10,
).map("".join)
"""Any mixture of what answers are made of."""


@given(st.lists(st.tuples(FILLERS, PLACES, SPELLINGS), min_size=1, max_size=4))
@moderately
def test_only_the_bytes_that_spell_an_address_change(parts: list[tuple[str, str, tuple[str, str]]]) -> None:
    sent = "".join(filler + place.format(spelt) for filler, place, (spelt, _) in parts)
    expected = "".join(filler + place.format(escape(marked(url))) for filler, place, (_, url) in parts)

    assert rewritten(f"<Response>{sent}</Response>", TWIML, marked) == f"<Response>{expected}</Response>"


@given(SHREDS)
@moderately
def test_rewriting_with_the_same_addresses_changes_nothing(content: str) -> None:
    for body in (content, f"<Response>{content}</Response>", f"<Response><Redirect>{content}</Redirect></Response>"):
        assert rewritten(body, TWIML, unchanged) is None


@given(SHREDS)
@moderately
def test_a_rewritten_answer_is_the_same_tree_with_other_addresses(content: str) -> None:
    body = (
        f"<Response><Redirect>https://h.example/{content}</Redirect><Gather action='https://h.example/b'/></Response>"
    )
    served = rewritten(body, TWIML, marked)
    if served is None:
        return

    before, after = parse_xml(body), parse_xml(served)

    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert shape(after.root) == shape(before.root)
    pairs = [(old, new) for (old, _), (new, _) in zip(addresses(before.root), addresses(after.root), strict=True)]
    assert all(new in {old, marked(old)} for old, new in pairs)
    assert any(new != old for old, new in pairs)


def shape(element: Element) -> tuple[Any, ...]:
    """Names of elements and attributes, in each other as they are."""
    names = [attribute.name for attribute in element.attributes]
    return element.name, names, [shape(child) for child in element.elements]


NAMES = st.sampled_from(["module", "data", "children", "_", "voice_url", "cdr_url", "debug", "é"])
URLS = st.sampled_from([NEXT, ODD, "https://u@h.example/", "next", "", "\ud800", 5, None])
PIVOTS = st.fixed_dictionaries(
    {"module": st.sampled_from(["pivot", "tts"]), "data": st.dictionaries(NAMES, URLS, max_size=4)}
)
FLOWS = st.recursive(
    PIVOTS | URLS,
    lambda inner: st.fixed_dictionaries(
        {"module": st.sampled_from(["pivot", "menu"])},
        optional={
            "data": st.dictionaries(NAMES, URLS | inner, max_size=3) | inner,
            "children": st.dictionaries(NAMES, inner, max_size=3),
        },
    ),
    max_leaves=8,
)
STYLES = st.fixed_dictionaries({"indent": st.sampled_from([None, 1]), "ensure_ascii": st.booleans()})


@given(FLOWS, STYLES)
@moderately
def test_a_rewritten_flow_is_the_same_with_other_addresses(flow: Any, style: dict[str, Any]) -> None:
    body = json.dumps(flow, **style)

    served = rewritten(body, KAZOO_JSON, marked)

    assert json.loads(body if served is None else served) == mapped(flow, marked)
    assert rewritten(body, KAZOO_JSON, unchanged) is None


def mapped(action: Any, to_relay: Callable[[str], str]) -> Any:
    """What rewriting is to make of a parsed action."""
    if not isinstance(action, dict):
        return action
    data, children = action.get("data"), action.get("children")
    if action.get("module") == "pivot" and isinstance(data, dict):
        moved = {name: to_relay(data[name]) for name in ("voice_url", "cdr_url") if data.get(name) in (NEXT, ODD)}
        data = data | moved
    if isinstance(children, dict):
        children = {name: mapped(child, to_relay) for name, child in children.items()}
    return action | {name: value for name, value in (("data", data), ("children", children)) if name in action}
