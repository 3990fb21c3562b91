"""Fills the local stack with the demo calls, through the public API, and shows how to ask for them."""

import time
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from local.demo_calls import write_demo_file
from local.machine import LocalStackError
from local.progress import say
from local.stack import LocalStack

ACCOUNT_ID: Final = "4d1f8a3be05c4e7c9a62d7308b5e9f14"
# The demo calls reach back two months, further than calls are kept by default.
_RETENTION_DAYS: Final = 400
_RECORDED_SECONDS: Final = 60


def create_account(stack: LocalStack) -> str:
    """Sets up the demo account and returns a token for it."""
    stack.set_account(ACCOUNT_ID, retention_days=_RETENTION_DAYS)
    return stack.create_token(ACCOUNT_ID)


def load_calls(stack: LocalStack, token: str) -> None:
    """Sends the demo documents in."""
    file = stack.state / "demo-calls.json"
    write_demo_file(file, ACCOUNT_ID, datetime.now(UTC))
    stack.ingest(file, account_id=ACCOUNT_ID, token=token)


def listed_calls(stack: LocalStack, token: str) -> list[dict[str, Any]]:
    """The newest calls, once all that was sent in is recorded.

    Raises:
        LocalStackError: the recorder did not get that far within a minute.
    """
    deadline = time.monotonic() + _RECORDED_SECONDS
    while time.monotonic() < deadline:
        if not stack.unrecorded() and (calls := _list(stack, token)):
            return calls
        time.sleep(0.2)
    raise LocalStackError(f"The demo calls are not listed. Look at {stack.state / 'ministack.log'}")


def _list(stack: LocalStack, token: str) -> list[dict[str, Any]]:
    url = f"{stack.api_root}/accounts/{ACCOUNT_ID}/pivot/debug"
    answer = httpx.get(url, headers={"X-Auth-Token": token}, trust_env=False, timeout=30)
    if not answer.is_success:
        raise LocalStackError(f"The list of calls answered {answer.status_code}: {answer.text}")
    calls: list[dict[str, Any]] = answer.json()["data"]
    return calls


def show_requests(stack: LocalStack, token: str, calls: list[dict[str, Any]]) -> None:
    """Prints requests to copy. The call is one that failed and whose id must be percent-encoded, if there is one."""
    failed = [call for call in calls if call["verdict"]["status"] == "error"] or calls
    call = next((one for one in failed if quote(one["call_id"], safe="") != one["call_id"]), failed[0])
    url = f"{stack.api_root}/accounts/{ACCOUNT_ID}/pivot/debug"
    reason = call["verdict"].get("reason", "It went well.")
    requests = {
        f"The calls of account {ACCOUNT_ID}, newest first:": url,
        "Those that failed:": f"{url}?has_errors=true",
        f"Every record of one of them ({reason}):": f"{url}/{quote(call['call_id'], safe='')}",
    }
    for title, address in requests.items():
        say(f'\n{title}\n\n  curl -s -H "X-Auth-Token: {token}" "{address}" | python3 -m json.tool')


def show_relay(relay_url: str) -> None:
    """Prints a request to the relay, as KAZOO would send it."""
    say(
        "\nA call through the relay, as KAZOO would place it; a moment later it is the first of the list:"
        f'\n\n  curl -i "{relay_url}?Call-ID=my-call-1&Caller-ID-Number=%2B14155550117&Api-Version=4.x"\n'
    )
