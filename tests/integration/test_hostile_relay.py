"""Servers and requests made to break the relay: the call gets its answer, and its record holds no secret."""

import pytest

from tests.integration import test_relay
from tests.integration.conftest import RELAY_ROOT, Service
from tests.integration.servers import answers, redirect
from tests.integration.test_relay import call, records, relayed

pytestmark = pytest.mark.enable_socket

local_servers_are_allowed = test_relay.local_servers_are_allowed


FUNCTION_URL = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws"


@pytest.mark.parametrize(
    ("own_domain", "target"), [(RELAY_ROOT, RELAY_ROOT), (RELAY_ROOT, FUNCTION_URL), ("", FUNCTION_URL)]
)
def test_a_redirect_to_the_relay_itself_ends_there_instead_of_going_round_for_ever(
    service: Service, monkeypatch: pytest.MonkeyPatch, own_domain: str, target: str
) -> None:
    with relayed(service, answers(redirect(f"{target}/x"))) as (_, url):
        monkeypatch.setenv("RELAY_ROOT", own_domain)
        reply = call(service, url)

    assert reply["statusCode"] == 502
    assert "the relay's own address" in records(service)[1]["transport_error"]["message"]
