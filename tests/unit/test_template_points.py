"""Thirty points that a serverless service should keep, on the template as CloudFormation gets it (transformed by SAM).

Each test names its points; NOT_KEPT has the reason for each that this service does not keep. cfn-lint looks at the rest
(`make check`), checkov too (`make audit`).
"""

import json
import re
import subprocess
from functools import cache
from typing import Any

import pytest

from pivot_debug import keys
from tests.template import ROOT, template

NOT_KEPT = {
    12: "No WAF: what the API takes in is other people's HTTP, which its rules mistake for attacks; tokens guard it.",
    16: "Reserved concurrency is a cap too: at the authorizer's, good tokens would get a 500. A new AWS account has "
    "ten runs and lets nobody reserve any, so RelayConcurrency, which keeps some free for the relay, is 0 unless set.",
    23: "No canary: a deployment is one stack update, undone by deploying the version before; nobody waits on a call.",
}
"""Points without a test, and why. Parts of points that are left out stand beside the tests."""

LONGER = {
    "IngestFunction": 20,
    "DeletionFunction": 20,
    "RelaysApiFunction": 25,
    "RecorderFunction": 60,
    "RelayFunction": 35,
}
"""Seconds of functions that need more than 15: a thousand documents are checked, hundreds of records deleted; a write
that nothing answers is looked for; the recorder has no client waiting, and the relay has answered its own after 5."""

GATEWAY_KINDS = {
    *("UNAUTHORIZED", "ACCESS_DENIED", "MISSING_AUTHENTICATION_TOKEN", "RESOURCE_NOT_FOUND", "THROTTLED"),
    *("REQUEST_TOO_LARGE", "BAD_REQUEST_PARAMETERS", "INTEGRATION_TIMEOUT", "AUTHORIZER_FAILURE"),
    *("DEFAULT_4XX", "DEFAULT_5XX"),
}


@cache
def transformed() -> dict[str, Any]:
    python = ROOT / ".local/sam-venv/bin/python"
    command = [str(python), str(ROOT / "tests/transform.py"), str(ROOT / "template.yaml")]
    env = {"AWS_DEFAULT_REGION": "eu-central-1"}
    printed = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    loaded: dict[str, Any] = json.loads(printed.stdout)
    return loaded


