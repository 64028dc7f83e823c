"""Route: which destinations a document is owed to, one delivery for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.canonical import X12_SET
from gateway.clock import derived_id
from gateway.partners import NoAgreement, Partner
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.records import DeliveryRecord, DocumentRecord
from gateway.routing import Context, Router, kept_by

_NO_MAP = (
    f"its agreement names no map, and no rule takes {X12_SET}: expected a map, or a rule that asks "
    f"for `document: {X12_SET}`, with `keep: true` where nobody gets it"
)


def idempotency_key(document_id: str, destination: str, generation: int) -> str:
    """Return the key of one obligation.

    Every attempt and every restart derives the same key. A new generation, and with it a new key,
    is begun in two cases only: a person delivers again what had been delivered, or a document whose
    content changed is delivered after an attempt had been made with the old content.
    """
    return derived_id("delivery", document_id, destination, str(generation))


@dataclass(frozen=True, slots=True)
class Owed:
    """A document that is to be handed over, in this content and since this moment."""

    document_id: str
    correlation_id: str
    content_hash: str
    since: datetime
    place: str = ""
    """Where it stands among those that go in order."""


def owed_again(document: DocumentRecord, since: datetime, place: str = "") -> Owed:
    """Return what a document that is kept already is owed with, as it stands now."""
    content_hash = document.canonical_hash or ""
    return Owed(document.id, document.payload_id, content_hash, since, place)


def owe(
    owed: Owed,
    destination: str,
    *,
    route: str,
    allowance: int,
    generation: int = 1,
    ordering_key: str | None = None,
) -> DeliveryRecord:
    """Make the obligation to hand a document to a destination."""
    key = idempotency_key(owed.document_id, destination, generation)
    return DeliveryRecord(
        id=key,
        document_id=owed.document_id,
        destination=destination,
        generation=generation,
        state=DELIVERY.advance(None, "owe"),
        attempt=0,
        allowance=allowance,
        due_at=owed.since,
        route=route,
        idempotency_key=key,
        correlation_id=owed.correlation_id,
        content_hash=owed.content_hash,
        ordering_key=ordering_key,
        place=owed.place,
    )


def context_of(document: DocumentRecord, partner: Partner | None) -> Context:
    """Return what routing must know besides a document's content, by today's agreement."""
    usage = document.usage
    if partner is not None:
        agreement = partner.agreement(
            "in", document.set_id, version=document.version, usage=document.usage
        )
        if not isinstance(agreement, NoAgreement):
            usage = agreement.effective_usage(usage)
    return Context(document.partner, document.set_id, usage)


@dataclass(frozen=True, slots=True)
class KeptOnly:
    """A document that goes to nobody, because a rule says so."""

    rule: str

    @property
    def because(self) -> str:
        """Say so in a sentence."""
        return kept_by(self.rule)


def route(
    document: Mapping[str, object], context: Context, router: Router
) -> list[tuple[str, str]] | KeptOnly | Quarantine:
    """Return destinations, each with the rule that chose it; a person must act where none does.

    What no rule takes is never silence, be it a set without a map: only a rule keeps it quietly.
    """
    routing = router.route(context, document)
    if routing.kept_by is not None:
        return KeptOnly(routing.kept_by)
    if not routing.destinations:
        no_map = not routing.matched and document.get("document") == X12_SET
        return Quarantine(Reason.NO_ROUTE, _NO_MAP if no_map else routing.explanation)
    # Several rules may name one destination: it is owed once, for the first of them.
    return [
        (name, next(one.rule for one in routing.verdicts if name in one.destinations))
        for name in routing.destinations
    ]
