"""The addresses under which KAZOO reaches the relay, and where they lead. Pure.

Such an address is the server's own with the relay's in front of its path::

    https://real.example/a/voice.php?x=1
    https://x.lambda-url.eu-central-1.on.aws/{account id}/pvr_{relay id}_{secret}/voice/a/voice.php?x=1

KAZOO resolves relative addresses by rules of its own (``kazoo_urls``): a last segment with a dot gives way, any other
counts as a folder. No segment before the mirrored path has a dot, and the secret is no part of the query. So whatever
KAZOO makes of the relay's address is the mirror of what it would have made of the server's.

``voice`` stands for the origin of ``voice_url``, ``cdr`` for that of ``cdr_url``, ``o-{origin}-{mac}`` for any other.
The relay alone can make one of the last kind: whoever knows an address has no proxy to everywhere.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

_DEFAULT_PORTS = {"http": "80", "https": "443"}

# What can stand in a request: no space, no control character, no half of a surrogate pair.
_WEB_ADDRESS = re.compile(
    r"""
    (?P<scheme>https?)://
    (?P<userinfo>[^\x00-\x20/\\?#]*@)?
    (?P<host>\[[0-9a-f:.]+\]|[^\x00-\x20\x7f-\U0010ffff:@/\\?#\[\]]+)
    (?: :(?P<port>[0-9]{0,5}) )?
    (?P<path>/[^\x00-\x20\x7f\ud800-\udfff?#]*)?
    (?P<query>\?[^\x00-\x20\x7f\ud800-\udfff#]*)?
    (?: \#[^\x00-\x20\x7f\ud800-\udfff]* )?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,  # else some letters beyond ASCII are the same as k or s
)
_RELAY_PATH = re.compile(
    r"""
    /(?P<account_id>[0-9a-f]{32})
    /pvr_(?P<relay_id>[0-9a-f]{32})_(?P<secret>[A-Za-z0-9]{32})
    /(?P<target>voice|cdr|o-[A-Za-z0-9_-]+-[0-9a-f]{32})
    (?P<path>/[^\x00-\x20\x7f\ud800-\udfff?#]*)?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """The parts of an address; ``path`` is that of the server, raw, and begins with ``/``."""

    account_id: str
    relay_id: str
    secret: str = field(repr=False)
    target: str
    path: str


def can_be_relayed(url: str) -> bool:
    """Whether *url* is an http(s) address that has a mirror. One with userinfo has none: its credentials would go."""
    found = _WEB_ADDRESS.fullmatch(url)
    return found is not None and found["userinfo"] is None


def origin_of(url: str) -> str:
    """``https://Real.example:8443/a?b`` -> ``https://real.example:8443``: lower case, no userinfo, no default port.

    Raises ValueError where *url* is no http(s) address with a host in ASCII.
    """
    found = _parts(url)
    scheme, port = found["scheme"].lower(), found["port"]
    shown_port = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{found['host'].lower()}{shown_port}"


def relay_url(  # noqa: PLR0917 - the parts in the order in which they stand
    root: str, account_id: str, relay_id: str, secret: str, target: str, url: str
) -> str:
    """The address under *root* that mirrors *url*. *target* is ``voice``, ``cdr`` or what ``foreign_target`` made.

    Path and query are kept to the byte, without a path it is ``/``; userinfo and fragment are left out. Raises
    ValueError where *url* is no http(s) address.
    """
    found = _parts(url)
    mirrored = f"{found['path'] or '/'}{found['query'] or ''}"
    return f"{root.rstrip('/')}/{account_id}/pvr_{relay_id}_{secret}/{target}{mirrored}"


def foreign_target(origin: str, origin_key: str) -> str:
    """The target for an *origin* (as ``origin_of`` tells it) that is neither that of ``voice_url`` nor of ``cdr_url``.

    *origin_key* is the relay's secret: nobody else can make the target of another origin.
    """
    encoded = base64.urlsafe_b64encode(origin.encode()).decode().rstrip("=")
    mac = hmac.new(origin_key.encode(), origin.encode(), hashlib.sha256).hexdigest()
    return f"o-{encoded}-{mac[:32]}"


def parse_relay_path(raw_path: str) -> RelayAddress | None:
    """Read the path of a request to the relay as it was sent, percent-encoding and all; None for any other path.

    A ``..`` too many in an answer takes KAZOO beyond the mirrored root, as in ``/{account id}/pvr_.../next``: there is
    no target then, so this is None too, and the relay answers with an error. Directly, KAZOO would have called a host
    of that name.
    """
    found = _RELAY_PATH.fullmatch(raw_path)
    if found is None:
        return None
    return RelayAddress(found["account_id"], found["relay_id"], found["secret"], found["target"], found["path"] or "/")


def upstream_url(
    address: RelayAddress, raw_query: str, *, voice_url: str, cdr_url: str | None, origin_key: str
) -> str | None:
    """The server's address, *raw_query* appended to the byte; None where the target is none of this relay's.

    A server's ``?`` without a query behind it is lost. Raises ValueError where the URL of the relay's own definition
    is no http(s) address.
    """
    origin = _origin(address.target, voice_url, cdr_url, origin_key)
    query = f"?{raw_query}" if raw_query else ""
    return None if origin is None else f"{origin}{address.path}{query}"


def _origin(target: str, voice_url: str, cdr_url: str | None, origin_key: str) -> str | None:
    if target == "voice":
        return origin_of(voice_url)
    if target == "cdr":
        return None if cdr_url is None else origin_of(cdr_url)
    return _foreign_origin(target, origin_key)


def _foreign_origin(target: str, origin_key: str) -> str | None:
    encoded = target.removeprefix("o-").rpartition("-")[0]
    try:
        origin = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError:
        return None
    # Made anew and compared as a whole: base64 can spell one origin in several ways.
    genuine = foreign_target(origin, origin_key)
    return origin if hmac.compare_digest(genuine.encode(), target.encode()) else None


def _parts(url: str) -> re.Match[str]:
    found = _WEB_ADDRESS.fullmatch(url)
    if found is None:
        raise ValueError("not an http or https address")  # which it is not told: it may hold credentials
    return found
