"""Overdue: looks for acknowledgments that partners owe us and that did not come in time.

The deadline is a column of what was sent, so that whoever looks next finds it, after whatever
crash. An acknowledgment that comes later counts all the same, and is kept as late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from gateway.clock import Clock
from gateway.pipeline import lane_names
from gateway.pipeline.alerts import Alert, AlertKind, raise_alert
from gateway.pipeline.flow import ACKNOWLEDGMENT, OUTGOING
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import TimelineRecord
from gateway.pipeline.states import AwaitedStatus, Subject
from gateway.pipeline.store_port import Store, Transaction

BATCH = 100
"""Overdue interchanges that are looked at in one transaction."""

OwnerOf = Callable[[str], str]
"""Says who acts for a partner, by its id."""

log = structlog.get_logger()


class Overdue:
    """Raises the alarm, and sends again what the agreement lets be sent again."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        *,
        owner_of: OwnerOf,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._owner_of = owner_of
        self._clock = clock
        self._announcer = announcer

    def look(self) -> int:
        """Mark what is overdue now; return how many interchanges were."""
        count = 0
        while found := self._batch():
            count += found
        return count

    def _batch(self) -> int:
        now = self._clock()
        with self._store.transaction() as transaction:
            overdue = transaction.acknowledgments.overdue(now, BATCH)
            as_it_is = transaction.acknowledgments.claim([one.id for one in overdue])
            # What somebody else marked, or was acknowledged meanwhile, is not overdue any more.
            missed = [one for one in overdue if as_it_is[one.id] == one]
            for one in missed:
                # What was written anew is not sent by itself once more: it would come twice.
                moved_on = transaction.outbox.moved_on(one.id) if one.resends else []
                as_sent = replace(one, resends=0) if moved_on else one
                self._miss(transaction, as_sent, now)
        for one in missed:
            details = {
                "partner": one.partner,
                "control_number": one.control_number,
                "expected": one.expects or "",
                "due": f"{one.acknowledgment_due_at:%Y-%m-%d %H:%M:%S}",
                "sent_again": "yes" if one.resends else "no",
            }
            log.warning("acknowledgment_overdue", **details)
            self._announcer.tell(Subject.ACKNOWLEDGMENT, "miss", one.id, details)
        return len(overdue)

    def _miss(self, transaction: Transaction, one: OutgoingRecord, now: datetime) -> None:
        status = AwaitedStatus.OVERDUE
        if one.acknowledgment != status:
            status = AwaitedStatus(ACKNOWLEDGMENT.advance(one.acknowledgment, "miss"))
        # Without a deadline until it is sent again, so that nobody chases it twice.
        due = None if one.resends else one.acknowledgment_due_at
        transaction.acknowledgments.judge(
            one.id,
            [one.acknowledgment],
            acknowledgment=status,
            acknowledgment_due_at=due,
            resends=max(0, one.resends - 1),
        )
        transaction.acknowledgments.judge_documents(
            one.id,
            [each.document_id for each in transaction.outbox.sets_of(one.id)],
            ACKNOWLEDGMENT.sources("miss"),
            acknowledgment=status,
        )
        because = f"no {one.expects} until {one.acknowledgment_due_at:%Y-%m-%d %H:%M:%S} UTC"
        entries = [TimelineRecord(Subject.ACKNOWLEDGMENT, one.id, now, "miss", because)]
        if one.resends:
            self._send_again(transaction, one, now)
            entries.append(TimelineRecord(Subject.OUTGOING, one.id, now, "resend", because))
        transaction.ledger.add(entries)
        raise_alert(transaction, self._jobs, _alert(one, self._owner_of(one.partner)), now)

    def _send_again(self, transaction: Transaction, one: OutgoingRecord, now: datetime) -> None:
        """Send the same bytes under the same numbers."""
        state = OUTGOING.advance(one.state, "resend")
        transaction.outbox.change(one, [one.state], state=state, attempt=0, due_at=now)
        wake(self._jobs, transaction, [lane_names.send(one.partner)])


def _alert(one: OutgoingRecord, owner: str) -> Alert:
    times = "once" if one.resends == 1 else f"{one.resends} times"
    again = f"It is sent again by itself, {times} at most. " if one.resends else ""
    return Alert(
        AlertKind.ACKNOWLEDGMENT_OVERDUE,
        one.id,
        owner,
        f"{one.partner} has not acknowledged interchange {one.control_number} ({one.name}): "
        f"no {one.expects} until {one.acknowledgment_due_at:%Y-%m-%d %H:%M} UTC",
        f"gateway outbound show {one.id[:8]}",
        f"{again}Ask the partner whether it has it; `gateway outbound resend {one.id[:8]}` sends "
        "the same bytes once more",
        partner=one.partner,
    )
