"""A request as the gateway hands it over: paths decoded exactly once."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_debug.api_request import ApiRequest
from pivot_debug.errors import InvalidRequestError
from pivot_debug.tokens import Caller
from tests.builders import ACCOUNT, TOKEN, api_event, event

moderately = settings(max_examples=80, deadline=None)

LIST = f"/v2/accounts/{ACCOUNT}/pivot/debug"
CALL_IDS = st.text(min_size=1) | st.text('%25+/?#&= \\"<>[]{}é:@.', min_size=1, max_size=12)


def a_request(path: str = LIST, *, decoded_by_gateway: bool = False, **fields: Any) -> ApiRequest:
    return ApiRequest.of(api_event() | {"path": path, **fields}, decoded_by_gateway=decoded_by_gateway)


def call_id_of(tail: str, *, decoded_by_gateway: bool = False) -> str:
    """The call id in a path that ends like this."""
    return a_request(f"{LIST}/{tail}", decoded_by_gateway=decoded_by_gateway).call_id


# ---------------------------------------------------------------- paths


@given(CALL_IDS)
@moderately
def test_any_call_id_that_was_percent_encoded_comes_back(call_id: str) -> None:
    request = ApiRequest.of(api_event(call_id=call_id), decoded_by_gateway=False)

    assert request.call_id == call_id
    assert request.account_id == ACCOUNT


@given(CALL_IDS.filter(lambda call_id: not call_id.endswith("/")))
@moderately
def test_a_call_id_that_the_gateway_has_decoded_is_left_alone(call_id: str) -> None:
    assert call_id_of(call_id, decoded_by_gateway=True) == call_id


@given(CALL_IDS)
@moderately
def test_a_call_id_is_decoded_exactly_once(call_id: str) -> None:
    twice = quote(quote(call_id, safe=""), safe="")

    assert call_id_of(twice) == quote(call_id, safe="")


@pytest.mark.parametrize(
    ("tail", "call_id"),
    [
        ("829597750%4010.26.0.158", "829597750@10.26.0.158"),
        ("829597750@10.26.0.158", "829597750@10.26.0.158"),
        ("a+b", "a+b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("a%2Fb", "a/b"),
        ("a/b", "a/b"),
        ("a%252Fb", "a%2Fb"),
        ("a%2525b", "a%25b"),
        ("a%23b", "a#b"),
        ("a%3Fb", "a?b"),
        ("100%", "100%"),
        ("a%zzb", "a%zzb"),
        ("%C3%A9", "é"),
        ("é", "é"),
        ("%F0%9F%98%80", "😀"),
        ("%00", "\0"),
        (f"x{quote(LIST, safe='')}%2Fy", f"x{LIST}/y"),
        ("x/pivot/debug/y", "x/pivot/debug/y"),
        ("202403-a%2Fb", "202403-a/b"),
        ("", ""),
    ],
)
def test_a_path_is_read_as_it_was_sent(tail: str, call_id: str) -> None:
    assert call_id_of(tail) == call_id


@pytest.mark.parametrize(("tail", "call_id"), [("a/", "a"), ("a%2F", "a/"), ("a%2F/", "a/"), ("a//", "a/")])
def test_a_trailing_slash_of_the_path_is_no_part_of_the_call_id(tail: str, call_id: str) -> None:
    assert call_id_of(tail) == call_id


@pytest.mark.parametrize("tail", ["%FF", "a%C3", "%E2%28%A1", "%C0%AF", "%ED%A0%80", "x%80y", "%F5%80%80%80"])
def test_a_call_id_that_is_not_utf_8_is_a_validation_error(tail: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        call_id_of(tail)

    assert set(caught.value.errors) == {"call_id"}


def test_an_account_id_that_is_not_utf_8_is_a_validation_error() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        _ = a_request("/v2/accounts/%FF/pivot/debug").account_id

    assert set(caught.value.errors) == {"account_id"}


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("%FfC0aA9/+", max_size=12))
@moderately
def test_no_path_is_ever_a_crash(tail: str) -> None:
    try:
        call_id = call_id_of(tail)
    except InvalidRequestError:
        return

    assert call_id.encode().decode() == call_id


@pytest.mark.parametrize(
    ("path", "account_id"),
    [
        (LIST, ACCOUNT),
        (f"{LIST}/", ACCOUNT),
        (f"/base/path{LIST}", ACCOUNT),
        (f"{LIST}/x/accounts/y/pivot/debug", ACCOUNT),
        ("/v2/accounts/a%2Fb/pivot/debug", "a/b"),
        ("/v2/accounts/*/pivot/debug", "*"),
        ("/v2/accounts//pivot/debug", ""),
        ("/", ""),
    ],
)
def test_the_account_is_what_stands_in_its_place_in_the_path(path: str, account_id: str) -> None:
    assert a_request(path).account_id == account_id


def test_behind_a_custom_domain_the_call_id_is_the_same() -> None:
    assert a_request(f"/base{LIST}/a%2Fb").call_id == "a/b"


def test_a_list_has_no_call_id() -> None:
    assert a_request(LIST).call_id == ""
    assert a_request(f"{LIST}/").call_id == ""


# ---------------------------------------------------------------- the rest


def test_names_of_headers_are_lower_case() -> None:
    request = a_request(headers={"X-AUTH-Token": TOKEN, "Accept": "text/csv", "x-a": "B"})

    assert request.headers == {"x-auth-token": TOKEN, "accept": "text/csv", "x-a": "B"}
    assert request.token == TOKEN


def test_of_a_repeated_parameter_the_last_value_counts() -> None:
    request = a_request(multiValueQueryStringParameters={"a": ["1", "2"], "b": ["3"], "C": [""]})

    assert request.query == {"a": "2", "b": "3", "C": ""}


@pytest.mark.parametrize("name", ["headers", "multiValueQueryStringParameters", "body", "requestContext"])
def test_what_the_gateway_leaves_null_is_empty(name: str) -> None:
    nothing: dict[str, Any] = {name: None}

    request = a_request(**nothing)

    assert request.path == LIST
    empty = {"headers": request.headers, "multiValueQueryStringParameters": request.query, "body": request.body}
    assert not empty.get(name)


def test_without_an_authorizer_the_caller_has_no_rights() -> None:
    assert a_request(requestContext={"requestId": "x"}).caller == Caller(name="", accounts=(), scopes=())


def test_the_caller_is_the_authorizers() -> None:
    request = ApiRequest.of(api_event(accounts=ACCOUNT, scopes="debug:read", expires="5"), decoded_by_gateway=False)

    assert request.caller == Caller(name="aaaaaaaaaaaaaaaa", accounts=(ACCOUNT,), scopes=("debug:read",), expires=5)


@pytest.mark.parametrize("wanted", ["a", "A-z_0.9:x", "5ad53536debfff23f55641caecb3849d", "x" * 64])
def test_a_plain_request_id_of_the_client_is_kept(wanted: str) -> None:
    assert a_request(headers={"X-Request-ID": wanted}).request_id == wanted


@pytest.mark.parametrize("wanted", ["", "x" * 65, "a b", "a\nb", "a\n", "<script>", "é", "a/b", '"'])
def test_any_other_request_id_is_replaced_by_the_gateways(wanted: str) -> None:
    request = a_request(headers={"X-Request-ID": wanted}, requestContext={"requestId": "gateway"})

    assert request.request_id == "gateway"


@pytest.mark.parametrize("name", ["list_calls", "read_call", "ingest"])
def test_the_sample_events_are_requests(name: str) -> None:
    sample = event(name)

    request = ApiRequest.of(sample, decoded_by_gateway=False)

    assert (request.method, request.resource, request.path) == (
        sample["httpMethod"],
        sample["resource"],
        sample["path"],
    )
    assert request.account_id == sample["pathParameters"]["account_id"]
    assert bool(request.call_id) == ("call_id" in sample["pathParameters"])
