"""What to say of a body that is not JSON: where it goes wrong, why, and what KAZOO stores of it. Pure."""

import json
import re
from dataclasses import dataclass

from pivot_debug.callflow.json_positions import pointer_of
from pivot_debug.callflow.json_reader import LIMITS, Fault, JsonSyntaxError, Path
from pivot_debug.findings import Finding, Severity, excerpt, line_and_column

BOM = "\ufeff"

_SHOWN = 20
"""Characters that are shown of what stands at the fault."""

_QUOTES = ("'", "`", "\u2018", "\u2019", "\u201c", "\u201d")
_TWIML = re.compile(r"<\?xml|<Response\b")
_PHP = re.compile(r"(?:<br ?/?>\s*)?(?:<b>)?(?:PHP )?(?:Notice|Warning|Deprecated|(?:Fatal|Parse) error)(?:</b>)?:")
_NOT_A_NUMBER = re.compile(r"[-+]?(?:nan|inf(?:inity)?)\b", re.IGNORECASE)
_LITERAL = re.compile(r"(?P<true>true)\b|(?P<false>false)\b|(?P<null>null|none|nil|undefined)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A fault and what stands before it and after it."""

    fault: Fault
    expected: str
    before: str
    rest: str

    def is_first(self) -> bool:
        return not self.before.strip(BOM + " \t\r\n")

    def follows(self, end: str) -> bool:
        return self.before.rstrip().endswith(end)

    def starts(self, *beginnings: str) -> bool:
        return self.rest.startswith(beginnings)

    def is_cut_off(self) -> bool:
        return any(literal.startswith(self.rest) for literal in ("true", "false", "null"))

    def is_word(self) -> bool:
        return self.rest[:1].isalnum() or self.starts("_", "$")


def syntax_finding(error: JsonSyntaxError, body: str) -> Finding:
    """The finding for a body that the reader refused."""
    spot = _Spot(error.fault, error.expected, body[: error.offset], body[error.offset :])
    got = _shown(spot.rest)
    literal = _LITERAL.match(spot.rest)
    return finding_at(
        body,
        error.offset,
        message=f"{_reason(spot)} Expected {error.expected}, got {got}.",
        path=() if error.fault in LIMITS else error.path,
        expected=error.expected,
        got=got,
        did_you_mean=literal.lastgroup if literal else None,
        severity=Severity.WARNING if error.fault in LIMITS else Severity.ERROR,
    )


def _shown(rest: str) -> str:
    if not rest:
        return "the end of the body"
    return rest[:_SHOWN].splitlines()[0] if rest[0].isprintable() else json.dumps(rest[0])


def finding_at(
    body: str,
    offset: int,
    *,
    message: str,
    expected: str,
    got: str,
    path: Path = (),
    did_you_mean: str | None = None,
    severity: Severity = Severity.ERROR,
) -> Finding:
    line, column = line_and_column(body, offset)
    return Finding(
        code="json_syntax",
        severity=severity,
        message=message,
        pointer=pointer_of(path),
        line=line,
        column=column,
        expected=expected,
        got=got,
        did_you_mean=did_you_mean,
        excerpt=excerpt(body, line, column),
    )


def json_errors(error: JsonSyntaxError, body: str) -> dict[str, str] | None:
    """The json_errors that KAZOO stores. It does for two kinds of fault, and leaves no trace of the others."""
    if error.fault is Fault.INVALID_JSON:
        end = error.offset + 1
        return {"message": "invalid JSON", "before": body[:end], "after": body[end:]}
    if error.fault is Fault.TRAILING_DATA:
        return {"message": "trailing data", "before": body[: error.offset], "after": body[error.offset :]}
    return None


def _reason(spot: _Spot) -> str:
    if spot.fault in LIMITS:
        return "The answer is nested too deep or too large to be checked here; KAZOO sets no limit."
    if spot.starts("\0"):
        return "The body is UTF-16, or holds zero bytes: send it as UTF-8."
    if spot.is_cut_off():
        return _reason_at_end(spot)
    if spot.fault is Fault.TRAILING_DATA:
        return _reason_after_json(spot)
    if spot.fault is Fault.INVALID_STRING:
        return _reason_in_string(spot)
    return _reason_at_begin(spot) or _reason_inside(spot)


def _reason_at_end(spot: _Spot) -> str:
    if spot.is_first() and not spot.rest:
        return "The body is empty."
    return "The body ends too early: it was cut off, or a bracket or a quote is never closed."


def _reason_after_json(spot: _Spot) -> str:
    if _PHP.match(spot.rest):
        return "PHP wrote a message after the JSON: turn display_errors off."
    if spot.starts("{", "["):
        return "The body holds two JSON documents: send one."
    return "Something follows the JSON: send nothing after it."


def _reason_in_string(spot: _Spot) -> str:
    if spot.starts("\\"):
        return 'In a string a backslash stands only before one of " \\ / b f n r t or uXXXX.'
    return "A string holds no line break, tab or other control character: write \\n or \\t."


def _reason_at_begin(spot: _Spot) -> str | None:
    if _PHP.match(spot.rest):
        return "PHP wrote a message into the body: turn display_errors off."
    if not spot.is_first():
        return None
    if _TWIML.match(spot.rest):
        return "The body is TwiML: send it with Content-Type: text/xml."
    if spot.starts("<"):
        return "The body is an HTML page, perhaps an error or a login page."
    return "The body is plain text." if spot.rest[0].isalpha() else None


def _reason_inside(spot: _Spot) -> str:
    reasons = (
        (spot.starts("//", "/*", "#"), "JSON has no comments."),
        (spot.starts(*_QUOTES), "JSON has no quotes but straight double ones."),
        (spot.follows(",") and spot.starts("}", "]"), "There is a comma too many: none stands after the last one."),
        (_NOT_A_NUMBER.match(spot.rest), "JSON has no NaN and no Infinity: send null or leave the member out."),
        (_LITERAL.match(spot.rest), "JSON knows true, false and null, in lower case."),
        (spot.follows("0") and spot.rest[0].isdigit(), "A number begins with no zero."),
        ("name" in spot.expected and spot.is_word(), "Names stand in double quotes."),
        (spot.expected == '":"', "Between a name and its value stands a colon."),
        ('","' in spot.expected and (spot.is_word() or spot.starts('"', "{", "[")), "A comma is missing."),
        (spot.is_word() and spot.fault is not Fault.INVALID_NUMBER, "Text stands in double quotes."),
    )
    return next((reason for holds, reason in reasons if holds), "The body is not JSON.")
