"""What an entry of the error dictionary tells. Pure."""

from dataclasses import dataclass

from pivot_debug.findings import Severity


@dataclass(frozen=True, slots=True)
class Example:
    """The same thing twice: as it goes wrong, and as it works."""

    bad: str
    good: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """One code. Texts are whole sentences; code in them stands between backquotes.

    ``kazoo_does`` says what becomes of the call, by version of KAZOO where they differ. ``severity`` is that of the
    usual case: a single finding of this code may be milder.

    ``reason`` is a template, to be filled by ``reason_of``. A part in square brackets is optional: of what ``|``
    separates there, the first counts whose {fields} are all known, and nothing if there is none. Fields are
    {status}, {url}, {content_type}, {detail} (why, as a sentence), {place}, {timeout_ms} and {ms}; they stand in such
    parts only. ``reason_of`` puts the attempt in front.
    """

    code: str
    severity: Severity = Severity.ERROR
    title: str
    what_happened: str
    kazoo_does: str
    causes: tuple[str, ...]
    change: tuple[str, ...]
    example: Example
    reason: str
    hint: str
