"""The body of an XML-RPC call: the shape of the document as its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, NotShaped, Shape, Shaped
from gateway.shaping.formats import text
from gateway.shaping.xml_text import writable, xml_bytes

_INT = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class XmlRpcBody:
    """Calls a procedure."""

    procedure: str
    shape: Shape
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What expressions may place among the parameters."""

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the call. The items of a list are its parameters; anything else is the only one.

        An exact number is written as `double`, digit by digit: nothing here makes it a fraction.
        """
        made = self.shape.reshaped(document, {**consignment.facts, **self.secrets})
        call = etree.Element("methodCall")
        etree.SubElement(call, "methodName").text = self.procedure
        parameters = etree.SubElement(call, "params")
        for parameter in made if isinstance(made, list) else [made]:
            _value(etree.SubElement(parameters, "param"), parameter)
        return Shaped(xml_bytes(call), "text/xml")

    @property
    def as_it_is(self) -> bool:
        """Say that what is sent is made of the document."""
        return False

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return none."""
        del consignment
        return {}


def _value(parent: etree._Element, value: Json) -> None:
    """Write a value; what is nested is written by a call for each level, which JSON bounds."""
    element = etree.SubElement(parent, "value")
    if isinstance(value, Mapping):
        struct = etree.SubElement(element, "struct")
        for name, member in value.items():
            entry = etree.SubElement(struct, "member")
            etree.SubElement(entry, "name").text = writable(name)
            _value(entry, member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        data = etree.SubElement(etree.SubElement(element, "array"), "data")
        for item in value:
            _value(data, item)
    elif value is None:
        etree.SubElement(element, "nil")
    else:
        kind = _kind(value)
        written = str(int(value)) if isinstance(value, bool) else text(value)
        etree.SubElement(element, kind).text = writable(written)


def _kind(value: bool | int | Decimal | str) -> str:  # noqa: FBT001 - a value of a document
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if value not in _INT:
            raise NotShaped(f"{value} does not fit XML-RPC's int; send it as text or number()")
        return "int"
    return "double" if isinstance(value, Decimal) else "string"
