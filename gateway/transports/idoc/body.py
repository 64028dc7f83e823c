"""The body of an IDoc: segments that a template or stylesheet writes, under a control record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, Shape, Shaped
from gateway.shaping.xml_text import writable, xml_bytes


@dataclass(frozen=True, slots=True)
class IDocBody:
    """Writes one IDoc."""

    idoc_type: str
    """Such as ORDERS05: the root element, and IDOCTYP."""
    message_type: str
    """Such as ORDERS: MESTYP."""
    shape: Shape
    control: Mapping[str, str] = field(default_factory=dict)
    """Other fields of EDI_DC40, such as SNDPRN and RCVPRN."""

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the IDoc: ARCKEY is the idempotency key, by which a repeat can be recognised."""
        made = self.shape.element(document, consignment.facts)
        root = etree.Element(self.idoc_type)
        idoc = etree.SubElement(root, "IDOC", BEGIN="1")
        record = etree.SubElement(idoc, "EDI_DC40", SEGMENT="1")
        fields = {
            "TABNAM": "EDI_DC40",
            "DIRECT": "2",
            "IDOCTYP": self.idoc_type,
            "MESTYP": self.message_type,
            **self.control,
            "ARCKEY": consignment.idempotency_key,
        }
        for name, value in fields.items():
            etree.SubElement(record, name).text = writable(value)
        for segment in list(made):
            segment.set("SEGMENT", "1")
            idoc.append(segment)
        return Shaped(xml_bytes(root), "application/xml")

    @property
    def as_it_is(self) -> bool:
        """Say that what is sent is made of the document."""
        return False

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return none."""
        del consignment
        return {}
