"""The list's row of a call: a fold over its records."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import clock
from pivot_debug.models import StoredRecord, Summary
from pivot_debug.packing import to_json
from pivot_debug.parties import parties_of
from pivot_debug.redaction import redact_url
from pivot_debug.summary import URI_CAP, fold
from pivot_debug.verdict import SETTLING_MS
from tests.builders import CALL, CREATED, a_call, a_json_error, a_record, a_request, a_response

moderately = settings(max_examples=50, deadline=None)

CDR: dict[str, Any] = {
    "method": "post",
    "uri": "https://cdr.example/",
    "req_body": "Hangup-Cause=NORMAL_CLEARING&Duration-Seconds=9",
}
KAZOO_PARAMETERS = "Caller-ID-Number=%2B14155550100&To=2600%40sip.example.com&Api-Version=4.x"


def stored(document: dict[str, Any], *, expires_at: int = 1) -> StoredRecord:
    record = a_record(document)
    return StoredRecord(record.seq, record.packed, expires_at)


def folded(*documents: dict[str, Any]) -> Summary:
    return fold(CALL, "202403", [stored(document) for document in documents])


def row(*documents: dict[str, Any]) -> dict[str, Any]:
    return folded(*documents).document


def a_schema_error(**fields: Any) -> dict[str, Any]:
    return a_json_error(json_errors=None, schema_errors={"data": {"type": {"message": "x"}}}, **fields)


def a_transport_error(*, created: int = CREATED) -> dict[str, Any]:
    error = {"reason": "dns"}
    return a_response(created=created, resp_status_code=None, resp_headers=None, resp_body=None, transport_error=error)


@st.composite
def calls(draw: st.DrawFn) -> list[StoredRecord]:
    """Records of a call: requests, responses, errors and reports, many of them in one second."""
    documents = []
    for number in range(draw(st.integers(1, 8))):
        moment: dict[str, Any] = {
            "created": CREATED + draw(st.integers(0, 4)),
            "iteration": draw(st.integers(1, 2)),
            "_id": f"d{number}",
        }
        documents.append(
            draw(
                st.sampled_from(
                    [
                        a_request(**moment),
                        a_request(**moment, **CDR),
                        a_response(**moment, resp_status_code=draw(st.sampled_from(["200", "404", "500"]))),
                        a_response(**moment, resp_body=""),
                        a_json_error(**moment),
                        a_schema_error(**moment),
                    ]
                )
            )
        )
    return [stored(document, expires_at=draw(st.integers(1, 5))) for document in documents]


@given(calls(), st.randoms(use_true_random=False))
@moderately
def test_the_order_in_which_records_arrive_does_not_matter(records: list[StoredRecord], chance: random.Random) -> None:
    shuffled = records.copy()
    chance.shuffle(shuffled)

    assert fold(CALL, "202403", shuffled) == fold(CALL, "202403", records)


@given(calls())
@moderately
def test_every_row_has_kazoos_fields_and_no_null(records: list[StoredRecord]) -> None:
    summary = fold(CALL, "202403", records)

    document = summary.document
    always = {"call_id", "created", "debug_id", "iteration", "has_json_errors", "has_schema_errors"}
    assert always <= set(document)
    assert "null" not in to_json(document)
    assert summary.failed == (document["verdict"]["status"] == "error")
    assert summary.records == document["records"] == len(records)
    assert 1 <= document["attempts"] <= len(records)
    assert document["created"] <= document["last_created"]
    assert document["duration_ms"] == (document["last_created"] - document["created"]) * 1000


def test_a_call_that_went_well_is_summed_up() -> None:
    summary = folded(*a_call())

    assert summary.document["verdict"] == {"status": "ok"}
    assert (summary.failed, summary.settles_at, summary.created_ms) == (False, 0, clock.unix_ms(CREATED))


def test_a_call_that_went_wrong_is_marked_as_failed() -> None:
    summary = folded(*a_call(status="500"))

    assert summary.failed
    assert summary.document["verdict"]["code"] == "http_5xx"


def test_a_call_lives_as_long_as_its_longest_lived_record() -> None:
    request, response = a_call()

    summary = fold(CALL, "202403", [stored(request, expires_at=9), stored(response, expires_at=3)])

    assert summary.expires_at == 9


def test_a_call_began_with_its_first_record_and_ended_with_its_last() -> None:
    document = row(
        a_request(created=CREATED + 5, _id="b"),
        a_response(created=CREATED + 9),
        a_request(created=CREATED, _id="a"),
    )

    assert (document["created"], document["last_created"], document["duration_ms"]) == (CREATED, CREATED + 9, 9000)


def test_an_error_flag_raised_by_any_record_stays_raised() -> None:
    document = row(
        *a_call(),
        a_json_error(created=CREATED + 2, _id="j"),
        a_request(created=CREATED + 3, _id="r"),
        a_response(created=CREATED + 4, _id="s"),
        a_schema_error(created=CREATED + 4, _id="t"),
    )

    assert document["has_json_errors"]
    assert document["has_schema_errors"]
    assert not document["has_transport_errors"]


def test_a_transport_error_is_flagged() -> None:
    assert row(a_request(), a_transport_error())["has_transport_errors"] is True


def test_the_slowest_exchange_is_shown() -> None:
    document = row(
        a_request(_id="a"),
        a_response(created=CREATED + 1, _id="b"),
        a_request(created=CREATED + 2, _id="c"),
        a_response(created=CREATED + 6, _id="d"),
    )

    assert document["slowest_ms"] == 4000


def test_without_a_whole_exchange_no_duration_is_made_up() -> None:
    assert "slowest_ms" not in row(a_request())


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (a_request(), {"status_code"}),
        (a_response(), {"uri", "caller", "called"}),
        (a_json_error(), {"uri", "status_code"}),
        (a_request(pvt_node=None), {"node"}),
        (a_request(uri=None), {"uri"}),
    ],
)
def test_what_no_record_says_is_left_out(document: dict[str, Any], missing: set[str]) -> None:
    assert not missing & set(row(document))


def test_uri_and_status_are_those_of_the_first_exchange_that_controlled_the_call() -> None:
    document = row(
        a_request(created=CREATED, _id="0", **CDR),
        a_request(created=CREATED + 1, _id="1", uri="https://first.example/"),
        a_response(created=CREATED + 2, _id="2", resp_status_code="206"),
        a_request(created=CREATED + 3, _id="3", uri="https://second.example/"),
        a_response(created=CREATED + 4, _id="4", resp_status_code="404"),
    )

    assert (document["uri"], document["status_code"]) == ("https://first.example/", "206")


def test_a_call_of_which_only_the_report_is_known_shows_that() -> None:
    document = row(a_request(**CDR), a_response(created=CREATED + 1, resp_status_code="500"))

    assert (document["uri"], document["status_code"]) == ("https://cdr.example/", "500")
    assert document["verdict"] == {"status": "ok"}


@pytest.mark.parametrize("second", [0, 1, 9])
def test_a_failed_report_never_fails_a_call_even_when_answered_within_its_second(second: int) -> None:
    # KAZOO's times are whole seconds: most servers answer within the same one.
    document = row(
        *a_call(),
        a_request(created=CREATED + 9, _id="c", **CDR),
        a_response(created=CREATED + 9 + second, _id="d", resp_status_code="404"),
    )

    assert document["verdict"] == {"status": "ok"}
    assert document["attempts"] == 2


def test_a_long_uri_is_cut_in_the_list() -> None:
    uri = "https://pivot.example.com/?x=" + "y" * 3000

    assert row(a_request(uri=uri))["uri"] == uri[:URI_CAP]


@pytest.mark.parametrize(
    ("fields", "parties"),
    [
        ({"uri": f"https://p.example/?{KAZOO_PARAMETERS}"}, ("+14155550100", "2600")),
        ({"uri": f"https://p.example/?a=b&{KAZOO_PARAMETERS}#f"}, ("+14155550100", "2600")),
        ({"uri": "https://p.example/", "method": "post", "req_body": KAZOO_PARAMETERS}, ("+14155550100", "2600")),
        ({"uri": "https://p.example/?CallerNumber=1001&From=x%40y&To=2600"}, ("1001", "2600")),
        ({"uri": "https://p.example/?From=1001%40sip.example.com&To=2600@sip.example.com"}, ("1001", "2600")),
        ({"uri": "https://p.example/?Request=2600%40x"}, (None, "2600")),
        ({"uri": "https://p.example/"}, (None, None)),
        ({"uri": "https://p.example/?From=&To=%40sip.example.com"}, (None, None)),
        ({"uri": "http://[broken?From=1&To=2"}, (None, None)),
    ],
)
def test_caller_and_called_are_those_of_the_first_request(
    fields: dict[str, Any], parties: tuple[str | None, str | None]
) -> None:
    document = row(a_request(**fields), a_response(created=CREATED + 1))

    assert (document.get("caller"), document.get("called")) == parties


def test_caller_and_called_are_read_from_a_json_request_too() -> None:
    # req_body_format "json": KAZOO posts the same parameters as an object.
    body = '{"Caller-ID-Number":"+14155550100","To":"2600@sip.example.com","Api-Version":"4.x"}'

    document = row(a_request(method="post", uri="https://p.example/", req_body=body))

    assert (document.get("caller"), document.get("called")) == ("+14155550100", "2600")


def test_caller_and_called_of_a_later_request_do_not_matter() -> None:
    document = row(
        a_request(uri="https://p.example/?From=1", _id="a"),
        a_request(uri="https://p.example/?From=2&To=3", created=CREATED + 9, _id="b"),
    )

    assert document["caller"] == "1"
    assert "called" not in document


def test_the_iteration_is_that_of_the_first_record() -> None:
    assert row(a_request(iteration=1, _id="a"), a_request(iteration=2, created=CREATED + 1, _id="b"))["iteration"] == 1


def test_a_call_from_before_iterations_shows_the_first() -> None:
    assert row(a_request(iteration=0) | {"iteration": None})["iteration"] == 1


def test_an_open_request_leaves_the_verdict_pending_for_a_while() -> None:
    assert folded(a_request()).settles_at == clock.unix_ms(CREATED) + SETTLING_MS


def test_a_transport_error_leaves_nothing_pending() -> None:
    assert folded(a_request(), a_transport_error(created=CREATED + 1)).settles_at == 0


@pytest.mark.parametrize("uri", ["http://[", "http://[::1", "//[x]y/?a", "http://a]b["])
def test_a_uri_that_is_none_has_no_query(uri: str) -> None:
    assert parties_of({"uri": uri}) == {}


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"From":[', "<a>", "a[", "%5B"])
def test_no_body_is_nested_too_deeply_for_its_call_to_be_folded(opening: str) -> None:
    # A body is text and may be anything. What cannot be folded lies in the dead-letter queue in the end.
    document = row(a_request(method="post", uri="https://p.example/?From=1001", req_body=opening * 50_000))

    assert document["caller"] == "1001"


@pytest.mark.parametrize("value", ["null", "5", "[]", "{}", '["1"]', "true", '""'])
def test_a_party_that_is_no_text_is_left_out(value: str) -> None:
    body = f'{{"From":{value},"To":"2600"}}'

    document = row(a_request(method="post", uri="https://p.example/", req_body=body))

    assert "caller" not in document
    assert document["called"] == "2600"


@given(st.text(max_size=40) | st.text('{}[]":,From=&To@1 %5B', max_size=40), st.text("htps:/[]?&#=From1@", max_size=30))
@moderately
def test_no_body_and_no_uri_is_a_crash(body: str, uri: str) -> None:
    document = row(a_request(method="post", uri=uri, req_body=body))

    assert document["uri"] == redact_url(uri)[0]


@pytest.mark.parametrize("name", ["caller", "called", "node", "status_code"])
def test_whatever_was_sent_the_row_stays_small(name: str) -> None:
    long = "9" * 3000
    request = a_request(uri=f"https://p.example/?From={long}&To={long}", pvt_node=long)

    document = row(request, a_response(created=CREATED + 1, resp_status_code=long))

    assert document[name] == "9" * 255


def test_a_row_is_whole_until_its_first_record_expires() -> None:
    request, response = a_call()

    summary = fold(CALL, "202403", [stored(request, expires_at=9), stored(response, expires_at=3)])

    assert (summary.whole_until, summary.expires_at) == (3, 9)


def test_a_call_that_failed_before_is_not_pending_for_its_last_request() -> None:
    failed = [a_request(_id="a"), a_response(created=CREATED + 1, resp_status_code="500")]

    assert folded(*failed, a_request(created=CREATED + 2, _id="b")).settles_at == 0
