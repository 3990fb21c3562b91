"""The demo calls are what a newcomer sees first: they must be complete, look real, and lie in the past."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.demo_calls import DEMO_CALLS, demo_documents, write_demo_file

Document = dict[str, Any]
Predicate = Callable[[Document], object]

ACCOUNT = "0f3cfb5e7d1b41c49c1e3c2b6b7f5a10"
GREGORIAN_UNIX_EPOCH = 62_167_219_200
ORDINARY = datetime(2026, 5, 14, 15, 30, 12, 345678, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
LAST_OF_MARCH = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
LEAP_DAY = datetime(2028, 2, 29, 12, tzinfo=UTC)
MOMENTS = [ORDINARY, NEW_YEAR, LAST_OF_MARCH, LEAP_DAY]

moments = pytest.mark.parametrize("now", MOMENTS, ids=lambda now: now.strftime("%m-%d"))


def seconds(moment: datetime) -> int:
    return int(moment.timestamp()) + GREGORIAN_UNIX_EPOCH


def month_of(document: Document) -> str:
    return datetime.fromtimestamp(document["pvt_created"] - GREGORIAN_UNIX_EPOCH, UTC).strftime("%Y%m")


def calls_of(documents: list[Document]) -> dict[str, list[Document]]:
    calls: dict[str, list[Document]] = {}
    for document in documents:
        calls.setdefault(document["call_id"], []).append(document)
    return calls


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return demo_documents(ACCOUNT, ORDINARY)


@pytest.fixture(scope="module")
def calls(documents: list[Document]) -> dict[str, list[Document]]:
    return calls_of(documents)


def test_the_same_account_and_time_give_the_same_documents() -> None:
    assert demo_documents(ACCOUNT, ORDINARY) == demo_documents(ACCOUNT, ORDINARY)


def test_the_zone_and_the_fraction_of_a_second_of_now_change_nothing() -> None:
    elsewhere = ORDINARY.astimezone(timezone(timedelta(hours=11))).replace(microsecond=1)

    assert demo_documents(ACCOUNT, elsewhere) == demo_documents(ACCOUNT, ORDINARY)


def test_document_ids_are_32_hex_characters_and_unique_across_accounts(documents: list[Document]) -> None:
    others = demo_documents("f" * 32, ORDINARY)

    ids = [document["_id"] for document in documents + others]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)


def test_call_ids_and_descriptions_are_unique() -> None:
    assert len({call.call_id for call in DEMO_CALLS}) == len({call.shows for call in DEMO_CALLS}) == len(DEMO_CALLS)


@moments
def test_at_least_28_calls_lie_in_this_month_and_the_one_before(now: datetime) -> None:
    documents = demo_documents(ACCOUNT, now)

    months = {month_of(document) for document in documents}

    assert len(calls_of(documents)) >= 28
    assert months == {now.strftime("%Y%m"), (now.replace(day=1) - timedelta(days=1)).strftime("%Y%m")}


@moments
def test_the_newest_call_began_a_few_minutes_ago(now: datetime) -> None:
    newest = demo_documents(ACCOUNT, now)[-1]

    assert 60 < seconds(now) - newest["pvt_created"] <= 300


@given(st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_nothing_ever_lies_in_the_future_or_before_the_last_month(now: datetime) -> None:
    last_month = (now.replace(day=1) - timedelta(days=1)).replace(day=1, hour=0, minute=0, second=0)

    created = [document["pvt_created"] for document in demo_documents(ACCOUNT, now)]

    assert seconds(last_month) <= min(created)
    assert created == sorted(created)
    assert max(created) <= seconds(now)


@moments
def test_every_document_lies_in_the_database_of_its_month(now: datetime) -> None:
    for document in demo_documents(ACCOUNT, now):
        prefix = f"account%2F{ACCOUNT[:2]}%2F{ACCOUNT[2:4]}%2F{ACCOUNT[4:]}"
        assert document["pvt_account_db"] == f"{prefix}-{month_of(document)}"


def test_every_document_has_what_couchdb_and_kazoo_add(documents: list[Document]) -> None:
    for document in documents:
        assert re.fullmatch(r"1-[0-9a-f]{32}", document["_rev"])
        assert document["pvt_type"] == "pivot_debug"
        assert document["pvt_account_id"] == ACCOUNT
        assert document["pvt_modified"] == document["pvt_created"]
        assert "@" in document["pvt_node"]


def test_a_call_straddles_midnight_at_the_end_of_the_month(calls: dict[str, list[Document]]) -> None:
    request, response = calls["0_2921477643@10.126.0.9"]

    assert request["pvt_created"] == seconds(datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC))
    assert (month_of(request), month_of(response)) == ("202604", "202605")


def test_a_month_that_has_only_begun_holds_the_answer_of_the_straddling_call() -> None:
    midnight = datetime(2026, 6, 1, tzinfo=UTC)

    straddling = calls_of(demo_documents(ACCOUNT, midnight))["0_2921477643@10.126.0.9"]

    assert [document["pvt_created"] - seconds(midnight) for document in straddling] == [-1, 0]


KINDS: dict[str, Predicate] = {
    "a GET request": lambda d: d.get("method") == "get" and d["req_headers"] == {} and d["req_body"] == "",
    "a POST request with a form": lambda d: (
        d.get("method") == "post" and d["req_headers"].get("content-type") == "application/x-www-form-urlencoded"
    ),
    "a POST request with JSON": lambda d: d.get("method") == "post" and d["req_body"].startswith("{"),
    "a response 200": lambda d: d.get("resp_status_code") == "200",
    "another response": lambda d: d.get("resp_status_code", "200") != "200",
    "invalid JSON": lambda d: d.get("json_errors", {}).get("message") == "invalid JSON",
    "trailing data": lambda d: d.get("json_errors", {}).get("message") == "trailing data",
    "a schema error": lambda d: isinstance(d.get("schema_errors"), dict),
    "a call record": lambda d: "Hangup-Cause=" in d.get("req_body", "") and "ApiVersion" not in d["req_body"],
    "status and headers alone": lambda d: "resp_status_code" in d and "resp_body" not in d,
    "a body alone": lambda d: (
        set(d) & {"resp_body", "resp_status_code", "json_errors", "schema_errors"} == {"resp_body"}
    ),
    "a document without iteration": lambda d: "iteration" not in d,
    "a request header in its own case": lambda d: "Content-Type" in d.get("req_headers", {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_document_is_there(kind: str, documents: list[Document]) -> None:
    assert any(KINDS[kind](document) for document in documents)


def kinds_in(call: list[Document]) -> str:
    marks = {"uri": "request", "json_errors": "json", "schema_errors": "schema", "resp_status_code": "response"}
    return " ".join(next((marks[key] for key in marks if key in document), "body") for document in call)


def last_answer(call: list[Document]) -> str:
    return str(next(document["resp_body"] for document in reversed(call) if "resp_body" in document))


@pytest.mark.parametrize("status", ["200", "201", "204", "302", "401", "404", "500", "503"])
def test_every_status_that_fails_a_call_is_there(status: str, documents: list[Document]) -> None:
    assert status in {document.get("resp_status_code") for document in documents}


FAILURES: dict[str, Callable[[list[Document]], object]] = {
    "a timeout": lambda call: kinds_in(call) == "request",
    "silence at the second step": lambda call: kinds_in(call) == "request response request",
    "an error at the second step": lambda call: [d.get("resp_status_code") for d in call] == [None, "200", None, "500"],
    "an empty body": lambda call: call[-1].get("resp_status_code") == "200" and call[-1]["resp_body"] == "",
    "a note on JSON and nothing else": lambda call: kinds_in(call) == "json",
    "TwiML of the wrong type": lambda call: (
        kinds_in(call) == "request response json"
        and call[1]["resp_headers"]["content-type"].startswith("text/html")
        and "<Response>" in last_answer(call)
    ),
    "truncated JSON without a note": lambda call: (
        kinds_in(call) == "request response"
        and call[1]["resp_body"].startswith("{")
        and call[1]["resp_body"].count("{") > call[1]["resp_body"].count("}")
    ),
    "a string for a number": lambda call: '"code": "486"' in last_answer(call) and kinds_in(call) == "request response",
    "an unknown module": lambda call: '"module": "say"' in last_answer(call),
    "a whole callflow": lambda call: last_answer(call).startswith('{"numbers"'),
    "a schema error with its document": lambda call: kinds_in(call) == "request response schema",
    "an unknown verb": lambda call: "<Speak>" in last_answer(call),
    "an unknown voice": lambda call: 'voice="alice"' in last_answer(call),
    "an empty Response": lambda call: last_answer(call).endswith("<Response/>"),
    "XML that is none": lambda call: " & " in last_answer(call),
    "a call record refused": lambda call: (
        "Hangup-Cause" in call[-2:][0].get("req_body", "") and call[-1]["resp_status_code"] == "404"
    ),
    "a 302 that KAZOO followed": lambda call: [d.get("resp_status_code") for d in call] == [None, "302", None, "200"],
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_there(failure: str, calls: dict[str, list[Document]]) -> None:
    assert any(FAILURES[failure](call) for call in calls.values())


@pytest.mark.parametrize(
    ("call_id", "iterations"),
    [
        ("829597750@10.26.0.158", [1, 1]),
        ("6e1f0c2a-93b7-4d0e-8a56-2f7c1b9d4e83", [1, 1, 1, 1, 1, 1]),
        ("5f0c8a17d2e4b963-21877@10.26.0.182", [1, 1, 2, 2, 3, 3]),
        ("c2c-3a7d09be41f6-9f3e20c81d", [1, 1, 1, 1]),
    ],
)
def test_only_twiml_counts_iterations(call_id: str, iterations: list[int], calls: dict[str, list[Document]]) -> None:
    assert [document["iteration"] for document in calls[call_id]] == iterations


@pytest.mark.parametrize(
    "piece", ["/", "+", "?", "%", "konami-transfer-", "@10.26.0.158", "201410-", "-quickcall", "c2c-"]
)
def test_call_ids_have_the_shapes_that_cause_trouble(piece: str, calls: dict[str, list[Document]]) -> None:
    assert any(piece in call_id for call_id in calls)


def test_a_get_carries_the_parameters_in_kazoo_s_encoding(calls: dict[str, list[Document]]) -> None:
    uri = calls["a7/Fq+Zx9?k@10.26.0.158"][0]["uri"]

    query = parse_qs(urlsplit(uri).query)

    assert "&Call-ID=a7%2FFq%2BZx9%3Fk%4010.26.0.158&" in uri
    assert "&&&Direction=inbound&" in uri  # two empty objects
    assert query["Call-ID"] == ["a7/Fq+Zx9?k@10.26.0.158"]
    assert query["Account-ID"] == [ACCOUNT]


def test_objects_and_lists_are_spread_over_keys(calls: dict[str, list[Document]]) -> None:
    uris = [document["uri"] for document in calls["6e1f0c2a-93b7-4d0e-8a56-2f7c1b9d4e83"] if "uri" in document]

    assert "&Digits[department]=2" in uris[1]
    assert "Custom-Application-Vars[clinic]=north+wing&" in calls["YVQXITNGHMHIKYDTLBAH"][0]["uri"]


def test_twiml_requests_use_the_names_of_twiml(calls: dict[str, list[Document]]) -> None:
    form = parse_qs(calls["5f0c8a17d2e4b963-21877@10.26.0.182"][2]["req_body"])

    assert form["CallSid"] == ["5f0c8a17d2e4b963-21877@10.26.0.182"]
    assert form["Digits"] == ["2"]
    assert form["ApiVersion"] == ["2010-04-01"]


def test_header_names_and_values_are_in_lower_case(documents: list[Document]) -> None:
    for document in documents:
        for name, value in document.get("resp_headers", {}).items():
            assert (name, value) == (name.lower(), value.lower())


@pytest.mark.parametrize(
    "place",
    [
        r'"uri": "https://[^/"]+:demo-secret-[^/"]+@',
        r'"uri": "[^"]+[?&]api_key=demo-secret-',
        r'"set-cookie": "[^"]*=demo-secret-',
        r'"authorization": "bearer demo-secret-',
    ],
)
def test_secrets_stand_wherever_the_service_must_redact_them(place: str, documents: list[Document]) -> None:
    assert re.search(place, json.dumps(documents))


def test_only_example_hosts_are_named(documents: list[Document]) -> None:
    hosts = {urlsplit(document["uri"]).hostname or "" for document in documents if "uri" in document}

    assert all(host.endswith(".example.com") for host in hosts)


def test_a_note_on_json_repeats_the_answer_it_cut_in_two(documents: list[Document]) -> None:
    for document in documents:
        if "json_errors" in document:
            assert document["json_errors"]["before"] + document["json_errors"]["after"] == document["resp_body"]
            with pytest.raises(json.JSONDecodeError):
                json.loads(document["resp_body"])


def test_the_demo_file_is_a_json_array_of_the_same_documents(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"

    write_demo_file(file, ACCOUNT, ORDINARY)

    assert json.loads(file.read_text(encoding="utf-8")) == demo_documents(ACCOUNT, ORDINARY)
