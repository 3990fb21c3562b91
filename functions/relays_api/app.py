"""Relays: how an account defines where its calls are handed on to, and what of them is recorded."""

from collections.abc import Callable
from functools import cache
from typing import Any

from pivot_debug import caller, clock, dynamodb, envelope
from pivot_debug.api_request import ApiRequest
from pivot_debug.crossbar_validation import parse_body
from pivot_debug.endpoint import serve
from pivot_debug.envelope import Reply
from pivot_debug.errors import InvalidRequestError, MethodNotAllowedError, StoreUnavailableError, UnknownRelayError
from pivot_debug.keys import is_account_id
from pivot_debug.observability import logger
from pivot_debug.relay import changes, definitions, views
from pivot_debug.relay.definitions import Targets
from pivot_debug.relay.model import Relay
from pivot_debug.relay.views import Addresses
from pivot_debug.relay_store import RelayStore
from pivot_debug.secret_keys import relay_key
from pivot_debug.settings import optional, required
from pivot_debug.starting import at_start
from pivot_debug.upstream.guard import Guard

RELAYS = "/v2/accounts/{account_id}/pivot/relays"
RELAY = "/v2/accounts/{account_id}/pivot/relays/{relay_id}"
SECRET = "/v2/accounts/{account_id}/pivot/relays/{relay_id}/secret"  # noqa: S105 - a route

MAX_RELAYS = 100
"""Relays of an account. Two that are made at the same moment may both be the last."""

_ATTEMPTS = 3
"""How often a change is made again upon what another one left."""


def handler(event: dict[str, Any], _context: Any) -> Reply:
    return serve(event, _answer)


def _answer(request: ApiRequest) -> Reply:
    verbs = _VERBS[request.resource]
    if request.method not in verbs:
        raise MethodNotAllowedError((*verbs, "OPTIONS"))
    caller.check(request.caller, request.account_id, caller.WRITE, clock.now_ms())
    return verbs[request.method](request)


def _list(request: ApiRequest) -> Reply:
    return envelope.data_reply(
        request, [views.listed(relay, addresses()) for relay in relays().all(request.account_id)]
    )


def _create(request: ApiRequest) -> Reply:
    now = clock.now_ms()
    definition = definitions.new_definition(parse_body(request.body), targets(), now)
    if len(relays().all(request.account_id)) >= MAX_RELAYS:
        message = f"an account has at most {MAX_RELAYS} relays: delete one that is not needed"
        raise InvalidRequestError("relays", "maxItems", message, target=MAX_RELAYS)
    relay = changes.created(definition, request.account_id, relay_key(), now)
    relays().add(relay)
    return envelope.created_reply(request, views.shown(relay, addresses(), now))


def _read(request: ApiRequest) -> Reply:
    return envelope.data_reply(request, views.shown(_found(request), addresses(), clock.now_ms()))


def _replace(request: ApiRequest) -> Reply:
    now, data = clock.now_ms(), parse_body(request.body)
    definition = definitions.new_definition(data, targets(), now)
    return _change(
        request, lambda relay: changes.redefined(relay, definition, now, restarts_count=True), restarts_count=True
    )


def _patch(request: ApiRequest) -> Reply:
    now, data = clock.now_ms(), parse_body(request.body)
    restarts_count = definitions.sets_record(data)

    def patched(relay: Relay) -> Relay:
        definition = definitions.merged_definition(relay, data, targets(), now)
        return changes.redefined(relay, definition, now, restarts_count=restarts_count)

    return _change(request, patched, restarts_count=restarts_count)


def _rotate(request: ApiRequest) -> Reply:
    now = clock.now_ms()
    grace_seconds = definitions.grace_seconds_of(parse_body(request.body) if request.body else {})
    return _change(request, lambda relay: changes.rotated(relay, relay_key(), grace_seconds, now))


def _delete(request: ApiRequest) -> Reply:
    relay = _found(request)
    # Before: what is needed for the answer may fail, too, and a client that asks again finds no relay then.
    view = views.listed(relay, addresses())
    relays().delete(relay.account_id, relay.id)
    return envelope.data_reply(request, view)


_VERBS: dict[str, dict[str, Callable[[ApiRequest], Reply]]] = {
    RELAYS: {"GET": _list, "PUT": _create},
    RELAY: {"GET": _read, "POST": _replace, "PATCH": _patch, "DELETE": _delete},
    SECRET: {"PUT": _rotate},
}


def _change(request: ApiRequest, change: Callable[[Relay], Relay], *, restarts_count: bool = False) -> Reply:
    """Change the relay, whatever else changes it meanwhile, and show it."""
    for _ in range(_ATTEMPTS):
        before = _found(request)
        relay = change(before)
        view = views.shown(relay, addresses(), relay.modified_ms, before=before)
        if relays().replace(relay, restarts_count=restarts_count):
            return envelope.data_reply(request, view)
    raise StoreUnavailableError("the relay is changed by others again and again")


def _found(request: ApiRequest) -> Relay:
    relay_id = request.path.partition("/pivot/relays/")[2].partition("/")[0]
    # An id has the form of an account's; another text might be no key at all.
    relay = relays().find(request.account_id, relay_id, consistent=True) if is_account_id(relay_id) else None
    if relay is None:
        raise UnknownRelayError(relay_id)
    return relay


@cache
def relays() -> RelayStore:
    return RelayStore(required("RELAY_TABLE"), dynamodb.client())


@cache
def targets() -> Targets:
    return Targets(Guard.parse(required("RELAY_PORTS"), optional("RELAY_ALLOWED")), _root())


@cache
def addresses() -> Addresses:
    return Addresses(_root(), relay_key())


def _root() -> str:
    return required("RELAY_ROOT").rstrip("/")


at_start(relays, dynamodb.quick_client, logger)
