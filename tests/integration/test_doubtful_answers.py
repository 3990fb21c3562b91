"""What AWS answers is not always AWS's: what is no JSON object is asked for again, and never taken for "nothing"."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from pivot_debug import dynamodb, tokens
from pivot_debug.aws_client import aws_client
from pivot_debug.errors import StoreUnavailableError
from pivot_debug.tokens import TokenRow
from tests.integration.faults import Fault, injected
from tests.integration.service import Service

NOW = 1_710_278_736


@dataclass
class Answer(Fault):
    """An answer of AWS's status 200 in the place of AWS's own."""

    body: bytes = b""
    checksum: str = ""

    def answer(self, request: Any, forward: Callable[[], Any]) -> Any:
        self.seen += 1
        if self.which not in (0, self.seen):
            return forward()
        headers: Any = {"x-amz-crc32": self.checksum} if self.checksum else {}
        raw: Any = MockRawResponse(self.body)
        return AWSResponse(request.url, 200, headers, raw)


def a_token() -> TokenRow:
    return tokens.new_token(name="n", accounts=("0" * 32,), scopes=("debug:read",), now=NOW)[1]


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"null", b"[]", b'"x"', b"5", b'{"Item": {', b"\xff\xfe{}"])
def test_an_answer_that_is_no_json_object_is_asked_for_again(service: Service, body: bytes) -> None:
    row = a_token()
    service.tokens().add(row)

    with injected(Answer("", "", which=1, body=body)) as once:
        found = service.tokens().find(row.token_id)
    with injected(Answer("", "", which=0, body=body)) as always, pytest.raises(StoreUnavailableError):
        service.tokens().find(row.token_id)

    assert found == row
    assert (once.seen, always.seen) == (2, 3)


def test_a_part_of_an_answer_with_a_checksum_is_asked_for_again(service: Service) -> None:
    row = a_token()
    service.tokens().add(row)
    whole = b'{"Item": {}}'

    with injected(Answer("", "", which=1, body=whole[:-1], checksum=str(zlib.crc32(whole)))) as answer:
        found = service.tokens().find(row.token_id)

    assert (found, answer.seen) == (row, 2)


def test_an_object_that_says_nothing_is_an_answer(service: Service) -> None:
    with injected(Answer("", "", which=0, body=b"{}")):
        assert service.tokens().find("unknown") is None


def test_an_operation_that_has_no_answer_may_be_answered_with_nothing(service: Service) -> None:
    with injected(Answer("", "", which=0)) as answer:
        aws_client("sqs").delete_message(QueueUrl=service.queue_url, ReceiptHandle="x")

    assert answer.seen == 1


@pytest.mark.parametrize("kind", ["lost response", "cut answer"])
def test_a_token_whose_making_was_not_confirmed_is_made_once(service: Service, kind: str) -> None:
    row = a_token()

    with injected(Fault(kind, "PutItem", 1)) as fault:
        service.tokens().add(row)

    assert fault.seen == 2
    assert service.tokens().all() == [row]


def test_a_token_whose_id_is_taken_by_another_is_refused(service: Service) -> None:
    row, other = a_token(), a_token()
    service.tokens().add(row)

    with pytest.raises(dynamodb.client().exceptions.ConditionalCheckFailedException):
        service.tokens().add(replace(other, token_id=row.token_id))

    assert service.tokens().all() == [row]
