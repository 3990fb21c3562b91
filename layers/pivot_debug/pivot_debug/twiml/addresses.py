"""The addresses in a TwiML answer that KAZOO asks for the next step. Pure."""

import re
from collections.abc import Iterator
from html import escape
from itertools import accumulate

from pivot_debug.kazoo_urls import WrittenAddress
from pivot_debug.twiml.contents import kazoo_text
from pivot_debug.twiml.xml_positions import Attribute, Document, Element, Text, parse_xml

_ASKING = frozenset({"Dial", "Gather", "Record"})
"""Verbs whose ``action`` KAZOO calls. To a ``recordingUrl`` it sends the sound, and asks nothing."""

_VALUE = re.compile(r"""[^\s=]+\s*=\s*(?P<quote>["'])(?P<inside>.*?)(?P=quote)""", re.DOTALL)
_CONTENT = re.compile(r"(?P<inside>(?:[^<]++|<!\[CDATA\[.*?\]\]>)*+)", re.DOTALL)


def addresses(root: Element) -> Iterator[tuple[str, Attribute | Text]]:
    """Each address as KAZOO takes it, and what it stands in."""
    inner = (element for verb in root.elements for element in verb.elements)
    for verb in (*root.elements, *inner):
        if verb.name == "Redirect" and verb.texts:
            texts = [text for text in verb.texts if text.value.strip() and not text.cdata]
            yield kazoo_text(verb), (*texts, *verb.texts)[0]
        if verb.name in _ASKING:
            yield from ((attribute.value, attribute) for attribute in verb.attributes if attribute.name == "action")


def written_addresses(body: str) -> list[WrittenAddress]:
    """The addresses with their places in *body*; none where KAZOO cannot read it.

    Left out is an address that a comment or an element cuts in two: it has no one place.
    """
    document = parse_xml(body)
    if not isinstance(document, Document) or document.root.name != "Response":
        return []
    whole = [(url, written) for url, written in addresses(document.root) if url and written.value.strip() == url]
    before = [0, *accumulate(map(len, body.split("\n")))] if whole else []
    return [_written(url, written, body, before) for url, written in whole]


def _written(url: str, written: Attribute | Text, body: str, before: list[int]) -> WrittenAddress:
    """In a text the white space around stays; ``"`` and ``'`` are escaped in both, which does no harm.

    *before*: how many characters the lines before each line have, their breaks not counted.
    """
    line, column = written.place
    pattern = _VALUE if isinstance(written, Attribute) else _CONTENT
    found = pattern.match(body, before[line - 1] + line - 1 + column - 1)
    start, end = found.span("inside") if found else (0, 0)
    inside = body[start:end]
    blank = len(inside) - len(inside.lstrip())
    return WrittenAddress(url, start + blank, start + len(inside.rstrip()), escape)
