"""Policy and function together, on every route of the template: no request of one account touches another's data.

A new route of template.yaml is covered by itself.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug import caller, dynamodb
from pivot_debug.tokens import ALL_ACCOUNTS, SCOPES, Caller
from tests.builders import CREATED, NOW_MS, RELAY_ID, a_call, a_relay, a_request
from tests.described import operations, path_of
from tests.integration.gateway import STAGE, Asked, answers, ask_function, is_let_through, policy_of, takes
from tests.integration.helpers import Account, Sent, deployed, tapped
from tests.integration.service import Service
from tests.integration.test_authorizer import a_token
from tests.routes import Route, routes, routes_of_accounts

MINE, THEIRS = "a" * 31 + "0", "a" * 31 + "1"
CANARY = "canary-of-theirs"
SOON = NOW_MS // 1000 + 1
CASES = 400
DEFINITION = {"name": "planted", "voice_url": "https://pivot.example.com/ivr"}
_NAMES_OF_KEYS = ("pk", "account_id", ":pk", ":account_id", ":account", "token_id")

everywhere = pytest.mark.parametrize("route", routes_of_accounts(), ids=str)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service:
        Account(service, MINE).given(a_call(call_id="same"))
        theirs = [document | {"pvt_node": CANARY} for document in a_call(call_id="same", created=CREATED + 5)]
        Account(service, THEIRS).given([*theirs, a_request(call_id="only theirs", pvt_node=CANARY)])
        for account_id, name in ((MINE, "mine"), (THEIRS, CANARY)):
            service.relay_store().add(replace(a_relay(), account_id=account_id, name=name))
        yield service


@pytest.fixture(scope="module")
def tokens(deployment: Service) -> list[str]:
    """Every kind of token that is good for MINE and not for THEIRS."""
    both = ("0" * 32, MINE)
    kinds: list[dict[str, Any]] = [{"scopes": scopes} for scopes in some_of(SCOPES) if scopes]
    kinds += [{"scopes": SCOPES, "accounts": both}, {"scopes": SCOPES, "expires_at": SOON}]
    return [a_token(deployment, **({"accounts": (MINE,)} | kind)) for kind in kinds]


def some_of(scopes: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every subset."""
    return [chosen for count in range(len(scopes) + 1) for chosen in itertools.combinations(scopes, count)]


def partitions(sent: list[Sent]) -> set[str]:
    """The accounts whose items were asked for, by what stands in the keys."""
    return {account for one in sent for account in _accounts(one.body)}


def _accounts(value: Any) -> Iterator[str]:
    """Wherever a request has its keys: an item, a key, a condition's values, a batch."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name in _NAMES_OF_KEYS and isinstance(inner, dict) and isinstance(inner.get("S"), str):
            yield inner["S"].split("#")[0]
        yield from _accounts(inner)
    for inner in value if isinstance(value, list) else ():
        yield from _accounts(inner)


def queued(service: Service) -> set[str]:
    """The accounts of what was handed on, taken off the queue."""
    return {json.loads(message)["account_id"] for message in service.receive()}


# ---------------------------------------------------------------- any path, verb, encoding and token


def _escaped(text: str, way: int) -> str:
    """The text as it is, percent-encoded, encoded to the last letter, or twice."""
    letters = "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))
    return (text, quote(text, safe=""), letters, letters.replace("%", "%25"))[way]


STEPS = st.builds(
    _escaped,
    st.sampled_from([MINE, THEIRS, THEIRS.upper(), "*", "?", "..", ".", "", "same", "only theirs", f"{THEIRS}#202403"])
    | st.sampled_from(["v2", "accounts", "pivot", "debug", "validate", "errors", "relays", "secret", RELAY_ID])
    | st.sampled_from([f"{MINE},{THEIRS}", "\n", "\x00", "#"])
    | st.text(max_size=3),
    st.integers(0, 3),
)
VERBS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE")
ROUTES = st.sampled_from([route for route in routes() if route.is_of_an_account])


@st.composite
def paths(draw: st.DrawFn) -> str:
    """Mostly a route's own path with anything in its parameters; some have steps put in, doubled or cut off."""
    steps = [draw(STEPS) if "{" in step else step for step in draw(ROUTES).path.split("/")]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(1, len(steps)))
        steps[at:at] = draw(st.lists(STEPS, max_size=3))
    return "/".join(steps)


