"""CloudEvents 1.0, structured: one JSON object that says what happened, to what, and the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.pipeline.ports import Consignment
from gateway.shaping import Json, JsonFault, NotShaped, Shape, TextTemplate, dumps
from gateway.transports.documents import document_of

CONTENT_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Event:
    """What is published: the same at each attempt, so that a broker can recognise a repeat."""

    id: str
    subject: str
    """Subject, topic or routing key."""
    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class EventWriter:
    """Makes events of documents."""

    source: str
    subject: TextTemplate
    key: TextTemplate
    kind: TextTemplate
    shape: Shape

    def event(self, consignment: Consignment) -> Event:
        """Return the event; raise NotShaped where the document does not become one."""
        document, facts = document_of(consignment), consignment.facts
        written: Json = {
            "specversion": "1.0",
            "id": consignment.idempotency_key,
            "source": self.source,
            "type": _text(self.kind, document, facts),
            "subject": facts.get("document_id", ""),
            "datacontenttype": "application/json",
            "correlationid": consignment.correlation_id,
            "partner": facts.get("partner", ""),
            "data": self.shape.reshaped(document, facts),
        }
        try:
            content = dumps(written)
        except JsonFault as fault:
            raise NotShaped(str(fault)) from fault
        subject = _text(self.subject, document, facts)
        if not subject or any(character.isspace() for character in subject):
            raise NotShaped(f"'{subject[:40]}' cannot be a subject")
        return Event(
            consignment.idempotency_key, subject, _text(self.key, document, facts), content
        )


def _text(template: TextTemplate, document: Json, facts: Mapping[str, str]) -> str:
    return template.render(document, facts).decode()
