"""What every server of the matrix comes to: through the real relay, over real sockets, recorded and listed."""

import base64
from collections.abc import Iterator
from functools import cache

import pytest

from pivot_debug.dictionary import ERROR_CODES
from tests.integration.matrix import CASES
from tests.integration.matrix.case import Case
from tests.integration.matrix.page import row_start
from tests.integration.matrix.stage import Outcome, Stage, stage
from tests.template import ROOT

pytestmark = pytest.mark.enable_socket

PAGE = ROOT / "docs/verdicts.md"
RENEW = "Renew it: .venv/bin/python -m tests.integration.matrix > docs/verdicts.md"

BOUNDED_S = 5
"""KAZOO waits no longer."""

OF_MACHINES = ("Traceback", "Error(", "Errno", "[SSL", "_ssl.c", "<class", "None", "pivot_debug", " object at ", "b'")
"""What no text for a reader holds."""


@pytest.fixture(scope="module")
def the_stage() -> Iterator[Stage]:
    with stage() as prepared:
        yield prepared


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_server_comes_to_what_it_should(the_stage: Stage, case: Case) -> None:
    outcome = the_stage.run(case)

    assert outcome.waited_s < BOUNDED_S
    assert (outcome.verdict["status"], outcome.verdict.get("code", "")) == (case.status, case.code), outcome.verdict
    assert_kazoo_got(outcome, case)
    if case.code:
        assert_told(outcome, case)
    else:
        assert (outcome.verdict, outcome.findings) == ({"status": "ok"}, [])
    assert rows().count(row_start(case, outcome)) == 1, RENEW


def assert_kazoo_got(outcome: Outcome, case: Case) -> None:
    """The server's own answer to the byte, or a plain word of the relay's."""
    reply = outcome.reply
    body = base64.b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"].encode()
    kind = reply["headers"]["content-type"]
    assert reply["statusCode"] == case.got
    if case.body is None:
        assert (body[:4], kind) == (b"The ", "text/plain; charset=utf-8")
    else:
        assert (body, kind) == (case.body, outcome.content_type or "text/xml")
    assert outcome.call["has_transport_errors"] is (case.body is None and case.code != "http_status")


def assert_told(outcome: Outcome, case: Case) -> None:
    """What a developer can act on: the code's advice, the reason with its facts, and the place in the body."""
    verdict = outcome.verdict
    entry = ERROR_CODES[case.code]
    assert verdict["hint"] == entry.hint
    if entry.severity == case.severity:  # what a milder finding of the same code leads to, the finding tells
        assert verdict["prediction"] == entry.kazoo_does
    assert case.told
    assert case.told in verdict["reason"]
    if case.place:
        assert verdict["facts"]["place"] == "line {}, column {}".format(*case.place)
    for text in (verdict["reason"], verdict["hint"], verdict["facts"].get("detail", "")):
        assert text.isprintable()
        assert [part for part in OF_MACHINES if part in text] == []


@cache
def rows() -> list[str]:
    """The page's rows without their last cell, which may differ from one version of OpenSSL to the next."""
    return [row[: row.rindex(" | ") + 2] for row in PAGE.read_text().splitlines() if row.startswith("| ")]


def test_the_page_tells_of_these_servers_alone() -> None:
    titles = [row for row in rows() if row.startswith("| the server")]

    assert len(rows()) - len(titles) == len(CASES), RENEW


def test_there_are_enough_of_them() -> None:
    misbehaving = {case.name for case in CASES if case.code}
    healthy = {case.name for case in CASES if not case.code}

    assert len(misbehaving) >= 60
    assert len(healthy) >= 20
    assert len(misbehaving) + len(healthy) == len(CASES)


def test_every_code_that_a_relay_can_give_is_among_them() -> None:
    # Both are for what KAZOO stored itself.
    never = {"no_response", "debug_not_inherited"}

    assert {case.code for case in CASES} - {""} == ERROR_CODES.keys() - never