@given(data=st.data(), path=paths(), verb=st.sampled_from(VERBS), decoded=st.booleans())
@settings(max_examples=CASES, deadline=None)
def test_no_path_verb_encoding_and_token_together_touch_another_accounts_data(
    deployment: Service, tokens: list[str], *, data: st.DataObject, path: str, verb: str, decoded: bool
) -> None:
    token, other = data.draw(st.sampled_from(tokens)), data.draw(paths())
    planted = a_request(call_id="planted", pvt_account_id=data.draw(st.sampled_from([MINE, THEIRS])))
    body = json.dumps({"data": data.draw(st.sampled_from([planted, DEFINITION]))})
    # The gateway may still have the policy of another request with this token: an attacker's choice as well.
    policy = policy_of(token, f"{STAGE}/{verb}{other}")
    asked = Asked(verb, path, token, body=body)
    sent: list[Sent] = []

    with tapped(dynamodb.client(), sent.append):
        replies = answers(asked, policy=policy, decoded=decoded)

    assert all(CANARY not in json.dumps(reply) for reply in replies)
    assert THEIRS not in partitions(sent)
    assert queued(deployment) <= {MINE}


@given(data=st.data(), path=paths(), decoded=st.booleans())
@settings(max_examples=CASES, deadline=None)
def test_a_function_alone_stands_every_path_whatever_the_gateway_took_it_for(
    deployment: Service, data: st.DataObject, path: str, decoded: bool
) -> None:
    route = data.draw(ROUTES)
    verb = data.draw(st.sampled_from([verb for verb in VERBS if takes(route, verb)]))
    context = caller.to_context(Caller(name="", accounts=(MINE,), scopes=SCOPES))
    planted = a_request(call_id="planted", pvt_account_id=THEIRS)
    body = json.dumps({"data": data.draw(st.sampled_from([planted, DEFINITION]))})
    sent: list[Sent] = []

    with tapped(dynamodb.client(), sent.append):
        reply = ask_function(Asked(verb, path, body=body), route, context, decoded=decoded)

    assert CANARY not in json.dumps(reply)
    assert reply["statusCode"] < 500
    assert THEIRS not in partitions(sent)
    assert queued(deployment) <= {MINE}


@pytest.mark.parametrize("path", ["debug/same", "debug/only theirs", "relays", f"relays/{RELAY_ID}"])
def test_the_other_account_still_has_what_these_tests_look_for(deployment: Service, path: str) -> None:
    # Else they would prove nothing.
    token = a_token(deployment, accounts=(THEIRS,), scopes=SCOPES)
    asked = Asked("GET", f"/v2/accounts/{THEIRS}/pivot/{path}", token)
    sent: list[Sent] = []

    with tapped(dynamodb.client(), sent.append):
        (reply,) = (one for one in answers(asked) if one["statusCode"] == 200)

    assert CANARY in reply["body"]
    assert THEIRS in partitions(sent)


# ---------------------------------------------------------------- every route


@everywhere
@pytest.mark.parametrize("scopes", some_of(SCOPES), ids=str)
@pytest.mark.parametrize(
    ("accounts", "reaches"), [((MINE,), True), ((THEIRS,), False), ((THEIRS, MINE), True), ((ALL_ACCOUNTS,), True)]
)
@pytest.mark.usefixtures("deployment")
def test_policy_and_function_agree_on_who_may_use_a_route(
    route: Route, scopes: tuple[str, ...], accounts: tuple[str, ...], reaches: bool
) -> None:
    known = Caller(name="", accounts=accounts, scopes=scopes)
    asked = Asked(route.verb, route.filled_in(account_id=MINE))
    policy = {"policyDocument": policy_of_caller(known)}

    reply = ask_function(asked, route, caller.to_context(known), decoded=False)

    opened = is_let_through(policy, asked)
    assert opened is (reply["statusCode"] != 403)
    assert reaches or not opened


def policy_of_caller(known: Caller) -> Any:
    from pivot_debug.policy import policy_for  # noqa: PLC0415 - beside its only use

    return policy_for(known, f"{STAGE}/GET/")["policyDocument"]


