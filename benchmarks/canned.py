"""DynamoDB played by bytes: made beforehand, and handed over where botocore would open a connection.

Everything that a function runs itself is real: botocore's signing, its parsing of the answer, and all behind it.
"""

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

PAGE_BYTES: Final = 1_000_000
"""DynamoDB's pages end at 1 MB of items."""

Item = dict[str, Any]
Answers = dict[str, bytes]
"""Bodies by the beginning of what is asked; see `key_of`."""


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def key_of(body: bytes) -> str:
    """What a request asks for: an index, an item, or a range of a table, and whether it goes on from a page.

    What is asked of another service than DynamoDB goes by the name of its parameter, such as ``QueueUrl``.
    """
    asked = json.loads(body)
    if "TableName" not in asked:
        return str(next(name for name in ("QueueUrl", "SecretId") if name in asked))
    kind = asked.get("IndexName") or ("item" if "Key" in asked else "range")
    after = asked.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
    return f"{asked['TableName']} {kind} {after}".rstrip()


COUNTED: Final[Answers] = {"UsageTable item": b'{"Attributes":{"used":{"N":"1"}}}'}
"""Every request through the API is counted before it is answered."""


@contextmanager
def played(answers: Answers) -> Iterator[None]:
    """Every request of botocore is answered from *answers* while the block runs."""

    def send(_: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        asked: Any = request.body
        body = answers[key_of(asked)]
        headers = HTTPHeaders.from_dict({"x-amz-crc32": str(zlib.crc32(body))})
        return AWSResponse(request.url, 200, headers, _Raw(body))

    with patch.object(URLLib3Session, "send", send):
        yield


def pages(name: str, items: Sequence[Item], size: Callable[[Item], int]) -> Answers:
    """Query answers for *items*, in as many pages as DynamoDB would make of them."""
    answers: Answers = {}
    page: list[Item] = []
    room, key = PAGE_BYTES, name
    for item in items:
        if page and room < size(item):
            last = page[-1]["sk"]
            answers[key] = _page(page, {"pk": page[-1].get("pk", {"S": "p"}), "sk": last})
            key, page, room = f"{name} {last['S']}", [], PAGE_BYTES
        page.append(item)
        room -= size(item)
    answers[key] = _page(page, None)
    return answers


def as_wire(item: Item) -> Item:
    """An item as it travels: bytes as base64."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value for name, value in item.items()
    }


def _page(items: Iterable[Item], last: Item | None) -> bytes:
    wire = [as_wire(item) for item in items]
    rest = {"LastEvaluatedKey": last} if last else {}
    return json.dumps({"Count": len(wire), "ScannedCount": len(wire), "Items": wire, **rest}).encode()
