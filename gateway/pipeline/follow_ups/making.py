"""Making: the document that follows from another one and from what a destination answered."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.errors import Permanent
from gateway.mapping.plan import Json
from gateway.pipeline.outbound.onward import Cause
from gateway.pipeline.records import AttemptRecord, DeliveryRecord
from gateway.pipeline.states import DeliveryState
from gateway.pipeline.store_port import Desk
from gateway.pipeline.views import DocumentView
from gateway.shaping import NotShaped, Shape, loads


def ending(view: DocumentView, destination: str) -> tuple[DeliveryRecord, AttemptRecord] | None:
    """Return the newest delivery to a destination and its last attempt; None where it has none."""
    for delivery in sorted(view.deliveries, key=lambda one: one.generation, reverse=True):
        if delivery.destination != destination:
            continue
        tries = [one for one in view.attempts if one.delivery_id == delivery.id]
        if tries:
            return delivery, tries[-1]
    return None


def _shaped(
    named: str, shape: Shape, given: Mapping[str, Json], cause: Cause
) -> Mapping[str, Json]:
    facts = {
        "document_id": cause.document.id,
        "document_type": cause.document.document_type or "",
        "partner": cause.document.partner,
        "correlation_id": cause.document.payload_id,
    }
    try:
        made = orjson.loads(shape.shaped(loads(orjson.dumps(given)), facts).content)
    except (NotShaped, ValueError) as fault:
        raise Permanent(f"{named}: {fault}") from fault
    if not isinstance(made, dict):
        raise Permanent(f"{named}: it makes no JSON object")
    return made


class ShapedOn:
    """Makes of a document that goes on to a partner what its rule says."""

    def __init__(self, name: str, shape: Shape) -> None:
        self._name = name
        self._shape = shape

    def __call__(self, cause: Cause) -> Mapping[str, Json]:
        """Return the document; raise Permanent where the shape makes none of it."""
        return _shaped(f"shape '{self._name}'", self._shape, cause.content, cause)


class ShapedNext:
    """Makes a declared next document by its shape."""

    def __init__(self, desk: Desk, name: str, shape: Shape) -> None:
        self._desk = desk
        self._name = name
        self._shape = shape

    def __call__(self, cause: Cause) -> Mapping[str, Json]:
        """Return the document; raise Permanent where the shape makes none of it."""
        given = {**cause.content, "delivered": self._delivered(cause)}
        return _shaped(f"next document '{self._name}'", self._shape, given, cause)

    def _delivered(self, cause: Cause) -> dict[str, Json]:
        """Return what the destination said of the document that leads to this one."""
        view = self._desk.document(cause.document.id)
        if view is None:
            raise Permanent("the document that this is made of is gone")
        follow_up = next(one for one in view.deliveries if one.id == cause.delivery_id)
        keys: dict[str, Json] = {one.name: one.value for one in reversed(view.keys)}
        ended = ending(view, follow_up.route)
        if ended is None or ended[0].state != DeliveryState.DELIVERED:
            # Somebody delivers it anew at this moment; what it said is there when that is done.
            return {"to": follow_up.route, "known_as": keys}
        moment = ended[1].ended_at or ended[1].started_at
        return {
            "to": follow_up.route,
            "at": moment.isoformat(timespec="seconds"),
            "date": moment.date().isoformat(),
            "answer": ended[1].answer,
            "known_as": keys,
        }
