"""Calls and records of the sizes that are measured, made by the product's own rules from documents such as KAZOO's."""

import json
import random
from dataclasses import replace
from typing import Any

from pivot_debug.documents import records_of
from pivot_debug.models import Record, Source, StoredRecord, Summary
from pivot_debug.packing import pack, unpack
from pivot_debug.summary import fold
from tests import builders

MONTH = "202403"
EXPIRES_AT = 4_102_444_800
"""Unix seconds: 2100, so that no run finds it passed."""

_TEXT = (
    "account agent answer available back balance billing business call caller customer day department dial digit "
    "extension five for hold hours invoice language line mailbox main menu message minute moment monday music name "
    "new number office one open operator or order payment phone please press queue record repeat returning sales "
    "seven status stay support technical thank the three to today transfer two voicemail wait welcome you your zero"
)
_WORDS = _TEXT.split()


def prose(size: int, seed: object) -> str:
    """Words, always the same for a seed. A record of them compresses about three to one, as texts of an IVR do."""
    chosen = random.Random(str(seed))  # noqa: S311 - keeps no secret
    text = ""
    while len(text) < size:
        text += f"{chosen.choice(_WORDS)} "
    return text[:size]


def answer_of(size: int, seed: object) -> str:
    """A valid call action of about *size* bytes: one announcement after another, each as long as KAZOO allows."""
    rest = prose(max(size - 60, 1), seed)
    action: dict[str, Any] = {"module": "hangup", "data": {}}
    while rest:
        said, rest = rest[:900], rest[900:]
        action = {"module": "tts", "data": {"text": said}, "children": {"_": action}}
    return json.dumps(action)


def faulty_answer(actions: int) -> str:
    """A menu in which every action is wrong twice: our findings make a deeply nested document of it."""
    children = {str(n): {"module": f"play{n}", "data": {"id": n}} for n in range(actions)}
    return json.dumps({"module": "menu", "data": {"id": "main"}, "children": children})


def nested_record(n: int, actions: int) -> Record:
    """A response with the findings of a faulty answer: 15 actions are about 8 KB of JSON, 7 about 4 KB."""
    return _response(n, faulty_answer(actions))


def small_maps_record(n: int, maps: int) -> Record:
    """A record of many small maps, as a store would hold that takes answers apart: 45 are about 8 KB, 22 about 4 KB."""
    words = prose(maps * 100, n)
    steps = [
        {"step": step, "action": f"play{step % 7}", "data": {"text": words[step * 100 :][:100], "loops": 2, "ok": True}}
        for step in range(maps)
    ]
    plain = _response(n, "{}")
    return Record(plain.call_id, plain.seq, pack(unpack(plain.packed) | {"steps": steps}))


def text_record(n: int, size: int) -> Record:
    """A response of about *size* bytes, nearly all of it body."""
    return _response(n, answer_of(size - 400, n))


def attempt(call_id: str, n: int, body: int) -> list[dict[str, Any]]:
    """The documents of a call's attempt *n* (from 1): a request and a response with bodies of *body* bytes each."""
    created = builders.CREATED + 5 * n
    answer = answer_of(body, f"{call_id}{n}")
    asked = f"Caller-ID-Number=%2B1415555{n:04}&Call-ID={call_id}&{prose(body, n)}"[:body]
    return [
        builders.a_request(call_id=call_id, created=created, iteration=n, method="post", req_body=asked),
        builders.a_response(call_id=call_id, created=created + 1, iteration=n, resp_body=answer),
    ]


def summary(n: int, *, every_failed: int = 10) -> Summary:
    """Call *n* of a list, in which one in *every_failed* failed: 0.6 KB of JSON, or 1.2 KB where it failed."""
    call_id = f"{n:08}-{random.Random(n).randbytes(12).hex()}@10.26.0.158"  # noqa: S311 - keeps no secret
    answer = faulty_answer(1) if n % every_failed == 0 else answer_of(400, n)
    created = builders.CREATED - 10 * n
    documents = [
        builders.a_request(call_id=call_id, created=created),
        builders.a_response(call_id=call_id, created=created + 1, resp_body=answer),
    ]
    made = [record for document in documents for record in records(document)]
    return fold(call_id, MONTH, [StoredRecord(one.seq, one.packed, EXPIRES_AT) for one in made])


def wide_summary(n: int) -> Summary:
    """A call's row with 35 fields, 1.2 KB of JSON: what the goals of a list page were set for."""
    plain = summary(n)
    more = {f"field_{m}": prose(48, n * m) if m % 2 else n * m for m in range(16)}
    return replace(plain, document=plain.document | {"more": more})


def _response(n: int, answer: str) -> Record:
    return records(builders.a_response(created=builders.CREATED + n, iteration=n + 1, resp_body=answer))[0]


def records(document: dict[str, Any]) -> tuple[Record, ...]:
    return records_of(document, account_id=builders.ACCOUNT, source=Source.INGEST, now_ms=builders.NOW_MS)
