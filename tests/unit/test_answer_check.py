"""A recorded response gets its findings, and the error records that nobody else makes of it."""

import json
from typing import Any

import pytest

from pivot_debug.answer_check import checked
from pivot_debug.diagnosis import is_read_as_twiml
from pivot_debug.models import Document, RecordType, Source

ROOT = "https://fn.on.aws"
BROKEN = '{"module":"play",}'
NO_MODULE = '{"data":{}}'
LEAVING = {
    "application/json": json.dumps({"module": "pivot", "data": {"voice_url": "https://h.example/a", "debug": True}}),
    "text/xml": "<Response><Redirect>https://h.example/a</Redirect></Response>",
}


def a_response(body: str, *, content_type: str = "application/json", **fields: Any) -> Document:
    """A response as the relay records it."""
    return {
        "id": "0123",
        "type": RecordType.RESPONSE,
        "kind": "voice",
        "source": Source.RELAY,
        "created": 63_877_497_876,
        "node": "relay",
        "resp_status_code": "200",
        "resp_headers": {"Content-Type": content_type},
        "resp_body": body,
        **fields,
    }


def codes(response: Document) -> list[str]:
    return [finding["code"] for finding in response.get("findings", [])]


def test_of_broken_json_that_the_relay_saw_the_record_that_kazoo_keeps_is_made() -> None:
    response, (record,) = checked(a_response(BROKEN))

    assert codes(response) == ["json_syntax"]
    assert record["type"] == RecordType.JSON_ERRORS
    assert record["json_errors"] == {"message": "invalid JSON", "before": BROKEN, "after": ""}
    assert (record["resp_body"], record["source"], record["derived_from"]) == (BROKEN, Source.RELAY, "0123")


@pytest.mark.parametrize("source", [Source.INGEST, Source.IMPORT])
def test_of_broken_json_that_kazoo_sent_us_no_record_is_made_for_it_has_its_own(source: Source) -> None:
    response, records = checked(a_response(BROKEN, source=source))

    assert codes(response) == ["json_syntax"]
    assert records == []


@pytest.mark.parametrize("body", ['{"module":', '{"module":"x', "tru", "1."])
def test_of_json_that_leaves_no_trace_in_kazoo_no_record_is_made(body: str) -> None:
    response, records = checked(a_response(body))

    assert codes(response) == ["json_syntax"]
    assert records == []


@pytest.mark.parametrize("source", Source)
def test_of_a_wrong_action_a_record_is_made_wherever_it_came_from(source: Source) -> None:
    _, (record,) = checked(a_response(NO_MODULE, source=source))

    assert record["type"] == RecordType.SCHEMA_ERRORS
    assert "module" in record["schema_errors"]


def test_no_two_records_of_a_response_have_the_same_id() -> None:
    ids = {checked(a_response(body))[1][0]["id"] for body in (BROKEN, NO_MODULE)}

    assert len(ids) == 2


@pytest.mark.parametrize("content_type", LEAVING)
def test_what_leads_past_the_relay_is_noted_where_there_is_one(content_type: str) -> None:
    recorded = a_response(LEAVING[content_type], content_type=content_type)

    assert codes(checked(recorded, relay_root=ROOT)[0]) == ["leaves_relay"]
    assert codes(checked(recorded, relay_root="https://h.example")[0]) == []
    assert codes(checked(recorded)[0]) == []


@pytest.mark.parametrize("content_type", ["", "text/xml", "application/xml", "text/xml; charset=utf-8", " text / xml"])
def test_kazoo_reads_these_types_as_twiml(content_type: str) -> None:
    assert is_read_as_twiml(content_type)


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "Text/XML", "text/xml,", "text/plain"])
def test_kazoo_reads_any_other_type_as_json(content_type: str) -> None:
    assert not is_read_as_twiml(content_type)
