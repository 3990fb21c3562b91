"""Addresses as KAZOO resolves them, which is not as RFC 3986 does. Pure."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """An address in the text of an answer. ``text[start:end]`` spells it, ``spell`` another one for the same place."""

    url: str
    start: int
    end: int
    spell: Callable[[str], str]


def resolve_like_kazoo(base: str, relative: str | None) -> str:
    """Tell where KAZOO sends the next request. *base* is the address it called last, *relative* a Redirect or action.

    Without *relative* it calls *base* again. A leading ``/`` does not mean the root of the host, and the query of
    *base* counts as part of its last segment.
    """
    if relative is None:
        return base
    if is_absolute(relative):
        return relative
    path = base.split("/")
    for segment in relative.split("/"):
        _follow(path, segment)
    return "/".join(path)


def is_absolute(url: str) -> bool:
    """Whether KAZOO takes *url* as it stands: it looks at the first four letters alone, so ``httpish/next`` counts."""
    return url.startswith("http")


def is_under(url: str, root: str) -> bool:
    """Whether *url* is *root* or below it. A host that merely begins like *root* is not."""
    root = root.rstrip("/")
    return url == root or url.startswith((f"{root}/", f"{root}?", f"{root}#"))


def _follow(path: list[str], segment: str) -> None:
    if segment == "..":
        del path[-1:]
    elif segment not in ("", "."):
        if path and _is_replaced(path[-1]):
            del path[-1]
        # KAZOO itself crashes where path is empty, because ".." went past the scheme.
        path.append(segment)


def _is_replaced(last: str) -> bool:
    """A last segment that is empty or has a dot gives way, as a file's name would; any other counts as a folder."""
    return not last or "." in last
