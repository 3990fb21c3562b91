"""Attributes and contents of the verbs of TwiML, by what KAZOO does with them. Pure."""

from collections.abc import Collection, Iterator
from functools import partial

from pivot_debug.findings import Severity
from pivot_debug.twiml.faults import BREAKS, IGNORES, SKIPS, Fault, content_fault, mild_content_fault, mild_fault, short
from pivot_debug.twiml.table import HANGS_UP, NOUNS, WITHOUT_EFFECT, OneOf, Rules
from pivot_debug.twiml.xml_positions import Aside, Attribute, Element, Text

SPOKEN_BYTES = 4000


def attributes(element: Element, rules: Rules) -> Iterator[Fault]:
    for attribute in element.attributes:
        rule = rules.get(attribute.name)
        if attribute.name not in rules:
            # Hangup is judged by itself. Namespaces and xml:lang are not TwiML's.
            if element.name != "Hangup" and not attribute.name.startswith("xml"):
                yield _without_effect(element, attribute, rules)
        elif rule and (then := rule.consequence(attribute.value)):
            what = f'<{element.name}> takes no {attribute.name}="{short(attribute.value)}".'
            fix = f"Write {rule.expected}."
            severity = Severity.ERROR if then == HANGS_UP else Severity.WARNING
            meant = rule.variants(attribute.value) if isinstance(rule, OneOf) else ()
            wrong = partial(Fault, "twiml_invalid_value", attribute.place, severity=severity, meant=meant)
            yield wrong(what, rule.expected, attribute.value, then, fix)


def _without_effect(element: Element, attribute: Attribute, known: Collection[str]) -> Fault:
    name = attribute.name
    fix = WITHOUT_EFFECT.get((element.name, name), "")
    what = f"<{element.name}> has no attribute {short(name)} in KAZOO."
    expected = f"one of {', '.join(known)}" if known else "no attribute"
    return mild_fault("unknown_key", attribute.place, what, expected, name, IGNORES, fix, meant=() if fix else known)


def kazoo_text(element: Element) -> str:
    """The text as KAZOO takes it: plain text alone, without line breaks and spaces around. Tabs stay."""
    text = "".join(text.value for text in element.texts if not text.cdata)
    for stripped in "\n \n ":
        text = text.strip(stripped)
    return text


def nothing(verb: Element) -> Iterator[Fault]:
    for child in verb.children[:1]:
        what = f"<{verb.name}> must be quite empty, without even a line break or a comment."
        yield content_fault(child.place, what, "nothing", named(child), fix=f"Write <{verb.name}/>.")


def named(child: Element | Text | Aside) -> str:
    if isinstance(child, Aside):
        return "a comment"
    return f"<{child.name}>" if isinstance(child, Element) else child.value.strip() or "white space"


def hangup(verb: Element) -> Iterator[Fault]:
    yield from nothing(verb)
    for attribute in verb.attributes[:1]:
        what = "<Hangup> must have no attributes."
        yield content_fault(attribute.place, what, "no attribute", attribute.name, fix="Write <Hangup/>.")


def text_alone(element: Element) -> Iterator[Fault]:
    """Content that is text alone."""
    for child in element.elements:
        if (element.name, child.name) != ("Redirect", "Variable"):
            yield mild_content_fault(child.place, f"<{element.name}> takes text alone.", "text", named(child), SKIPS)
    yield from lost_cdata(element)
    text = kazoo_text(element)
    if text != text.strip() and text.strip() and element.name not in ("Say", "Number"):
        what = f"The text of <{element.name}> begins or ends with a tab or a blank line, and KAZOO keeps it."
        then, fix = "It then looks for another name.", "Write it in one line."
        yield content_fault(element.texts[0].place, what, text.strip(), text, then, fix)


def lost_cdata(element: Element) -> Iterator[Fault]:
    for text in element.texts:
        if text.cdata and text.value.strip():
            what = f"KAZOO reads no CDATA section of <{element.name}>, unless plain text stands before it."
            then, fix = "It takes the text for missing.", "Write plain text, with &amp; for each &."
            yield content_fault(text.place, what, "plain text", text.value, then, fix)


def say(say: Element) -> Iterator[Fault]:
    yield from text_alone(say)
    size = len(kazoo_text(say).encode("utf-8", "replace"))
    if size > SPOKEN_BYTES:
        what, expected = "The text is too long.", f"at most {SPOKEN_BYTES} bytes"
        then = "KAZOO speaks the beginning only."
        yield mild_content_fault(say.place, what, expected, f"{size} bytes", then, "Use several <Say>.")


def play(play: Element) -> Iterator[Fault]:
    yield from text_alone(play)
    if not kazoo_text(play) and not any(lost_cdata(play)):
        yield content_fault(play.place, "<Play> names nothing to play.", "the address of a sound file", "nothing")


def redirect(redirect: Element) -> Iterator[Fault]:
    yield from text_alone(redirect)
    for child in redirect.elements:
        if child.name == "Variable":
            what, fix = "A <Variable> stands in a <Redirect>.", "Put it into a <Set> before the <Redirect>."
            yield content_fault(child.place, what, "an address", named(child), BREAKS, fix)


def variables(verb: Element) -> Iterator[Fault]:
    yield from stray_text(verb)
    variables = [child for child in verb.elements if child.name == "Variable"]
    if len(variables) != 1:
        at, what = variables[1].place if variables else verb.place, "<Set> must hold exactly one <Variable>."
        yield content_fault(at, what, "1", str(len(variables)), BREAKS, "Write one <Set> for each <Variable>.")
    for child in verb.elements:
        if child.name == "Variable":
            yield from attributes(child, NOUNS["Variable"])
        else:
            what = "<Set> takes a <Variable> alone."
            yield mild_content_fault(child.place, what, "Variable", child.name, SKIPS, meant=["Variable"])


def stray_text(element: Element) -> Iterator[Fault]:
    for text in element.texts:
        if text.value.strip():
            what, fix = f"Text stands directly in <{element.name}>.", "To have it spoken, put it into a <Say>."
            yield mild_content_fault(text.place, what, "elements alone", text.value.strip(), SKIPS, fix)
