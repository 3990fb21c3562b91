"""Each answer that docs/openapi.json promises of a function is one that the function really gives.

That it looks as described is what conftest.py makes sure of, here and in every other integration test.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from functions.ingest import app as ingest
from functions.relays_api import app as relays_api
from openapi.route import JSON_TYPE
from pivot_debug import dictionary, dynamodb, endpoint, query
from pivot_debug.account_store import AccountSettings
from pivot_debug.intake import MAX_BODY
from pivot_debug.queue import RecordQueue
from pivot_debug.relay_store import RelayStore
from pivot_debug.tokens import ALL_ACCOUNTS, SCOPES
from pivot_debug.usage import Usage
from tests.builders import ACCOUNT, NOW_MS, OTHER_ACCOUNT, RELAY_ID, a_call, a_relay, a_request
from tests.described import document, fault_of, operations, path_of
from tests.integration.helpers import aws_error, deployed, raising, tapped
from tests.integration.service import Service
from tests.routes import Route, routes

LIST, CALL = "/v2/accounts/{account_id}/pivot/debug", "/v2/accounts/{account_id}/pivot/debug/{call_id+}"
RELAYS, RELAY = "/v2/accounts/{account_id}/pivot/relays", "/v2/accounts/{account_id}/pivot/relays/{relay_id}"
SECRET = f"{RELAY}/secret"
VALIDATE, ERROR = "/v2/accounts/{account_id}/pivot/validate", "/v2/pivot/errors/{code}"
ERRORS = [(verb, path) for path in ("/v2/pivot/errors", ERROR) for verb in ("GET", "HEAD")]
OF_RELAY = (("GET", RELAY), ("POST", RELAY), ("PATCH", RELAY), ("DELETE", RELAY), ("PUT", SECRET))
READS = (("GET", LIST), ("HEAD", LIST), ("GET", CALL), ("HEAD", CALL))


OF_ACCOUNTS = (
    *(*READS, ("PUT", LIST), ("DELETE", CALL), ("PUT", VALIDATE)),
    *(("GET", RELAYS), ("PUT", RELAYS), *OF_RELAY),
)

OF_THE_GATEWAY = {
    int(status)
    for status, response in document()["components"]["responses"].items()
    if any(name.isupper() for name in response.get("content", {}).get(JSON_TYPE, {}).get("examples", {}))
}
"""Statuses that the gateway answers by itself: its responses have names in capitals."""


@dataclass(frozen=True)
class Case:
    """A request of one route that has one answer."""

    verb: str
    path: str
    status: int
    request: dict[str, Any] = field(default_factory=dict)
    breaks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.verb} {self.path} {self.status} {self.request or ''}{' '.join(self.breaks)}"[:120]


def of_accounts(verb: str, path: str) -> list[Case]:
    """What every route of an account answers to those who may not use it."""
    any_account = {"accounts": ALL_ACCOUNTS, "scopes": ",".join(SCOPES)}
    return [
        Case(verb, path, 401, {"expires": str(NOW_MS // 1000)}),
        Case(verb, path, 403, {"accounts": OTHER_ACCOUNT}),
        Case(verb, path, 403, {"scopes": "debug:other"}),
        Case(verb, path, 404, any_account | {"account_id": "nobody"}),
        Case(verb, path, 400, any_account, breaks=("path",)),
        Case(verb, path, 429, breaks=("limit",)),
        Case(verb, path, 500, breaks=("check",)),
    ]


def of_reads(verb: str, path: str) -> list[Case]:
    return [
        Case(verb, path, 200),
        Case(verb, path, 200, {"query": {"page_size": "1"}}),
        Case(verb, path, 200, {"query": {"paginate": "false"}}),
        Case(verb, path, 200, {"query": {"accept": "csv"}}),
        Case(verb, path, 304, {"headers": {"If-None-Match": "*"}}),
        Case(verb, path, 400, {"query": {"page_size": "0"}}),
        Case(verb, path, 400, {"query": {"start_key": "x"}}),
        Case(verb, path, 406, {"headers": {"Accept": "image/png"}}),
        Case(verb, path, 416, {"query": {"paginate": "false"}}, breaks=("cap",)),
        Case(verb, path, 503, breaks=("table",)),
    ]


CASES = [
    *(case for verb, path in OF_ACCOUNTS for case in of_accounts(verb, path)),
    *(case for verb, path in READS for case in of_reads(verb, path)),
    Case("PUT", LIST, 202),
    Case("PUT", LIST, 400, {"body": "{"}),
    Case("PUT", LIST, 400, {"body": '{"data":{}}'}),
    Case("PUT", LIST, 409, breaks=("recording",)),
    Case("PUT", LIST, 413, {"body": " " * (MAX_BODY + 1)}),
    Case("PUT", LIST, 503, breaks=("queue",)),
    Case("DELETE", CALL, 200, {"scopes": "debug:delete"}),
    Case("DELETE", CALL, 503, {"scopes": "debug:delete"}, breaks=("table",)),
    Case("GET", RELAYS, 200),
    Case("PUT", RELAYS, 201),
    Case("PUT", RELAYS, 400, {"body": '{"data":{"name":"private","voice_url":"http://10.0.0.5/voice"}}'}),
    Case("PUT", RELAYS, 400, breaks=("relays",)),
    *(Case(verb, path, 503, breaks=("table",)) for verb, path in (("GET", RELAYS), ("PUT", RELAYS), *OF_RELAY)),
    *(Case(verb, path, 200 if path != RELAYS else 201) for verb, path in OF_RELAY),
    *(Case(verb, path, 404, breaks=("no relay",)) for verb, path in OF_RELAY),
    Case("POST", RELAY, 400, {"body": '{"data":{"name":"welcome"}}'}),
    Case("PATCH", RELAY, 400, {"body": '{"data":{"voice_url":"https://localhost/voice"}}'}),
    Case("PUT", SECRET, 400, {"body": '{"data":{"grace_seconds":-1}}'}),
    Case("PUT", SECRET, 200, {"body": ""}),
    Case("PUT", VALIDATE, 200),
    Case("PUT", VALIDATE, 200, {"body": '{"data":{"body":"{\\"module\\":\\"hangup\\"}","content_type":"text/plain"}}'}),
    Case("PUT", VALIDATE, 400, {"body": '{"data":{}}'}),
    *(Case(verb, path, 200) for path in ("/v2/pivot/errors", ERROR) for verb in ("GET", "HEAD")),
    *(
        Case(verb, path, 500, breaks=("dictionary",))
        for path in ("/v2/pivot/errors", ERROR)
        for verb in ("GET", "HEAD")
    ),
    *(Case(verb, ERROR, 404, {"code": "no_such_code"}) for verb in ("GET", "HEAD")),
]


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service:
        service.given(
            [document for call_id in ("one", "829597750@10.26.0.158") for document in a_call(call_id=call_id)]
        )
        yield service


def route_of(case: Case) -> Route:
    return next(route for route in routes() if (route.verb, route.path) == (case.verb, case.path))


def crash(*_: object) -> None:
    raise RuntimeError("canary")


def broken(what: tuple[str, ...], patch: pytest.MonkeyPatch, open_: ExitStack) -> None:
    """Put out of order what the case names."""
    if "check" in what:
        patch.setattr("pivot_debug.caller.check", crash)
    if "dictionary" in what:
        patch.setattr(dictionary, "as_json", crash)
    if "cap" in what:
        patch.setattr(query, "UNPAGED_CAP", 1)
    if "table" in what:
        open_.enter_context(tapped(dynamodb.client(), raising(aws_error("ThrottlingException"))))
    if "recording" in what:
        patch.setattr(ingest, "settings_in_period", lambda *_: AccountSettings(recording=False))
    if "limit" in what:
        patch.setattr(endpoint, "usage_of", lambda _: Usage(limit=1, used=2, ends_in=24))
    if "no relay" in what:
        RelayStore("RelayTable", dynamodb.client()).delete(ACCOUNT, RELAY_ID)
    if "relays" in what:
        patch.setattr(relays_api, "MAX_RELAYS", 0)
    if "queue" in what:
        patch.setattr(ingest, "queue", lambda: RecordQueue("http://127.0.0.1/none", boto3.client("sqs")))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_that_the_document_promises_is_given(
    deployment: Service, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = dict(case.request)
    code = request.pop("code", None)
    route = route_of(case)
    deployment.relay_store().add(a_relay())
    if "queue" in case.breaks:
        request["body"] = json.dumps({"data": a_request()})
    event = route.event(**request)
    event |= {"path": route.filled_in(code=code)} if code else {}
    if "path" in case.breaks:
        event |= {"path": event["path"].replace(ACCOUNT, "%ff")}

    with ExitStack() as open_:
        broken(case.breaks, monkeypatch, open_)
        reply = route.handler(event, None)

    assert reply["statusCode"] == case.status, reply["body"]
    assert fault_of(case.verb, case.path, reply) == ""
    assert "canary" not in reply["body"]


OTHER_VERBS = [
    (verb, path)
    for path in sorted({route.path for route in routes()})
    for verb in ("POST", "PATCH", "DELETE", "TRACE")
    if (verb, path_of(path)) not in operations()
]


@pytest.mark.parametrize(("verb", "path"), OTHER_VERBS)
def test_any_other_verb_is_405_and_says_what_is_allowed(verb: str, path: str) -> None:
    (route,) = (one for one in routes() if (one.verb, one.path) == ("ANY", path))

    reply = route.handler(route.event(method=verb), None)

    assert reply["statusCode"] == 405
    allowed = {known for known, described in operations() if described == path_of(path)}
    assert set(reply["headers"]["Allow"].split(", ")) == {*allowed, "OPTIONS"}


@pytest.mark.parametrize(("verb", "path"), sorted(operations()))
def test_a_status_that_no_case_meets_is_one_of_the_gateway(verb: str, path: str) -> None:
    promised = {int(status) for status in operations()[verb, path]["responses"]}
    met = {case.status for case in CASES if (case.verb, path_of(case.path)) == (verb, path)}

    assert promised - met <= OF_THE_GATEWAY
