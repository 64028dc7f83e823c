"""Submission: a canonical document is accepted for a partner, and is durable from then on.

The same document under the same key is the same submission, however often it is made and whatever
crashed in between. What goes out at once gets its control numbers in the transaction that keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.clock import Clock
from gateway.mapping.plan import Json
from gateway.pipeline import lane_names
from gateway.pipeline.contention import insist
from gateway.pipeline.flow import SUBMISSION
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.agreed import Agreed, KeyUsed, Wanted, find_agreement
from gateway.pipeline.outbound.envelope import envelop
from gateway.pipeline.outbound.keeping import Given, Kept, Status, Submission
from gateway.pipeline.outbound.write import Draft, write
from gateway.pipeline.outgoing_records import WaitingRecord
from gateway.pipeline.records import DocumentRecord, FindingRecord, PayloadRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.states import DeliveryStatus, Subject, WaitingState
from gateway.pipeline.store_port import Store, Transaction


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission."""

    document_id: str
    new: bool
    """False where it had been submitted before, and nothing was done now."""
    state: str
    """One of `WaitingState`."""
    status: Status
    because: str = ""
    """Why it waits for a person."""
    findings: tuple[FindingRecord, ...] = ()
    """As the agreement judges them; only of a new one."""


class Submissions:
    """Accepts documents, from whatever process they come."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        rulebook: Rulebook,
        *,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._rulebook = rulebook
        self._clock = clock
        self._announcer = announcer

    def submit(self, submission: Submission) -> Submitted:
        """Keep a document, and send it when its agreement says; refuse what cannot be sent."""
        # The same key, in another process at this moment: the next look finds it.
        return insist(lambda: self._submit(submission))

    def draft(self, submission: Submission) -> tuple[Draft, Agreed]:
        """Write a document as it would be sent, and keep nothing of it."""
        agreed = self._agreed(submission)
        return self._write(submission.document, agreed, self._clock()), agreed

    def prepare(self, submission: Submission) -> Kept:
        """Write and judge a document, keeping nothing yet; refuse what cannot be sent."""
        self._rulebook.keep_versions()
        given = Given.of(submission)
        agreed = self._agreed(submission)
        now = self._clock()
        draft = self._write(submission.document, agreed, now)
        return Kept(submission, given, agreed, draft, self._rulebook.owner_of(agreed.partner), now)

    def keep(self, transaction: Transaction, made: Kept) -> Submitted:
        """Keep what was prepared, in the transaction of what it is about; `tell` once it is over.

        Raise `LostRace` where another transaction keeps it at this moment.
        """
        known = transaction.ledger.payloads([made.given.payload_id])
        if known:
            return self._known(transaction, known[0], made.given, made.submission.wanted)
        transaction.ledger.add(made.records())
        state = send_or_wait(transaction, self._jobs, made.waiting(), goes_now=made.goes_now)
        return Submitted(
            made.given.document_id,
            new=True,
            state=state,
            status=made.status,
            because=made.draft.because,
            findings=tuple(made.findings()),
        )

    def _submit(self, submission: Submission) -> Submitted:
        given = Given.of(submission)
        with self._store.transaction() as transaction:
            known = transaction.ledger.payloads([given.payload_id])
            if known:
                return self._known(transaction, known[0], given, submission.wanted)
        made = self.prepare(submission)
        with self._store.transaction() as transaction:
            submitted = self.keep(transaction, made)
        self.tell(made, submitted)
        return submitted

    def _agreed(self, submission: Submission) -> Agreed:
        return find_agreement(
            self._rulebook, submission.document, submission.partner, submission.wanted
        )

    def _write(self, document: Mapping[str, Json], agreed: Agreed, now: datetime) -> Draft:
        return write(document, agreed, now=now, memory=self._rulebook.memory, came=now)

    def _known(
        self, transaction: Transaction, payload: PayloadRecord, given: Given, wanted: Wanted
    ) -> Submitted:
        found = transaction.ledger.documents([given.document_id])
        document = found[0] if found else None
        if payload.sha256 != given.sha256 or (document and not _is_wanted(document, wanted)):
            raise KeyUsed(
                f"the key '{given.key}' was used for another document to '{payload.partner}' at "
                f"{payload.received_at:%Y-%m-%d %H:%M:%S}; expected a key of its own for each"
            )
        waiting = transaction.outbox.waiting_document(given.document_id)
        if waiting is not None:
            state = waiting.state
        elif document is not None and document.outgoing_id is None:
            refused = document.delivery == DeliveryStatus.NONE
            state = WaitingState.REFUSED if refused else WaitingState.QUARANTINED
        else:
            state = WaitingState.ENVELOPED
        because = (document.because if document else None) or ""
        status = _status_of(document)
        return Submitted(given.document_id, new=False, state=state, status=status, because=because)

    def tell(self, made: Kept, submitted: Submitted) -> None:
        """Tell of a document that was kept, once the transaction is committed."""
        if not submitted.new:
            return
        id_, state = made.given.document_id, submitted.state
        details = {"partner": made.agreed.partner.id, "state": state, "correlation_id": id_}
        self._announcer.tell(Subject.DOCUMENT, "submit", id_, details)
        if state == WaitingState.ENVELOPED:
            self._announcer.tell(Subject.DOCUMENT, "envelope", id_, details)
        elif state == WaitingState.QUARANTINED:
            reason = {**details, "reason": made.draft.because}
            self._announcer.tell(Subject.DOCUMENT, "quarantine", id_, reason)


def _is_wanted(document: DocumentRecord, wanted: Wanted) -> bool:
    """Say whether a document went out as it is wanted now: a test under the same key is another."""
    return (
        wanted.set_id in (None, document.set_id)
        and wanted.version in (None, document.version)
        and wanted.usage in (None, document.usage)
    )


def _status_of(document: DocumentRecord | None) -> Status:
    """Return how far a document is; one whose time is over was purged, and was delivered."""
    if document is None:
        return Status("accepted", "delivered", "none", None)
    return Status(document.validation, document.delivery, document.acknowledgment, document.owner)


def send_or_wait(
    transaction: Transaction, jobs: Jobs, waiting: WaitingRecord | None, *, goes_now: bool
) -> str:
    """Put a document into an interchange of its own, or let it wait; return its state.

    None is a document that is not fit to leave.
    """
    if waiting is None:
        return SUBMISSION.advance(None, "quarantine")
    held = transaction.outbox.held(waiting.partner) is not None
    if goes_now and not held and waiting.state == WaitingState.WAITING:
        envelop(transaction, [waiting], waiting.submitted_at)
        wake(jobs, transaction, [lane_names.send(waiting.partner)])
        return SUBMISSION.advance(waiting.state, "envelope")
    transaction.ledger.add([waiting])
    # Its job sends what is due or makes a batch full, and leaves a timer for the rest.
    wake(jobs, transaction, [lane_names.envelope(waiting.partner)])
    return waiting.state
