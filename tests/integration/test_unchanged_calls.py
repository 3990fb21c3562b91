"""A client that has read a whole call asks for it again: one look at the call's row tells whether anything is new."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pivot_debug import clock, dynamodb
from pivot_debug.store import DebugStore
from tests.builders import CALL, NOW_MS, a_call, a_request, a_response
from tests.integration.helpers import Account, Reply, tapped

DOCUMENTS = st.lists(
    st.tuples(st.integers(1, 4), st.booleans()).map(lambda one: a_document(*one)), min_size=1, max_size=6
)


def a_document(iteration: int, is_request: bool) -> dict[str, Any]:
    make = a_request if is_request else a_response
    return make(iteration=iteration, created=clock.gregorian(NOW_MS) - 100 + iteration)


def ask(account: Account, known: Reply, **more: Any) -> Reply:
    """Read the call again, as a client that has an earlier answer."""
    return account.get(call_id=CALL, headers={"If-None-Match": known["headers"]["ETag"]}, **more)


def operations_of(account: Account, known: Reply, **more: Any) -> tuple[Reply, Counter[str]]:
    """The answer, and what DebugTable was asked for it."""
    operations: Counter[str] = Counter()
    with tapped(dynamodb.client(), lambda sent: operations.update([sent.operation])):
        reply = ask(account, known, **more)
    return reply, operations


def test_an_unchanged_call_is_a_304_that_reads_no_record(account: Account) -> None:
    account.given(a_call())
    known = account.get(call_id=f"202403-{CALL}")

    reply, operations = operations_of(account, known)

    assert (reply["statusCode"], reply["body"], reply["headers"]["ETag"]) == (304, "", known["headers"]["ETag"])
    assert operations == {"GetItem": 1}


def test_a_call_with_a_new_record_is_read_anew(account: Account) -> None:
    account.given(a_call())
    known = account.get(call_id=CALL)
    account.given([a_document(4, is_request=True)])

    reply = ask(account, known)

    assert reply["statusCode"] == 200
    assert len(reply["json"]["data"]) == len(known["json"]["data"]) + 1


def test_a_verdict_that_came_with_time_is_news(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.given([a_request(created=clock.gregorian(NOW_MS))])
    known = account.get(call_id=CALL)
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + 60_000)

    reply = ask(account, known)

    assert known["json"]["verdict"] == {"status": "pending"}
    assert (reply["statusCode"], reply["json"]["verdict"]["code"]) == (200, "no_response")


def test_a_row_that_runs_behind_its_records_stands_for_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.given(a_call())
    with monkeypatch.context() as patch:
        patch.setattr(DebugStore, "save_summary", lambda *_: True)
        account.given([a_document(4, is_request=True)])
    known = account.get(call_id=CALL)

    reply, operations = operations_of(account, known)

    assert reply["statusCode"] == 304
    assert operations["Query"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": "1"},
        {"ascending": "false"},
        {"created_from": str(clock.gregorian(NOW_MS) - 86_400), "created_to": str(clock.gregorian(NOW_MS))},
    ],
    ids=["a part", "newest first", "bounded"],
)
def test_what_is_not_simply_the_whole_call_is_read_to_tell(account: Account, query: dict[str, str]) -> None:
    account.given(a_call())
    known = account.get(call_id=CALL, query=query)

    reply, operations = operations_of(account, known, query=query)

    assert reply["statusCode"] == 304
    assert operations["Query"] > 0


def test_a_part_of_a_call_is_not_taken_for_the_whole(account: Account) -> None:
    account.given(a_call())
    whole = account.get(call_id=CALL)

    assert ask(account, whole, query={"page_size": "1"})["statusCode"] == 200


def test_a_deleted_call_is_news(account: Account) -> None:
    account.given(a_call())
    known = account.get(call_id=CALL)
    account.service.delete(CALL, account_id=account.id, accounts=account.id)

    assert ask(account, known)["json"]["data"] == []


def test_where_a_record_may_have_expired_the_records_are_read(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.given(a_call())
    known = account.get(call_id=CALL)
    monkeypatch.setattr(clock, "now_ms", lambda: NOW_MS + 400 * clock.DAY_MS)

    _, operations = operations_of(account, known)

    assert operations["Query"] > 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=DOCUMENTS, then=DOCUMENTS)
def test_it_is_a_304_just_where_the_client_has_what_it_would_get(
    account: Account, first: list[dict[str, Any]], then: list[dict[str, Any]]
) -> None:
    fresh = Account.new(account.service)
    fresh.given(first)
    known = fresh.get(call_id=CALL)
    fresh.given(then)
    now = fresh.get(call_id=CALL)

    reply = ask(fresh, known)

    is_same = (known["json"]["data"], known["json"]["verdict"]) == (now["json"]["data"], now["json"]["verdict"])
    assert (reply["statusCode"] == 304) is is_same
