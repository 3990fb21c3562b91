import email.utils
import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import httpx
import pytest
from botocore.client import BaseClient
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    UnknownServiceError,
)
from moto import mock_aws
from typer.main import get_command
from typer.testing import CliRunner, Result

from functions.ingest import app as ingest_function
from pivot_debug import __version__, aws_client, clock, dynamodb, tokens
from pivot_debug.account_store import AccountSettings, AccountStore
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.token_store import TokenStore
from pivot_debug_cli import delivery, ingest_command
from pivot_debug_cli.batches import MAX_BYTES, Parcel, encode
from pivot_debug_cli.dumps import Entry
from pivot_debug_cli.failures import CommandError, explain
from pivot_debug_cli.main import app
from tests.builders import ACCOUNT, CALL, OTHER_ACCOUNT, TOKEN, a_call, a_request, api_event
from tests.integration.service import Service
from tests.template import ROOT as ROOT_FOLDER
from tests.template import table_definition

ROOT = "https://api.example.com/dev/v2"
NOW = 1_710_278_736
"""2024-03-12T21:25:36Z."""


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty folder and an environment that names no deployment; what a command changes in it is undone."""
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(os.environ):
        for name in ("ACCOUNT_ID", "ACCOUNT_TABLE", "API_ROOT", "AUTH_TOKEN", "AWS_REGION", "PIVOT_DEBUG_STACK"):
            os.environ.pop(name, None)
        for name in ("TOKEN_TABLE", "DEBUG_TABLE", "RELAY_TABLE", "RECORD_QUEUE_URL", "RECORD_DEAD_LETTER_QUEUE_URL"):
            os.environ.pop(name, None)
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        forget_clients()
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield
        forget_clients()


def forget_clients() -> None:
    """Clients, and the session that found their credentials."""
    aws_client.aws_client.cache_clear()
    aws_client._session.cache_clear()


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The two tables of an operator, as template.yaml has them, named by the environment."""
    with mock_aws():
        for variable, table in {"TOKEN_TABLE": "TokenTable", "ACCOUNT_TABLE": "AccountTable"}.items():
            boto3.client("dynamodb").create_table(**table_definition(table))
            monkeypatch.setenv(variable, table)
        monkeypatch.setattr(clock, "now_ms", lambda: NOW * 1000)
        yield


def pivot_debug(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=stdin)


