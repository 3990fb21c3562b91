"""Input made to break the service: it is refused or kept, and never keeps anybody else's records from being stored."""

import json
from typing import Any

import pytest

from functions.diagnosis_api import app as diagnosis_api
from pivot_debug.reply_size import MAX_REPLY, escaped_size
from tests.builders import CREATED, a_call, a_request, a_response, event
from tests.integration.service import Service

LONG_NAME = '\\"' + "! " * 200_000
"""As a name in JSON; searched through once for every sentence in it, it would take a minute."""


@pytest.mark.parametrize("code", [[], {}, 5, None, "no such code"])
def test_a_transport_error_of_an_odd_code_is_an_answer_that_never_came(service: Service, code: Any) -> None:
    error = {**a_request(created=CREATED + 1), "_id": "e", "transport_error": {"code": code}}
    for name in ("uri", "method", "req_headers", "req_body"):
        del error[name]

    service.given([a_request(), error])

    assert service.listed()[0]["verdict"]["code"] == "no_response"


def test_huge_names_in_an_answer_are_cut_in_what_is_said_of_them(service: Service) -> None:
    inner = '{"module":"tts","data":{"text":5}}'
    body = f'{{"module":"tts","data":{{"text":"a"}},"children":{{"{LONG_NAME}":{inner}}}}}'

    service.given([a_request(), a_response(created=CREATED + 1, resp_body=body)])

    (call,) = service.listed()
    assert call["verdict"]["code"] == "schema_violation"
    assert len(json.dumps(call)) < 10_000


def test_a_million_parameters_are_read_in_one_pass(service: Service) -> None:
    body = "&".join(["key=1"] * 300_000)

    service.given([a_request(method="post", req_body=body), *a_call(call_id="other")])

    assert len(service.listed()) == 2


def test_thousands_of_schema_errors_are_merged_in_one_pass(service: Service) -> None:
    errors: list[dict[str, Any]] = [{"f": {str(number): {}}} for number in range(30_000)]
    error = a_response(created=CREATED + 1, _id="e", schema_errors=errors)

    service.given([*a_call(), error])

    assert service.listed()[0]["has_schema_errors"] is True


def test_a_million_bad_header_values_are_one_fault(service: Service) -> None:
    reply = service.put([a_response(resp_headers={"a": [{}] * 500_000})])

    assert list(reply["json"]["data"]) == ["0.resp_headers"]


def test_a_million_bad_paths_are_one_fault(service: Service) -> None:
    reply = service.put([a_request(redacted=[1] * 1_000_000)])

    assert list(reply["json"]["data"]) == ["0.redacted"]


def test_csv_of_deeply_nested_names_is_shallow(service: Service) -> None:
    nested: dict[str, Any] = {str(number): "" for number in range(1000)}
    for _ in range(80):
        nested = {"a" * 500: nested}
    service.given([a_request(zz=nested)])

    reply = service.get(call_id="829597750@10.26.0.158", query={"accept": "csv"})

    assert reply["statusCode"] == 200
    assert len(reply["body"].splitlines()[0]) < 5_000


@pytest.mark.usefixtures("service")
def test_a_flow_too_large_for_a_reply_is_left_out() -> None:
    say = {"module": "tts", "data": {"text": "é" * 900}}
    flow: dict[str, Any] = {**say, "children": {str(number): say for number in range(1200)}}
    request = event("validate") | {
        "body": json.dumps({"data": {"body": json.dumps(flow), "content_type": "application/json"}})
    }

    reply = diagnosis_api.handler(request, None)

    assert json.loads(reply["body"])["data"]["valid"] is True
    assert escaped_size(reply["body"]) < MAX_REPLY
