"""What relays are made of: their definition by the rules that it is checked by, and what a reply adds."""

from openapi.shapes import Schema, listed, text, thing, whole
from pivot_debug import clock
from pivot_debug.callflow.schema import Schema as Field
from pivot_debug.relay.definitions import DEFAULT_GRACE_SECONDS, DEFINITION, ROTATION
from pivot_debug.relay.record_mode import FORMS

_SAYS = {
    "name": "For people.",
    "voice_url": "Your server, which the relay calls in KAZOO's place.",
    "cdr_url": "Likewise, for KAZOO's report at the call's end.",
    "debug": "`true` unless given: with `false` the relay hands requests on and records nothing.",
    "record": f"Which calls are recorded: {FORMS}; TIME is ISO 8601 with a zone, or Gregorian seconds.",
    "grace_seconds": f"How long the former address still works; {DEFAULT_GRACE_SECONDS} unless given.",
    "rewrite": "Whether absolute addresses in answers are replaced by the relay's own; `false` unless given.",
}
_REQUIRED = tuple(name for name, field in DEFINITION.fields.items() if field.required)
_NAMES_IN_JSON_SCHEMA = {
    "type": "type",
    "enum": "enum",
    "minimum": "minimum",
    "maximum": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}
_NO_RULES = Field()
_TIME: Schema = {"minimum": clock.GREGORIAN_OFFSET}


def _of_field(name: str, field: Field) -> Schema:
    """A rule of KAZOO's, or of the relay's own, as JSON Schema."""
    given = {name: getattr(field, name) for name in _NAMES_IN_JSON_SCHEMA}
    rules = {
        _NAMES_IN_JSON_SCHEMA[name]: list(rule) if isinstance(rule, tuple) else rule
        for name, rule in given.items()
        if rule != getattr(_NO_RULES, name)
    }
    return {"description": _SAYS.get(name, "As in KAZOO's callflow element."), **rules}


def _definition() -> Schema:
    """By name, in the order in which a reply has them."""
    fields = {name: _of_field(name, field) for name, field in DEFINITION.fields.items()}
    return {name: fields[name] for name in (*_REQUIRED, *sorted(set(fields) - set(_REQUIRED)))}


def _change() -> Schema:
    """Each key may be left out; those that are not required may be null."""
    return {
        name: schema if name in _REQUIRED else {"anyOf": [schema, {"type": "null"}]}
        for name, schema in _definition().items()
    }


def _shown(**more: Schema) -> Schema:
    fields = _definition()
    always = (*_REQUIRED, "debug", "record", "rewrite")
    own = {
        "id": text(pattern="^[0-9a-f]{32}$"),
        **{name: fields[name] for name in always},
        "created": whole("Gregorian seconds.", **_TIME),
        "modified": whole("Gregorian seconds.", **_TIME),
    }
    addresses = {
        "relay_url": text("What KAZOO calls in place of `voice_url`. Absent where the deployment's key was replaced."),
        "cdr_relay_url": text("What KAZOO calls in place of `cdr_url`."),
        "recorded_calls": whole("How many of the `next N calls` were recorded.", minimum=0),
    }
    rest = {name: schema for name, schema in fields.items() if name not in always}
    return thing(own, rest | addresses | more, "Further keys of the definition are kept.", additionalProperties=True)


def relay_schemas() -> dict[str, Schema]:
    """``components.schemas`` of the relays' routes."""
    callflow = thing(
        {
            "module": {"const": "pivot"},
            "data": thing({}, additionalProperties=True),
            "children": thing({}, additionalProperties=True),
        },
        description="The whole element for the callflow, in place of your own.",
    )
    fields = _definition()
    required = {name: fields[name] for name in _REQUIRED}
    return {
        "RelayDefinition": thing(
            required,
            fields,
            "A name, and the `data` of a callflow element `pivot`. Further keys are kept, and part of `callflow`.",
            additionalProperties=True,
        ),
        "RelayChange": thing({}, _change(), "Keys of a definition; `null` removes one.", additionalProperties=True),
        "Rotation": thing(
            {},
            {name: _of_field(name, field) for name, field in ROTATION.fields.items()},
            additionalProperties=True,
        ),
        "Relay": _shown(),
        "ShownRelay": _shown(callflow=callflow, notes=listed(text(), "What you should know, a sentence each.")),
    }
