"""Goes through what a server answered, and hides credentials, keyed digits and card numbers in it. Pure.

A value is hidden by as many characters as it has, inside the quotes that it came in: so JSON stays the JSON it was,
broken where it was broken, a number stays a number, and the line and column of every finding still lead to it.

What is well-formed is read by its grammar. Behind the first fault, and in plain text, credentials are looked for
besides wherever a name stands by a value: the quotes may have gone astray there.
"""

import re
from collections.abc import Callable
from functools import cached_property
from urllib.parse import unquote_plus

from pivot_debug.answer_names import AnswerNames
from pivot_debug.callflow import unread_from
from pivot_debug.card_numbers import mask_card_numbers
from pivot_debug.credential_shapes import hide_credentials
from pivot_debug.digits import may_be_private
from pivot_debug.json_leaves import MAX_NAMES, leaves
from pivot_debug.named_values import name_before, named_values, parts_of_form
from pivot_debug.redaction import SHORTEST_ENCODED, host_of
from pivot_debug.spelling import hidden, json_pieces, plain, respelt, verbatim, xml_pieces
from pivot_debug.telling_names import Sense, sense_of

CARD = "card number"
"""What is listed as redacted for a card number, which has no name."""

_DIGITS_ALONE = frozenset({"pins"})
"""Names under which KAZOO takes digits and nothing else: a ``*`` would be a fault there."""

_Spell = Callable[[str], list[tuple[str, str]]]

_MAX_NESTING = 4
MOST_DECODED = 3
_SHORTEST = len("pin=1")
# Where JSON, or anything like it, or markup begins. "[2024-03-12" is neither, nor is a["b"].
_BEGIN = re.compile(r"(?P<json>\A[\ufeff\s]*+[{\[\"']|(?:\{|(?<![\w\]])\[)\s*+[\"'{\[]|\{\s*+\w|\"[{\[])|<[A-Za-z!?/]")
_AUTHORITY = re.compile(r"(?:(?<=://)|(?<=:\\/\\/))[^/?#\s\"'<>]*@[^/?#\s\"'<>]*")
_PARAMETER = re.compile(r"(?<=[?&;#])([^=&;#?\s\"'<>]{1,200}+)=([^&#\s\"'<>]++)")
_MARKUP = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<!--(?P<comment>.*?)(?:-->|\Z)|<\?(?P<script>.*?)(?:\?>|\Z)"
    r"|<(?=[^\s<>\"'=])(?P<slash>/?)(?P<tag>[^\s<>/\"'=]*+)(?P<attributes>(?:[^<>\"']++|\"[^\"]*\"|'[^']*')*+)|(?P<text>[^<]++)",
    re.DOTALL,
)
# Outside of all elements a "*" would be another fault than a word is.
_WORD = re.compile(r"\w")
_MANTISSA = re.compile(r"(-?0?)([0-9.]*)")
_ATTRIBUTE = re.compile(r"(?:^|(?<=[\s\"']))([^\s=\"'<>/]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)')")


