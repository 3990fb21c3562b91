"""Pages of the list and of a call: every item once, in order, at any page size, never more than Lambda sends."""

import base64
import random
from itertools import pairwise
from typing import Any

import pytest

from pivot_debug import clock, cursor, dynamodb, keys, query
from pivot_debug.cursor import CursorScope
from tests.builders import CREATED, NOW_MS, a_call, a_request, a_response
from tests.integration.helpers import (
    LAMBDA_REPLY_LIMIT,
    Account,
    Document,
    Reply,
    Sent,
    assert_error,
    invalid,
    size_of,
    tapped,
)
from tests.integration.service import Service

DAY_MS = 86_400_000
MARCH = clock.gregorian(clock.month_start("202403"))
FEBRUARY = clock.gregorian(clock.month_start("202402"))
THREE_MONTHS = {"created_from": str(FEBRUARY - 86_400), "created_to": str(MARCH + 3600)}
BAD_CURSOR = invalid(
    "start_key",
    "invalid",
    "not a next_start_key of this list with these filters, or older than a day: start again without it",
)
ODD_IDS = ("a/b", "x#y", "x%23y", "100%", "é", "😀", 'q"uote', "?&=+ ", "A", "a", "a#", "0" * 255)


@pytest.fixture(scope="module")
def history(deployment: Service) -> Account:
    """Fifty-one calls in three months: some in the same second, some at the very edges of a month."""
    account = Account.new(deployment)
    moments = [FEBRUARY - 86_000 + n * 9_000 for n in range(8)]
    moments += [FEBRUARY, FEBRUARY, FEBRUARY + 5, *(FEBRUARY + 200_000 + n * 90_000 for n in range(24)), MARCH - 1]
    moments += [MARCH, MARCH + 60, MARCH + 61]
    plain = [a_request(call_id=f"call-{n}", created=created) for n, created in enumerate(moments)]
    account.given(plain + [a_request(call_id=call_id, created=MARCH - 500) for call_id in ODD_IDS])
    return account


def in_order(calls: list[Document]) -> list[Document]:
    return sorted(calls, key=lambda call: (call["created"], keys.encode_call_id(call["call_id"])))


def random_text(size: int, seed: int) -> str:
    """Text that hardly compresses."""
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()[:size]


# ---------------------------------------------------------------- the list


