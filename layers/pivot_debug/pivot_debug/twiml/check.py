"""Checks an answer in TwiML by what KAZOO does with it. Pure.

KAZOO reads the XML at once, then executes verb after verb until one hands the call over or fails; it validates nothing
ahead, and stores no error. A fault that it can never get to, because a Redirect, Hangup, Reject or Dial with ``action``
comes first, is a warning. What KAZOO does was read in its source (``kzt_twiml*``), what its parser does was tried.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from pivot_debug.findings import Finding, Severity
from pivot_debug.kazoo_urls import is_absolute, is_under
from pivot_debug.twiml.addresses import addresses
from pivot_debug.twiml.contents import (
    attributes,
    hangup,
    nothing,
    play,
    redirect,
    say,
    stray_text,
    variables,
)
from pivot_debug.twiml.dial import dial_contents
from pivot_debug.twiml.faults import BREAKS, IGNORES, NO_PROMPTS, UNREADABLE, Fault, content_fault, mild_fault, short
from pivot_debug.twiml.table import HANGS_UP, INSTEAD, MEANT, NOUNS, VERBS
from pivot_debug.twiml.xml_faults import recognise
from pivot_debug.twiml.xml_places import Place
from pivot_debug.twiml.xml_positions import BYTE_ENCODINGS, Document, Element, XmlFault, parse_xml

MAX_FINDINGS = 100
"""Errors are kept before warnings; nobody reads on after that many."""


def check_twiml(body: str, *, relay_root: str | None = None) -> list[Finding]:
    """Find what KAZOO would stumble over in *body*, in the order of the text.

    With *relay_root*, the address under which KAZOO reaches our relay, absolute addresses elsewhere are warned of:
    what is requested there is not recorded.
    """
    grave_first = sorted(_faults(body, relay_root), key=lambda fault: (fault.severity, fault.at))
    return [fault.finding(body) for fault in sorted(grave_first[:MAX_FINDINGS], key=lambda fault: fault.at)]


def _faults(body: str, relay_root: str | None) -> Iterator[Fault]:
    document = parse_xml(body)
    if isinstance(document, XmlFault):
        fault = partial(Fault, "xml_syntax", document.place, document.message, document.expected, document.got)
        # What this reader alone refuses may well run: KAZOO's parser takes a DOCTYPE, and sets no limits.
        yield fault(severity=Severity.WARNING, then="") if document.ours else fault(then=UNREADABLE)
    elif document.root.name == "Response":
        yield from _around_root(document, body)
        yield from _response(document.root)
        if relay_root is not None:
            yield from _leaving(document.root, relay_root)
    else:
        yield _wrong_root(document.root, body)


def _around_root(document: Document, body: str) -> Iterator[Fault]:
    if document.encoding in BYTE_ENCODINGS and not body.isascii() and not body.startswith("\ufeff"):
        what = f'The declaration says encoding="{document.encoding}", but the body is UTF-8.'
        then = "KAZOO garbles all letters beyond ASCII."
        yield mild_fault("xml_syntax", Place(1, 1), what, "UTF-8", document.encoding, then, 'Write encoding="UTF-8".')
    if document.rest:
        what, fix = "Something follows the root element.", "Send nothing after </Response>."
        yield mild_fault("xml_syntax", document.rest, what, "the end of the body", "more", IGNORES, fix)


def _wrong_root(root: Element, body: str) -> Fault:
    what = recognise(body) or f"The root element is <{short(root.name)}>. Put all verbs into one <Response>."
    meant = ["Response"] if root.name.rpartition(":")[2].lower() == "response" else ()
    return Fault("twiml_root", root.place, what, "Response", root.name, UNREADABLE, meant=meant)


def _response(root: Element) -> Iterator[Fault]:
    yield from stray_text(root)
    if not root.elements:
        then = "KAZOO has nothing to do and hangs up." if root.children else BREAKS
        fix = "Answer with at least one verb; to end the call, with <Hangup/>."
        yield Fault("twiml_empty", root.place, "The <Response> is empty.", "a verb", "nothing", then, fix)
    end: Element | None = None
    for verb in root.elements:
        faults = list(_verb(verb))
        yield from (_unreached(fault, end) for fault in faults) if end else faults
        if _hands_over(verb) and not any(fault.severity is Severity.ERROR for fault in faults):
            end = end or verb


def _hands_over(verb: Element) -> bool:
    """Whether KAZOO never comes back from *verb*, whatever the caller does."""
    return verb.name in ("Redirect", "Hangup", "Reject") or (verb.name == "Dial" and _has_action(verb))


def _has_action(element: Element) -> bool:
    return any(attribute.name == "action" for attribute in element.attributes)


def _unreached(fault: Fault, end: Element) -> Fault:
    then = f"As it stands KAZOO does not get here: the {end.name} of line {end.place.line} comes first."
    return replace(fault, severity=Severity.WARNING, then=then)


def _verb(verb: Element) -> Iterator[Fault]:
    if verb.name in VERBS:
        yield from _CONTENTS[verb.name](verb)
        yield from attributes(verb, VERBS[verb.name])
    else:
        yield _unknown_verb(verb)


def _unknown_verb(verb: Element) -> Fault:
    name = verb.name.rpartition(":")[2]
    fix = INSTEAD.get(name, "")
    meant: Collection[str] = () if fix else VERBS
    if name in NOUNS:
        meant, fix = (), f"Put it into a <{'Set' if name == 'Variable' else 'Dial'}>."
    elif name.lower() in MEANT:
        meant = [MEANT[name.lower()]]
    what, expected = f"KAZOO knows no verb <{short(verb.name)}>.", f"one of {', '.join(VERBS)}"
    return Fault("twiml_unknown_verb", verb.place, what, expected, verb.name, fix=fix, meant=meant)


def _gather(gather: Element) -> Iterator[Fault]:
    yield from stray_text(gather)
    for child in gather.elements:
        if child.name in ("Redirect", "Gather", "Record") or (child.name == "Dial" and _has_action(child)):
            what, fix = f"<{child.name}> does not work in a <Gather>.", "Put it after the <Gather>."
            yield content_fault(child.place, what, "Say, Play or Pause", child.name, NO_PROMPTS, fix)
        else:
            yield from map(_in_gather, _verb(child))


def _in_gather(fault: Fault) -> Fault:
    # What a Gather holds runs in a process of its own: the call outlives it.
    return replace(fault, then=NO_PROMPTS) if fault.then in (HANGS_UP, BREAKS) else fault


_CONTENTS: Mapping[str, Callable[[Element], Iterator[Fault]]] = {
    "Dial": dial_contents,
    "Gather": _gather,
    "Hangup": hangup,
    "Pause": nothing,
    "Play": play,
    "Record": nothing,
    "Redirect": redirect,
    "Reject": nothing,
    "Say": say,
    "Set": variables,
}


def _leaving(root: Element, relay_root: str) -> Iterator[Fault]:
    for url, written in addresses(root):
        if is_absolute(url) and not is_under(url, relay_root):
            what, then = f"KAZOO calls {short(url)} directly.", "That step is not recorded."
            yield mild_fault("leaves_relay", written.place, what, f"a relative address, or {relay_root}", url, then)
