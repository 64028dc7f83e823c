"""What transports hand over, read as a document."""

from __future__ import annotations

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, JsonFault, NotShaped, loads


def document_of(consignment: Consignment) -> Json:
    """Return what is handed over as a document, its numbers exact; raise NotShaped for others.

    Such as the X12 of a set that no map translates: it can be sent on as it is, and not reshaped.
    """
    try:
        return loads(consignment.content)
    except JsonFault as fault:
        raise NotShaped(f"what is to be sent is no JSON: {fault}") from fault