@pytest.mark.parametrize("size", [1, 7, 50, 51])
@pytest.mark.parametrize("ascending", ["true", "false"])
def test_the_pages_of_a_list_hold_every_call_once_and_in_order(history: Account, size: int, ascending: str) -> None:
    pages = history.pages(page_size=str(size), ascending=ascending, **THREE_MONTHS)

    calls = [call for page in pages for call in page["json"]["data"]]
    assert len({call["call_id"] for call in calls}) == len(calls) == 51
    assert calls == (in_order(calls) if ascending == "true" else in_order(calls)[::-1])
    assert [page["json"]["page_size"] for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert 1 <= pages[-1]["json"]["page_size"] <= size


def test_every_page_but_the_first_names_where_it_began(history: Account) -> None:
    pages = [page["json"] for page in history.pages(page_size="15", **THREE_MONTHS)]

    assert "start_key" not in pages[0]
    assert [page["start_key"] for page in pages[1:]] == [page["next_start_key"] for page in pages[:-1]]
    assert [name for page in pages for name, value in page.items() if value is None] == []


def test_no_page_names_itself_as_the_next(history: Account) -> None:
    pages = [page["json"] for page in history.pages(page_size="1", **THREE_MONTHS)]

    assert [page for page in pages if page.get("start_key") == page.get("next_start_key", "none")] == []


def test_a_page_may_have_another_size_than_the_one_before_it(history: Account) -> None:
    first = history.get(query={"page_size": "3", **THREE_MONTHS})["json"]

    rest = history.get(query={"page_size": "500", "start_key": first["next_start_key"], **THREE_MONTHS})["json"]

    assert first["data"] + rest["data"] == history.listed(query={"page_size": "500", **THREE_MONTHS})
    assert "next_start_key" not in rest


def test_fifty_calls_are_a_page_unless_another_size_is_asked_for(history: Account) -> None:
    first, second = history.pages(**THREE_MONTHS)

    assert (first["json"]["page_size"], second["json"]["page_size"]) == (50, 1)


def test_a_page_never_has_more_calls_than_the_maximum(history: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MAX_PAGE_SIZE", 5)

    reply = history.get(query={"page_size": "999999999999", **THREE_MONTHS})

    assert reply["json"]["page_size"] == 5


def test_the_maximum_page_size_is_500() -> None:
    assert query.paging_of({"page_size": "501"}).size == query.paging_of({"page_size": "500"}).size == 500


def test_a_page_costs_one_query_for_one_row_more_than_it_shows(history: Account) -> None:
    queries: list[Sent] = []

    with tapped(dynamodb.client(), queries.append):
        history.get(query={"page_size": "2", **THREE_MONTHS})

    assert [(sent.operation, sent.body["Limit"]) for sent in queries] == [("Query", 3)]


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_calls_that_arrive_between_pages_neither_hide_nor_repeat_another(account: Account, ascending: str) -> None:
    account.given([a_request(call_id=f"old-{n}", created=CREATED - 10 * n) for n in range(9)])
    wanted = {"page_size": "2", "ascending": ascending}
    seen: list[str] = []
    start: dict[str, str] = {}

    for n in range(20):
        page = account.get(query=wanted | start)["json"]
        seen += [call["call_id"] for call in page["data"]]
        account.given([a_request(call_id=f"new-{n}", created=CREATED - 10 * n + 5)])
        if "next_start_key" not in page:
            break
        start = {"start_key": page["next_start_key"]}

    old = [call_id for call_id in seen if call_id.startswith("old")]
    assert sorted(old) == [f"old-{n}" for n in range(9)]
    assert len(set(seen)) == len(seen)


def test_a_call_that_is_updated_between_pages_is_neither_lost_nor_repeated(account: Account) -> None:
    account.given([a_request(call_id=f"call-{n}", created=CREATED - 10 * n) for n in range(4)])
    first = account.get(query={"page_size": "2"})["json"]

    account.given([a_response(call_id=f"call-{n}", created=CREATED - 10 * n + 1) for n in range(4)])
    second = account.get(query={"page_size": "2", "start_key": first["next_start_key"]})["json"]

    assert [call["call_id"] for call in first["data"] + second["data"]] == ["call-0", "call-1", "call-2", "call-3"]


def test_the_end_of_the_list_stays_where_it_was_when_paging_began(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.given([a_request(call_id=f"call-{n}", created=CREATED - n) for n in range(3)])
    first = account.get(query={"page_size": "2", "ascending": "true"})["json"]
    account.given([a_request(call_id="later", created=clock.gregorian(NOW_MS) + 60)])
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + DAY_MS - 1)

    second = account.get(query={"page_size": "2", "ascending": "true", "start_key": first["next_start_key"]})["json"]

    assert [call["call_id"] for call in second["data"]] == ["call-0"]


# ---------------------------------------------------------------- all at once


@pytest.mark.parametrize("value", ["false", "no", "", "TRUE", "0"])
def test_without_paging_the_whole_list_comes_without_the_paging_keys(history: Account, value: str) -> None:
    everything = history.listed(query={"page_size": "500", **THREE_MONTHS})

    envelope = history.get(query={"paginate": value, "page_size": "2", "start_key": "x", **THREE_MONTHS})["json"]

    assert envelope["data"] == everything
    assert {"page_size", "start_key", "next_start_key"} & set(envelope) == set()
    assert envelope["revision"]


def test_paginate_true_is_what_happens_anyway(history: Account) -> None:
    envelope = history.get(query={"paginate": "true", "page_size": "2", **THREE_MONTHS})["json"]

    assert envelope["page_size"] == 2
    assert "next_start_key" in envelope


@pytest.mark.parametrize(("cap", "status"), [(51, 200), (50, 416)])
def test_more_than_the_cap_at_once_is_416(
    history: Account, monkeypatch: pytest.MonkeyPatch, cap: int, status: int
) -> None:
    monkeypatch.setattr(query, "UNPAGED_CAP", cap)

    reply = history.get(query={"paginate": "false", **THREE_MONTHS})

    assert reply["statusCode"] == status


def test_the_cap_is_5000() -> None:
    assert query.UNPAGED_CAP == 5000


# ---------------------------------------------------------------- filters and pages


@pytest.fixture
def few_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pivot_debug.listing.MAX_EXAMINED", 4)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("ascending", ["true", "false"])
@pytest.mark.usefixtures("few_examined")
def test_a_filtered_list_gives_every_match_once_however_little_a_page_examines(
    history: Account, size: int, ascending: str
) -> None:
    rare = {"filter_call_id": '["call-0","call-7","call-8","call-20","x#y","a/b"]', "ascending": ascending}

    calls = history.items(page_size=str(size), **rare, **THREE_MONTHS)

    assert len(calls) == 6
    assert calls == (in_order(calls) if ascending == "true" else in_order(calls)[::-1])


@pytest.mark.usefixtures("few_examined")
def test_a_filter_that_matches_nothing_ends_after_a_bounded_amount_of_work_a_page(history: Account) -> None:
    pages = history.pages(page_size="3", caller="+490000", **THREE_MONTHS)

    assert [page["json"]["data"] for page in pages] == [[]] * len(pages)
    assert len(pages) == 13


@pytest.mark.usefixtures("few_examined")
def test_a_short_page_of_a_filter_still_says_where_to_go_on(history: Account) -> None:
    first = history.get(query={"page_size": "3", "filter_call_id": "call-0", **THREE_MONTHS})["json"]

    assert (first["data"], first["page_size"]) == ([], 0)
    assert first["next_start_key"]


def test_the_last_match_ends_the_pages_although_other_calls_follow(history: Account) -> None:
    pages = history.pages(page_size="1", filter_call_id="call-38", **THREE_MONTHS)

    assert [page["json"]["page_size"] for page in pages] == [1]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_the_pages_of_failed_calls_hold_those_alone(account: Account, size: int) -> None:
    statuses = ("200", "500", "404", "200", "302", "500", "200")
    calls = [a_call(call_id=f"call-{n}", created=CREATED - 60 * n, status=one) for n, one in enumerate(statuses)]
    account.given([document for call in calls for document in call])

    found = account.items(page_size=str(size), has_errors="true")

    assert [call["call_id"] for call in found] == ["call-1", "call-2", "call-4", "call-5"]


# ---------------------------------------------------------------- cursors that are not good here


def first_cursor(account: Account, call_id: str | None = None, **query: str) -> str:
    following: str = account.get(call_id=call_id, query={"page_size": "1", **query})["json"]["next_start_key"]
    return following


@pytest.mark.parametrize(
    "changed",
    [
        {"filter_status_code": "404"},
        {"has_errors": "true"},
        {"status_class": "2xx"},
        {"error_code": "no_response"},
        {"caller": "1"},
        {"called": "1"},
        {"ascending": "true"},
        {"descending": "false"},
        {"created_from": str(CREATED - 900)},
        {"created_to": str(CREATED + 1)},
    ],
)
def test_a_cursor_of_a_list_with_other_parameters_is_refused(account: Account, changed: dict[str, str]) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    foreign = first_cursor(account)

    reply = account.get(query={"start_key": foreign, **changed})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_of_a_filtered_list_is_refused_where_the_filter_is_left_out(account: Account) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    foreign = first_cursor(account, has_errors="true")

    reply = account.get(query={"start_key": foreign})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_of_another_account_is_refused(deployment: Service) -> None:
    accounts = [Account.new(deployment) for _ in range(2)]
    for account in accounts:
        account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    foreign = first_cursor(accounts[0])

    reply = accounts[1].get(query={"start_key": foreign})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_of_the_list_is_refused_by_a_call_and_the_other_way_round(account: Account) -> None:
    account.given([*a_call(call_id="one"), *a_call(call_id="two")])
    of_list, of_call = first_cursor(account), first_cursor(account, "one")

    replies = [account.get(query={"start_key": of_call}), account.get(call_id="one", query={"start_key": of_list})]

    for reply in replies:
        assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_of_another_call_is_refused(account: Account) -> None:
    account.given([*a_call(call_id="one"), *a_call(call_id="two")])
    foreign = first_cursor(account, "one")

    reply = account.get(call_id="two", query={"start_key": foreign})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_of_a_call_is_refused_in_the_other_direction(account: Account) -> None:
    account.given(a_call(call_id="one"))
    foreign = first_cursor(account, "one")

    reply = account.get(call_id="one", query={"start_key": foreign, "ascending": "false"})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


@pytest.mark.parametrize(
    "garbage",
    [
        "x",
        ".",
        "..",
        "a.b",
        "é",
        "\x00",
        "\ud800",
        "one",
        "null",
        "{}",
        "g20AAAAVODI5NTk3NzUwQDEwLjI2LjAuMTU4",
        "x" * 5000,
        f"{'x' * 4080}.{'y' * 22}",
    ],
)
@pytest.mark.parametrize("call_id", [None, "one"])
def test_what_was_never_a_cursor_is_refused_in_the_same_words(
    account: Account, garbage: str, call_id: str | None
) -> None:
    account.given(a_call(call_id="one"))

    reply = account.get(call_id=call_id, query={"start_key": garbage})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_with_any_character_changed_is_refused(account: Account) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    good = first_cursor(account)
    changed = [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in range(0, len(good), 5)]

    replies = [account.get(query={"start_key": text}) for text in [*changed, good[:-1], good + "A", good + "="]]

    for reply in replies:
        assert_error(reply, 400, "validation error", BAD_CURSOR)


def test_a_cursor_signed_with_another_key_is_refused(account: Account) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    scope = CursorScope(account.id, "/v2/accounts/{account_id}/pivot/debug", ())
    position = {"bounds": [0, NOW_MS], "after": ["202403", keys.time_key(NOW_MS, "x")]}
    forged = cursor.encode(position, scope, b"another key", NOW_MS)

    reply = account.get(query={"start_key": forged})

    assert_error(reply, 400, "validation error", BAD_CURSOR)


@pytest.mark.parametrize(("age", "status"), [(DAY_MS - 1, 200), (DAY_MS, 400)])
def test_a_cursor_is_good_for_a_day(account: Account, monkeypatch: pytest.MonkeyPatch, age: int, status: int) -> None:
    account.given([a_request(call_id=call_id) for call_id in ("one", "two")])
    good = first_cursor(account)
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + age)

    reply = account.get(query={"start_key": good})

    assert reply["statusCode"] == status


# ---------------------------------------------------------------- the records of a call


def numbers(records: list[Document]) -> dict[str, tuple[int, int]]:
    return {record["id"]: (record["seq"], record["attempt"]) for record in records}


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_attempts_that_overlap_have_the_same_numbers_over_pages_and_in_both_directions(
    account: Account, size: int
) -> None:
    account.given(
        [
            a_request(created=CREATED, created_ms=clock.unix_ms(CREATED) + 100, _id="r1"),
            a_request(created=CREATED, created_ms=clock.unix_ms(CREATED) + 200, _id="r2"),
            a_response(created=CREATED, created_ms=clock.unix_ms(CREATED) + 300, _id="a1"),
            a_response(created=CREATED, created_ms=clock.unix_ms(CREATED) + 400, _id="a2"),
            a_response(created=CREATED + 1, iteration=3, _id="orphan"),
            a_request(created=CREATED + 9, iteration=2, _id="r3"),
            a_response(created=CREATED + 10, iteration=2, _id="a3"),
        ]
    )
    call_id = account.call_ids()[0]
    whole = numbers(account.listed(call_id=call_id))

    forward = account.items(call_id=call_id, page_size=str(size), ascending="true")
    backward = account.items(call_id=call_id, page_size=str(size), ascending="false")

    assert numbers(forward) == numbers(backward) == whole
    assert [place[0] for place in whole.values()] == list(range(1, 8))
    assert backward == forward[::-1]


@pytest.mark.parametrize("room", [600, 1000, 2500])
@pytest.mark.parametrize("ascending", ["true", "false"])
def test_a_page_that_is_full_by_bytes_goes_on_where_it_stopped(
    account: Account, monkeypatch: pytest.MonkeyPatch, room: int, ascending: str
) -> None:
    account.given([document for n in range(5) for document in a_call(call_id="one", created=CREATED + 9 * n)])
    whole = account.listed(call_id="one", query={"ascending": ascending})
    monkeypatch.setattr("pivot_debug.reading.MAX_REPLY", room)

    pages = account.pages(call_id="one", ascending=ascending)

    assert [record for page in pages for record in page["json"]["data"]] == whole
    assert len(pages) > 1


def test_a_record_that_arrives_while_a_call_is_read_newest_first_disturbs_no_number(account: Account) -> None:
    account.given(a_call(call_id="one"))
    is_new = True

    def arrive(sent: Sent) -> None:
        nonlocal is_new
        if is_new and sent.body.get("ScanIndexForward") is False:
            is_new = False
            account.given([a_request(call_id="one", created=CREATED + 9)])

    with tapped(dynamodb.client(), arrive):
        records = account.listed(call_id="one", query={"ascending": "false"})

    newest = 3 if len(records) == 3 else 2
    assert [record["seq"] for record in records] == list(range(newest, 0, -1))


# ---------------------------------------------------------------- never more than Lambda can send


def assert_replies_fit(pages: list[Reply]) -> None:
    assert [size for size in map(size_of, pages) if size > LAMBDA_REPLY_LIMIT] == []


@pytest.mark.parametrize(
    ("body", "ascending"),
    [('"' * 262_144, "true"), ('"' * 262_144, "false"), ("\x7f" * 262_144, "true"), ("é" * 131_072, "false")],
    ids=["quotes", "quotes, newest first", "control characters", "letters, newest first"],
)
def test_pages_of_bodies_that_grow_when_escaped_fit_into_a_reply(account: Account, body: str, ascending: str) -> None:
    account.given([a_response(call_id="big", created=CREATED + n, resp_body=body) for n in range(9)])

    pages = account.pages(call_id="big", ascending=ascending)

    assert_replies_fit(pages)
    assert len(pages) > 1
    assert sorted(record["seq"] for page in pages for record in page["json"]["data"]) == list(range(1, 10))


def test_pages_of_bodies_that_do_not_compress_fit_into_a_reply(account: Account) -> None:
    account.given(
        [a_response(call_id="big", created=CREATED + n, resp_body=random_text(262_144, n)) for n in range(24)]
    )

    pages = account.pages(call_id="big")

    assert_replies_fit(pages)
    records = [record for page in pages for record in page["json"]["data"]]
    assert [len(record["resp_body"]) for record in records] == [262_144] * 24


def test_too_many_bytes_at_once_are_416(account: Account) -> None:
    account.given([a_response(call_id="big", created=CREATED + n, resp_body='"' * 262_144) for n in range(9)])

    reply = account.get(call_id="big", query={"paginate": "false"})

    data = {"message": "too much for one reply: page through it"}
    assert_error(reply, 416, "range not satisfiable", data)


def test_pages_of_calls_with_long_fields_fit_into_a_reply(account: Account) -> None:
    account.given([a_request(call_id=f"call-{n}", created=CREATED - n, pvt_node="\x7f" * 60_000) for n in range(20)])

    pages = account.pages()

    assert_replies_fit(pages)
    assert [call["call_id"] for page in pages for call in page["json"]["data"]] == [f"call-{n}" for n in range(20)]


MANY = "é" * 950_000
"""1.9 MB in the request, 6.6 MB in a reply: each letter is six characters in ASCII JSON, seven in Lambda's."""

HALF = "\x7f" * 262_144


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"req_headers": {"x-long": MANY}}, id="a header"),
        pytest.param({"uri": f"https://pivot.example.com/{MANY}"}, id="the uri"),
        pytest.param({"pvt_node": MANY}, id="the node"),
        pytest.param({"resp_status_code": MANY}, id="the status"),
        pytest.param({"note": MANY}, id="a field of its own"),
        pytest.param({"_id": MANY}, id="the id"),
        pytest.param({"schema_errors": {"module": {"enum": {"message": MANY}}}}, id="schema errors"),
        pytest.param(
            {"req_body": HALF, "resp_body": HALF, "json_errors": {"before": HALF, "after": HALF}}, id="four bodies"
        ),
    ],
)
def test_no_single_document_makes_a_reply_that_cannot_be_sent(account: Account, fields: dict[str, Any]) -> None:
    account.put([account.own(a_request(call_id="huge", **fields))])
    account.service.record_queue()

    replies = [account.get(call_id=call_id, query={"accept": a}) for a in ("json", "csv") for call_id in (None, "huge")]

    assert_replies_fit(replies)


