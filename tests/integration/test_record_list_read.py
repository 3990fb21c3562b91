"""From an ingest request to the list and the detail, through the real handlers."""

import random

import pytest

from pivot_debug import clock
from pivot_debug.dictionary import ERROR_CODES
from tests.builders import CALL, CREATED, a_call, a_json_error, a_request, a_response
from tests.integration.service import Service


def test_an_ingested_call_is_listed_with_kazoos_fields_and_a_verdict(service: Service) -> None:
    service.given(a_call(status="500"))

    (call,) = service.listed()

    assert call == {
        "call_id": CALL,
        "created": CREATED,
        "debug_id": f"202403-{CALL}",
        "uri": "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com&Api-Version=4.x",
        "status_code": "500",
        "status_codes": ["500"],
        "node": "kazoo_apps@apps1.example.net",
        "iteration": 1,
        "has_json_errors": False,
        "has_schema_errors": False,
        "has_transport_errors": False,
        "verdict": {
            "status": "error",
            "code": "http_5xx",
            "attempt": 1,
            "reason": "Attempt 1: the server at https://pivot.example.com/ivr failed with 500.",
            "hint": "Look for an exception in the server's log at the time of the request.",
            "prediction": ERROR_CODES["http_5xx"].kazoo_does,
            "facts": {
                "status_code": "500",
                "uri": "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com&Api-Version=4.x",
                "duration_ms": 1000,
                "timeout_ms": 5000,
                "detail": "The server answered 500.",
            },
        },
        "attempts": 1,
        "records": 2,
        "last_created": CREATED + 1,
        "duration_ms": 1000,
        "slowest_ms": 1000,
        "caller": "+14155550100",
        "called": "2600",
    }


@pytest.mark.parametrize("wanted", [CALL, f"202403-{CALL}"])
def test_a_call_is_read_by_its_id_and_by_its_debug_id(service: Service, wanted: str) -> None:
    service.given(a_call())

    request, response = service.listed(call_id=wanted)

    assert request | {"id": "request"} == {
        "call_id": CALL,
        "debug_id": f"202403-{CALL}",
        "seq": 1,
        "attempt": 1,
        "id": "request",
        "type": "request",
        "kind": "voice",
        "source": "ingest",
        "created": CREATED,
        "iteration": 1,
        "node": "kazoo_apps@apps1.example.net",
        "uri": "https://pivot.example.com/ivr?Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com&Api-Version=4.x",
        "method": "get",
        "req_headers": {},
        "req_body": "",
    }
    assert (response["seq"], response["attempt"], response["resp_status_code"]) == (2, 1, "200")


def test_an_unknown_call_is_an_empty_list(service: Service) -> None:
    assert service.listed(call_id="nobody@example.com") == []
    assert service.listed(call_id="202401-nobody@example.com") == []


def test_documents_that_come_thrice_in_any_order_give_the_same_answers(service: Service) -> None:
    documents = [
        d for n in range(6) for d in a_call(call_id=f"call-{n}", created=CREATED - n, status=str(200 + n * 100))
    ]
    documents += [a_json_error(call_id="call-0", created=CREATED + 1)]
    service.given(documents)
    once = service.listed(), [service.listed(call_id=f"call-{n}") for n in range(6)]

    for seed in range(3):
        random.Random(seed).shuffle(documents)
        for document in documents:
            service.given([document])

    assert (service.listed(), [service.listed(call_id=f"call-{n}") for n in range(6)]) == once


def test_a_call_across_midnight_of_a_month_is_one_call_whichever_half_comes_first(service: Service) -> None:
    midnight = clock.gregorian(clock.month_start("202403"))
    request = a_request(call_id="late", created=midnight - 1)
    response = a_response(call_id="late", created=midnight)

    service.given([response])
    service.given([request])

    (call,) = service.listed()
    assert (call["debug_id"], call["records"], call["created"]) == ("202402-late", 2, midnight - 1)
    for wanted in ("late", "202402-late", "202403-late"):
        assert [record["type"] for record in service.listed(call_id=wanted)] == ["request", "response"]


def test_a_record_that_comes_again_after_its_call_moved_changes_nothing(service: Service) -> None:
    midnight = clock.gregorian(clock.month_start("202403"))
    halves = [a_response(call_id="late", created=midnight), a_request(call_id="late", created=midnight - 1)]
    for half in halves:
        service.given([half])
    once = service.listed()

    for half in halves:
        service.given([half])

    assert service.listed() == once


def test_a_call_of_a_list_is_refused_as_a_record_and_the_way_is_told(service: Service) -> None:
    service.given(a_call())

    reply = service.put(service.listed())

    assert reply["statusCode"] == 400
    assert "/pivot/debug/{call_id}" in reply["json"]["data"]["0.document"]["type"]["message"]
    assert service.listed()[0]["records"] == 2


def test_a_body_over_six_million_bytes_is_413(service: Service) -> None:
    reply = service.put(None, body=f'{{"data":"{"x" * 6_000_000}"}}')

    assert (reply["statusCode"], reply["json"]["error"]) == (413, "413")


def test_a_status_filter_finds_a_call_by_any_of_its_responses(service: Service) -> None:
    later = [
        a_request(created=CREATED + 5, iteration=2),
        a_response(created=CREATED + 6, iteration=2, resp_status_code="503"),
    ]
    service.given([*a_call(), *later])

    for query in ({"filter_status_code": "503"}, {"filter_status_code": "200"}, {"status_class": "5xx"}):
        assert [call["status_codes"] for call in service.listed(query=query)] == [["200", "503"]]
    assert service.listed(query={"status_class": "4xx"}) == []
