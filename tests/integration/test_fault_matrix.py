"""Every fault at every operation of every function: the right answer, nothing lost, nothing doubled, in bounded time.

A cell is a function's operation, a fault, and when it strikes: at the first attempt, at the second, always.
``pytest -s`` prints how many there are.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from functions.authorizer import app as authorizer
from functions.ingest import app as ingest
from pivot_debug import aws_client, clock, dynamodb, tokens
from pivot_debug.errors import StoreUnavailableError
from tests.builders import NOW_MS, a_call, a_request, a_response, event
from tests.integration.faults import BATCHES, CONDITIONAL, EVERY_REQUEST, QUERIES, Fault, injected
from tests.integration.helpers import Account, Document, deployed
from tests.integration.service import Service
from tests.integration.test_recorder import assert_summaries_are_folds, deliver, redeliver_until_done
from tests.template import resources

MIDNIGHT = clock.gregorian(clock.month_start("202403"))
ATTEMPTS = 3
"""How often botocore sends a request at most: ``aws_client.TIMEOUTS``."""

DOCUMENTS = [
    *a_call(call_id="one", status="500"),
    a_request(call_id="late", created=MIDNIGHT - 1),
    a_response(call_id="late", created=MIDNIGHT),
]
"""Two calls, one of them across the end of a month."""

Act = Callable[[Account], bool]


@dataclass(frozen=True)
class Scenario:
    """What a function is asked for. ``act`` tells whether it was done, and fails where the answer is a wrong one."""

    function: str
    given: Callable[[Account], Any]
    act: Callable[[Account, Any], bool]
    kinds: dict[str, tuple[str, ...]]
    leaves: tuple[str, ...] = ("one", "late")
    client: Callable[[], Any] = dynamodb.client


def ingested(account: Account, _: Any) -> bool:
    reply = account.put([account.own(document) for document in DOCUMENTS])
    assert reply["statusCode"] in (202, 503), reply
    assert reply["statusCode"] == 202 or reply["headers"]["Retry-After"]
    return bool(reply["statusCode"] == 202)


def messages(account: Account) -> list[str]:
    """One message for each document, in an unlucky order."""
    return [message for document in reversed(DOCUMENTS) for message in account.messages([document])]


def recorded(_: Account, pending: list[str]) -> bool:
    failed = deliver(pending)
    pending[:] = [message for n, message in enumerate(pending) if f"message-{n}" in failed]
    return not pending


def everything(account: Account) -> list[Any]:
    """What clients see of the account: lists, and each call."""
    return [
        account.listed(),
        account.listed(query={"has_errors": "true"}),
        *map(account_reader(account), ("one", "late")),
    ]


def account_reader(account: Account) -> Callable[[str], list[Document]]:
    return lambda call_id: account.listed(call_id=call_id)


def stored(account: Account) -> list[Any]:
    account.given(DOCUMENTS)
    return everything(account)


def listed(account: Account, expected: list[Any]) -> bool:
    return _read(account, expected[0], {})


def read(account: Account, expected: list[Any]) -> bool:
    return _read(account, expected[2], {"call_id": "one"})


def read_in_part(account: Account, expected: list[Any]) -> bool:
    """The row of a call that goes on on another page is read by itself."""
    return _read(account, expected[2][:1], {"call_id": "one", "query": {"page_size": "1"}})


def _read(account: Account, expected: list[Document], request: dict[str, Any]) -> bool:
    reply = account.get(**request)
    assert reply["statusCode"] in (200, 503), reply
    assert reply["statusCode"] == 503 or reply["json"]["data"] == expected
    return bool(reply["statusCode"] == 200)


def deleted(account: Account, _: Any) -> bool:
    reply = account.service.delete("late", account_id=account.id, accounts=account.id)
    assert reply["statusCode"] in (200, 503), reply
    return bool(reply["statusCode"] == 200)


def a_token(account: Account) -> str:
    token, row = tokens.new_token(name="n", accounts=(account.id,), scopes=("debug:read",), now=NOW_MS // 1000)
    account.service.tokens().add(row)
    return token


def authorized(account: Account, token: str) -> bool:
    """A store that does not answer is a 500 of the gateway, and never a 401: the token is good."""
    try:
        policy = authorizer.handler(event("authorizer_good_token") | {"authorizationToken": token}, None)
    except StoreUnavailableError:
        return False
    return bool(policy["context"]["accounts"] == account.id)


SCENARIOS = {
    "ingest": Scenario("IngestFunction", lambda _: None, ingested, {"GetItem": (), "SendMessage": ()}),
    "recorder": Scenario(
        "RecorderFunction", messages, recorded, {"PutItem": CONDITIONAL, "Query": QUERIES, "UpdateItem": ()}
    ),
    "list": Scenario("DebugApiFunction", stored, listed, {"Query": QUERIES, "UpdateItem": ()}),
    "read": Scenario("DebugApiFunction", stored, read, {"Query": QUERIES}),
    "read in part": Scenario("DebugApiFunction", stored, read_in_part, {"Query": QUERIES, "GetItem": ()}),
    "delete": Scenario(
        "DeletionFunction",
        stored,
        deleted,
        {"Query": QUERIES, "PutItem": CONDITIONAL, "BatchWriteItem": BATCHES},
        leaves=("one",),
    ),
    "authorizer": Scenario(
        "AuthorizerFunction", a_token, authorized, {"GetItem": ()}, leaves=(), client=dynamodb.quick_client
    ),
}

CELLS = [
    (name, operation, kind, which)
    for name, scenario in SCENARIOS.items()
    for operation, more in scenario.kinds.items()
    for kind, which in product((*EVERY_REQUEST, *more), (1, 2, 0))
]
_survived: Counter[str] = Counter()


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pivot_debug.erasing.time.time", lambda: NOW_MS / 1000)
        yield service
    print(f"\nfault matrix: {_survived.total()} of {len(CELLS)} cells survived: {dict(_survived)}")


@pytest.fixture(autouse=True)
def _fresh_clients(request: pytest.FixtureRequest) -> Iterator[None]:
    """botocore gives up earlier once many retries failed: no cell leaves another with less than its allowance."""
    ingest.settings_in_period.cache_clear()
    yield
    if "0" in request.node.name:
        for cached in (aws_client.aws_client, ingest.queue, ingest.accounts, authorizer.token_store):
            cached.cache_clear()


@pytest.fixture(scope="module")
def undisturbed(deployment: Service) -> list[Any]:
    account = Account.new(deployment)
    account.given(DOCUMENTS)
    seen = everything(account)
    account.forget()
    return seen


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: ", ".join(map(str, cell)))
def test_a_fault_of_aws_loses_nothing_doubles_nothing_and_ends_in_time(
    account: Account, undisturbed: list[Any], cell: tuple[str, str, str, int]
) -> None:
    name, operation, kind, which = cell
    scenario = SCENARIOS[name]
    subject = scenario.given(account)

    with injected(Fault(kind, operation, which, scenario.client().meta.config.read_timeout)) as fault:
        is_done = scenario.act(account, subject)

    assert fault.hits or which == 2, "the fault never struck"
    assert is_done or which == 0, "botocore's retries should have got over it"
    assert fault.seconds < resources("AWS::Serverless::Function")[scenario.function]["Timeout"]
    # The client, SQS, or the gateway's client tries again.
    assert is_done or scenario.act(account, subject)
    finish(account, scenario)
    if scenario.leaves == ("one", "late"):
        assert everything(account) == undisturbed
    assert sorted(account.call_ids()) == sorted(scenario.leaves)
    assert_summaries_are_folds(account)
    _survived[name] += 1


def finish(account: Account, scenario: Scenario) -> None:
    """The recorder takes what is in the queue."""
    if scenario.function == "IngestFunction":
        redeliver_until_done(account.service.receive())


def test_the_faults_strike_as_they_are_meant_to(account: Account) -> None:
    """Else the cells above would prove nothing."""
    client: Any = dynamodb.client()
    item = {"pk": {"S": f"{account.id}#x"}, "sk": {"S": "y"}}
    put = {"TableName": "DebugTable", "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}

    with injected(Fault("throttled", "PutItem", 0)) as fault, pytest.raises(client.exceptions.ThrottlingException):
        client.put_item(**put)
    assert (fault.hits, fault.seconds > 0) == (ATTEMPTS, True)
    assert "Item" not in client.get_item(TableName="DebugTable", Key=item)

    with (
        injected(Fault("lost response", "PutItem", 1)),
        pytest.raises(client.exceptions.ConditionalCheckFailedException),
    ):
        client.put_item(**put)
    assert "Item" in client.get_item(TableName="DebugTable", Key=item)
