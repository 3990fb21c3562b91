"""The deployment that tests share, an account of its own for each, and what holds for every reply."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from pivot_debug import envelope
from pivot_debug.api_request import ApiRequest
from pivot_debug.errors import InvalidRequestError
from tests.described import fault_of
from tests.integration.helpers import Account, deployed
from tests.integration.service import Service, deployed_service


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with deployed_service(monkeypatch) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def deployment() -> Iterator[Service]:
    with deployed() as service:
        yield service


@pytest.fixture
def account(deployment: Service) -> Iterator[Account]:
    account = Account.new(deployment)
    yield account
    while deployment.receive():
        pass
    account.forget()


def answered_route(request: ApiRequest) -> str:
    """The route that an answer is of: a call without an id is the list of calls, as a gateway may let it through."""
    with suppress(InvalidRequestError):
        if request.method in ("GET", "HEAD") and not request.call_id:
            return request.resource.removesuffix("/{call_id+}")
    return request.resource


@pytest.fixture(autouse=True)
def _every_reply_is_as_docs_openapi_describes_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test is about: each reply of each function is held against the document."""
    make, faults = envelope._reply, []

    def watched(request: ApiRequest, status: int, body: str, headers: dict[str, str]) -> envelope.Reply:
        reply = make(request, status, body, headers)
        faults.append(fault_of(request.method, answered_route(request), reply))
        return reply

    monkeypatch.setattr(envelope, "_reply", watched)
    yield
    assert [fault for fault in faults if fault] == []
