"""API Gateway as the tests need it: it finds the route, asks the authorizer, evaluates the policy, calls the function.

Where AWS's behaviour is not certain, it is lenient: the function must then stand alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from functions.authorizer import app as authorizer
from tests.builders import NOW_MS
from tests.iam import allows
from tests.routes import Route, routes
from tests.template import resources

STAGE = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/dev"
_IDENTITY = resources("AWS::Serverless::Api")["Api"]["Auth"]["Authorizers"]["TokenAuthorizer"]["Identity"]

Reply = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A request as a client sends it: the path percent-encoded or however it likes."""

    verb: str
    path: str
    token: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


def routes_of(asked: Asked) -> Iterator[Route]:
    """Each route that the request could be taken for: as it was sent, decoded, or with slashes run together."""
    spellings = {asked.path, unquote(asked.path), re.sub("/+", "/", asked.path), asked.path.rstrip("/")}
    for route in routes():
        pattern = re.sub(r"\\\{\w+(\\\+)?\\\}", lambda found: ".+" if found[1] else "[^/]+", re.escape(route.path))
        if takes(route, asked.verb) and any(re.fullmatch(pattern, one, re.DOTALL) for one in spellings):
            yield route


def takes(route: Route, verb: str) -> bool:
    """Whether a request of this verb comes to the route: one for any verb gets what its path has no own route for."""
    return route.verb == verb or (
        route.verb == "ANY" and not any((one.verb, one.path) == (verb, route.path) for one in routes())
    )


def policy_of(token: str, method_arn: str = f"{STAGE}/GET/") -> dict[str, Any] | None:
    """The authorizer's answer, None where it is 401; API Gateway asks only about what looks like a token."""
    if not re.fullmatch(_IDENTITY["ValidationExpression"], token):
        return None
    event = {"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authorizer, "time", SimpleNamespace(time=lambda: NOW_MS / 1000))
        try:
            return authorizer.handler(event, None)
        except Exception as error:  # noqa: BLE001 - any kind is looked at
            # Of any other text the gateway would make a 500.
            return None if error.args == ("Unauthorized",) else pytest.fail(f"the authorizer broke: {error!r}")


def is_let_through(policy: dict[str, Any], asked: Asked) -> bool:
    """By the path as it was sent, or decoded: whichever form AWS puts into the ARN."""
    return any(allows(policy, f"{STAGE}/{asked.verb}{path}") for path in {asked.path, unquote(asked.path)})


def event_of(asked: Asked, route: Route, context: dict[str, Any], *, decoded: bool) -> dict[str, Any]:
    """What the function gets; the local stack decodes the path, AWS does not."""
    event = route.event(query=asked.query or None, headers={"X-Auth-Token": asked.token, **asked.headers})
    request = event["requestContext"] | {"authorizer": context}
    body = event["body"] if asked.body is None else asked.body
    path = unquote(asked.path) if decoded else asked.path
    return event | {"httpMethod": asked.verb, "path": path, "requestContext": request, "body": body}


def answers(asked: Asked, *, policy: dict[str, Any] | None = None, decoded: bool = False) -> list[Reply]:
    """The functions' replies to a request that got past the policy; a status alone where the gateway refused it.

    *policy* is one that the gateway still has from an earlier request.
    """
    return [_answer(asked, route, policy, decoded=decoded) for route in routes_of(asked)] or [{"statusCode": 404}]


def _answer(asked: Asked, route: Route, policy: dict[str, Any] | None, *, decoded: bool) -> Reply:
    known: dict[str, Any] = {"context": {}, "principalId": ""}
    if route.needs_token:
        known_policy = policy or policy_of(asked.token)
        if known_policy is None:
            return {"statusCode": 401}
        if not is_let_through(known_policy, asked):
            return {"statusCode": 403}
        known = known_policy
    return ask_function(asked, route, known["context"], decoded=decoded)


def ask_function(asked: Asked, route: Route, context: dict[str, Any], *, decoded: bool) -> Reply:
    with pytest.MonkeyPatch.context() as patch:
        if decoded:
            patch.setenv("PATH_PARAMETERS", "decoded")
        return route.handler(event_of(asked, route, context, decoded=decoded), None)
