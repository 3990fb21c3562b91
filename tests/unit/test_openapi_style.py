"""A linter of docs/openapi.json: what a generator of clients, and a reader, need beyond a valid document.

The rules are those that Spectral, the usual linter, recommends; it runs on Node.js, which this project does not need.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from openapi.document import ANY_OTHER_VERB
from tests.described import document

DOCUMENT = document()
COMPONENTS = [
    (kind, name) for kind, named in DOCUMENT["components"].items() if kind != "securitySchemes" for name in named
]


def resolved(shape: Any) -> Any:
    """A shape, or the component that it refers to."""
    if "$ref" not in shape:
        return shape
    _, _, kind, name = shape["$ref"].split("/")
    return DOCUMENT["components"][kind][name]


def operations() -> Iterator[Any]:
    for path, verbs in DOCUMENT["paths"].items():
        for verb, operation in verbs.items():
            yield pytest.param(path, operation, id=f"{verb} {path}")


def contents() -> Iterator[Any]:
    """Every body: what it belongs to, its media type, and what the document says of it."""
    for path, verbs in DOCUMENT["paths"].items():
        for verb, operation in verbs.items():
            bodies = {"request": operation["requestBody"]} if "requestBody" in operation else {}
            for name, body in (bodies | operation["responses"]).items():
                for kind, content in resolved(body).get("content", {}).items():
                    yield pytest.param(name, content, id=f"{verb} {path} {name} {kind}")


def test_every_operation_has_an_id_of_its_own_that_can_be_a_name_in_any_language() -> None:
    ids = [operation["operationId"] for verbs in DOCUMENT["paths"].values() for operation in verbs.values()]

    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-z][A-Za-z]+", one)] == []


@pytest.mark.parametrize(("path", "operation"), list(operations()))
def test_an_operation_tells_what_it_does_under_one_tag(path: str, operation: Any) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", operation["summary"])
    assert operation["description"].endswith(".")
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert not path.endswith("/")


@pytest.mark.parametrize(("path", "operation"), list(operations()))
def test_the_parameters_of_a_path_are_declared_and_each_parameter_once(path: str, operation: Any) -> None:
    declared = [resolved(parameter) for parameter in operation["parameters"]]
    places = [(parameter["in"], parameter["name"]) for parameter in declared]

    assert len(set(places)) == len(places)
    assert {name for place, name in places if place == "path"} == set(re.findall(r"{([^}]+)}", path))
    assert all(parameter["required"] for parameter in declared if parameter["in"] == "path")


@pytest.mark.parametrize(("path", "operation"), list(operations()))
def test_an_operation_says_what_success_and_what_each_refusal_looks_like(path: str, operation: Any) -> None:
    statuses = set(operation["responses"])

    assert path
    assert any(status.startswith("2") for status in statuses)
    assert {"401", "403", "429", "500"} <= statuses


@pytest.mark.parametrize(("name", "content"), list(contents()))
def test_a_body_has_a_schema_and_an_example(name: str, content: Any) -> None:
    assert name
    assert content["schema"]
    assert content.get("examples") or "example" in content


@pytest.mark.parametrize(("kind", "name"), COMPONENTS, ids=[f"{kind} {name}" for kind, name in COMPONENTS])
def test_a_component_is_used_and_described(kind: str, name: str) -> None:
    component = DOCUMENT["components"][kind][name]

    assert name in ANY_OTHER_VERB or f'"#/components/{kind}/{name}"' in json.dumps(DOCUMENT)
    assert kind == "schemas" or component["description"]
