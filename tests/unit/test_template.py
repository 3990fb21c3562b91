"""template.yaml agrees with the code, and keeps the promises of docs/."""

import json
import re
from typing import Any

import pytest

from functions.relays_api import app as relays_api
from pivot_debug import keys
from pivot_debug.account_store import MAX_RETENTION_DAYS
from tests.template import ROOT, environment, resources, template

FUNCTIONS = resources("AWS::Serverless::Function")
TABLES = resources("AWS::DynamoDB::Table")
API = resources("AWS::Serverless::Api")["Api"]

MAY = {
    "AuthorizerFunction": {"dynamodb:GetItem"},
    "DebugApiFunction": {
        "dynamodb:Query",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
    },
    "DeletionFunction": {"dynamodb:Query", "dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:UpdateItem"},
    "DiagnosisApiFunction": {"dynamodb:UpdateItem"},
    "IngestFunction": {"sqs:SendMessage", "dynamodb:GetItem", "dynamodb:UpdateItem"},
    "RecorderFunction": {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"},
    "RelayFunction": {"dynamodb:GetItem", "dynamodb:UpdateItem", "sqs:SendMessage"},
    "RelaysApiFunction": {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "secretsmanager:GetSecretValue",
    },
}


def statements(function: str) -> list[dict[str, Any]]:
    return [statement for policy in FUNCTIONS[function].get("Policies", []) for statement in policy["Statement"]]


def test_the_indexes_have_the_names_that_the_code_uses() -> None:
    names = [index["IndexName"] for index in TABLES["DebugTable"]["GlobalSecondaryIndexes"]]

    assert names == [keys.TIME_INDEX, keys.FAILED_INDEX]


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"UsageTable"}))
def test_every_table_that_keeps_something_is_protected_encrypted_and_on_demand(name: str) -> None:
    table, resource = TABLES[name], template()["Resources"][name]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert "LocalSecondaryIndexes" not in table


def test_what_expires_does_so_by_the_attribute_that_the_code_writes() -> None:
    for name in ("DebugTable", "TokenTable", "UsageTable"):
        assert TABLES[name]["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_its_job_needs_and_nothing_else(function: str) -> None:
    allowed = [statement["Action"] for statement in statements(function)]
    flat = {action for actions in allowed for action in (actions if isinstance(actions, list) else [actions])}

    assert flat == MAY[function]
    assert all(statement["Resource"] != "*" for statement in statements(function))


def test_only_the_recorder_updates_records_and_nobody_updates_tokens() -> None:
    updated = {
        (name, str(statement["Resource"]))
        for name in FUNCTIONS
        for statement in statements(name)
        if "dynamodb:UpdateItem" in statement["Action"]
    }

    # The relay counts the calls of "next N calls"; its table holds neither records nor tokens.
    elsewhere = {name for name, resource in updated if "UsageTable" not in resource and "RelayTable" not in resource}
    assert elsewhere == {"RecorderFunction"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_environment_holds_no_secret(function: str) -> None:
    variables = environment(function)

    assert not [name for name in variables if re.search(r"password|token$|api_?key", name, re.IGNORECASE)]
    assert variables.get("CURSOR_SECRET") in (None, "CursorSecret")
    assert variables.get("RELAY_SECRET") in (None, "RelaySecret")


def test_only_the_function_that_shows_relays_can_make_their_secrets() -> None:
    readers = [
        name
        for name in FUNCTIONS
        if any(statement["Resource"] == {"Ref": "RelaySecret"} for statement in statements(name))
    ]

    assert readers == ["RelaysApiFunction"]


def test_the_routes_of_relays_are_those_that_the_function_answers() -> None:
    events = FUNCTIONS["RelaysApiFunction"]["Events"].values()
    routes = [(event["Properties"]["Path"], event["Properties"]["Method"].upper()) for event in events]
    answered = [(path, verb) for path, verbs in relays_api._VERBS.items() for verb in (*verbs, "ANY")]

    assert sorted(routes) == sorted(answered)


def test_a_browser_may_use_every_verb_of_the_api() -> None:
    events = [event for function in FUNCTIONS.values() for event in function.get("Events", {}).values()]
    verbs = {event["Properties"]["Method"].upper() for event in events if event["Type"] == "Api"} - {"ANY"}

    assert verbs | {"OPTIONS"} == set(API["Cors"]["AllowMethods"].strip("'").split(", "))


def test_a_retry_of_the_queue_never_overlaps_a_running_recorder() -> None:
    queue = resources("AWS::SQS::Queue")["RecordQueue"]

    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["RecorderFunction"]["Timeout"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3


def test_retention_has_one_limit() -> None:
    assert template()["Parameters"]["RetentionDays"]["MaxValue"] == MAX_RETENTION_DAYS


def test_a_decision_about_a_token_is_reused_for_a_minute_at_most() -> None:
    identity = API["Auth"]["Authorizers"]["TokenAuthorizer"]["Identity"]

    assert identity["Header"] == "X-Auth-Token"
    assert identity["ReauthorizeEvery"] <= 60
    assert re.fullmatch(identity["ValidationExpression"], "pvd_aaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")


@pytest.mark.parametrize("kind", API["GatewayResponses"])
def test_an_answer_that_the_gateway_makes_is_an_error_envelope_with_cors(kind: str) -> None:
    response = API["GatewayResponses"][kind]
    body = json.loads(response["ResponseTemplates"]["application/json"])

    assert set(body) == {"data", "error", "message", "status", "request_id"}
    assert body["status"] == "error"
    assert isinstance(body["data"], dict)
    assert "Access-Control-Allow-Origin" in response["ResponseParameters"]["Headers"]
    if "StatusCode" in response:
        assert body["error"] == str(response["StatusCode"])


def test_an_unknown_route_is_404_and_a_missing_token_401() -> None:
    statuses = {kind: response.get("StatusCode") for kind, response in API["GatewayResponses"].items()}

    assert statuses["MISSING_AUTHENTICATION_TOKEN"] == 404
    assert statuses["UNAUTHORIZED"] == 401
    assert statuses["ACCESS_DENIED"] == 403


def test_only_the_routes_that_answer_405_go_without_a_token() -> None:
    events = [event for function in FUNCTIONS.values() for event in function.get("Events", {}).values()]
    public = [event["Properties"]["Method"] for event in events if "Auth" in event["Properties"]]

    assert API["Auth"]["DefaultAuthorizer"] == "TokenAuthorizer"
    assert set(public) == {"any"}


def test_the_access_log_never_holds_a_path_or_a_token() -> None:
    log_format = API["AccessLogSetting"]["Format"]

    assert "$context.path" not in log_format
    assert "header" not in log_format.lower()
    assert API["MethodSettings"][0]["DataTraceEnabled"] is False


def test_everything_is_built_with_bytecode_for_the_deployed_runtime_and_processor() -> None:
    built = [
        resource["Metadata"]
        for resource in template()["Resources"].values()
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::Serverless::LayerVersion")
    ]

    assert {metadata["BuildMethod"] for metadata in built} == {"makefile"}
    assert [metadata["ContextPath"] for metadata in built] == [
        {"Sub": "building/${PythonRuntime}-${Architecture}"} for _ in built
    ]


def test_every_runtime_and_processor_that_can_be_deployed_can_be_built() -> None:
    parameters = template()["Parameters"]
    runtimes, processors = parameters["PythonRuntime"]["AllowedValues"], parameters["Architecture"]["AllowedValues"]

    folders = {path.parent.name for path in (ROOT / "building").glob("*/Makefile")}

    assert folders == {f"{runtime}-{processor}" for runtime in runtimes for processor in processors}
