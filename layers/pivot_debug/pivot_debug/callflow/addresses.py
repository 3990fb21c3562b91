"""The addresses in an answer in KAZOO JSON that KAZOO calls later in the call. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from pivot_debug.callflow.json_positions import JsonDocument, parse_json
from pivot_debug.callflow.json_reader import JsonSyntaxError, Path
from pivot_debug.callflow.rules import actions_of
from pivot_debug.callflow.syntax import BOM
from pivot_debug.kazoo_urls import WrittenAddress

_NAMES = ("voice_url", "cdr_url")


def written_addresses(body: str) -> list[WrittenAddress]:
    """Those of every pivot action with their places in *body*, quotes included; none where it is not JSON."""
    try:
        document = parse_json(body, len(BOM) if body.startswith(BOM) else 0)
    except JsonSyntaxError:
        return []
    return [_written(document, path, url) for path, url in _addresses(document.value)]


def _addresses(flow: Any) -> Iterator[tuple[Path, str]]:
    for path, action in actions_of(flow):
        data = action.get("data") if isinstance(action, dict) and action.get("module") == "pivot" else None
        if isinstance(data, dict):
            yield from (((*path, "data", name), data[name]) for name in _NAMES if isinstance(data.get(name), str))


def _written(document: JsonDocument, path: Path, url: str) -> WrittenAddress:
    start = document.offset(path)
    _, end = json.JSONDecoder().raw_decode(document.text, start)
    return WrittenAddress(url, start, end, json.dumps)
