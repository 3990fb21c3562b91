"""How large a reply may be: Lambda refuses more than 6 MB, counted after the body was escaped into its JSON."""

MAX_REPLY = 5_500_000
"""Bytes for the items of a reply: Lambda's 6,291,556 less room for the envelope and the headers."""


def escaped_size(text: str) -> int:
    """Bytes that a text takes inside Lambda's JSON, where quotes, backslashes and ends of lines become two."""
    size = len(text) if text.isascii() else len(text.encode())
    # Written out: this runs over every byte of a reply.
    return size + text.count('"') + text.count("\\") + text.count("\n") + text.count("\r") + 1


def escaped_json_size(text: str) -> int:
    """The same of JSON as ``packing.to_json`` makes it: ASCII, with no end of line in it."""
    return len(text) + text.count('"') + text.count("\\") + 1
