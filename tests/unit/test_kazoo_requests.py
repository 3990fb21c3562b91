import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.twiml.xml_positions import Document, parse_xml
from pivot_debug_cli.kazoo_requests import (
    Call,
    Target,
    first_params,
    form_encoded,
    kazoo_request,
    merged,
    overlaid,
    own_param,
    with_query,
)
from pivot_debug_cli.kazoo_steps import End, Next, State, after_flow, after_twiml

CALL = Call(call_id="8aeb4dfb@10.3.2.55", account_id="0" * 32, caller="+4930100", called="100")
URL = "https://h.example/a/voice.php?x=1"


def twiml(verbs: str, *digits: str, **target: str) -> Next | End:
    """What follows a <Response> of these verbs, when it was the answer of URL."""
    document = parse_xml(f"<Response>{verbs}</Response>")
    assert isinstance(document, Document)
    return after_twiml(document.root, State(target=Target(url=URL, **target), digits=digits))


def flow(*modules: tuple[str, dict[str, Any]], digits: tuple[str, ...] = ()) -> Next | End:
    """What follows these modules, each under ``children._`` of the one before."""
    node: dict[str, Any] = {}
    for module, data in reversed(modules):
        node = {"module": module, "data": data, "children": {"_": node} if node else {}}
    return after_flow(node, State(target=Target(url=URL), digits=digits))


def the_next(step: Next | End) -> Next:
    assert isinstance(step, Next), step
    return step


# ---------------------------------------------------------------- parameters and their encoding


def test_kazoo_parameters_have_kazoos_names_and_version() -> None:
    params = first_params(CALL, "kazoo")

    assert params["Api-Version"] == "4.x"
    assert params["Direction"] == "inbound"
    assert (params["Call-ID"], params["Account-ID"]) == (CALL.call_id, CALL.account_id)
    assert (params["From"], params["To"], params["Request"]) == ("+4930100", "100", "100")


def test_the_objects_of_custom_values_are_always_there() -> None:
    params = first_params(CALL, "kazoo")

    assert (params["Custom-Application-Vars"], params["Custom-SIP-Headers"]) == ({}, {})


def test_twiml_parameters_have_twilios_names_and_version() -> None:
    params = first_params(CALL, "twiml")

    assert params["ApiVersion"] == "2010-04-01"
    assert (params["CallSid"], params["AccountSid"]) == (CALL.call_id, CALL.account_id)
    assert (params["CallerNumber"], params["FromRealm"]) == ("+4930100", CALL.realm)


@pytest.mark.parametrize("req_format", ["kazoo", "twiml"])
def test_no_parameter_tells_an_iteration_or_holds_a_secret(req_format: str) -> None:
    names = " ".join(first_params(CALL, req_format)).lower()

    assert not any(word in names for word in ("iteration", "token", "secret", "signature"))


@pytest.mark.parametrize(
    ("params", "encoded"),
    [
        ({"From": "+4930100"}, "From=%2B4930100"),
        ({"Call-ID": "8aeb4dfb@10.3.2.55"}, "Call-ID=8aeb4dfb%4010.3.2.55"),
        ({"Name": "A b.-~_*'ü"}, "Name=A+b.-~_%2A%27%C3%BC"),
        ({"Digits": {"custom_name": "1234"}}, "Digits[custom_name]=1234"),
        ({"a": {"b": {"c": "d"}}}, "a[b][c]=d"),
        ({"User-ID": ["1", "2"]}, "User-ID[]=1&User-ID[]=2"),
        ({"yes": True, "no": False, "number": 3}, "yes=true&no=false&number=3"),
        ({"a key": "v"}, "a key=v"),
        ({"a": "1", "empty": {}, "b": "2"}, "a=1&&b=2"),
        ({"a": "1", "empty": {}}, "a=1&"),
        ({}, ""),
    ],
)
def test_the_form_encoding_is_kazoos_own(params: dict[str, Any], encoded: str) -> None:
    assert form_encoded(params) == encoded


@given(st.dictionaries(st.text("abcXYZ-_", min_size=1), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_whatever_a_value_holds_a_server_reads_it_back(params: dict[str, str]) -> None:
    assert dict(parse_qsl(form_encoded(params), keep_blank_values=True)) == params


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h.example/voice", "https://h.example/voice?a=1"),
        ("https://h.example/voice?", "https://h.example/voice?a=1"),
        ("https://h.example/voice?x=%20&y[]=+", "https://h.example/voice?x=%20&y[]=+&a=1"),
        ("https://h.example/voice?x=1#top", "https://h.example/voice?x=1&a=1#top"),
        ("https://h.example", "https://h.example?a=1"),
        ("http://user:pass@h.example/voice", "http://userpass@h.example/voice?a=1"),
        ("http://h.example:8080/a:b@c", "http://h.example:8080/a:b@c?a=1"),
    ],
)
def test_a_get_appends_its_parameters_to_the_query(url: str, expected: str) -> None:
    assert with_query(url, "a=1") == expected


