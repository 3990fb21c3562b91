"""Servers that send the caller elsewhere, to no good end."""

from tests.integration.matrix.case import HANGUP, HTML, JSON, Case, answered, moved, silent
from tests.integration.servers import answer, answers, redirect


def astray(name: str, location: str, code: str, told: str) -> Case:
    return silent(name, answers(redirect(location)), code, told)


CASES = (
    silent(
        "redirects to itself for ever",
        answers(redirect("/voice")),
        "too_many_redirects",
        "redirected once more after",
    ),
    astray("redirects to another address of its machine", "http://127.0.0.2:8080/", "blocked_target", "127.0.0.2"),
    astray("redirects to a private address", "http://10.0.0.1/", "blocked_target", "10.0.0.1 is not a public address"),
    astray("redirects to a cloud's metadata", "http://169.254.169.254/latest/", "blocked_target", "never called"),
    astray("redirects to an address in an odd spelling", "http://0x7f.1/", "blocked_target", "not in the usual"),
    astray("redirects to another port", "http://93.184.215.14:22/", "blocked_target", "on port 22, only on 80, 443"),
    astray("redirects with a password in the URL", "http://u:p@127.0.0.1/", "blocked_target", "user name or password"),
    astray("redirects to another scheme", "ftp://127.0.0.1/voice", "blocked_target", "not a URL with http://"),
    astray("redirects to what is no URL", "http://[oops/", "blocked_target", "not a URL with http://"),
    astray("redirects to an unknown host", "http://nosuch.invalid/", "dns_failure", "nosuch.invalid was not found"),
    astray("redirects to where nothing listens", "http://127.0.0.1:1/", "connection_refused", "on port 1 "),
    answered("redirects without a Location", b"", status="302 Found", code="http_3xx", told="the redirect 302"),
    answered(
        "offers several choices without a Location", b"", status="300 Multiple Choices", code="http_3xx", told="300"
    ),
    answered("answers that nothing has changed", b"", status="304 Not Modified", code="http_3xx", told="304"),
    answered(
        "asks to go by a proxy", b"", "Location: http://127.0.0.1/", status="305 Use Proxy", code="http_3xx", told="305"
    ),
    answered(
        "redirects to a page that is missing",
        HANGUP,
        script=moved(redirect("/gone"), answer(HANGUP, JSON, status="404 Not Found")),
        got=404,
        code="http_4xx",
        told="404",
    ),
    answered(
        "redirects to a login page",
        "<!DOCTYPE html><html><body>Please log in</body></html>",
        script=moved(redirect("/login"), answer(b"<!DOCTYPE html><html><body>Please log in</body></html>", HTML)),
        code="content_type_mismatch",
        told="HTML page",
    ),
)
