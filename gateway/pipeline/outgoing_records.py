"""What is kept of what goes to partners: a value for each row, its fields named as columns are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

DOCUMENTS = "documents"
"""The kind of an outgoing interchange that carries documents of ours, and no acknowledgments."""


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """An interchange that we owe to a partner or have sent: its very bytes."""

    id: str
    partner: str
    kind: str
    """`documents`; or `997`, `999`, `TA1`, and `TA1+997` where one interchange carries both."""
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
    """The interchange that it acknowledges; None where it carries documents, or acknowledges what
    was gathered."""
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

    @property
    def gathers(self) -> bool:
        """Say whether it may acknowledge several interchanges: it names none of them."""
        return self.answers is None and self.kind[:1] in ("9", "T")


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
