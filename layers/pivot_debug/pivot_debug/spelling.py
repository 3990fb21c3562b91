"""How JSON and XML spell a character, so that a text can be changed without moving what stands behind it. Pure."""

import json
import re
from html import unescape

_JSON = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[\"\\/bfnrt]|.",
    re.DOTALL,
)
_XML = re.compile(r"&#[0-9]{1,7};|&#x[0-9a-fA-F]{1,6};|&(?:amp|lt|gt|quot|apos);|&[A-Za-z]*+;?|.", re.DOTALL)

# What a parser stumbles over, or ends a token at, stays where it is: a body must not become right, or wrong in another
# way.
_FIXED = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff<>\\[\\] ;%\"'-]")


def json_pieces(source: str) -> list[tuple[str, str]]:
    r"""Each character inside a JSON string with its spelling: ``\u0041`` is ``A``. What is misspelt spells itself."""
    return [(piece, piece if len(piece) == 1 else json.loads(f'"{piece}"')) for piece in _JSON.findall(source)]


def xml_pieces(source: str) -> list[tuple[str, str]]:
    """Each character of XML text with its spelling: ``&#65;`` is ``A``. An unknown entity spells itself."""
    return [(piece, _xml_character(piece)) for piece in _XML.findall(source)]


def verbatim(source: str) -> list[tuple[str, str]]:
    """Each character as its own spelling, as in a CDATA section or a comment."""
    return [(one, one) for one in source]


def plain(pieces: list[tuple[str, str]]) -> str:
    """The text that is spelt."""
    return "".join(text for _, text in pieces)


def respelt(pieces: list[tuple[str, str]], text: str) -> str:
    """The source with *text*, which has as many characters, in it; every line and column stays."""
    done, at = [], 0
    for spelling, before in pieces:
        after = text[at : at + len(before)]
        at += len(before)
        done.append(spelling if after == before else _spelt(spelling, after))
    return "".join(done)


def hidden(text: str, kept: str = "") -> str:
    """The text as ``*``, but for what a parser may stumble over, and the characters in *kept*."""
    return "".join(one if one in kept or _FIXED.match(one) else "*" for one in text)


def _xml_character(piece: str) -> str:
    text = unescape(piece) if piece.endswith(";") else piece
    return text if len(text) == 1 and text.isprintable() and text != "\ufffd" else piece


def _spelt(spelling: str, after: str) -> str:
    if len(spelling) == len(after):
        return _fault(spelling) if spelling[0] in "&\\" else after
    if after != "9":
        return "*" * len(spelling)
    if spelling[0] == "\\":
        return f"{spelling[:-1]}9"
    return f"{spelling[:-2]}9;" if "x" in spelling else f"{spelling[:-3]}{ord('9')};"


def _fault(spelling: str) -> str:
    """A lone & or backslash, an unknown entity, a character that XML has not: each stays the fault that it is."""
    return spelling if spelling.startswith("&#") else re.sub("[A-Za-z]", "x", spelling)
