"""XML without entities and without the network: parsed, asked by XPath, written from a document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway.shaping.exact_json import Json
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.formats import text

MAX_BYTES = 50 * 1024 * 1024

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_PLACE = re.compile(r"(?:,? line \d+)?, line \d+, column \d+$")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlFault(ValueError):
    """A text is no XML that we take."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        """Without the line."""
        self.line = line


def parse_xml(content: bytes | str) -> etree._Element:
    """Read XML; raise XmlFault with the line where it is not well-formed, or declares anything."""
    data = content.encode() if isinstance(content, str) else content
    if len(data) > MAX_BYTES:
        raise XmlFault(f"it is larger than {MAX_BYTES} bytes")
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as fault:
        raise XmlFault(_said(fault.msg), fault.lineno or 1) from fault
    except ValueError as fault:
        raise XmlFault(str(fault)) from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlFault("a document type declaration is not taken")
    return root


def xml_of(document: Json, root: str = "document") -> etree._Element:
    """Write a document as elements: a member is one of its name, a list repeats its name.

    An item of a list within a list is an `item`. Raise NotShaped where a name or a character cannot
    be written.
    """
    element = _element(root)
    _fill(element, document)
    return element


def xml_bytes(root: etree._Element) -> bytes:
    """Write elements as a file: UTF-8, with the declaration."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def line_of(element: etree._Element) -> int:
    """Return the line that an element was read from."""
    line: Any = element.sourceline
    return int(line or 1)


@dataclass(frozen=True, slots=True)
class XmlSelection:
    """A compiled XPath expression that finds text."""

    source: str
    _path: etree.XPath

    @classmethod
    def compile(cls, source: str, namespaces: Mapping[str, str] | None = None) -> XmlSelection:
        """Compile an expression; raise NotCompiled where it is wrong."""
        try:
            path = etree.XPath(source, namespaces=dict(namespaces or {}), regexp=False)
        except etree.XPathSyntaxError as fault:
            raise NotCompiled(f"no XPath: {_first(str(fault))}") from fault
        return cls(source, path)

    def select(self, root: etree._Element) -> str | None:
        """Return the text of the first thing found, perhaps empty; None where there is nothing."""
        found: Any
        try:
            found = self._path(root)
        except etree.XPathError as fault:
            raise NotShaped(f"XPath {self.source}: {_first(str(fault))}") from fault
        if isinstance(found, list):
            found = found[0] if found else None
        if found is None or isinstance(found, bool):
            return "true" if found else None
        if isinstance(found, etree._Element):
            found = "".join(str(part) for part in found.itertext())
        return str(found).strip()


class _Nothing(etree.Resolver):
    """Stands where a text asks for another file."""

    def resolve(self, system_url: str, public_id: str, *context: Any) -> Any:
        """Answer with nothing, whatever is asked for."""
        return self.resolve_empty(*context)  # type: ignore[attr-defined]  # its stubs lack it


def _parser() -> etree.XMLParser:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False
    )
    parser.resolvers.add(_Nothing())
    return parser


def _said(message: str | None) -> str:
    """Return what the parser said, without the place that it says again."""
    return _PLACE.sub("", _first(message))


def _first(message: str | None) -> str:
    return (message or "it is not well-formed").partition("\n")[0]


def _fill(element: etree._Element, value: Json) -> None:
    """Fill elements without a call for each level: the depth is bounded by what was read."""
    waiting = [(element, value)]
    while waiting:
        parent, held = waiting.pop()
        if isinstance(held, Mapping):
            for name, member in held.items():
                waiting += _children(parent, name, member)
        elif isinstance(held, Sequence) and not isinstance(held, str):
            waiting += _children(parent, "item", held)
        elif held is not None:
            parent.text = writable(text(held))


def _children(parent: etree._Element, name: str, value: Json) -> list[tuple[etree._Element, Json]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(_element(name, parent), item) for item in value]
    return [] if value is None else [(_element(name, parent), value)]


def _element(name: str, parent: etree._Element | None = None) -> etree._Element:
    if not _NAME.fullmatch(name):
        raise NotShaped(f"'{name[:40]}' cannot be the name of an element")
    return etree.Element(name) if parent is None else etree.SubElement(parent, name)


def writable(written: str) -> str:
    """Return a text that XML can hold; raise NotShaped where it cannot."""
    if found := _NOT_XML.search(written):
        raise NotShaped(f"character U+{ord(found[0]):04X} cannot be written in XML")
    return written
