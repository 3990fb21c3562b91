"""How large a reply may be: Lambda refuses more than 6 MB, counted after the body was escaped into its JSON."""

MAX_REPLY = 5_500_000
"""Bytes for the items of a reply: Lambda's 6,291,556 less room for the envelope and the headers."""


def escaped_size(text: str) -> int:
    """Bytes that an ASCII text takes inside Lambda's JSON, where each quote and backslash becomes two."""
    return len(text) + text.count('"') + text.count("\\") + 1
