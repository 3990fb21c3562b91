"""Shorthand for JSON Schema, and schemas read from dataclasses and pydantic models."""

from typing import Any

from pydantic import BaseModel, TypeAdapter

Schema = dict[str, Any]


def text(description: str = "", **more: Any) -> Schema:
    return _described({"type": "string", **more}, description)


def whole(description: str = "", **more: Any) -> Schema:
    return _described({"type": "integer", **more}, description)


def flag(description: str = "") -> Schema:
    return _described({"type": "boolean"}, description)


def one_of(values: Any, description: str = "") -> Schema:
    return _described({"type": "string", "enum": [str(value) for value in values]}, description)


def listed(item: Schema, description: str = "", **more: Any) -> Schema:
    return _described({"type": "array", "items": item, **more}, description)


def thing(properties: Schema, optional: Schema | None = None, description: str = "", **more: Any) -> Schema:
    """An object: *properties* are required, *optional* ones are absent where they are not known, never null."""
    known = {**properties, **(optional or {})}
    shape = {"properties": known} if known else {}
    required = {"required": list(properties)} if properties else {}
    return _described({"type": "object", **shape, **required, **more}, description)


def of_model(model: type[BaseModel]) -> Schema:
    """What pydantic checks in a request, as a schema."""
    schema: Schema = _plain(model.model_json_schema())
    return schema


def of_dataclass(kind: type) -> Schema:
    """The JSON of a dataclass whose absent fields are left out; other classes in it stand in the components."""
    schema = without_null(_plain(TypeAdapter(kind).json_schema(ref_template="#/components/schemas/{model}")))
    return {name: value for name, value in schema.items() if name != "$defs"}


def without_null(schema: Any) -> Any:
    """The same for a reply: absent rather than null."""
    if isinstance(schema, list):
        return [without_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: without_null(value) for name, value in schema.items()}
    kinds = [one for one in kept.pop("anyOf", []) if one != {"type": "null"}]
    return {**kinds[0], **kept} if len(kinds) == 1 else kept | ({"anyOf": kinds} if kinds else {})


def _described(schema: Schema, description: str) -> Schema:
    return {"description": description, **schema} if description else schema


def _plain(schema: Any) -> Any:
    """Without pydantic's titles and defaults of null."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _plain(value) for name, value in schema.items() if not _is_noise(name, value)}
    if isinstance(kept.get("description"), str):
        # A docstring: its first paragraph, with one backquote around code, as Markdown has it.
        kept["description"] = kept["description"].split("\n\n")[0].replace("``", "`").replace("\n", " ")
    return kept


def _is_noise(name: str, value: Any) -> bool:
    return (name == "title" and isinstance(value, str)) or (name == "default" and value is None)
