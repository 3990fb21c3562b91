"""Reads the ingest API's replies: which documents of a batch were taken, and what a refusal means. Pure."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import httpx

from pivot_debug_cli.batches import Parcel
from pivot_debug_cli.dumps import Entry
from pivot_debug_cli.failures import CommandError

_INDEXED_FIELD = re.compile(r"(\d+)(?:\.(.*))?", re.DOTALL)
_Errors = dict[str, Any]
"""Crossbar's validation shape: field -> rule -> details with a ``message``."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A document that was not taken, and why."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: the call id of each accepted document, and the rejected documents."""

    call_ids: list[str]
    rejections: list[Rejection]

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.call_ids + other.call_ids, self.rejections + other.rejections)


def outcome(batch: list[Parcel], reply: httpx.Response) -> Outcome:
    """What a 202 tells. A document that it does not mention counts as rejected, so that none is lost unseen."""
    data = _object(_envelope(reply).get("data"))
    accepted = {item["index"]: item for item in _items(data, "accepted")}
    rejected = {item["index"]: item for item in _items(data, "rejected")}
    reasons = {index: _reason(_object(item.get("errors"))) for index, item in rejected.items()}
    return Outcome(
        [str(accepted[index].get("call_id", "")) for index in range(len(batch)) if index in accepted],
        [
            Rejection(parcel.entry, reasons.get(index, "not mentioned in the API's reply"))
            for index, parcel in enumerate(batch)
            if index not in accepted
        ],
    )


def all_rejected(batch: list[Parcel], reply: httpx.Response) -> Outcome:
    """What a 400 tells: nothing of the batch was acceptable, for the reasons given by ``<index>.<field>``.

    Raises CommandError where the reasons are not about documents: then the request itself is at fault.
    """
    envelope = _envelope(reply)
    errors: defaultdict[int, _Errors] = defaultdict(dict)
    for name, rules in _object(envelope.get("data")).items():
        match = _INDEXED_FIELD.fullmatch(name)
        if match:
            errors[int(match[1])][match[2] or ""] = rules
    if not errors:
        raise CommandError(f"the API cannot use the request (400): {_message(envelope)}")
    return Outcome([], [Rejection(parcel.entry, _reason(errors[index])) for index, parcel in enumerate(batch)])


def refusal(account_id: str, reply: httpx.Response) -> str:
    """What any other status means, and what to do about it."""
    advice = {
        401: "the API does not know the token (401): set AUTH_TOKEN to one that is not expired or revoked; "
        f"pivot-debug token create {account_id} --scopes debug:write makes one",
        403: f"the token may not write to account {account_id} (403): "
        f"pivot-debug token create {account_id} --scopes debug:write makes one that may",
        404: f"there is no ingest API at {reply.request.url} (404): API_ROOT must be the API's root and end with /v2",
        409: f"recording is off for account {account_id} (409): "
        f"pivot-debug account set {account_id} --recording on switches it on",
    }
    known = advice.get(reply.status_code)
    return known or f"the API answers {reply.status_code} ({_message(_envelope(reply))}): check API_ROOT"


def _envelope(reply: httpx.Response) -> dict[str, Any]:
    try:
        envelope = reply.json()
    except ValueError:
        envelope = None
    if not isinstance(envelope, dict):
        raise CommandError(f"{reply.request.url} answers {reply.status_code} without JSON: check API_ROOT")
    return envelope


def _items(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    items = data.get(name)
    if not isinstance(items, list):
        return []
    return [item for item in items if isinstance(item, dict) and isinstance(item.get("index"), int)]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _message(envelope: dict[str, Any]) -> str:
    """The first message of a validation map, or else the envelope's own."""
    data = _object(envelope.get("data"))
    return data["message"] if isinstance(data.get("message"), str) else _reason(data, str(envelope.get("message")))


def _reason(errors: _Errors, otherwise: str = "refused together with the rest of its batch") -> str:
    """Every finding of a validation map in one line: ``call_id: field is required; uri: ...``."""
    findings = [
        f"{field}: {_object(details).get('message', rule)}".removeprefix(": ")
        for field, rules in errors.items()
        for rule, details in _object(rules).items()
    ]
    return "; ".join(findings) or otherwise
