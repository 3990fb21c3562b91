"""One route of the API, and how it reads as an OpenAPI operation."""

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

JSON_TYPE = "application/json"

HEADERS = ("X-Request-ID", "Cache-Control", "X-Content-Type-Options", "Access-Control-Allow-Origin")
"""What every answer of a function carries; ``components.headers`` says what each is for."""


def ref(kind: str, name: str) -> Schema:
    """A reference into the document's components: ``ref("schemas", "Call")``."""
    return {"$ref": f"#/components/{kind}/{name}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A good answer of a route. ``content`` is schema and examples by media type; ``headers`` come beside HEADERS."""

    status: int
    text: str
    content: dict[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] = ()

    def as_json(self, *, without_body: bool = False) -> Schema:
        headers = {name: ref("headers", name) for name in (*HEADERS, *self.headers)}
        content = {"content": self.content} if self.content and not without_body else {}
        return {"description": self.text, "headers": headers} | content


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One entry of ``routes.ROUTES``; everything else follows from it.

    ``scope`` is what a token needs, "" where any good token will do. ``errors`` are the statuses that it can answer
    beside those that every route can (``routes.ALWAYS``).
    """

    verb: str
    path: str
    name: str
    title: str
    text: str
    tag: str
    answers: tuple[Answer, ...]
    scope: str = ""
    path_parameters: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: Schema | None = None
    errors: tuple[int, ...] = ()
    has_head: bool = False

    @property
    def template_path(self) -> str:
        """The path as OpenAPI writes it: its parameters are one step each, so ``/`` in them is sent as ``%2F``."""
        return self.path.replace("+}", "}")

    def operations(self, always: tuple[int, ...]) -> dict[str, Schema]:
        """The operations by verb in lower case: the route's own, and HEAD where it answers that too."""
        own = {self.verb.lower(): self._operation(always)}
        return own | ({"head": self._head(always)} if self.has_head else {})

    def _operation(self, always: tuple[int, ...]) -> Schema:
        names = (*self.path_parameters, *self.query, "X-Request-ID", *self.headers)
        return {
            "operationId": self.name,
            "summary": self.title,
            "description": self.text,
            "tags": [self.tag],
            "security": [{"token": [self.scope] if self.scope else []}],
            "parameters": [ref("parameters", name) for name in names],
            **({"requestBody": self.body} if self.body else {}),
            "responses": {str(answer.status): answer.as_json() for answer in self.answers}
            | {str(status): ref("responses", str(status)) for status in sorted({*always, *self.errors})},
        }

    def _head(self, always: tuple[int, ...]) -> Schema:
        answers = {str(answer.status): answer.as_json(without_body=True) for answer in self.answers}
        errors = {str(status): ref("responses", f"{status}-without-body") for status in sorted({*always, *self.errors})}
        return self._operation(always) | {
            "operationId": f"{self.name}Head",
            "summary": f"{self.title}: the headers alone",
            "description": f"As GET, without the body. {self.text}",
            "responses": answers | errors,
        }
