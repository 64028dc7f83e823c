"""What the store answers when it is asked: rows put together for a list, a page, an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.outgoing_records import HoldRecord, OutgoingRecord, WaitingRecord
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord
from gateway.pipeline.records import (
    AttemptRecord,
    BusinessKeyRecord,
    DeliveryRecord,
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
    PayloadRecord,
    TimelineRecord,
)


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that is to be tried now, with what it hands over."""

    delivery: DeliveryRecord
    body: bytes
    document_type: str
    partner: str
    usage: str
    """ISA15 of the interchange that the document came in."""
    begun: datetime
    """When the first attempt at it began."""


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents to list; what is left out does not matter."""

    validation: str | None = None
    delivery: str | None = None
    acknowledgment: str | None = None
    status: str | None = None
    """Matches any of the three statuses."""
    direction: str | None = None
    """`in` or `out`."""
    partner: str | None = None
    set_id: str | None = None
    key: str | None = None
    """Value of any business key, exactly."""
    since: datetime | None = None
    limit: int = 100
    key_name: str | None = None
    """Which business key has that value."""
    document_type: str | None = None
    partners: tuple[str, ...] | None = None
    """Only those of these partners."""
    destination: str | None = None
    """Only those that were to go there; with a status, those whose delivery there has it."""
    behind: tuple[datetime, str] | None = None
    """Only those that are listed behind the document that was received then and has this id."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A delivery that was given up, or that failed and is tried again."""

    destination: str
    state: str
    because: str


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document in a list."""

    document: DocumentRecord
    """Without its canonical bytes."""
    payload_name: str
    keys: tuple[BusinessKeyRecord, ...]
    stuck: tuple[Stuck, ...] = ()
    """Its deliveries that did not arrive, those that were given up first."""


@dataclass(frozen=True, slots=True)
class InterchangeFilter:
    """Which interchanges to list; what is left out does not matter."""

    state: str | None = None
    partner: str | None = None
    """The partner that sent it, or through whose place it came."""
    since: datetime | None = None
    limit: int = 100
    payload_id: str | None = None
    """The payload that it came in."""
    beginning: str | None = None
    """How its id begins."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an interchange was refused."""

    first: FindingRecord
    """The first of the findings that refuse it or a set in it."""
    count: int
    """How many there are."""


@dataclass(frozen=True, slots=True)
class InterchangeSummary:
    """An interchange in a list."""

    interchange: InterchangeRecord
    payload_name: str
    folder: str | None
    """The partner through whose place it came; None where the transport cannot know."""
    acknowledgments: tuple[OutgoingRecord, ...]
    """Without their bytes."""
    refusal: Refusal | None = None
    """None where it was not rejected, or given up by a person."""
    given_up: str | None = None
    """Why a person gave it up: our own words, which no partner is told."""
    told_by: datetime | None = None
    """When its acknowledgment goes out at the latest, while that waits for others."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with everything that is known of it."""

    document: DocumentRecord
    payload: PayloadRecord
    """Without its content."""
    interchange: InterchangeRecord | None
    """The interchange that it came in; None where it is ours."""
    outgoing: OutgoingRecord | None
    """The interchange that it goes out in; None while it waits, and where it came in."""
    waiting: WaitingRecord | None
    """What is known of it while it waits for an interchange."""
    raw: bytes
    """ST to SE as received or sent; empty while it has no control numbers."""
    keys: tuple[BusinessKeyRecord, ...]
    findings: tuple[FindingRecord, ...]
    """Of this document and of its interchange's envelope."""
    deliveries: tuple[DeliveryRecord, ...]
    attempts: tuple[AttemptRecord, ...]
    acknowledgments: tuple[OutgoingRecord, ...]
    timeline: tuple[TimelineRecord, ...]
    exchanges: tuple[ExchangeRecord, ...] = ()
    """What was said at each attempt."""
    verdicts: tuple[AcknowledgmentRecord, ...] = ()
    """What the partner said of it, of its group and of its interchange; of what is ours."""
    hold: HoldRecord | None = None
    """Of its partner, while nothing new goes out there."""
    related: tuple[DocumentSummary, ...] = ()
    """The other documents of the same order, oldest first."""
    held_behind: Mapping[str, DeliveryRecord] = field(default_factory=dict)
    """The first delivery that each held one stands behind, by the held one's id."""
