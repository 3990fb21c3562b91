"""The error dictionary for its readers: as JSON for the API, as a page of the documentation. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pivot_debug.dictionary.entries import ERROR_CODES, FAMILIES
from pivot_debug.dictionary.model import ErrorCode
from pivot_debug.dictionary.reasons import reason_of

_HEAD = """\
# Error codes

Every code that a verdict or a finding can carry: what happened, what KAZOO does with the call then, and what to change.
Errors end or mislead the call; warnings are worth a look. This page is made from the package:
`python -m pivot_debug.dictionary > docs/errors.md` renews it.

* **The failure branch `_`** is the child named `_` of the `pivot` action in the callflow. KAZOO goes there when Pivot
  reports a failure; where there is no such child, it hangs up.
* **Versions.** "Newer than 4.3" is the master branch of KAZOO's public repository as of March 2024. What KAZOO does was
  read in its source, not measured on a running system; an operator's own build may differ.
* **The relay** is the address of this service that can stand in `voice_url` in front of your server. DNS, connection
  and TLS faults are known only from there: KAZOO itself stores nothing about them.
"""


def as_json(code: str) -> dict[str, Any]:
    """The entry in plain JSON values, always in the same order; ``reason`` is filled with no facts.

    Raises:
        KeyError: There is no such code.
    """
    entry = ERROR_CODES[code]
    plain = {"causes": list(entry.causes), "change": list(entry.change), "reason": reason_of(code, {})}
    return asdict(entry) | {"severity": entry.severity.value} | plain


def to_markdown() -> str:
    """The page ``docs/errors.md``."""
    return "\n".join([_HEAD, *_overview(), *_families()])


def _overview() -> Iterator[str]:
    yield "| code | severity | in short |"
    yield "|---|---|---|"
    for entry in ERROR_CODES.values():
        yield f"| [`{entry.code}`](#{entry.code}) | {entry.severity} | {entry.title} |"
    yield ""


def _families() -> Iterator[str]:
    for name, entries in FAMILIES.items():
        yield f"## {name}\n"
        for entry in entries:
            yield from _entry(entry)


def _entry(entry: ErrorCode) -> Iterator[str]:
    yield f"### `{entry.code}`\n"
    yield f"**{entry.title}.** {entry.what_happened}\n"
    yield f"**What KAZOO does.** {entry.kazoo_does}\n"
    yield "**Likely causes**\n"
    yield from (f"* {cause}" for cause in entry.causes)
    yield "\n**What to change**\n"
    yield from (f"{number}. {step}" for number, step in enumerate(entry.change, 1))
    yield f"\nWrong:\n\n```\n{entry.example.bad}\n```\n"
    yield f"Right:\n\n```\n{entry.example.good}\n```\n"
    yield f"In a verdict: *{reason_of(entry.code, {})}* {entry.hint}\n"
