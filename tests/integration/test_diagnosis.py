"""Answers are checked: when they are recorded, and before any call is made."""

import json
from typing import Any

import pytest

from functions.diagnosis_api import app as diagnosis_api
from pivot_debug.dictionary import ERROR_CODES
from tests.builders import CREATED, a_request, a_response, event
from tests.integration.service import Service

JSON, TWIML, HTML = ("application/json", "text/xml", "text/html")


def ask(sample: str, **changed: Any) -> dict[str, Any]:
    reply = diagnosis_api.handler(event(sample) | changed, None)
    return reply | {"json": json.loads(reply["body"])}


def validated(**answer: Any) -> dict[str, Any]:
    reply = ask("validate", body=json.dumps({"data": answer}))
    assert reply["statusCode"] == 200, reply["body"]
    data: dict[str, Any] = reply["json"]["data"]
    return data


def answered(body: str, content_type: str = JSON) -> list[dict[str, Any]]:
    """A call of one attempt with this answer."""
    headers = {"content-type": content_type}
    return [a_request(), a_response(created=CREATED + 1, resp_body=body, resp_headers=headers)]


# ---------------------------------------------------------------- recorded answers


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        ('{"module":"say","data":{}}', JSON, "unknown_module"),
        ('{"module":"response","data":{"code":"486"}}', JSON, "schema_violation"),
        ('{"flow":{"module":"hangup"},"numbers":["1"]}', JSON, "not_an_action"),
        ('{"module":"hangup",}', JSON, "json_syntax"),
        ("<Response><Speak>Hi</Speak></Response>", TWIML, "twiml_unknown_verb"),
        ('<Response><Say language="en-US">Hi</Say></Response>', TWIML, "twiml_invalid_value"),
        ("<Response/>", TWIML, "twiml_empty"),
        ("<response><Say>Hi</Say></response>", TWIML, "twiml_root"),
        ("<Response><Say>Fish & chips</Say></Response>", TWIML, "xml_syntax"),
        ("<Response><Say>Hi</Say></Response>", HTML, "content_type_mismatch"),
        ('{"module":"hangup"}', TWIML, "content_type_mismatch"),
    ],
)
def test_an_answer_that_kazoo_cannot_execute_is_the_verdict(
    service: Service, body: str, content_type: str, code: str
) -> None:
    service.given(answered(body, content_type))

    (call,) = service.listed(query={"has_errors": "true"})

    assert (call["verdict"]["status"], call["verdict"]["code"]) == ("error", code)
    assert call["verdict"]["hint"] == ERROR_CODES[code].hint
    assert [one["call_id"] for one in service.listed(query={"error_code": code})] == [call["call_id"]]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"module":"hangup","data":{}}', JSON),
        ('{"module":"hangup"}', "text/plain"),
        ("<Response><Say>Hi</Say><Hangup/></Response>", TWIML),
        ("<Response><Dial>+14155550100</Dial></Response>", "application/xml; charset=utf-8"),
    ],
)
def test_an_answer_that_kazoo_executes_is_ok(service: Service, body: str, content_type: str) -> None:
    service.given(answered(body, content_type))

    (call,) = service.listed()

    assert call["verdict"] == {"status": "ok"}
    assert [record["type"] for record in service.listed(call_id=call["call_id"])] == ["request", "response"]


def test_the_schema_errors_that_kazoo_leaves_out_are_recorded_in_its_own_shape(service: Service) -> None:
    body = '{"module":"response","data":{"code":"486"}}'
    service.given(answered(body))

    (call,) = service.listed()
    _, response, errors = service.listed(call_id=call["call_id"])

    assert call["has_schema_errors"] is True
    assert errors["schema_errors"]["data.code"]["type"]["target"] == "integer"
    assert (errors["resp_body"], errors["attempt"]) == (body, 1)
    assert errors["derived_from"] == response["id"]
    assert response["findings"][0]["pointer"] == "/data/code"


