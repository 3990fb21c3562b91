"""Takes credentials and card numbers out of what a server answered. Pure.

A value is hidden by as many characters as it has, inside the quotes that it came in: so JSON stays the JSON it was,
broken where it was broken, a number stays a number, and the line and column of every finding still lead to it.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from pivot_debug.card_numbers import mask_card_numbers
from pivot_debug.json_leaves import MAX_NAMES, leaves
from pivot_debug.redaction import MARK, host_of, is_secret_name
from pivot_debug.spelling import hidden, json_pieces, plain, respelt, xml_pieces

CARD = "card number"
"""What is listed as redacted for a card number, which has no name."""

_OF_CALL_FLOWS = frozenset({"code", "key"})
"""Secret names of requests that call flows use for what everybody may see."""

_SAID = frozenset({"message", "target", "expected", "severity"})
"""What an error says of a value, beside the value itself."""

_Spell = Callable[[str], list[tuple[str, str]]]

_MAX_NESTING = 3
_AUTHORITY = re.compile(r"(?<=://)[^/?#\s\"'<>]*@[^/?#\s\"'<>]*")
_PARAMETER = re.compile(r"(?<=[?&;#])([^=&;#?\s\"'<>]{1,200}+)=([^&#\s\"'<>]++)")
_MARKUP = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<!--(?P<comment>.*?)(?:-->|\Z)"
    r"|<(?P<slash>/?)(?P<tag>[^\s<>/\"'=]*+)(?P<attributes>(?:[^<>\"']++|\"[^\"]*\"|'[^']*')*+)|(?P<text>[^<]++)",
    re.DOTALL,
)
_MANTISSA = re.compile(r"(-?0?)([0-9.]*)")
_ATTRIBUTE = re.compile(r"(?:^|(?<=[\s\"']))([^\s=\"'<>/]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)')")


def mask_answer(body: str, *, keep_cards: bool = False) -> tuple[str, list[str]]:
    """The body with as many characters, and the names of what was hidden: members, attributes, parameters."""
    masker = _Masker(keep_cards)
    return masker.body(body), masker.lost


def mask_value(value: Any, *, keep_cards: bool = False) -> tuple[Any, list[str]]:
    """A JSON value without credentials, and the names of what was hidden."""
    masker = _Masker(keep_cards)
    return masker.value(value), masker.lost


class _Masker:
    """Goes through one body. Every method returns a text as long as the one it got."""

    def __init__(self, keep_cards: bool) -> None:  # noqa: FBT001 - private
        self.lost: list[str] = []
        self._keep_cards = keep_cards

    def body(self, text: str, depth: int = 0) -> str:
        start = text.lstrip("\ufeff \t\r\n")[:1]
        if depth < _MAX_NESTING and start and start in "{[":
            return self._json(text, depth)
        if depth < _MAX_NESTING and start == "<":
            return self._markup(text, depth)
        return self._text(text)

    def value(self, value: Any, secret: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self.value(one, _secret_member(name, secret)) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(one, secret) for one in value]
        if secret and isinstance(value, str | int | float) and not isinstance(value, bool):
            self.lost.append(secret)
            return MARK
        return self.body(value) if isinstance(value, str) else value

    def _json(self, text: str, depth: int) -> str:
        kept, done = [], 0
        for leaf in leaves(text):
            source, name = text[leaf.start : leaf.end], _secret_among(leaf.names)
            masked = self._number(source, name) if leaf.is_number else self._spelt(source, json_pieces, name, depth)
            if masked != source:
                kept += [text[done : leaf.start], masked]
                done = leaf.end
        return "".join(kept) + text[done:]

    def _number(self, source: str, secret: str) -> str:
        if not secret:
            return self._cards(source)
        self.lost.append(secret)
        # The 0 of 0.5 stays, or it would be no number any more; so does an exponent.
        return _MANTISSA.sub(lambda found: found[1] + re.sub("[0-9]", "9", found[2]), source, count=1)

    def _markup(self, text: str, depth: int) -> str:
        kept, done, element = [], 0, ""
        for found in _MARKUP.finditer(text):
            if found["tag"] is not None:
                element = "" if found["slash"] else found["tag"].rpartition(":")[2]
                start, end = found.span("attributes")
                masked = self._attributes(found["attributes"], depth)
            else:
                kind = next(kind for kind in ("cdata", "comment", "text") if found[kind] is not None)
                start, end = found.span(kind)
                spell = xml_pieces if kind == "text" else None
                secret = "" if kind == "comment" else _if_secret(element)
                masked = self._spelt(found[kind], spell, secret, depth)
            kept += [text[done:start], masked]
            done = end
        return "".join(kept) + text[done:]

    def _attributes(self, source: str, depth: int) -> str:
        found = list(_ATTRIBUTE.finditer(source))
        values = {one[1].lower(): one[2] or one[3] or "" for one in found}
        # <Variable key="pin" value="1234"/>, <input name="password" value="x">
        named = _if_secret(values.get("key") or values.get("name") or "")
        kept, done = [], 0
        for one in found:
            start, end = one.span(2 if one[2] is not None else 3)
            secret = named if one[1].lower() == "value" else _if_secret(one[1].rpartition(":")[2])
            kept += [source[done:start], self._spelt(source[start:end], xml_pieces, secret, depth)]
            done = end
        return "".join(kept) + source[done:]

    def _spelt(self, source: str, spell: _Spell | None, secret: str, depth: int) -> str:
        """The source of a text, masked; where it has escapes, they are looked through."""
        if spell is None or not ("\\" in source if spell is json_pieces else "&" in source):
            return self._masked(source, secret, depth)
        pieces = spell(source)
        text = plain(pieces)
        masked = self._masked(text, secret, depth)
        return respelt(pieces, masked) if masked != text else source

    def _masked(self, text: str, secret: str, depth: int) -> str:
        if not secret or not text.strip():
            return self.body(text, depth + 1)
        self.lost.append(secret)
        return hidden(text)

    def _text(self, text: str) -> str:
        if "@" in text and "://" in text:
            text = _AUTHORITY.sub(self._userinfo, text)
        if "=" in text:
            text = _PARAMETER.sub(self._parameter, text)
        return self._cards(text)

    def _cards(self, text: str) -> str:
        if self._keep_cards:
            return text
        masked, count = mask_card_numbers(text)
        self.lost += [CARD] * count
        return masked

    def _userinfo(self, found: re.Match[str]) -> str:
        host = host_of(found[0])
        self.lost.append("userinfo")
        return re.sub("[^:@]", "*", found[0][: len(found[0]) - len(host)]) + host

    def _parameter(self, found: re.Match[str]) -> str:
        name = unquote_plus(found[1])
        if not is_secret_name(name):
            return found[0]
        self.lost.append(name)
        return f"{found[1]}={hidden(found[2])}"


def is_secret_in_answer(name: str) -> bool:
    """Whether a member or attribute of this name holds a credential."""
    return name.lower().rpartition(".")[2] not in _OF_CALL_FLOWS and is_secret_name(name)


def _if_secret(name: str) -> str:
    return name if is_secret_in_answer(name) else ""


def _secret_member(name: str, secret: str) -> str:
    return "" if name in _SAID else _if_secret(name) or secret


def _secret_among(names: tuple[str, ...]) -> str:
    """The innermost secret name; a branch of a call flow may have any name."""
    for at in range(len(names) - 1, 0 if len(names) == MAX_NAMES else -1, -1):
        if is_secret_in_answer(names[at]) and not (at and names[at - 1] == "children"):
            return names[at]
    return ""
