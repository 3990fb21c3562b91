"""Faults of AWS at every operation of every function but the relay: the right answer, nothing lost, nothing doubled.

A cell is what a function is asked for, one of its operations, a fault, and when it strikes: at the first request, at
the second, at all. Each cell must strike. ``pytest -s`` prints how many there are. The relay's are in
``test_relay_faults``.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from pivot_debug import dynamodb
from tests.builders import NOW_MS
from tests.integration import fault_scenarios, relay_fault_scenarios, test_relay_faults
from tests.integration.fault_scenarios import BOTH, CLIENTS, COUNTING, DOCUMENTS, Scenario, begin_anew, everything
from tests.integration.faults import DONE_BUT_NOT_TOLD, EVERY_REQUEST, HARMLESS, Fault, injected
from tests.integration.helpers import Account, deployed
from tests.integration.service import Service
from tests.integration.test_recorder import assert_summaries_are_folds
from tests.template import ROOT, resources

ATTEMPTS = 3
"""How often botocore sends a request at most: ``aws_client.TIMEOUTS``."""

LOOKED_FOR = {"RelayTable PutItem", "RelayTable UpdateItem", "RelayTable DeleteItem"}
"""Writes that are looked for where no reply comes."""

SCENARIOS = fault_scenarios.SCENARIOS | relay_fault_scenarios.SCENARIOS
CELLS = [
    (name, operation, kind, which)
    for name, scenario in SCENARIOS.items()
    for operation, more in scenario.kinds.items()
    for kind, which in product((*EVERY_REQUEST, *more), (1, 2, 0))
]
_struck: Counter[str] = Counter()
_survived: Counter[str] = Counter()


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pivot_debug.erasing.time.time", lambda: NOW_MS / 1000)
        yield service
    struck, survived = _struck.total(), _survived.total()
    print(f"\nfault matrix: {len(CELLS)} cells, {struck} struck, {survived} survived: {dict(_survived)}")


@pytest.fixture
def _fresh_clients(cell: tuple[str, str, str, int]) -> Iterator[None]:
    """botocore gives up earlier once many retries failed: no cell leaves another with less than its allowance."""
    begin_anew()
    yield
    for cached in CLIENTS if not cell[-1] else ():
        cached.cache_clear()


@pytest.fixture(scope="module")
def undisturbed(deployment: Service) -> list[Any]:
    account = Account.new(deployment)
    account.given(DOCUMENTS)
    seen = everything(account)
    account.forget()
    return seen


@pytest.mark.usefixtures("_fresh_clients")
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: ", ".join(map(str, cell)))
def test_a_fault_of_aws_loses_nothing_doubles_nothing_and_ends_in_time(
    account: Account, undisturbed: list[Any], cell: tuple[str, str, str, int]
) -> None:
    name, operation, kind, which = cell
    scenario = SCENARIOS[name]
    subject = scenario.given(account)
    table, _, action = operation.partition(" ")
    fault = Fault(kind, action, which, scenario.client().meta.config.read_timeout, table=table)

    with injected(fault):
        is_done = acted(scenario, account, subject)
        if not fault.hits:  # one request was all that it took: the second is that of the next process
            is_done = acted(scenario, account, subject)

    assert fault.hits, "the fault never struck"
    _struck[name] += 1
    assert is_done == (which != 0 or is_got_over(operation, kind))
    assert fault.seconds < resources("AWS::Serverless::Function")[scenario.function]["Timeout"]
    # The client, SQS, or the gateway's client tries again.
    assert is_done or acted(scenario, account, subject)
    scenario.holds(account, subject)
    if scenario.leaves == BOTH:
        assert everything(account) == undisturbed
    assert sorted(account.call_ids()) == sorted(scenario.leaves)
    assert_summaries_are_folds(account)
    _survived[name] += 1


@pytest.mark.parametrize("function", resources("AWS::Serverless::Function"))
def test_all_that_a_function_may_ask_of_aws_is_in_a_matrix(function: str) -> None:
    policies = resources("AWS::Serverless::Function")[function]["Policies"]
    actions = [statement["Action"] for policy in policies for statement in policy["Statement"]]
    allowed = {name for action in actions for name in ([action] if isinstance(action, str) else action)}
    operations = [kind for one in SCENARIOS.values() if one.function == function for kind in one.kinds]
    struck = {operation.partition(" ")[2] for operation in operations}
    of_relay = {asked.operation for asked in test_relay_faults.ASKED.values()} - {""}

    assert {name.partition(":")[2] for name in allowed} == (of_relay if function == "RelayFunction" else struck)


def test_the_documentation_tells_how_many_cells_there_are() -> None:
    text = (ROOT / "docs/testing.md").read_text()
    numbers = ((len(CELLS), ""), (len(test_relay_faults.CELLS), "relay's "))

    assert all(f'"{who}fault matrix: {n} cells, {n} struck, {n} survived"' in text for n, who in numbers)
    assert f"runs {len(test_relay_faults.CELLS)} such faults" in (ROOT / "docs/relay.md").read_text()


def acted(scenario: Scenario, account: Account, subject: Any) -> bool:
    begin_anew()
    return scenario.act(account, subject)


def is_got_over(operation: str, kind: str) -> bool:
    """Whether a function does what it is asked for though the fault strikes each time."""
    return kind in HARMLESS or operation == COUNTING or (kind in DONE_BUT_NOT_TOLD and operation in LOOKED_FOR)


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
