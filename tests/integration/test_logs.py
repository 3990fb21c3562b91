"""Nothing of a body, a token or a secret is in any line that a function logs, whatever goes well or wrong."""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from functions.authorizer import app as authorizer
from functions.debug_api import app as debug_api
from functions.deletion import app as deletion
from functions.diagnosis_api import app as diagnosis_api
from functions.ingest import app as ingest
from functions.recorder import app as recorder
from pivot_debug import dynamodb, tokens
from tests.builders import (
    ACCOUNT,
    CREATED,
    NOW_MS,
    RELAY_ID,
    RELAY_SECRET,
    a_call,
    a_relay,
    a_request,
    a_response,
    api_event,
    event,
    queue_event,
)
from tests.integration.helpers import Sent, aws_error, deployed, logged, tapped
from tests.integration.service import Service

CANARY = "canary7f3a"
HIDDEN = "4415550199"
"""A caller's number, as every request holds one."""
KEYED = "908172635"
"""What a caller keyed in."""
CARD = "4000056655665556"
HALF = 16
"""Characters of a secret that would be no less a leak than all of them."""
MADE_UP = "d" * 32
"""A relay's secret that somebody guessed."""

Run = Callable[[], Any]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with deployed() as service:
        yield service


def a_token(service: Service) -> str:
    token, row = tokens.new_token(name=CANARY, accounts=(ACCOUNT,), scopes=("debug:read",), now=NOW_MS // 1000)
    service.tokens().add(row)
    return token


def bodies() -> list[dict[str, Any]]:
    """Documents with a canary wherever a customer's data may be."""
    answer = f'<Response><Say>{CANARY} {CARD}</Say><Sip password="{CANARY}">x</Sip></Response>'
    uri = f"https://{CANARY}:{CANARY}@a.example/x?token={CANARY}&From={HIDDEN}&Digits={KEYED}&b={CARD}"
    headers = {"set-cookie": CANARY, "location": f"/x?Digits={KEYED}"}
    body = f"a={CANARY}&Digits={KEYED}&b={CARD}&u=pvr_{RELAY_ID}_{RELAY_SECRET}"
    return [
        a_request(uri=uri, req_headers={"x-auth-token": CANARY}, req_body=body, extra=CANARY),
        a_response(created=CREATED + 1, resp_body=answer, resp_headers=headers),
        {"call_id": "bad", "created": CANARY, "resp_body": CANARY},
    ]


def runs(service: Service) -> dict[str, Run]:
    """Every function, asked for everything that it can do."""
    token = a_token(service)
    sample = event("authorizer_good_token")
    arn = sample["methodArn"]
    put = api_event(method="PUT", body=json.dumps({"data": bodies()}), headers={"X-Auth-Token": token})
    answer = json.dumps({"module": CANARY, "data": {"digits": KEYED, "text": CARD}})
    validate = event("validate") | {"body": json.dumps({"data": {"body": answer}})}
    query = f"Call-ID={CANARY}&From={HIDDEN}&Digits={KEYED}&b={CARD}&token={CANARY}"
    wrong = f"/{ACCOUNT}/pvr_{RELAY_ID}_{MADE_UP}/voice/x"
    assert service.put(bodies())["statusCode"] == 202
    messages = [*service.receive(), f'{{"account_id":"{CANARY}"}}', CANARY]
    # The guard refuses this server, so that the relay needs no network to say what it logs.
    service.relay_store().add(a_relay(voice_url=f"http://10.0.0.1/{CANARY}"))
    definition = {"name": CANARY, "voice_url": f"https://{CANARY}.example/"}
    own = service.relays("PUT", data=definition)["json"]["data"]["id"]
    return {
        "authorizer, good": lambda: authorizer.handler(sample | {"authorizationToken": token, "methodArn": arn}, None),
        "authorizer, bad": lambda: _raising(sample | {"authorizationToken": f"pvd_{CANARY}_{CANARY}"}),
        "authorizer, JWT": lambda: _raising(sample | {"authorizationToken": f"{CANARY}.{CANARY}.{CANARY}"}),
        "ingest": lambda: ingest.handler(put, None),
        "ingest, no JSON": lambda: ingest.handler(put | {"body": CANARY}, None),
        "recorder": lambda: recorder.handler(queue_event(messages), None),
        "list": lambda: debug_api.handler(api_event(query={"filter_uri": CANARY, "start_key": CANARY}), None),
        "list, filtered": lambda: debug_api.handler(api_event(query={"filter_uri": CANARY}), None),
        "read": lambda: debug_api.handler(api_event(call_id=CANARY), None),
        "delete": lambda: deletion.handler(api_event(method="DELETE", call_id=CANARY, scopes="debug:delete"), None),
        "validate": lambda: diagnosis_api.handler(validate, None),
        "relay": lambda: service.called(raw_query=query),
        "relay, form": lambda: service.called(method="POST", body=query),
        "relay, another secret": lambda: service.called(raw_path=wrong, raw_query=query),
        "relay, unknown": lambda: service.called(raw_path=f"/{CANARY}/pvr_{CANARY}"),
        "relays": lambda: service.relays("PUT", data=definition),
        "relays, refused": lambda: service.relays(
            "PUT", data={"name": CANARY, "voice_url": f"http://10.0.0.1/{CANARY}"}
        ),
        "relays, list": lambda: service.relays("GET"),
        "relays, one": lambda: service.relays("GET", own),
        "relays, changed": lambda: service.relays("PATCH", own, data={"name": CANARY}),
        "relays, replaced": lambda: service.relays("POST", own, data=definition),
        "relays, new secret": lambda: service.relays("PUT", own, "secret"),
        "relays, deleted": lambda: service.relays("DELETE", own),
        "relays, another's": lambda: service.relays("GET", MADE_UP),
        "forbidden": lambda: debug_api.handler(api_event(account_id=CANARY), None),
    }


def _raising(request: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="Unauthorized"):
        authorizer.handler(request, None)


def throttled(sent: Sent) -> None:
    raise aws_error("ThrottlingException", sent.operation)


def unreachable(_: Sent) -> None:
    raise ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")


def refused(sent: Sent) -> None:
    """DynamoDB repeats a key in the message of a ValidationException; ours holds call ids, which are no secrets."""
    raise aws_error("ValidationException", sent.operation)


SHOWN = re.compile(r"pvr_[0-9a-f]{32}_([A-Za-z0-9]+)")


def logged_of(run: Run, fault: Callable[[Sent], None] | None) -> tuple[str, set[str]]:
    """What a run logs, and the secrets of relays that its reply shows to the client."""
    reply = None
    with logged() as log, redirect_stdout(log):
        if fault is None:
            reply = run()
        else:
            # The authorizer lets faults rise to the gateway, which answers 500.
            with tapped(dynamodb.client(), fault), suppress(Exception):
                reply = run()
    return log.getvalue(), set(SHOWN.findall(json.dumps(reply, default=str)))


@pytest.mark.parametrize(
    "fault", [None, throttled, unreachable, refused], ids=lambda fault: getattr(fault, "__name__", "well")
)
def test_no_line_of_any_function_holds_a_body_a_token_a_number_or_a_secret(
    service: Service, fault: Callable[[Sent], None] | None
) -> None:
    every = runs(service)
    logs = {}
    shown = {RELAY_SECRET, MADE_UP, a_relay().origin_key}
    for name, run in every.items():
        logs[name], secrets = logged_of(run, fault)
        shown |= secrets

    for name, text in logs.items():
        found = [one for one in (CANARY, HIDDEN, KEYED, CARD, "pvd_", "pvr_", *shown) if one[:HALF] in text]
        assert found == [], name
    lines = sum(text.count("\n") for text in logs.values())
    assert lines >= len(every) - 2, "a function that logs nothing proves nothing"
    if fault is None:
        # Of the relay that is made, of the one that is read and changed, and its new one.
        assert len(shown) >= 3 + 3, "a reply that shows no address proves nothing"


def test_calls_of_others_are_named_in_no_line(service: Service) -> None:
    with logged() as log:
        service.given(a_call(call_id=CANARY))
        service.get(call_id=CANARY)

    assert CANARY not in log.getvalue()


# ---------------------------------------------------------------- metrics


def counted(run: Run) -> dict[str, int]:
    """Names and numbers of the metrics that a run adds to, as CloudWatch reads them."""
    out = io.StringIO()
    with redirect_stdout(out), logged(), suppress(Exception):
        run()
    found: dict[str, int] = {}
    for line in map(json.loads, out.getvalue().splitlines()):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == ("PivotDebug", [["function"]])
        for metric in directive["Metrics"]:
            found[metric["Name"]] = found.get(metric["Name"], 0) + line[metric["Name"]]
    return found


def test_each_function_counts_what_it_does(service: Service) -> None:
    every = runs(service)

    assert counted(every["authorizer, bad"]) == {"TokensRefused": 1}
    assert counted(every["ingest"]) == {"DocumentsAccepted": 2, "DocumentsRejected": 1, "RecordsRedacted": 2}
    recorded = counted(every["recorder"])
    assert recorded.get("RecordsStored", 0) + recorded.get("RecordsKnown", 0) >= 2
    assert recorded["DeliveriesFailed"] == 2
    service.given(a_call(call_id="to be deleted"))
    gone = api_event(method="DELETE", call_id="to be deleted", scopes="debug:delete")
    assert counted(lambda: deletion.handler(gone, None)) == {"RecordsDeleted": 2}


def test_the_relay_counts_what_it_hides_and_measures_what_it_adds(service: Service) -> None:
    told = counted(runs(service)["relay"])

    assert told.pop("RelayMs") >= 0
    assert told == {"RequestsRelayed": 1, "ServersSilent": 1, "RecordsRedacted": 1}
    assert service.receive()


def test_a_cut_body_is_counted(service: Service) -> None:
    body = json.dumps({"data": a_response(resp_body="x" * 300_000)})
    put = api_event(method="PUT", body=body)

    assert counted(lambda: ingest.handler(put, None))["RecordsTruncated"] == 1
    assert service.receive()


def test_verdicts_are_counted_as_summaries_are_written(service: Service) -> None:
    service.put([*a_call(call_id="ok"), *a_call(call_id="bad", status="500"), *a_call(call_id="bad2", status="404")])
    messages = service.receive()

    first = counted(lambda: recorder.handler(queue_event(messages), None))
    again = counted(lambda: recorder.handler(queue_event(messages), None))

    assert {name: number for name, number in first.items() if name.startswith("Verdicts")} == {
        "VerdictsOk": 1,
        "VerdictsError": 2,
    }
    assert again == {"RecordsKnown": first["RecordsStored"]}
