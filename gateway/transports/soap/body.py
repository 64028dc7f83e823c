"""The body of a SOAP call: what the shape makes of the document, in an envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, Shape, Shaped
from gateway.shaping.xml_text import xml_bytes

_ENVELOPES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}


@dataclass(frozen=True, slots=True)
class SoapBody:
    """Puts what a template or stylesheet writes into an envelope."""

    version: Literal["1.1", "1.2"]
    action: str
    shape: Shape
    header: Shape | None = None
    """What stands in the envelope's header, such as credentials."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the envelope."""
        namespace = _ENVELOPES[self.version]
        facts = {**consignment.facts, **self.secrets}
        envelope = etree.Element(f"{{{namespace}}}Envelope", nsmap={"soap": namespace})
        if self.header is not None:
            head = etree.SubElement(envelope, f"{{{namespace}}}Header")
            head.append(self.header.element(document, facts))
        body = etree.SubElement(envelope, f"{{{namespace}}}Body")
        body.append(self.shape.element(document, facts))
        return Shaped(xml_bytes(envelope), self._content_type())

    @property
    def as_it_is(self) -> bool:
        """Say that what is sent is made of the document."""
        return False

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return what names the action: in SOAP 1.2 the content type does."""
        del consignment
        return {"SOAPAction": f'"{self.action}"'} if self.version == "1.1" else {}

    def _content_type(self) -> str:
        if self.version == "1.1":
            return "text/xml; charset=utf-8"
        action = f'; action="{self.action}"' if self.action else ""
        return f"application/soap+xml; charset=utf-8{action}"
