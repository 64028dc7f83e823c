"""Keeping: the rows that a submitted document becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway import canonical
from gateway.clock import derived_id
from gateway.mapping.plan import Json
from gateway.pipeline.flow import SUBMISSION
from gateway.pipeline.outbound.agreed import ANY_AGREEMENT, Agreed, SubmissionRefused, Wanted
from gateway.pipeline.outbound.write import Draft
from gateway.pipeline.outcome import Reason
from gateway.pipeline.outgoing_records import WaitingRecord
from gateway.pipeline.records import (
    DocumentRecord,
    FindingRecord,
    PayloadRecord,
    Record,
    TimelineRecord,
    asked_by,
    kept,
)
from gateway.pipeline.stages.documents import finding_records, key_records
from gateway.pipeline.states import (
    AwaitedStatus,
    DeliveryStatus,
    PayloadState,
    Subject,
    ValidationStatus,
)

TRANSPORT = "submission"
"""Where the payload of a submitted document came in."""

LONGEST_KEY = 200
"""Of an idempotency key: every database takes it into an index."""

LARGEST_DOCUMENT = 20 * 1024 * 1024
"""Bytes of JSON: no partner takes a transaction set that comes near it."""

_USAGES = {"P": "production", "T": "test"}


@dataclass(frozen=True, slots=True)
class Submission:
    """A document, for whom, and what tells it from others."""

    document: Mapping[str, Json]
    partner: str
    wanted: Wanted = ANY_AGREEMENT
    """Which agreement is meant, where the partner takes such a document under several."""
    key: str | None = None
    """The idempotency key; a document without one is its own: the same content is sent once."""
    name: str = "document.json"
    """What people know it by, such as a file name."""
    hold: str | None = None
    """Why it waits until a person releases it; None lets it go."""
    asker: str = ""
    """Who submits it, where that is worth keeping, such as the name of an API token."""
    caused_by: str | None = None
    """The document that it was made of, or that is sent on."""
    hops: int = 0
    """How many documents one after another led to this one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What identifies a submission."""

    key: str
    content: bytes
    sha256: str
    payload_id: str
    document_id: str

    @classmethod
    def of(cls, submission: Submission) -> Given:
        """Return what identifies a submission, or refuse its key."""
        business = {name: part for name, part in submission.document.items() if name != "meta"}
        # Sorted: the same document is the same, in whatever order a program writes its fields.
        try:
            content = orjson.dumps(business, option=orjson.OPT_SORT_KEYS)
        except TypeError as fault:  # nested too deeply, or a value that JSON has not
            raise SubmissionRefused(f"this is no canonical document: {fault}") from fault
        if len(content) > LARGEST_DOCUMENT:
            raise SubmissionRefused(
                f"the document has {len(content)} bytes; expected at most {LARGEST_DOCUMENT}"
            )
        sha256 = hashlib.sha256(content).hexdigest()
        key = submission.key or sha256
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise SubmissionRefused(
                f"the key does not fit; expected at most {LONGEST_KEY} printable characters"
            )
        return cls(
            key,
            content,
            sha256,
            derived_id("submission", submission.partner, key),
            derived_id("submitted", submission.partner, key),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission as it is kept: its payload, its document, and all that hangs on it."""

    submission: Submission
    given: Given
    agreed: Agreed
    draft: Draft
    owner: str
    now: datetime

    @property
    def goes_now(self) -> bool:
        """Say whether nothing lets it wait for others."""
        return self.agreed.agreement.batch is None

    @property
    def status(self) -> Status:
        """Return its statuses."""
        return document_status(self.agreed, self.draft, self.owner)

    def records(self) -> list[Record]:
        """Return everything but its place among what waits."""
        what = f"{self.submission.name} for {self.agreed.partner.id}"
        entries = [self._entry("submit", asked_by(self.submission.asker, what))]
        if self.draft.refused:
            entries.append(self._entry("quarantine", kept(self.draft.because)))
        elif self.submission.hold is not None:
            entries.append(self._entry("hold", kept(self.submission.hold)))
        keys = [*canonical.business_keys(self.submission.document)]
        if self.submission.key is not None:
            # So that people find it by what the program that submitted it knows.
            keys.append(("idempotency_key", self.submission.key))
        return [
            self._payload(),
            self._document(),
            *self.findings(),
            *key_records(self.given.document_id, keys),
            *entries,
        ]

    def findings(self) -> Sequence[FindingRecord]:
        """Return what was found, as the agreement judges it."""
        severity = self.agreed.agreement.severity
        return finding_records(None, self.given.document_id, self.draft.findings, severity)

    def waiting(self) -> WaitingRecord | None:
        """Return what waits for an interchange; None where it may not leave."""
        if self.draft.refused:
            return None
        held = self.submission.hold is not None
        state = SUBMISSION.advance(None, "submit")
        return waiting_record(
            self.given.document_id,
            self.agreed,
            self.draft,
            state=SUBMISSION.advance(state, "hold") if held else state,
            because=self.submission.hold,
            now=self.now,
        )

    def _payload(self) -> PayloadRecord:
        return PayloadRecord(
            id=self.given.payload_id,
            state=PayloadState.READ,
            partner=self.agreed.partner.id,
            transport=TRANSPORT,
            receipt=f"{self.agreed.partner.id}/{self.given.key}",
            name=kept(self.submission.name),
            received_at=self.now,
            size=len(self.given.content),
            sha256=self.given.sha256,
            content=self.given.content,
        )

    def _document(self) -> DocumentRecord:
        agreed, refused, status = self.agreed, self.draft.refused, self.status
        return DocumentRecord(
            id=self.given.document_id,
            payload_id=self.given.payload_id,
            interchange_id=None,
            direction="out",
            partner=agreed.partner.id,
            set_id=agreed.agreement.set,
            version=agreed.agreement.version,
            usage=agreed.envelope.usage,
            group_control_number="",
            control_number="",
            start=0,
            end=0,
            part=0,
            document_type=str(self.submission.document["document"]),
            received_at=self.now,
            map=agreed.document_map.name,
            map_hash=agreed.version,
            canonical=self._canonical(),
            canonical_hash=self.given.sha256,
            translations=1,
            validation=status.validation,
            delivery=status.delivery,
            acknowledgment=status.acknowledgment,
            owner=status.owner,
            reason=Reason.NOT_FIT_TO_SEND if refused else None,
            because=kept(self.draft.because) or None,
            caused_by=self.submission.caused_by,
            hops=self.submission.hops,
        )

    def _canonical(self) -> bytes:
        document = self.submission.document
        agreed = self.agreed
        meta = {
            "document_id": self.given.document_id,
            "correlation_id": self.given.payload_id,
            "partner": agreed.partner.id,
            "transaction_set": agreed.agreement.set,
            "x12_version": agreed.agreement.version,
            "usage": _USAGES[agreed.envelope.usage],
            "received_at": self.now.isoformat(),
            "payload_sha256": self.given.sha256,
            "map": agreed.document_map.name,
        }
        head = {"document": document["document"], "version": document["version"], "meta": meta}
        business = {name: part for name, part in document.items() if name not in head}
        return canonical.dumps({**head, **business})

    def _entry(self, verb: str, detail: str) -> TimelineRecord:
        return TimelineRecord(
            Subject.DOCUMENT, self.given.document_id, self.now, verb, kept(detail)
        )


