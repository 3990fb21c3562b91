"""The gateway's policy: nothing of the request, nothing of another account."""

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pivot_debug.api_request import ApiRequest
from pivot_debug.policy import policy_for
from pivot_debug.tokens import ALL_ACCOUNTS, MAX_ACCOUNTS, SCOPES, Caller
from tests.builders import ACCOUNT, OTHER_ACCOUNT, TOKEN, api_event

moderately = settings(max_examples=80, deadline=None)

STAGE = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/Prod"
ROUTE = f"/v2/accounts/{ACCOUNT}/pivot/debug"
RELAYS = f"/v2/accounts/{ACCOUNT}/pivot/relays"
RELAY = f"{RELAYS}/00112233445566778899aabbccddeeff"

METHODS = st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "get", "*", "?", ""])
ACCOUNTS = st.integers(0, 16**32 - 1).map(lambda number: f"{number:032x}")
# What a path may hold to lead a matcher astray.
PIECES = st.lists(
    st.sampled_from(
        """
        / // * ? .. /../ %2F %2f %2E%2E %252F %23 # ; a pivot debug /pivot/debug /pivot/debug/ /accounts/ /v2/accounts/
        {call_id+} \\ %00 é relays /pivot/relays /pivot/relays/ /v2/accounts/{own}/pivot/relays
        """.split()  # noqa: SIM905 - a list of 27 would fill the page
    )
    | st.text(max_size=4),
    max_size=6,
).map("".join)


def a_caller(
    *, accounts: tuple[str, ...] = (ACCOUNT,), scopes: tuple[str, ...] = SCOPES, expires: int | None = None
) -> Caller:
    return Caller(name="aaaaaaaaaaaaaaaa", accounts=accounts, scopes=scopes, expires=expires)


def arn(method: str, path: str) -> str:
    return f"{STAGE}/{method}{path}"


def matches(pattern: str, resource: str) -> bool:
    """IAM's matching: ``*`` is any text, slashes too, and ``?`` is any one character."""
    steps = {"*": ".*", "?": "."}
    return re.fullmatch("".join(steps.get(step, re.escape(step)) for step in pattern), resource, re.DOTALL) is not None


def allows(policy: dict[str, Any], method: str, path: str) -> bool:
    effects = {
        one["Effect"]
        for one in policy["policyDocument"]["Statement"]
        if one["Action"] == "execute-api:Invoke"
        and any(matches(pattern, arn(method, path)) for pattern in one["Resource"])
    }
    return effects == {"Allow"}


def resources(policy: dict[str, Any]) -> list[str]:
    return [resource for one in policy["policyDocument"]["Statement"] for resource in one["Resource"]]


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [("a/*", "a/b/c", True), ("a/*", "a/", True), ("a/*", "a", False), ("a?c", "a/c", True), ("a.c", "abc", False)],
)
def test_the_matcher_of_these_tests_is_iams(pattern: str, resource: str, expected: bool) -> None:
    assert matches(pattern, resource) is expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ROUTE),
        ("HEAD", ROUTE),
        ("PUT", ROUTE),
        ("GET", f"{ROUTE}/829597750@10.26.0.158"),
        ("GET", f"{ROUTE}/a%2Fb%3Fc"),
        ("GET", f"{ROUTE}/a/b"),
        ("HEAD", f"{ROUTE}/x"),
        ("GET", f"{ROUTE}/"),
        ("GET", RELAYS),
        ("PUT", RELAYS),
        ("GET", RELAY),
        ("POST", RELAY),
        ("PATCH", RELAY),
        ("DELETE", RELAY),
        ("PUT", f"{RELAY}/secret"),
        ("DELETE", f"{ROUTE}/a%2Fb"),
    ],
)
def test_a_token_with_all_scopes_reaches_every_route_of_its_account(method: str, path: str) -> None:
    assert allows(policy_for(a_caller(), arn("GET", "/")), method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ROUTE),
        ("DELETE", ROUTE),
        ("PUT", f"{ROUTE}/x"),
        ("GET", f"{ROUTE}s"),
        ("GET", "/v2/accounts"),
        ("GET", f"/v2/accounts/{ACCOUNT}"),
        ("GET", f"/v2/accounts/{ACCOUNT}/pivot"),
        ("GET", f"/v2/accounts/{ACCOUNT}0/pivot/debug"),
        ("GET", f"/v2/accounts/{ACCOUNT.upper()}/pivot/debug"),
        ("GET", f"/v2/accounts/{ACCOUNT}/users/x/pivot/debug"),
        ("GET", f"/x/v2/accounts/{ACCOUNT}/pivot/debug"),
        ("GET", f"/v2/accounts/{ACCOUNT}0/pivot/relays"),
        ("GET", f"/x/v2/accounts/{ACCOUNT}/pivot/relays"),
        ("GET", f"/v2/accounts/{OTHER_ACCOUNT}/pivot/relays/v2/accounts/{ACCOUNT}/pivot/relays"),
        ("GET", f"/v2/accounts/{OTHER_ACCOUNT}/pivot/debug/v2/accounts/{ACCOUNT}/pivot/relays/x"),
        ("GET", f"/v2/accounts/{OTHER_ACCOUNT}/pivot/debug//v2/accounts/{ACCOUNT}/pivot/relays"),
    ],
)
def test_a_token_reaches_nothing_else(method: str, path: str) -> None:
    assert not allows(policy_for(a_caller(), arn("GET", "/")), method, path)