def test_a_get_has_neither_headers_nor_body() -> None:
    request = kazoo_request(Target(url=URL), {"a": "1"})

    assert (request.method, request.url, request.headers, request.body) == ("GET", f"{URL}&a=1", (), b"")


def test_a_post_leaves_the_address_alone_and_sends_a_form() -> None:
    request = kazoo_request(Target(url="http://user:pass@h.example/v?x=1#y", method="post"), {"a": {"b": "c d"}})

    assert (request.method, request.url) == ("POST", "http://user:pass@h.example/v?x=1#y")
    assert request.headers == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert request.body == b"a[b]=c+d"


def test_a_post_may_send_json() -> None:
    request = kazoo_request(Target(url=URL, method="post", body_format="json"), {"a": {"b": "ü"}, "empty": {}})

    assert request.headers == (("Content-Type", "application/json"),)
    assert json.loads(request.body) == {"a": {"b": "ü"}, "empty": {}}


def test_kazoos_own_parameters_win_over_variables_of_the_same_name() -> None:
    assert merged({"From": "100"}, {"From": "mine", "lang": "de"}) == {"From": "100", "lang": "de"}


def test_parameters_of_the_user_are_laid_over_kazoos_object_by_object() -> None:
    own = overlaid(own_param("Custom-Application-Vars[vip]=yes"), own_param("Custom-Application-Vars[tier]=a=b"))

    params = overlaid({"From": "100", "Custom-Application-Vars": {"vip": "no", "old": "1"}}, own)

    assert params == {"From": "100", "Custom-Application-Vars": {"vip": "yes", "old": "1", "tier": "a=b"}}


@pytest.mark.parametrize("text", ["novalue", "=value", "a[b=c", "[b]=c", "a[]=c"])
def test_a_parameter_of_the_user_needs_a_name_and_a_value(text: str) -> None:
    with pytest.raises(ValueError, match="is not name=value"):
        own_param(text)


# ---------------------------------------------------------------- what follows TwiML


def test_a_redirect_posts_to_the_address_as_kazoo_resolves_it() -> None:
    step = the_next(twiml("<Say>Hi</Say><Redirect>/next.php</Redirect><Hangup/>"))

    assert step.state.target == Target(url="https://h.example/a/next.php", method="post")


def test_the_verb_chooses_the_method_and_format_and_body_stay_those_of_the_call() -> None:
    step = the_next(twiml('<Redirect method="GET"/>', method="post", req_format="twiml", body_format="json"))

    assert step.state.target == Target(url=URL, method="get", req_format="twiml", body_format="json")


def test_a_gather_takes_the_next_digits_to_its_action() -> None:
    step = the_next(twiml('<Gather action="menu.php"/>', "12", "3", req_format="twiml"))

    assert step.state.target.url == "https://h.example/a/menu.php"
    assert step.state.target.method == "post"
    assert step.state.params(CALL)["Digits"] == "12"
    assert step.state.digits == ("3",)


def test_a_gather_without_action_calls_the_same_address_again() -> None:
    assert the_next(twiml("<Gather/>", "1")).state.target.url == URL


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits"),
    [
        ("", "12#3", "12"),
        ('finishOnKey="*"', "1#2*3", "1#2"),
        ('finishOnKey=""', "1#2", "1#2"),
        ('numDigits="2"', "1234", "12"),
        ('numDigits="many"', "1234", "1234"),
    ],
)
def test_a_gather_ends_at_its_key_or_number_of_digits(attributes: str, pressed: str, digits: str) -> None:
    assert the_next(twiml(f"<Gather {attributes}/>", pressed)).state.params(CALL)["Digits"] == digits


@pytest.mark.parametrize("digits", [(), ("",), ("#",)])
def test_a_gather_that_gets_nothing_goes_on_to_the_next_verb(digits: tuple[str, ...]) -> None:
    step = the_next(twiml('<Gather action="menu.php"/><Redirect>again.php</Redirect>', *digits))

    assert step.state.target.url == "https://h.example/a/again.php"
    assert "Digits" not in step.state.params(CALL)


