import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.findings import Finding, Severity
from pivot_debug.relay.address import relay_url
from pivot_debug.twiml import check_twiml
from pivot_debug.twiml.check import MAX_FINDINGS
from pivot_debug.twiml.table import NOUNS, VERBS

RELAY = "https://relay.example/r/secret"
VARIABLE = '<Variable key="k" value="v"/>'


def response(*verbs: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  ' + "\n  ".join(verbs) + "\n</Response>\n"


def only(*verbs: str) -> Finding:
    return sole(response(*verbs))


def sole(body: str) -> Finding:
    findings = check_twiml(body)
    assert len(findings) == 1, findings
    return findings[0]


def codes(body: str) -> list[str]:
    return [finding.code for finding in check_twiml(body)]


def assert_error(finding: Finding, code: str) -> None:
    assert (finding.code, finding.severity) == (code, Severity.ERROR), finding


def assert_warning(finding: Finding, code: str) -> None:
    assert (finding.code, finding.severity) == (code, Severity.WARNING), finding


# ---------------------------------------------------------------- clean answers

CLEAN = {
    "a number": "<Dial>+15550100</Dial>",
    "a number as people write it": "<Dial> +1 (555) 010-0199 </Dial>",
    "a conference": "<Dial><Conference>standup</Conference></Dial>",
    "a conference one waits in": '<Dial><Conference startConferenceOnEnter="false">standup</Conference></Dial>',
    "a conference one leads": """<Dial>
        <Conference startConferenceOnEnter="true" endConferenceOnExit="true">standup</Conference>
    </Dial>""",
    "a device": "<Dial><Device>0a1b2c</Device></Dial>",
    "a SIP address": "<Dial><Sip>sip:desk@pbx.example</Sip></Dial>",
    "a user": "<Dial><User>3d4e5f</User></Dial>",
    "several at once": "<Dial>\n<User>3d4e5f</User><Device>0a1b2c</Device>\n<Number>5550100</Number></Dial>",
    "several numbers": "<Dial><Number>5550100</Number><Number>5550101</Number></Dial>",
    "keys": "<Gather/>",
    "keys asked for": """<Gather action="menu.php" method="GET" numDigits="1" timeout="3" finishOnKey="#">
        <!-- two tries -->
        <Say>Press one.</Say>
        <Play>https://files.example/beep.wav</Play>
        <Pause length="1"/>
    </Gather>
    <Redirect method="GET">menu.php?again=1</Redirect>""",
    "keys, else a goodbye": '<Gather action="menu.php" method="POST"><Say>Press one.</Say></Gather><Say>Bye.</Say>',
    "a sound": "<Play>https://files.example/welcome.mp3</Play>",
    "speech": "<Say>Hello, caller.</Say>",
    "speech with a voice": '<Say voice="woman" language="en-gb" loop="2">Good evening.</Say>',
    "speech, then the end": "<Say>Bye.</Say><Hangup/>",
    "a recording": '<Record action="/done" maxLength="30" playBeep="false" timeout="4" finishOnKey="12#"></Record>',
    "a pause": "<Pause/><Hangup></Hangup>",
    "a rejection": '<Reject reason="busy" prompt="busy.wav"/>',
    "variables": f"<Set>{VARIABLE}</Set><Set>\n  {VARIABLE}\n</Set><Redirect>next</Redirect>",
    "comments and instructions": "<!-- one --><?two?><Say>a<!-- three -->b</Say><!-- four -->",
    "text after white space in CDATA": "<Play>\n<![CDATA[https://files.example/?a=1&b=2]]>\n</Play>",
    "foreign attributes of XML": '<Say xml:lang="en" xmlns:x="urn:x">x</Say>',
}


@pytest.mark.parametrize("verbs", CLEAN.values(), ids=CLEAN.keys())
def test_a_sound_answer_has_no_findings(verbs: str) -> None:
    assert check_twiml(response(verbs)) == []


@pytest.mark.parametrize(
    "body",
    [
        "<Response><Hangup/></Response>",
        "\ufeff<?xml version='1.0'?>\n<Response xmlns='urn:x'><Hangup/></Response>",
        "\n\n<Response>\r\n\t<Say>é😀</Say>\r\n</Response>\n<!-- bye -->",
        '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Say>plain</Say></Response>',
    ],
)
def test_the_frame_may_be_written_in_many_ways(body: str) -> None:
    assert check_twiml(body) == []


# ---------------------------------------------------------------- the document


def test_a_body_that_is_not_xml_is_one_error_with_its_place() -> None:
    finding = sole("<Response>\n  <Play>https://files.example/?a=1&b=2</Play>\n</Response>")

    assert_error(finding, "xml_syntax")
    assert (finding.line, finding.column, finding.expected, finding.got) == (2, 35, "&amp;", "&")
    assert finding.excerpt == "  <Play>https://files.example/?a=1&b=2</Play>\n" + " " * 34 + "^"
    assert "takes the failure branch or hangs up" in finding.message


def test_a_doctype_is_a_warning_for_kazoo_may_well_read_it() -> None:
    finding = sole("<!DOCTYPE Response><Response><Hangup/></Response>")

    assert_warning(finding, "xml_syntax")
    assert "KAZOO" not in finding.message


def test_a_wrong_declared_encoding_is_a_warning_where_letters_are_garbled() -> None:
    finding = sole('<?xml version="1.0" encoding="iso-8859-1"?><Response><Say>Grüße</Say></Response>')

    assert_warning(finding, "xml_syntax")
    assert (finding.expected, finding.got) == ("UTF-8", "iso-8859-1")


def test_what_follows_the_root_is_a_warning() -> None:
    finding = sole("<Response><Hangup/></Response>\n<p>Debug: 12 ms</p>")

    assert_warning(finding, "xml_syntax")
    assert (finding.line, finding.column) == (2, 1)
    assert "ignores" in finding.message


@pytest.mark.parametrize(
    ("root", "meant"), [("response", "Response"), ("RESPONSE", "Response"), ("t:Response", "Response"), ("Say", None)]
)
def test_any_other_root_is_an_error(root: str, meant: str | None) -> None:
    finding = sole(f"<{root}><Foo/></{root}>")

    assert_error(finding, "twiml_root")
    assert (finding.expected, finding.got, finding.did_you_mean) == ("Response", root, meant)


@pytest.mark.parametrize(
    ("body", "named"),
    [("<html><head/><body/></html>", "HTML page"), ("<br />\n<b>Warning</b>:  Undefined index", "message of PHP")],
)
def test_a_foreign_root_is_named_for_what_it_is(body: str, named: str) -> None:
    assert named in sole(body).message


@pytest.mark.parametrize(
    ("content", "then"), [("", "breaks"), ("\n", "hangs up"), (" ", "hangs up"), ("<!-- nothing -->", "hangs up")]
)
def test_an_empty_response_is_an_error(content: str, then: str) -> None:
    finding = sole(f"<Response>{content}</Response>")

    assert_error(finding, "twiml_empty")
    assert then in finding.message


@pytest.mark.parametrize("text", ["Hello", "<![CDATA[Hello]]>"])
def test_text_between_verbs_is_skipped(text: str) -> None:
    finding = only(text, "<Hangup/>")

    assert_warning(finding, "twiml_invalid_content")
    assert finding.got == "Hello"
    assert "<Say>" in finding.message


# ---------------------------------------------------------------- verbs


@pytest.mark.parametrize(
    ("verb", "meant"),
    [
        ("dial", "Dial"),
        ("SAY", "Say"),
        ("HangUp", "Hangup"),
        ("Speak", "Say"),
        ("Dail", "Dial"),
        ("t:Play", "Play"),
        ("Wait", "Pause"),
        ("Zebra", None),
    ],
)
def test_an_unknown_verb_is_an_error_with_the_verb_that_is_meant(verb: str, meant: str | None) -> None:
    finding = only("<Say>a</Say>", f"<{verb}>x</{verb}>")

    assert_error(finding, "twiml_unknown_verb")
    assert (finding.line, finding.column, finding.got, finding.did_you_mean) == (4, 3, verb, meant)
    assert "hangs up" in finding.message
    assert str(finding.expected).startswith("one of Dial, Gather")


@pytest.mark.parametrize(
    ("verb", "advice"),
    [
        ("Sms", "your own server"),
        ("Message", "your own server"),
        ("Enqueue", "acdc_member"),
        ("Leave", "no queues"),
        ("Pay", "no payments"),
        ("Connect", "use Dial"),
        ("Start", "no streams"),
        ("Stop", "no streams"),
        ("Siprec", "no streams"),
        ("Refer", "transfer"),
        ("Prompt", "Gather"),
        ("Number", "<Dial>"),
        ("Conference", "<Dial>"),
        ("Queue", "<Dial>"),
        ("Variable", "<Set>"),
    ],
)
def test_an_element_without_a_place_comes_with_advice(verb: str, advice: str) -> None:
    finding = only(f"<{verb}/>")

    assert_error(finding, "twiml_unknown_verb")
    assert advice in finding.message


def test_every_verb_and_noun_has_a_clean_sample() -> None:
    for name in {*VERBS, *NOUNS} - {"Queue", "Variable"}:
        assert any(f"<{name}" in verbs for verbs in CLEAN.values()), name


# ---------------------------------------------------------------- values

TEXTS = {"Say": "x", "Play": "x", "Redirect": "x", "Dial": "1"}
VALUES: list[tuple[str, str, list[str], list[str]]] = [
    ("Say", "voice", ["man", "male", "woman", "female"], ["alice", "Polly.Joanna", "Man", ""]),
    ("Say", "language", ["en", "en-gb", "es", "fr", "de", "it"], ["en-US", "en-GB", "EN", "pt", "", "de-DE"]),
    ("Say", "loop", ["0", "1", "+2", "100"], ["-1", "-3"]),
    ("Play", "loop", ["0", "3"], ["-1"]),
    ("Gather", "timeout", ["1", "3600", "99999", "0.5"], ["0", "-1"]),
    ("Gather", "numDigits", ["1", "20"], ["0", "-2"]),
    ("Gather", "finishOnKey", [*"0123456789*#", ""], ["##", "a", "12", "none"]),
    ("Gather", "method", ["get", "GET", "post", "Post"], ["PUT", "", "head"]),
    ("Record", "timeout", ["1", "9999"], ["0"]),
    ("Record", "maxLength", ["1", "3600"], ["0", "3601", "-5"]),
    ("Record", "finishOnKey", ["#", "12", "", "anything"], []),
    ("Record", "method", ["GET"], ["DELETE"]),
    ("Redirect", "method", ["GET"], ["PATCH"]),
    ("Pause", "length", ["1", "86400"], ["0", "-1", "0.4"]),
    ("Reject", "reason", ["rejected", "busy"], ["Busy", "no-answer", ""]),
    ("Dial", "timeout", ["1", "30"], ["0", "-1"]),
    ("Dial", "method", ["POST"], ["PUT"]),
    ("Dial", "strategy", ["simultaneous", "single"], ["sequential", "Single"]),
]


@pytest.mark.parametrize(
    ("verb", "name", "value"), [(verb, name, value) for verb, name, valid, _ in VALUES for value in valid]
)
def test_a_valid_value_has_no_findings(verb: str, name: str, value: str) -> None:
    assert check_twiml(response(f'<{verb} {name}="{value}">{TEXTS.get(verb, "")}</{verb}>')) == []


@pytest.mark.parametrize(
    ("verb", "name", "value"), [(verb, name, value) for verb, name, _, invalid in VALUES for value in invalid]
)
def test_a_value_that_makes_kazoo_crash_is_an_error(verb: str, name: str, value: str) -> None:
    finding = only(f'<{verb} {name}="{value}">{TEXTS.get(verb, "")}</{verb}>')

    assert_error(finding, "twiml_invalid_value")
    assert (finding.line, finding.column, finding.got) == (3, 5 + len(verb), value)
    assert "hangs up" in finding.message
    assert finding.expected
    assert finding.expected in finding.message


@pytest.mark.parametrize(
    ("value", "meant"), [("en-US", "en"), ("en-GB", "en-gb"), ("fr-CA", "fr"), ("ES", "es"), ("pt-BR", None)]
)
def test_a_language_of_twilio_leads_to_the_one_of_kazoo(value: str, meant: str | None) -> None:
    assert only(f'<Say language="{value}">x</Say>').did_you_mean == meant


@pytest.mark.parametrize(
    ("verb", "name"),
    [("Say", "loop"), ("Gather", "numDigits"), ("Record", "maxLength"), ("Pause", "length"), ("Dial", "timeLimit")],
)
@pytest.mark.parametrize("value", ["five", "", "1s", "1,5", " 5", "٣", "9" * 5000 + "x"])
def test_a_number_that_is_none_is_a_warning_for_kazoo_takes_its_default(verb: str, name: str, value: str) -> None:
    finding = only(f'<{verb} {name}="{value}">{TEXTS.get(verb, "")}</{verb}>')

    assert_warning(finding, "twiml_invalid_value")
    assert "default" in finding.message


def test_a_number_beyond_all_bounds_is_out_of_range() -> None:
    assert_error(only(f'<Record maxLength="{"9" * 5000}"/>'), "twiml_invalid_value")


@pytest.mark.parametrize(("verb", "name"), [("Record", "playBeep"), ("Dial", "record"), ("Dial", "continueOnFail")])
def test_a_flag_that_is_neither_true_nor_false_is_a_warning(verb: str, name: str) -> None:
    finding = only(f'<{verb} {name}="do-not-record">{TEXTS.get(verb, "")}</{verb}>')

    assert_warning(finding, "twiml_invalid_value")
    assert "takes it for false" in finding.message


@pytest.mark.parametrize(("number", "sound"), [("2", False), ("3", True), ("40", True), ("41", False)])
def test_a_conference_holds_three_to_forty(number: str, sound: bool) -> None:
    body = response(f'<Dial><Conference maxParticipants="{number}">a</Conference></Dial>')

    assert codes(body) == ([] if sound else ["twiml_invalid_value"])


def test_a_conference_knows_the_voices_of_say_alone() -> None:
    assert_error(only('<Dial><Conference voice="alice">a</Conference></Dial>'), "twiml_invalid_value")


@pytest.mark.parametrize("strategy", ["simultaneous", "single"])
def test_a_strategy_for_several_is_valid_but_fragile(strategy: str) -> None:
    finding = only(f'<Dial strategy="{strategy}"><User>a</User><Device>b</Device></Dial>')

    assert_warning(finding, "twiml_invalid_value")


# ---------------------------------------------------------------- attributes without effect


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ('<Gather {}="speech"/>', "input"),
        ('<Gather {}="auto"/>', "speechTimeout"),
        ('<Gather {}="yes, no"/>', "hints"),
        ('<Dial><Number {}="screen.php">1</Number></Dial>', "url"),
        ('<Dial><Number {}="12">1</Number></Dial>', "sendDigits"),
        ('<Dial><Conference {}="GET">a</Conference></Dial>', "waitMethod"),
        ('<Dial {}="true">1</Dial>', "hangupOnStar"),
        ('<Record {}="true"/>', "transcribe"),
        ('<Play {}="1">x</Play>', "digits"),
        ('<Set {}="1">' + VARIABLE + "</Set>", "name"),
        ('<Dial><User {}="1">a</User></Dial>', "id"),
    ],
)
def test_an_attribute_that_kazoo_does_not_use_is_a_warning(verb: str, name: str) -> None:
    finding = only(verb.format(name))

    assert_warning(finding, "unknown_key")
    assert finding.got == name
    assert "ignores" in finding.message


