"""What the store keeps, one frozen value for each row; the names of fields are those of columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import storable
from gateway.pipeline.alert_records import AlertRecord, NoticeRecord
from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.export_records import (
    ExportedRecord,
    ExportRecord,
    MarkRecord,
    RunRecord,
)
from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    SeriesRecord,
    WaitingRecord,
)
from gateway.pipeline.reconciliation_records import (
    AcknowledgmentRecord,
    ContentRecord,
    GapRecord,
    SequenceRecord,
)

LONGEST_TEXT = 200
"""Partners send what they like; a text that is searched for is kept to this length."""


def kept(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return somebody's text as every database takes it, and not too long for an index."""
    return storable(text)[:longest]


def asked_by(asker: str, detail: str) -> str:
    """Return the detail of a timeline's entry with who asked for it, where that is known."""
    return ": ".join(part for part in (f"asked by {asker}" if asker else "", detail) if part)


@dataclass(frozen=True, slots=True)
class PayloadRecord:
    """The bytes a transport received, and whether they have been read."""

    id: str
    state: str
    partner: str | None
    transport: str
    receipt: str
    name: str
    received_at: datetime
    size: int
    sha256: str
    content: bytes
    recoveries: int = 0
    """How often a job that was reading it died."""
    reason: str | None = None
    because: str | None = None
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class InterchangeRecord:
    """One interchange of a payload and what became of it."""

    id: str
    payload_id: str
    state: str
    partner: str | None
    sender: str
    """Qualifier and id, as `ZZ/NORTHSTAR`."""
    receiver: str
    control_number: str
    version: str
    usage: str
    start: int
    """Offset of its first byte in the payload."""
    end: int
    sha256: str
    """Of its own bytes, not of the whole payload."""
    received_at: datetime
    duplicate_of: str | None = None
    owner: str | None = None
    reason: str | None = None
    because: str | None = None
    traceback: str | None = None
    sets_read: int = 0
    """How many of its transaction sets are committed: all of them, unless it is being read."""


@dataclass(frozen=True, slots=True)
class SliceRecord:
    """The verdicts on some sets of an interchange that is being read; gone when it is read."""

    interchange_id: str
    start: int
    """How many sets were committed before these."""
    judged: bytes
    """JSON, as `gateway.pipeline.stages.validate.JUDGED` has it."""


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """The interchange that used a control number first."""

    sender: str
    receiver: str
    control_number: str
    interchange_id: str
    sha256: str
    used_at: datetime
    """When that interchange was received."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what must be unique."""
        return self.sender, self.receiver, self.control_number


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One transaction set, its three statuses, and the canonical document it became or came of."""

    id: str
    payload_id: str
    """The payload it came in; of ours, the JSON that it was submitted as."""
    interchange_id: str | None
    """The interchange that it came in; None where it is ours."""
    direction: str
    partner: str
    set_id: str
    version: str
    usage: str
    group_control_number: str
    control_number: str
    start: int
    """Offset of ST in the payload, of ours in the outgoing interchange."""
    end: int
    part: int
    """From zero; above it only where a map splits one set into several documents."""
    document_type: str | None
    received_at: datetime
    validation: str
    delivery: str
    acknowledgment: str
    map: str | None = None
    map_hash: str | None = None
    canonical: bytes | None = None
    canonical_hash: str | None = None
    translations: int = 0
    owner: str | None = None
    reason: str | None = None
    because: str | None = None
    outgoing_id: str | None = None
    """The interchange that it goes out in; None while it waits, and where it came in."""
    caused_by: str | None = None
    """The document that this one was made of, or sent on from; or that it is an advice about."""
    hops: int = 0
    """How many documents one after another led to this one."""


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """A finding as it is kept, with what the agreement made of it."""

    interchange_id: str | None
    document_id: str | None
    code: str
    level: str
    severity: str
    location: str
    """JSON object of what is known of the place."""
    value: str | None
    detail: str
    data_element: str | None
    field: str | None


@dataclass(frozen=True, slots=True)
class BusinessKeyRecord:
    """A number that people know a document by, such as its purchase order."""

    document_id: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """The obligation to hand one document to one destination."""

    id: str
    document_id: str
    destination: str
    generation: int
    """Counts what is deliberately delivered anew; each generation has its own idempotency key."""
    state: str
    attempt: int
    allowance: int
    """Attempts that may be made; a person's redelivery adds to it."""
    due_at: datetime
    route: str
    idempotency_key: str
    correlation_id: str
    content_hash: str
    last_error: str | None = None
    owner: str | None = None
    reason: str | None = None
    ordering_key: str | None = None
    """Deliveries to one destination with the same go one after another; None waits for nobody."""
    place: str = ""
    """Where it stands among those: by arrival, then by its place in what arrived."""


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try at a delivery."""

    delivery_id: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    answer: str


@dataclass(frozen=True, slots=True)
class TimelineRecord:
    """Something that happened to a subject."""

    subject: str
    subject_id: str
    at: datetime
    verb: str
    detail: str = ""


Record = (
    PayloadRecord
    | InterchangeRecord
    | SliceRecord
    | NumberRecord
    | DocumentRecord
    | FindingRecord
    | BusinessKeyRecord
    | DeliveryRecord
    | AttemptRecord
    | OutgoingRecord
    | OutgoingSetRecord
    | WaitingRecord
    | HoldRecord
    | SeriesRecord
    | CollectedRecord
    | TimelineRecord
    | AcknowledgmentRecord
    | ContentRecord
    | GapRecord
    | SequenceRecord
    | ExportRecord
    | RunRecord
    | ExportedRecord
    | MarkRecord
    | AlertRecord
    | NoticeRecord
    | ExchangeRecord
)
