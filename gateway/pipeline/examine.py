"""One interchange through the stages, in memory: from its bytes to everything that will be kept.

Its sets are taken one after the other; what was made of them so far can be taken away and committed
before the next ones. Nothing is written here and no control number is taken;
`gateway.pipeline.recording` commits what this returns, or nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.findings import Finding, Severity
from gateway.partners import NoAgreement, Partner
from gateway.pipeline.examined import Examined, Walk, received
from gateway.pipeline.flow import INTERCHANGE
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Advance, Outcome, Quarantine, Reason, Reject
from gateway.pipeline.reconciliation_records import ContentRecord
from gateway.pipeline.records import (
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    kept,
)
from gateway.pipeline.repetitions import Content, digest
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.documents import DocumentMaker, finding_records, untold
from gateway.pipeline.stages.envelope import Envelope, envelope_of
from gateway.pipeline.stages.identify import compare, identify
from gateway.pipeline.stages.parse import SetReading, parse
from gateway.pipeline.stages.reconcile import group_reply, interchange_replies
from gateway.pipeline.stages.validate import Judge, Judged
from gateway.pipeline.states import ValidationStatus
from gateway.x12.model import Interchange, TransactionSet

_PAST_THE_FOLDER = (Reason.SENDER_ELSEWHERE, Reason.CONTROL_NUMBER_REUSED)
"""What was held for its number had passed the question of the folder, or had been let past it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An interchange as it was received, and what is known of it already."""

    record: InterchangeRecord
    now: datetime
    first: NumberRecord | None
    """Who used its control number first, if anybody did."""
    released: Reason | None = None
    """Why it waited for the person who lets it pass: only that is not asked again, so that what
    came twice from a sender unknown until today is still delivered once."""
    stored: InterchangeRecord | None = None
    """The interchange as it is in the store, if it is there."""


class Examiner:
    """Takes interchanges through identify, parse, validate, translate and route."""

    def __init__(self, rulebook: Rulebook, announcer: Announcer) -> None:
        self._rulebook = rulebook
        self._announcer = announcer
        self._documents = DocumentMaker(rulebook)

    def examine(
        self,
        payload: PayloadRecord,
        interchange: Interchange,
        *,
        index: int,
        first: NumberRecord | None,
        now: datetime,
    ) -> Examined:
        """Examine one interchange as a whole; `first` used its control number first, if anybody."""
        envelope = envelope_of(interchange)
        record = received(payload, envelope, index)
        opened = self.open(payload, envelope, Arrival(record, now, first))
        if isinstance(opened, Examined):
            return opened
        for number, group in enumerate(interchange.groups):
            for position, one in enumerate(group.transaction_sets):
                opened.take(one, (number, position))
        return opened.end(opened.judged)

    def open(
        self, payload: PayloadRecord, envelope: Envelope, arrival: Arrival
    ) -> OpenInterchange | Examined:
        """Find out whose it is and whether it came before; return it whole where it ends there."""
        record, first, released = arrival.record, arrival.first, arrival.released
        walk = Walk(self._announcer, record, arrival.now)
        walk.examined.stored = arrival.stored
        came_through = None if released in _PAST_THE_FOLDER else payload.partner
        partner, outcome = identify(envelope.header, self._rulebook.lookup, came_through)
        if partner is not None and _is_outdated(first, envelope, partner, record):
            walk.examined.outdated, first = first, None
        if isinstance(outcome, Advance) and released is not Reason.CONTROL_NUMBER_REUSED:
            outcome = compare(first, record.sha256, record.id)
        owner = self._rulebook.owner_of(partner)
        walk.examined.partner = partner
        walk.examined.record = replace(record, partner=partner.id if partner else None)
        if partner is None or not isinstance(outcome, Advance | Reject):
            return walk.end(outcome, owner)
        walk.step("identify")
        if first is None:
            walk.examined.number = _number(record)
        opened = self._opened(payload, envelope, walk, outcome)
        walk.examined.records += opened.envelope_findings()
        return opened

    def resume(
        self,
        payload: PayloadRecord,
        envelope: Envelope,
        record: InterchangeRecord,
        *,
        now: datetime,
    ) -> OpenInterchange | Examined:
        """Go on with an interchange of which some sets are committed: whose it is was decided."""
        waits_no_more = replace(record, owner=None, reason=None, because=None, traceback=None)
        if record.reason == Reason.SAME_CONTENT:  # said of a slice before; nobody waits for it
            waits_no_more = replace(waits_no_more, reason=record.reason, because=record.because)
        walk = Walk(self._announcer, waits_no_more, now)
        walk.examined.stored = record
        _, outcome = identify(envelope.header, self._rulebook.lookup, None)
        partner = self._rulebook.partners.get(record.partner or "")
        walk.examined.partner = partner
        if partner is None:
            because = f"the configuration has no partner '{record.partner}' any more"
            return walk.end(Quarantine(Reason.SENDER_UNKNOWN, because), self._rulebook.owner)
        if record.state == INTERCHANGE.advance(None, "receive"):
            walk.step("identify")
        return self._opened(payload, envelope, walk, outcome)

    def _opened(
        self, payload: PayloadRecord, envelope: Envelope, walk: Walk, outcome: Outcome
    ) -> OpenInterchange:
        if isinstance(outcome, Reject):
            envelope = replace(envelope, findings=(*envelope.findings, *outcome.findings))
        return OpenInterchange(
            self._rulebook, self._documents, payload, envelope=envelope, walk=walk
        )


class OpenInterchange:
    """An interchange whose sets are being taken, one after the other."""

    def __init__(
        self,
        rulebook: Rulebook,
        documents: DocumentMaker,
        payload: PayloadRecord,
        *,
        envelope: Envelope,
        walk: Walk,
    ) -> None:
        partner = walk.examined.partner
        if partner is None:
            raise AssertionError("an interchange is opened once its partner is known")
        self._rulebook = rulebook
        self._envelope = envelope
        self._walk = walk
        self._partner = partner
        self._judge = Judge(envelope, partner)
        self._documents = documents.of(payload, envelope.header, walk.examined.record, partner)
        self.judged: dict[int, Judged] = {}
        """The verdicts on the sets that were taken and not committed yet, by group."""

    def envelope_findings(self) -> list[FindingRecord]:
        """Return what is kept of the faults of its envelope."""
        id_ = self._walk.examined.record.id
        return finding_records(id_, None, self._envelope.all_findings, self._partner.severity)

    def take(self, one: TransactionSet, place: tuple[int, int]) -> None:
        """Take the next set; `place` is its group and its place there, from zero."""
        group = place[0]
        reading = parse(
            one,
            self._envelope.groups[group].header,
            partner=self._partner,
            usage=self._envelope.header.usage,
            validator_of=self._rulebook.validator,
        )
        judged = self.judged.setdefault(group, Judged())
        status = self._judge.judge(reading, group, judged)
        examined = self._walk.examined
        if reading.is_acknowledgment:
            taken = status is not ValidationStatus.REJECTED
            examined.replies.append(group_reply(one, place, taken=taken))
        documents = self._documents.make(reading, status, place=place, now=self._walk.now)
        for made in documents:
            examined.records += [made.document, *made.records]
            examined.lanes |= made.lanes
        if status is not ValidationStatus.REJECTED:
            self._compare(reading, [made.document for made in documents])

    def _compare(self, reading: SetReading, documents: Sequence[DocumentRecord]) -> None:
        """Have the content of a set compared, where that was agreed."""
        rules = reading.agreement.duplicates if reading.agreement is not None else None
        if rules is None or rules.same_content_new_number == "ignore":
            return
        first = documents[0]
        sha256 = digest(reading.transaction_set)
        record = ContentRecord(first.partner, first.set_id, sha256, first.id, first.received_at)
        self._walk.examined.contents.append(
            Content(
                record,
                frozenset(one.id for one in documents),
                rules.same_content_new_number,
                rules.window,
                self._rulebook.owner_of(self._partner),
            )
        )

    def require_unchanged(self, judged: Mapping[int, Judged]) -> None:
        """Raise AgreementChanged unless the envelope is judged now as it was for these sets."""
        self._judge.require_unchanged(judged)

    def slice(self, sets_read: int) -> Examined:
        """Give away what was made of the sets so far, to be committed by itself."""
        taken = self._walk.slice(sets_read)
        self.judged = {}
        return taken

    def end(self, judged: Mapping[int, Judged]) -> Examined:
        """Conclude from the verdicts on all sets, those that were committed before included."""
        concluded = self._judge.conclude(judged)
        walk, examined = self._walk, self._walk.examined
        examined.concluded = concluded
        taken = concluded.verdict.interchange.status.taken
        examined.replies += interchange_replies(self._envelope.acknowledgments, taken=taken)
        walk.step("parse")
        walk.step("validate")
        if concluded.taken:
            walk.step("translate")
            walk.step("route")
        else:
            walk.step("reject", _first_reason(self._envelope.findings, self._partner))
        if concluded.untold:
            self._tell_nothing(examined, concluded.untold)
        return walk.finish(self._envelope.sets)

    def _tell_nothing(self, examined: Examined, groups: tuple[int, ...]) -> None:
        """Note which documents the partner is told nothing about."""
        starts = [group.header.offset for group in self._envelope.groups]
        ends = [*starts[1:], self._envelope.end]
        ranges: list[range] = []
        for number in groups:
            if ranges and ranges[-1].stop == starts[number]:
                ranges[-1] = range(ranges[-1].start, ends[number])
            else:
                ranges.append(range(starts[number], ends[number]))
        examined.untold = ranges
        examined.records = [untold(record, examined.untold) for record in examined.records]


def _is_outdated(
    first: NumberRecord | None, envelope: Envelope, partner: Partner, record: InterchangeRecord
) -> bool:
    """Say whether a control number was used so long ago that it may be used again."""
    if first is None:
        return False
    window = partner.duplicates.window
    for group in envelope.groups:
        for set_id in group.set_ids:
            agreement = partner.agreement(
                "in", set_id, version=group.header.version, usage=envelope.header.usage
            )
            if not isinstance(agreement, NoAgreement):
                window = agreement.duplicates.window
                break
    return window is not None and record.received_at - first.used_at > window


def _number(record: InterchangeRecord) -> NumberRecord:
    return NumberRecord(
        record.sender,
        record.receiver,
        record.control_number,
        record.id,
        record.sha256,
        record.received_at,
    )


def _first_reason(findings: tuple[Finding, ...], partner: Partner) -> str:
    for finding in findings:
        if partner.severity(finding) is Severity.REJECT:
            return kept(finding.detail or finding.code)
    return "no transaction set was accepted"
