"""A deleted call is gone, whatever cuts the deletion off, and it stays gone whatever arrives afterwards."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from functions.deletion import app as deletion_function
from functions.recorder import app as recorder
from pivot_debug import clock, deletion, dynamodb
from pivot_debug.account_store import MAX_RETENTION_DAYS
from pivot_debug.erasing import Eraser
from tests.builders import CREATED, NOW_MS, a_call, a_request, a_response, event, queue_event
from tests.integration.helpers import Account, Document, Sent, aws_error, deployed, table_text, tapped
from tests.integration.service import Service

MIDNIGHT = clock.gregorian(clock.month_start("202403"))


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pivot_debug.erasing.time.time", lambda: NOW_MS / 1000)
        patch.setattr("pivot_debug.erasing.time.sleep", lambda _: None)
        yield service


def delete(account: Account, call_id: str, **request: Any) -> Document:
    reply = account.service.delete(call_id, account_id=account.id, accounts=account.id, **request)
    assert reply["statusCode"] == 200, reply["body"]
    data: Document = reply["json"]["data"]
    return data


def items(account: Account) -> list[Document]:
    """What the table holds of the account, but for tombstones."""
    found = dynamodb.client().scan(TableName="DebugTable")["Items"]
    return [item for item in found if item["pk"]["S"].startswith(account.id) and "deleted" not in item]


def test_a_deleted_call_is_in_no_list_and_leaves_nothing_behind(account: Account) -> None:
    account.given([*a_call(call_id="gone", status="500"), *a_call(call_id="other")])

    report = delete(account, "gone")

    assert report == {"call_id": "gone", "debug_id": "202403-gone", "deleted": 2, "complete": True}
    assert (account.call_ids(), account.call_ids(has_errors="true")) == (["other"], [])
    assert account.listed(call_id="gone") == []
    assert {item["sk"]["S"].split("#")[0] for item in items(account)} == {"other"}


def test_a_call_is_deleted_by_its_debug_id_too(account: Account) -> None:
    account.given(a_call(call_id="a/b#%"))

    assert delete(account, "202403-a/b#%")["call_id"] == "a/b#%"
    assert items(account) == []


def test_what_arrives_of_a_deleted_call_afterwards_is_not_kept(account: Account) -> None:
    account.given(a_call(call_id="gone"))
    late = account.messages([a_response(call_id="gone", created=CREATED + 5, iteration=2)])
    again = account.messages(a_call(call_id="gone"))
    delete(account, "gone")

    reply = recorder.handler(queue_event([*late, *again]), None)

    assert reply == {"batchItemFailures": []}
    assert (account.call_ids(), account.listed(call_id="gone")) == ([], [])
    assert not [item for item in items(account) if "doc" in item]


def test_the_late_half_of_a_call_that_was_deleted_begins_no_call_in_the_next_month(account: Account) -> None:
    account.given([a_request(call_id="late", created=MIDNIGHT - 1)])
    delete(account, "late")

    account.given([a_response(call_id="late", created=MIDNIGHT)])

    assert account.call_ids() == []
    assert not [item for item in items(account) if "doc" in item]


def test_another_call_of_the_same_id_in_the_month_before_stays(account: Account) -> None:
    account.given(a_call(call_id="same", created=MIDNIGHT - 5 * 86_400) + a_call(call_id="same", created=CREATED))

    delete(account, "same")

    (left,) = account.listed(call_id="same")[:1]
    assert left["debug_id"] == "202402-same"


def test_a_call_that_is_not_there_is_deleted_already(account: Account) -> None:
    assert delete(account, "nobody") == {"deleted": 0, "complete": True}


def test_a_tombstone_lies_for_the_longest_retention(account: Account) -> None:
    account.given(a_call(call_id="gone"))

    delete(account, "gone")

    found = dynamodb.client().scan(TableName="DebugTable")["Items"]
    tombstones = [item for item in found if item["pk"]["S"].startswith(account.id) and "deleted" in item]
    assert {item["pk"]["S"][-6:] for item in tombstones} == {"202402", "202403", "202404"}
    assert {int(item["expires_at"]["N"]) for item in tombstones} == {NOW_MS // 1000 + MAX_RETENTION_DAYS * 86_400}


def test_a_long_call_is_deleted_in_several_requests_and_is_hidden_from_the_first_on(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion.delete_call, "__defaults__", (30,))
    account.given([a_request(call_id="long", created=CREATED + n, iteration=n) for n in range(70)])

    first = delete(account, "long")

    assert (first["deleted"], first["complete"]) == (30, False)
    assert (account.call_ids(), account.listed(call_id="long")) == ([], [])
    assert [delete(account, "long")["deleted"] for _ in range(3)] == [30, 10, 0]
    assert items(account) == []


@pytest.mark.parametrize("moment", ["before-send", "after-call"])
def test_a_deletion_that_was_cut_off_at_any_step_is_completed_by_the_next_try(account: Account, moment: str) -> None:
    for n in count(1):
        account.given([a_request(call_id="gone", created=CREATED + m, iteration=m) for m in range(60)])
        seen = 0

        def fail_nth(sent: Sent, n: int = n) -> None:
            nonlocal seen
            seen += 1
            if seen == n:
                raise aws_error("InternalServerError", sent.operation)

        with tapped(dynamodb.client(), fail_nth, moment=moment):
            first = account.service.delete("gone", account_id=account.id, accounts=account.id)
        if seen < n:
            break
        assert first["statusCode"] == 503
        delete(account, "gone")

        assert (account.call_ids(), items(account)) == ([], []), f"request {n} failed"
        account.forget()

    assert n > 6


def test_a_recorder_that_is_halfway_through_the_call_when_it_is_deleted_brings_nothing_back(account: Account) -> None:
    """Deleted before the recorder's n-th request, for every n."""
    messages = account.messages(a_call(call_id="gone"))
    for n in count(1):
        account.forget()
        account.given([a_request(call_id="gone", created=CREATED - 5, iteration=9)])
        seen = 0

        def delete_before_nth(_: Sent, n: int = n) -> None:
            nonlocal seen
            seen += 1
            if seen == n:
                delete(account, "gone")

        with tapped(dynamodb.client(), delete_before_nth):
            recorder.handler(queue_event(messages), None)
        if seen < n:
            break

        assert (account.call_ids(), account.listed(call_id="gone")) == ([], []), f"deleted before request {n}"
        assert not [item for item in items(account) if "doc" in item], f"deleted before request {n}"

    assert n > 4


