"""XML without entities or network: parsed, written from a document, transformed, checked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.shaping import (
    NotCompiled,
    NotShaped,
    Selection,
    Shape,
    Shaped,
    Stylesheet,
    XmlCheck,
    XmlFault,
    XmlSelection,
    loads,
    parse_xml,
)
from gateway.shaping.xml_text import xml_bytes, xml_of

ORDER = loads(b'{"number":"7","price":"1.25","lines":[{"sku":"A"},{"sku":"B"}],"pairs":[[1,2]]}')

STYLESHEET = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:param name="partner"/>
<xsl:template match="/document">
<order to="{$partner}"><xsl:for-each select="lines">
<item><xsl:value-of select="sku"/></item>
</xsl:for-each></order></xsl:template></xsl:stylesheet>"""

SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="o"><xs:complexType><xs:sequence>
<xs:element name="q" type="xs:integer" maxOccurs="9"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a>\n</b>", "line 2: Opening and ending tag mismatch: a line 1 and b"),
        ("", "line 1: Document is empty"),
        (
            '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            "line 1: a document type declaration is not taken",
        ),
    ],
)
def test_what_is_no_xml_of_ours_says_why(text: str, message: str) -> None:
    with pytest.raises(XmlFault) as fault:
        parse_xml(text)
    assert str(fault.value) == message


def test_no_file_is_read_for_a_declaration(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY x "canary">')
    with pytest.raises(XmlFault) as fault:
        parse_xml(f'<!DOCTYPE a SYSTEM "{secret}"><a>&x;</a>')
    assert str(fault.value) == "line 1: a document type declaration is not taken"


def test_a_document_as_elements() -> None:
    assert xml_bytes(xml_of(ORDER)).split(b"\n")[1] == (
        b"<document><number>7</number><price>1.25</price><lines><sku>A</sku></lines>"
        b"<lines><sku>B</sku></lines><pairs><item>1</item><item>2</item></pairs></document>"
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a b": "x"}, "'a b' cannot be the name of an element"),
        ({"a": "\x01"}, "character U+0001 cannot be written in XML"),
    ],
)
def test_what_xml_cannot_hold_is_named(document: dict[str, str], message: str) -> None:
    with pytest.raises(NotShaped) as fault:
        xml_of(document)
    assert str(fault.value) == message


def test_a_stylesheet_sees_the_document_and_the_facts() -> None:
    made = Stylesheet(STYLESHEET.encode()).render(ORDER, {"partner": 'it\'s "x"', "an-id": ""})
    assert parse_xml(made).get("to") == 'it\'s "x"'
    assert b"<item>A</item><item>B</item>" in made


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("<item>", "<item><b>", 5, "Opening and ending tag mismatch: b line 5 and item"),
        ("sku", "document('/etc/hosts')", 5, "document() reads other files"),
        ("sku", "str:tokenize(sku)", 5, "there is no function str:tokenize() in XSLT 1.0"),
        ("{$partner}", "{upper(sku)}", 4, "there is no function upper() in XSLT 1.0"),
        ("xmlns:xsl", 'xmlns:d="http://exslt.org/dates-and-times" xmlns:xsl', 1,
         "extension functions are not taken: namespace 'http://exslt.org/dates-and-times'"),
        ('<xsl:param name="partner"/>', '<xsl:import href="x.xsl"/>', 2,
         "a stylesheet stands in one file"),
        ("sku", "1 +", 5, "Invalid expression; compilation error, element 'value-of'; "
         "xsl:value-of : could not compile select expression '1 +'"),
    ],
)  # fmt: skip
def test_a_wrong_stylesheet_is_found_at_its_line(
    old: str, new: str, line: int, message: str
) -> None:
    with pytest.raises(NotCompiled) as fault:
        Stylesheet(STYLESHEET.replace(old, new, 1).encode())
    # libxslt counts the line of the value from the text before it in some releases.
    assert (str(fault.value), fault.value.line) == (message, line)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<item>", '<xsl:message terminate="yes">no item</xsl:message><item>', "XSLT: no item"),
        ("<item>", '<xsl:call-template name="nope"/><item>', "XSLT: line 5: "),
        ("/document", "/nothing[.='lines']", "the stylesheet made nothing of this document"),
    ],
)
def test_what_a_stylesheet_cannot_take_says_why(old: str, new: str, message: str) -> None:
    source = STYLESHEET.replace(old, new)
    document = {} if "nothing" in new else ORDER
    with pytest.raises((NotShaped, NotCompiled)) as fault:
        Stylesheet(source.encode()).render(document, {"partner": "x"})
    assert str(fault.value).startswith(message.removeprefix("XSLT: line 5: "))


