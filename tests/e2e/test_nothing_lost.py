"""Deliveries, pages, months, sizes and tenants on the deployed stack: nothing lost, doubled or shown to another."""

import random
import threading
from typing import Any
from urllib.parse import quote

import pytest

from local.stack import LocalStack
from pivot_debug import clock
from tests import builders
from tests.e2e.client import Api, greg, recent_call

LAMBDA_REPLY_LIMIT = 6_291_556


@pytest.fixture
def api(stack: LocalStack) -> Api:
    return Api(stack)


def answers(api: Api, call_ids: list[str]) -> list[Any]:
    """Everything that can be read of the account."""
    listed = [call for page in api.pages(page_size=40) for call in page]
    return [listed, [api.data(call_id) for call_id in call_ids]]


def test_500_documents_delivered_thrice_in_any_order_answer_as_once_in_order(stack: LocalStack) -> None:
    once, thrice = Api(stack), Api(stack)
    call_ids = [f"call-{n}" for n in range(100)]
    documents = [document for n, call_id in enumerate(call_ids) for document in five_documents(call_id, greg(5000) + n)]
    once.given(documents)
    shuffled = documents * 3
    random.Random(7).shuffle(shuffled)

    thrice.given(shuffled, batch=150)

    assert answers(thrice, call_ids) == answers(once, call_ids)


def five_documents(call_id: str, created: int) -> list[dict[str, Any]]:
    """A call of two attempts, the second with an answer that is no JSON."""
    second: dict[str, Any] = {"call_id": call_id, "created": created + 2, "iteration": 2}
    return [
        *builders.a_call(call_id=call_id, created=created),
        builders.a_request(**second),
        builders.a_response(**second),
        builders.a_json_error(**second),
    ]


def test_every_call_is_on_exactly_one_page_while_new_calls_arrive(api: Api) -> None:
    calls = [f"call-{n}" for n in range(60)]
    api.given([document for n, call_id in enumerate(calls) for document in recent_call(call_id, 1000 + n)])

    seen: list[str] = []
    for number, page in enumerate(api.pages(page_size=7)):
        seen += [call["call_id"] for call in page]
        api.given(recent_call(f"new-{number}", seconds_ago=10))

    assert seen == calls


def test_a_call_across_the_end_of_a_month_is_one_call_whichever_half_arrives_first(api: Api) -> None:
    midnight = clock.gregorian(clock.month_start(clock.month_of(clock.now_ms())))
    early = builders.a_request(call_id="straddles", created=midnight - 1)
    late = builders.a_response(call_id="straddles", created=midnight)

    api.given([late])
    api.given([early])

    (call,) = api.data(created_from=midnight - 10, created_to=midnight + 10)
    assert (call["created"], call["records"]) == (midnight - 1, 2)
    assert [record["type"] for record in api.data("straddles")] == ["request", "response"]


def test_halves_that_arrive_at_the_same_moment_still_become_one_call(api: Api) -> None:
    midnight = clock.gregorian(clock.month_start(clock.month_of(clock.now_ms())))
    halves = [
        [make(call_id=f"twins-{n}", created=created) for n in range(20)]
        for make, created in ((builders.a_request, midnight - 1), (builders.a_response, midnight))
    ]

    senders = [threading.Thread(target=lambda half=half: [api.put([api.own(one)]) for one in half]) for half in halves]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    api.wait_for_recorder()

    calls = api.data(created_from=midnight - 10, created_to=midnight + 10)
    assert sorted((call["call_id"], call["records"]) for call in calls) == sorted((f"twins-{n}", 2) for n in range(20))


def test_a_document_too_large_for_an_item_is_kept_cut_and_says_so(api: Api) -> None:
    noise = random.Random(1).randbytes(1_500_000).hex()
    document = builders.a_response(call_id="large", created=greg(50), resp_body=noise)

    api.given([document])

    (record,) = api.data("large")
    assert (record["truncated"], record["original_size"]) == (True, len(noise))
    assert noise.startswith(record["resp_body"])
    assert len(record["resp_body"]) == 256 * 1024


def test_a_call_larger_than_a_reply_is_read_in_pages_that_fit(api: Api) -> None:
    # Quotes double in size when Lambda escapes the reply.
    body = '"' * 250_000
    documents = [
        builders.a_response(call_id="huge", created=greg(100) + n, iteration=n + 1, resp_body=body) for n in range(25)
    ]
    api.given(documents, batch=10)

    pages = list(api.pages("huge", page_size=500))

    assert len(pages) > 1
    assert [record["seq"] for page in pages for record in page] == list(range(1, 26))
    reply = api.get("huge", page_size=500)
    assert len(reply.content) + reply.text.count('"') + reply.text.count("\\") < LAMBDA_REPLY_LIMIT


def test_a_bad_document_does_not_hold_up_its_neighbours(api: Api) -> None:
    documents = [api.own(document) for document in recent_call("good")]
    documents.insert(1, {"call_id": "bad"})

    reply = api.put(documents)

    assert reply.status_code == 202
    assert [one["index"] for one in reply.json()["data"]["rejected"]] == [1]
    api.wait_for_recorder()
    assert len(api.data("good")) == 2


def test_recording_switched_off_refuses_documents_and_says_so(stack: LocalStack, api: Api) -> None:
    stack.pivot_debug("account", "set", api.account_id, "--recording", "off")

    reply = api.put([api.own(document) for document in recent_call("refused")])

    assert (reply.status_code, reply.json()["message"]) == (409, "recording_off")


def test_no_path_and_no_cursor_reaches_another_account(stack: LocalStack) -> None:
    ours, theirs = Api(stack), Api(stack)
    for api in (ours, theirs):
        api.given([document for n in range(3) for document in recent_call(f"call-{n}", 100 + n)])
    theirs.given(recent_call("theirs-alone"))
    their_cursor = theirs.get(page_size=1).json()["next_start_key"]

    root, headers = stack.api_root, {"X-Auth-Token": ours.token}
    paths = [
        f"accounts/{theirs.account_id}/pivot/debug",
        f"accounts/{theirs.account_id}/pivot/debug/theirs-alone",
        f"accounts/{ours.account_id}/pivot/debug/../../../{theirs.account_id}/pivot/debug/theirs-alone",
        f"accounts/{ours.account_id}/pivot/debug/" + quote(f"../../../{theirs.account_id}/pivot/debug", safe=""),
        f"accounts/{ours.account_id}%2F..%2F{theirs.account_id}/pivot/debug",
        f"accounts/*/pivot/debug/{theirs.account_id}",
        f"accounts/{theirs.account_id.upper()}/pivot/debug",
        f"accounts/{ours.account_id}%23/pivot/debug",
    ]
    for path in paths:
        reply = ours.http.get(f"{root}/{path}", headers=headers)
        assert "theirs-alone" not in reply.text, path
        assert reply.status_code in (400, 401, 403, 404) or reply.json()["data"] == [], path
    assert ours.get(start_key=their_cursor).status_code == 400
