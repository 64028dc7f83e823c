"""Deciding: what waits for a person passes, or is given up."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.findings import FindingCode
from gateway.partners import UnknownParty
from gateway.pipeline import lane_names
from gateway.pipeline.asked import Done, Notes
from gateway.pipeline.export_records import EXPORT, export_of
from gateway.pipeline.flow import DELIVERY, INTERCHANGE, OUTGOING, PAYLOAD
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.outcome import Reason
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import (
    DocumentRecord,
    InterchangeRecord,
    PayloadRecord,
    kept,
)
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.states import (
    AcknowledgmentStatus,
    DeliveryStatus,
    InterchangeState,
    PayloadState,
    Subject,
)
from gateway.pipeline.store_port import Transaction

_GIVEN_UP = (DeliveryStatus.QUARANTINED, DeliveryStatus.DEAD)
"""How far a document is that a person may give up."""


class Decisions:
    """Decides about payloads, interchanges, acknowledgments and documents."""

    def __init__(self, rulebook: Rulebook, jobs: Jobs, notes: Notes) -> None:
        self._rulebook = rulebook
        self._jobs = jobs
        self._notes = notes

    def release(self, transaction: Transaction, id_: str) -> Done:
        """Let it pass: it is read again, or sent again."""
        ledger, now = transaction.ledger, self._notes.clock()
        if (interchange := ledger.interchange(id_)) is not None:
            if interchange.state not in INTERCHANGE.sources("release"):
                return _not_held(id_, interchange.state)
            if stranger := self._stranger(interchange):
                return Done(id_, done=False, what=stranger)
            ledger.change_interchange(
                id_, [interchange.state], state=INTERCHANGE.advance(interchange.state, "release")
            )
            self._notes.add(transaction, Subject.INTERCHANGE, id_, "release")
            self._jobs.reread_interchange(transaction, id_, now)
        elif (acknowledgment := transaction.outbox.outgoing(id_)) is not None:
            if acknowledgment.state not in OUTGOING.sources("redeliver"):
                return _not_held(id_, acknowledgment.state)
            return self._send_again(transaction, acknowledgment)
        elif (export := _export_of(ledger.payloads([id_]))) is not None:
            # Another reading could not help: it is no X12, but a record.
            what = f"every run tries it again: `gateway exports run {export}`, or refuse it"
            return Done(id_, done=False, what=what)
        else:
            ledger.change_payloads(
                [id_],
                PAYLOAD.sources("release"),
                state=PayloadState.RECEIVED,
                recoveries=0,
                reason=None,
                because=None,
                traceback=None,
            )
            self._notes.add(transaction, Subject.PAYLOAD, id_, "release")
            self._jobs.read_payloads(transaction, [id_], at=now)
        return Done(id_, done=True, what="is read again")

    def _stranger(self, interchange: InterchangeRecord) -> str:
        """Say that a sender is still unknown: read again, it would wait again at once."""
        if interchange.reason != Reason.SENDER_UNKNOWN:
            return ""
        (qualifier, _, id_), (ours, _, our_id) = (
            text.partition("/") for text in (interchange.sender, interchange.receiver)
        )
        found = self._rulebook.lookup.find((qualifier, id_), (ours, our_id))
        if not isinstance(found, UnknownParty) or found.code is not FindingCode.SENDER_UNKNOWN:
            return ""
        return (
            f"still waits: {found.message}; first add {{qualifier: {qualifier}, id: {id_}}} to the "
            "`identities` of a file in partners/, then release it, or refuse it"
        )

    def _send_again(self, transaction: Transaction, dead: OutgoingRecord) -> Done:
        """Send an acknowledgment again: the same bytes, with as many attempts as at first."""
        transaction.outbox.change(
            dead,
            [dead.state],
            state=OUTGOING.advance(dead.state, "redeliver"),
            attempt=0,
            due_at=self._notes.clock(),
        )
        self._notes.add(transaction, Subject.OUTGOING, dead.id, "redeliver")
        wake(self._jobs, transaction, [lane_names.send(dead.partner)])
        return Done(dead.id, done=True, what=f"goes to {dead.partner} again")

    def refuse(self, transaction: Transaction, id_: str, because: str) -> Done:
        """Give it up; the reason is kept."""
        ledger = transaction.ledger
        if (interchange := ledger.interchange(id_)) is not None:
            if interchange.state not in INTERCHANGE.sources("refuse"):
                return _not_held(id_, interchange.state)
            self._refuse_interchange(transaction, interchange, because)
        elif (acknowledgment := transaction.outbox.outgoing(id_)) is not None:
            if acknowledgment.state not in OUTGOING.sources("refuse"):
                return _not_held(id_, acknowledgment.state)
            state = OUTGOING.advance(acknowledgment.state, "refuse")
            transaction.outbox.change(acknowledgment, [acknowledgment.state], state=state)
            self._notes.add(transaction, Subject.OUTGOING, id_, "refuse", detail=because)
        elif found := ledger.documents([id_]):
            if found[0].interchange_id is None or found[0].delivery not in _GIVEN_UP:
                return _not_held(id_, found[0].delivery)
            if found[0].delivery == DeliveryStatus.DEAD:
                return self._refuse_deliveries(transaction, found[0], because)
            ledger.change_document(id_, delivery=DeliveryStatus.NONE, because=kept(because))
            self._notes.add(transaction, Subject.DOCUMENT, id_, "refuse", detail=because)
        else:
            ledger.change_payloads([id_], PAYLOAD.sources("refuse"), state=PayloadState.REFUSED)
            self._notes.add(transaction, Subject.PAYLOAD, id_, "refuse", detail=because)
            for one in ledger.interchanges_of(id_):
                if one.state == InterchangeState.READING:
                    self._refuse_interchange(transaction, one, because)
        return Done(id_, done=True, what="is given up")

    def _refuse_deliveries(
        self, transaction: Transaction, document: DocumentRecord, because: str
    ) -> Done:
        """Give up what is dead of a document; what stands behind it goes on."""
        had = transaction.lanes.deliveries_of([document.id])
        dead = [one for one in had if one.state in DELIVERY.sources("refuse")]
        for one in dead:
            state = DELIVERY.advance(one.state, "refuse")
            transaction.lanes.change_delivery(one, [one.state], state=state)
            self._notes.add(transaction, Subject.DELIVERY, one.id, "refuse", detail=because)
        transaction.lanes.refresh_delivery_status([document.id])
        names = sorted({one.destination for one in dead})
        self._notes.add(transaction, Subject.DOCUMENT, document.id, "refuse", detail=because)
        wake(self._jobs, transaction, [lane_names.deliver(name) for name in names], freed=True)
        return Done(document.id, done=True, what=f"is given up: {', '.join(names)} does not get it")

    def _refuse_interchange(
        self, transaction: Transaction, one: InterchangeRecord, because: str
    ) -> None:
        """Give an interchange up; of what is committed of it the partner is not told."""
        ledger = transaction.ledger
        state = INTERCHANGE.advance(one.state, "refuse")
        ledger.change_interchange(one.id, [one.state], state=state)
        if one.sets_read:
            ledger.forget_slices(one.id)
            ledger.tell_no_more(one.id, range(one.start, one.end), AcknowledgmentStatus.REFUSED)
        self._notes.add(transaction, Subject.INTERCHANGE, one.id, "refuse", detail=because)


def _export_of(payloads: Sequence[PayloadRecord]) -> str | None:
    """Return the export whose record a payload is; None where it is none."""
    names = [export_of(one.receipt) for one in payloads if one.transport == EXPORT]
    return names[0] if names else None


def _not_held(id_: str, state: str) -> Done:
    return Done(id_, done=False, what=f"is {state}: nothing holds it")