def resources(kind: str) -> dict[str, Any]:
    """Properties by logical id."""
    found = transformed()["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in found if resource["Type"] == kind}


def only(kind: str) -> Any:
    (properties,) = resources(kind).values()
    return properties


def value(of: Any) -> Any:
    """What a reference to a parameter stands for by default."""
    is_parameter = isinstance(of, dict) and of.get("Ref") in template()["Parameters"]
    return template()["Parameters"][of["Ref"]]["Default"] if is_parameter else of


def body() -> Any:
    return only("AWS::ApiGateway::RestApi")["Body"]


def method_settings() -> Any:
    (settings,) = only("AWS::ApiGateway::Stage")["MethodSettings"]
    return settings


def statements() -> list[tuple[str, dict[str, Any]]]:
    """Every statement of every role's own policies, with the role's name."""
    return [
        (name, statement)
        for name, role in resources("AWS::IAM::Role").items()
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


# ---------------------------------------------------------------- API


def test_1_the_api_is_regional_rest() -> None:
    # Without one of its own the type would be EDGE.
    assert only("AWS::ApiGateway::RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert resources("AWS::ApiGatewayV2::Api") == {}


def test_2_and_3_one_token_authorizer_reads_one_header_and_is_asked_again_within_a_minute() -> None:
    ((_, scheme),) = body()["components"]["securitySchemes"].items()
    authorizer = scheme["x-amazon-apigateway-authorizer"]

    assert (scheme["in"], scheme["name"], authorizer["type"]) == ("header", "X-Auth-Token", "token")
    assert authorizer["authorizerResultTtlInSeconds"] <= 60
    assert re.fullmatch(r"\^\[.+\]\{20,4096\}\$", authorizer["identityValidationExpression"])


def test_4_every_verb_but_those_that_answer_405_asks_for_the_token() -> None:
    for path, verbs in body()["paths"].items():
        asks = {verb: made.get("security") for verb, made in verbs.items() if verb != "options"}
        open_to_all = {verb for verb, security in asks.items() if security != [{"TokenAuthorizer": []}]}
        assert open_to_all <= {"x-amazon-apigateway-any-method"}, path


def test_4_a_preflight_asks_for_no_token_and_reaches_no_function() -> None:
    preflights = [verbs["options"] for verbs in body()["paths"].values()]

    assert preflights
    assert all("security" not in one for one in preflights)
    assert {one["x-amazon-apigateway-integration"]["type"] for one in preflights} == {"mock"}


def test_5_every_answer_of_the_gateways_own_is_ours_and_readable_in_a_browser() -> None:
    made = body()["x-amazon-apigateway-gateway-responses"]

    assert set(made) >= GATEWAY_KINDS
    assert str(made["MISSING_AUTHENTICATION_TOKEN"]["statusCode"]) == "404"
    for response in made.values():
        assert json.loads(response["responseTemplates"]["application/json"])["status"] == "error"
        assert "gatewayresponse.header.Access-Control-Allow-Origin" in response["responseParameters"]


def test_6_and_7_the_stage_is_throttled_measured_and_logs_no_bodies() -> None:
    settings = method_settings()

    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert 0 < int(value(settings["ThrottlingRateLimit"])) <= int(value(settings["ThrottlingBurstLimit"]))
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"], settings["MetricsEnabled"]) == (
        "ERROR",
        False,
        True,
    )


def test_8_the_access_log_is_kept_and_holds_neither_path_nor_token() -> None:
    log = only("AWS::ApiGateway::Stage")["AccessLogSetting"]

    assert log["DestinationArn"] == {"Fn::GetAtt": ["ApiLogGroup", "Arn"]}
    assert not re.search(r"\$context\.path\b|token|header|requestOverride", log["Format"], re.IGNORECASE)


def test_9_and_10_nothing_is_cached_between_accounts_and_requests_are_traced() -> None:
    stage = only("AWS::ApiGateway::Stage")

    assert not stage.get("CacheClusterEnabled")
    assert not method_settings().get("CachingEnabled")
    assert stage["TracingEnabled"] is True


def test_11_bodies_are_text_and_large_ones_travel_compressed() -> None:
    api = only("AWS::ApiGateway::RestApi")

    assert "BinaryMediaTypes" not in api
    assert 0 < api["MinimumCompressionSize"] <= 10_000


# ---------------------------------------------------------------- functions

FUNCTIONS = [name for name, one in template()["Resources"].items() if one["Type"] == "AWS::Serverless::Function"]
each_function = pytest.mark.parametrize("name", FUNCTIONS)


@each_function
def test_13_to_15_a_function_runs_on_a_current_runtime_with_limits_that_were_chosen(name: str) -> None:
    function = resources("AWS::Lambda::Function")[name]

    assert value(function["Runtime"]) in ("python3.12", "python3.13")
    assert [value(one) for one in function["Architectures"]] == ["arm64"]
    assert function["Timeout"] <= (5 if name == "AuthorizerFunction" else LONGER.get(name, 15)) or name in LONGER
    assert name not in LONGER or function["Timeout"] == LONGER[name]
    assert function["MemorySize"] >= 512


@each_function
def test_14_no_client_of_the_gateway_waits_longer_than_the_gateway(name: str) -> None:
    events = template()["Resources"][name]["Properties"].get("Events", {}).values()

    if any(event["Type"] == "Api" for event in events):
        assert resources("AWS::Lambda::Function")[name]["Timeout"] < 29


def test_17_every_function_has_a_role_of_its_own() -> None:
    roles = [json.dumps(function["Role"]) for function in resources("AWS::Lambda::Function").values()]

    assert len(set(roles)) == len(roles) == len(FUNCTIONS)


def test_17_and_18_no_role_may_do_everything_or_read_a_whole_table() -> None:
    actions = [action for _, statement in statements() for action in listed(statement["Action"])]

    assert actions
    assert not [action for action in actions if "*" in action]
    assert not {"dynamodb:Scan", "dynamodb:PartiQLSelect"} & set(actions)


def may(table: str, *actions: str) -> set[str]:
    """The roles that may do any of this to a table."""
    arn = {"Fn::GetAtt": [table, "Arn"]}
    wanted = {f"dynamodb:{action}" for action in actions}
    return {
        role
        for role, statement in statements()
        if arn in listed(statement["Resource"]) and wanted & set(listed(statement["Action"]))
    }


def test_18_only_one_role_may_write_records_and_only_one_may_delete_them() -> None:
    assert may("DebugTable", "UpdateItem") == {"RecorderFunctionRole"}
    assert may("DebugTable", "DeleteItem", "BatchWriteItem") == {"DeletionFunctionRole"}
    # A deleted call leaves a tombstone.
    assert may("DebugTable", "PutItem") == {"RecorderFunctionRole", "DeletionFunctionRole"}


def test_18_who_answers_kazoo_can_neither_define_a_relay_nor_read_a_record() -> None:
    assert may("RelayTable", "PutItem", "DeleteItem", "Query") == {"RelaysApiFunctionRole"}
    assert "RelayFunctionRole" not in may("DebugTable", "GetItem", "Query", "PutItem", "UpdateItem")


def test_runs_are_kept_free_for_the_relay_alone_and_only_where_somebody_says_so() -> None:
    reserving = {
        name for name in FUNCTIONS if "ReservedConcurrentExecutions" in resources("AWS::Lambda::Function")[name]
    }

    assert reserving == {"RelayFunction"}
    assert template()["Parameters"]["RelayConcurrency"]["Default"] == 0
    assert template()["Conditions"]["ReserveRelayConcurrency"] == {
        "Not": [{"Equals": [{"Ref": "RelayConcurrency"}, 0]}]
    }


def test_18_only_the_authorizer_may_read_tokens_and_it_reaches_no_other_table() -> None:
    everything = ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem")
    reached = {table for table in TABLES if "AuthorizerFunctionRole" in may(table, *everything)}

    assert may("TokenTable", *everything) == may("TokenTable", "GetItem") == {"AuthorizerFunctionRole"}
    assert reached == {"TokenTable"}
    assert {
        action for role, one in statements() if role == "AuthorizerFunctionRole" for action in listed(one["Action"])
    } == {"dynamodb:GetItem"}


def test_19_only_the_relays_api_can_make_the_secret_of_a_relay() -> None:
    readers = {role for role, statement in statements() if {"Ref": "RelaySecret"} in listed(statement["Resource"])}

    assert readers == {"RelaysApiFunctionRole"}


def test_4_only_the_relay_has_an_address_of_its_own_that_asks_for_no_token() -> None:
    # The address is the credential: KAZOO can send no other. The function compares its secret with the stored hash.
    ((name, url),) = resources("AWS::Lambda::Url").items()

    assert (name, url["AuthType"]) == ("RelayFunctionUrl", "NONE")
    assert "Cors" not in url
    assert not template()["Resources"]["RelayFunction"]["Properties"].get("Events")


def test_4_nobody_but_the_gateway_and_the_relays_address_may_call_a_function() -> None:
    permissions = resources("AWS::Lambda::Permission").values()
    by_the_gateway = [one for one in permissions if one["Principal"] == "apigateway.amazonaws.com"]
    others = [one for one in permissions if one not in by_the_gateway]

    assert all("SourceArn" in one for one in by_the_gateway)
    assert {str(one["FunctionName"]) for one in others} == {str({"Ref": "RelayFunction"})}
    assert all(one.get("FunctionUrlAuthType") == "NONE" or one.get("InvokedViaFunctionUrl") for one in others)


def test_19_every_right_is_for_a_resource_that_is_named() -> None:
    # What Lambda logs and traces by comes with AWS's own policies.
    assert [role for role, statement in statements() if "*" in listed(statement["Resource"])] == []
    assert {arn for role in resources("AWS::IAM::Role").values() for arn in map(str, role["ManagedPolicyArns"])} <= {
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
        "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
        str({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}),
    }


@each_function
def test_20_a_functions_environment_holds_no_secret_but_at_most_where_it_lies(name: str) -> None:
    variables = resources("AWS::Lambda::Function")[name]["Environment"]["Variables"]
    telling = {key: held for key, held in variables.items() if re.search("secret|token|password|key$", key.lower())}

    # A reference: to a table, to a secret's name, to public keys.
    assert all(isinstance(held, dict) and set(held) <= {"Ref", "Fn::GetAtt"} for held in telling.values())


@each_function
def test_21_and_24_a_function_is_traced_logs_json_and_lies_in_no_vpc(name: str) -> None:
    function = resources("AWS::Lambda::Function")[name]

    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert "ApplicationLogLevel" in function["LoggingConfig"]
    assert "VpcConfig" not in function


@each_function
def test_22_a_function_has_a_log_group_of_its_own_that_forgets(name: str) -> None:
    # Without a key of its own: no body, path or token is logged, which tests of the functions make sure of.
    group = resources("AWS::Lambda::Function")[name]["LoggingConfig"]["LogGroup"]["Ref"]
    retention = resources("AWS::Logs::LogGroup")[group]["RetentionInDays"]

    assert int(value(retention)) <= 90
    assert max(template()["Parameters"][retention["Ref"]]["AllowedValues"]) <= 90


# ---------------------------------------------------------------- tables


TABLES = [name for name, one in template()["Resources"].items() if one["Type"].endswith("::Table")]
COUNTERS = "UsageTable"
"""Worth nothing when their minute is over: neither kept nor restored, but encrypted and on demand as all others."""


@pytest.mark.parametrize("name", [name for name in TABLES if name != COUNTERS])
def test_25_to_28_a_table_is_on_demand_backed_up_protected_and_encrypted(name: str) -> None:
    # Without a cap of its own (OnDemandThroughput): the stage's throttle and RecorderConcurrency bound what comes.
    table, resource = resources("AWS::DynamoDB::Table")[name], transformed()["Resources"][name]

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert value(table["DeletionProtectionEnabled"]) in (True, "true")
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["SSESpecification"]["SSEEnabled"] is True


def test_25_and_28_counters_are_on_demand_encrypted_and_forgotten() -> None:
    table = resources("AWS::DynamoDB::Table")[COUNTERS]

    assert (table["BillingMode"], table["SSESpecification"]) == ("PAY_PER_REQUEST", {"SSEEnabled": True})
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_29_what_expires_and_the_indexes_have_the_names_that_the_code_uses() -> None:
    table = resources("AWS::DynamoDB::Table")["DebugTable"]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == [keys.TIME_INDEX, keys.FAILED_INDEX]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]


# ---------------------------------------------------------------- operations


def metrics_of(alarm: dict[str, Any]) -> set[str]:
    """An alarm's one metric, or those that it adds up."""
    added_up = {one["MetricStat"]["Metric"]["MetricName"] for one in alarm.get("Metrics", []) if "MetricStat" in one}
    return added_up | ({alarm["MetricName"]} if "MetricName" in alarm else set())


def test_30_somebody_is_told() -> None:
    alarms = resources("AWS::CloudWatch::Alarm").values()
    watched = {metric for alarm in alarms for metric in metrics_of(alarm)}

    assert watched >= {
        *("5XXError", "Latency", "Errors", "Throttles", "ApproximateAgeOfOldestMessage"),
        *("ApproximateNumberOfMessagesVisible", "WriteThrottleEvents", "RecordsLost"),
    }
    assert all(alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)


def throttles_watched() -> set[tuple[str, str, str]]:
    """Table, index or "", and metric of DynamoDB, of all alarms together."""
    alarms = resources("AWS::CloudWatch::Alarm").values()
    stats = [one["MetricStat"] for alarm in alarms for one in alarm.get("Metrics", []) if "MetricStat" in one]
    return {
        (*_table_and_index(stat["Metric"]["Dimensions"]), stat["Metric"]["MetricName"])
        for stat in stats
        if stat["Metric"]["Namespace"] == "AWS/DynamoDB"
    }


def _table_and_index(dimensions: list[dict[str, Any]]) -> tuple[str, str]:
    named = {one["Name"]: one["Value"] for one in dimensions}
    return named["TableName"]["Ref"], named.get("GlobalSecondaryIndexName", "")


READING, WRITING = {"GetItem", "Query"}, {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}


@pytest.mark.parametrize("table", TABLES)
def test_30_wherever_functions_read_or_write_somebody_is_told_of_throttles(table: str) -> None:
    indexes = [one["IndexName"] for one in resources("AWS::DynamoDB::Table")[table].get("GlobalSecondaryIndexes", [])]
    metrics = {"ReadThrottleEvents"} if may(table, *READING) else set()
    metrics |= {"WriteThrottleEvents"} if may(table, *WRITING) else set()

    assert metrics
    assert {(index, metric) for index in ["", *indexes] for metric in metrics} == {
        (index, metric) for named, index, metric in throttles_watched() if named == table
    }


def test_30_nobody_hears_of_alarms_but_who_was_named() -> None:
    # Without a topic policy, only this AWS account may publish or subscribe. An alarm tells no customer's data.
    (subscription,) = resources("AWS::SNS::Subscription").values()

    assert resources("AWS::SNS::TopicPolicy") == {}
    assert (subscription["Endpoint"], subscription["Protocol"]) == ({"Ref": "AlarmEmailAddress"}, "email")
    assert template()["Resources"]["AlarmEmail"]["Condition"] == "SendAlarmEmails"


def test_30_the_dashboard_is_well_formed_and_names_every_function() -> None:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    text = dashboard["DashboardBody"]["Fn::Sub"]

    assert json.loads(text)["widgets"]
    assert [name for name in FUNCTIONS if f"${{{name}}}" not in text] == []


def test_every_point_is_kept_or_has_its_reason() -> None:
    tested = {
        number
        for name in globals()
        for found in re.findall(r"^test_(\d+)(?:_(and|to)_(\d+))?_", name)
        for number in range(int(found[0]), int(found[2] or found[0]) + 1)
        if found[1] != "and" or number in (int(found[0]), int(found[2]))
    }

    assert tested | set(NOT_KEPT) == set(range(1, 31))
    assert not tested & set(NOT_KEPT)
