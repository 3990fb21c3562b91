"""The list as a strict client of KAZOO's API sees it: envelope, items, headers, bounds, order, filters, CSV."""

import csv
import io
import json
import re
from typing import Any

import pytest

from functions.debug_api import app as debug_api
from pivot_debug import __version__, clock
from pivot_debug.csv_export import CALL_COLUMNS
from tests.builders import CALL, CREATED, NOW_MS, TOKEN, a_call, a_json_error, a_request, a_response, api_event
from tests.integration.helpers import Account, assert_error, has_null, invalid
from tests.integration.service import Service

MAX_RANGE = 2_682_000
GREGORIAN_OFFSET = 62_167_219_200
NOT_GREGORIAN = "must be Gregorian seconds, that is Unix seconds + 62167219200"
REQUEST_ID = "5ad53536-debf-4f23-b556-41caecb3849d"
"""The one that the sample event brings from the gateway."""

ITEM_TYPES = {
    "call_id": str,
    "created": int,
    "debug_id": str,
    "uri": str,
    "status_code": str,
    "status_codes": list,
    "node": str,
    "iteration": int,
    "has_json_errors": bool,
    "has_schema_errors": bool,
    "has_transport_errors": bool,
    "verdict": dict,
    "attempts": int,
    "records": int,
    "last_created": int,
    "duration_ms": int,
    "slowest_ms": int,
    "caller": str,
    "called": str,
}


@pytest.fixture(scope="module")
def mixed(deployment: Service) -> Account:
    """An account with one call of each sort, ten seconds apart, the oldest first."""
    account = Account.new(deployment)
    other = "https://pivot.example.com/cf.php?Caller-ID-Number=%2B15005550006&To=8000%40sip.example.com&Api-Version=4.x"
    account.given(
        [
            *a_call(call_id="good", created=CREATED),
            a_request(call_id="missing", created=CREATED + 10, uri=other, pvt_node="kazoo_apps@apps2.example.net"),
            a_response(call_id="missing", created=CREATED + 11, resp_status_code="404"),
            *a_call(call_id="broken", created=CREATED + 20, status="500"),
            *a_call(call_id="moved", created=CREATED + 30, status="302"),
            *a_call(call_id="malformed", created=CREATED + 40),
            a_json_error(call_id="malformed", created=CREATED + 41),
            a_request(call_id="silent", created=CREATED + 44),
        ]
    )
    return account


# ---------------------------------------------------------------- envelope


def test_the_success_envelope_has_exactly_these_keys(account: Account) -> None:
    account.given(a_call())

    envelope = account.get()["json"]

    assert set(envelope) == {
        "data",
        "page_size",
        "revision",
        "request_id",
        "node",
        "timestamp",
        "version",
        "tokens",
        "status",
        "auth_token",
    }


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("status", "success"),
        ("request_id", REQUEST_ID),
        ("node", "[A-Za-z0-9_-]{22}"),
        ("timestamp", r"2024-03-12T21:25:36Z"),
        ("version", re.escape(__version__)),
        ("revision", "[0-9a-f]{32}"),
        ("auth_token", TOKEN),
    ],
)
def test_a_text_of_the_envelope_reads_as_kazoos_does(mixed: Account, key: str, pattern: str) -> None:
    value = mixed.get()["json"][key]

    assert re.fullmatch(pattern, value)


def test_the_envelopes_numbers_are_whole(mixed: Account) -> None:
    envelope = mixed.get()["json"]

    assert (type(envelope["page_size"]), type(envelope["data"])) == (int, list)
    assert {name: type(value) for name, value in envelope["tokens"].items()} == {"consumed": int, "remaining": int}


def test_the_token_is_echoed_only_where_the_request_carried_one(mixed: Account) -> None:
    envelope = mixed.get(headers={"X-Auth-Token": ""})["json"]

    assert "auth_token" not in envelope


def test_page_size_counts_what_was_returned_not_what_was_asked_for(mixed: Account) -> None:
    envelope = mixed.get(query={"page_size": "50"})["json"]

    assert envelope["page_size"] == len(envelope["data"]) == 6


def test_an_empty_list_has_no_revision_and_the_page_size_0(account: Account) -> None:
    reply = account.get()

    assert reply["statusCode"] == 200
    assert (reply["json"]["data"], reply["json"]["page_size"]) == ([], 0)
    assert set(reply["json"]) == {
        "data",
        "page_size",
        "request_id",
        "node",
        "timestamp",
        "version",
        "tokens",
        "status",
        "auth_token",
    }


