"""Demo calls through the relay: KAZOO's requests, played to a small Pivot server with good and bad answers."""

import socket
from typing import Any, Final

import httpx

from local.demo_calls.documents import BOOKING, CALLERS
from local.machine import LocalStackError
from local.stack import LocalStack
from pivot_debug_cli.kazoo_requests import Call, Target, first_params, kazoo_request

# What each call asks for, step by step, and its verdict. KAZOO asks for the later steps of TwiML by POST.
_CALLS: Final = (
    (("/welcome", "/menu"), "ok"),
    (("/voicemail",), "ok"),
    (("/old",), "ok"),
    (("/crash",), "http_5xx"),
    (("/maintenance",), "content_type_mismatch"),
    (("/misspelt",), "unknown_module"),
    (("/comma",), "json_syntax"),
    (("/welcome", "/verb"), "twiml_unknown_verb"),
    (("/nothing",), "empty_body"),
)
_SLOW: Final = len(_CALLS)
_DEAD: Final = _SLOW + 1
_PATIENCE_MS: Final = 1000


def _call_id(number: int) -> str:
    return f"relay-demo-{number + 1}@203.0.113.7"


EXPECTED: Final = {
    **{_call_id(number): verdict for number, (_, verdict) in enumerate(_CALLS)},
    _call_id(_SLOW): "timeout",
    _call_id(_DEAD): "connection_refused",
}
"""The verdict of each call by its id: ``ok``, or an error code."""


def place_calls(stack: LocalStack, account_id: str, token: str, server: str) -> str:
    """Defines relays to the Pivot server at *server*, calls through them, and returns the address of one."""
    relays = Relays(stack, account_id, token)
    welcome = relays.define("Front desk", f"{server}/welcome")
    for number, (paths, _) in enumerate(_CALLS):
        for step, path in enumerate(paths):
            _call(welcome.replace("/welcome", path), account_id, number, "post" if step else "get")
    slow = relays.define("Booking, which is slow", f"{server}/slow", req_timeout_ms=_PATIENCE_MS)
    _call(slow, account_id, _SLOW)
    dead = relays.define("Fax, which is switched off", f"http://127.0.0.1:{_unused_port()}/fax")
    _call(dead, account_id, _DEAD)
    return welcome


class Relays:
    """The account's relays, as the API keeps them."""

    def __init__(self, stack: LocalStack, account_id: str, token: str) -> None:
        self._url = f"{stack.api_root}/accounts/{account_id}/pivot/relays"
        self._headers = {"X-Auth-Token": token}

    def define(self, name: str, voice_url: str, **element: Any) -> str:
        """The address that a new relay has for KAZOO."""
        data = {"name": name, "voice_url": voice_url, **element}
        answer = httpx.put(self._url, json={"data": data}, headers=self._headers, trust_env=False, timeout=30)
        if not answer.is_success:
            raise LocalStackError(f"The relay could not be defined: {answer.status_code} {answer.text}")
        relay_url: str = answer.json()["data"]["relay_url"]
        return relay_url


def _call(url: str, account_id: str, number: int, method: str = "get") -> None:
    name, caller = CALLERS[number % len(CALLERS)]
    call = Call(call_id=_call_id(number), account_id=account_id, caller=caller, called=BOOKING.number)
    params = first_params(call, "kazoo") | {"Caller-ID-Name": name}
    request = kazoo_request(Target(url=url, method=method), params)
    httpx.request(
        request.method, request.url, headers=dict(request.headers), content=request.body, trust_env=False, timeout=30
    )


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
