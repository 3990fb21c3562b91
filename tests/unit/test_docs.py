"""What the documents say is there, is there."""

import json
import re
from pathlib import Path

import pytest

from pivot_debug import clock, query
from pivot_debug.csv_export import CALL_COLUMNS
from pivot_debug.dictionary import ERROR_CODES
from tests.template import ROOT, resources, template

README = (ROOT / "README.md").read_text()
API = (ROOT / "docs/api.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_route_of_the_template_is_in_the_readme_and_in_the_reference() -> None:
    functions = resources("AWS::Serverless::Function").values()
    events = [event for function in functions for event in function.get("Events", {}).values()]
    routes = [
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"])
        for event in events
        if event["Type"] == "Api"
    ]

    documented = {(verb, path) for verb, path in routes if verb in ("GET", "PUT", "POST", "PATCH", "DELETE")}

    assert documented
    for verb, path in documented:
        assert f"`{verb} {path}`" in README
        assert f"`{verb} {path}`" in API


def test_every_parameter_of_the_template_is_in_the_readme() -> None:
    missing = [name for name in template()["Parameters"] if f"`{name}`" not in README]

    assert missing == []


def test_every_error_code_is_in_the_dictionarys_page() -> None:
    page = (ROOT / "docs/errors.md").read_text()

    missing = [code for code in ERROR_CODES if f"`{code}`" not in page]

    assert missing == []


def test_every_filter_is_in_the_reference() -> None:
    missing = [name for name in (*query._EXACT, *query._FLAGS) if f"`filter_{name}`" not in API]

    assert missing == []


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"\bmake ([a-z-]+)\b(?! up)", _commands(page))}

    assert named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_documents_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    missing = [link for link in links if not (page.parent / link).exists()]

    assert missing == []


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert 100 <= len(README.splitlines()) <= 200


def _commands(page: Path) -> str:
    """Code of a page: what stands in fences and between backquotes."""
    text = page.read_text()
    return "\n".join(re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))


def test_the_readmes_answer_is_one_that_the_list_can_give() -> None:
    answer = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    (call,) = answer["data"]

    assert set(call) - {"verdict"} <= set(CALL_COLUMNS)
    assert {f"verdict.{name}" for name in call["verdict"]} <= set(CALL_COLUMNS)
    assert call["verdict"]["hint"] == ERROR_CODES[call["verdict"]["code"]].hint
    assert call["debug_id"] == f"{clock.month_of(clock.unix_ms(call['created']))}-{call['call_id']}"


def test_every_sample_event_is_in_the_operators_table() -> None:
    page = (ROOT / "docs/operating.md").read_text()

    missing = [event.name for event in (ROOT / "events").glob("*.json") if f"`{event.name}`" not in page]

    assert missing == []
