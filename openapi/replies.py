"""Crossbar's envelope around the data, as a schema, and the headers around that."""

from openapi.route import JSON_TYPE, ref
from openapi.shapes import Schema, listed, text, thing, whole

BASE: Schema = {
    "request_id": text("The same as in `X-Request-ID`, and in the service's log."),
    "node": text("Who answered.", pattern="^[A-Za-z0-9_-]{22}$"),
    "timestamp": text(format="date-time"),
    "version": text("Of this service."),
    "tokens": thing(
        {
            "consumed": whole("1; 0 where no token was needed, or nothing could be counted.", minimum=0),
            "remaining": whole("What the token may still ask for in this minute.", minimum=0),
        },
        description="What the request took of its token's requests of this minute.",
    ),
}

_SUCCESS = BASE | {"status": {"const": "success"}}
_TOKEN = {"auth_token": text("The request's own token, as KAZOO repeats it; the reply is `no-store`.")}


def enveloped(data: Schema) -> Schema:
    return thing({"data": data, **_SUCCESS}, _TOKEN)


def page_of(item: Schema, **optional: Schema) -> Schema:
    """A page of a list; with ``paginate=false`` the three keys of paging are absent."""
    paging = {
        "page_size": whole("Items in this reply.", minimum=0),
        "start_key": text("As it was sent."),
        "next_start_key": text("For the next page; absent on the last."),
        "revision": text("The `ETag`; absent where `data` is empty.", pattern="^[0-9a-f]{32}$"),
    }
    return thing({"data": listed(item), **_SUCCESS}, {**_TOKEN, **paging, **optional})


def headers() -> Schema:
    """``components.headers``."""
    return {
        "X-Request-ID": _header("The client's own, or the gateway's.", text()),
        "Cache-Control": _header("The reply repeats the caller's token: no cache may keep it.", {"const": "no-store"}),
        "X-Content-Type-Options": _header("Bodies of strangers are in it.", {"const": "nosniff"}),
        "Access-Control-Allow-Origin": _header("The parameter `CorsOrigin` of the deployment.", text()),
        "ETag": _header("JSON: over `data` and paging.", text(pattern='^"[0-9a-f]{32}"$'), required=False),
        "X-Next-Start-Key": _header("CSV: the way to the next page; absent on the last.", text(), required=False),
        "Content-Disposition": _header("CSV: a file name.", text(), required=False),
        "Allow": _header("The verbs that the route takes.", text(), required=False),
        "Retry-After": _header("Seconds to wait.", text(pattern="^[0-9]+$"), required=False),
    }


def _header(description: str, schema: Schema, *, required: bool = True) -> Schema:
    return {"description": description, "required": required, "schema": schema}


def csv_content(example: str) -> Schema:
    shape = text("A header row, and a row for each item; nested names are joined with dots.")
    return {"text/csv": {"schema": shape, "example": example}}


def json_body(data: Schema, example: Schema, optional: Schema | None = None, *, required: bool = True) -> Schema:
    """A request's body: *data* in its envelope, with what else the envelope may have."""
    content = {"schema": thing({"data": data}, optional), "example": example}
    return {"required": required, "content": {JSON_TYPE: content}}


def json_content(schema: Schema, **examples: Schema) -> Schema:
    shown = {name: {"summary": name.replace("_", " "), "value": value} for name, value in examples.items()}
    return {JSON_TYPE: {"schema": schema, **({"examples": shown} if shown else {})}}


PAGE_OF_CALLS = page_of(ref("schemas", "Call"))
PAGE_OF_RECORDS = page_of(ref("schemas", "Record"), verdict=ref("schemas", "Verdict"))
