"""Entries: no answer came from the server. Pure data."""

from pivot_debug.dictionary.model import ErrorCode, Example
from pivot_debug.dictionary.outcomes import NO_ANSWER, NO_ANSWER_AT_ALL, RELAY_SAYS_SO_IN_TIME

ENTRIES = (
    ErrorCode(
        code="dns_failure",
        title="Host name not found",
        what_happened="The host name in the URL has no address, so no connection was made.",
        kazoo_does=NO_ANSWER_AT_ALL,
        causes=(
            "The host name is misspelt, in `voice_url` or in an address of an earlier answer.",
            "The name is known in a private network or on your own machine only.",
            "The DNS record is new, was removed, or the domain has expired.",
            "`voice_url` has no path: from `https://ivr.example.com`, KAZOO takes `next.php` for `https://next.php`.",
        ),
        change=(
            "Look the name up from outside of your network: `dig +short ivr.example.com`.",
            'Correct the pivot action: `"voice_url": "https://ivr.example.com/voice"`.',
            "Let `voice_url` end in a slash if it has no other path: `https://ivr.example.com/`.",
        ),
        example=Example('"voice_url": "https://ivr.exmaple.com/voice"', '"voice_url": "https://ivr.example.com/voice"'),
        reason="the host name[ of {url}] has no address[: {detail}].",
        hint="Check the spelling of the host name, and that public DNS knows it: `dig +short HOST`.",
    ),
    ErrorCode(
        code="connection_refused",
        title="Connection refused",
        what_happened="The machine was found, but nothing there accepts connections on this port.",
        kazoo_does=NO_ANSWER_AT_ALL,
        causes=(
            "The web server is not running, or is just being restarted.",
            "The URL names the wrong port, or none where one is needed.",
            "The server listens on `127.0.0.1` only.",
            "A firewall rejects connections from outside.",
        ),
        change=(
            "Start the server, and let it listen on all addresses: `0.0.0.0:8080`, not `127.0.0.1:8080`.",
            'Name a port other than 80 or 443 in the URL: `"voice_url": "http://ivr.example.com:8080/voice"`.',
            "Try it from another machine: `curl -v http://ivr.example.com:8080/voice`.",
        ),
        example=Example(
            "flask run --host 127.0.0.1 --port 8080",
            "flask run --host 0.0.0.0 --port 8080",
        ),
        reason="the server[ at {url}] refused the connection[: {detail}].",
        hint="Start the server, check the port in the URL, and let the server listen on a public address.",
    ),
    ErrorCode(
        code="connection_reset",
        title="Connection closed too early",
        what_happened="The server accepted the connection and closed it before a whole answer had come.",
        kazoo_does=NO_ANSWER_AT_ALL,
        causes=(
            "The process that handled the request crashed or was killed.",
            "A proxy or load balancer gave up on the server behind it.",
            "The URL says `http` where the port speaks HTTPS, or the other way round.",
            "`Content-Length` promises more bytes than the body has.",
        ),
        change=(
            "Look for a crash, a restart or a lack of memory in the server's log at the time of the request.",
            "Let the framework compute `Content-Length`; it counts bytes, not characters.",
            "Let scheme and port agree: `https://` with 443, `http://` with 80.",
        ),
        example=Example(
            'HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 100\n\n{"module":"hangup"}',
            'HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 19\n\n{"module":"hangup"}',
        ),
        reason="the server[ at {url}] closed the connection too early[: {detail}].",
        hint="Look in the server's log for a crash at the time of the request, and check `Content-Length`.",
    ),
    ErrorCode(
        code="tls_error",
        title="HTTPS connection failed",
        what_happened="The server was reached, but no secure connection came about, so no request was sent.",
        kazoo_does=(
            f"{NO_ANSWER_AT_ALL} KAZOO's own HTTP client checks no certificate before Erlang/OTP 26: where nothing but "
            "a valid one is missing, the call works without the relay, open to whoever stands between."
        ),
        causes=(
            "The certificate has expired, or is made out to another host name.",
            "The server does not send the intermediate certificate; browsers often make up for that, others do not.",
            "The certificate is self-signed.",
            "The port speaks plain HTTP, or a version of TLS that is no longer accepted.",
        ),
        change=(
            "See what the server sends: `openssl s_client -connect ivr.example.com:443 -servername ivr.example.com`.",
            "Renew the certificate, and install it with its whole chain.",
            "Allow TLS 1.2 and 1.3.",
        ),
        example=Example("ssl_certificate /etc/tls/cert.pem;", "ssl_certificate /etc/tls/fullchain.pem;"),
        reason="no HTTPS connection to [{url}|the server] came about[: {detail}].",
        hint="Install a valid certificate for this host name with its whole chain, and allow TLS 1.2.",
    ),
    ErrorCode(
        code="not_http",
        title="Not an HTTP answer",
        what_happened="The server answered, but what it sent cannot be read as HTTP.",
        kazoo_does=NO_ANSWER_AT_ALL,
        causes=(
            "The port belongs to another service: SSH, mail, a database.",
            "The URL says `http` where the port speaks HTTPS.",
            "The program writes a body without a status line and headers before it.",
            "A header never ends, there are more than 100, or the sizes of chunks are wrong.",
        ),
        change=(
            "See what comes back: `curl -v --http1.1 https://ivr.example.com/voice`.",
            "Let scheme and port agree: `https://` with 443, `http://` with 80.",
            "Let a web server or framework write the status line, the headers and the chunks.",
        ),
        example=Example(
            '{"module": "hangup"}',
            'HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 20\n\n{"module": "hangup"}',
        ),
        reason="[{url}|the server] did not answer in HTTP[: {detail}].",
        hint="Check the port and the scheme in the URL, and let a web server write the answer.",
    ),
    ErrorCode(
        code="timeout",
        title="No answer in time",
        what_happened="The server did not send its whole answer within the time limit.",
        kazoo_does=(
            "KAZOO waits 5 s unless `req_timeout_ms` or its operator sets another limit; what comes later is lost. "
            "Newer than 4.3, the caller hears silence for at least 10 s, then KAZOO goes to the failure branch "
            "`_`; 4.3 (since June 2020) goes there at once; 4.2 and older have no limit and wait as long as the "
            f"caller does. {RELAY_SAYS_SO_IN_TIME}"
        ),
        causes=(
            "The server waits for a slow query or for another service.",
            "It has to start first: a cold container or function.",
            "It handles one request at a time, and is busy with another call.",
            "A firewall drops the packets without a word.",
        ),
        change=(
            "Do slow work after the answer, and give every service that you ask a limit of 2 s or less.",
            "Gain time with a prompt: `<Response><Say>One moment.</Say><Redirect>result.php</Redirect></Response>`.",
            'If the limit was set too low, raise it in the pivot action: `"req_timeout_ms": 5000` is the most.',
        ),
        example=Example('"req_timeout": "5"', '"req_timeout_ms": 5000'),
        reason="the server[ at {url}] did not answer within [{timeout_ms} ms|the time limit][: {detail}].",
        hint="Answer well within the limit (5 s by default): do slow work after the answer, or play a prompt first.",
    ),
    ErrorCode(
        code="no_response",
        title="No answer recorded",
        what_happened="KAZOO recorded the request, but no answer to it. It stores no reason for that.",
        kazoo_does=NO_ANSWER,
        causes=(
            "The server did not answer within KAZOO's limit, 5 s by default.",
            "The host name, the connection or TLS failed: KAZOO stores nothing of that.",
            "The body was not UTF-8, so that KAZOO could not store it.",
            "The record of the answer has not been sent to this service.",
        ),
        change=(
            "Look for the request in the server's log: if it is not there, the connection failed.",
            "Send the same request from KAZOO's network: `curl -i -m 5 'https://ivr.example.com/voice'`.",
            "Record the call through the relay, which tells DNS, connection, TLS and time limit apart.",
        ),
        example=Example(
            "$ curl -i -m 5 https://ivr.example.com/voice\ncurl: (28) Operation timed out after 5001 milliseconds",
            "$ curl -i -m 5 https://ivr.example.com/voice\nHTTP/1.1 200 OK",
        ),
        reason="the request[ to {url}] got no answer that was recorded[: {detail}].",
        hint="Check that KAZOO can reach the URL, and look for a slow or crashed request in the server's log.",
    ),
)
