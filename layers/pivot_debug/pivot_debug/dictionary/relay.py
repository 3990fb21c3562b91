"""Entries: the relay did not fetch an answer. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example

ENTRIES = (
    ErrorCode(
        code="blocked_target",
        title="Address not allowed",
        what_happened="The URL leads to where the relay never calls, such as a private or local address.",
        kazoo_does=(
            "The relay answers 502 without calling the server, and KAZOO goes to the failure branch `_` at once, as "
            "after any `http_5xx`. KAZOO itself checks a `voice_url` when it is set, not when the call comes in, and "
            "by default refuses `localhost`, `127.0.0.1` and `0.0.0.0` alone."
        ),
        causes=(
            "The URL names `localhost`, or an address in a private network such as `10.0.0.5` or `192.168.1.20`.",
            "A public host name has a private address in DNS.",
            "The port is none of those that the relay may call: 80, 443, 8080, 8443, or what its operator chose.",
            "The URL holds a user name, or is not in the usual spelling: `http://127.1/`, characters not encoded.",
            "The server redirects to such a URL.",
        ),
        change=(
            "Use a host name with a public address, and a usual port: `https://ivr.example.com/voice`.",
            "For a server on your own machine, use a tunnel, and set the relay's target to the tunnel's public URL.",
        ),
        example=Example("http://192.168.1.20:8080/voice", "https://ivr.example.com/voice"),
        reason="the relay must not call [{url}|this address][: {detail}].",
        hint="Use a URL whose host name has a public address; for a server on your machine, use a tunnel.",
    ),
    ErrorCode(
        code="too_many_redirects",
        title="Too many redirects",
        what_happened="The server redirected again and again, more often than is followed.",
        kazoo_does=(
            "KAZOO's HTTP client follows redirects up to a limit of its own. Past it, KAZOO takes the last 3xx for a "
            "failure and goes to the failure branch `_` at once; through the relay, which follows five, it gets a 502, "
            "to the same effect."
        ),
        causes=(
            "The server behind a proxy believes that the request came by HTTP, and redirects to HTTPS for ever.",
            "Two rules contradict each other: one adds a slash or `www`, the other takes it away.",
            "A login page redirects back, because KAZOO sends no cookie.",
        ),
        change=(
            "Follow the chain: `curl -sIL https://ivr.example.com/voice | grep -i '^location'`.",
            "Let the server trust the proxy's `X-Forwarded-Proto: https`.",
            "Exempt the route from login and from rewriting, and put its final address into `voice_url`.",
        ),
        example=Example('"voice_url": "http://example.com/voice"', '"voice_url": "https://www.example.com/voice/"'),
        reason="the server[ at {url}] redirected too many times[: {detail}].",
        hint="Follow the chain with `curl -sIL URL`, break the loop, and let `voice_url` name the final address.",
    ),
)
