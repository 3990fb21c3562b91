"""Every route of template.yaml: one entry each, which is all that a new route needs here."""

from openapi import examples, relay_examples
from openapi.parameters import CHOOSING, PAGING
from openapi.relay_routes import RELAY_ROUTES
from openapi.replies import PAGE_OF_CALLS, PAGE_OF_RECORDS, csv_content, enveloped, json_body, json_content
from openapi.route import Answer, Route, ref
from openapi.shapes import listed
from pivot_debug.caller import DELETE, READ, WRITE
from pivot_debug.deletion import MAX_AT_ONCE
from pivot_debug.intake import MAX_BODY, MAX_DOCUMENTS

ALWAYS = (401, 403, 429, 500, 503, 504)
"""Error statuses that every route can answer, if only by the gateway."""

_DEBUG = "/v2/accounts/{account_id}/pivot/debug"
_UNCHANGED = Answer(status=304, text="The client has these very items already.", headers=("ETag",))
_CSV_HEADERS = ("ETag", "X-Next-Start-Key", "Content-Disposition")


ROUTES = (
    Route(
        verb="GET",
        path=_DEBUG,
        name="listCalls",
        title="List calls",
        text="The account's calls, newest first, each once, with its verdict. Conditions are combined with AND.",
        tag="calls",
        scope=READ,
        path_parameters=("account_id",),
        query=(*PAGING, *CHOOSING),
        headers=("If-None-Match",),
        answers=(
            Answer(
                status=200,
                text="A page of calls.",
                content=json_content(PAGE_OF_CALLS, a_failed_call=examples.page_of_calls())
                | csv_content(examples.calls_as_csv()),
                headers=_CSV_HEADERS,
            ),
            _UNCHANGED,
        ),
        errors=(400, 404, 406, 416),
        has_head=True,
    ),
    Route(
        verb="GET",
        path=f"{_DEBUG}/{{call_id+}}",
        name="readCall",
        title="Read a call",
        text="Every record of a call, in order. A call that is not there is an empty list.",
        tag="calls",
        scope=READ,
        path_parameters=("account_id", "call_id"),
        query=tuple(PAGING),
        headers=("If-None-Match",),
        answers=(
            Answer(
                status=200,
                text="A page of records.",
                content=json_content(
                    PAGE_OF_RECORDS,
                    a_failed_call=examples.page_of_records(),
                    a_call_through_the_relay=relay_examples.page_of_records(),
                )
                | csv_content(examples.records_as_csv()),
                headers=_CSV_HEADERS,
            ),
            _UNCHANGED,
        ),
        errors=(400, 404, 406, 416),
        has_head=True,
    ),
    Route(
        verb="DELETE",
        path=f"{_DEBUG}/{{call_id+}}",
        name="deleteCall",
        title="Delete a call",
        text=(
            f"For good; what arrives of it later is not kept. At most {MAX_AT_ONCE} records at once: ask again while "
            "`complete` is false. A call that is not there is complete."
        ),
        tag="calls",
        scope=DELETE,
        path_parameters=("account_id", "call_id"),
        answers=(
            Answer(
                status=200,
                text="How many records went.",
                content=json_content(enveloped(ref("schemas", "Deletion")), the_whole_call=examples.deleted()),
            ),
        ),
        errors=(400, 404),
    ),
    Route(
        verb="PUT",
        path=_DEBUG,
        name="ingest",
        title="Take documents in",
        text=(
            f"At most {MAX_BODY} bytes and {MAX_DOCUMENTS} documents; each stands for itself. Accepted documents are "
            "readable within seconds; one that comes again changes nothing."
        ),
        tag="ingest",
        scope=WRITE,
        path_parameters=("account_id",),
        body=json_body(
            {"anyOf": [ref("schemas", "Document"), listed(ref("schemas", "Document"), maxItems=MAX_DOCUMENTS)]},
            examples.INGEST_BODY,
            {"source": {"description": "`import` marks what comes from a dump; anything else counts as ingest."}},
        ),
        answers=(
            Answer(
                status=202,
                text="Taken over; what was refused is named.",
                content=json_content(enveloped(ref("schemas", "Intake")), accepted=examples.accepted()),
            ),
        ),
        errors=(400, 404, 409, 413, 415),
    ),
    *RELAY_ROUTES,
    Route(
        verb="PUT",
        path="/v2/accounts/{account_id}/pivot/validate",
        name="validate",
        title="Check an answer before any call is made",
        text="What KAZOO would make of an answer: findings, a verdict, and what would run.",
        tag="diagnosis",
        scope=READ,
        path_parameters=("account_id",),
        body=json_body(ref("schemas", "AnswerToCheck"), examples.VALIDATE_BODY),
        answers=(
            Answer(
                status=200,
                text="What was found.",
                content=json_content(enveloped(ref("schemas", "Checked")), nothing_wrong=examples.checked()),
            ),
        ),
        errors=(400, 404, 413, 415),
    ),
    Route(
        verb="GET",
        path="/v2/pivot/errors",
        name="listErrors",
        title="The error dictionary",
        text="What each code of a verdict or finding means, what KAZOO does then, and what to change.",
        tag="diagnosis",
        answers=(
            Answer(
                status=200,
                text="Every entry.",
                content=json_content(enveloped(listed(ref("schemas", "ErrorCode"))), one=examples.error_codes()),
            ),
        ),
        has_head=True,
    ),
    Route(
        verb="GET",
        path="/v2/pivot/errors/{code}",
        name="readError",
        title="One entry of the error dictionary",
        text="What the code means, what KAZOO does then, and what to change.",
        tag="diagnosis",
        path_parameters=("code",),
        answers=(
            Answer(
                status=200,
                text="The entry.",
                content=json_content(enveloped(ref("schemas", "ErrorCode")), one=examples.error_code()),
            ),
        ),
        errors=(404,),
        has_head=True,
    ),
)
