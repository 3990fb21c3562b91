"""Where a redirect leads, and with which request, as in KAZOO's own client, Erlang's httpc. Pure.

Read in ``httpc_response.erl``: 300, 307 and 308 repeat the request, the others make a GET of a POST. Cookies are never
carried; unlike httpc, no header but Content-Type goes to another origin.
"""

import re
from dataclasses import replace
from urllib.parse import urljoin

from pivot_debug.upstream.answer_head import Head
from pivot_debug.upstream.model import UpstreamRequest
from pivot_debug.upstream.urls import UnusableUrlError, parse_url

MAX_REDIRECTS = 5
"""httpc stops once it has followed more than four (``HTTP_MAX_REDIRECTS``)."""

_FOLLOWED = {300, 301, 302, 303, 307, 308}
_MAKE_A_GET = {301, 302, 303}
_FOLLOWING = {"GET", "HEAD", "POST"}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def redirected(request: UpstreamRequest, head: Head) -> UpstreamRequest | None:
    """The request that the answer leads to; None where httpc would hand out the answer as it is."""
    location = next(iter(head.values("location")), "")
    if head.status not in _FOLLOWED or request.method not in _FOLLOWING or not location:
        return None
    url = _resolved(request.url, location)
    kept = request.headers if _origin(url) == _origin(request.url) else _content_type(request)
    if request.method != "POST" or head.status not in _MAKE_A_GET:
        return replace(request, url=url, headers=kept)
    no_type = tuple(header for header in kept if header not in _content_type(request))
    return UpstreamRequest(method="GET", url=url, headers=no_type)


def _content_type(request: UpstreamRequest) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in request.headers if name.lower() == "content-type")


def _resolved(base: str, location: str) -> str:
    """The whole URL; what cannot be resolved is left, and refused where it is parsed."""
    if _ABSOLUTE.match(location):
        return location
    try:
        return urljoin(base, location)
    except ValueError:
        return location


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        return parse_url(url).origin
    except UnusableUrlError:
        return None
