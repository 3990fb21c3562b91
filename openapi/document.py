"""The whole document, and its text as it is kept in docs/openapi.json."""

import json

from openapi.parameters import parameters
from openapi.refusals import error_schemas, responses
from openapi.replies import headers
from openapi.routes import ALWAYS, ROUTES
from openapi.schemas import schemas
from openapi.shapes import Schema
from pivot_debug import __version__

ANY_OTHER_VERB = ("405", "405-without-body")

_ABOUT = """\
Tells people why a phone call of KAZOO Pivot went wrong. Every answer, the gateway's own too, is Crossbar's envelope \
as `application/json` (CSV on request). Times are Gregorian seconds: Unix seconds + 62,167,219,200. A verb that is not \
listed is 405 with `Allow`, and `OPTIONS` needs no token. Clients pass over fields that they do not know: new ones \
may come."""


def document() -> Schema:
    """The OpenAPI document, plain JSON values."""
    paths: Schema = {}
    for route in ROUTES:
        paths.setdefault(route.template_path, {}).update(route.operations(ALWAYS))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pivot Debug",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [_server()],
        "tags": [
            {"name": "calls", "description": "What happened in a call."},
            {"name": "ingest", "description": "KAZOO's own debug documents."},
            {"name": "relays", "description": "What stands between KAZOO and a Pivot server, and records their calls."},
            {"name": "diagnosis", "description": "What codes mean, and a check before any call is made."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": _token()},
            "parameters": parameters(),
            "headers": headers(),
            "responses": {name: one for name, one in responses().items() if _is_needed(name, paths)},
            "schemas": schemas() | error_schemas(),
        },
    }


def _is_needed(response: str, paths: Schema) -> bool:
    """Some route refers to it; or it answers the verbs that no route has, which no path can say."""
    return response in ANY_OTHER_VERB or f'"#/components/responses/{response}"' in json.dumps(paths)


def as_text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _server() -> Schema:
    return {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/{stage}",
        "description": "The stack's output `ApiRoot` has it, with `/v2` at its end.",
        "variables": {
            "api": {"default": "abcdef1234"},
            "region": {"default": "eu-central-1"},
            "stage": {"default": "dev"},
        },
    }


def _token() -> Schema:
    description = "A token of this service (`pivot-debug token create`), or a KAZOO JWT where that is set up."
    return {"type": "apiKey", "in": "header", "name": "X-Auth-Token", "description": description}