@everywhere
@pytest.mark.parametrize("expires", ["0", str(NOW_MS // 1000), str(NOW_MS // 1000 - 1), "soon", ""])
@pytest.mark.usefixtures("deployment")
def test_a_token_that_expired_while_the_gateway_reused_its_decision_is_401(route: Route, expires: str) -> None:
    known = caller.to_context(Caller(name="", accounts=(ALL_ACCOUNTS,), scopes=SCOPES)) | {"expires": expires}

    reply = ask_function(Asked(route.verb, route.filled_in(account_id=MINE)), route, known, decoded=False)

    assert reply["statusCode"] == 401


@everywhere
@pytest.mark.usefixtures("deployment")
def test_a_function_that_is_told_nothing_of_its_caller_refuses(route: Route) -> None:
    asked = Asked(route.verb, route.filled_in(account_id=MINE))

    assert ask_function(asked, route, {}, decoded=False)["statusCode"] == 403


@everywhere
def test_a_token_of_another_account_is_403(deployment: Service, route: Route) -> None:
    token = a_token(deployment, accounts=(THEIRS,), scopes=SCOPES)

    replies = answers(Asked(route.verb, route.filled_in(account_id=MINE), token))

    assert {reply["statusCode"] for reply in replies} <= {403, 405}


@everywhere
def test_a_downgraded_token_loses_what_its_scope_opened(deployment: Service, route: Route) -> None:
    path = route.filled_in(account_id=MINE)

    for scope in SCOPES:
        token = a_token(deployment, accounts=(MINE,), scopes=(scope,))
        replies = answers(Asked(route.verb, path, token))
        needed = operations()[route.verb, path_of(route.path)]["security"][0]["token"]
        assert (replies[0]["statusCode"] == 403) is (needed != [scope])


# ---------------------------------------------------------------- cursors


PAGED_CALL = "a call of two pages"
PAGED = [route for route in routes_of_accounts() if route.verb == "GET" and "{account_id}/pivot/debug" in route.path]


def a_cursor(service: Service, account_id: str, call_id: str | None, **query: str) -> str:
    request = {"account_id": account_id, "accounts": account_id, "call_id": call_id}
    cursor: str = service.get(**request, query={"page_size": "1", **query})["json"]["next_start_key"]
    return cursor


@pytest.fixture(scope="module")
def cursors(deployment: Service) -> dict[str, str]:
    """Cursors of every list, by what they are of."""
    # Calls of their own: what the paths above name may have been deleted by now.
    for account_id in (MINE, THEIRS):
        for call_id in (PAGED_CALL, f"{PAGED_CALL} too"):
            Account(deployment, account_id).given(a_call(call_id=call_id, created=CREATED + 9))
    return {
        f"{name} of {account_id[-1]}{query}": a_cursor(deployment, account_id, call_id, **query)
        for account_id in (MINE, THEIRS)
        for name, call_id in (("list", None), ("call", PAGED_CALL))
        for query in ({}, {"ascending": str(name == "list").lower()})
    }


@pytest.mark.parametrize("route", PAGED, ids=str)
def test_a_cursor_opens_nothing_but_the_list_it_came_from(
    deployment: Service, cursors: dict[str, str], route: Route
) -> None:
    token = a_token(deployment, accounts=(MINE,), scopes=SCOPES)
    is_call = "{call_id+}" in route.path
    path = route.filled_in(account_id=MINE, call_id=PAGED_CALL)

    def status(cursor: str) -> int:
        reply = answers(Asked("GET", path, token, query={"page_size": "1", "start_key": cursor}))[0]
        assert CANARY not in json.dumps(reply)
        code: int = reply["statusCode"]
        return code

    good = f"{'call' if is_call else 'list'} of 0{{}}"
    assert {name: status(cursor) for name, cursor in cursors.items()} == {
        name: 200 if name == good else 400 for name in cursors
    }
    assert {status(forged) for forged in forgeries(cursors[good])} == {400}


def forgeries(cursor: str) -> list[str]:
    payload, mac = cursor.split(".")
    return [payload, f"{payload}.", f".{mac}", f"{payload}.{mac[:-1]}", f"{payload}.{mac}=", f"A{payload}.{mac}", "."]


def test_the_queue_is_the_only_other_way_that_a_function_writes(deployment: Service) -> None:
    # What the tests above look at must be all there is.
    queues = boto3.client("sqs").list_queues()["QueueUrls"]

    assert queues == [deployment.queue_url]
