"""Requests that nobody would think of, made from docs/openapi.json, against the deployed stack.

`make test` sends some hundreds, `make fuzz` as many as FUZZ_EXAMPLES for each operation asks for.
"""

import copy
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.stack import LocalStack
from pivot_debug.tokens import SCOPES
from tests.described import closed, document, operations
from tests.e2e.client import Api, greg, new_account, recent_call
from tests.template import ROOT

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
"""Cases for each operation, beside those that go through each keyword of the document once."""

SEED = os.environ.get("FUZZ_SEED", "1")

CHECKS = [
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "ignored_auth", "unsupported_method", "no_secret_in_the_reply"),
    # What the document calls wrong is refused: a matter of taste in places, and so for those who look.
    *(("negative_data_rejection",) if "FUZZ_EXAMPLES" in os.environ else ()),
]

SECRETS = ("planted-in-a-header-7f3a", "planted-in-the-url-91bc", "planted-in-a-form-d04e", "of-the-other-account-55aa")


@dataclass(frozen=True)
class Run:
    """What Schemathesis found: its report, and what it printed."""

    report: dict[str, Any]
    printed: str


def given_secrets(api: Api, other: Api) -> None:
    request, response = recent_call("planted")
    api.given(
        [
            request
            | {
                "uri": f"https://user:{SECRETS[0]}@pivot.example.com/ivr?api_key={SECRETS[1]}&To=2600",
                "method": "post",
                "req_headers": {"authorization": f"Bearer {SECRETS[0]}", "x-auth-token": SECRETS[0]},
                "req_body": f"Digits=1&password={SECRETS[2]}",
            },
            response | {"resp_headers": {"set-cookie": f"session={SECRETS[0]}", "content-type": "application/json"}},
        ]
    )
    other.given([document | {"pvt_node": SECRETS[3]} for document in recent_call("planted")])
    given_relay(other, name=SECRETS[3])


def given_relay(api: Api, *, name: str) -> str:
    """The id of a new relay. Its server is never asked: nothing here calls a relay's address."""
    definition = {"name": name, "voice_url": "https://pivot.example.com/ivr"}
    reply = api.request("PUT", path="/relays", json={"data": definition})
    assert reply.status_code == 201, reply.text
    relay_id: str = reply.json()["data"]["id"]
    return relay_id


def for_one_account(api: Api) -> dict[str, Any]:
    """The document, closed, with requests that reach the account's data, and times that can be of a call."""
    account_id, kept, deleted = api.account_id, given_relay(api, name="kept"), given_relay(api, name="deleted")
    fuzzed: dict[str, Any] = copy.deepcopy(closed(document()))
    components = fuzzed["components"]
    components["parameters"]["account_id"] |= {"schema": {"enum": [account_id]}, "example": account_id}
    components["parameters"]["call_id"]["schema"] |= {"examples": ["planted"]}
    components["parameters"]["relay_id"] |= {"schema": {"enum": [kept]}, "example": kept}
    # Any text can be a call's id, and deleting one that is not there is no fault.
    spare(fuzzed, "{call_id}", "deleted one day", {"type": "string", "minLength": 1})
    spare(fuzzed, "{relay_id}", deleted, {"enum": [deleted]})
    for name in ("_id", "pvt_account_id", "pvt_created", "pvt_node"):
        # Another account's is refused, and nearly all would be; the others go before the public names.
        components["schemas"]["Document"]["properties"].pop(name)
    for name in ("created_from", "created_to"):
        components["parameters"][name]["schema"] |= {"examples": [greg(3600)]}
    return fuzzed


def spare(fuzzed: dict[str, Any], path_end: str, value: str, schema: dict[str, Any]) -> None:
    """What is deleted is another thing than what the rest of the requests is about."""
    (verbs,) = (verbs for path, verbs in fuzzed["paths"].items() if path.endswith(path_end))
    name, parameters = path_end.strip("{}"), verbs["delete"]["parameters"]
    (place,) = (place for place, one in enumerate(parameters) if one["$ref"].endswith(f"/{name}"))
    shared = fuzzed["components"]["parameters"][name]
    parameters[place] = shared | {"example": value, "schema": schema}


def schemathesis(stack: LocalStack, api: Api, folder: Path, *options: str, secrets: list[str]) -> Run:
    """Run the program on all operations, or on those that *options* choose; its files go into *folder*."""
    (folder / "openapi.json").write_text(json.dumps(for_one_account(api)))
    report = folder / "report.json"
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", str(folder / "openapi.json")),
        *("--url", stack.api_root.removesuffix("/v2"), "--header", f"X-Auth-Token: {api.token}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--checks", ",".join(CHECKS)),
        *("--report-json-path", str(report), "--continue-on-failure", "--no-color", "--seed", SEED),
        *options,
    ]
    hooks = {
        "SCHEMATHESIS_HOOKS": "tests.e2e.fuzz_hooks",
        "FUZZ_SECRETS": json.dumps(secrets),
        "FUZZ_TOKEN": api.token,
        "PYTHONPATH": str(ROOT),
    }
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | hooks
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert report.exists(), done.stdout + done.stderr
    return Run(json.loads(report.read_text()), done.stdout + done.stderr)


def may_do_everything(stack: LocalStack) -> Api:
    """With a token that no minute stops."""
    account_id = new_account()
    return Api(stack, account_id, stack.create_token(account_id, scopes=",".join(SCOPES), requests_per_minute="60000"))


@pytest.fixture(scope="module")
def target(stack: LocalStack) -> tuple[Api, Api]:
    """An account to shoot at, and one that nothing may be seen of."""
    api, other = may_do_everything(stack), may_do_everything(stack)
    given_secrets(api, other)
    return api, other


@pytest.fixture(scope="module")
def run(stack: LocalStack, target: tuple[Api, Api], tmp_path_factory: pytest.TempPathFactory) -> Run:
    api, other = target
    return schemathesis(stack, api, tmp_path_factory.mktemp("fuzz"), secrets=[*SECRETS, other.token])


def test_no_request_breaks_the_service_or_its_document(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    found = run.report["test_cases"]
    with capsys.disabled():
        print(f"\nfuzzed: {found['generated']} cases, {found['unique_failures']} failures")

    assert run.report["failures"] == run.report["errors"] == [], run.printed
    assert run.report["complete"]
    assert found["generated"] > EXAMPLES * len(operations())


def test_every_operation_was_reached_behind_its_door(run: Run) -> None:
    accepted = {
        operation: sum(phase["accepted"] for phase in phases.values())
        for operation, phases in run.report["valid_rates"].items()
    }

    assert set(accepted) == {f"{verb} {path}" for verb, path in operations()}
    assert all(accepted.values()), accepted


def test_a_secret_in_a_reply_would_have_been_found(stack: LocalStack, tmp_path: Path) -> None:
    # Of an account of its own: a long run leaves the other with as many relays as it may have.
    api = may_do_everything(stack)

    # A word that is in a reply indeed: else the tests above would prove nothing.
    run = schemathesis(stack, api, tmp_path, "--include-name", "GET /v2/pivot/errors", secrets=["http_5xx"])

    assert {failure["title"] for failure in run.report["failures"]} == {"Custom check failed: `no_secret_in_the_reply`"}
