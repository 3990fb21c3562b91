"""Answers of a Pivot server, made of bytes from a file or a reply. Pure."""

from pathlib import PurePath

from pivot_debug.diagnosis import JSON_TYPE, TWIML_TYPES, Answer, Diagnosis
from pivot_debug.findings import Severity
from pivot_debug.twiml.xml_positions import Element, XmlFault, parse_xml
from pivot_debug.upstream.model import Headers, UpstreamAnswer

_SUFFIXES = {".json": JSON_TYPE, ".xml": TWIML_TYPES[0], ".twiml": TWIML_TYPES[0]}


def answer_of(reply: UpstreamAnswer) -> Answer:
    return Answer(status=str(reply.status), headers=by_name(reply.headers), body=decoded(reply.body))


def by_name(headers: Headers) -> dict[str, str]:
    """Of a header that comes twice, the first."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name, value)
    return found


def file_answer(name: str, content: bytes, content_type: str | None, status: int) -> Answer:
    """An answer whose body is a file: its Content-Type is guessed where none is given. "" means to send none."""
    guessed = guessed_type(name, content) if content_type is None else content_type
    return Answer(status=str(status), headers={"Content-Type": guessed} if guessed else {}, body=decoded(content))


def decoded(body: bytes) -> str | None:
    """The body as text; None where its bytes are not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def guessed_type(name: str, content: bytes) -> str:
    """What a server would most likely send with the file: by its suffix, else by its first character."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _SUFFIXES.get(PurePath(name).suffix.lower()) or (TWIML_TYPES[0] if start.startswith(b"<") else JSON_TYPE)


def has_errors(diagnosis: Diagnosis) -> bool:
    return any(finding.severity is Severity.ERROR for finding in diagnosis.findings)


def twiml_root(answer: Answer, diagnosis: Diagnosis) -> Element | None:
    """The <Response> that KAZOO executes; None where the answer is something else, or does not run."""
    if diagnosis.effective_flow is not None or has_errors(diagnosis):
        return None
    document = parse_xml(answer.body or "")
    return None if isinstance(document, XmlFault) else document.root
