"""XSLT 1.0: a document as elements, transformed into other XML, with nothing to reach outside.

The document is written as `<document>` with a member for each field and a list as its name repeated
(`gateway.shaping.xml_text.xml_of`); facts come as parameters of their names. A stylesheet stands in
one file, reads and writes nothing, and calls no function that XSLT itself does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from gateway.shaping.exact_json import Json
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.xml_text import MAX_BYTES, XmlFault, line_of, parse_xml, xml_of
from gateway.shaping.xpath_check import check_expression, expressions_of

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_REFUSED = ("import", "include")
_EXTENSIONS = ("http://exslt.org/", "http://xmlsoft.org/", "http://icl.com/", "org.apache.xalan",
               "http://www.jclark.com/", "http://nwalsh.com/")  # fmt: skip


_NOTHING = etree.XSLTAccessControl(  # type: ignore[call-arg]  # its stubs lack the constructor
    read_file=False, write_file=False, create_dir=False, read_network=False, write_network=False
)


class Stylesheet:
    """A compiled stylesheet."""

    def __init__(self, source: bytes) -> None:
        """Compile a stylesheet; raise NotCompiled with the line where it is wrong."""
        try:
            root = parse_xml(source)
        except XmlFault as fault:
            raise NotCompiled(fault.message, line=fault.line) from fault
        for element in root.iter(etree.Element):
            _refuse(element)
            for expression in expressions_of(element):
                check_expression(expression, element)
        try:
            transform = etree.XSLT(root, access_control=_NOTHING)
        except etree.XSLTParseError as fault:
            message, line = _said(fault)
            raise NotCompiled(message, line=line or 1) from fault
        self._root = root
        # One keeps what it last found in itself: whoever transforms has one for himself meanwhile.
        self._free = [transform]
        writes_text = root.find(f"{_XSL}output[@method='text']") is not None
        self.content_type = "text/plain; charset=utf-8" if writes_text else "application/xml"

    def render(self, document: Json, facts: Mapping[str, str]) -> bytes:
        """Return what a document becomes; raise NotShaped where it does not go through."""
        parameters = {name: etree.XSLT.strparam(value) for name, value in _named(facts)}
        try:
            content = self._transformed(xml_of(document), parameters)
        except etree.XSLTError as fault:
            message, line = _said(fault)
            place = f"line {line}: " if line else ""
            raise NotShaped(f"XSLT: {place}{message}") from fault
        except ValueError as fault:
            raise NotShaped(str(fault)) from fault
        if len(content) > MAX_BYTES:
            raise NotShaped(f"it becomes more than {MAX_BYTES} bytes")
        if not content.strip():
            raise NotShaped("the stylesheet made nothing of this document")
        return content

    def _transformed(self, document: etree._Element, parameters: Mapping[str, Any]) -> bytes:
        try:
            transform = self._free.pop()
        except IndexError:
            transform = etree.XSLT(self._root, access_control=_NOTHING)
        try:
            return bytes(transform(document, profile_run=False, **parameters))
        finally:
            self._free.append(transform)


def _refuse(element: etree._Element) -> None:
    line = line_of(element)
    if element.tag in {f"{_XSL}{name}" for name in _REFUSED}:
        raise NotCompiled("a stylesheet stands in one file", line=line)
    for uri in element.nsmap.values():
        if uri.startswith(_EXTENSIONS):
            message = f"extension functions are not taken: namespace '{uri}'"
            raise NotCompiled(message, line=line)


def _named(facts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in facts.items() if name.isidentifier())


def _said(fault: etree.XSLTError) -> tuple[str, int]:
    """Return what libxslt said, and the line; 0 where it says none."""
    entries = [entry for entry in fault.error_log if entry.message.strip()]
    if not entries:
        return str(fault).partition("\n")[0], 0
    message = "; ".join(dict.fromkeys(" ".join(entry.message.split()) for entry in entries[:3]))
    return message, next((entry.line for entry in entries if entry.line), 0)
