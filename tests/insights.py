"""Runs the saved queries of CloudWatch Logs Insights: the part of its language that they use, and nothing more.

What is not understood here raises, so that a query cannot ask for something that no test has seen.
"""

import json
import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from tests.template import resources

Row = dict[str, Any]
Condition = Callable[[Row], bool]

_TOKEN = re.compile(r'\s*("[^"]*"|>=|<=|!=|[=<>()\[\],]|[@\w.]+)')
_AGGREGATE = re.compile(r"(\w+)\((\*|[@\w.]+)(?:, (\d+))?\) as (\w+)")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_OF_VALUES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "max": max,
    "count_distinct": lambda values: len(set(values)),
}


def run(name: str, lines: Iterable[str], **replaced: str) -> list[Row]:
    """The rows that the template's query *name* finds in *lines*; words of the query may be *replaced*, as by hand."""
    query: str = resources("AWS::Logs::QueryDefinition")[name]["QueryString"]
    for word, text in replaced.items():
        assert word in query
        query = query.replace(word, text)
    return _run(query, [_row(line) for line in lines])


def _run(query: str, rows: list[Row]) -> list[Row]:
    shown: list[str] = []
    for command in query.strip().split("\n| "):
        verb, _, rest = command.partition(" ")
        if verb == "fields":
            shown = rest.split(", ")
        else:
            rows = _COMMANDS[verb](rows, rest)
    return [{name: row[name] for name in shown if name in row} for row in rows] if shown else rows


def _row(line: str) -> Row:
    """A line as Logs Insights sees it. A metric's line is one, too."""
    fields = json.loads(line)
    return {**fields, "@message": line, "@timestamp": fields.get("timestamp", "")}


def _filter(rows: list[Row], text: str) -> list[Row]:
    assert not _TOKEN.sub("", text).strip(), text
    tokens = _TOKEN.findall(text)
    condition = _any_of(tokens)
    assert not tokens, f"left over: {tokens}"
    return [row for row in rows if condition(row)]


def _any_of(tokens: list[str]) -> Condition:
    parts = [_all_of(tokens)]
    while tokens[:1] == ["or"]:
        tokens.pop(0)
        parts.append(_all_of(tokens))
    return lambda row: any(part(row) for part in parts)


def _all_of(tokens: list[str]) -> Condition:
    parts = [_term(tokens)]
    while tokens[:1] == ["and"]:
        tokens.pop(0)
        parts.append(_term(tokens))
    return lambda row: all(part(row) for part in parts)


def _term(tokens: list[str]) -> Condition:
    first = tokens.pop(0)
    if first == "(":
        inner = _any_of(tokens)
        assert tokens.pop(0) == ")"
        return inner
    if first == "ispresent":
        _, name, _ = (tokens.pop(0) for _ in "(x)")
        return lambda row: name in row
    verb = tokens.pop(0)
    if verb == "in":
        end = tokens.index("]")
        values = [json.loads(token) for token in tokens[1:end] if token != ","]
        del tokens[: end + 1]
        return lambda row: row.get(first) in values
    value = json.loads(tokens.pop(0))
    if verb == "like":
        return lambda row: value in row.get(first, "")
    return lambda row: first in row and _COMPARISONS[verb](row[first], value)


def _stats(rows: list[Row], text: str) -> list[Row]:
    aggregates, _, names = text.partition(" by ")
    keys = names.split(", ") if names else []
    groups: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.get(key) for key in keys)].append(row)
    wanted = [_AGGREGATE.fullmatch(part) for part in re.split(r", (?=\w+\()", aggregates)]
    return [
        dict(zip(keys, group, strict=True)) | {one[4]: _aggregate(one, members) for one in wanted if one}
        for group, members in groups.items()
        if all(wanted)
    ]


def _aggregate(wanted: re.Match[str], rows: list[Row]) -> Any:
    function, field, share = wanted[1], wanted[2], wanted[3]
    if function == "count":
        return len(rows)
    values = sorted(row[field] for row in rows if field in row)
    if function == "pct":
        return values[math.ceil(len(values) * int(share) / 100) - 1]
    return _OF_VALUES[function](values)


def _sort(rows: list[Row], text: str) -> list[Row]:
    name, _, direction = text.partition(" ")
    return sorted(rows, key=lambda row: row[name], reverse={"asc": False, "desc": True}[direction])


def _limit(rows: list[Row], text: str) -> list[Row]:
    return rows[: int(text)]


_COMMANDS: dict[str, Callable[[list[Row], str], list[Row]]] = {
    "filter": _filter,
    "stats": _stats,
    "sort": _sort,
    "limit": _limit,
}
