"""template.yaml as the tests read it: tables, routes and settings come from there, so that nothing can drift."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags: ``!Ref X`` is read as ``{"Ref": "X"}``."""


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tag)


@cache
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Loader)  # noqa: S506 - a SafeLoader
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Properties of every resource of a type, by logical id."""
    found = template()["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource["Type"] == kind}


def table_definition(name: str) -> dict[str, Any]:
    """What ``create_table`` needs, from the template's table *name*."""
    properties = resources("AWS::DynamoDB::Table")[name]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {"TableName": name, **{key: properties[key] for key in wanted if key in properties}}


def default(parameter: str) -> str:
    return str(template()["Parameters"][parameter]["Default"])


def environment(function: str) -> dict[str, str]:
    """Environment of a function: references become the name they refer to, parameters their default.

    Of an ``!If`` the second value counts, which is meant for the defaults.
    """
    own = resources("AWS::Serverless::Function")[function].get("Environment", {"Variables": {}})["Variables"]
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    given = {name: value for name, value in {**shared, **own}.items() if value != {"Ref": "AWS::NoValue"}}
    return {name: _resolved(value) for name, value in given.items()}


def _resolved(value: Any) -> str:
    if isinstance(value, dict) and "If" in value:
        return _resolved(value["If"][2])
    if isinstance(value, dict) and "GetAtt" in value:
        return str(value["GetAtt"])
    if isinstance(value, dict) and "Ref" in value:
        name = value["Ref"]
        return default(name) if name in template()["Parameters"] else str(name)
    return str(value)