@pytest.mark.parametrize(
    ("verb", "meant"),
    [
        ('<Gather numdigits="1"/>', "numDigits"),
        ('<Gather Timeout="1"/>', "timeout"),
        ('<Record maxlenght="3"/>', "maxLength"),
        ('<Set><Variable keys="a"/></Set>', "key"),
    ],
)
def test_a_misspelt_attribute_leads_to_the_right_one(verb: str, meant: str) -> None:
    assert only(verb).did_you_mean == meant


# ---------------------------------------------------------------- contents


@pytest.mark.parametrize("verb", ["Record", "Pause", "Reject", "Hangup"])
@pytest.mark.parametrize(
    ("content", "got"),
    [
        ("\n", "white space"),
        (" ", "white space"),
        ("<![CDATA[]]>", "white space"),
        ("x", "x"),
        ("<Say/>", "<Say>"),
        ("<!-- x -->", "a comment"),
        ("<?x?>", "a comment"),
    ],
)
def test_a_verb_that_must_be_empty_takes_not_even_a_line_break(verb: str, content: str, got: str) -> None:
    finding = only(f"<{verb}>{content}</{verb}>")

    assert_error(finding, "twiml_invalid_content")
    assert (finding.line, finding.column, finding.expected, finding.got) == (3, 5 + len(verb), "nothing", got)


