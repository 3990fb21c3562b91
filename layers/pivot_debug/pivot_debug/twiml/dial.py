"""Whom a Dial calls, by what KAZOO makes of it. Pure."""

import re
from collections.abc import Iterator

from pivot_debug.twiml.contents import attributes, kazoo_text, lost_cdata, named, text_alone
from pivot_debug.twiml.faults import SKIPS, Fault, content_fault, mild_fault, short
from pivot_debug.twiml.table import INSTEAD, NOUNS, RINGING, STRATEGY
from pivot_debug.twiml.xml_positions import Element, Text


def dial_contents(dial: Element) -> Iterator[Fault]:
    # KAZOO drops a single space, so that it does not count; any other text counts, if only a line break.
    content = [child for child in dial.children if not (isinstance(child, Text) and child.value == " ")]
    by_text = bool(content) and isinstance(content[0], Text) and not content[0].cdata
    if by_text and _digits(dial):
        yield from _number(dial)
    elif not dial.elements:
        what = "<Dial> has nobody to call: neither a number nor a noun such as <User>."
        nobody = content_fault(dial.place, what, "digits or a noun", kazoo_text(dial) or "nothing")
        yield from list(lost_cdata(dial)) or [nobody]
    elif not by_text and not isinstance(content[0], Element):
        what, fix = "<Dial> begins with a comment or a CDATA section.", "Remove it, or begin a new line before it."
        yield content_fault(dial.place, what, "a number or a noun", named(content[0]), fix=fix)
    else:
        yield from _nouns(dial, alone=len(dial.elements) == 1 and (by_text or len(content) == 1))


def _digits(element: Element) -> str:
    return re.sub(r"[^0-9+]", "", kazoo_text(element))


def _number(element: Element) -> Iterator[Fault]:
    """A phone number, as text of a Dial or a Number. KAZOO keeps the digits and each +, whatever else is there."""
    text, then = kazoo_text(element), f"KAZOO dials {short(_digits(element))}."
    if re.search(r"[^0-9+\s().\-/]", text):
        what, fix = f"<{element.name}> takes a phone number alone.", "Use <Sip>, <User> or <Device> for anything else."
        yield content_fault(element.texts[0].place, what, "digits and +", text, then, fix)
    for child in element.elements:
        what, fix = f"<{element.name}> holds a number already.", "Use one <Dial> for each."
        yield content_fault(child.place, what, "nothing beside it", named(child), SKIPS, fix)


def _nouns(dial: Element, *, alone: bool) -> Iterator[Fault]:
    """Check whom it calls. A noun that is *alone* KAZOO treats for itself, else it rings together all that can ring."""
    rings = any(noun.name in RINGING for noun in dial.elements)
    then = SKIPS if rings else "KAZOO finds nobody to call and hangs up."
    for noun in dial.elements:
        if noun.name in RINGING or (noun.name == "Conference" and alone):
            yield from attributes(noun, NOUNS[noun.name])
            yield from _callee(noun)
        elif noun.name == "Conference":
            what = "<Conference> is not all that <Dial> holds, or white space stands after it but not before."
            beside = [named(other) for other in dial.elements if other is not noun] or ["white space after it"]
            fix = "Write <Dial><Conference>...</Conference></Dial>."
            yield content_fault(noun.place, what, "nothing beside it", ", ".join(beside), then, fix)
        else:
            yield _unknown_noun(noun, then)
    if not alone:
        yield from _fragile_strategy(dial)


def _callee(noun: Element) -> Iterator[Fault]:
    if noun.name == "Number" and _digits(noun):
        yield from lost_cdata(noun)
        yield from _number(noun)
    elif noun.name == "Number" or (noun.name != "Conference" and not kazoo_text(noun)):
        expected = "digits" if noun.name == "Number" else "an id or a SIP address"
        nobody = content_fault(
            noun.place, f"<{noun.name}> names nobody.", expected, kazoo_text(noun) or "nothing", SKIPS
        )
        yield from list(lost_cdata(noun)) or [nobody]
    else:
        yield from text_alone(noun)


def _unknown_noun(noun: Element, then: str) -> Fault:
    known = (*RINGING, "Conference")
    fix = INSTEAD.get(noun.name, "")
    what, expected = f"KAZOO cannot dial a <{short(noun.name)}>.", f"one of {', '.join(known)}"
    return content_fault(noun.place, what, expected, noun.name, then, fix, meant=() if fix else known)


def _fragile_strategy(dial: Element) -> Iterator[Fault]:
    for attribute in dial.attributes:
        if attribute.name == "strategy" and not STRATEGY.consequence(attribute.value):
            what = "The value is valid, but the source of KAZOO compares it wrongly."
            then, fix = "It may hang up at any value.", "Leave it out: all ring at once."
            yield mild_fault("twiml_invalid_value", attribute.place, what, "no strategy", attribute.value, then, fix)
