"""The routes of relays, one entry each."""

from functions.relays_api.app import MAX_RELAYS
from openapi import relay_examples
from openapi.replies import enveloped, json_body, json_content
from openapi.route import Answer, Route, ref
from openapi.shapes import Schema, listed
from pivot_debug.caller import WRITE
from pivot_debug.relay.definitions import DEFAULT_GRACE_SECONDS, MAX_DEPTH, MAX_SIZE

_RELAYS = "/v2/accounts/{account_id}/pivot/relays"
_RELAY = f"{_RELAYS}/{{relay_id}}"
_LIMITS = f"A definition has at most {MAX_SIZE} bytes of JSON, and is nested at most {MAX_DEPTH} deep."
_SECRET = "The reply holds the relay's address, which is a secret."  # noqa: S105 - a sentence


def _view(text: str, status: int = 200, **example: Schema) -> tuple[Answer, ...]:
    """The whole relay."""
    return (Answer(status=status, text=text, content=json_content(enveloped(ref("schemas", "ShownRelay")), **example)),)


RELAY_ROUTES = (
    Route(
        verb="GET",
        path=_RELAYS,
        name="listRelays",
        title="List relays",
        text=f"The account's relays, newest first; there are no pages. {_SECRET}",
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id",),
        answers=(
            Answer(
                status=200,
                text="Every relay.",
                content=json_content(enveloped(listed(ref("schemas", "Relay"))), one=relay_examples.relays()),
            ),
        ),
        errors=(400, 404),
    ),
    Route(
        verb="PUT",
        path=_RELAYS,
        name="createRelay",
        title="Make a relay",
        text=f"{_SECRET} {_LIMITS} An account has at most {MAX_RELAYS} relays.",
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id",),
        body=json_body(ref("schemas", "RelayDefinition"), {"data": relay_examples.DEFINITION}),
        answers=_view("The relay, with what belongs into the callflow.", 201, a_new_relay=relay_examples.created()),
        errors=(400, 404, 413, 415),
    ),
    Route(
        verb="GET",
        path=_RELAY,
        name="readRelay",
        title="Read a relay",
        text=_SECRET,
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id", "relay_id"),
        answers=_view("The relay.", a_relay=relay_examples.relay()),
        errors=(400, 404),
    ),
    Route(
        verb="POST",
        path=_RELAY,
        name="replaceRelay",
        title="Replace a relay's definition",
        text=f"What is left out goes back to its default. {_LIMITS}",
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id", "relay_id"),
        body=json_body(ref("schemas", "RelayDefinition"), {"data": relay_examples.DEFINITION}),
        answers=_view("The relay as it is now.", a_relay=relay_examples.relay()),
        errors=(400, 404, 413, 415),
    ),
    Route(
        verb="PATCH",
        path=_RELAY,
        name="changeRelay",
        title="Change a relay's definition",
        text=f"Replaces the keys that it names, on the first level; `null` removes one. {_LIMITS}",
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id", "relay_id"),
        body=json_body(ref("schemas", "RelayChange"), {"data": relay_examples.CHANGE}),
        answers=_view("The relay as it is now.", a_changed_relay=relay_examples.changed()),
        errors=(400, 404, 413, 415),
    ),
    Route(
        verb="DELETE",
        path=_RELAY,
        name="deleteRelay",
        title="Delete a relay",
        text="KAZOO gets a 404 from its address within seconds: put your own element back into the callflow first.",
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id", "relay_id"),
        answers=(
            Answer(
                status=200,
                text="What was deleted.",
                content=json_content(enveloped(ref("schemas", "Relay")), the_relay=relay_examples.deleted()),
            ),
        ),
        errors=(400, 404),
    ),
    Route(
        verb="PUT",
        path=f"{_RELAY}/secret",
        name="rotateSecret",
        title="Give a relay another address",
        text=f"The former one works for `grace_seconds` more, {DEFAULT_GRACE_SECONDS} unless given. {_SECRET}",
        tag="relays",
        scope=WRITE,
        path_parameters=("account_id", "relay_id"),
        body=json_body(ref("schemas", "Rotation"), {"data": relay_examples.ROTATION}, required=False),
        answers=_view("The relay with its new address.", a_new_address=relay_examples.rotated()),
        errors=(400, 404, 413, 415),
    ),
)