def the_error(result: Result) -> str:
    """The one line that a failed command leaves: on stderr, with nothing on stdout."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("pivot-debug: ")
    return result.stderr.removeprefix("pivot-debug: ").rstrip("\n")


def created(*arguments: str) -> dict[str, Any]:
    """What ``token create --json`` tells."""
    result = pivot_debug("token", "create", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    token: dict[str, Any] = json.loads(result.stdout)
    return token


def described_tokens(*arguments: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(pivot_debug("token", "list", "--json", *arguments).stdout)
    return rows


# ---------------------------------------------------------------- token


@pytest.mark.usefixtures("tables")
class TestToken:
    def test_a_new_token_stands_alone_on_stdout_and_lets_its_account_be_read(self) -> None:
        result = pivot_debug("token", "create", ACCOUNT)

        assert result.exit_code == 0
        token_id, secret = tokens.split(result.stdout.removesuffix("\n"))
        row = TokenStore("TokenTable", dynamodb.client()).find(token_id)
        caller = tokens.verify(secret, row, NOW)
        assert (caller.accounts, caller.scopes, caller.expires) == ((ACCOUNT,), ("debug:read",), None)

    def test_a_new_token_comes_with_a_note_of_what_it_may_do(self) -> None:
        result = pivot_debug(
            "token", "create", ACCOUNT, OTHER_ACCOUNT, "--scopes", "debug:read,debug:write", "--days", "7"
        )

        note = result.stderr
        assert "shown once" in note
        assert f"may use debug:read, debug:write on {ACCOUNT}, {OTHER_ACCOUNT}, until 2024-03-19T21:25:36Z" in note
        assert result.stdout.strip() not in note

    def test_as_json_a_new_token_tells_what_it_may_do_and_no_more(self) -> None:
        result = pivot_debug("token", "create", ACCOUNT, "--days", "7", "--name", "Monster UI", "--json")

        assert result.stderr == ""
        told = json.loads(result.stdout)
        assert told == {
            "token": told["token"],
            "token_id": tokens.split(told["token"])[0],
            "accounts": [ACCOUNT],
            "scopes": ["debug:read"],
            "expires": "2024-03-19T21:25:36Z",
        }

    def test_a_token_may_be_for_all_accounts_and_for_ever(self) -> None:
        token = created("--all-accounts", "--scopes", "debug:write")

        assert token["accounts"] == ["*"]
        assert token["scopes"] == ["debug:write"]
        assert "expires" not in token

    def test_the_list_shows_every_token_but_no_secret(self) -> None:
        token = created(ACCOUNT, "--name", "Monster UI [red]\x1b[2J", "--days", "7")

        result = pivot_debug("token", "list")

        heading, row = result.stdout.splitlines()
        assert heading.split() == ["ID", "NAME", "ACCOUNTS", "SCOPES", "CREATED", "EXPIRES", "STATE", "LAST", "4"]
        assert row.split() == [
            token["token_id"], "Monster", "UI", "[red]", "[2J", ACCOUNT, "debug:read",
            "2024-03-12", "2024-03-19", "active", token["token"][-4:],
        ]  # fmt: skip
        assert token["token"] not in result.stdout

    def test_the_list_tells_the_state_of_each_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lasting, revoked, expiring = created(ACCOUNT), created(ACCOUNT), created(ACCOUNT, "--days", "1")
        pivot_debug("token", "revoke", revoked["token_id"])
        monkeypatch.setattr(clock, "now_ms", lambda: (NOW + 86_400) * 1000)

        states = {row["token_id"]: row["state"] for row in described_tokens()}

        assert states == {
            lasting["token_id"]: "active",
            revoked["token_id"]: "revoked",
            expiring["token_id"]: "expired",
        }

    def test_as_json_the_list_tells_all_but_the_secret(self) -> None:
        token = created(ACCOUNT, "--name", "Monster UI", "--days", "7")
        pivot_debug("token", "revoke", token["token_id"])

        rows = described_tokens()

        assert rows == [
            {
                "token_id": token["token_id"],
                "name": "Monster UI",
                "accounts": [ACCOUNT],
                "scopes": ["debug:read"],
                "created": "2024-03-12T21:25:36Z",
                "expires": "2024-03-19T21:25:36Z",
                "revoked": "2024-03-12T21:25:36Z",
                "state": "revoked",
                "last_four": token["token"][-4:],
            }
        ]

    def test_the_list_of_an_account_holds_what_may_use_it(self) -> None:
        own, everywhere, _other = created(ACCOUNT), created("--all-accounts"), created(OTHER_ACCOUNT)

        rows = described_tokens("--account", ACCOUNT)

        assert {row["token_id"] for row in rows} == {own["token_id"], everywhere["token_id"]}

    def test_an_empty_list_tells_how_to_make_a_token(self) -> None:
        result = pivot_debug("token", "list")

        assert (result.exit_code, result.stdout) == (0, "")
        assert "pivot-debug token create" in result.stderr

    @pytest.mark.parametrize("key", ["token_id", "token"])
    def test_a_token_is_revoked_by_its_id_or_by_itself(self, key: str) -> None:
        token = created(ACCOUNT)

        result = pivot_debug("token", "revoke", token[key])

        assert result.exit_code == 0
        assert "works on for 60 seconds at most" in result.stdout
        assert token["token"] not in result.output
        assert described_tokens()[0]["state"] == "revoked"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["create"], "which accounts may the token use? Give their ids, or --all-accounts"),
            (["create", "konami"], "'konami' is not an account id: 32 characters, 0-9 and a-f"),
            (["create", ACCOUNT.upper()], "'0123456789ABCDEF0123456789ABCDEF' is not an account id"),
            (["create", ACCOUNT, "--all-accounts"], "give either account ids or --all-accounts"),
            (["create", *(f"{n:032x}" for n in range(11))], "a token lists at most 7 accounts"),
            (["create", ACCOUNT, "--scopes", "debug:all"], "'debug:all' is not a scope: there are debug:read and"),
            (["list", "--account", "x"], "'x' is not an account id"),
            (["revoke", "aaaaaaaaaaaaaaaa"], "no token has the id aaaaaaaaaaaaaaaa: see pivot-debug token list"),
            (["revoke", "pvd_half"], "this is not a whole token: give its id instead"),
            (["revoke", ""], "which token? Give its id"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_told_in_one_line(self, arguments: list[str], message: str) -> None:
        result = pivot_debug("token", *arguments)

        assert the_error(result).startswith(message)


# ---------------------------------------------------------------- account


@pytest.mark.usefixtures("tables")
class TestAccount:
    def settings(self) -> AccountSettings:
        return AccountStore("AccountTable", dynamodb.client()).settings(ACCOUNT)

    def test_an_account_is_recorded_and_kept_as_the_deployment_says_unless_set(self) -> None:
        result = pivot_debug("account", "show", ACCOUNT)

        rows = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
        assert rows[:3] == [["account", ACCOUNT], ["recording", "on"], ["retention", "the deployment's default"]]
        assert rows[3:] == [["keyed", "digits  hidden from 4 digits on, card numbers too"]]

    def test_what_is_not_given_stays(self) -> None:
        pivot_debug("account", "set", ACCOUNT, "--retention-days", "7")

        pivot_debug("account", "set", ACCOUNT, "--recording", "off")

        assert self.settings() == AccountSettings(recording=False, retention_days=7)

    def test_retention_goes_back_to_the_default(self) -> None:
        pivot_debug("account", "set", ACCOUNT, "--retention-days", "7", "--recording", "off")

        pivot_debug("account", "set", ACCOUNT, "--default-retention")

        assert self.settings() == AccountSettings(recording=False, retention_days=None)

    def test_digits_are_kept_where_the_operator_says_so(self) -> None:
        pivot_debug("account", "set", ACCOUNT, "--retention-days", "7")

        result = pivot_debug("account", "set", ACCOUNT, "--keep-digits", "on")

        assert self.settings() == AccountSettings(retention_days=7, keep_digits=True)
        assert "kept" in result.stdout

    def test_a_change_is_shown_with_the_time_it_takes(self) -> None:
        result = pivot_debug("account", "set", ACCOUNT, "--retention-days", "7")

        assert "7 days" in result.stdout
        assert "in effect within 10 seconds" in result.stderr

    def test_as_json_the_settings_leave_out_what_is_not_set(self) -> None:
        before = json.loads(pivot_debug("account", "show", ACCOUNT, "--json").stdout)
        pivot_debug("account", "set", ACCOUNT, "--retention-days", "7", "--recording", "off")
        after = json.loads(pivot_debug("account", "show", ACCOUNT, "--json").stdout)

        assert before == {"account_id": ACCOUNT, "recording": True, "keep_digits": False}
        assert after == {"account_id": ACCOUNT, "recording": False, "keep_digits": False, "retention_days": 7}

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["show", "konami"], "'konami' is not an account id"),
            (["set", "konami", "--recording", "on"], "'konami' is not an account id"),
            (["set", ACCOUNT], "nothing to set: give --recording, --retention-days, --default-retention or"),
            (["set", ACCOUNT, "--retention-days", "7", "--default-retention"], "give either --retention-days or"),
        ],
    )
    def test_a_mistake_is_told_in_one_line(self, arguments: list[str], message: str) -> None:
        result = pivot_debug("account", *arguments)

        assert the_error(result).startswith(message)

    def test_retention_beyond_the_limit_is_wrong_usage(self) -> None:
        result = pivot_debug("account", "set", ACCOUNT, "--retention-days", "401")

        assert result.exit_code == 2
        assert "less than or equal to 400" in result.stderr


# ---------------------------------------------------------------- where the deployment is


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Outputs of the stack ``prod``, the only one that CloudFormation knows."""
    found = {"TokenTable": "TokenTable", "AccountTable": "AccountTable", "ApiRoot": ROOT}
    call = vars(BaseClient)["_make_api_call"]

    def describe(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation != "DescribeStacks":
            return call(self, operation, arguments)
        if arguments["StackName"] != "prod":
            message = f"Stack with id {arguments['StackName']} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)
        listed = [{"OutputKey": key, "OutputValue": value} for key, value in found.items()]
        return {"Stacks": [{"StackName": "prod", "Outputs": listed}]}

    monkeypatch.setattr(BaseClient, "_make_api_call", describe)
    return found


def given_local_stack(**variables: str) -> None:
    """``.local/stack.env`` as make run writes it."""
    Path(".local").mkdir()
    Path(".local/stack.env").write_text("".join(f"export {name}='{value}'\n" for name, value in variables.items()))


class TestDeployment:
    @pytest.mark.parametrize("how", ["option", "environment"])
    @pytest.mark.usefixtures("tables", "outputs")
    def test_the_stack_names_the_tables(self, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
        monkeypatch.delenv("TOKEN_TABLE")
        if how == "environment":
            monkeypatch.setenv("PIVOT_DEBUG_STACK", "prod")

        result = pivot_debug("token", "create", ACCOUNT, *(["--stack", "prod"] if how == "option" else []))

        assert result.exit_code == 0

    @pytest.mark.usefixtures("tables")
    def test_tables_in_the_environment_need_no_stack(self) -> None:
        assert pivot_debug("token", "create", ACCOUNT).exit_code == 0

    @pytest.mark.usefixtures("tables")
    def test_after_make_run_no_setting_is_needed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("TOKEN_TABLE", "ACCOUNT_TABLE", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name)
        given_local_stack(TOKEN_TABLE="TokenTable", AWS_ACCESS_KEY_ID="test", AWS_REGION="eu-central-1")

        result = pivot_debug("token", "create", ACCOUNT, "--json")

        assert result.exit_code == 0
        assert result.stderr == "pivot-debug: using .local/stack.env\n"
        assert list(json.loads(result.stdout)) == ["token", "token_id", "accounts", "scopes"]

    @pytest.mark.usefixtures("tables")
    def test_the_local_stack_gets_no_credentials_of_the_person(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
        given_local_stack(
            TOKEN_TABLE="TokenTable",
            ACCOUNT_TABLE="AccountTable",
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
        )

        pivot_debug("token", "list")

        assert os.environ["AWS_ACCESS_KEY_ID"] == "test"

    @pytest.mark.usefixtures("outputs")
    @pytest.mark.parametrize("named", ["TOKEN_TABLE", "AWS_ENDPOINT_URL", "PIVOT_DEBUG_STACK", "API_ROOT"])
    def test_the_local_stack_is_left_alone_where_another_deployment_is_named(
        self, monkeypatch: pytest.MonkeyPatch, named: str
    ) -> None:
        monkeypatch.setenv(named, "https://elsewhere.example.com")
        given_local_stack(AWS_ENDPOINT_URL="http://127.0.0.1:4566", AUTH_TOKEN=TOKEN, API_ROOT=ROOT)

        pivot_debug("ingest", "no-such-file")

        assert "AUTH_TOKEN" not in os.environ

    def test_an_empty_variable_keeps_the_local_stacks_value_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ACCOUNT_ID", "")
        given_local_stack(ACCOUNT_ID=ACCOUNT, AUTH_TOKEN=TOKEN, API_ROOT=ROOT)

        pivot_debug("ingest", "no-such-file")

        assert os.environ["ACCOUNT_ID"] == ""

    def test_a_damaged_file_of_the_local_stack_is_told(self) -> None:
        Path(".local").mkdir()
        Path(".local/stack.env").write_text("export API_ROOT='http")

        assert the_error(pivot_debug("token", "list")).startswith("cannot read .local/stack.env (No closing quotation)")

    def test_without_a_deployment_the_line_tells_how_to_name_one(self) -> None:
        assert the_error(pivot_debug("token", "list")) == (
            "which deployment? Name its stack with --stack or PIVOT_DEBUG_STACK, "
            "or run this in the folder where make run has started a local stack"
        )

    @pytest.mark.usefixtures("outputs")
    def test_an_unknown_stack_is_told_with_its_region(self) -> None:
        line = the_error(pivot_debug("token", "list", "--stack", "production"))

        assert line == "no stack production in eu-central-1: check --stack, AWS_REGION and AWS_PROFILE"

    @pytest.mark.usefixtures("outputs")
    def test_the_region_may_stand_in_aws_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REGION", "eu-west-1")

        line = the_error(pivot_debug("token", "list", "--stack", "production"))

        assert "no stack production in eu-west-1" in line

    def test_a_stack_of_something_else_is_told(self, outputs: dict[str, str]) -> None:
        del outputs["TokenTable"]

        line = the_error(pivot_debug("token", "list", "--stack", "prod"))

        assert line == "stack prod has no output TokenTable: is it a deployment of pivot-debug?"

    def test_a_missing_region_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOKEN_TABLE", "TokenTable")
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        monkeypatch.delenv("AWS_DEFAULT_REGION")

        assert the_error(pivot_debug("token", "list")).startswith("no AWS region: set AWS_REGION")

    def test_missing_credentials_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOKEN_TABLE", "TokenTable")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, os.devnull)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)

        assert the_error(pivot_debug("token", "list")).startswith("no AWS credentials (")

    @pytest.mark.usefixtures("tables")
    def test_a_missing_table_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOKEN_TABLE", "Elsewhere")

        assert the_error(pivot_debug("token", "list")).startswith("no such table in this AWS account and region")

    @pytest.mark.parametrize(
        ("error", "line"),
        [
            (NoCredentialsError(), "no AWS credentials (Unable to locate credentials): set AWS_PROFILE"),
            (CredentialRetrievalError(provider="sso", error_msg="expired"), "no AWS credentials (Error when"),
            (ProfileNotFound(profile="prod"), "The config profile (prod) could not be found: set AWS_PROFILE to one"),
            (EndpointConnectionError(endpoint_url="http://x"), "AWS does not answer (Could not connect to"),
            (ReadTimeoutError(endpoint_url="http://x"), "AWS does not answer (Read timeout"),
            (UnknownServiceError(service_name="x", known_service_names="y"), "AWS cannot be used (Unknown service"),
        ],
    )  # fmt: skip
    def test_trouble_with_aws_is_told_with_what_to_do(self, error: Any, line: str) -> None:
        assert explain(error).startswith(line)

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            ("ExpiredTokenException", "AWS refuses the credentials (ExpiredTokenException): set AWS_PROFILE"),
            ("AccessDeniedException", "these AWS credentials may not do this (because): use those of an operator"),
            ("LimitExceededException", "AWS refuses Scan (LimitExceededException: because)"),
        ],
    )
    def test_a_refusal_of_aws_is_told_with_what_to_do(self, code: str, line: str) -> None:
        error = ClientError({"Error": {"Code": code, "Message": "because"}}, "Scan")

        assert explain(error).startswith(line)

    @pytest.mark.usefixtures("tables")
    def test_a_table_that_does_not_answer_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_arguments: Any) -> AccountSettings:
            raise StoreUnavailableError("ReadTimeoutError")

        monkeypatch.setattr(AccountStore, "settings", fail)

        assert the_error(pivot_debug("account", "show", ACCOUNT)).startswith("DynamoDB does not answer in time")


