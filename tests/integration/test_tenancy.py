"""Account A's credentials, and everything of account B, whose calls have the same ids."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.debug_api import app as debug_api
from functions.ingest import app as ingest
from functions.recorder import app as recorder
from pivot_debug import dynamodb
from tests.builders import CREATED, NOW_MS, a_call, a_record, a_request, api_event, queue_event
from tests.integration.helpers import Account, Document, Reply, Sent, assert_error, tapped
from tests.integration.service import Service

CANARY = "canary-of-b"
FORBIDDEN = {"message": "forbidden"}
CALL_IDS = ("same", "a/b", "x#y", "100%", "202403-same")


@pytest.fixture(scope="module")
def mine(deployment: Service) -> Account:
    account = Account(deployment, "a" * 31 + "0")
    account.given([document for call_id in CALL_IDS for document in a_call(call_id=call_id)])
    return account


@pytest.fixture(scope="module")
def theirs(deployment: Service) -> Account:
    """The other account: its id begins as mine does, its calls have the same ids and more of them."""
    account = Account(deployment, "a" * 31 + "1")
    account.given(
        [
            a_request(call_id=call_id, created=CREATED + n, pvt_node=CANARY, uri=f"https://{CANARY}.example/{call_id}")
            for n, call_id in enumerate((*CALL_IDS, "only theirs"))
        ]
    )
    return account


def raw(account: Account, path: str, *, resource: str = "list", decoded: bool = False, **request: Any) -> Reply:
    """The request with a path exactly as it came in, and the token of *account*."""
    event = api_event(account_id=account.id, accounts=account.id, **request)
    event["path"] = path
    event["resource"] = "/v2/accounts/{account_id}/pivot/debug" + ("" if resource == "list" else "/{call_id+}")
    handler = ingest.handler if event["httpMethod"] == "PUT" else debug_api.handler
    with pytest.MonkeyPatch.context() as patch:
        if decoded:
            patch.setenv("PATH_PARAMETERS", "decoded")
        return handler(event, None)


def spellings(mine: str, theirs: str) -> list[str]:
    """Ways to write the other account into a path."""
    return [
        theirs,
        theirs.upper(),
        quote(theirs).replace("a", "%61"),
        "".join(f"%{ord(letter):02x}" for letter in theirs),
        "".join(f"%25{ord(letter):02x}" for letter in theirs),
        f"{theirs}%00",
        f"{theirs}%20",
        f" {theirs}",
        f"{theirs}/",
        f"/{theirs}",
        f"{theirs}.",
        f"./{theirs}",
        f"{mine}/../{theirs}",
        f"{mine}%2F..%2F{theirs}",
        f"{mine}/accounts/{theirs}",
        f"x/accounts/{theirs}",
        f"{mine},{theirs}",
        f"{theirs},{mine}",
        f"{mine}%2C{theirs}",
        f"{mine}%23202403",
        f"{mine}?account_id={theirs}",
        f"{mine}#{theirs}",
        f"{mine};{theirs}",
        f"{mine}%0A{theirs}",
        "*",
        "%2A",
        "",
        "a" * 31,
        mine[:-1] + "?",
        theirs.translate(str.maketrans("01", "０１")),  # noqa: RUF001 - full-width digits
    ]


SPELLINGS = spellings("a" * 31 + "0", "a" * 31 + "1")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize("rest", ["/pivot/debug", "/pivot/debug/same", "/pivot/debug/only%20theirs"])
@pytest.mark.usefixtures("theirs")
def test_no_spelling_of_another_account_in_the_path_shows_anything_of_it(
    mine: Account, spelling: str, rest: str, *, decoded: bool
) -> None:
    resource = "list" if rest == "/pivot/debug" else "call"

    reply = raw(mine, f"/v2/accounts/{spelling}{rest}", resource=resource, decoded=decoded)

    assert_error(reply, 403, "forbidden", FORBIDDEN)


@pytest.mark.parametrize(
    "path",
    [
        "/v2/accounts/{mine}/pivot/debug/../../../{theirs}/pivot/debug/same",
        "/v2/accounts/{mine}/pivot/debug/%2E%2E/%2E%2E/%2E%2E/{theirs}/pivot/debug/same",
        "/v2/accounts/{mine}/pivot/debug/accounts/{theirs}/pivot/debug/same",
        "/v2/accounts/{mine}/pivot/debug//accounts/{theirs}/pivot/debug/",
        "/v2/accounts/{mine}/pivot/debug/{theirs}%23202403",
        "/v2/accounts/{mine}/pivot/debug/{theirs}%23202403%23same",
        "/v2/accounts/{mine}/pivot/debug/same%23!summary",
        "/v2/accounts/{mine}/pivot/debug/only%20theirs",
        "/v2/accounts/{mine}/pivot/debug/202403-only%20theirs",
        "/v2/accounts/{mine}/pivot/debug/{theirs}-202403",
        "/v2/accounts/{mine}/pivot/debug/*",
        "/v2/accounts/{mine}/pivot/debug/%",
        "/v2/accounts/{mine}/pivot/debug/%00",
    ],
)
@pytest.mark.parametrize("decoded", [False, True])
def test_no_call_id_reaches_into_another_account(mine: Account, theirs: Account, path: str, *, decoded: bool) -> None:
    reply = raw(mine, path.format(mine=mine.id, theirs=theirs.id), resource="call", decoded=decoded)

    assert reply["statusCode"] == 200, reply["body"]
    assert json.loads(reply["body"])["data"] == []


@given(
    call_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    form=st.sampled_from(["{}", "202403-{}", "{}#!summary", "{}#202403"]),
)
@settings(max_examples=40, deadline=None)
@pytest.mark.usefixtures("theirs")
def test_every_read_stays_in_the_partitions_of_its_own_account(mine: Account, call_id: str, form: str) -> None:
    reads: list[Sent] = []

    with tapped(dynamodb.client(), reads.append):
        reply = mine.get(call_id=form.format(call_id))

    assert CANARY not in reply["body"]
    assert {one.partition.split("#")[0] for one in reads} == {mine.id}


@pytest.mark.parametrize("call_id", CALL_IDS)
@pytest.mark.usefixtures("theirs")
def test_calls_of_the_same_id_stay_apart(mine: Account, call_id: str) -> None:
    replies = [
        mine.get(call_id=call_id, query={"paginate": paginate, "ascending": ascending, "accept": accept})
        for paginate in ("true", "false")
        for ascending in ("true", "false")
        for accept in ("json", "csv")
    ]

    assert {reply["statusCode"] for reply in replies} == {200}
    assert [reply for reply in replies if CANARY in json.dumps(reply)] == []
    assert replies[0]["json"]["page_size"] == 2


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"filter_uri": CANARY},
        {"filter_node": CANARY},
        {"filter_call_id": "only theirs"},
        {"filter_call_id": '["only theirs","same"]'},
        {"filter_debug_id": "202403-only theirs"},
        {"has_errors": "true"},
        {"has_errors": "false"},
        {"error_code": "no_response"},
        {"paginate": "false"},
        {"ascending": "true"},
        {"accept": "csv"},
        {"account_id": "a" * 31 + "1"},
        {"auth_token": "pvd_x"},
    ],
)
@pytest.mark.usefixtures("theirs")
def test_no_filter_lets_another_accounts_calls_through(mine: Account, query: dict[str, str]) -> None:
    reply = mine.get(query=query)

    assert reply["statusCode"] == 200
    assert CANARY not in json.dumps({name: value for name, value in reply.items() if name != "headers"})


@pytest.mark.parametrize("name", ["filter_pvt_account_id", "filter_account_id", "filter_pk", "filter_sk"])
def test_there_is_no_filter_on_what_an_account_is_kept_under(mine: Account, theirs: Account, name: str) -> None:
    reply = mine.get(query={name: theirs.id})

    assert reply["statusCode"] == 400


@pytest.mark.parametrize("call_id", [None, "same"])
def test_a_cursor_of_another_account_opens_nothing(mine: Account, theirs: Account, call_id: str | None) -> None:
    theirs.given(a_call(call_id="same", created=CREATED + 20))
    cursor = theirs.get(call_id=call_id, query={"page_size": "1"})["json"]["next_start_key"]

    reply = mine.get(call_id=call_id, query={"page_size": "1", "start_key": cursor})

    assert (reply["statusCode"], reply["json"]["message"]) == (400, "validation error")
    assert CANARY not in reply["body"]


def test_a_cursor_whose_content_was_changed_to_another_account_opens_nothing(mine: Account, theirs: Account) -> None:
    cursor = mine.get(query={"page_size": "1"})["json"]["next_start_key"]
    payload, mac = cursor.split(".")
    content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    changed = content.replace("202403", f"202403#{theirs.id}")
    forged = base64.urlsafe_b64encode(changed.encode()).rstrip(b"=").decode()

    reply = mine.get(query={"page_size": "1", "start_key": f"{forged}.{mac}"})

    assert changed != content
    assert reply["statusCode"] == 400


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("decoded", [False, True])
def test_no_spelling_of_another_account_takes_documents_in_for_it(
    mine: Account, theirs: Account, spelling: str, *, decoded: bool
) -> None:
    body = json.dumps({"data": theirs.own(a_request(call_id="planted"))})

    reply = raw(mine, f"/v2/accounts/{spelling}/pivot/debug", method="PUT", body=body, decoded=decoded)

    assert_error(reply, 403, "forbidden", FORBIDDEN)
    assert mine.service.receive() == []


@pytest.mark.parametrize("name", ["pvt_account_id", "pvt_account_db"])
def test_documents_of_another_account_are_refused_on_the_way_in(mine: Account, theirs: Account, name: str) -> None:
    document = {**a_request(call_id="planted"), "pvt_account_id": None, name: theirs.id}

    reply = mine.put([document, mine.own(a_request(call_id="planted"))])
    messages = mine.service.receive()

    assert [one["index"] for one in reply["json"]["data"]["rejected"]] == [0]
    assert [json.loads(message)["account_id"] for message in messages] == [mine.id]


@pytest.mark.parametrize("call_id", ["same#!summary", "x#202403", "a" * 31 + "1#202403", "%23", "../same", "same%23!"])
def test_no_call_id_makes_the_recorder_write_into_another_accounts_partition(mine: Account, call_id: str) -> None:
    messages = mine.messages([a_request(call_id=call_id)])
    writes: list[Sent] = []

    with tapped(dynamodb.client(), writes.append):
        reply = recorder.handler(queue_event(messages), None)

    assert reply == {"batchItemFailures": []}
    assert {one.partition for one in writes} == {f"{mine.id}#202403"}
    assert [record["call_id"] for record in mine.listed(call_id=call_id)] == [call_id]


def test_a_delivery_whose_account_was_tampered_with_writes_nowhere(mine: Account, theirs: Account) -> None:
    record = a_record(a_request(call_id="planted"))
    entry = {"call_id": "planted", "seq": str(record.seq), "doc": base64.b64encode(record.packed).decode()}
    content = {"received_ms": NOW_MS, "retention_days": 30, "records": [entry]}
    forged = [f"{theirs.id}#202403", f" {theirs.id}", theirs.id.upper(), f"{mine.id},{theirs.id}"]
    writes: list[Sent] = []

    with tapped(dynamodb.client(), writes.append):
        messages = [json.dumps(content | {"account_id": account_id}) for account_id in forged]
        reply = recorder.handler(queue_event(messages), None)

    assert len(reply["batchItemFailures"]) == len(forged)
    assert writes == []


@pytest.mark.parametrize("call_id", CALL_IDS)
def test_a_call_id_that_begins_as_another_does_not_show_its_records(mine: Account, call_id: str) -> None:
    shorter = call_id[:-1]

    assert mine.listed(call_id=shorter) == []


def test_an_operators_token_sees_each_account_and_never_two_at_once(mine: Account, theirs: Account) -> None:
    replies: list[Document] = [account.get(accounts="*")["json"] for account in (mine, theirs)]

    assert (CANARY in json.dumps(replies[0]), CANARY in json.dumps(replies[1])) == (False, True)


def test_a_token_of_two_accounts_sees_each_of_them_apart(mine: Account, theirs: Account) -> None:
    both = f"{mine.id},{theirs.id}"

    replies = [account.get(accounts=both)["json"] for account in (mine, theirs)]

    assert (CANARY in json.dumps(replies[0]), CANARY in json.dumps(replies[1])) == (False, True)


def test_the_store_refuses_to_open_for_what_is_no_account(deployment: Service) -> None:
    for odd in ("", "*", "a" * 31, f"{'a' * 32}#202403", "A" * 32):
        with pytest.raises(ValueError, match="account id"):
            deployment.store(odd)
