"""The body of an XML-RPC call: the shape of the document as its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, Shape, Shaped
from gateway.transports.xml_rpc.values import call_of


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
        if not isinstance(made, Sequence) or isinstance(made, str):
            made = [made]
        return Shaped(call_of(self.procedure, made), "text/xml")

    @property
    def as_it_is(self) -> bool:
        """Say that what is sent is made of the document."""
        return False

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return none."""
        del consignment
        return {}
