"""What a document becomes on its way out over HTTP: an address, headers, a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.pipeline.ports import Consignment
from gateway.shaping import AS_IT_IS, Json, Shape, Shaped
from gateway.transports.documents import document_of
from gateway.transports.http.request import Request

Address = Callable[[Json, Mapping[str, str]], str]
"""Makes an address of a document and the facts beside it."""


class Body(Protocol):
    """Writes the body of a call."""

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the body; raise NotShaped where the document cannot be written."""

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return headers that this kind of body comes with."""

    @property
    def as_it_is(self) -> bool:
        """Say whether the bytes are sent on, so that nobody need read them."""


@dataclass(frozen=True, slots=True)
class ShapedBody:
    """The document in the shape that the configuration gives it."""

    shape: Shape = AS_IT_IS

    def written(self, document: Json, consignment: Consignment) -> Shaped:
        """Return the document in its shape."""
        if self.shape.is_identity:
            kind = self.shape.content_type or consignment.content_type
            return Shaped(consignment.content, kind)
        return self.shape.shaped(document, consignment.facts)

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return none."""
        del consignment
        return {}

    @property
    def as_it_is(self) -> bool:
        """Say whether the bytes are sent on."""
        return self.shape.is_identity


@dataclass(frozen=True, slots=True)
class WebhookBody(ShapedBody):
    """The document as Standard Webhooks sends it; what signs it adds moment and signature."""

    def headers(self, consignment: Consignment) -> Mapping[str, str]:
        """Return the id of the message: the same at each attempt."""
        return {"webhook-id": consignment.idempotency_key}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the request of a delivery: the same at each attempt."""

    method: str
    url: str = field(repr=False)
    """The address; with `address`, only what is called for everything else."""
    address: Address | None = None
    """Makes the address where the document has a part in it."""
    body: Body = ShapedBody()

    def request(self, consignment: Consignment) -> Request:
        """Return the request; raise NotShaped where the document does not become one."""
        unread = self.body.as_it_is and self.address is None
        document = None if unread else document_of(consignment)
        body = self.body.written(document, consignment)
        url = self.address(document, consignment.facts) if self.address else self.url
        headers = {
            **consignment.headers,
            **self.body.headers(consignment),
            "Content-Type": body.content_type,
            "Idempotency-Key": consignment.idempotency_key,
            "X-Correlation-Id": consignment.correlation_id,
        }
        return Request(self.method, url, headers, body.content)