def test_a_hangup_takes_no_attributes() -> None:
    finding = only('<Hangup xmlns="urn:x" reason="busy"/>')

    assert_error(finding, "twiml_invalid_content")
    assert finding.got == "xmlns"


def test_a_play_must_name_a_sound() -> None:
    assert_error(only("<Play>\n</Play>"), "twiml_invalid_content")


@pytest.mark.parametrize(
    "verb", ["Say", "Play", "Redirect", "Dial", "Dial><User", "Dial><Number", "Dial><Conference", "Dial><Sip"]
)
def test_a_text_of_cdata_alone_is_lost(verb: str) -> None:
    opened = verb.split("><")
    closed = "".join(f"</{name}>" for name in reversed(opened))

    finding = only(f"<{verb}><![CDATA[https://files.example/?a=1&b=2]]>\n{closed}")

    assert_error(finding, "twiml_invalid_content")
    assert str(finding.got).startswith("https://files.example/?a=1&b=2")


def test_elements_in_a_text_are_skipped() -> None:
    finding = only("<Say>one <break/> two</Say>")

    assert_warning(finding, "twiml_invalid_content")
    assert finding.got == "<break>"


@pytest.mark.parametrize("verb", ["Play", "Redirect"])
@pytest.mark.parametrize("text", ["\n\t\thttps://h.example/x\n\t", "\n \n \n x", "\u00a0x"])
def test_white_space_that_kazoo_leaves_around_an_address_is_an_error(verb: str, text: str) -> None:
    finding = only(f"<{verb}>{text}</{verb}>")

    assert_error(finding, "twiml_invalid_content")
    assert finding.expected == text.strip()


