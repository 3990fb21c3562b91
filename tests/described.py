"""Whether a reply is one that docs/openapi.json describes, to the letter: no field may be new, none may be missing."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from openapi.route import JSON_TYPE
from tests.template import ROOT

LOOKED_AT = 20
"""Items of a list that are compared; a page of hundreds of them tells no more."""


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "docs/openapi.json").read_text())
    return loaded


def closed(schema: Any) -> Any:
    """The same where no object of a reply may have a field that is not described.

    Clients get the open form, because a new field of a reply breaks none of them; tests must notice it.
    """
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: value if name == "requestBody" else closed(value) for name, value in schema.items()}
    is_object = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return {"additionalProperties": False, **shut} if is_object else shut


@cache
def components() -> Any:
    return closed(document()["components"])


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """For a schema of the document: its references lead into the components."""
    return Draft202012Validator(closed(schema) | {"components": components()})


@cache
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """The document's operations by verb and path."""
    paths = document()["paths"].items()
    return {(verb.upper(), path): operation for path, verbs in paths for verb, operation in verbs.items()}


def path_of(resource: str) -> str:
    """The path in the document of a route of the template."""
    return resource.replace("+}", "}")


@cache
def described(verb: str, path: str, status: int) -> dict[str, Any] | None:
    """The response of the document, None where there is none; any other verb of a path is answered 405."""
    operation = operations().get((verb, path))
    if operation is None:
        is_other_verb = status == 405 and any(path == known for _, known in operations())
        return dict(document()["components"]["responses"]["405"]) if is_other_verb else None
    found = operation["responses"].get(str(status))
    return _followed(found) if found else None


@cache
def _body_validator(verb: str, path: str, status: int) -> Draft202012Validator:
    response = described(verb, path, status) or {}
    return validator(response["content"][JSON_TYPE]["schema"])


def fault_of(verb: str, resource: str, reply: dict[str, Any]) -> str:
    """What is wrong with a function's reply, "" where nothing is."""
    status, headers, body = reply["statusCode"], reply["headers"], reply["body"]
    path = path_of(resource)
    response = described(verb, path, status)
    if response is None:
        return f"{status} is not described for {verb} {path}"
    for name, header in ((name, _followed(header)) for name, header in response.get("headers", {}).items()):
        if name not in headers:
            if header["required"]:
                return f"{verb} {path} {status}: no header {name}"
        elif not validator(header["schema"]).is_valid(headers[name]):
            return f"{verb} {path} {status}: {name}: {headers[name]!r}"
    media_type = headers["Content-Type"]
    if not body:
        return "" if verb == "HEAD" or "content" not in response else f"{verb} {path} {status}: no body"
    if media_type not in response.get("content", {}):
        return f"{verb} {path} {status}: {media_type} is not described"
    return fault_of_body(verb, path, status, body) if media_type == JSON_TYPE else ""


def fault_of_body(verb: str, path: str, status: int, body: str) -> str:
    parsed = json.loads(body)
    if isinstance(parsed.get("data"), list):
        parsed["data"] = parsed["data"][:LOOKED_AT]
    faults = _body_validator(verb, path, status).iter_errors(parsed)
    return "; ".join(f"{verb} {path} {status}: {fault.json_path}: {fault.message[:300]}" for fault in faults)


def _followed(shape: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in shape:
        return shape
    *_, kind, name = shape["$ref"].split("/")
    found: dict[str, Any] = document()["components"][kind][name]
    return found
