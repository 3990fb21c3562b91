"""Finds credentials that are known by their shape, whatever they are called and wherever they stand. Pure.

Only shapes that nothing else has: a hash, an id or a long word is none. Each is looked for where a text holds its
hint, and read once, however often a text begins one.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

_SHORTEST = 16

# Also behind "%20", and "%2520".
_BEGIN = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2}))"
# Behind the name of a scheme; in a form a "+" is a space, and no part of a token.
_SCHEME_SPACE = r"(?: ++|(?P<form>\++|(?:%(?:25)?20)++))"
_PLAIN = r"[\w.~/=-]|(?(form)(?!)|\+)"
# Of base64, base64url and what RFC 6750 allows: also as URLs and JSON spell it.
_TOKEN = rf"(?:{_PLAIN}|%(?:25)?(?:2[BbFf]|3[Dd]|7[Ee])|\\++(?:(?=/)|u00[0-9A-Fa-f]{{2}}))"
# No word has a digit in it, or goes on in upper case: "Basic internationalization".
_NO_WORD = rf"(?=(?:{_PLAIN}){{0,99}}?(?:[0-9]|[a-z][A-Z]))"
_SPACE = r"(?:[ +]|%20)"
# To its end; else to what ends a text in JSON, XML or a form.
_KEY_BODY = r"(?:[^\"'<>&{}\\-]++|-(?!----END)|\\++(?=[nrtu/])|&(?=\#))++"


class _Shape(NamedTuple):
    """``secret`` in the pattern is what is hidden; a match without it is passed over."""

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _shape(name: str, hints: str, pattern: str) -> _Shape:
    return _Shape(name, tuple(hints.split()), re.compile(pattern, re.ASCII))


def _prefixed(name: str, hints: str, pattern: str) -> _Shape:
    return _shape(name, hints, rf"{_BEGIN}(?P<secret>{pattern})")


# What holds another stands before it: a Bearer token may be a JWT.
_SHAPES = (
    _shape(
        "private key",
        "-----BEGIN",
        rf"-----BEGIN[A-Z0-9 +%]{{1,40}}?PRIVATE{_SPACE}KEY(?:{_SPACE}BLOCK)?-----(?P<secret>{_KEY_BODY})",
    ),
    # Our own. The id stays: it is what a line of the log names, too.
    _shape("relay", "pvr_", r"pvr_[0-9a-fA-F]{32}_(?P<secret>[A-Za-z0-9]++)"),
    _shape("token", "pvd_", r"pvd_[A-Za-z0-9]{16}_(?P<secret>[A-Za-z0-9]++)"),
    _shape(
        "bearer token",
        "Bearer bearer BEARER",
        rf"{_BEGIN}(?:[Bb]earer|BEARER){_SCHEME_SPACE}(?!pvd_){_NO_WORD}(?P<secret>{_TOKEN}{{16,}}+)",
    ),
    _shape(
        "basic credentials",
        "Basic basic BASIC",
        rf"{_BEGIN}(?:[Bb]asic|BASIC){_SCHEME_SPACE}{_NO_WORD}(?P<secret>{_TOKEN}{{16,}}+)",
    ),
    # Header, claims, signature; encrypted ones have five parts. "eyJhbGciOi..." is what a log leaves of one.
    # The beginning stays: behind a digit, its "e" is an exponent.
    _shape(
        "JWT",
        "eyJ",
        r"eyJ(?P<secret>[\w-]{8,}+(?!\.\.(?![\w-]))\.[\w-]*+\.[\w-]*+(?:\.[\w-]++){0,2}+)|eyJ[\w-]*+",
    ),
    _prefixed("AWS access key", "AKIA ASIA", "A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _prefixed("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}+"),
    _prefixed("GitLab token", "glpat-", r"glpat-[\w-]{20,}+"),
    _prefixed("Slack token", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,}+"),
    _prefixed("Stripe key", "sk_ rk_", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}+"),
    _prefixed("Google API key", "AIza", r"AIza[\w-]{35}(?![\w-])"),
    _prefixed("SendGrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
)


def hide_credentials(text: str, hide: Callable[[str], str]) -> tuple[str, list[str]]:
    """The text with each such credential as *hide* makes it, and what they were: ``JWT``, ``private key``."""
    lost: list[str] = []
    if len(text) < _SHORTEST:
        return text, lost
    for shape in _SHAPES:
        if any(hint in text for hint in shape.hints):
            text = _without(shape, text, hide, lost)
    return text, lost


def _without(shape: _Shape, text: str, hide: Callable[[str], str], lost: list[str]) -> str:
    kept, done = [], 0
    for found in shape.pattern.finditer(text):
        start, end = found.span("secret")
        if start >= 0 and (masked := hide(found["secret"])) != found["secret"]:
            lost.append(shape.name)
            kept += [text[done:start], masked]
            done = end
    return "".join(kept) + text[done:]
