"""Commits what became of interchanges: one transaction for everything, or nothing of it.

Control numbers of acknowledgments are taken here, in the same transaction: a number that was taken
for something that was not committed does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.pipeline import lane_names
from gateway.pipeline.answering import Answers
from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.examined import Examined
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.outbound.gathering import collected
from gateway.pipeline.outgoing_names import named_apart
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.reconciliation.advising import Advising, linked, match_advices
from gateway.pipeline.reconciliation.explaining import Explainer, what_was_sent
from gateway.pipeline.reconciliation.matching import match_all
from gateway.pipeline.reconciliation.reconciling import CameIn, Reconciler
from gateway.pipeline.records import InterchangeRecord, Record
from gateway.pipeline.repetitions import Contents, notice_gaps, verdict
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.acknowledge import answer_again
from gateway.pipeline.states import AcknowledgmentStatus
from gateway.pipeline.store_port import Store, Transaction


class Recorder:
    """Writes examined interchanges in one transaction of the store.

    What needs no lock is done at once, when it is made: SQLite lets one transaction write at a
    time, and all who send wait for it meanwhile.
    """

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        rulebook: Rulebook,
        examined: Sequence[Examined],
        *,
        now: datetime,
    ) -> None:
        self._jobs = jobs
        self._rulebook = rulebook
        self._examined = examined
        self._now = now
        self._explain(store)
        self._answers = Answers(examined, now)
        with store.transaction() as transaction:
            self._answers.write_ahead(transaction)
        self._ready = store.ready([*_records(examined), *self._answers.ahead])

    def record(self, transaction: Transaction) -> None:
        """Write interchanges with all that hangs on them, and wake the lanes that have work."""
        examined = self._examined
        # First, since everybody takes control numbers after looking at what went out.
        self._reconcile(transaction, examined)
        self._compare(transaction, examined)
        acknowledgments = self._acknowledgments(transaction, examined)
        gathered = self._gathered(examined)
        lanes = {lane_names.send(one.partner) for one in acknowledgments}
        lanes |= {lane_names.envelope(one.partner) for one in gathered}
        for one in examined:
            if one.stored is not None:
                self._replace(transaction, one, one.stored)
            if one.number is not None and one.outdated is not None:
                transaction.ledger.replace_number(one.number, one.outdated)
            lanes |= one.lanes
        rows = [*_records(examined), *acknowledgments, *gathered]
        transaction.ledger.add(rows, self._ready)
        wake(self._jobs, transaction, lanes)

    def _explain(self, store: Store) -> None:
        """Find out what is wrong with sets of ours that were not accepted."""
        noted = [one for one in self._examined if one.replies and one.partner is not None]
        if not noted:
            return
        with store.transaction() as transaction:
            sent = [what_was_sent(transaction, one.record, one.replies) for one in noted]
        explainer = Explainer(self._rulebook)
        for one, noted_sets in zip(noted, sent, strict=True):
            one.explanations = explainer.explain(noted_sets)

    def _reconcile(self, transaction: Transaction, examined: Sequence[Examined]) -> None:
        bringing = [one for one in examined if one.replies and one.partner is not None]
        matched = [match_all(transaction, one.record, one.replies) for one in bringing]
        advised = [(one, match_advices(transaction, one.records)) for one in examined]
        ids = {about.id for each in matched for about in each if isinstance(about, OutgoingRecord)}
        ids |= {on.ours.outgoing_id for _, each in advised for on in each if on.ours is not None}
        if not ids and not any(each for _, each in advised) and not bringing:
            return
        transaction.acknowledgments.claim(ids)
        for one, abouts in zip(bringing, matched, strict=True):
            reconciler = Reconciler(transaction, self._came_in(one), one.explanations)
            one.told = reconciler.reconcile(one.replies, abouts)
        for one, each in advised:
            if each:
                one.told = [*one.told, *Advising(transaction, self._came_in(one)).write(each)]
                one.records = linked(one.records, each)

    def _came_in(self, one: Examined) -> CameIn:
        owner = self._rulebook.owner_of(one.partner)
        return CameIn(one.record, one.partner.id if one.partner else "", owner, self._now)

    def _compare(self, transaction: Transaction, examined: Sequence[Examined]) -> None:
        """Look for content that was there before, and for numbers that were left out."""
        numbered = []
        contents = Contents(
            transaction, [content for one in examined for content in one.contents], self._now
        )
        for one in examined:
            one.noticed += contents.compare(one.contents, one.records)
            noted = one.partner is not None and one.partner.duplicates.sequence == "note"
            if one.number is not None and noted:
                numbered.append((one.number, one))
        contents.keep()
        # What comes together in another order leaves no gaps.
        for number, one in sorted(numbered, key=lambda both: both[0].key):
            one.noticed += notice_gaps(transaction, one.record, number, self._now)
        for one in examined:
            one.record = verdict(one.record, one.noticed)

    def _replace(self, transaction: Transaction, one: Examined, stored: InterchangeRecord) -> None:
        """Write what has become of an interchange that is in the store already."""
        ledger = transaction.ledger
        ledger.replace_interchange(one.record, stored)
        if one.concluded is None or not stored.sets_read:
            return
        ledger.forget_slices(one.record.id)
        for starts in one.untold:
            ledger.tell_no_more(one.record.id, starts, AcknowledgmentStatus.NONE)

    def _acknowledgments(
        self, transaction: Transaction, examined: Sequence[Examined]
    ) -> list[OutgoingRecord]:
        written = named_apart(transaction, self._answers.take(transaction))
        return [*written, *self._again(transaction, examined, written)]

    def _gathered(self, examined: Sequence[Examined]) -> list[CollectedRecord]:
        """Return what is to be said together with other things."""
        return [
            collected(one.record, answer, one.partner, batch=answer.policy.batch, now=self._now)
            for one in examined
            if one.concluded is not None
            and (answer := one.concluded.answer).due
            and answer.policy.batch is not None
            and one.partner is not None
        ]

    def _again(
        self,
        transaction: Transaction,
        examined: Sequence[Examined],
        written: Sequence[OutgoingRecord],
    ) -> list[OutgoingRecord]:
        """Acknowledge duplicates with the bytes of the first; it may be in this transaction.

        What still waits for others is to come, and serves both.
        """
        firsts = {one.duplicate_of for one in examined if one.duplicate_of is not None}
        if not firsts:
            return []
        known = [*transaction.outbox.answers_to(firsts), *written]
        return [
            answer_again(first, one.record, self._now)
            for one in examined
            for first in known
            if first.answers == one.duplicate_of
        ]


def _records(examined: Sequence[Examined]) -> list[Record]:
    """Return what is added to the store of interchanges."""
    records: list[Record] = []
    for one in examined:
        if one.stored is None:
            records.append(one.record)
        records += one.records
        if one.number is not None and one.outdated is None:
            records.append(one.number)
    return records
