"""The body of a JSON-RPC 2.0 call: the shape of the document as its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, JsonFault, NotShaped, Shape, Shaped, dumps
from gateway.shaping.shape import JSON_TYPE


@dataclass(frozen=True, slots=True)
class JsonRpcBody:
    """Calls a procedure; the id of the call is the idempotency key."""

    procedure: str
    shape: Shape
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What expressions may place among the parameters."""

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the call. A list is positional parameters, an object named ones."""
        parameters = self.shape.reshaped(document, {**consignment.facts, **self.secrets})
        if not isinstance(parameters, list | dict):
            parameters = [parameters]
        call: Json = {
            "jsonrpc": "2.0",
            "id": consignment.idempotency_key,
            "method": self.procedure,
            "params": parameters,
        }
        try:
            return Shaped(dumps(call), JSON_TYPE)
        except JsonFault as fault:
            raise NotShaped(str(fault)) from fault

    @property
    def as_it_is(self) -> bool:
        """Say that what is sent is made of the document."""
        return False

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return what says which kind of answer is understood."""
        del consignment
        return {"Accept": JSON_TYPE}
