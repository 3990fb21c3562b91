"""docs/openapi.json: made from the code, true to it, and well-formed."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from openapi import refusals
from openapi.document import as_text
from openapi.parameters import CHOOSING, PAGING
from openapi.routes import ROUTES
from pivot_debug import envelope
from pivot_debug.csv_export import CALL_COLUMNS
from pivot_debug.policy import policy_for
from pivot_debug.query import MAX_PAGE_SIZE, binding_of
from pivot_debug.tokens import SCOPES, Caller
from tests.builders import ACCOUNT
from tests.described import document, operations, path_of, validator
from tests.iam import allows
from tests.routes import Route, routes
from tests.template import ROOT

STAGE = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/dev"
DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]


def examples() -> list[Any]:
    """Every example of the document, with the schema that stands beside it."""
    found: list[Any] = []

    def look(shape: Any, where: str) -> None:
        if isinstance(shape, list):
            for place, one in enumerate(shape):
                look(one, f"{where}/{place}")
        elif isinstance(shape, dict):
            if "schema" in shape:
                shown = {name: example["value"] for name, example in shape.get("examples", {}).items()}
                shown |= {"": shape["example"]} if "example" in shape else {}
                found.extend(pytest.param(shape["schema"], shown[name], id=f"{where}/{name}") for name in shown)
            for name, inner in shape.items():
                if name != "value":
                    look(inner, f"{where}/{name}")

    look(DOCUMENT, "")
    return found


def test_the_document_is_the_one_that_the_code_makes() -> None:
    assert (ROOT / "docs/openapi.json").read_text() == as_text(), "renew it: make openapi"


def test_the_document_is_openapi_3_1() -> None:
    validate(DOCUMENT)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_of_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(("schema", "value"), examples())
def test_an_example_is_one_of_its_schema(schema: dict[str, Any], value: Any) -> None:
    assert [fault.message for fault in validator(schema).iter_errors(value)] == []


def test_the_document_has_the_routes_of_the_template_and_no_others() -> None:
    deployed = {(route.verb, path_of(route.path)) for route in routes() if route.verb != "ANY"}

    assert deployed
    assert set(operations()) == deployed


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_needs_the_scope_that_the_document_names(route: Any) -> None:
    verbs = [route.verb, "HEAD"] if route.has_head else [route.verb]
    deployed = Route(route.verb, route.path, "", needs_token=True)

    for scope in SCOPES:
        caller = Caller(name="", accounts=(ACCOUNT,), scopes=(scope,))
        policy = policy_for(caller, f"{STAGE}/GET/")
        allowed = [allows(policy, f"{STAGE}/{verb}{deployed.filled_in()}") for verb in verbs]
        assert allowed == [route.scope in ("", scope)] * len(verbs)


def test_every_kind_of_error_that_the_envelope_tells_apart_has_an_example() -> None:
    known = {kind for kind, _ in envelope._REFUSALS}

    assert known <= {type(error) for error in refusals.SAMPLES}


def test_a_status_has_the_messages_that_its_answers_have() -> None:
    messages = {status: SCHEMAS[f"Error{status}"]["properties"]["message"]["enum"] for status in (404, 429)}

    assert messages == {404: ["bad identifier", "bad_identifier", "not_found"], 429: ["too_many_requests"]}


def test_a_call_of_the_list_has_the_columns_of_its_csv() -> None:
    call, verdict = SCHEMAS["Call"]["properties"], SCHEMAS["Verdict"]["properties"]
    facts = [f"verdict.facts.{name}" for name in verdict["facts"]["properties"]]
    verdicts = [f"verdict.{name}" for name in verdict if name != "facts"]

    assert {*call, *verdicts, *facts} - {"verdict"} == set(CALL_COLUMNS)


def test_a_cursor_is_bound_to_every_parameter_that_chooses() -> None:
    assert {name for name, _ in binding_of(dict.fromkeys(CHOOSING, ""))} == set(CHOOSING)
    assert {name for name, _ in binding_of(dict.fromkeys(PAGING, ""))} == {
        *("created_from", "created_to", "ascending", "descending"),
    }


def test_the_limit_of_a_page_is_told() -> None:
    assert str(MAX_PAGE_SIZE) in DOCUMENT["components"]["parameters"]["page_size"]["description"]


def test_no_reply_names_a_null() -> None:
    # What is not known is absent; a request may say null for it.
    requests = {"Document", "AnswerToCheck", "RelayChange"}

    assert '"null"' not in json.dumps({name: schema for name, schema in SCHEMAS.items() if name not in requests})
