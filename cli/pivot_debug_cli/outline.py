"""What an answer makes KAZOO do, in a line or as a small tree. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from pivot_debug.twiml.xml_positions import Element

_SHOWN = 80
"""Characters of a module's data that are shown."""

Flow = dict[str, Any]


def flow_outline(flow: Flow) -> str:
    """The modules that run one after the other: ``play -> hangup``."""
    return " -> ".join(str(node["module"]) for node in chain(flow))


def chain(flow: Flow) -> Iterator[Flow]:
    """The nodes along ``children._``."""
    node: Any = flow
    while isinstance(node, dict):
        yield node
        node = node.get("children", {}).get("_")


def flow_tree(flow: Flow) -> list[str]:
    """A line for each module with its data, indented under the module that leads to it."""
    return list(_branch(flow, "", ""))


def _branch(node: Flow, name: str, indent: str) -> Iterator[str]:
    label = f"{name}: " if name else ""
    yield f"{indent}{label}{node['module']}{_data(node.get('data', {}))}"
    for key, child in node.get("children", {}).items():
        yield from _branch(child, key, f"{indent}  ")


def _data(data: Any) -> str:
    if not data:
        return ""
    text = json.dumps(data, ensure_ascii=False)
    return f"  {text}" if len(text) <= _SHOWN else f"  {text[:_SHOWN]}..."


def twiml_outline(root: Element) -> str:
    """The verbs that run one after the other; what a Gather plays stands in brackets: ``Gather(Say) -> Hangup``."""
    return " -> ".join(_verb(verb) for verb in root.elements)


def _verb(verb: Element) -> str:
    inner = " -> ".join(child.name for child in verb.elements)
    return f"{verb.name}({inner})" if inner else verb.name