@pytest.mark.parametrize("scopes", ["debug:read", "debug:write", "debug:read,debug:write", ""])
def test_only_the_scope_for_it_deletes(account: Account, scopes: str) -> None:
    account.given(a_call(call_id="stays"))

    reply = account.service.delete("stays", account_id=account.id, accounts=account.id, scopes=scopes)

    assert (reply["statusCode"], reply["json"]["message"]) == (403, "forbidden")
    assert account.call_ids() == ["stays"]


def test_no_token_deletes_in_another_account(account: Account, deployment: Service) -> None:
    account.given(a_call(call_id="theirs"))
    mine = Account.new(deployment)

    refused = deployment.delete("theirs", account_id=account.id, accounts=mine.id)

    assert refused["statusCode"] == 403
    assert delete(mine, "theirs")["deleted"] == 0
    assert account.call_ids() == ["theirs"]


def test_a_path_without_a_call_deletes_nothing(account: Account) -> None:
    account.given(a_call(call_id="stays"))

    reply = account.service.delete("", account_id=account.id, accounts=account.id)

    assert reply["statusCode"] == 400
    assert account.call_ids() == ["stays"]


def test_an_eraser_is_of_one_account() -> None:
    with pytest.raises(ValueError, match="account id"):
        Eraser("DebugTable", "*", dynamodb.client())


@pytest.mark.usefixtures("deployment")
def test_the_sample_event_is_answered() -> None:
    reply = deletion_function.handler(event("delete_call"), None)

    assert reply["statusCode"] == 200
    assert "a7" not in table_text("DebugTable")