# ---------------------------------------------------------------- items


def test_an_item_has_exactly_these_keys_of_these_types(account: Account) -> None:
    account.given(a_call())

    (call,) = account.listed()

    assert {name: type(value) for name, value in call.items()} == ITEM_TYPES


def test_a_call_without_a_response_has_no_status_code(account: Account) -> None:
    account.given([a_request()])

    (call,) = account.listed()

    assert set(ITEM_TYPES) - set(call) == {"status_code", "status_codes", "slowest_ms"}


def test_a_call_without_a_request_has_no_uri_and_no_parties(account: Account) -> None:
    account.given([a_response()])

    (call,) = account.listed()

    assert set(ITEM_TYPES) - set(call) == {"uri", "caller", "called", "slowest_ms"}


def test_a_call_whose_documents_name_no_node_has_none(account: Account) -> None:
    account.given([{name: value for name, value in a_request().items() if name != "pvt_node"}])

    (call,) = account.listed()

    assert "node" not in call


def test_nothing_in_a_list_is_ever_null(mixed: Account) -> None:
    envelope = mixed.get()["json"]

    assert not has_null(envelope)


def test_the_status_code_is_a_text_also_where_the_document_has_a_number(account: Account) -> None:
    account.given([a_request(), a_response(created=CREATED + 1, resp_status_code=404)])

    (call,) = account.listed()

    assert call["status_code"] == "404"


def test_a_call_of_several_steps_shows_the_first_exchange_and_every_error_flag(account: Account) -> None:
    later = "https://pivot.example.com/step2"
    account.given(
        [
            *a_call(status="200"),
            a_request(created=CREATED + 5, uri=later),
            a_response(created=CREATED + 6, resp_status_code="500"),
            a_json_error(created=CREATED + 6),
        ]
    )

    (call,) = account.listed()

    assert call["uri"].startswith("https://pivot.example.com/ivr?")
    assert (call["status_code"], call["attempts"], call["records"]) == ("200", 2, 5)
    assert (call["has_json_errors"], call["has_schema_errors"]) == (True, False)
    assert (call["created"], call["last_created"]) == (CREATED, CREATED + 6)


def test_schema_errors_raise_their_flag(account: Account) -> None:
    account.given([*a_call(), a_response(created=CREATED + 1, schema_errors={"module": {"enum": {"message": "no"}}})])

    (call,) = account.listed()

    assert call["has_schema_errors"] is True
    assert call["verdict"]["code"] == "schema_violation"


def test_a_call_that_still_waits_for_its_answer_is_pending(account: Account) -> None:
    account.given([a_request(created=clock.gregorian(NOW_MS) - 5)])

    (call,) = account.listed()

    assert call["verdict"] == {"status": "pending"}


def test_a_call_that_waited_in_vain_failed(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.given([a_request(created=clock.gregorian(NOW_MS) - 5)])
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + 10_000)

    (call,) = account.listed()

    assert (call["verdict"]["status"], call["verdict"]["code"]) == ("error", "no_response")


def test_a_recorded_transport_error_is_an_outcome_that_nothing_is_awaited_for(account: Account) -> None:
    now = clock.gregorian(NOW_MS)
    refused = a_request(created=now - 1, uri=None, method=None, transport_error={"code": "connection_refused"})
    account.given([a_request(created=now - 2), refused])

    (call,) = account.listed()

    assert call["verdict"]["status"] == "error"


def test_a_fault_of_an_earlier_attempt_is_shown_while_a_later_one_waits(account: Account) -> None:
    now = clock.gregorian(NOW_MS)
    account.given([*a_call(created=now - 9, status="500"), a_request(created=now - 5)])

    (call,) = account.listed()

    assert (call["verdict"]["status"], call["verdict"].get("code")) == ("error", "http_5xx")


# ---------------------------------------------------------------- headers


def test_a_reply_travels_with_exactly_these_headers(mixed: Account) -> None:
    reply = mixed.get()

    assert reply["isBase64Encoded"] is False
    assert reply["headers"] == {
        "Content-Type": "application/json",
        "Content-Language": "en",
        "X-Request-ID": REQUEST_ID,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "content-type, x-request-id, etag, retry-after, x-next-start-key",
        "ETag": f'"{reply["json"]["revision"]}"',
    }