@dataclass(frozen=True, slots=True)
class Status:
    """The three statuses of a document of ours, and who acts."""

    validation: str
    delivery: str
    acknowledgment: str
    owner: str | None


def document_status(agreed: Agreed, draft: Draft, owner: str) -> Status:
    """Return the statuses that follow from what was found, before it is in an interchange."""
    if draft.refused:
        return Status(
            ValidationStatus.REJECTED,
            DeliveryStatus.QUARANTINED,
            AwaitedStatus.NONE,
            owner,
        )
    expected = agreed.envelope.expects is not None
    return Status(
        ValidationStatus.ACCEPTED_WITH_FINDINGS if draft.findings else ValidationStatus.ACCEPTED,
        DeliveryStatus.PENDING,
        AwaitedStatus.PENDING if expected else AwaitedStatus.NONE,
        None,
    )


def waiting_record(
    document_id: str,
    agreed: Agreed,
    draft: Draft,
    *,
    state: str,
    because: str | None,
    now: datetime,
) -> WaitingRecord:
    """Return a document as it waits for an interchange."""
    batch = agreed.agreement.batch
    return WaitingRecord(
        document_id=document_id,
        partner=agreed.partner.id,
        batch=agreed.envelope.batch,
        envelope=agreed.envelope.dumps(),
        segments=orjson.dumps(list(draft.segments)),
        size=sum(len(element) + 1 for segment in draft.segments for element in segment),
        state=state,
        submitted_at=now,
        due_at=now if batch is None else batch.due_at(now),
        # Without a batch each goes alone, also when several were held and are released together.
        most_sets=batch.count if batch else 1,
        most_bytes=batch.size if batch else None,
        because=because,
    )
