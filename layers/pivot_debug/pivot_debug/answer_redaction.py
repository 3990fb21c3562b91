"""Takes credentials and card numbers out of what a server answered. Pure.

A value is hidden by as many characters as it has, inside the quotes that it came in: so JSON stays the JSON it was,
broken where it was broken, a number stays a number, and the line and column of every finding still lead to it.

What is well-formed is read by its grammar. Behind the first fault, and in plain text, credentials are looked for
besides wherever a name stands by a value: the quotes may have gone astray there.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from pivot_debug.callflow import unread_from
from pivot_debug.card_numbers import mask_card_numbers
from pivot_debug.credential_shapes import hide_credentials
from pivot_debug.json_leaves import MAX_NAMES, leaves
from pivot_debug.named_values import named_values
from pivot_debug.redaction import MARK, SHORTEST_ENCODED, host_of, is_secret_name
from pivot_debug.spelling import hidden, json_pieces, plain, respelt, verbatim, xml_pieces

CARD = "card number"
"""What is listed as redacted for a card number, which has no name."""

_OF_CALL_FLOWS = frozenset({"code", "key"})
"""Secret names of requests that call flows use for what everybody may see."""

_SAID = frozenset({"message", "target", "expected", "severity"})
"""What an error says of a value, beside the value itself."""

_Spell = Callable[[str], list[tuple[str, str]]]

_MAX_NESTING = 4
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

    def __init__(self, keep_cards: bool, *, is_inner: bool = False) -> None:  # noqa: FBT001 - private
        self.lost: list[str] = []
        self._is_inner = is_inner
        self._keep_cards = keep_cards
        self._if_secret = cache(_if_secret)

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

    def value(self, value: Any, secret: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self.value(one, _secret_member(name, secret)) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(one, secret) for one in value]
        if secret and isinstance(value, str | int | float) and not isinstance(value, bool):
            self.lost.append(secret)
            return MARK
        return self.body(value, depth=1) if isinstance(value, str) else value

    def _json(self, text: str, depth: int) -> str:
        kept, done, name = [], 0, ""
        names: tuple[str, ...] = ()
        for leaf in leaves(text):
            if leaf.names is not names:
                names, name = leaf.names, self._secret_among(leaf.names)
            if not name and leaf.end - leaf.start < _SHORTEST:
                continue
            source = text[leaf.start : leaf.end]
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
        kept: list[str] = []
        done, element, level = 0, "", 0
        for found in _MARKUP.finditer(text):
            kind = str(found.lastgroup)
            start, end = found.span(kind)
            if kind == "attributes":
                element = "" if found["slash"] else found["tag"].rpartition(":")[2]
                level += _step(found)
                masked = self._attributes(found[kind], depth) if "=" in found[kind] else found[kind]
            elif end - start < _SHORTEST and not self._if_secret(element):
                continue
            elif kind == "text" and level <= 0 and (begin := _BEGIN.search(found[kind])):
                # Outside of all elements: XML ends here, and JSON begins. A warning of PHP stood before it.
                json = start + begin.start()
                return (
                    "".join(kept) + text[done:start] + self._text(text[start:json]) + self.body(text[json:], depth + 1)
                )
            else:
                secret = self._if_secret(element) if kind in ("cdata", "text") else ""
                masked = self._spelt(found[kind], xml_pieces if kind == "text" else verbatim, secret, depth)
            kept += [text[done:start], masked]
            done = end
        return "".join(kept) + text[done:]

    def _attributes(self, source: str, depth: int) -> str:
        found = list(_ATTRIBUTE.finditer(source))
        values = {one[1].lower(): one[2] or one[3] or "" for one in found}
        # <Variable key="pin" value="1234"/>, <input name="password" value="x">
        named = self._if_secret(values.get("key") or values.get("name") or "")
        kept, done = [], 0
        for one in found:
            start, end = one.span(2 if one[2] is not None else 3)
            secret = named if one[1].lower() == "value" else self._if_secret(one[1].rpartition(":")[2])
            kept += [source[done:start], self._spelt(source[start:end], xml_pieces, secret, depth)]
            done = end
        return "".join(kept) + source[done:]

    def _spelt(self, source: str, spell: _Spell, secret: str, depth: int) -> str:
        """The source of a text, masked; where it has escapes, they are looked through."""
        if ("\\" if spell is json_pieces else "&") not in source:
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
        for name, start, end, is_number in named_values(text, self._if_secret):
            value = text[start:end]
            masked = re.sub("[0-9]", "9", value) if is_number else hidden(value, kept="&")
            if start > first and masked != value:
                self.lost.append(name)
                kept += [text[done:start], masked]
                done = end
        return "".join(kept) + text[done:]

    def _cards(self, text: str) -> str:
        if self._keep_cards:
            return text
        masked, count = mask_card_numbers(text)
        self.lost += [CARD] * count
        return masked

    def _userinfo(self, found: re.Match[str]) -> str:
        host = host_of(found[0])
        masked = hidden(found[0][: len(found[0]) - len(host)], kept=":@") + host
        self.lost += ["userinfo"] if masked != found[0] else []
        return masked

    def _parameter(self, found: re.Match[str]) -> str:
        name, value = unquote_plus(found[1]), hidden(found[2])
        lost = [name] if is_secret_name(name) else self._encoded(found[2])
        if value == found[2] or not lost:
            return found[0]
        self.lost += lost
        return f"{found[1]}={value}"

    def _encoded(self, value: str) -> list[str]:
        """What an encoded value holds: a URL in a URL, say. It is hidden as a whole, since each part has its length."""
        if "%" not in value or len(value) < SHORTEST_ENCODED or self._is_inner:
            return []
        inner = _Masker(keep_cards=True, is_inner=True)
        inner.body(unquote_plus(value))
        return inner.lost

    def _secret_among(self, names: tuple[str, ...]) -> str:
        """The innermost secret name; a branch of a call flow may have any name."""
        for at in range(len(names) - 1, 0 if len(names) == MAX_NAMES else -1, -1):
            if self._if_secret(names[at]) and not (at and names[at - 1] == "children"):
                return names[at]
        return ""


def is_secret_in_answer(name: str) -> bool:
    """Whether a member or attribute of this name holds a credential."""
    return name.lower().rpartition(".")[2] not in _OF_CALL_FLOWS and is_secret_name(name)


def _if_secret(name: str) -> str:
    return name if is_secret_in_answer(name) else ""


def _step(tag: re.Match[str]) -> int:
    """How far a tag leads into its element, or out of it."""
    if tag["slash"]:
        return -1
    return 0 if tag["tag"].startswith("!") or tag["attributes"].endswith("/") else 1


def _secret_member(name: str, secret: str) -> str:
    return "" if name in _SAID else _if_secret(name) or secret