def opens(policy: dict[str, Any], method: str) -> bool:
    return allows(policy, method, ROUTE) or allows(policy, method, f"{ROUTE}/x")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("debug:read", {"GET", "HEAD"}),
        ("debug:write", {"PUT"}),
        ("debug:delete", {"DELETE"}),
        ("debug:other", set()),
    ],
)
def test_a_scope_opens_its_own_methods_alone(scope: str, allowed: set[str]) -> None:
    policy = policy_for(a_caller(scopes=(scope,)), arn("GET", "/"))

    assert {method for method in ("GET", "HEAD", "PUT", "POST", "DELETE") if opens(policy, method)} == allowed


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE"])
def test_relays_are_for_tokens_that_may_write(method: str) -> None:
    reader = policy_for(a_caller(scopes=("debug:read",)), arn("GET", "/"))
    writer = policy_for(a_caller(scopes=("debug:write",)), arn("GET", "/"))

    assert [allows(reader, method, path) for path in (RELAYS, RELAY, f"{RELAY}/secret")] == [False] * 3
    assert [allows(writer, method, path) for path in (RELAYS, RELAY, f"{RELAY}/secret")] == [True] * 3


@given(ACCOUNTS, ACCOUNTS, st.tuples(METHODS, PIECES), st.tuples(METHODS, PIECES))
@moderately
def test_no_token_of_one_account_opens_any_path_of_another(
    own: str, other: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    assume(own != other)
    (asked_method, asked_tail), (method, tail) = first, second
    tail = tail.replace("{own}", own)

    # The path of the request that the policy is made for is the attacker's choice too.
    for asked in (f"/v2/accounts/{other}{asked_tail}", f"/v2/accounts/*{asked_tail}", asked_tail):
        policy = policy_for(a_caller(accounts=(own,)), arn(asked_method, asked))

        for before in ("/v2/accounts/", "//v2/accounts/", "/v2//accounts/"):
            for behind in (tail, f"/pivot/debug{tail}", f"/pivot/debug{tail}/v2/accounts/{own}/pivot/relays{tail}"):
                assert not allows(policy, method, f"{before}{other}{behind}")


@given(ACCOUNTS, METHODS, PIECES, st.booleans())
@moderately
def test_whatever_path_the_gateway_lets_through_the_function_takes_it_for_the_same_account(
    own: str,
    method: str,
    tail: str,
    is_direct: bool,
) -> None:
    path = f"/v2/accounts/{own}/pivot/debug{tail}" if is_direct else f"/v2/accounts/{own}{tail}/pivot/debug/{tail}"
    policy = policy_for(a_caller(accounts=(own,)), arn("GET", "/"))

    if allows(policy, method, path):
        event = api_event(method=method) | {"path": path}
        assert ApiRequest.of(event, decoded_by_gateway=False).account_id == own


@given(METHODS, PIECES, METHODS, PIECES)
@moderately
def test_a_policy_does_not_depend_on_the_request_it_was_asked_for(
    method: str, path: str, other_method: str, other_path: str
) -> None:
    # API Gateway reuses it for every request that the token makes within a minute.
    caller = a_caller()

    assert policy_for(caller, arn(method, f"/{path}")) == policy_for(caller, arn(other_method, f"/{other_path}"))


def test_a_policy_names_one_api_and_one_stage() -> None:
    assert all(resource.startswith(f"{STAGE}/") for resource in resources(policy_for(a_caller(), arn("GET", ROUTE))))


@given(st.lists(ACCOUNTS, min_size=1, max_size=MAX_ACCOUNTS, unique=True), ACCOUNTS)
@settings(moderately, max_examples=40)
def test_a_token_of_several_accounts_opens_these_alone(accounts: list[str], other: str) -> None:
    assume(other not in accounts)
    policy = policy_for(a_caller(accounts=tuple(accounts)), arn("GET", "/"))

    assert all(allows(policy, "GET", f"/v2/accounts/{one}/pivot/debug/x") for one in accounts)
    assert not allows(policy, "GET", f"/v2/accounts/{other}/pivot/debug/x")


def test_a_token_of_all_accounts_opens_every_account_and_no_other_method() -> None:
    policy = policy_for(a_caller(accounts=(ALL_ACCOUNTS,)), arn("GET", "/"))

    assert allows(policy, "GET", f"/v2/accounts/{OTHER_ACCOUNT}/pivot/debug")
    assert allows(policy, "PUT", f"/v2/accounts/{ACCOUNT}/pivot/debug")
    assert not allows(policy, "DELETE", f"/v2/accounts/{ACCOUNT}/pivot/debug")
    assert allows(policy, "DELETE", f"/v2/accounts/{ACCOUNT}/pivot/relays/x")


def test_the_largest_policy_is_one_that_api_gateway_takes() -> None:
    accounts = tuple(f"{number:032x}" for number in range(MAX_ACCOUNTS))
    longest = f"arn:aws-us-gov:execute-api:ap-southeast-2:123456789012:abcdef1234/{'s' * 20}/GET/"

    policy = policy_for(a_caller(accounts=accounts), longest)

    assert len(json.dumps(policy["policyDocument"], separators=(",", ":"))) < 8192


@pytest.mark.parametrize("expires", [None, 1_710_278_736])
def test_the_context_is_flat_text_without_the_token(expires: int | None) -> None:
    policy = policy_for(a_caller(expires=expires), arn("GET", ROUTE))

    assert policy["principalId"] == "aaaaaaaaaaaaaaaa"
    assert policy["context"]
    assert all(isinstance(value, str) for value in policy["context"].values())
    assert TOKEN not in json.dumps(policy)
    assert ("expires" in policy["context"]) == (expires is not None)