# ---------------------------------------------------------------- ingest


class Api:
    """The ingest API as far as the command line sees it. It accepts everything until a test plans other answers."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.planned: list[httpx.Response | BaseException] = []
        self.answer: Callable[[list[Any]], httpx.Response] = self.accept

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        planned = self.planned.pop(0) if self.planned else None
        if isinstance(planned, BaseException):
            raise planned
        return planned or self.answer(json.loads(request.content)["data"])

    def accept(self, documents: list[Any]) -> httpx.Response:
        accepted = [{"index": index, "call_id": document["call_id"]} for index, document in enumerate(documents)]
        return httpx.Response(202, json={"data": {"accepted": accepted, "rejected": []}})

    @property
    def batches(self) -> list[list[Any]]:
        return [json.loads(request.content)["data"] for request in self.requests]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    fake = Api()
    open_client = delivery.open_client

    def open_fake(token: str) -> httpx.Client:
        with open_client(token) as real:
            return httpx.Client(headers=real.headers, transport=httpx.MockTransport(fake))

    monkeypatch.setattr(ingest_command, "open_client", open_fake)
    monkeypatch.setattr(delivery, "WAITS", (0, 0))
    monkeypatch.setenv("API_ROOT", ROOT)
    monkeypatch.setenv("AUTH_TOKEN", TOKEN)
    return fake


def a_dump(documents: list[Any]) -> str:
    path = Path("dump.jsonl")
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return str(path)


def ingested(*arguments: str) -> dict[str, Any]:
    """What ``ingest --json`` tells."""
    summary: dict[str, Any] = json.loads(pivot_debug("ingest", *arguments, "--json").stdout)
    return summary


def refused(status: int, data: Any, message: str = "validation error") -> httpx.Response:
    return httpx.Response(status, json={"data": data, "error": str(status), "message": message, "status": "error"})


class TestIngest:
    def test_documents_go_to_their_account_with_the_token(self, api: Api) -> None:
        result = pivot_debug("ingest", a_dump(a_call()))

        assert result.exit_code == 0
        [request] = api.requests
        assert request.method == "PUT"
        assert request.url == f"{ROOT}/accounts/{ACCOUNT}/pivot/debug"
        assert request.headers["X-Auth-Token"] == TOKEN
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.content) == {"source": "import", "data": a_call()}

    @pytest.mark.usefixtures("api")
    def test_the_summary_counts_everything_that_was_read(self) -> None:
        dump = a_dump([*a_call(), *a_call(call_id="b"), {"_id": "c", "pvt_type": "cdr"}, {"_id": "_design/x"}])

        result = pivot_debug("ingest", dump)

        rows = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
        assert float(rows.pop("seconds")) >= 0
        assert rows == {
            "read": "6",
            "accepted": "4",
            "rejected": "0",
            "skipped": "2 (1 cdr, 1 design document)",
            "calls": "2",
        }

    def test_a_dump_may_come_from_standard_input(self, api: Api) -> None:
        result = pivot_debug("ingest", "-", stdin=json.dumps(a_call()))

        assert result.exit_code == 0
        assert api.batches == [a_call()]

    def test_batches_are_limited_in_number(self, api: Api) -> None:
        ingested(a_dump([a_request(created=63_877_497_876 + n) for n in range(250)]))

        assert [len(batch) for batch in api.batches] == [100, 100, 50]

    def test_batches_are_limited_in_bytes(self, api: Api) -> None:
        ingested(a_dump([a_request(created=63_877_497_876 + n, req_body="x" * 900_000) for n in range(10)]))

        assert [len(batch) for batch in api.batches] == [4, 4, 2]
        assert all(len(request.content) <= MAX_BYTES for request in api.requests)

    def test_each_account_has_batches_of_its_own(self, api: Api) -> None:
        ingested(a_dump([a_request(), a_request(pvt_account_id=OTHER_ACCOUNT), a_request(iteration=2)]))

        sent = {request.url.path.split("/")[4]: len(json.loads(request.content)["data"]) for request in api.requests}
        assert sent == {ACCOUNT: 2, OTHER_ACCOUNT: 1}

    def test_an_account_that_is_given_takes_everything(self, api: Api) -> None:
        crossbar = {"call_id": CALL, "created": 63_877_497_876, "uri": "https://x.example", "method": "get"}

        result = pivot_debug("ingest", a_dump([crossbar, a_request()]), "--account", OTHER_ACCOUNT)

        assert {request.url.path.split("/")[4] for request in api.requests} == {OTHER_ACCOUNT}
        assert f"1 documents belong to other accounts than {OTHER_ACCOUNT}" in result.stderr

    def test_a_document_that_can_go_nowhere_is_rejected_here(self, api: Api) -> None:
        result = pivot_debug("ingest", a_dump([{"call_id": "a"}, {"call_id": "b", "pvt_account_id": "c"}, 5]), "--json")

        assert result.exit_code == 1
        assert json.loads(result.stdout)["rejections"] == [
            {"document": 1, "line": 1, "reason": "no pvt_account_id: name the account with --account"},
            {"document": 2, "line": 2, "reason": "pvt_account_id is not an account id"},
            {"document": 3, "line": 3, "reason": "not a JSON object"},
        ]
        assert api.requests == []

    def test_a_document_that_the_api_rejects_is_shown_with_its_line_and_reason(self, api: Api) -> None:
        errors = {"call_id": {"required": {"message": "Field is required"}}, "iteration": {"type": {}}}
        api.planned = [
            httpx.Response(
                202,
                json={
                    "data": {
                        "accepted": [{"index": 0, "id": "x", "call_id": CALL}],
                        "rejected": [{"index": 1, "errors": errors}],
                    }
                },
            )
        ]

        result = pivot_debug("ingest", a_dump([*a_call(), {"pvt_type": "cdr"}]))

        assert result.exit_code == 1
        heading, row = result.stdout.splitlines()[-2:]
        assert heading.split() == ["REJECTED", "REASON"]
        assert row == "line 2    call_id: Field is required; iteration: type"

    def test_documents_are_rejected_one_by_one_where_none_was_acceptable(self, api: Api) -> None:
        api.planned = [
            refused(400, {"0.call_id": {"required": {"message": "is missing"}}, "1.created": {"minimum": {}}})
        ]

        summary = ingested(a_dump([a_request(), a_request(), a_request()]))

        assert [row["reason"] for row in summary["rejections"]] == [
            "call_id: is missing",
            "created: minimum",
            "refused together with the rest of its batch",
        ]

    def test_a_document_that_the_reply_forgets_counts_as_rejected(self, api: Api) -> None:
        api.planned = [httpx.Response(202, json={"data": {"accepted": [{"index": 0, "call_id": CALL}]}})]

        summary = ingested(a_dump(a_call()))

        assert (summary["accepted"], summary["rejected"]) == (1, 1)
        assert summary["rejections"][0]["reason"] == "not mentioned in the API's reply"

    @pytest.mark.usefixtures("api")
    def test_twenty_rejections_are_shown_and_all_are_written_to_the_file_of_rejects(self) -> None:
        dump = a_dump([{"call_id": str(number)} for number in range(30)])

        shown = pivot_debug("ingest", dump)
        written = pivot_debug("ingest", dump, "--rejects", "rejects.jsonl")

        assert shown.stdout.count("no pvt_account_id") == written.stdout.count("no pvt_account_id") == 20
        assert "10 more were rejected: --rejects FILE keeps all of them" in shown.stderr
        assert written.stderr == ""
        rows = [json.loads(line) for line in Path("rejects.jsonl").read_text().splitlines()]
        assert len(rows) == 30
        assert rows[29]["doc"] == {"call_id": "29"}
        assert stat.S_IMODE(Path("rejects.jsonl").stat().st_mode) == 0o600

    def test_rejects_can_be_sent_in_again_once_the_cause_is_gone(self, api: Api) -> None:
        pivot_debug("ingest", a_dump([{"call_id": "a"}]), "--rejects", "rejects.jsonl")

        result = pivot_debug("ingest", "rejects.jsonl", "--account", ACCOUNT)

        assert result.exit_code == 0
        assert api.batches == [[{"call_id": "a"}]]

    @pytest.mark.usefixtures("api")
    def test_a_terminal_obeys_nothing_that_a_dump_holds(self) -> None:
        result = pivot_debug("ingest", a_dump([{"_id": "a", "pvt_type": "[red]\x1b[2J\nread 99"}]))

        assert "skipped   1 (1 [red] [2J read 99)" in result.stdout
        assert "\x1b" not in result.stdout

    @pytest.mark.usefixtures("api")
    def test_progress_is_for_terminals(self, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal = io.StringIO()
        monkeypatch.setattr(terminal, "isatty", lambda: True)

        piped = pivot_debug("ingest", a_dump(a_call()))
        with mock.patch.object(sys, "stderr", terminal), ingest_command._progress(100) as (progress, task):
            progress.update(task, completed=50, description="2 accepted, 0 rejected")

        assert piped.stderr == ""
        assert "50/100 bytes" in terminal.getvalue()

    def test_what_was_sent_in_is_listed(self, service: Service, api: Api) -> None:
        def handle(documents: list[Any]) -> httpx.Response:
            body = json.dumps({"source": "import", "data": documents})
            reply = ingest_function.handler(api_event(method="PUT", body=body), None)
            return httpx.Response(reply["statusCode"], text=reply["body"])

        api.answer = handle

        result = pivot_debug("ingest", a_dump([*a_call(), {"pvt_account_id": ACCOUNT}, *a_call(call_id="b")]))

        assert result.exit_code == 1
        assert "line 3    call_id: Field required" in result.stdout
        service.record_queue()
        assert {call["call_id"] for call in service.listed()} == {CALL, "b"}


class TestIngestFailures:
    @pytest.mark.parametrize(
        ("status", "line"),
        [
            (401, "the API does not know the token (401): set AUTH_TOKEN"),
            (403, f"the token may not write to account {ACCOUNT} (403): pivot-debug token create {ACCOUNT} --scopes"),
            (404, f"there is no ingest API at {ROOT}/accounts/{ACCOUNT}/pivot/debug (404): API_ROOT must be"),
            (409, f"recording is off for account {ACCOUNT} (409): pivot-debug account set {ACCOUNT} --recording on"),
            (405, "the API answers 405 (the message): check API_ROOT"),
        ],
    )
    def test_a_refusal_of_the_api_is_told_with_what_to_do(self, api: Api, status: int, line: str) -> None:
        api.planned = [refused(status, {"message": "the message"})]

        assert the_error(pivot_debug("ingest", a_dump(a_call()))).startswith(line)

    @pytest.mark.parametrize(
        ("data", "line"),
        [
            ({"json": {"invalid": {"message": "not valid JSON"}}}, "json: not valid JSON"),
            ({"message": "the request is malformed"}, "the request is malformed"),
            ({}, "validation error"),
        ],
    )
    def test_a_request_at_fault_is_told(self, api: Api, data: dict[str, Any], line: str) -> None:
        api.planned = [refused(400, data)]

        assert f"the API cannot use the request (400): {line}" in the_error(pivot_debug("ingest", a_dump(a_call())))

    @pytest.mark.parametrize("reply", [httpx.Response(202, text="OK"), httpx.Response(200, json=[1])])
    def test_an_answer_of_something_else_is_told(self, api: Api, reply: httpx.Response) -> None:
        api.planned = [reply]

        assert "without JSON: check API_ROOT" in the_error(pivot_debug("ingest", a_dump(a_call())))

    @pytest.mark.parametrize(
        "trouble",
        [httpx.Response(429), httpx.Response(503), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")],
    )
    def test_passing_trouble_is_tried_again(self, api: Api, trouble: httpx.Response | Exception) -> None:
        api.planned = [trouble]

        result = pivot_debug("ingest", a_dump(a_call()))

        assert result.exit_code == 0
        assert "trying again in 0.0 s" in result.stderr
        assert api.batches == [a_call(), a_call()]

    def test_lasting_trouble_is_told_with_what_was_done(self, api: Api) -> None:
        dump = a_dump([a_request(created=63_877_497_876 + n) for n in range(150)])
        api.planned = [api.accept([a_request()] * 100), *[httpx.ConnectError("refused")] * 3]

        result = pivot_debug("ingest", dump)

        assert result.exit_code == 2
        assert result.stderr.splitlines()[-1] == (
            f"pivot-debug: {ROOT} does not answer (refused), 3 times in a row: check API_ROOT and the network; "
            "100 documents were accepted before; sending the dump again stores nothing twice"
        )

    def test_a_batch_that_is_too_large_is_halved(self, api: Api) -> None:
        def small_only(documents: list[Any]) -> httpx.Response:
            too_large = len(documents) > 2 or documents[0]["call_id"] == "huge"
            return httpx.Response(413) if too_large else api.accept(documents)

        api.answer = small_only

        summary = ingested(a_dump([a_request(call_id=call_id) for call_id in ("a", "b", "c", "huge", "e")]))

        assert (summary["accepted"], summary["rejected"], summary["calls"]) == (4, 1, 4)
        assert summary["rejections"] == [{"document": 4, "line": 4, "reason": "larger than the API takes (413)"}]

    @pytest.mark.usefixtures("api")
    def test_what_cannot_be_read_is_told_with_its_line(self) -> None:
        Path("dump.json").write_text('[\n{"call_id": "a"},\n{"call_id" "b"}\n]')

        line = the_error(pivot_debug("ingest", "dump.json"))

        assert line == "line 3: not valid JSON (Expecting ':' delimiter, column 12); nothing was sent in"

    def test_a_stop_by_the_keyboard_tells_what_was_done(self, api: Api) -> None:
        dump = a_dump([a_request(created=63_877_497_876 + n) for n in range(150)])
        api.planned = [api.accept([a_request()] * 100), KeyboardInterrupt()]

        result = pivot_debug("ingest", dump)

        assert result.exit_code == 130
        assert result.stderr.startswith("pivot-debug: stopped; 100 documents were accepted before")

    @pytest.mark.parametrize(
        ("arguments", "line"),
        [
            (["no-such-file"], "cannot read no-such-file: No such file or directory"),
            (["."], "cannot read .: Is a directory"),
            (["dump.jsonl", "--account", "konami"], "'konami' is not an account id"),
            (["dump.jsonl", "--token", "secret"], "AUTH_TOKEN is not a token: it has characters that no token has"),
            (["dump.jsonl", "--api-root", "api.example.com"], "API_ROOT is not a URL: 'api.example.com' must begin"),
            (["dump.jsonl", "--api-root", "https://x:y"], "API_ROOT is not a URL that can be used (Invalid port"),
            (["dump.jsonl", "--rejects", "dump.jsonl"], "--rejects would overwrite the dump: name another file"),
            (["dump.jsonl", "--rejects", "no/such/folder"], "cannot write no/such/folder: No such file or directory"),
        ],
    )
    def test_a_mistake_is_told_in_one_line(self, api: Api, arguments: list[str], line: str) -> None:
        a_dump(a_call())

        result = pivot_debug("ingest", *arguments)

        assert the_error(result).startswith(line)
        assert len(api.requests) == 0

    @pytest.mark.parametrize(
        ("missing", "line"),
        [
            ("API_ROOT", "where is the API? Set API_ROOT or --api-root (https://.../v2), or name the --stack"),
            ("AUTH_TOKEN", "no token: set AUTH_TOKEN; pivot-debug token create ACCOUNT_ID --scopes debug:write makes"),
        ],
    )
    @pytest.mark.usefixtures("api")
    def test_a_missing_setting_is_told(self, monkeypatch: pytest.MonkeyPatch, missing: str, line: str) -> None:
        monkeypatch.delenv(missing)

        assert the_error(pivot_debug("ingest", a_dump(a_call()))).startswith(line)

    @pytest.mark.usefixtures("outputs")
    def test_the_stack_names_the_api(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("API_ROOT")

        result = pivot_debug("ingest", a_dump(a_call()), "--stack", "prod")

        assert result.exit_code == 0
        assert str(api.requests[0].url).startswith(ROOT)


class TestDelivery:
    """Waiting, on a clock of its own."""

    def waits(self, *answers: httpx.Response | Exception) -> list[float]:
        """The waits between tries, until the API accepts the batch after *answers*."""
        api, waited = Api(), list[float]()
        api.planned = [*answers]
        entry = Entry(number=1, line=1, done=1, document=a_request())
        with httpx.Client(transport=httpx.MockTransport(api)) as client:
            way = delivery.Delivery(client=client, api_root=ROOT, on_wait=lambda *_: None, sleep=waited.append)
            way.send([Parcel(entry=entry, account_id=ACCOUNT, payload=encode(entry.document))])
        return waited

    def test_waits_grow_with_each_try(self) -> None:
        waited = self.waits(*[httpx.Response(502)] * 5)

        assert waited == [pytest.approx(wait, rel=0.21) for wait in (0.5, 1, 2, 4, 8)]

    def test_after_six_tries_it_gives_up(self) -> None:
        with pytest.raises(CommandError, match="answers 502, 6 times in a row"):
            self.waits(*[httpx.Response(502)] * 6)

    @pytest.mark.parametrize("form", ["seconds", "date"])
    def test_the_api_may_ask_for_a_longer_wait(self, form: str) -> None:
        later = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

        waited = self.waits(httpx.Response(429, headers={"Retry-After": "30" if form == "seconds" else later}))

        assert waited == [pytest.approx(30, abs=2)]

    @pytest.mark.parametrize(("asked", "longest"), [("soon", 0.6), ("-5", 0.6), ("86400", 300)])
    def test_a_senseless_wish_is_not_followed(self, asked: str, longest: float) -> None:
        [waited] = self.waits(httpx.Response(503, headers={"Retry-After": asked}))

        assert waited <= longest


def test_the_local_stack_is_reached_past_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")

    with delivery.open_client(TOKEN) as client:
        direct = [
            client._transport_for_url(httpx.URL(url)) is client._transport
            for url in ("http://127.0.0.1:4566/v2", "http://localhost:4566/v2", "http://api.example.com/v2")
        ]

    assert direct == [True, True, False]


def test_help_lists_the_commands() -> None:
    result = pivot_debug("--help")

    assert result.exit_code == 0
    assert all(command in result.stdout for command in ("token", "account", "ingest"))


def test_the_version_is_that_of_the_package() -> None:
    assert pivot_debug("--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["ingest"], ["token", "mint"], ["account", "set", ACCOUNT, "--recording", "maybe"]]
)
def test_wrong_usage_has_the_exit_status_2_and_points_to_help(arguments: list[str]) -> None:
    result = pivot_debug(*arguments)

    assert result.exit_code == 2
    assert "--help" in result.stderr


def commands(group: Any, name: str = "pivot-debug") -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    for own_name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {own_name}")
        else:
            yield f"{name} {own_name}", command


def test_every_command_option_and_variable_is_documented() -> None:
    page = (ROOT_FOLDER / "docs" / "command-line.md").read_text()

    found = dict(commands(get_command(app)))
    parameters = [parameter for command in found.values() for parameter in command.params]
    words = {*found, *(option for parameter in parameters for option in parameter.opts if option.startswith("--"))}
    words |= {str(parameter.envvar) for parameter in parameters if parameter.envvar}
    assert len(found) == 11
    assert {word for word in words if f"`{word}" not in page} == set()
