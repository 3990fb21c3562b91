"""Reads: the list of an account's calls, and the records of one call."""

from dataclasses import astuple, replace
from typing import Any

from pivot_debug import caller, clock, cursor, dynamodb, envelope, listing, query
from pivot_debug.api_request import ApiRequest
from pivot_debug.csv_export import CALL_COLUMNS, RECORD_COLUMNS, to_csv
from pivot_debug.cursor import CursorScope
from pivot_debug.endpoint import serve
from pivot_debug.envelope import Reply
from pivot_debug.errors import MethodNotAllowedError, TooMuchAtOnceError
from pivot_debug.negotiation import wants_csv
from pivot_debug.observability import logger
from pivot_debug.page import Page, revision_of
from pivot_debug.reading import (
    ALL_TIMES,
    CallAddress,
    Found,
    candidates,
    first_page,
    page_of_records,
    row_of_whole_call,
)
from pivot_debug.reply_size import MAX_REPLY, escaped_size
from pivot_debug.secret_keys import cursor_key
from pivot_debug.settings import required
from pivot_debug.starting import at_start
from pivot_debug.store import DebugStore

CALLS = "/v2/accounts/{account_id}/pivot/debug"
CALL = "/v2/accounts/{account_id}/pivot/debug/{call_id+}"

at_start(dynamodb.client, dynamodb.quick_client, logger)


def handler(event: dict[str, Any], _context: Any) -> Reply:
    return serve(event, _answer)


def _answer(request: ApiRequest) -> Reply:
    if request.method not in ("GET", "HEAD"):
        other = "PUT" if request.resource == CALLS else "DELETE"
        allowed = ("GET", "HEAD", other, "OPTIONS")
        raise MethodNotAllowedError(allowed)
    caller.check(request.caller, request.account_id, caller.READ, clock.now_ms())
    is_csv = wants_csv(request.headers, request.query)
    is_call = request.resource == CALL and bool(request.call_id)
    if is_call and not is_csv and (unchanged := _unchanged_call(request)):
        return unchanged
    page = read_call(request) if is_call else list_calls(request)
    if is_csv:
        columns = RECORD_COLUMNS if is_call else CALL_COLUMNS
        return envelope.csv_reply(request, _csv_within_a_reply(page, columns), page)
    return envelope.page_reply(request, page)


def _csv_within_a_reply(page: Page, columns: tuple[str, ...]) -> str:
    """CSV repeats every column in every row, so it can be larger than the JSON."""
    text = to_csv(page.items, columns)
    if escaped_size(text) > MAX_REPLY:
        raise TooMuchAtOnceError
    return text


def list_calls(request: ApiRequest) -> Page:
    now = clock.now_ms()
    paging = query.paging_of(request.query)
    scope = CursorScope(request.account_id, CALLS, query.binding_of(request.query))
    position = cursor.decode(paging.start_key, scope, cursor_key(), now) if paging.start_key else None
    # A cursor brings the bounds of its first page along: "until now" must not move while a client pages.
    first, last = position["bounds"] if position else query.bounds_of(request.query, now)
    found = listing.page_of_calls(
        _store(request),
        listing.CallQuery(
            first_ms=first,
            last_ms=last,
            ascending=query.is_ascending(request.query, default=False),
            conditions=query.filter_of(request.query),
            after=tuple(position["after"]) if position else None,
        ),
        paging.size or query.UNPAGED_CAP,
        now,
    )
    following = found.next_position and {"bounds": [first, last], "after": found.next_position}
    return _page(found.items, paging, scope, following, now)


def read_call(request: ApiRequest) -> Page:
    now = clock.now_ms()
    paging = query.paging_of(request.query)
    ascending = query.is_ascending(request.query, default=True)
    size = paging.size or query.UNPAGED_CAP
    scope = CursorScope(request.account_id, f"{CALL}\n{request.call_id}", query.binding_of(request.query))
    position = cursor.decode(paging.start_key, scope, cursor_key(), now) if paging.start_key else None
    store = _store(request)
    if position:
        call_id, month, span = position["call"]
        call = CallAddress(call_id, month, tuple(span))
        page = page_of_records(store, call, position["place"], size, ascending=ascending)
        found = Found(page, call, store.summary(month, call_id))
    else:
        addresses = candidates(request.call_id, query.span_of(request.query, now), now)
        found = first_page(store, addresses, size, ascending=ascending)
    verdict = listing.verdict_now(found.row, now) if found.row else None
    items = _page(found.page.items, paging, scope, _following(found), now)
    return replace(items, verdict=verdict, origin=found.page.origin)


def _unchanged_call(request: ApiRequest) -> Reply | None:
    """304 where the client has the whole call already, told from its row alone: no record is read."""
    now = clock.now_ms()
    paging, span = query.paging_of(request.query), query.span_of(request.query, now)
    is_plain = query.is_ascending(request.query, default=True) and span == ALL_TIMES and not paging.start_key
    if not (is_plain and "if-none-match" in request.headers):
        return None
    addresses = candidates(request.call_id, span, now)
    row = row_of_whole_call(_store(request), addresses, paging.size or query.UNPAGED_CAP, now)
    if row is None:
        return None
    verdict = listing.verdict_now(row, now)
    return envelope.unchanged_reply(request, revision_of(row.packed, row.records, is_last=True, verdict=verdict))


def _following(found: Found) -> dict[str, Any] | None:
    """Where the next page of a call begins."""
    if found.call is None or found.page.next_position is None:
        return None
    return {"call": astuple(found.call), "place": found.page.next_position}


def _page(
    items: list[str], paging: query.Paging, scope: CursorScope, following: dict[str, Any] | None, now: int
) -> Page:
    if paging.size is None:
        if following:
            raise TooMuchAtOnceError
        return Page(items=items, is_paged=False)
    next_key = cursor.encode(following, scope, cursor_key(), now) if following else ""
    return Page(items=items, start_key=paging.start_key, next_start_key=next_key)


def _store(request: ApiRequest) -> DebugStore:
    return DebugStore(required("DEBUG_TABLE"), request.account_id, dynamodb.client())