class Masker:
    """Goes through one body. Every method returns a text as long as the one it got."""

    def __init__(self, *, keep_digits: bool, keep_cards: bool = False, decoded: int = 0) -> None:
        self.lost: list[str] = []
        self._decoded = decoded
        self._keep_digits = keep_digits
        self._keep_cards = keep_digits or keep_cards
        self.names = AnswerNames(Sense.SECRET if keep_digits else Sense.IDENTITY)

    @cached_property
    def _of_identities(self) -> "Masker":
        """The same for texts that are a telephone number or an id."""
        masker = Masker(keep_digits=self._keep_digits, keep_cards=True, decoded=self._decoded)
        masker.lost = self.lost
        return masker

    def named(self, text: str, name: str) -> str:
        """A whole body of that name."""
        return self.masked(text, self.names.if_telling(name), depth=-1)

    def body(self, text: str, depth: int = 0) -> str:
        """A whole body, or at a *depth* what stands inside of one, which nobody checks."""
        if len(text) < _SHORTEST:
            return text
        begin = _BEGIN.search(text) if depth < _MAX_NESTING else None
        if begin is None:
            return self._text(text)
        before, inside = text[: begin.start()], text[begin.start() :]
        if not begin["json"]:
            return self._text(before) + self._markup(inside, depth)
        masked = before + self._json(inside, depth)
        return self._text(masked, 0 if depth else unread_from(text))

    def _json(self, text: str, depth: int) -> str:
        kept, done, name = [], 0, ""
        names: tuple[str, ...] = ()
        for leaf in leaves(text):
            if leaf.names is not names:
                names, name = leaf.names, self.names.telling_among(leaf.names)
            if not name and leaf.end - leaf.start < _SHORTEST:
                continue
            source = text[leaf.start : leaf.end]
            masked = self._number(source, name) if leaf.is_number else self._spelt(source, json_pieces, name, depth)
            if masked != source:
                kept += [text[done : leaf.start], masked]
                done = leaf.end
        return "".join(kept) + text[done:]

    def _number(self, source: str, told: str) -> str:
        if not told or not self.is_hidden(source, told):
            return source if told and self.names[told] is Sense.IDENTITY else self._cards(source)
        self.lost.append(told)
        # The 0 of 0.5 stays, or it would be no number any more; so does an exponent.
        return _MANTISSA.sub(lambda found: found[1] + re.sub("[0-9]", "9", found[2]), source, count=1)

    def _markup(self, text: str, depth: int) -> str:
        kept: list[str] = []
        path: list[str] = []
        done = 0
        for found in _MARKUP.finditer(text):
            kind = str(found.lastgroup)
            start, end = found.span(kind)
            told = self.names.telling_among(tuple(path[-MAX_NAMES:])) if kind in ("cdata", "text") else ""
            if kind == "attributes":
                _walk(path, found)
                masked = self._attributes(found[kind], depth) if "=" in found[kind] else found[kind]
            elif end - start < _SHORTEST and not told:
                continue
            elif kind == "text" and not path and (begin := _BEGIN.search(found[kind])):
                # Outside of all elements: XML ends here, and JSON begins. A warning of PHP stood before it.
                json = start + begin.start()
                return (
                    "".join(kept) + text[done:start] + self._text(text[start:json]) + self.body(text[json:], depth + 1)
                )
            else:
                masked = self._spelt(found[kind], xml_pieces if kind == "text" else verbatim, told, depth)
            kept += [text[done:start], masked]
            done = end
        return "".join(kept) + text[done:]

    def _attributes(self, source: str, depth: int) -> str:
        found = list(_ATTRIBUTE.finditer(source))
        values = {one[1].lower(): one[2] or one[3] or "" for one in found}
        # <Variable key="pin" value="1234"/>, <input name="password" value="x">
        named = self.names.if_telling(values.get("key") or values.get("name") or "")
        kept, done = [], 0
        for one in found:
            start, end = one.span(2 if one[2] is not None else 3)
            told = named if one[1].lower() == "value" else self.names.if_telling(one[1].rpartition(":")[2])
            kept += [source[done:start], self._spelt(source[start:end], xml_pieces, told, depth)]
            done = end
        return "".join(kept) + source[done:]

    def _spelt(self, source: str, spell: _Spell, told: str, depth: int) -> str:
        """The source of a text, masked; where it has escapes, they are looked through."""
        if ("\\" if spell is json_pieces else "&") not in source:
            return self.masked(source, told, depth)
        pieces = spell(source)
        text = plain(pieces)
        masked = self.masked(text, told, depth)
        return respelt(pieces, masked) if masked != text else source

    def masked(self, text: str, told: str, depth: int) -> str:
        """A text that has a telling name, or none."""
        if not told:
            return self.body(text, depth + 1)
        if self.is_hidden(text, told):
            self.lost.append(told)
            return _as_digits(text) if told.lower() in _DIGITS_ALONE else hidden(text)
        masker = self._of_identities if self.names[told] is Sense.IDENTITY else self
        return masker.body(text, depth + 1)

    def is_hidden(self, text: str, told: str) -> bool:
        """Whether all of a text is hidden because of what it is called."""
        sense = self.names[told]
        return bool(text.strip()) if sense is Sense.SECRET else sense is Sense.KEYED and may_be_private(text)

    def _text(self, text: str, start: int = 0) -> str:
        """Text without grammar; what stands before *start* is left as it is."""
        masked, names = hide_credentials(text[start:], lambda secret: _WORD.sub("x", secret))
        self.lost += names
        if "@" in masked and ":" in masked:
            masked = _AUTHORITY.sub(self._userinfo, masked)
        if "=" in masked:
            masked = _PARAMETER.sub(self._parameter, masked)
        masked = text[:start] + self._cards(masked)
        return self._named(masked, start) if "=" in masked or ":" in masked else masked

    def _named(self, text: str, first: int) -> str:
        kept, done = [], 0
        find = parts_of_form if text.startswith("--") else named_values
        for name, start, end, is_number in find(text, self.names.if_telling):
            value = text[start:end]
            masked = re.sub("[0-9]", "9", value) if is_number else hidden(value, kept="&")
            if start > first and masked != value and self.is_hidden(value, name):
                self.lost.append(name)
                kept += [text[done:start], masked]
                done = end
        return "".join(kept) + text[done:]

    def _cards(self, text: str) -> str:
        if self._keep_cards:
            return text
        masked, count = mask_card_numbers(text, lambda at: self._is_of_identity(text, at))
        self.lost += [CARD] * count
        return masked

    def _is_of_identity(self, text: str, at: int) -> bool:
        """Whether a number stands behind a name for telephone numbers or ids: ``?To=...``, ``'To' => '...``."""
        return self.names[unquote_plus(name_before(text, at))] is Sense.IDENTITY

    def _userinfo(self, found: re.Match[str]) -> str:
        host = host_of(found[0])
        masked = hidden(found[0][: len(found[0]) - len(host)], kept=":@") + host
        self.lost += ["userinfo"] if masked != found[0] else []
        return masked

    def _parameter(self, found: re.Match[str]) -> str:
        name = unquote_plus(found[1])
        lost = [name] if self._is_hidden_parameter(name, found[2]) else self._encoded(found[2], name)
        value = hidden(found[2]) if lost else found[2]
        if value == found[2]:
            return found[0]
        self.lost += lost
        return f"{found[1]}={value}"

    def _is_hidden_parameter(self, name: str, value: str) -> bool:
        sense = sense_of(name)
        if sense is Sense.KEYED:
            return not self._keep_digits and may_be_private(unquote_plus(value))
        return sense is Sense.SECRET

    def _encoded(self, value: str, name: str) -> list[str]:
        """What an encoded value holds: a URL in a URL, say. It is hidden as a whole, since each part has its length."""
        for decoded in range(self._decoded + 1, MOST_DECODED + 1):
            if ("%" not in value and "+" not in value) or len(value) < SHORTEST_ENCODED:
                break
            value = unquote_plus(value)
            inner = Masker(keep_digits=self._keep_digits, keep_cards=self._keep_cards, decoded=decoded)
            inner.named(value, name)
            if inner.lost:
                return inner.lost
        return []


def _as_digits(text: str) -> str:
    return "".join("9" if one in "0123456789" else hidden(one) for one in text)


def _walk(path: list[str], tag: re.Match[str]) -> None:
    """Into the element of a tag, or out of the one that was entered last."""
    if tag["slash"]:
        del path[-1:]
    elif not tag["tag"].startswith("!") and not tag["attributes"].endswith("/"):
        path.append(tag["tag"].rpartition(":")[2])