def test_a_long_call_id_is_counted_each_time_it_is_repeated(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    call_id, room = "😀" * 63, 55_000
    account.given([{"call_id": call_id, "created": CREATED + n, "method": "get"} for n in range(40)])
    monkeypatch.setattr("pivot_debug.reading.MAX_REPLY", room)

    replies = account.pages(call_id=call_id, page_size="500")

    assert [size for size in map(size_of, replies) if size > room * LAMBDA_REPLY_LIMIT / 5_500_000] == []


def test_csv_of_records_that_share_no_column_fits_into_a_reply(account: Account) -> None:
    account.given(
        [
            a_request(call_id="wide", created=CREATED + n, req_headers={f"{n}-{m}": "" for m in range(140)})
            for n in range(230)
        ]
    )

    reply = account.get(call_id="wide", query={"accept": "csv", "page_size": "500"})

    assert_replies_fit([reply])


def test_csv_of_lists_full_of_quotes_fits_into_a_reply(account: Account) -> None:
    account.given(
        [a_response(call_id="quotes", created=CREATED + n, resp_headers={"x": ['"' * 150_000]}) for n in range(8)]
    )

    reply = account.get(call_id="quotes", query={"accept": "csv"})

    assert_replies_fit([reply])


def test_the_cursor_of_the_longest_call_id_is_accepted(account: Account) -> None:
    call_id = "\x01" * 255
    account.given([a_request(call_id=call_id, created=CREATED + n) for n in range(12)])

    records = account.items(call_id=call_id, page_size="5")

    assert [record["seq"] for record in records] == list(range(1, 13))


def test_pages_go_on_over_a_cursor_whose_call_has_gone(account: Account) -> None:
    account.given([a_request(call_id=f"call-{n}", created=CREATED - 10 * n) for n in range(4)])
    first = account.get(query={"page_size": "2"})["json"]
    account.given([a_request(call_id="call-1", created=CREATED - 15)])

    second = account.get(query={"page_size": "2", "start_key": first["next_start_key"]})["json"]

    found = [call["call_id"] for call in first["data"] + second["data"]]
    assert {"call-0", "call-1", "call-2"} <= set(found)
    assert all(earlier["created"] >= later["created"] for earlier, later in pairwise(first["data"] + second["data"]))


# ---------------------------------------------------------------- a call of 500 records (last: moto is slow with it)


@pytest.fixture(scope="module")
def long_call(deployment: Service) -> Account:
    """An account with a call of 500 records: 250 attempts, each answered."""
    account = Account.new(deployment)
    times = [CREATED + 7 * n for n in range(250)]
    account.given(
        [
            document
            for created in times
            for document in (
                a_request(call_id="long", created=created),
                a_response(call_id="long", created=created + 3),
            )
        ]
    )
    return account


def test_a_whole_call_comes_at_once(long_call: Account) -> None:
    envelope = long_call.get(call_id="long", query={"paginate": "false"})["json"]

    assert [record["seq"] for record in envelope["data"]] == list(range(1, 501))
    assert {"page_size", "start_key", "next_start_key"} & set(envelope) == set()


@pytest.mark.parametrize("size", [100, 500])
@pytest.mark.parametrize("ascending", ["true", "false"])
def test_seq_and_attempt_run_on_over_the_pages_of_a_call(long_call: Account, size: int, ascending: str) -> None:
    pages = long_call.pages(call_id="long", page_size=str(size), ascending=ascending)

    places = [(record["seq"], record["attempt"]) for page in pages for record in page["json"]["data"]]
    forward = [(n, (n + 1) // 2) for n in range(1, 501)]
    assert places == (forward if ascending == "true" else forward[::-1])
    assert [page["json"]["page_size"] for page in pages[:-1]] == [size] * (len(pages) - 1)


def test_fifty_records_are_a_page_unless_another_size_is_asked_for(long_call: Account) -> None:
    reply = long_call.get(call_id="long")

    assert reply["json"]["page_size"] == 50
    assert "next_start_key" in reply["json"]


@pytest.mark.parametrize("form", ["long", "202403-long"])
def test_both_forms_of_a_calls_id_page_alike(long_call: Account, form: str) -> None:
    records = long_call.listed(call_id=form, query={"page_size": "500"})

    assert [record["seq"] for record in records] == list(range(1, 501))
