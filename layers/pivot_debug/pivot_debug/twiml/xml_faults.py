"""Why a text is not XML, in the words of someone who has to repair it. Pure."""

import re
from typing import NamedTuple
from xml.parsers.expat import errors

_BOM = "\ufeff"
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)")
_STRAY_AMPERSAND = re.compile(r"&[^&;<>\s]*$")
_FOREIGN = (
    (r"<!doctype\s+html|<html\b", "This is an HTML page, often an error page of the server. Answer with TwiML."),
    (
        r"(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(?:warning|notice|deprecated|fatal error|parse error)(?:</b>)?:",
        "A message of PHP stands before the XML. Repair its cause, and set display_errors to off.",
    ),
    (r"[{\[]", "This looks like JSON. Send KAZOO JSON as Content-Type: application/json."),
    (r"$", "The body is empty."),
    (r"\ufeff", "A byte order mark stands where it must not: it can only be the very first character. Remove it."),
    (r"[^<]", "Text stands before the XML. Send the XML alone."),
)


def recognise(body: str) -> str | None:
    """Name what *body* is when it is not XML at all, but something often sent by mistake."""
    begin = body.removeprefix(_BOM).lstrip()[:500]
    return next((message for pattern, message in _FOREIGN if re.match(pattern, begin, re.IGNORECASE)), None)


class Stop(NamedTuple):
    """Where expat gave up: its own words in ``error``, and the innermost element that is open there, if any."""

    error: str
    body: str
    offset: int
    open_name: str | None
    open_line: int

    @property
    def place(self) -> int:
        """The offset to look at, which is an & before the one where expat noticed."""
        ampersand = self._ampersand()
        return self.offset if ampersand is None else ampersand

    @property
    def message(self) -> str:
        if self._ampersand() is not None:
            return "An & stands alone. Write &amp; instead, in addresses too."
        around = self.body[max(0, self.offset - 1) : self.offset + 1]
        cause = _BY_ERROR.get(self.error) or next((text for sign, text in _BY_SIGN if re.search(sign, around)), _OTHER)
        if self.open_name is None and "{name}" in cause:
            cause = _OTHER
        return recognise(self.body) or cause.format(name=self.open_name, line=self.open_line, error=self.error)

    @property
    def expected(self) -> str:
        if self._ampersand() is not None:
            return "&amp;"
        ends = (errors.XML_ERROR_TAG_MISMATCH, errors.XML_ERROR_NO_ELEMENTS)
        return f"</{self.open_name}>" if self.open_name and self.error in ends else "well-formed XML"

    @property
    def got(self) -> str:
        if self._ampersand() is not None:
            return "&"
        there = self.body[self.offset : self.offset + 40]
        slash = "</" if self.error == errors.XML_ERROR_TAG_MISMATCH else ""
        return slash + (there.partition("<")[0] or there[:1] or "the end of the body")

    def _ampersand(self) -> int | None:
        if self.error == errors.XML_ERROR_UNDEFINED_ENTITY:
            found = _BARE_AMPERSAND.search(self.body, self.offset)
        else:
            found = _STRAY_AMPERSAND.search(self.body, max(0, self.offset - 100), self.offset)
        return found.start() if found else None


_BY_ERROR = {
    errors.XML_ERROR_MISPLACED_XML_PI: "Something stands before <?xml, if only a blank line. Begin with <?xml.",
    errors.XML_ERROR_TAG_MISMATCH: "The closing tag does not match: <{name}> of line {line} is still open.",
    errors.XML_ERROR_NO_ELEMENTS: "The body ends while <{name}> of line {line} is open: it is cut off, or lacks a tag.",
    errors.XML_ERROR_UNCLOSED_TOKEN: "The body ends in the middle of a tag or a comment: it is cut off.",
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "The body ends in the middle of a CDATA section: it is cut off.",
    errors.XML_ERROR_XML_DECL: 'The declaration is malformed. Write <?xml version="1.0" encoding="UTF-8"?>.',
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "An attribute stands twice in one tag. Leave one.",
}
_BY_SIGN = (
    ("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "XML does not allow this control character. Remove it."),
    ("=", "The value of an attribute stands without quotes. Put it in quotes."),
    ("<", "A < stands alone. Write &lt; instead, or close the quotes before it."),
)
"""What the characters before and after the place tell, the first that applies wins."""
_OTHER = "This is not well-formed XML: {error}."
