"""What is wrong with a TwiML answer, in parts that make a finding. Pure."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from pivot_debug.findings import Finding, Severity, excerpt
from pivot_debug.twiml.table import HANGS_UP
from pivot_debug.twiml.xml_places import Place

_SHOWN = 80
"""Characters of a name or value that are repeated in a finding."""
BREAKS = "KAZOO's Pivot process breaks there: the call does not go on."
UNREADABLE = "KAZOO cannot read the answer: it takes the failure branch or hangs up."
NO_PROMPTS = "KAZOO stops the prompts of the Gather there."
SKIPS = "KAZOO skips it."
IGNORES = "KAZOO ignores it."


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding in parts: what is there, what KAZOO does then, what to change."""

    code: str
    at: Place
    what: str
    expected: str
    got: str
    then: str = HANGS_UP
    fix: str = ""
    severity: Severity = Severity.ERROR
    meant: Collection[str] = ()
    """Names that ``got`` may be a slip of; a sole one it surely is."""

    def finding(self, body: str) -> Finding:
        return Finding(
            code=self.code,
            severity=self.severity,
            message=" ".join(filter(None, (self.what, self.then, self.fix))),
            line=self.at.line,
            column=self.at.column,
            expected=self.expected,
            got=short(self.got),
            did_you_mean=_nearest(self.got, self.meant),
            excerpt=excerpt(body, *self.at),
        )


content_fault = partial(Fault, "twiml_invalid_content")
mild_fault = partial(Fault, severity=Severity.WARNING)
mild_content_fault = partial(content_fault, severity=Severity.WARNING)


def short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _nearest(name: str, meant: Collection[str]) -> str | None:
    low = name.rpartition(":")[2].lower()
    same = [each for each in meant if each.lower() == low or len(meant) == 1]
    close = same or (difflib.get_close_matches(name, meant, n=1) if len(name) <= _SHOWN else [])
    return close[0] if close else None