def test_a_schema_refuses_with_line_place_and_our_field() -> None:
    check = XmlCheck(SCHEMA)
    check.check(b"<o><q>1</q></o>", ORDER)
    with pytest.raises(NotShaped) as fault:
        check.check(b"<o><q>1</q>\n<q>1.25</q></o>", ORDER)
    assert str(fault.value) == (
        "the schema refuses it: line 2, /o/q[2]: Element 'q': '1.25' is not a valid value of the "
        "atomic type 'xs:integer'. (our /price)"
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (b"</xs:sequence>", b"<b></xs:sequence>", 4,
         "Opening and ending tag mismatch: b line 4 and xs:sequence"),
        (b"<xs:element name=\"o\">",
         b"<xs:include schemaLocation='x.xsd'/><xs:element name='o'>", 2,
         "a schema stands in one file"),
        (b"xs:integer", b"xs:whole", 3,
         "element decl. 'q', attribute 'type': The QName value "
         "'{http://www.w3.org/2001/XMLSchema}whole' does not resolve to a(n) type definition."),
    ],
)  # fmt: skip
def test_a_wrong_schema_is_found_at_its_line(
    old: bytes, new: bytes, line: int, message: str
) -> None:
    with pytest.raises(NotCompiled) as fault:
        XmlCheck(SCHEMA.replace(old, new))
    assert (str(fault.value), fault.value.line) == (message, line)


def test_an_xpath_finds_the_first_text() -> None:
    root = parse_xml('<r xmlns:e="urn:e"><e:id> 42 </e:id><e:id>43</e:id><n v="9"/></r>')
    assert XmlSelection.compile("//e:id", {"e": "urn:e"}).select(root) == "42"
    assert XmlSelection.compile("//n/@v").select(root) == "9"
    assert XmlSelection.compile("count(//n)").select(root) == "1.0"
    assert XmlSelection.compile("//nothing").select(root) is None
    with pytest.raises(NotCompiled, match=r"^no XPath: Invalid expression$"):
        XmlSelection.compile("//[")


def test_a_shape_selects_then_renders_then_checks() -> None:
    shape = Shape(Selection.compile("{lines: lines[0:1]}"), Stylesheet(STYLESHEET.encode()))
    shaped = shape.shaped(ORDER, {"partner": "x"})
    assert b"<item>A</item></order>" in shaped.content
    assert shaped.content_type == "application/xml"
    with pytest.raises(NotShaped, match=r"^the schema refuses it: line 2, /order: "):
        Shape(render=shape.render, check=XmlCheck(SCHEMA)).shaped(ORDER, {"partner": "x"})


def test_a_selection_of_nothing_is_not_sent() -> None:
    with pytest.raises(NotShaped, match=r"^the expression selects nothing of this document$"):
        Shape(Selection.compile("nothing")).shaped(ORDER, {})


def test_without_a_step_it_is_json_as_it_was() -> None:
    assert Shape().is_identity
    assert Shape(content_type="text/json").shaped({"a": "1"}, {}) == Shaped(
        b'{"a":"1"}', "text/json"
    )


def test_many_threads_transform_and_check_at_once_each_with_its_own_fault() -> None:
    stylesheet, check = Stylesheet(STYLESHEET.encode()), XmlCheck(SCHEMA)

    def one(number: int) -> tuple[bool, str]:
        made = stylesheet.render({"lines": [{"sku": f"S{number}"}]}, {"partner": str(number)})
        with pytest.raises(NotShaped) as fault:
            check.check(f"<o><q>{number}.5</q></o>".encode(), {"field": f"{number}.5"})
        return f"S{number}<".encode() in made, str(fault.value)

    with ThreadPoolExecutor(max_workers=8) as pool:
        results = list(pool.map(one, range(200)))
    for number, (made, words) in enumerate(results):
        assert made
        assert f"'{number}.5' is not a valid value" in words
        assert words.endswith("(our /field)")


def test_a_stylesheet_may_write_text() -> None:
    text = STYLESHEET.replace("<xsl:param", '<xsl:output method="text"/><xsl:param')
    stylesheet = Stylesheet(text.encode())
    assert stylesheet.render(ORDER, {"partner": "x"}).strip() == b"AB"
    assert stylesheet.content_type == "text/plain; charset=utf-8"