@pytest.mark.parametrize("wanted", ["a", "5ad53536debfff23f55641caecb3849d", "web-1.example:42_x", "x" * 64])
def test_a_safe_request_id_is_adopted(mixed: Account, wanted: str) -> None:
    reply = mixed.get(headers={"x-request-id": wanted})

    assert (reply["headers"]["X-Request-ID"], reply["json"]["request_id"]) == (wanted, wanted)


@pytest.mark.parametrize(
    "wanted",
    ["", "x" * 65, "a b", "a\r\nSet-Cookie: x=1", "a\n", "<script>", '"', "é", "a/b", "a,b", "\x00"],
)
def test_an_unsafe_request_id_is_replaced_by_the_gateways(mixed: Account, wanted: str) -> None:
    reply = mixed.get(headers={"X-Request-ID": wanted})

    assert (reply["headers"]["X-Request-ID"], reply["json"]["request_id"]) == (REQUEST_ID, REQUEST_ID)


@pytest.mark.parametrize("call_id", [None, "good"])
def test_head_answers_as_get_does_without_a_body(mixed: Account, call_id: str | None) -> None:
    full = mixed.get(call_id=call_id)

    head = mixed.get(call_id=call_id, method="HEAD")

    assert (head["statusCode"], head["headers"], head["body"]) == (200, full["headers"], "")


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/json",
        "application/json, text/javascript, */*; q=0.01",
        "application/x-json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "text/html, application/xhtml+xml, */*;q=0.8",
        "text/csv;q=0.5, application/json",
        "application/json;q=nonsense",
    ],
)
def test_json_is_what_a_client_gets_that_does_not_prefer_csv(mixed: Account, accept: str | None) -> None:
    reply = mixed.get(headers={"Accept": accept} if accept else {})

    assert (reply["statusCode"], reply["headers"]["Content-Type"]) == (200, "application/json")
    assert reply["json"]["page_size"] == 6


def test_neither_json_nor_csv_will_do_is_406_with_an_envelope(mixed: Account) -> None:
    reply = mixed.get(headers={"Accept": "text/html, image/*;q=0.5"})

    assert_error(reply, 406, "not_acceptable", reply["json"]["data"])
    assert {"application/json", "text/csv"} <= set(re.findall(r"[a-z]+/[a-z]+", reply["json"]["data"]["message"]))


def test_406_does_not_say_that_csv_is_for_the_list_alone(mixed: Account) -> None:
    reply = mixed.get(call_id="good", headers={"Accept": "text/html"})

    assert "for the list" not in reply["json"]["data"]["message"]


# ---------------------------------------------------------------- revision, ETag, 304


def test_the_revision_is_the_etag_without_its_quotes(mixed: Account) -> None:
    reply = mixed.get()

    assert reply["headers"]["ETag"] == f'"{reply["json"]["revision"]}"'


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"other", {0}', '"a",W/"b" , W/{0}', "*", " {0} "])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_the_revision_gets_304_and_no_body(mixed: Account, form: str, method: str) -> None:
    etag = mixed.get()["headers"]["ETag"]

    reply = mixed.get(method=method, headers={"If-None-Match": form.format(etag)})

    assert (reply["statusCode"], reply["body"]) == (304, "")
    assert (reply["headers"]["ETag"], reply["headers"]["Cache-Control"]) == (etag, "no-store")


@pytest.mark.parametrize("tag", ['"0123456789abcdef0123456789abcdef"', 'W/"x"', "", '""', '"a", "b"'])
def test_a_client_with_another_revision_gets_the_list(mixed: Account, tag: str) -> None:
    reply = mixed.get(headers={"If-None-Match": tag})

    assert (reply["statusCode"], reply["json"]["page_size"]) == (200, 6)


def test_an_empty_list_can_be_revalidated_too(account: Account) -> None:
    etag = account.get()["headers"]["ETag"]

    reply = account.get(headers={"If-None-Match": etag})

    assert reply["statusCode"] == 304


def test_equal_data_has_an_equal_etag_at_another_time_for_another_request(
    mixed: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mixed.get(headers={"X-Request-ID": "one"})
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + 61_000)

    second = mixed.get(headers={"X-Request-ID": "two"})

    assert first["json"]["timestamp"] != second["json"]["timestamp"]
    assert first["headers"]["ETag"] == second["headers"]["ETag"]


def test_equal_data_has_an_equal_etag_also_where_another_page_follows(
    mixed: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mixed.get(query={"page_size": "2"})
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + 61_000)

    second = mixed.get(query={"page_size": "2"}, headers={"If-None-Match": first["headers"]["ETag"]})

    assert second["statusCode"] == 304


def test_other_data_has_another_etag(account: Account) -> None:
    account.given(a_call(call_id="one"))
    before = account.get()["headers"]["ETag"]

    account.given(a_call(call_id="two"))

    assert account.get()["headers"]["ETag"] != before


def test_the_etag_of_a_call_is_that_of_its_records_and_of_their_order(account: Account) -> None:
    account.given(a_call(call_id="one"))
    reply, again = account.get(call_id="one"), account.get(call_id="one")
    backwards = account.get(call_id="one", query={"ascending": "false"})
    first = account.get(call_id="one", query={"page_size": "1"})

    account.given([a_request(call_id="one", created=CREATED - 1)])
    earlier = account.get(call_id="one")

    assert reply["headers"]["ETag"] == again["headers"]["ETag"]
    assert len({one["headers"]["ETag"] for one in (reply, backwards, first, earlier)}) == 4


def test_the_last_page_and_a_page_before_it_with_the_same_items_differ(account: Account) -> None:
    account.given(a_call(call_id="new", created=CREATED))
    alone = account.get(query={"page_size": "1"})

    account.given(a_call(call_id="old", created=CREATED - 100))
    followed = account.get(query={"page_size": "1"})

    assert alone["json"]["data"] == followed["json"]["data"]
    assert alone["headers"]["ETag"] != followed["headers"]["ETag"]


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    ("query", "is_inside"),
    [
        ({"created_from": f"{CREATED}"}, True),
        ({"created_from": f"{CREATED + 1}"}, False),
        ({"created_to": f"{CREATED}"}, True),
        ({"created_to": f"{CREATED - 1}"}, False),
        ({"created_from": f"{CREATED}", "created_to": f"{CREATED}"}, True),
        ({"created_from": f"{CREATED - 9}", "created_to": f"{CREATED + 9}"}, True),
        ({"created_from": f"{CREATED + 1}", "created_to": f"{CREATED + 9}"}, False),
        ({"created_from": f"{CREATED - 9}", "created_to": f"{CREATED - 1}"}, False),
        ({"created_to": f"{CREATED + MAX_RANGE}"}, True),
        ({"created_to": f"{CREATED + MAX_RANGE + 1}"}, False),
    ],
)
def test_the_bounds_include_the_second_they_name(account: Account, query: dict[str, str], *, is_inside: bool) -> None:
    account.given(a_call(created=CREATED))

    found = account.call_ids(**query)

    assert found == ([CALL] if is_inside else [])


@pytest.mark.parametrize("ms", [0, 1, 999])
def test_a_second_includes_all_of_its_milliseconds(account: Account, ms: int) -> None:
    account.given([a_request(created_ms=clock.unix_ms(CREATED) + ms)])

    found = account.call_ids(created_from=str(CREATED), created_to=str(CREATED))

    assert found == [CALL]


def test_without_bounds_the_list_goes_back_31_days_and_an_hour(account: Account) -> None:
    now = clock.gregorian(NOW_MS)
    account.given(a_call(call_id="inside", created=now - MAX_RANGE))
    account.given(a_call(call_id="outside", created=now - MAX_RANGE - 1))

    assert account.call_ids() == ["inside"]


def test_a_range_of_exactly_31_days_and_an_hour_is_allowed(mixed: Account) -> None:
    reply = mixed.get(query={"created_from": str(CREATED - MAX_RANGE + 100), "created_to": str(CREATED + 100)})

    assert (reply["statusCode"], reply["json"]["page_size"]) == (200, 6)


def test_a_wider_range_is_refused_in_kazoos_words(mixed: Account) -> None:
    first, last = CREATED - MAX_RANGE - 1, CREATED

    reply = mixed.get(query={"created_from": str(first), "created_to": str(last)})

    message = f"created_to {last} is more than 2682000 seconds from created_from {first}"
    assert_error(reply, 400, "validation error", invalid("created_from", "date_range", message, cause=last))


def test_created_from_alone_reaches_until_now_and_so_can_be_too_early(mixed: Account) -> None:
    first, now = clock.gregorian(NOW_MS) - MAX_RANGE - 1, clock.gregorian(NOW_MS)

    reply = mixed.get(query={"created_from": str(first)})

    message = f"created_to {now} is more than 2682000 seconds from created_from {first}"
    assert_error(reply, 400, "validation error", invalid("created_from", "date_range", message, cause=now))


def test_an_inverted_range_is_refused_under_created_from(mixed: Account) -> None:
    reply = mixed.get(query={"created_from": str(CREATED + 1), "created_to": str(CREATED)})

    message = f"created_from {CREATED + 1} is greater than created_to {CREATED}"
    assert_error(reply, 400, "validation error", invalid("created_from", "date_range", message, cause=CREATED + 1))


@pytest.mark.parametrize("name", ["created_from", "created_to"])
@pytest.mark.parametrize("seconds", [1_710_278_676, 1_710_278_676_000, 0, -1, GREGORIAN_OFFSET - 1])
def test_unix_time_is_refused_with_the_hint_what_to_add(mixed: Account, name: str, seconds: int) -> None:
    reply = mixed.get(query={name: str(seconds)})

    assert_error(reply, 400, "validation error", invalid(name, "date_range", NOT_GREGORIAN, cause=seconds))


@pytest.mark.parametrize("name", ["created_from", "created_to"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "now", "63877497876.0", "6.3e10", "0x10", "+63877497876", " 63877497876", "٦٣٨", "null", "9" * 400],
)
def test_a_time_that_is_no_whole_number_is_refused(mixed: Account, name: str, text: str) -> None:
    reply = mixed.get(query={name: text})

    message = "must be a whole number"
    assert_error(reply, 400, "validation error", invalid(name, "type", message, target="integer"))


def test_an_early_created_to_alone_is_no_fault_of_created_from(mixed: Account) -> None:
    reply = mixed.get(query={"created_to": str(GREGORIAN_OFFSET + 100)})

    assert (reply["statusCode"], reply["json"]["data"]) == (200, [])


@pytest.mark.parametrize("created_to", [CREATED + 10 * MAX_RANGE, 72_167_219_199])
def test_a_created_to_in_the_future_is_allowed(mixed: Account, created_to: int) -> None:
    reply = mixed.get(query={"created_to": str(created_to)})

    assert (reply["statusCode"], reply["json"]["data"]) == (200, [])


# ---------------------------------------------------------------- order


@pytest.mark.parametrize(
    ("query", "is_ascending"),
    [
        ({}, False),
        ({"ascending": "true"}, True),
        ({"ascending": "false"}, False),
        ({"ascending": ""}, True),
        ({"ascending": "yes"}, True),
        ({"descending": "true"}, False),
        ({"descending": "false"}, True),
        ({"descending": "yes"}, False),
        ({"ascending": "true", "descending": "true"}, False),
        ({"ascending": "true", "descending": "false"}, True),
        ({"ascending": "false", "descending": "true"}, False),
    ],
)
def test_the_list_is_newest_first_unless_turned_round(
    mixed: Account, query: dict[str, str], *, is_ascending: bool
) -> None:
    oldest_first = ["good", "missing", "broken", "moved", "malformed", "silent"]

    found = mixed.call_ids(**query)

    assert found == (oldest_first if is_ascending else oldest_first[::-1])


@pytest.mark.parametrize("form", ["good", "202403-good"])
@pytest.mark.parametrize(
    ("query", "is_ascending"),
    [
        ({}, True),
        ({"ascending": "true"}, True),
        ({"ascending": "false"}, False),
        ({"descending": "true"}, False),
        ({"descending": "false"}, True),
        ({"descending": "yes"}, True),
        ({"ascending": "true", "descending": "true"}, False),
    ],
)
def test_a_call_is_read_oldest_first_in_both_forms_unless_turned_round(
    mixed: Account, form: str, query: dict[str, str], *, is_ascending: bool
) -> None:
    records = mixed.listed(call_id=form, query=query)

    in_order = [("request", 1), ("response", 2)]
    assert [(one["type"], one["seq"]) for one in records] == (in_order if is_ascending else in_order[::-1])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"created_from": f"{CREATED + 1}"}, ["response"]),
        ({"created_to": f"{CREATED}"}, ["request"]),
        ({"created_from": f"{CREATED}", "created_to": f"{CREATED + 1}"}, ["request", "response"]),
    ],
)
def test_the_bounds_hold_for_the_records_of_a_call_read_by_its_plain_id(
    mixed: Account, query: dict[str, str], found: list[str]
) -> None:
    assert [record["type"] for record in mixed.listed(call_id="good", query=query)] == found


def test_calls_of_one_second_stand_in_the_order_of_their_ids(account: Account) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("b", "a", "c", "B", "a#", "a%")])

    assert account.call_ids(ascending="true") == ["B", "a", "a#", "a%", "b", "c"]
    assert account.call_ids() == ["c", "b", "a%", "a#", "a", "B"]


# ---------------------------------------------------------------- call ids in a path


@pytest.mark.parametrize(
    ("call_id", "sent"),
    [
        ("829597750@10.26.0.158", "829597750@10.26.0.158"),
        ("829597750@10.26.0.158", "829597750%4010.26.0.158"),
        ("a+b", "a+b"),
        ("a+b", "a%2Bb"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("a/b", "a/b"),
        ("a%2Fb", "a%252Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a", "a/"),
        ("é😀", "%C3%A9%F0%9F%98%80"),
        ("users", "users"),
        ("202403-a", "202403-a"),
        ("123456-a", "123456-a"),
        ("abcdef-a", "abcdef-a"),
    ],
)
def test_a_call_id_is_decoded_exactly_once(account: Account, call_id: str, sent: str) -> None:
    account.given([a_request(call_id=call_id)])
    event = api_event(account_id=account.id, accounts=account.id, call_id="x")
    event["path"] = f"/v2/accounts/{account.id}/pivot/debug/{sent}"

    reply = debug_api.handler(event, None)

    assert [record["call_id"] for record in json.loads(reply["body"])["data"]] == [call_id]


# ---------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"filter_status_code": "404"}, ["missing"]),
        ({"filter_resp_status_code": "404"}, ["missing"]),
        ({"filter_status_code": '["404","500"]'}, ["broken", "missing"]),
        ({"filter_status_code": "[404, 302]"}, ["moved", "missing"]),
        ({"filter_status_code": "[]"}, []),
        ({"filter_status_code": "40"}, []),
        ({"filter_status_code": "[404"}, []),
        ({"filter_call_id": "good"}, ["good"]),
        ({"filter_call_id": "GOOD"}, []),
        ({"filter_debug_id": "202403-good"}, ["good"]),
        ({"filter_node": "kazoo_apps@apps2.example.net"}, ["missing"]),
        ({"filter_iteration": "1", "filter_call_id": "good"}, ["good"]),
        ({"filter_iteration": "2"}, []),
        ({"filter_iteration": "[1]", "filter_call_id": '["good"]'}, ["good"]),
        ({"filter_uri": "cf.php"}, ["missing"]),
        ({"filter_uri": "/CF.php"}, []),
        ({"filter_uri": '["nowhere", "cf.php"]'}, ["missing"]),
        ({"filter_has_json_errors": "true"}, ["malformed"]),
        ({"filter_has_json_errors": "[true]"}, ["malformed"]),
        ({"filter_has_schema_errors": "true"}, []),
        ({"filter_has_transport_errors": "true"}, []),
        ({"filter_has_json_errors": "false", "filter_status_code": "200"}, ["good"]),
        ({"has_errors": "true"}, ["silent", "malformed", "moved", "broken", "missing"]),
        ({"has_errors": "false"}, ["good"]),
        ({"has_errors": "true", "filter_status_code": "200"}, ["malformed"]),
        ({"status_class": "2xx"}, ["malformed", "good"]),
        ({"status_class": "3xx"}, ["moved"]),
        ({"status_class": "4xx"}, ["missing"]),
        ({"status_class": "5xx"}, ["broken"]),
        ({"status_class": "1xx"}, []),
        ({"status_class": "5xx", "has_errors": "false"}, []),
        ({"error_code": "http_5xx"}, ["broken"]),
        ({"error_code": "json_syntax"}, ["malformed"]),
        ({"error_code": "no_response"}, ["silent"]),
        ({"error_code": "no_such_code"}, []),
        ({"caller": "+15005550006"}, ["missing"]),
        ({"caller": " 15005550006"}, ["missing"]),
        ({"caller": "15005550006"}, ["missing"]),
        ({"caller": "+1 (500) 555-0006"}, ["missing"]),
        ({"caller": "5550006"}, []),
        ({"called": "8000"}, ["missing"]),
        ({"called": "800"}, []),
        ({"filter_caller": "+15005550006"}, ["missing"]),
        ({"filter_called": '["8000","9000"]'}, ["missing"]),
        ({"called": "2600", "error_code": "http_5xx"}, ["broken"]),
        ({"caller": "+14155550100", "called": "8000"}, []),
        ({"filter_status_code": "404", "ascending": "true", "created_from": f"{CREATED + 10}"}, ["missing"]),
        ({"filter_status_code": "404", "created_from": f"{CREATED + 11}"}, []),
        ({"has_errors": "true", "created_to": f"{CREATED + 20}"}, ["broken", "missing"]),
    ],
)
def test_a_filter_leaves_the_calls_that_meet_it(mixed: Account, query: dict[str, str], expected: list[str]) -> None:
    assert mixed.call_ids(**query) == expected


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_a_call_that_still_waits_has_no_errors_yet(account: Account, wanted: str) -> None:
    account.given([a_request(created=clock.gregorian(NOW_MS) - 1)])

    assert account.call_ids(has_errors=wanted) == ([] if wanted == "true" else [CALL])


@pytest.mark.parametrize(
    "name",
    [
        "filter_",
        "filter_pvt_node",
        "filter__id",
        "filter_not_status_code",
        "filter_verdict",
        "filter_req_body",
        "filter_x",
    ],
)
def test_a_filter_on_an_unknown_field_is_refused_by_its_name(mixed: Account, name: str) -> None:
    reply = mixed.get(query={name: "1"})

    offered = reply["json"]["data"][name]["enum"]["target"]
    assert "filter_status_code" in offered
    assert_error(reply, 400, "validation error", invalid(name, "enum", "no such filter", target=offered))


@pytest.mark.parametrize(
    "name", ["has_key", "key_missing", "has_value", "value_missing", "missing_value", "modified_from", "modified_to"]
)
def test_a_filter_of_kazoos_that_is_not_offered_is_refused_rather_than_ignored(mixed: Account, name: str) -> None:
    reply = mixed.get(query={name: "json_errors"})

    assert reply["statusCode"] == 400


@pytest.mark.parametrize("depth", [100, 900, 990, 1000, 4000])
def test_a_filter_value_of_nested_arrays_is_only_text(mixed: Account, depth: int) -> None:
    reply = mixed.get(query={"filter_uri": "[" * depth + "]" * depth})

    assert (reply["statusCode"], reply["json"]["data"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ({"has_errors": "yes"}, invalid("has_errors", "type", "must be true or false", target="boolean")),
        ({"has_errors": "TRUE"}, invalid("has_errors", "type", "must be true or false", target="boolean")),
        ({"has_errors": ""}, invalid("has_errors", "type", "must be true or false", target="boolean")),
        ({"page_size": "0"}, invalid("page_size", "minimum", "must be at least 1", target=1)),
        ({"page_size": "-3"}, invalid("page_size", "minimum", "must be at least 1", target=1)),
        ({"page_size": "ten"}, invalid("page_size", "type", "must be a whole number", target="integer")),
        ({"page_size": "2.5"}, invalid("page_size", "type", "must be a whole number", target="integer")),
        ({"page_size": ""}, invalid("page_size", "type", "must be a whole number", target="integer")),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused(
    mixed: Account, query: dict[str, str], data: dict[str, Any]
) -> None:
    reply = mixed.get(query=query)

    assert_error(reply, 400, "validation error", data)


@pytest.mark.parametrize("value", ["404", "xx4", "6xx", "0xx", "4XX", "4x", "44xx"])
def test_a_status_class_is_one_of_five(mixed: Account, value: str) -> None:
    reply = mixed.get(query={"status_class": value})

    offered = reply["json"]["data"]["status_class"]["enum"]["target"]
    assert_error(reply, 400, "validation error", invalid("status_class", "enum", "not a status class", target=offered))


@pytest.mark.parametrize(
    "query",
    [
        {"_": "1710278676000"},
        {"is_chunked": "true"},
        {"chunk_size": "0"},
        {"jsonp": "alert"},
        {"limit": "1"},
        {"fields": "call_id"},
        {"sort": "uri"},
        {"pretty_print": "true"},
        {"verb": "DELETE"},
        {"end_key": "a"},
        {"auth_token": "pvd_other"},
        {"unheard_of": "\x00<script>"},
    ],
)
def test_a_parameter_without_a_meaning_changes_nothing(mixed: Account, query: dict[str, str]) -> None:
    plain = mixed.get()

    reply = mixed.get(query=query)

    # Each request takes one of the token's.
    assert reply["json"].pop("tokens")["remaining"] == plain["json"].pop("tokens")["remaining"] - 1
    assert (reply["statusCode"], reply["headers"], reply["json"]) == (200, plain["headers"], plain["json"])


def test_of_a_repeated_parameter_the_last_value_counts(mixed: Account) -> None:
    event = api_event(account_id=mixed.id, accounts=mixed.id)
    event["multiValueQueryStringParameters"] = {"page_size": ["none", "2"]}

    reply = debug_api.handler(event, None)

    assert json.loads(reply["body"])["page_size"] == 2


# ---------------------------------------------------------------- CSV


def rows_of(reply: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply["body"], newline="")))


@pytest.mark.parametrize(
    "request_of_csv",
    [
        {"query": {"accept": "csv"}},
        {"query": {"accept": "CSV"}},
        {"query": {"accept": "text/csv"}},
        {"query": {"accept": "csv"}, "headers": {"Accept": "application/json"}},
        {"headers": {"Accept": "text/csv"}},
        {"headers": {"accept": "text/csv, application/json;q=0.9"}},
        {"headers": {"Accept": "application/json;q=0.1, text/csv;q=0.2"}},
        {"headers": {"Accept": "text/comma-separated-values"}},
        {"headers": {"Accept": "application/octet-stream"}},
    ],
)
def test_the_list_comes_as_csv_to_who_wants_it(mixed: Account, request_of_csv: dict[str, Any]) -> None:
    reply = mixed.get(**request_of_csv)

    assert (reply["statusCode"], reply["headers"]["Content-Type"]) == (200, "text/csv")
    assert reply["headers"]["Content-Disposition"] == 'attachment; filename="debug.csv"'
    assert (reply["headers"]["Cache-Control"], reply["headers"]["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert [row["call_id"] for row in rows_of(reply)] == [*mixed.call_ids()]


def test_csv_has_the_fields_of_the_list_with_the_nested_ones_flattened(mixed: Account) -> None:
    row = rows_of(mixed.get(query={"accept": "csv", "filter_call_id": "broken"}))[0]

    assert (row["created"], row["debug_id"], row["status_code"]) == (f"{CREATED + 20}", "202403-broken", "500")
    assert (row["verdict.status"], row["verdict.code"], row["has_json_errors"]) == ("error", "http_5xx", "false")


def test_csv_of_an_empty_list_is_a_header_row(account: Account) -> None:
    reply = account.get(query={"accept": "csv"})

    assert (reply["statusCode"], reply["body"]) == (200, ",".join(CALL_COLUMNS) + "\r\n")


def test_a_call_is_read_as_csv_too(mixed: Account) -> None:
    reply = mixed.get(call_id="good", query={"accept": "csv"})

    assert [(row["seq"], row["type"]) for row in rows_of(reply)] == [("1", "request"), ("2", "response")]


def test_csv_tells_in_a_header_where_the_next_page_begins(mixed: Account) -> None:
    first = mixed.get(query={"accept": "csv", "page_size": "4"})

    second = mixed.get(
        query={"accept": "csv", "page_size": "4", "start_key": first["headers"]["X-Next-Start-Key"]},
    )

    assert [row["call_id"] for row in rows_of(first) + rows_of(second)] == mixed.call_ids()
    assert "X-Next-Start-Key" not in second["headers"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_gets_a_quote_in_front(account: Account, start: str) -> None:
    account.given([a_request(uri=f'{start}HYPERLINK("https://evil.example")', call_id=f"{start}1+1")])

    (row,) = rows_of(account.get(query={"accept": "csv"}))

    assert row["call_id"] == f"'{start}1+1"
    assert row["uri"].startswith(f"'{start}HYPERLINK(")


def test_a_name_of_a_field_that_a_spreadsheet_would_run_gets_a_quote_in_front(account: Account) -> None:
    account.given([a_request() | {'=HYPERLINK("https://evil.example")': "x"}])

    header = account.get(call_id=CALL, query={"accept": "csv"})["body"].splitlines()[0]

    assert not [name for name in next(csv.reader([header])) if name.startswith(("=", "+", "-", "@"))]


def test_csv_survives_text_that_no_encoding_holds(account: Account) -> None:
    account.given([a_request(note="\ud800", req_body='a"b,c\r\nd')])

    (row,) = rows_of(account.get(call_id=CALL, query={"accept": "csv"}))

    assert (row["note"], row["req_body"]) == ("?", 'a"b,c\r\nd')


def test_head_of_csv_has_no_body(mixed: Account) -> None:
    reply = mixed.get(method="HEAD", query={"accept": "csv"})

    assert (reply["statusCode"], reply["headers"]["Content-Type"], reply["body"]) == (200, "text/csv", "")
