"""Counts requests to DynamoDB and the capacity units that AWS would charge for them.

The local stack counts writes as AWS does, by size and with the indexes' share, but half a unit for any read. So reads
are counted here, from the sizes of the items that were read.
"""

from dataclasses import dataclass
from typing import Any, Final

_READS: Final = ("Query", "GetItem")
_WRITES: Final = ("PutItem", "UpdateItem", "BatchWriteItem")
_READ_UNIT: Final = 4096


@dataclass(slots=True)
class Units:
    """Capacity units and requests of an operation, and the rows that it read with their bytes."""

    reads: float = 0.0
    writes: float = 0.0
    requests: int = 0
    rows: int = 0
    bytes: int = 0


class Meter:
    """Hangs on a client; ``taken`` tells what was used since it was asked last."""

    def __init__(self, client: Any) -> None:
        self._units = Units()
        self._is_consistent = False
        for name in (*_READS, *_WRITES):
            client.meta.events.register(f"provide-client-params.dynamodb.{name}", self._ask)
            client.meta.events.register(f"after-call.dynamodb.{name}", self._count)

    def taken(self) -> Units:
        units, self._units = self._units, Units()
        return units

    def _ask(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Ask for whole items: a projection makes an answer smaller, but not the charge."""
        self._is_consistent = params.get("ConsistentRead", False)
        asked = {name: value for name, value in params.items() if name != "ProjectionExpression"}
        return {**asked, "ReturnConsumedCapacity": "TOTAL"}

    def _count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self._units.requests += 1
        if model.name in _WRITES:
            consumed = parsed.get("ConsumedCapacity", [])
            # A batch is charged table by table.
            tables = consumed if isinstance(consumed, list) else [consumed]
            self._units.writes += sum(table["CapacityUnits"] for table in tables)
            return
        items = [parsed["Item"]] if "Item" in parsed else parsed.get("Items", [])
        size = sum(map(item_size, items))
        self._units.rows += len(items)
        self._units.bytes += size
        self._units.reads += read_units(size, is_consistent=self._is_consistent)


def read_units(size: int, *, is_consistent: bool) -> float:
    """What a request is charged that reads so many bytes, an empty one too."""
    blocks = max(1, -(-size // _READ_UNIT))
    return blocks if is_consistent else blocks / 2


def item_size(item: dict[str, Any]) -> int:
    """Bytes that DynamoDB counts for an item: names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    """By DynamoDB's rules: text and bytes by length, a number by its digits, a map or list 3 and 1 for each element."""
    (kind, inner), *_ = value.items()
    if kind in ("S", "B"):
        return len(inner if isinstance(inner, bytes) else inner.encode())
    if kind == "N":
        return len(inner.lstrip("-").strip("0")) // 2 + 2
    if kind == "M":
        return 3 + sum(len(name.encode()) + _value_size(part) + 1 for name, part in inner.items())
    if kind == "L":
        return 3 + sum(_value_size(part) + 1 for part in inner)
    return 1