def test_gathered_digits_come_with_one_request_alone() -> None:
    first = the_next(twiml("<Gather/>", "1"))
    document = parse_xml("<Response><Redirect/></Response>")
    assert isinstance(document, Document)

    second = the_next(after_twiml(document.root, first.state))

    assert "Digits" not in second.state.params(CALL)


def test_a_record_tells_where_the_recording_is() -> None:
    params = the_next(twiml('<Record action="done.php"/>', req_format="twiml")).state.params(CALL)

    assert urlsplit(params["RecordingUrl"]).path.endswith(".mp3")
    assert params["RecordingDuration"] == 3


def test_a_dial_with_an_action_tells_its_outcome_and_one_without_goes_on() -> None:
    params = the_next(twiml('<Dial action="done.php">100</Dial>')).state.params(CALL)

    assert params["DialCallStatus"] == "completed"
    assert twiml("<Dial>100</Dial><Hangup/>") == End("Hangup: KAZOO hangs up")


def test_variables_come_with_every_further_request() -> None:
    step = the_next(twiml('<Set><Variable key="lang" value="de"/></Set><Redirect/>'))

    assert step.state.params(CALL)["lang"] == "de"


@pytest.mark.parametrize(
    ("verbs", "why"),
    [
        ("<Say>Bye</Say>", "all verbs are done: KAZOO hangs up"),
        ("<Hangup/><Redirect/>", "Hangup: KAZOO hangs up"),
        ("<Reject/>", "Reject: KAZOO rejects the call"),
    ],
)
def test_twiml_without_a_further_request_ends_the_call(verbs: str, why: str) -> None:
    assert twiml(verbs) == End(why)


# ---------------------------------------------------------------- what follows KAZOO JSON

NEXT = ("pivot", {"voice_url": "https://other.example/next"})


def test_a_nested_pivot_inherits_nothing() -> None:
    step = the_next(flow(("tts", {"text": "Hi"}), NEXT))

    assert step.state.target == Target(url="https://other.example/next", method="get", req_format="kazoo")


def test_a_nested_pivot_has_its_own_method_and_formats() -> None:
    data = {"voice_url": "https://o.example", "method": "POST", "req_format": "twiml", "req_body_format": "json"}

    target = the_next(flow(("pivot", data))).state.target

    assert target == Target(url="https://o.example", method="post", req_format="twiml", body_format="json")


def test_collected_digits_come_by_the_name_of_their_collection() -> None:
    named = ("collect_dtmf", {"max_digits": 4, "collection_name": "pin", "terminator": "#"})
    unnamed = ("collect_dtmf", {"max_digits": 1, "terminator": "#"})

    step = the_next(flow(named, unnamed, NEXT, digits=("1234", "5#", "6")))

    assert step.state.params(CALL)["Digits"] == {"pin": "1234", "default": "5"}
    assert "Digits[pin]=1234&Digits[default]=5" in form_encoded(step.state.params(CALL))
    assert step.state.digits == ("6",)


def test_digits_beyond_the_maximum_and_from_the_terminator_on_are_not_collected() -> None:
    step = the_next(flow(("collect_dtmf", {"max_digits": 2}), ("collect_dtmf", NAMED_B), NEXT, digits=("123", "4*5")))

    assert step.state.collections == {"default": "12", "b": "4"}


NAMED_B = {"max_digits": 5, "terminator": "*", "collection_name": "b"}


def test_a_flushed_collection_is_gone() -> None:
    step = the_next(flow(("collect_dtmf", {}), ("flush_dtmf", {"collection_name": "default"}), NEXT, digits=("1",)))

    assert "Digits" not in step.state.params(CALL)


def test_a_skipped_pivot_is_passed_over() -> None:
    skipped = ("pivot", {"voice_url": "https://skipped.example", "skip_module": True})

    assert the_next(flow(skipped, NEXT)).state.target.url == "https://other.example/next"


@pytest.mark.parametrize(
    ("modules", "why"),
    [
        ((("response", {"code": 486}), NEXT), "module response: KAZOO hangs up with SIP 486"),
        ((("hangup", {}), NEXT), "module hangup: KAZOO hangs up"),
        ((("callflow", {"id": "abc"}),), "KAZOO goes on with the stored callflow abc"),
        ((("play", {"id": "x"}),), "nothing follows play: KAZOO hangs up when it is done"),
        ((("user", {}),), "nothing follows user: KAZOO hangs up when it is done or nobody answers"),
    ],
)
def test_a_flow_without_a_pivot_ends_the_call(modules: tuple[tuple[str, dict[str, Any]], ...], why: str) -> None:
    assert flow(*modules) == End(why)