@pytest.mark.parametrize("text", ["\n      https://h.example/x\n    ", "  x", "\r\n  x\r\n"])
def test_white_space_that_kazoo_strips_is_sound(text: str) -> None:
    assert codes(response(f"<Redirect>{text}</Redirect>")) == []


def test_a_text_of_more_than_4000_bytes_is_spoken_in_part() -> None:
    assert codes(response(f"<Say>{'é' * 2000}</Say>")) == []

    finding = only(f"<Say>{'é' * 2001}</Say>")

    assert_warning(finding, "twiml_invalid_content")
    assert finding.got == "4002 bytes"


@pytest.mark.parametrize(("content", "got"), [("", "0"), ("\n", "0"), (VARIABLE * 2, "2"), (VARIABLE * 3, "3")])
def test_a_set_holds_one_variable(content: str, got: str) -> None:
    finding = only(f"<Set>{content}</Set>")

    assert_error(finding, "twiml_invalid_content")
    assert (finding.expected, finding.got) == ("1", got)


def test_anything_else_in_a_set_is_skipped() -> None:
    finding = only(f"<Set>{VARIABLE}<Var/></Set>")

    assert_warning(finding, "twiml_invalid_content")
    assert finding.did_you_mean == "Variable"


def test_a_variable_does_not_belong_into_a_redirect() -> None:
    finding = only(f"<Redirect>next{VARIABLE}</Redirect>")

    assert_error(finding, "twiml_invalid_content")
    assert "<Set>" in finding.message


