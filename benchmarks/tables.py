"""Our tables on ministack, the local stack's AWS, which counts capacity units as AWS does: with the indexes' share."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3

from benchmarks.canned import Item
from local.machine import local_aws
from local.server import running_ministack
from pivot_debug.store import DebugStore
from tests.capacity import Meter
from tests.template import resources, table_definition

TABLE = "DebugTable"
_BATCH = 25


@dataclass(frozen=True)
class Tables:
    """A client of the running ministack, and what counts its units."""

    client: Any
    meter: Meter

    def store(self, account_id: str) -> DebugStore:
        return DebugStore(TABLE, account_id, self.client)

    def load(self, items: Iterable[Item]) -> None:
        """Put items as they are, in batches: nothing of it is counted."""
        batch: list[Item] = []
        for item in items:
            batch.append({"PutRequest": {"Item": item}})
            if len(batch) == _BATCH:
                self._write(batch)
                batch = []
        if batch:
            self._write(batch)

    def _write(self, batch: list[Item]) -> None:
        left = self.client.batch_write_item(RequestItems={TABLE: batch})["UnprocessedItems"]
        if left:
            raise RuntimeError("ministack left items unwritten")


@contextmanager
def running_tables() -> Iterator[Tables]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_ministack(0, Path(folder)) as url,
        patch.dict("os.environ", local_aws(url)),
    ):
        client = boto3.client("dynamodb")
        for name in resources("AWS::DynamoDB::Table"):
            client.create_table(**table_definition(name))
        yield Tables(client, Meter(client))
