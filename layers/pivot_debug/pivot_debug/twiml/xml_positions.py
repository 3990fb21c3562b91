"""XML as a small tree that knows where everything stood in the text. Pure, and safe on hostile input.

A DOCTYPE is refused before anything in it is read, so no entity is declared, expanded or fetched. Depth and size are
capped. What is accepted otherwise is what xmerl accepts, the parser of KAZOO: encodings that it does not know are
refused, and whatever follows the root element is left alone.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from pivot_debug.findings import line_and_column
from pivot_debug.twiml.xml_faults import Stop, recognise
from pivot_debug.twiml.xml_places import Place, Places, characters

MAX_DEPTH = 64
MAX_SIZE = 5_000
"""Elements and attributes of one document, far above any real answer."""
BYTE_ENCODINGS = frozenset({"us-ascii", "ascii", "iso-8859-1", "iso_8859-1", "latin1", "iso-8859-15"})
"""Declared encodings for which xmerl takes every byte as a character of its own."""
_BOM = "\ufeff"
_ATTRIBUTE = re.compile(rb"""([^\s=/>]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_MISC = re.compile(r"(?:\s++|<!--(?:(?!--).)*+-->|<\?(?!xml\s).*?\?>)*+", re.DOTALL | re.IGNORECASE | re.ASCII)
"""What may follow the root: white space, comments, processing instructions."""


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    value: str
    place: Place


@dataclass(slots=True)
class _Small:
    """What an answer may hold a million of: made fast, so not frozen, and the place is worked out when asked for."""

    places: Places = field(repr=False, compare=False)
    byte: int

    @property
    def place(self) -> Place:
        return self.places.at(self.byte)


@dataclass(slots=True)
class Aside(_Small):
    """Comments and processing instructions in a row: without meaning, yet KAZOO counts them as content."""


@dataclass(slots=True)
class Text(_Small):
    """``cdata`` text is lost on most of KAZOO's verbs: they read plain text alone."""

    cdata: bool
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    place: Place
    attributes: tuple[Attribute, ...] = ()
    children: "list[Element | Text | Aside]" = field(default_factory=list)

    @property
    def elements(self) -> "list[Element]":
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def texts(self) -> list[Text]:
        return [child for child in self.children if isinstance(child, Text)]


@dataclass(frozen=True, slots=True)
class Document:
    """``rest`` is the place of what follows the root element and is no XML."""

    root: Element
    encoding: str | None = None
    rest: Place | None = None


@dataclass(frozen=True, slots=True)
class XmlFault:
    """Why the text cannot be read. ``ours`` says that the limit is this reader's own: KAZOO may well read it."""

    message: str
    place: Place
    expected: str
    got: str
    ours: bool = False


def parse_xml(body: str) -> Document | XmlFault:
    """Read *body*; it never raises, whatever the text."""
    builder = _Builder(body)
    try:
        builder.run()
    except _RefusedError as refusal:
        return refusal.fault
    except expat.ExpatError as error:
        return builder.stopped(expat.ErrorString(error.code))
    return builder.document()


class _RefusedError(Exception):
    def __init__(self, fault: XmlFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Builder:
    """Expat's handlers: they grow the tree."""

    def __init__(self, body: str) -> None:
        self._body = body
        # XML allows neither character. But expat takes a text full of NULs for UTF-16.
        self._data = body.replace("\0", "\1").encode("utf-8", "surrogatepass")
        self._places = Places(self._data)
        self._root: Element | None = None
        self._open: list[Element] = []
        self._closing = self._size = 0
        self._cdata = False
        self._text_is_cdata, self._text_byte = False, 0
        self._pieces: list[str] = []
        self._encoding: str | None = None
        self._parser = self._prepared_parser()

    def _prepared_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        parser.CommentHandler = self._aside
        parser.ProcessingInstructionHandler = self._aside
        return parser

    def run(self) -> None:
        self._parser.Parse(self._data, True)  # noqa: FBT003 - expat takes it by position alone

    def document(self, rest: Place | None = None) -> Document:
        assert self._root is not None  # noqa: S101 - expat takes no document without a root
        return Document(self._root, self._encoding, rest)

    def stopped(self, error: str) -> Document | XmlFault:
        """Explain expat's error, unless it concerns only what follows the root: that is never read."""
        if (rest := self._rest()) is not None:
            return self.document(Place(*line_and_column(self._body, rest)))
        offset = self._character(self._parser.ErrorByteIndex)
        name, line = (self._open[-1].name, self._open[-1].place.line) if self._open else (None, 0)
        stop = Stop(error, self._body, offset, name, line)
        return XmlFault(stop.message, Place(*line_and_column(self._body, stop.place)), stop.expected, stop.got)

    def _rest(self) -> int | None:
        """Where something begins after the root and its comments that is no markup of the XML."""
        if not self._root or self._open:
            return None
        # Expat tells where a closing tag begins, but where a tag without content ends.
        closing = self._character(self._closing)
        alone = not self._root.children and self._body.endswith("/>", 0, closing)
        misc = _MISC.match(self._body, closing if alone else self._body.index(">", closing) + 1)
        end = misc.end() if misc else 0
        return end if end < len(self._body) and not self._body.startswith(("<!--", "<?"), end) else None

    def _character(self, byte: int) -> int:
        return characters(self._data[: max(byte, 0)])

    def _refuse(self, message: str, byte: int, expected: str, got: str, *, ours: bool) -> None:
        raise _RefusedError(XmlFault(message, self._places.at(byte), expected, got, ours))

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._encoding = encoding and encoding.lower()
        # After a byte order mark xmerl does not look at the declaration.
        if encoding and not self._body.startswith(_BOM) and self._encoding not in {"utf-8", *BYTE_ENCODINGS}:
            message = f'KAZOO\'s XML parser does not know encoding="{encoding}". Send UTF-8 and write encoding="UTF-8".'
            self._refuse(message, self._data.index(b"encoding"), "UTF-8", encoding, ours=False)

    def _doctype(self, *_declared: object) -> None:
        known = recognise(self._body)
        message = known or "The document has a DOCTYPE, which is not looked into here. Leave it out."
        self._refuse(message, self._data.index(b"<!DOCTYPE"), "<Response>", "<!DOCTYPE", ours=not known)

    def _start(self, name: str, flat: list[str]) -> None:
        byte = self._parser.CurrentByteIndex
        self._size += 1 + len(flat) // 2
        if len(self._open) >= MAX_DEPTH or self._size > MAX_SIZE:
            limits = f"at most {MAX_DEPTH} levels, {MAX_SIZE} elements and attributes"
            self._refuse("The XML is too deep or too large to be looked into here.", byte, limits, "more", ours=True)
        element = Element(name, self._places.at(byte), self._attributes(byte + 1 + len(name.encode()), flat))
        if self._open:
            self._end_text()
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _attributes(self, byte: int, flat: list[str]) -> tuple[Attribute, ...]:
        # Expat tells no places of attributes; but it has checked the tag, so a simple pattern finds them.
        written = zip(flat[::2], flat[1::2], _ATTRIBUTE.finditer(self._data, byte), strict=False)
        return tuple(Attribute(name, value, self._places.at(found.start())) for name, value, found in written)

    def _end(self, _name: str) -> None:
        self._end_text()
        self._open.pop()
        self._closing = self._parser.CurrentByteIndex

    def _text(self, data: str) -> None:
        # Xmerl joins a text to the one before it, whatever their kinds, only where nothing else precedes.
        if self._text_is_cdata != self._cdata and self._open[-1].children:
            self._end_text()
        if not self._pieces:
            self._text_is_cdata, self._text_byte = self._cdata, self._parser.CurrentByteIndex
        self._pieces.append(data)
        # Expat hands a text out line by line, and each reference for itself: the rest takes the shortest way.
        self._parser.CharacterDataHandler = self._pieces.append

    def _end_text(self) -> None:
        if self._pieces:
            text = Text(self._places, self._text_byte, self._text_is_cdata, "".join(self._pieces))
            self._open[-1].children.append(text)
            self._pieces.clear()
            self._parser.CharacterDataHandler = self._text

    def _start_cdata(self) -> None:
        self._cdata = True
        self._text("")

    def _end_cdata(self) -> None:
        self._cdata = False
        self._parser.CharacterDataHandler = self._text

    def _aside(self, *_data: str) -> None:
        if self._open:
            self._end_text()
            siblings = self._open[-1].children
            if not siblings or not isinstance(siblings[-1], Aside):
                siblings.append(Aside(self._places, self._parser.CurrentByteIndex))