@pytest.mark.parametrize("verb", ["<Redirect>x</Redirect>", "<Gather/>", "<Record/>", '<Dial action="x">1</Dial>'])
def test_a_verb_that_asks_again_does_not_work_in_a_gather(verb: str) -> None:
    finding = only(f"<Gather>{verb}</Gather>")

    assert_error(finding, "twiml_invalid_content")
    assert finding.expected == "Say, Play or Pause"


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        ("<Foo/>", "twiml_unknown_verb"),
        ('<Say voice="alice">x</Say>', "twiml_invalid_value"),
        ("<Pause> </Pause>", "twiml_invalid_content"),
        ("<Set/>", "twiml_invalid_content"),
    ],
)
def test_what_fails_in_a_gather_stops_its_prompts_but_not_the_call(verb: str, code: str) -> None:
    finding = only(f"<Gather>{verb}</Gather>")

    assert_error(finding, code)
    assert "stops the prompts" in finding.message
    assert "hangs up" not in finding.message


def test_text_in_a_gather_is_skipped() -> None:
    assert_warning(only("<Gather>Press one.</Gather>"), "twiml_invalid_content")


# ---------------------------------------------------------------- Dial


@pytest.mark.parametrize("content", ["", " ", "\n", "nobody", "<!-- nobody -->"])
def test_a_dial_without_anybody_is_an_error(content: str) -> None:
    finding = only(f"<Dial>{content}</Dial>")

    assert_error(finding, "twiml_invalid_content")
    assert "hangs up" in finding.message