def test_the_detail_carries_the_verdict_of_its_call(service: Service) -> None:
    service.given(answered("<Response><Speak>Hi</Speak></Response>", TWIML))

    reply = service.get(call_id="829597750@10.26.0.158")

    assert reply["json"]["verdict"] == service.listed()[0]["verdict"]
    assert reply["json"]["data"][2]["twiml_errors"][0]["line"] == 1


def test_a_call_that_is_not_there_has_no_verdict(service: Service) -> None:
    assert "verdict" not in service.get(call_id="nobody")["json"]


def test_a_record_that_comes_again_brings_its_errors_but_once(service: Service) -> None:
    for _ in range(2):
        service.given(answered('{"module":"say"}'))

    assert service.listed()[0]["records"] == 3


def test_a_report_at_the_end_of_a_call_is_not_judged_as_call_control(service: Service) -> None:
    report = a_request(created=CREATED + 5, _id="r", method="post", req_body="Hangup-Cause=NORMAL_CLEARING")
    answer = a_response(created=CREATED + 6, _id="a", resp_body="thanks", kind="cdr")
    service.given([*answered('{"module":"hangup"}'), report, answer])

    assert service.listed()[0]["verdict"] == {"status": "ok"}


# ---------------------------------------------------------------- check before you call


def test_the_sample_answer_is_invalid_and_says_where() -> None:
    data = ask("validate")["json"]["data"]

    assert data["valid"] is False
    assert data["verdict"]["code"] == "twiml_unknown_verb"
    assert (data["findings"][0]["line"], data["findings"][0]["column"]) == (1, 11)
    assert "effective_flow" not in data


def test_a_valid_answer_shows_what_would_run() -> None:
    data = validated(body='{"module":"tts","data":{"text":"Hi"}}', content_type=JSON)

    assert (data["valid"], data["verdict"], data["findings"]) == (True, {"status": "ok"}, [])
    assert data["effective_flow"]["data"]["voice"] == "female"


def test_a_warning_leaves_an_answer_valid() -> None:
    data = validated(body='{"module":"tts","data":{"text":"Hi","txt":"x"}}', content_type=JSON)

    assert (data["valid"], data["verdict"]["status"]) == (True, "warning")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"body": "", "content_type": JSON}, "empty_body"),
        ({"body": "no", "content_type": JSON, "status": 503}, "http_5xx"),
        ({"body": '{"module":"hangup"}'}, "content_type_missing"),
    ],
)
def test_status_and_headers_are_judged_as_well(answer: dict[str, Any], code: str) -> None:
    assert validated(**answer)["verdict"]["code"] == code


@pytest.mark.parametrize(
    ("data", "field"),
    [({}, "body"), ({"body": 5}, "body"), ({"body": "", "status": 99}, "status"), ({"body": "", "x": 1}, "x")],
)
def test_a_malformed_request_is_400_and_names_the_field(data: dict[str, Any], field: str) -> None:
    reply = ask("validate", body=json.dumps({"data": data}))

    assert (reply["statusCode"], reply["json"]["message"]) == (400, "validation error")
    assert field in reply["json"]["data"]


def test_another_accounts_token_checks_nothing() -> None:
    sample = event("validate")
    context = sample["requestContext"] | {"authorizer": {"accounts": "f" * 32, "scopes": "debug:read"}}

    assert ask("validate", requestContext=context)["statusCode"] == 403


# ---------------------------------------------------------------- the dictionary


def test_the_dictionary_lists_every_code() -> None:
    listed = ask("list_errors")["json"]["data"]

    assert [entry["code"] for entry in listed] == list(ERROR_CODES)


def test_one_entry_is_read_by_its_code() -> None:
    reply = ask("list_errors", resource="/v2/pivot/errors/{code}", path="/v2/pivot/errors/timeout")

    assert reply["json"]["data"]["code"] == "timeout"


def test_an_unknown_code_is_404() -> None:
    reply = ask("list_errors", resource="/v2/pivot/errors/{code}", path="/v2/pivot/errors/nothing")

    assert (reply["statusCode"], reply["json"]["message"]) == (404, "not_found")


@pytest.fixture(autouse=True)
def _deployed(service: Service) -> None:
    """Requests are counted also where nothing is read."""
