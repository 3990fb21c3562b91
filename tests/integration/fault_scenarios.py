"""What each function is asked for while AWS fails, and what is right then: of the functions that have to do with calls.

``relay_fault_scenarios`` has those that have to do with relays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.authorizer import app as authorizer
from functions.diagnosis_api import app as diagnosis_api
from functions.ingest import app as ingest
from functions.relays_api import app as relays_api
from pivot_debug import aws_client, clock, dynamodb, metering, secret_keys, tokens
from pivot_debug.errors import StoreUnavailableError
from tests.builders import NOW_MS, a_call, a_request, a_response, event
from tests.integration.faults import BATCHES, CONDITIONAL, QUERIES
from tests.integration.helpers import Account, Document
from tests.integration.test_recorder import deliver, redeliver_until_done

MIDNIGHT = clock.gregorian(clock.month_start("202403"))

DOCUMENTS = [
    *a_call(call_id="one", status="500"),
    a_request(call_id="late", created=MIDNIGHT - 1),
    a_response(call_id="late", created=MIDNIGHT),
    a_request(call_id="late", created=MIDNIGHT + 1, iteration=2),
]
"""Two calls, one of them across the end of a month."""

CLIENTS = (
    *(aws_client.aws_client, ingest.queue, ingest.accounts),
    *(authorizer.token_store, relays_api.relays),
)
_KNOWN_TO_A_PROCESS = (
    *(ingest.settings_in_period, secret_keys.cursor_key),
    *(secret_keys.relay_key, relays_api.addresses),
)

COUNTING = "UsageTable UpdateItem"
SECRET = " GetSecretValue"

Kinds = tuple[str, ...]


def nothing_more(_: Account, __: Any) -> None: ...


@dataclass(frozen=True)
class Scenario:
    """What a function is asked for. ``act`` tells whether it was done, and fails where the answer is a wrong one.

    ``kinds``: by table and operation, the faults that only this operation can have. ``leaves``: calls that are there
    in the end. ``holds`` fails where anything else is not as it must be.
    """

    function: str
    given: Callable[[Account], Any]
    act: Callable[[Account, Any], bool]
    kinds: dict[str, Kinds]
    leaves: tuple[str, ...] = ()
    holds: Callable[[Account, Any], None] = nothing_more
    client: Callable[[], Any] = dynamodb.client


def begin_anew() -> None:
    """Forget what a process keeps between requests: settings, keys, and how often a token has asked."""
    for cached in _KNOWN_TO_A_PROCESS:
        cached.cache_clear()
    metering._this_minute = metering._Minute()


def is_answered(reply: Any, status: int) -> bool:
    """Whether the reply is a good one; the only other is a 503 that says when to come again."""
    assert reply["statusCode"] in (status, 503), reply
    assert reply["statusCode"] == status or reply["headers"]["Retry-After"]
    return bool(reply["statusCode"] == status)


def everything(account: Account) -> list[Any]:
    """What clients see of the account: lists, and each call."""
    return [
        account.listed(),
        account.listed(query={"has_errors": "true"}),
        *(account.listed(call_id=call_id) for call_id in ("one", "late")),
    ]


def ingested(account: Account, _: Any) -> bool:
    return is_answered(account.put([account.own(document) for document in DOCUMENTS]), 202)


def recorded_afterwards(account: Account, _: Any) -> None:
    redeliver_until_done(account.service.receive())


def messages(account: Account) -> list[str]:
    """One message for each document, in an unlucky order."""
    return [message for document in reversed(DOCUMENTS) for message in account.messages([document])]


def recorded(_: Account, pending: list[str]) -> bool:
    failed = deliver(pending)
    pending[:] = [message for n, message in enumerate(pending) if f"message-{n}" in failed]
    return not pending


def stored(account: Account) -> list[Any]:
    account.given(DOCUMENTS)
    return everything(account)


def listed(account: Account, expected: list[Any]) -> bool:
    return _read(account, expected[0], {})


def read(account: Account, expected: list[Any]) -> bool:
    return _read(account, expected[2], {"call_id": "one"})


def read_in_part(account: Account, expected: list[Any]) -> bool:
    """The row of a call that goes on on another page is read by itself, and the page has a signed cursor."""
    return _read(account, expected[2][:1], {"call_id": "one", "query": {"page_size": "1"}})


def stored_and_read(account: Account) -> str:
    account.given(DOCUMENTS)
    return str(account.get(call_id="one")["headers"]["ETag"])


def unchanged(account: Account, etag: str) -> bool:
    """That a client has the whole call is told from its row."""
    return is_answered(account.get(call_id="one", headers={"If-None-Match": etag}), 304)


def _read(account: Account, expected: list[Document], request: dict[str, Any]) -> bool:
    reply = account.get(**request)
    is_done = is_answered(reply, 200)
    assert not is_done or reply["json"]["data"] == expected
    return is_done


def stored_with_another(account: Account) -> None:
    account.given([*DOCUMENTS, *a_call(call_id="other")])


def deleted(account: Account, _: Any) -> bool:
    return all(
        is_answered(account.service.delete(call_id, account_id=account.id, accounts=account.id), 200)
        for call_id in ("late", "other")
    )


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


def explained(_: Account, __: Any) -> bool:
    return is_answered(diagnosis_api.handler(event("validate"), None), 200)


BOTH = ("one", "late")

SCENARIOS = {
    "ingest": Scenario(
        "IngestFunction",
        lambda _: None,
        ingested,
        {COUNTING: (), "AccountTable GetItem": (), " SendMessage": ()},
        leaves=BOTH,
        holds=recorded_afterwards,
    ),
    "recorder": Scenario(
        "RecorderFunction",
        messages,
        recorded,
        {"DebugTable PutItem": CONDITIONAL, "DebugTable Query": QUERIES, "DebugTable UpdateItem": ()},
        leaves=BOTH,
    ),
    "list": Scenario("DebugApiFunction", stored, listed, {"DebugTable Query": QUERIES, COUNTING: ()}, leaves=BOTH),
    "read": Scenario("DebugApiFunction", stored, read, {"DebugTable Query": QUERIES}, leaves=BOTH),
    "read in part": Scenario(
        "DebugApiFunction",
        stored,
        read_in_part,
        {"DebugTable Query": QUERIES, "DebugTable GetItem": (), SECRET: ()},
        leaves=BOTH,
    ),
    "read again": Scenario("DebugApiFunction", stored_and_read, unchanged, {"DebugTable GetItem": ()}, leaves=BOTH),
    "delete": Scenario(
        "DeletionFunction",
        stored_with_another,
        deleted,
        {
            COUNTING: (),
            "DebugTable Query": QUERIES,
            "DebugTable PutItem": CONDITIONAL,
            " BatchWriteItem": BATCHES,
        },
        leaves=("one",),
    ),
    "authorizer": Scenario(
        "AuthorizerFunction", a_token, authorized, {"TokenTable GetItem": ()}, client=dynamodb.quick_client
    ),
    "validate": Scenario("DiagnosisApiFunction", lambda _: None, explained, {COUNTING: ()}),
}
