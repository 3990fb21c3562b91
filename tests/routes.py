"""The routes of template.yaml, so that a test which goes through all of them covers a new one by itself."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from tests.builders import ACCOUNT, CALL, RELAY_ID, api_event
from tests.template import resources

FILLED_IN = {"account_id": ACCOUNT, "call_id": CALL, "relay_id": RELAY_ID, "code": "timeout"}
"""Values of path parameters, unless a test has others; one that is not named here is filled in as ``x``."""

BODIES = {
    "/pivot/validate": '{"data":{"body":""}}',
    "/pivot/relays": '{"data":{"name":"welcome","voice_url":"https://pivot.example.com/ivr"}}',
    "/{relay_id}": '{"data":{"name":"welcome","voice_url":"https://pivot.example.com/ivr"}}',
    "/secret": '{"data":{}}',
}
"""A body that a PUT, POST or PATCH takes, by the end of its path; an empty list of documents unless named here."""


@dataclass(frozen=True, order=True)
class Route:
    """A verb and a path of the template, and the folder of the function that answers."""

    verb: str
    path: str
    folder: str
    needs_token: bool

    @property
    def handler(self) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
        module = importlib.import_module(f"{self.folder.strip('/').replace('/', '.')}.app")
        handler: Callable[[dict[str, Any], Any], dict[str, Any]] = module.handler
        return handler

    @property
    def is_of_an_account(self) -> bool:
        return "{account_id}" in self.path

    def filled_in(self, **values: str) -> str:
        """The path as a client sends it."""
        known = FILLED_IN | values
        return re.sub(r"\{(\w+)\+?\}", lambda found: quote(known.get(found[1], "x"), safe=""), self.path)

    def event(self, *, account_id: str = ACCOUNT, body: str | None = None, **request: Any) -> dict[str, Any]:
        """What the function gets for a request of this route; *request* is that of ``api_event``."""
        if body is None and self.verb in ("PUT", "POST", "PATCH"):
            body = next((text for end, text in BODIES.items() if self.path.endswith(end)), '{"data":[]}')
        event = api_event(**{"method": self.verb, "account_id": account_id, "body": body} | request)
        return event | {"resource": self.path, "path": self.filled_in(account_id=account_id)}

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


@cache
def routes() -> tuple[Route, ...]:
    """All of the API, those for any other verb (``ANY``) included."""
    return tuple(
        Route(
            verb=event["Properties"]["Method"].upper(),
            path=event["Properties"]["Path"],
            folder=function["CodeUri"],
            needs_token=event["Properties"].get("Auth", {}).get("Authorizer") != "NONE",
        )
        for function in resources("AWS::Serverless::Function").values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    )


def routes_with_token() -> list[Route]:
    return sorted(route for route in routes() if route.needs_token)


def routes_of_accounts() -> list[Route]:
    return [route for route in routes_with_token() if route.is_of_an_account]
