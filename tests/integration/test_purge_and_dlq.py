"""What operators do in a bad hour: forget an account, and bring dead letters back."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from pivot_debug import dynamodb, tokens
from pivot_debug.account_store import AccountSettings
from pivot_debug.tokens import ALL_ACCOUNTS
from pivot_debug_cli.main import app
from tests.builders import ACCOUNT, CALL, OTHER_ACCOUNT, a_call, a_request
from tests.integration.helpers import Sent, aws_error, deployed, table_text, tapped
from tests.integration.service import Service

NOW = 1_710_278_736
RELAYS = {
    "TableName": "RelayTableOfThisTest",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("account_id", "relay_id")],
    "KeySchema": [
        {"AttributeName": "account_id", "KeyType": "HASH"},
        {"AttributeName": "relay_id", "KeyType": "RANGE"},
    ],
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with deployed() as deployed_service:
        dead = boto3.client("sqs").create_queue(QueueName="dead", Attributes={"MaximumMessageSize": "1048576"})
        monkeypatch.setenv("RECORD_DEAD_LETTER_QUEUE_URL", dead["QueueUrl"])
        for variable in ("TOKEN_TABLE", "ACCOUNT_TABLE", "DEBUG_TABLE"):
            monkeypatch.setenv(variable, {"T": "TokenTable", "A": "AccountTable", "D": "DebugTable"}[variable[0]])
        yield deployed_service


def pivot_debug(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=stdin)


def a_token(service: Service, *accounts: str) -> str:
    _, row = tokens.new_token(name="n", accounts=accounts, scopes=("debug:read",), now=NOW)
    service.tokens().add(row)
    return row.token_id


def put_relay(account_id: str) -> None:
    item: Any = {"account_id": {"S": account_id}, "relay_id": {"S": "r"}}
    dynamodb.client().put_item(TableName="RelayTableOfThisTest", Item=item)


# ---------------------------------------------------------------- purge


def test_after_a_purge_nothing_of_the_account_is_left_and_all_of_the_others(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Any = dynamodb.client()
    client.create_table(**RELAYS)
    monkeypatch.setenv("RELAY_TABLE", "RelayTableOfThisTest")
    service.given([*a_call(), *a_call(call_id="old", created=63_555_555_555), *a_call(call_id="x#y")])
    service.put(
        [document | {"pvt_account_id": OTHER_ACCOUNT} for document in a_call()],
        account_id=OTHER_ACCOUNT,
        accounts=OTHER_ACCOUNT,
    )
    service.record_queue()
    alone, shared, operators = (
        a_token(service, ACCOUNT),
        a_token(service, ACCOUNT, OTHER_ACCOUNT),
        a_token(service, ALL_ACCOUNTS),
    )
    service.accounts().save(ACCOUNT, AccountSettings(retention_days=7))
    for account in (ACCOUNT, OTHER_ACCOUNT):
        put_relay(account)

    result = pivot_debug("account", "purge", ACCOUNT, "--yes", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "account_id": ACCOUNT,
        "tokens": 2,
        "relays": 1,
        "dead_letters": 0,
        "items": 9,
    }
    assert "202403: 6 items deleted" in result.stderr
    for table in ("DebugTable", "TokenTable", "AccountTable", "RelayTableOfThisTest"):
        assert ACCOUNT not in table_text(table)
    assert service.tokens().find(alone) is None
    kept = service.tokens().find(shared)
    assert kept is not None
    assert kept.accounts == (OTHER_ACCOUNT,)
    assert service.tokens().find(operators) is not None
    assert len(service.listed(account_id=OTHER_ACCOUNT, accounts=OTHER_ACCOUNT)) == 1


def test_a_purge_asks_first_and_a_no_deletes_nothing(service: Service) -> None:
    service.given(a_call())

    result = pivot_debug("account", "purge", ACCOUNT, stdin="n\n")

    assert result.exit_code == 2
    assert "nothing was deleted" in result.stderr
    assert len(service.listed()) == 1
    assert service.accounts().settings(ACCOUNT).recording is True


def test_a_purge_that_was_cut_off_refuses_documents_until_it_is_run_again(service: Service) -> None:
    service.given([a_request(call_id=f"call-{n}") for n in range(40)])
    deletes = 0

    def fail(sent: Sent) -> None:
        nonlocal deletes
        deletes += sent.operation == "BatchWriteItem"
        if sent.operation == "BatchWriteItem" and deletes > 1:
            raise aws_error("InternalServerError", sent.operation)

    with tapped(dynamodb.client(), fail):
        stopped = pivot_debug("account", "purge", ACCOUNT, "--yes")
    assert stopped.exit_code == 2
    assert "try again in a moment" in stopped.stderr
    assert service.accounts().settings(ACCOUNT).recording is False

    result = pivot_debug("account", "purge", ACCOUNT, "--yes", "--json")

    assert json.loads(result.stdout)["items"] == 80 - 25
    assert service.accounts().settings(ACCOUNT) == AccountSettings()
    assert json.loads(pivot_debug("account", "purge", ACCOUNT, "--yes", "--json").stdout)["items"] == 0


def test_a_purge_takes_the_dead_letters_of_the_account_and_leaves_all_others(service: Service) -> None:
    given_dead_letters(service, account_id=OTHER_ACCOUNT)
    given_dead_letters(service, "poison", f'{{"account_id": "{ACCOUNT}", "records": "cut o')

    result = pivot_debug("account", "purge", ACCOUNT, "--yes")

    assert "dead letters  2" in result.stdout
    letters = json.loads(pivot_debug("dlq", "show", "--json").stdout)
    assert sorted(str(letter.get("account_id")) for letter in letters) == ["None", OTHER_ACCOUNT]
    pivot_debug("dlq", "redrive")
    service.record_queue()
    assert ACCOUNT not in table_text("DebugTable")
    assert len(service.listed(account_id=OTHER_ACCOUNT, accounts=OTHER_ACCOUNT)) == 2


def test_dead_letters_that_only_speak_of_the_account_stay(service: Service) -> None:
    given_dead_letters(service, account_id=OTHER_ACCOUNT, call_id=ACCOUNT)

    assert json.loads(pivot_debug("account", "purge", ACCOUNT, "--yes", "--json").stdout)["dead_letters"] == 0
    (letter,) = json.loads(pivot_debug("dlq", "show", "--json").stdout)
    assert ACCOUNT in letter["calls"]


def test_a_purge_tells_how_far_it_is_with_many_dead_letters(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pivot_debug_cli.purge_command._LETTERS_AT_ONCE", 10)
    given_dead_letters(service, *(f"poison-{n}" for n in range(20)))

    result = pivot_debug("account", "purge", ACCOUNT, "--yes")

    assert "20 dead letters looked through, " in result.stderr
    assert len(json.loads(pivot_debug("dlq", "show", "--json").stdout)) == 20


def test_dead_letters_that_others_see_again_already_end_no_purge(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pivot_debug_cli.purge_command._PATIENCE", 0)
    given_dead_letters(service, account_id=OTHER_ACCOUNT)

    result = pivot_debug("account", "purge", ACCOUNT, "--yes")

    assert result.exit_code == 0, result.output


# ---------------------------------------------------------------- dead letters


def given_dead_letters(service: Service, *more: str, account_id: str = ACCOUNT, call_id: str = CALL) -> None:
    """Deliveries of two calls, and whatever else."""
    documents = [*a_call(call_id=call_id), a_request(call_id="two")]
    own = [document | {"pvt_account_id": account_id} for document in documents]
    service.put(own, account_id=account_id, accounts=account_id)
    sqs = boto3.client("sqs")
    dead = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    for body in (*service.receive(), *more):
        sqs.send_message(QueueUrl=dead, MessageBody=body)


def test_dead_letters_are_shown_without_their_records_and_stay(service: Service) -> None:
    given_dead_letters(service, "poison")

    shown = [json.loads(pivot_debug("dlq", "show", "--json").stdout) for _ in range(2)]

    told = sorted(shown[0], key=lambda letter: letter["is_delivery"])
    assert [letter["is_delivery"] for letter in told] == [False, True]
    assert (told[1]["account_id"], told[1]["records"], told[1]["calls"]) == (ACCOUNT, 3, [CALL, "two"])
    assert shown[1] == shown[0]


def test_dead_letters_are_shown_as_a_table(service: Service) -> None:
    given_dead_letters(service, "poison")

    lines = pivot_debug("dlq", "show").stdout.splitlines()

    assert lines[0].split() == ["MESSAGE", "SENT", "ACCOUNT", "RECORDS", "CALLS"]
    assert sorted(line.split()[2] for line in lines[1:]) == [ACCOUNT, "no"]


def test_redriven_letters_are_recorded_and_poison_stays(service: Service) -> None:
    given_dead_letters(service, "poison")

    result = pivot_debug("dlq", "redrive")

    assert result.stdout == "1 messages given back to the recorder\n"
    assert "1 messages stay: they are no deliveries" in result.stderr
    assert service.record_queue() == []
    assert sorted(call["call_id"] for call in service.listed()) == [CALL, "two"]
    assert [letter["is_delivery"] for letter in json.loads(pivot_debug("dlq", "show", "--json").stdout)] == [False]


def test_a_letter_that_is_redriven_twice_is_stored_once(service: Service) -> None:
    given_dead_letters(service)
    service.given([*a_call(), a_request(call_id="two")])

    pivot_debug("dlq", "redrive")
    service.record_queue()

    assert sorted(call["records"] for call in service.listed()) == [1, 2]


def test_everything_is_given_back_where_the_operator_says_so(service: Service) -> None:
    given_dead_letters(service, "poison")

    pivot_debug("dlq", "redrive", "--all")

    assert "poison" in service.receive()
    assert "is empty" in pivot_debug("dlq", "show").stderr


def test_only_so_many_are_looked_at_as_was_asked_for(service: Service) -> None:
    given_dead_letters(service, *(f"poison-{n}" for n in range(15)))

    assert len(json.loads(pivot_debug("dlq", "show", "--limit", "12", "--json").stdout)) == 12
    assert len(json.loads(pivot_debug("dlq", "show", "--json").stdout)) == 16