@pytest.mark.parametrize("content", ["sip:100@10.0.0.1", "client:bob7", "<Number>call 5550100</Number>"])
def test_a_number_with_other_characters_is_dialled_wrongly(content: str) -> None:
    finding = only(f"<Dial>{content}</Dial>")

    assert_error(finding, "twiml_invalid_content")
    assert "KAZOO dials" in finding.message


def test_a_number_beside_a_noun_is_all_that_is_dialled() -> None:
    finding = only("<Dial>5550100<User>a</User></Dial>")

    assert_error(finding, "twiml_invalid_content")
    assert finding.got == "<User>"


@pytest.mark.parametrize(
    "content",
    [
        "<Conference>a</Conference><Conference>b</Conference>",
        "<User>a</User><Conference>b</Conference>",
        "<Conference>a</Conference>\n",
        "<Conference>a</Conference><!-- x -->",
    ],
)
def test_a_conference_must_be_all_that_a_dial_holds(content: str) -> None:
    findings = check_twiml(response(f"<Dial>{content}</Dial>"))

    assert findings
    for finding in findings:
        assert_error(finding, "twiml_invalid_content")
        assert finding.expected == "nothing beside it"


def test_white_space_on_both_sides_of_a_conference_is_sound() -> None:
    assert codes(response("<Dial>\n<!-- x -->\n<Conference>a</Conference>\n</Dial>")) == []
    assert codes(response("<Dial> <Conference>a</Conference> </Dial>")) == []


@pytest.mark.parametrize("content", ["<Queue>a</Queue>", "<Queue>a</Queue><Queue>b</Queue>"])
def test_a_queue_cannot_be_dialled(content: str) -> None:
    for finding in check_twiml(response(f"<Dial>{content}</Dial>")):
        assert_error(finding, "twiml_invalid_content")
        assert "hangs up" in finding.message
        assert "acdc_member" in finding.message


@pytest.mark.parametrize(
    ("noun", "meant", "advice"), [("Client", None, "User or Device"), ("SIP", "Sip", ""), ("Fax", None, "")]
)
def test_an_unknown_noun_is_skipped(noun: str, meant: str | None, advice: str) -> None:
    finding = only(f"<Dial><User>a</User><{noun}>b</{noun}></Dial>")

    assert_error(finding, "twiml_invalid_content")
    assert (finding.got, finding.did_you_mean) == (noun, meant)
    assert "skips" in finding.message
    assert advice in finding.message


def test_unknown_nouns_alone_leave_nobody_to_call() -> None:
    assert "hangs up" in only("<Dial><Client>b</Client></Dial>").message


@pytest.mark.parametrize("first", ["<!-- x -->", "<?x?>", "<![CDATA[x]]>"])
def test_a_dial_must_not_begin_with_a_comment(first: str) -> None:
    finding = only(f"<Dial>{first}<User>a</User></Dial>")

    assert_error(finding, "twiml_invalid_content")


@pytest.mark.parametrize(
    "noun", ["<User/>", "<Device> </Device>", "<Sip>\n</Sip>", "<Number/>", "<Number>bob</Number>"]
)
def test_a_noun_that_names_nobody_is_an_error(noun: str) -> None:
    assert_error(only(f"<Dial>{noun}</Dial>"), "twiml_invalid_content")


# ---------------------------------------------------------------- order

HANDING_OVER = ["<Redirect>x</Redirect>", "<Hangup/>", "<Reject/>", '<Dial action="x">1</Dial>']


@pytest.mark.parametrize("end", HANDING_OVER)
def test_a_fault_behind_a_verb_that_hands_over_is_a_warning(end: str) -> None:
    findings = check_twiml(response(end, "<Foo/>", '<Say voice="alice">x</Say>', "<Record> </Record>"))

    assert [finding.code for finding in findings] == [
        "twiml_unknown_verb",
        "twiml_invalid_value",
        "twiml_invalid_content",
    ]
    for finding in findings:
        assert finding.severity is Severity.WARNING
        assert "of line 3 comes first" in finding.message


@pytest.mark.parametrize(
    "verb",
    [
        "<Gather/>",
        "<Gather><Hangup/></Gather>",
        "<Record/>",
        "<Dial>1</Dial>",
        "<Say>x</Say>",
        '<Reject reason="no"/>',
        "<Hangup> </Hangup>",
    ],
)
def test_a_fault_behind_a_verb_that_may_come_back_stays_an_error(verb: str) -> None:
    assert_error(check_twiml(response(verb, "<Foo/>"))[-1], "twiml_unknown_verb")


