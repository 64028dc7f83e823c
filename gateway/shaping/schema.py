"""XSD: what is sent is checked against the receiver's schema, and a fault names our field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from gateway.shaping.exact_json import Json
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.formats import text
from gateway.shaping.xml_text import XmlFault, line_of, parse_xml

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_OTHER_FILES = ("import", "include", "redefine")
_SHOWN = 3
"""How many faults, and how many fields, a message names."""


class XmlCheck:
    """A compiled schema."""

    def __init__(self, source: bytes) -> None:
        """Compile a schema; raise NotCompiled with the line where it is wrong."""
        try:
            root = parse_xml(source)
        except XmlFault as fault:
            raise NotCompiled(fault.message, line=fault.line) from fault
        for name in _OTHER_FILES:
            for element in root.iter(f"{_XSD}{name}"):
                if element.get("schemaLocation") is not None:
                    raise NotCompiled("a schema stands in one file", line=line_of(element))
        try:
            schema = etree.XMLSchema(root)
        except etree.XMLSchemaParseError as fault:
            entry = fault.error_log.last_error
            message = entry.message if entry is not None else str(fault)
            raise NotCompiled(message, line=entry.line if entry is not None else 1) from fault
        self._root = root
        # One keeps what it last found in itself: whoever checks has one for himself meanwhile.
        self._free = [schema]

    def check(self, content: bytes, document: Json) -> None:
        """Raise NotShaped saying line, place and our field where the schema does not take it."""
        try:
            root = parse_xml(content)
        except XmlFault as fault:
            raise NotShaped(f"it is no XML: {fault}") from fault
        faults = [self._sentence(entry, root, document) for entry in self._found(root)]
        if not faults:
            return
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise NotShaped("the schema refuses it: " + "; ".join(faults[:_SHOWN]) + more)

    def _found(self, root: etree._Element) -> list[etree._LogEntry]:
        """Return what the schema finds wrong."""
        try:
            schema = self._free.pop()
        except IndexError:
            schema = etree.XMLSchema(self._root)
        try:
            return [] if schema.validate(root) else _entries(schema.error_log)
        finally:
            self._free.append(schema)

    @staticmethod
    def _sentence(entry: etree._LogEntry, root: etree._Element, document: Json) -> str:
        said = " ".join(entry.message.split())
        fields = _fields_of(entry, root, document)
        ours = f" (our {', '.join(fields)})" if fields else ""
        return f"line {entry.line}, {entry.path or '/'}: {said}{ours}"


def _entries(log: Any) -> list[etree._LogEntry]:
    return list(log)


def _fields_of(entry: etree._LogEntry, root: etree._Element, document: Json) -> list[str]:
    """Return the fields of the document that hold what stands at the place of a fault."""
    found = root.getroottree().xpath(entry.path) if entry.path else []
    element = found[0] if isinstance(found, list) and found else None
    written = (element.text or "").strip() if isinstance(element, etree._Element) else ""
    if not written:
        return []
    return [pointer for pointer, value in _scalars(document) if value == written][:_SHOWN]


def _scalars(document: Json) -> Iterator[tuple[str, str]]:
    """Yield each scalar of a document with its JSON Pointer."""
    waiting: list[tuple[str, Json]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop(0)
        if isinstance(value, Mapping):
            waiting += [(f"{pointer}/{name}", member) for name, member in value.items()]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            waiting += [(f"{pointer}/{place}", item) for place, item in enumerate(value)]
        elif value is not None:
            yield pointer, text(value)
