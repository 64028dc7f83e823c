"""What the store keeps, one frozen value for each row; the names of fields are those of columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import storable
from gateway.pipeline.alert_records import AlertRecord, NoticeRecord
from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.export_records import (
    ExportedRecord,
    ExportRecord,
    MarkRecord,
    RunRecord,
)
from gateway.pipeline.reconciliation_records import (
    AcknowledgmentRecord,
    ContentRecord,
    GapRecord,
    SequenceRecord,
)

DOCUMENTS = "documents"
"""The kind of an outgoing interchange that carries documents of ours, and no acknowledgments."""

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
class OutgoingRecord:
    """An interchange that we owe to a partner or have sent: its very bytes."""

    id: str
    partner: str
    kind: str
    """`documents`; or `997`, `TA1`, and `TA1+997` where one interchange carries both."""
    control_number: str
    """ISA13."""
    sender: str
    """Our qualifier and id, as `ZZ/HARBORGOODS`."""
    receiver: str
    name: str
    content: bytes
    correlation_id: str
    state: str
    attempt: int
    due_at: datetime
    created_at: datetime
    answers: str | None = None
    """The interchange that it acknowledges; None where it carries documents."""
    expects: str | None = None
    """The acknowledgment that the partner owes for it: `997`, `999`, `TA1`; None for none."""
    expect_within: int | None = None
    """Seconds after it was sent."""
    acknowledgment_due_at: datetime | None = None
    """When the partner's acknowledgment is overdue; known once it was sent."""
    sent_at: datetime | None = None
    last_error: str | None = None
    acknowledgment: str = "none"
    """What the partner says of it, one of `AwaitedStatus`."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    """The interchange that brought the first verdict."""
    resends: int = 0
    """How often it may still be sent again because no acknowledgment came."""
    tries: int = 0
    """How often it was begun in all. `attempt` begins anew when it is sent again, and this does
    not: what was tried once the partner may have."""
    usage: str = ""
    """ISA15; empty where it is no interchange, as of an MDN."""


@dataclass(frozen=True, slots=True)
class OutgoingSetRecord:
    """One transaction set that we sent, by the numbers that the partner names it by."""

    outgoing_id: str
    group_control_number: str
    """GS06."""
    control_number: str
    """ST02."""
    set_id: str
    """ST01."""
    functional_id: str
    """GS01."""
    partner: str
    document_id: str
    start: int
    """Offset of ST in the interchange."""
    end: int
    verdict: str | None = None
    """What the partner says of it, by itself or of its whole group."""


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """A document that is written as X12 and waits for an interchange to go out in."""

    document_id: str
    partner: str
    batch: str
    """What goes out together has the same: one envelope, but for its numbers and its time."""
    envelope: bytes
    """JSON of everything that the envelope says, but for its numbers and its time."""
    segments: bytes
    """JSON of the segments between ST and SE."""
    size: int
    """Bytes from ST to SE, or nearly: what a batch's size is counted by."""
    state: str
    submitted_at: datetime
    due_at: datetime
    """When it goes out at the latest, unless a person holds it."""
    most_sets: int | None = None
    """With so many in its batch, the batch goes out at once."""
    most_bytes: int | None = None
    """With so many bytes in its batch, the batch goes out at once."""
    because: str | None = None
    """Why a person holds it."""


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A partner to whom nothing new goes out until a person says so."""

    partner: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """A sequence of control numbers: `isa:…`, `gs:…` or `st:…`, and its position."""

    series: str
    next: int


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


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that is to be tried now, with what it hands over."""

    delivery: DeliveryRecord
    body: bytes
    document_type: str
    partner: str


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
    behind: tuple[datetime, str] | None = None
    """Only those that are listed behind the document that was received then and has this id."""


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document in a list."""

    document: DocumentRecord
    """Without its canonical bytes."""
    payload_name: str
    keys: tuple[BusinessKeyRecord, ...]


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