def test_sound_verbs_behind_a_redirect_are_no_finding() -> None:
    assert codes(response("<Redirect>x</Redirect>", "<Say>never heard</Say>")) == []


def test_findings_come_in_the_order_of_the_text() -> None:
    findings = check_twiml(response('<Say foo="1" voice="alice">x</Say>', "text", "<Foo/>", "<Set/>"))

    places = [(finding.line, finding.column) for finding in findings]
    assert places == sorted(places)
    assert len(places) == 5


def test_findings_are_capped_and_errors_are_kept() -> None:
    findings = check_twiml(response('<Say foo="1">x</Say>' * MAX_FINDINGS, "<Foo/>"))

    assert len(findings) == MAX_FINDINGS
    assert findings[-1].code == "twiml_unknown_verb"


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "verb",
    [
        "<Redirect>{}</Redirect>",
        '<Gather action="{}"/>',
        '<Record action="{}"/>',
        '<Dial action="{}">1</Dial>',
        "<Gather><Redirect>{}</Redirect></Gather>",
    ],
)
def test_an_absolute_address_that_leaves_the_relay_is_a_warning(verb: str) -> None:
    outside = response(verb.format("https://h.example/next"))

    (finding,) = leaving(outside)

    assert_warning(finding, "leaves_relay")
    assert finding.got == "https://h.example/next"
    assert "leaves_relay" not in codes(outside)
    for inside in ("next", "/next", "?a=1", "", f"{RELAY}/next", f"{RELAY}?a=1", "HTTPS://h.example"):
        assert leaving(response(verb.format(inside))) == []


def leaving(body: str) -> list[Finding]:
    return [finding for finding in check_twiml(body, relay_root=RELAY) if finding.code == "leaves_relay"]


def test_an_address_of_the_relays_own_does_not_leave_it() -> None:
    own = relay_url("https://fn.on.aws/", "0a" * 16, "1b" * 16, "aZ09" * 8, "voice", "https://h.example/next?a=1")

    assert check_twiml(response(f"<Redirect>{own}</Redirect>"), relay_root="https://fn.on.aws") == []


def test_an_address_that_leaves_the_relay_is_found_where_it_stands() -> None:
    (finding,) = leaving("<Response>\n<Redirect>\n  <!-- next -->\n  https://h.example/next\n</Redirect></Response>")

    assert (finding.line, finding.got) == (3, "https://h.example/next")


def test_media_outside_the_relay_is_no_finding() -> None:
    record = '<Record recordingUrl="https://files.example/put" action="next"/>'
    body = response("<Play>https://files.example/a.mp3</Play>", "<Say>https://h.example</Say>", record)

    assert check_twiml(body, relay_root=RELAY) == []


# ---------------------------------------------------------------- hostile input

NAMES = [*VERBS, *NOUNS, "Foo"]
TAGS = [*(f"<{name}>" for name in NAMES), *(f"</{name}>" for name in NAMES), '<Say voice="x" loop="-1"/>']
TEXT = ["<!-- x -->", "<![CDATA[1]]>", "1", " ", "\n", "\t", "é😀"]
SHREDS = st.sampled_from([*CLEAN.values(), *TAGS, *TEXT])


@given(st.lists(SHREDS, max_size=12).map("".join) | st.text(), st.none() | st.text(max_size=5))
def test_no_text_raises_and_every_finding_is_complete(content: str, relay_root: str | None) -> None:
    for body in (content, f"<Response>{content}</Response>"):
        for finding in check_twiml(body, relay_root=relay_root):
            assert finding.message.endswith(".")
            assert finding.expected is not None
            assert finding.got is not None
            assert finding.excerpt
            assert finding.line
            assert finding.column
            json.dumps(finding.as_json())


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><Response><Say>&c;</Say></Response>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Response><Say>&x;</Say></Response>',
        "<Response>" + "<Gather>" * 100_000,
        "<Response>" + "<Foo/>" * 100_000 + "</Response>",
    ],
)
def test_hostile_documents_end_in_one_warning(body: str) -> None:
    assert_warning(sole(body), "xml_syntax")


def test_long_names_and_values_are_shortened() -> None:
    finding = only(f"<{'x' * 5000}/>")

    assert len(str(finding.got)) < 100
    assert len(finding.message) < 300
