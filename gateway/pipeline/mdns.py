"""Keeps the MDNs of AS2: those that partners owe us for what we sent, and those that we owe.

What we send is known here before it leaves, since its MDN may be back before the call ends. An MDN
that says no, and one that does not come, make the interchange wait for a person, or be sent again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.clock import Clock
from gateway.pipeline import lane_names
from gateway.pipeline.contention import insist
from gateway.pipeline.flow import OUTGOING
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.mdn_port import (
    MDN,
    MessageRecord,
    MessageState,
    OwedMdn,
    Verdict,
)
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.ports import unobserved
from gateway.pipeline.reconciliation.receipts import TransportReceipt, reconcile_receipt
from gateway.pipeline.records import TimelineRecord, kept
from gateway.pipeline.states import OutgoingState, Subject
from gateway.pipeline.store_port import LostRace, Store, Transaction

BATCH = 100
"""Overdue MDNs that are looked at in one transaction."""

_OPEN = (MessageState.WAITING, MessageState.LATE, MessageState.REJECTED)
"""What an MDN may still change; one that was accepted stays so, whatever comes after."""

log = structlog.get_logger()


class Mdns:
    """MDNs in both directions."""

    def __init__(
        self, store: Store, jobs: Jobs, *, clock: Clock, announcer: Announcer | None = None
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._announcer = announcer or Announcer(unobserved, clock)

    def begin(self, record: MessageRecord) -> bool:
        """Keep a message that is about to leave; say whether it left before.

        How often it may be sent again is counted over all attempts.
        """
        return insist(lambda: self._begin(record))

    def _begin(self, record: MessageRecord) -> bool:
        with self._store.transaction() as transaction:
            before = transaction.messages.claim(record.id)
            if before is not None:
                resends = min(before.resends, record.resends)
                record = replace(record, sends=before.sends + 1, resends=resends)
            transaction.messages.keep(record, before)
        self._announcer.tell(Subject.MESSAGE, "begin", record.id)
        return before is not None

    def message(self, message_id: str) -> MessageRecord | None:
        """Return a message that we sent."""
        with self._store.transaction() as transaction:
            return transaction.messages.message(message_id)

    def close(self, message_id: str, verdict: Verdict) -> None:
        """Keep the MDN that came in the answer; the attempt's own end settles the interchange."""
        with self._store.transaction() as transaction:
            self._keep(transaction, message_id, verdict)
        self._announcer.tell(Subject.MESSAGE, "close", message_id)

    def answer(self, record: MessageRecord, verdict: Verdict) -> None:
        """Keep an MDN that came by itself, and let it settle its interchange."""
        with self._store.transaction() as transaction:
            if not self._keep(transaction, record.id, verdict):
                log.warning("as2_mdn_repeated", message=record.id, says=verdict.because)
                return
            outgoing = transaction.outbox.outgoing(record.outgoing_id)
            if outgoing is None:
                return
            if verdict.accepted:
                self._confirm(transaction, outgoing, verdict.because)
            elif outgoing.state != OutgoingState.DEAD:
                self._bury(transaction, outgoing, f"its MDN says: {verdict.because}")
        self._announcer.tell(Subject.MESSAGE, "answer", record.id)
        write = log.info if verdict.accepted else log.warning
        write("as2_mdn_came", partner=record.partner, message=record.id, says=verdict.because)

    def owe(self, owed: OwedMdn) -> None:
        """Keep an MDN that we owe, and have it posted; asked for again, it is posted again."""
        try:
            self._owe(owed)
        except LostRace:
            # The same message came twice at once: the other one kept it after our look.
            self._owe(owed)
        self._announcer.tell(Subject.MESSAGE, "owe", owed.id)

    def _owe(self, owed: OwedMdn) -> None:
        now = self._clock()
        with self._store.transaction() as transaction:
            before = transaction.outbox.outgoing(owed.id)
            if before is None:
                transaction.ledger.add([_outgoing(owed, now), _entry(owed.id, now, "owe")])
            elif before.state != OutgoingState.DUE:
                verb = "resend" if before.state == OutgoingState.SENT else "redeliver"
                state = OUTGOING.advance(before.state, verb)
                transaction.outbox.change(
                    before, [before.state], state=state, attempt=0, due_at=now
                )
                transaction.ledger.add([_entry(owed.id, now, verb)])
            wake(self._jobs, transaction, [lane_names.send(owed.partner)])

    def chase(self) -> int:
        """Send again, or give to a person, what no MDN came for in time; return how many."""
        now = self._clock()
        with self._store.transaction() as transaction:
            overdue = transaction.messages.overdue(now, BATCH)
            # By the interchange, as everybody locks them.
            for record in sorted(overdue, key=lambda one: one.outgoing_id):
                self._chase(transaction, record, now)
        for record in overdue:
            log.warning("as2_mdn_overdue", partner=record.partner, message=record.id)
        return len(overdue)

    def _chase(self, transaction: Transaction, record: MessageRecord, now: datetime) -> None:
        again = record.resends > 0
        # Waiting without an end until it is sent again, so that nobody chases it twice.
        changes: dict[str, object] = (
            {"resends": record.resends - 1, "mdn_due_at": None}
            if again
            else {"state": MessageState.LATE}
        )
        because = f"no MDN came until {record.mdn_due_at:%Y-%m-%d %H:%M:%S} UTC"
        # Its MDN may have come since it was looked for: then nothing is overdue.
        if not transaction.messages.change(
            record.id, [MessageState.WAITING], because=because, **changes
        ):
            return
        outgoing = transaction.outbox.outgoing(record.outgoing_id)
        if outgoing is None or outgoing.state != OutgoingState.SENT:
            return  # it is being sent again already, or a person gave it up
        if not again:
            self._bury(transaction, outgoing, because)
            return
        state = OUTGOING.advance(outgoing.state, "resend")
        transaction.outbox.change(outgoing, [outgoing.state], state=state, attempt=0, due_at=now)
        transaction.ledger.add([_entry(outgoing.id, now, "resend", because)])
        wake(self._jobs, transaction, [lane_names.send(outgoing.partner)])

    def _keep(self, transaction: Transaction, message_id: str, verdict: Verdict) -> bool:
        state = MessageState.ACCEPTED if verdict.accepted else MessageState.REJECTED
        now = self._clock()
        kept_now = transaction.messages.change(
            message_id,
            _OPEN,
            state=state,
            mdn=verdict.mdn,
            mdn_at=now,
            mdn_due_at=None,
            because=kept(verdict.because),
        )
        record = transaction.messages.message(message_id) if kept_now else None
        if record is not None:
            outgoing, accepted, because = record.outgoing_id, verdict.accepted, verdict.because
            receipt = TransportReceipt(
                MDN, record.partner, message_id, outgoing, accepted=accepted, because=because
            )
            reconcile_receipt(transaction, receipt, now)
        return kept_now

    def _confirm(self, transaction: Transaction, outgoing: OutgoingRecord, says: str) -> None:
        now = self._clock()
        if outgoing.state == OutgoingState.REFUSED:
            return  # a person gave it up; the timeline of the message says what came
        within = outgoing.expect_within
        due = outgoing.acknowledgment_due_at
        if due is None and within is not None:
            due = now + timedelta(seconds=within)
        transaction.outbox.change(
            outgoing,
            [outgoing.state],
            state=OUTGOING.advance(outgoing.state, "confirm"),
            sent_at=outgoing.sent_at or now,
            acknowledgment_due_at=due,
            last_error=None,
        )
        transaction.ledger.add([_entry(outgoing.id, now, "confirm", says)])

    def _bury(self, transaction: Transaction, outgoing: OutgoingRecord, because: str) -> None:
        if outgoing.state not in OUTGOING.sources("bury"):
            return
        transaction.outbox.change(
            outgoing,
            [outgoing.state],
            state=OUTGOING.advance(outgoing.state, "bury"),
            last_error=kept(because),
        )
        transaction.ledger.add([_entry(outgoing.id, self._clock(), "bury", because)])


def _outgoing(owed: OwedMdn, now: datetime) -> OutgoingRecord:
    return OutgoingRecord(
        id=owed.id,
        partner=owed.partner,
        kind=MDN,
        control_number="",
        sender="",
        receiver="",
        name=f"mdn-{owed.id}",
        content=owed.content,
        correlation_id=owed.id,
        state=OUTGOING.advance(None, "owe"),
        attempt=0,
        due_at=now,
        created_at=now,
    )


def _entry(id_: str, now: datetime, verb: str, detail: str = "") -> TimelineRecord:
    return TimelineRecord(Subject.OUTGOING, id_, now, verb, kept(detail))
