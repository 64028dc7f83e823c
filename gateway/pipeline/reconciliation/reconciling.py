"""Reconciling: acknowledgments become verdicts, in the transaction that keeps what brought them.

The first verdict on a subject stays; what comes later about the same is kept beside it, and told
where it differs. Nothing here is done twice: the interchange that brings an acknowledgment is kept
once, by compare-and-set, and this with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.acks.codes import CodeList
from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment, SetAcknowledgment
from gateway.acks.words import meaning
from gateway.clock import derived_id
from gateway.findings import Finding, Severity
from gateway.pipeline.alerts import AlertKind, resolve_alert
from gateway.pipeline.flow import ACKNOWLEDGMENT, OUTGOING, SUBMISSION
from gateway.pipeline.outbound.write import sentence
from gateway.pipeline.outcome import Reason
from gateway.pipeline.outgoing_records import OutgoingRecord, OutgoingSetRecord
from gateway.pipeline.reconciliation.explaining import Explanations
from gateway.pipeline.reconciliation.matching import (
    Matched,
    SetIndex,
    Unmatched,
    index_of,
    match_set,
)
from gateway.pipeline.reconciliation.verdicts import (
    STATUS_OF,
    VERB_TO,
    SetVerdict,
    because_of_group,
    verdict_on_all,
    verdict_on_named,
    verdict_on_others,
)
from gateway.pipeline.reconciliation_records import (
    COUNTED,
    AcknowledgedLevel,
    AcknowledgmentRecord,
    Standing,
)
from gateway.pipeline.records import InterchangeRecord, TimelineRecord, kept
from gateway.pipeline.stages.documents import finding_records
from gateway.pipeline.stages.reconcile import Reply
from gateway.pipeline.states import (
    AwaitedStatus,
    DeliveryStatus,
    OutgoingState,
    Subject,
    WaitingState,
)
from gateway.pipeline.store_port import Transaction


@dataclass(frozen=True, slots=True)
class CameIn:
    """The interchange that brought acknowledgments, and who acts where one is bad news."""

    interchange: InterchangeRecord
    partner: str
    owner: str
    now: datetime


@dataclass(slots=True)
class _Subject:
    """An interchange of ours that a reply is about, and what is known of it already."""

    outgoing: OutgoingRecord
    sets: Sequence[OutgoingSetRecord]
    index: SetIndex
    firsts: dict[tuple[str, str | None], str | None]
    """The verdicts that count already, by level and document."""
    late: bool
    judged: dict[str, SetVerdict] = field(default_factory=dict)
    """New verdicts, by ST02."""


class Reconciler:
    """Writes what acknowledgments of one interchange make of what we sent."""

    def __init__(
        self, transaction: Transaction, came_in: CameIn, explanations: Explanations
    ) -> None:
        self._transaction = transaction
        self._came_in = came_in
        self._explanations = explanations
        self._made: list[AcknowledgmentRecord] = []

    def reconcile(
        self, replies: Sequence[Reply], matched: Sequence[Matched | None]
    ) -> list[AcknowledgmentRecord]:
        """Write verdicts, and return everything that was said.

        What each reply is about is found and claimed by then: of all that one transaction
        reconciles together, so that its rows are locked in their order.
        """
        for reply, about in zip(replies, matched, strict=True):
            match reply.said:
                case GroupAcknowledgment() as said if about is not None:
                    self._of_group(reply, said, about)
                case InterchangeAcknowledgment() as said if about is not None:
                    self._of_interchange(reply, said, about)
                case _:
                    self._unreadable(reply)
        self._transaction.ledger.add(self._made)
        return self._made

    def _of_group(self, reply: Reply, said: GroupAcknowledgment, matched: Matched) -> None:
        status = STATUS_OF[said.status]
        about = self._record(reply, AcknowledgedLevel.GROUP, status, said.control_number)
        if isinstance(matched, Unmatched):
            self._keep(about, Standing.UNMATCHED, matched.because)
            return
        subject = self._subject(matched)
        because = because_of_group(said) if said.codes else ""
        new = self._standing(subject, about, because, AcknowledgedLevel.GROUP)
        for one in said.sets:
            self._named(subject, reply, said, one)
        if new:
            # Only the first about a group speaks for sets that it does not name.
            unnamed = [
                one
                for one in subject.sets
                if one.control_number not in subject.judged and one.verdict is None
            ]
            verdict = verdict_on_others(said, len(unnamed))
            # What cannot be told stays awaited, becomes overdue, and so reaches a person.
            if verdict is not None:
                subject.judged.update({one.control_number: verdict for one in unnamed})
        self._judge_sets(subject)
        verdicts = [
            subject.judged[one.control_number].status
            if one.control_number in subject.judged
            else one.verdict
            for one in subject.sets
        ]
        if subject.judged:
            self._judge_whole(subject, verdict_on_all(verdicts, status))

    def _named(
        self, subject: _Subject, reply: Reply, group: GroupAcknowledgment, said: SetAcknowledgment
    ) -> None:
        """Take up the verdict on a set that the acknowledgment names."""
        verdict = verdict_on_named(group, said)
        about = self._record(
            reply, AcknowledgedLevel.SET, verdict.status, said.control_number, said.set_id
        )
        about = replace(about, outgoing_id=subject.outgoing.id)
        ours = match_set(subject.index, said)
        if ours is None:
            because = f"its group had no set {kept(said.set_id)} {kept(said.control_number)}"
            self._keep(about, Standing.UNMATCHED, because)
            return
        number = ours.control_number
        told = self._explanations.get((subject.outgoing.id, number), ())
        if told:
            verdict = SetVerdict(verdict.status, _in_a_sentence(told))
        about = replace(about, document_id=ours.document_id)
        new = self._standing(subject, about, verdict.because, AcknowledgedLevel.SET)
        if new and number not in subject.judged:
            subject.judged[number] = verdict

    def _of_interchange(
        self, reply: Reply, said: InterchangeAcknowledgment, matched: Matched
    ) -> None:
        status = STATUS_OF[said.status]
        about = self._record(reply, AcknowledgedLevel.INTERCHANGE, status, said.control_number)
        if isinstance(matched, Unmatched):
            self._keep(about, Standing.UNMATCHED, matched.because)
            return
        subject = self._subject(matched)
        because = ""
        if status is not AwaitedStatus.ACCEPTED:
            because = f"the partner says of the interchange: {meaning(CodeList.NOTE, said.code)}"
        new = self._standing(subject, about, because, AcknowledgedLevel.INTERCHANGE)
        # A TA1 that takes the envelope says nothing of the sets, unless no more is to come.
        final = status is AwaitedStatus.REJECTED or subject.outgoing.expects in ("TA1", None)
        if new and final:
            for one in subject.sets:
                if one.verdict is None or status is AwaitedStatus.REJECTED:
                    subject.judged[one.control_number] = SetVerdict(status, because)
            self._judge_sets(subject)
            self._judge_whole(subject, status)

    def _unreadable(self, reply: Reply) -> None:
        about = self._record(reply, AcknowledgedLevel.GROUP, None, "")
        if reply.kind == "TA1":
            about = replace(about, level=AcknowledgedLevel.INTERCHANGE)
        self._keep(about, Standing.UNREADABLE, reply.because)

    def _subject(self, matched: OutgoingRecord) -> _Subject:
        # As the reply before this one has left it.
        outgoing = self._transaction.acknowledgments.claim([matched.id])[matched.id]
        sets = self._transaction.outbox.sets_of(outgoing.id)
        due = outgoing.acknowledgment_due_at
        late = outgoing.acknowledgment == AwaitedStatus.OVERDUE or (
            due is not None and self._came_in.now > due
        )
        of_now = [one for one in self._made if one.outgoing_id == outgoing.id]
        before = [*self._transaction.acknowledgments.counted(outgoing.id), *of_now]
        firsts = {
            (one.level, one.document_id): one.verdict for one in before if one.standing in COUNTED
        }
        subject = _Subject(outgoing, sets, index_of(sets), firsts, late)
        self._confirm(outgoing)
        return subject

    def _confirm(self, outgoing: OutgoingRecord) -> None:
        """Send no more of what the partner has got, whatever our transport thought of it."""
        if outgoing.state not in (OutgoingState.DUE, OutgoingState.DEAD):
            return
        due, within = outgoing.acknowledgment_due_at, outgoing.expect_within
        if due is None and within is not None:
            due = self._came_in.now + timedelta(seconds=within)
        self._transaction.outbox.change(
            outgoing,
            [outgoing.state],
            state=OUTGOING.advance(outgoing.state, "confirm"),
            sent_at=outgoing.sent_at or self._came_in.now,
            acknowledgment_due_at=due,
            last_error=None,
        )
        self._note(Subject.OUTGOING, outgoing.id, "confirm", "the partner has acknowledged it")

    def _standing(
        self,
        subject: _Subject,
        about: AcknowledgmentRecord,
        because: str,
        level: AcknowledgedLevel,
    ) -> bool:
        """Keep what was said with what it counts for; say whether it counts."""
        about = replace(about, outgoing_id=subject.outgoing.id)
        key = (level, about.document_id)
        if key in subject.firsts:
            first = subject.firsts[key]
            differs = f"says {_plain(about.verdict)}, after {_plain(first)}, which stays"
            detail = "says the same again" if first == about.verdict else differs
            self._keep(about, Standing.DUPLICATE, detail)
            return False
        subject.firsts[key] = about.verdict
        self._keep(about, Standing.LATE if subject.late else Standing.FIRST, because)
        return True

    def _judge_sets(self, subject: _Subject) -> None:
        by_status: defaultdict[AwaitedStatus, list[OutgoingSetRecord]] = defaultdict(list)
        for one in subject.sets:
            if one.control_number in subject.judged:
                by_status[subject.judged[one.control_number].status].append(one)
        acknowledgments = self._transaction.acknowledgments
        for status, sets in by_status.items():
            outgoing_id = subject.outgoing.id
            acknowledgments.judge_sets(outgoing_id, [one.control_number for one in sets], status)
            if status is AwaitedStatus.REJECTED:
                for one in sets:
                    self._reject(subject, one)
                continue
            acknowledgments.judge_documents(
                outgoing_id,
                [one.document_id for one in sets],
                ACKNOWLEDGMENT.sources(VERB_TO[status]),
                acknowledgment=status,
            )
            for one in sets:
                self._find(subject, one, Severity.NOTE)

    def _reject(self, subject: _Subject, one: OutgoingSetRecord) -> None:
        """Let a person look at a document that the partner does not take."""
        because = subject.judged[one.control_number].because
        SUBMISSION.advance(WaitingState.ENVELOPED, "reject")
        judged = self._transaction.acknowledgments.judge_documents(
            subject.outgoing.id,
            [one.document_id],
            ACKNOWLEDGMENT.sources("reject"),
            acknowledgment=AwaitedStatus.REJECTED,
            delivery=DeliveryStatus.QUARANTINED,
            owner=self._came_in.owner,
            reason=Reason.REJECTED_BY_PARTNER,
            because=because,
        )
        if judged:
            self._note(Subject.DOCUMENT, one.document_id, "reject", because)
            self._find(subject, one, Severity.REJECT)

    def _find(self, subject: _Subject, one: OutgoingSetRecord, severity: Severity) -> None:
        """Keep the faults that the partner told with the document."""
        told = self._explanations.get((subject.outgoing.id, one.control_number), ())
        self._transaction.ledger.add(
            finding_records(None, one.document_id, told, lambda _: severity)
        )

    def _judge_whole(self, subject: _Subject, status: AwaitedStatus) -> None:
        outgoing = subject.outgoing
        changed = self._transaction.acknowledgments.judge(
            outgoing.id,
            ACKNOWLEDGMENT.sources(VERB_TO[status]),
            acknowledgment=status,
            acknowledged_at=outgoing.acknowledged_at or self._came_in.now,
            acknowledged_by=outgoing.acknowledged_by or self._came_in.interchange.id,
        )
        if changed:
            late = "late, " if subject.late else ""
            number = self._came_in.interchange.control_number
            detail = f"{late}by interchange {number} from {self._came_in.partner}"
            self._note(Subject.ACKNOWLEDGMENT, outgoing.id, VERB_TO[status], detail)
            if outgoing.acknowledgment == AwaitedStatus.OVERDUE:
                kind, because = AlertKind.ACKNOWLEDGMENT_OVERDUE, f"{_plain(status)} {detail}"
                resolve_alert(
                    self._transaction, kind, outgoing.id, self._came_in.now, because=because
                )

    def _record(
        self,
        reply: Reply,
        level: AcknowledgedLevel,
        verdict: AwaitedStatus | None,
        number: str,
        set_id: str = "",
    ) -> AcknowledgmentRecord:
        interchange = self._came_in.interchange
        # Made of where it stands, so that it is the same however often it is read.
        place = (reply.place, level, set_id, number, str(len(self._made)))
        return AcknowledgmentRecord(
            id=derived_id("acknowledgment received", interchange.id, *place),
            at=self._came_in.now,
            partner=self._came_in.partner,
            kind=reply.kind,
            level=level,
            standing=Standing.FIRST,
            verdict=verdict,
            control_number=kept(number.strip()),
            detail="",
            interchange_id=interchange.id,
        )

    def _keep(self, about: AcknowledgmentRecord, standing: Standing, detail: str) -> None:
        self._made.append(replace(about, standing=standing, detail=detail.replace("\0", "")))

    def _note(self, subject: Subject, id_: str, verb: str, detail: str) -> None:
        entry = TimelineRecord(subject, id_, self._came_in.now, verb, kept(detail))
        self._transaction.ledger.add([entry])


def _in_a_sentence(told: Sequence[Finding]) -> str:
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return sentence(told[0]) + more


def _plain(status: str | None) -> str:
    return (status or "nothing").replace("_", " ")
