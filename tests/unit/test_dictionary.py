"""The error dictionary: complete, readable, and true to the validators."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pivot_debug.callflow import check_call_action
from pivot_debug.dictionary import ERROR_CODES, FAMILIES, ErrorCode, as_json, reason_of, to_markdown
from pivot_debug.findings import Finding, Severity
from pivot_debug.twiml import check_twiml
from tests.template import ROOT

PACKAGE = ROOT / "layers/pivot_debug/pivot_debug"
CHECKERS = [*PACKAGE.rglob("twiml*/*.py"), *PACKAGE.rglob("callflow/*.py"), *PACKAGE.glob("*.py")]
RELAY_ROOT = "https://relay.example.com/r/abc/"

ERRORS = [
    *("dns_failure", "connection_refused", "connection_reset", "tls_error", "not_http", "timeout", "no_response"),
    *(
        "blocked_target",
        "too_many_redirects",
        "http_3xx",
        "http_4xx",
        "http_5xx",
        "unexpected_2xx",
        "http_status",
        "empty_body",
    ),
    *("content_type_mismatch", "content_type_missing", "invalid_encoding", "compressed_body", "body_too_large"),
    *("json_syntax", "not_an_action", "unknown_module", "schema_violation", "xml_syntax", "twiml_root", "twiml_empty"),
    *("twiml_unknown_verb", "twiml_invalid_content", "twiml_invalid_value"),
]
WARNINGS = ["slow_response", "debug_not_inherited", "leaves_relay", "unknown_key"]

FACTS = {
    "attempt": 12,
    "status": "503",
    "url": "https://user@ivr.example.com/a/path/that/goes/on/for/quite/a/while/voice.php?From=%2B14155550142#part",
    "content_type": "text/html; charset=iso-8859-15",
    "detail": 'data.greeting must be one of\n"Good day. Hello", not "Good  evening. Hello and welcome". Mend it.',
    "place": "line 1234, column 12345",
    "timeout_ms": 5000,
    "ms": 4999,
}
FEW_FACTS = {"attempt": 2, "status": None, "url": "", "detail": None, "unheard_of": "x"}

every_entry = pytest.mark.parametrize("entry", ERROR_CODES.values(), ids=ERROR_CODES)


def sentences(entry: ErrorCode) -> list[str]:
    reason = reason_of(entry.code, {})
    return [entry.what_happened, entry.kazoo_does, *entry.causes, *entry.change, reason, entry.hint]


def test_it_has_every_code_in_the_order_in_which_an_exchange_can_fail() -> None:
    assert list(ERROR_CODES) == ERRORS + WARNINGS
    assert sum(len(entries) for entries in FAMILIES.values()) == len(ERROR_CODES)


@every_entry
def test_a_code_is_an_error_or_a_warning_as_agreed(entry: ErrorCode) -> None:
    assert entry.severity is (Severity.WARNING if entry.code in WARNINGS else Severity.ERROR)


@every_entry
def test_an_entry_is_complete(entry: ErrorCode) -> None:
    assert all(text.strip() == text != "" for text in (*sentences(entry), entry.title))
    assert len(entry.causes) > 1
    assert entry.change
    assert entry.example.bad != entry.example.good


@every_entry
def test_its_texts_are_sentences(entry: ErrorCode) -> None:
    assert [text for text in sentences(entry) if not text.endswith(".") or "  " in text] == []
    assert not entry.title.endswith(".")
    assert [text for text in sentences(entry) if not (text[0].isupper() or text[0].isdigit() or text[0] == "`")] == []


@every_entry
def test_its_title_and_hint_are_short(entry: ErrorCode) -> None:
    assert len(entry.title) <= 40
    assert len(entry.hint) <= 200


@every_entry
def test_a_tag_in_its_texts_stands_between_backquotes(entry: ErrorCode) -> None:
    # Elsewhere a page in Markdown swallows it.
    texts = [entry.what_happened, entry.kazoo_does, *entry.causes, *entry.change, entry.hint]

    assert [text for text in texts if text.count("`") % 2 or "<" in re.sub("`[^`]*`", "", text)] == []


@every_entry
@pytest.mark.parametrize("facts", [{}, FEW_FACTS, FACTS], ids=["none", "few", "all"])
def test_a_reason_reads_well_whatever_is_known(entry: ErrorCode, facts: dict[str, object]) -> None:
    reason = reason_of(entry.code, facts)

    assert reason.endswith(".")
    assert reason[0].isupper()
    assert len(reason) <= 200
    assert not re.search(r"[{}\[\]|]|None|  |\n| [.,:;]|[:,] ?[.,]", reason)


@every_entry
@pytest.mark.parametrize("fact", [name for name in FACTS if name != "attempt"])
def test_a_reason_reads_well_with_one_fact_alone(entry: ErrorCode, fact: str) -> None:
    test_a_reason_reads_well_whatever_is_known(entry, {fact: FACTS[fact]})


@every_entry
def test_a_reason_uses_only_facts_that_there_are_and_only_in_optional_parts(entry: ErrorCode) -> None:
    assert set(re.findall(r"\{(.*?)\}", entry.reason)) <= set(FACTS) - {"attempt"}
    assert not re.search(r"[{}|]", re.sub(r"\[[^\]]*\]", "", entry.reason))


@every_entry
def test_a_reason_begins_with_the_attempt(entry: ErrorCode) -> None:
    assert reason_of(entry.code, {"attempt": 3}).startswith("Attempt 3: ")


@pytest.mark.parametrize(
    ("code", "facts", "reason"),
    [
        ("http_5xx", {"attempt": 2, "status": "500"}, "Attempt 2: the server failed with 500."),
        ("http_5xx", {}, "The server failed."),
        (
            "slow_response",
            {"attempt": 1, "ms": 4200, "timeout_ms": 5000},
            "Attempt 1: the server took 4200 ms of the 5000 ms allowed to answer.",
        ),
        ("slow_response", {"attempt": 1, "ms": 4200}, "Attempt 1: the server took 4200 ms to answer."),
        (
            "schema_violation",
            {"attempt": 2, "detail": 'data.text must be a number, not "Hello. You". Did you mean 1?'},
            'Attempt 2: the answer is not a valid call action: data.text must be a number, not "Hello. You".',
        ),
        (
            "timeout",
            {"url": "https://ivr.example.com/voice?From=1", "timeout_ms": 5000},
            "The server at https://ivr.example.com/voice did not answer within 5000 ms.",
        ),
        ("json_syntax", {"detail": 'Expected "}", got {x}.'}, 'The answer is not JSON: Expected "}", got {x}.'),
    ],
)
def test_a_reason_says_what_is_known(code: str, facts: dict[str, object], reason: str) -> None:
    assert reason_of(code, facts) == reason


def test_a_code_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        reason_of("no_such_code", {})
    with pytest.raises(KeyError):
        as_json("no_such_code")


@every_entry
def test_as_json_is_plain_and_always_in_the_same_order(entry: ErrorCode) -> None:
    shown = as_json(entry.code)

    assert json.loads(json.dumps(shown)) == shown
    assert list(shown) == [
        *("code", "severity", "title", "what_happened", "kazoo_does", "causes", "change", "example", "reason", "hint")
    ]
    assert type(shown["severity"]) is str
    assert list(shown["example"]) == ["bad", "good"]
    assert shown["reason"] == reason_of(entry.code, {})


def test_the_page_of_the_documentation_is_up_to_date() -> None:
    page = (ROOT / "docs/errors.md").read_text()

    assert page == to_markdown(), "Renew it: .venv/bin/python -m pivot_debug.dictionary > docs/errors.md"


@every_entry
def test_the_page_links_to_every_code(entry: ErrorCode) -> None:
    page = to_markdown()

    assert f"](#{entry.code})" in page
    assert f"\n### `{entry.code}`\n" in page


def findings_of(body: str) -> list[Finding]:
    return check_twiml(body, relay_root=RELAY_ROOT) if body.startswith("<") else check_call_action(body).findings


CHECKED = [entry for name in ("KAZOO JSON", "TwiML", "Warnings") for entry in FAMILIES[name]]
CHECKED = [entry for entry in CHECKED if entry.code != "slow_response"]


@pytest.mark.parametrize("entry", CHECKED, ids=[entry.code for entry in CHECKED])
def test_its_example_goes_wrong_as_it_says_and_right_when_mended(entry: ErrorCode) -> None:
    found = findings_of(entry.example.bad)

    assert [(finding.code, finding.severity) for finding in found] == [(entry.code, entry.severity)]
    assert findings_of(entry.example.good) == []


@pytest.mark.parametrize(
    "body",
    sorted(
        {
            quoted
            for entry in ERROR_CODES.values()
            for text in (*entry.change, entry.hint, entry.kazoo_does)
            for quoted in re.findall('`(<Response>[^`]+</Response>|{"module"[^`]+})`', text)
            if "..." not in quoted
        }
    ),
)
def test_a_whole_answer_that_it_recommends_is_a_good_one(body: str) -> None:
    assert findings_of(body) == []


def test_the_validators_raise_no_code_that_is_not_in_it() -> None:
    raised = {code for path in CHECKERS for code in codes_in(path)}

    assert {entry.code for entry in CHECKED} <= raised
    assert raised - {""} <= set(ERROR_CODES)


def codes_in(path: Path) -> Iterator[str]:
    """Codes that a module names: ``code="..."``, or what makes a fault, as in ``Fault("twiml_root")``."""
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call):
            yield from (slug(keyword.value) for keyword in call.keywords if keyword.arg == "code")
            first = call.args[1:2] if ast.unparse(call).startswith("partial(Fault,") else call.args[:1]
            if ast.unparse(call.func).split("_")[-1].lower() in {"fault", "partial"}:
                yield from map(slug, first)


def slug(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
