"""Servers whose body is good, but not what its Content-Type, its encoding or its length says."""

import gzip

from tests.integration.matrix.case import HANGUP, HTML, JSON, TWIML, XML, Case, answered

PAGE = "<!DOCTYPE html>\n<html><head><title>500</title></head><body><h1>Oops</h1></body></html>"


def mistaken(name: str, body: bytes | str, told: str, *headers: str) -> Case:
    return answered(name, body, *headers, code="content_type_mismatch", told=told)


def mistyped(content_type: str) -> Case:
    """TwiML with a type that KAZOO does not compare equal: it reads it as JSON in the end."""
    told = f"The body is XML, but KAZOO reads {content_type} as JSON"
    return mistaken(f"sends TwiML as {content_type}", TWIML, told, f"Content-Type: {content_type}")


TYPES = (
    *map(
        mistyped,
        (
            *("text/html", "text/plain", "application/json", "application/octet-stream", "text/xml+foo"),
            *("Text/XML", "application/xhtml+xml", "application/twiml+xml"),
        ),
    ),
    mistaken(
        "sends TwiML with a declaration as text/html", b'<?xml version="1.0"?>' + TWIML, "The body is XML, but", HTML
    ),
    mistaken("sends JSON as application/xml", HANGUP, "application/xml says TwiML", "Content-Type: application/xml"),
    mistaken("sends JSON as text/xml", HANGUP, "text/xml says TwiML", f"{XML}; charset=utf-8"),
    answered("sends JSON without a type", HANGUP, code="content_type_missing", told="KAZOO takes it for TwiML"),
    mistaken("sends an error page with status 200", PAGE, "an HTML page", HTML),
    mistaken("sends an error page as application/json", PAGE, "an HTML page", JSON),
)

ENCODINGS = (
    answered(
        "compresses without being asked",
        gzip.compress(HANGUP, mtime=0),
        JSON,
        "Content-Encoding: gzip",
        code="compressed_body",
        told="the body is compressed",
    ),
    answered(
        "compresses and does not say so",
        gzip.compress(HANGUP, mtime=0),
        JSON,
        code="invalid_encoding",
        told="not valid UTF-8",
    ),
    answered(
        "sends Latin-1",
        '{"module":"tts","data":{"text":"Grüezi"}}'.encode("latin-1"),
        f"{JSON}; charset=iso-8859-1",
        code="invalid_encoding",
        told="not valid UTF-8",
    ),
    answered(
        "sends UTF-16 with a byte order mark",
        HANGUP.decode().encode("utf-16"),
        f"{JSON}; charset=utf-16",
        code="invalid_encoding",
        told="not valid UTF-8",
    ),
    answered(
        "sends UTF-16 without a byte order mark",
        HANGUP.decode().encode("utf-16-le"),
        f"{JSON}; charset=utf-16",
        code="json_syntax",
        told="The body is UTF-16",
        place=(1, 2),
    ),
    answered(
        "sends a sound file",
        b"RIFF\x24\x08\x00\x00WAVE\xff\xfe",
        "Content-Type: audio/x-wav",
        code="invalid_encoding",
        told="not valid UTF-8",
    ),
)

EMPTY = (
    answered("sends no body", b"", JSON, code="empty_body", told="answered 200 with an empty body"),
    answered("sends no body and no type", b"", code="empty_body", told="answered 200 with an empty body"),
    answered("sends white space alone", b" \r\n\r\n", JSON, code="json_syntax", told="The body is empty", place=(3, 1)),
    answered("sends white space alone as XML", b" \r\n\r\n", XML, code="xml_syntax", told="The body is empty"),
)

CASES = (*TYPES, *ENCODINGS, *EMPTY)
