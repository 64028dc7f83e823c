"""Commits what became of interchanges: one transaction for everything, or nothing of it.

Control numbers of acknowledgments are taken here, in the same transaction: a number that was taken
for something that was not committed does not exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count

from gateway.pipeline import lane_names
from gateway.pipeline.control_numbers import group_series, interchange_series
from gateway.pipeline.examined import Examined
from gateway.pipeline.flow import AcknowledgmentStatus
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.reconciliation.advising import Advising, linked, match_advices
from gateway.pipeline.reconciliation.explaining import Explainer, what_was_sent
from gateway.pipeline.reconciliation.matching import match_all
from gateway.pipeline.reconciliation.reconciling import CameIn, Reconciler
from gateway.pipeline.records import InterchangeRecord, OutgoingRecord, Record
from gateway.pipeline.repetitions import compare_contents, notice_gaps, verdict
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.acknowledge import answer, answer_again
from gateway.pipeline.store_port import Store, Transaction


def explain(store: Store, rulebook: Rulebook, examined: Sequence[Examined]) -> None:
    """Find out what is wrong with sets of ours that were not accepted, before it is recorded."""
    noted = [one for one in examined if one.replies and one.partner is not None]
    if not noted:
        return
    with store.transaction() as transaction:
        sent = [what_was_sent(transaction, one.record.partner or "", one.replies) for one in noted]
    explainer = Explainer(rulebook)
    for one, noted_sets in zip(noted, sent, strict=True):
        one.explanations = explainer.explain(noted_sets)


class Recorder:
    """Writes examined interchanges in one transaction of the store."""

    def __init__(self, jobs: Jobs, rulebook: Rulebook, now: datetime) -> None:
        self._jobs = jobs
        self._rulebook = rulebook
        self._now = now

    def record(self, transaction: Transaction, examined: Sequence[Examined]) -> None:
        """Write interchanges with all that hangs on them, and wake the lanes that have work."""
        # First, since everybody takes control numbers after looking at what went out.
        self._reconcile(transaction, examined)
        self._compare(transaction, examined)
        acknowledgments = self._acknowledgments(transaction, examined)
        rows: list[Record] = []
        lanes = {lane_names.send(one.partner) for one in acknowledgments}
        for one in examined:
            if one.stored is None:
                rows.append(one.record)
            else:
                self._replace(transaction, one, one.stored)
            rows += one.records
            lanes |= one.lanes
            if one.number is not None and one.outdated is not None:
                transaction.ledger.replace_number(one.number, one.outdated)
            elif one.number is not None:
                rows.append(one.number)
        transaction.ledger.add([*rows, *acknowledgments])
        wake(self._jobs, transaction, lanes)

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
        for one in examined:
            if one.contents:
                one.noticed += compare_contents(transaction, one.contents, one.records, self._now)
            noted = one.partner is not None and one.partner.duplicates.sequence == "note"
            if one.number is not None and noted:
                numbered.append((one.number, one))
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
        numbers = _Numbers(transaction, examined)
        written = []
        for one in examined:
            if one.concluded is None or not one.concluded.answer.due or one.partner is None:
                continue
            written.append(
                answer(
                    one.record,
                    one.concluded.answer,
                    one.partner,
                    number=numbers.interchange(one.partner.id),
                    group_numbers=numbers.groups(one.partner.id),
                    now=self._now,
                )
            )
        return [*written, *self._again(transaction, examined, written)]

    def _again(
        self,
        transaction: Transaction,
        examined: Sequence[Examined],
        written: Sequence[OutgoingRecord],
    ) -> list[OutgoingRecord]:
        """Acknowledge duplicates with the bytes of the first; it may be in this transaction."""
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


class _Numbers:
    """The control numbers that a transaction needs, taken in one go for each partner."""

    def __init__(self, transaction: Transaction, examined: Sequence[Examined]) -> None:
        interchanges: Counter[str] = Counter()
        groups: Counter[str] = Counter()
        firsts: dict[str, tuple[int, int]] = {}
        for one in examined:
            if one.concluded is None or not one.concluded.answer.due or one.partner is None:
                continue
            settings = one.partner.control_numbers
            firsts[one.partner.id] = (settings.first_interchange, settings.first_group)
            interchanges[one.partner.id] += 1
            groups[one.partner.id] += one.concluded.answer.group_numbers
        self._interchanges: Mapping[str, Iterator[int]] = {
            # In one order everywhere, so that two transactions never wait for each other.
            partner: count(
                transaction.ledger.allocate(
                    interchange_series(partner), interchanges[partner], firsts[partner][0]
                )
            )
            for partner in sorted(interchanges)
        }
        self._groups: Mapping[str, Iterator[int]] = {
            partner: count(
                transaction.ledger.allocate(
                    group_series(partner), groups[partner], firsts[partner][1]
                )
            )
            for partner in sorted(groups)
            if groups[partner]
        }

    def interchange(self, partner: str) -> int:
        """Return the next ISA13 to a partner."""
        return next(self._interchanges[partner])

    def groups(self, partner: str) -> Iterator[int]:
        """Return where the next GS06 to a partner come from."""
        return self._groups.get(partner, iter(()))
