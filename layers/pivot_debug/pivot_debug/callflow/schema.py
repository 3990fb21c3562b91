"""How a field of a call action is described: the part of JSON Schema (draft 4) that KAZOO's descriptions use. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

JsonType = Literal["array", "boolean", "integer", "object", "string"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One field.

    Names outside of ``fields`` are allowed; ``is_open`` says that KAZOO reads them, whatever they are. With ``members``
    every name must match ``name_pattern``. ``required`` is meant within the object that holds the field. A default is
    never null, so ``None`` is none. ``client_url``: KAZOO also compares the URL with its blacklist. ``like`` is another
    schema that must hold too.
    """

    type: JsonType | None = None
    required: bool = False
    default: Any = None
    enum: tuple[str | int, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None
    client_url: bool = False
    items: "Schema | None" = None
    min_items: int = 0
    unique_items: bool = False
    fields: "Mapping[str, Schema]" = field(default_factory=dict)
    is_open: bool = False
    name_pattern: str = ""
    members: "Schema | None" = None
    like: "Schema | None" = None
    one_of: "tuple[Schema, ...]" = ()
    any_of: "tuple[Schema, ...]" = ()

    def alternatives(self) -> "tuple[Schema, ...]":
        return (*self.one_of, *self.any_of)

    def has_default(self) -> bool:
        """Whether KAZOO fills the field in. It does not where the description names no type."""
        return self.default is not None and self.type is not None

    def known_names(self) -> frozenset[str] | None:
        """The names that mean something in this object; None where any name may."""
        if self.is_open or self.members is not None:
            return None
        names = frozenset(self.fields)
        for part in (*((self.like,) if self.like else ()), *self.alternatives()):
            more = part.known_names()
            if more is None:
                return None
            names |= more
        return names


STRING = Schema(type="string")
INTEGER = Schema(type="integer")
BOOLEAN = Schema(type="boolean")
OBJECT = Schema(type="object", is_open=True)


def string(
    *,
    required: bool = False,
    default: str | None = None,
    enum: Sequence[str] = (),
    min_length: int = 0,
    max_length: int | None = None,
    pattern: str | None = None,
    client_url: bool = False,
) -> Schema:
    return Schema(
        type="string",
        required=required,
        default=default,
        enum=tuple(enum),
        min_length=min_length,
        max_length=max_length,
        pattern=pattern,
        client_url=client_url,
    )


def integer(
    *, required: bool = False, default: int | None = None, minimum: int | None = None, maximum: int | None = None
) -> Schema:
    return Schema(type="integer", required=required, default=default, minimum=minimum, maximum=maximum)


def boolean(*, default: bool) -> Schema:
    return Schema(type="boolean", default=default)


def array(
    items: Schema,
    *,
    required: bool = False,
    default: Sequence[str] | None = None,
    min_items: int = 0,
    unique_items: bool = False,
) -> Schema:
    return Schema(
        type="array",
        items=items,
        required=required,
        default=None if default is None else list(default),
        min_items=min_items,
        unique_items=unique_items,
    )


def object_of(fields: Mapping[str, Schema], *, is_empty_by_default: bool = False) -> Schema:
    return Schema(type="object", fields=fields, default={} if is_empty_by_default else None)
