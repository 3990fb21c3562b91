"""The matrix as a page: what each server did, what KAZOO got of the relay, and what the reader is told."""

import re
from collections.abc import Iterable, Iterator

from tests.integration.matrix.case import Case
from tests.integration.matrix.stage import Outcome

HEAD = """\
# Verdicts

What the relay tells apart. Each row was run: a server on a real socket that does just this, a request of KAZOO through
the relay to it, and the verdict that the list of calls then holds. This page is made from the tests:
`python -m tests.integration.matrix > docs/verdicts.md` renews it.

* **KAZOO got** the server's status and body to the byte, unless it says *of the relay*: then the server gave nothing
  that could be handed on.
* **Verdict**: [errors.md](errors.md) tells of each code what KAZOO does then, and what to change; a verdict carries
  that advice too. A *warning* means that the call goes on; where nothing is to be said it is *ok*.
* **What the reader is told** begins with the attempt in the list: *Attempt 1: ...*. The server is `ivr.example.com`
  here.
"""

_CODE = re.compile(r"<[\w?/!]*>?|&\w*;?")
_AS_ON_THE_PAGE = (
    (re.compile(r"127\.0\.0\.1(?!:1/|/32)|pivot\.example|private\.example"), "ivr.example.com"),
    (re.compile(r"on port \d{4,}"), "on port 8080"),
    (re.compile(r"(ivr\.example\.com|nosuch\.invalid):\d{4,}"), r"\1"),
    (re.compile(r"^Attempt 1: "), ""),
)


def to_markdown(groups: Iterable[tuple[str, Iterable[tuple[Case, Outcome]]]]) -> str:
    """The page ``docs/verdicts.md``."""
    return "\n".join([HEAD, *(line for title, ran in groups for line in _table(title, ran))])


def _table(title: str, ran: Iterable[tuple[Case, Outcome]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| the server ... | KAZOO got | verdict | what the reader is told |"
    yield "|---|---|---|---|"
    yield from (f"{row_start(case, outcome)} {_told(outcome)} |" for case, outcome in ran)
    yield ""


def row_start(case: Case, outcome: Outcome) -> str:
    """The cells that are the same wherever the case is run."""
    status = outcome.reply["statusCode"]
    got = f"{status} of the relay" if case.body is None else str(status)
    return f"| {_cell(case.name)} | {got} | {_verdict(outcome)} |"


def _verdict(outcome: Outcome) -> str:
    verdict = outcome.verdict
    if "code" not in verdict:
        return "ok"
    code: str = verdict["code"]
    linked = f"[`{code}`](errors.md#{code})"
    return linked if verdict["status"] == "error" else f"warning: {linked}"


def _told(outcome: Outcome) -> str:
    told: str = outcome.verdict.get("reason", "")
    for pattern, shown in _AS_ON_THE_PAGE:
        told = pattern.sub(shown, told)
    return _cell(told)


def _cell(text: str) -> str:
    """Text that means the same in a table of Markdown."""
    return _CODE.sub(lambda found: f"`{found[0]}`", text).replace("|", "\\|")
