"""Every error answer: those that envelope.py makes of the domain's errors, and those of the gateway (template.yaml)."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from openapi.examples import REQUEST, steady
from openapi.replies import BASE
from openapi.route import JSON_TYPE, ref
from openapi.shapes import Schema, text, thing
from pivot_debug import envelope, errors
from pivot_debug.intake import MAX_BODY

SAMPLES: tuple[Exception, ...] = (
    errors.InvalidRequestError("page_size", "minimum", "must be at least 1", target=1),
    errors.ExpiredTokenError(),
    errors.ForbiddenError(),
    errors.UnknownAccountError("0123"),
    errors.TooManyRequestsError(24),
    errors.BodyTooLargeError(MAX_BODY),
    errors.UnknownErrorCodeError(),
    errors.UnknownRelayError("3c5f922aa08795eff3253174c6371e1f"),
    errors.MethodNotAllowedError(("GET", "HEAD", "PUT", "OPTIONS")),
    errors.NotAcceptableError(),
    errors.TooMuchAtOnceError(),
    errors.RecordingOffError(),
    errors.StoreUnavailableError(),
    RuntimeError(),
)
"""One error of each kind that envelope.py tells apart; the last stands for whatever nobody thought of."""

_TEMPLATE = Path(__file__).parent.parent / "template.yaml"
_UNEXPECTED = "Something nobody thought of; the log has the cause under the `request_id`."
_HEADERS_OF = {405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}


class _Loader(yaml.SafeLoader):
    """YAML that passes over CloudFormation's short tags."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def refusals() -> dict[int, dict[str, Schema]]:
    """Example answers by status and by what makes them."""
    found: dict[int, dict[str, Schema]] = defaultdict(dict)
    for error in SAMPLES:
        reply = envelope.error_reply(REQUEST, error)
        about = (type(error).__doc__ or "").strip().splitlines()[0].replace("``", "`")
        summary = _UNEXPECTED if type(error) is RuntimeError else about
        example = {"summary": summary, "value": steady(json.loads(reply["body"]))}
        found[envelope.status_of(reply)][type(error).__name__] = example
    for kind, body in _gateway_bodies().items():
        found[int(body["error"])][kind] = {"summary": f"The gateway's own answer: {kind}.", "value": body}
    return dict(sorted(found.items()))


def responses() -> Schema:
    """``components.responses``: by status, each with and without a body."""
    shown: Schema = {}
    for status, examples in refusals().items():
        description = " ".join(dict.fromkeys(example["summary"] for example in examples.values()))
        headers = {name: ref("headers", name) for name in _HEADERS_OF.get(status, ())}
        bare = {"description": description} | ({"headers": headers} if headers else {})
        content = {JSON_TYPE: {"schema": ref("schemas", f"Error{status}"), "examples": examples}}
        shown |= {str(status): bare | {"content": content}, f"{status}-without-body": bare}
    return shown


def error_schemas() -> Schema:
    """``Error400`` and its like: exact in status and message."""
    return {
        f"Error{status}": _schema(status, [example["value"] for example in examples.values()])
        for status, examples in refusals().items()
    }


def _schema(status: int, bodies: list[dict[str, Any]]) -> Schema:
    messages = sorted({body["message"] for body in bodies})
    own = {
        "data": _data([body["data"] for body in bodies]),
        "error": {"const": str(status)},
        "message": {"type": "string", "enum": messages},
        "status": {"const": "error"},
        "request_id": BASE["request_id"],
    }
    return thing(own, {name: schema for name, schema in BASE.items() if name not in own})


def _data(examples: list[dict[str, Any]]) -> Schema:
    """Faults by field and rule, or a message with what belongs to it."""
    plain = [example for example in examples if isinstance(example.get("message"), str)]
    more = {name: text() for example in plain for name in example if name != "message"}
    shapes = [thing({"message": text()}, more)] if plain else []
    shapes += [ref("schemas", "Faults")] if len(plain) < len(examples) else []
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _gateway_bodies() -> dict[str, Any]:
    template = yaml.load(_TEMPLATE.read_text(), _Loader)  # noqa: S506 - a SafeLoader
    kinds = template["Resources"]["Api"]["Properties"]["GatewayResponses"]
    return {kind: steady(json.loads(made["ResponseTemplates"][JSON_TYPE])) for kind, made in kinds.items()}
