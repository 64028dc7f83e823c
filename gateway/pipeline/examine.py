"""One interchange through the stages, in memory: from its bytes to everything that will be kept.

Nothing is written here and no control number is taken; `gateway.pipeline.recording` commits what
this returns, or nothing of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.clock import derived_id
from gateway.findings import Finding, Severity
from gateway.partners import Partner
from gateway.pipeline.flow import INTERCHANGE, Subject
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Advance, Duplicate, Outcome, Quarantine, Reason, Reject
from gateway.pipeline.records import (
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    Record,
    TimelineRecord,
    kept,
)
from gateway.pipeline.rulebook import Rulebook, number_key
from gateway.pipeline.stages.documents import DocumentMaker, finding_records
from gateway.pipeline.stages.identify import compare, identify
from gateway.pipeline.stages.parse import SetReading, parse
from gateway.pipeline.stages.validate import Judged, validate
from gateway.x12.model import Interchange

_PAST_THE_FOLDER = (Reason.SENDER_ELSEWHERE, Reason.CONTROL_NUMBER_REUSED)
"""What was held for its number had passed the question of the folder, or had been let past it."""


@dataclass(slots=True)
class Examined:
    """Everything that became of one interchange, ready to be committed."""

    record: InterchangeRecord
    partner: Partner | None = None
    judged: Judged | None = None
    """Set where an acknowledgment may be due."""
    duplicate_of: str | None = None
    number: NumberRecord | None = None
    """Set where this interchange is the first of its control number."""
    records: list[Record] = field(default_factory=list)
    lanes: set[str] = field(default_factory=set)


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
        released: Reason | None = None,
    ) -> Examined:
        """Examine one interchange; `first` used its control number first, if anybody did.

        `released` is why it waited for the person who lets it pass: only that is not asked again,
        so that what came twice from a sender unknown until today is still delivered once.
        """
        record = received(payload, interchange, index)
        walk = _Walk(self._announcer, record, now)
        came_through = None if released in _PAST_THE_FOLDER else payload.partner
        partner, outcome = identify(interchange.header, self._rulebook.lookup, came_through)
        if isinstance(outcome, Advance) and released is not Reason.CONTROL_NUMBER_REUSED:
            outcome = compare(first, record.sha256, record.id)
        owner = self._rulebook.owner_of(partner)
        walk.examined.partner = partner
        walk.examined.record = replace(record, partner=partner.id if partner else None)
        if partner is None or not isinstance(outcome, Advance | Reject):
            return walk.end(outcome, owner)
        walk.step("identify")
        if isinstance(outcome, Reject):
            interchange.findings.extend(outcome.findings)
        self._go_on(walk, interchange, partner, payload)
        return walk.finish()

    def _go_on(
        self, walk: _Walk, interchange: Interchange, partner: Partner, payload: PayloadRecord
    ) -> None:
        """Parse, validate, translate and route what is known to be ours."""
        examined = walk.examined
        groups = parse(interchange, partner, self._rulebook.validator)
        walk.step("parse")
        judged = validate(interchange, groups, partner, walk.now)
        examined.judged = judged
        examined.number = _number(examined.record)
        walk.step("validate")
        examined.records += finding_records(
            examined.record.id, None, _envelope_findings(interchange), judged.severity
        )
        accepted = judged.anything_accepted
        if not accepted:
            walk.step("reject", _first_reason(judged))
        self._make_documents(walk, interchange, groups, payload)
        if accepted:
            walk.step("translate")
            walk.step("route")

    def _make_documents(
        self,
        walk: _Walk,
        interchange: Interchange,
        groups: Sequence[Sequence[SetReading]],
        payload: PayloadRecord,
    ) -> None:
        examined = walk.examined
        assert examined.partner is not None and examined.judged is not None  # noqa: S101, PT018 - set by the caller
        maker = self._documents.of(
            payload, interchange.header, examined.record, examined.partner, examined.judged
        )
        for number, (readings, statuses) in enumerate(
            zip(groups, examined.judged.statuses, strict=True)
        ):
            for position, (reading, status) in enumerate(zip(readings, statuses, strict=True)):
                for made in maker.make(reading, status, place=(number, position), now=walk.now):
                    examined.records += [made.document, *made.records]
                    examined.lanes |= made.lanes


class _Walk:
    """Keeps the state of an interchange while it goes through the stages."""

    def __init__(self, announcer: Announcer, record: InterchangeRecord, now: datetime) -> None:
        self._announcer = announcer
        self.now = now
        self.examined = Examined(record)
        self._state = record.state

    def step(self, verb: str, detail: str = "") -> None:
        """Advance by the transition table; note it in the timeline and tell the observer."""
        record = self.examined.record
        self._state = INTERCHANGE.advance(self._state, verb)
        self.examined.records.append(
            TimelineRecord(Subject.INTERCHANGE, record.id, self.now, verb, kept(detail))
        )
        details = {"correlation_id": record.payload_id}
        if detail:
            details["reason"] = detail
        self._announcer.tell(Subject.INTERCHANGE, verb, record.id, details)

    def finish(self) -> Examined:
        """Return everything, with the state that was reached."""
        self.examined.record = replace(self.examined.record, state=self._state)
        return self.examined

    def end(self, outcome: Outcome, owner: str) -> Examined:
        """End early, with what `identify` said."""
        examined = self.examined
        match outcome:
            case Duplicate(of=first):
                self.step("identify")
                self.step("drop", f"of interchange {first}")
                examined.duplicate_of = first
                examined.record = replace(examined.record, duplicate_of=first)
            case Quarantine(reason=Reason.CONTROL_NUMBER_REUSED):
                self.step("identify")
                self.step("hold", outcome.because)
                examined.record = _waiting(examined.record, outcome, owner)
            case Quarantine():
                self.step("quarantine", outcome.because)
                examined.record = _waiting(examined.record, outcome, owner)
            case _:
                raise AssertionError(f"identify cannot end with {outcome}")
        return self.finish()


def received(payload: PayloadRecord, interchange: Interchange, index: int) -> InterchangeRecord:
    """Make the record of an interchange as it was received."""
    header = interchange.header
    sender, receiver, control_number = number_key(header)
    content = payload.content[header.offset : interchange.end]
    return InterchangeRecord(
        id=derived_id("interchange", payload.id, str(index)),
        payload_id=payload.id,
        state=INTERCHANGE.advance(None, "receive"),
        partner=None,
        sender=sender,
        receiver=receiver,
        control_number=control_number,
        version=kept(header.version),
        usage=kept(header.usage),
        start=header.offset,
        end=interchange.end,
        sha256=hashlib.sha256(content).hexdigest(),
        received_at=payload.received_at,
    )


def quarantined(
    record: InterchangeRecord, outcome: Quarantine, owner: str, now: datetime
) -> Examined:
    """Return what is kept of an interchange that a bug stopped."""
    waiting = _waiting(
        replace(record, state=INTERCHANGE.advance(record.state, "quarantine")), outcome, owner
    )
    entry = TimelineRecord(Subject.INTERCHANGE, record.id, now, "quarantine", kept(outcome.because))
    return Examined(waiting, records=[entry])


def _waiting(record: InterchangeRecord, outcome: Quarantine, owner: str) -> InterchangeRecord:
    return replace(
        record,
        owner=owner,
        reason=outcome.reason,
        because=outcome.because.replace("\0", ""),
        traceback=outcome.traceback,
    )


def _number(record: InterchangeRecord) -> NumberRecord:
    return NumberRecord(
        record.sender, record.receiver, record.control_number, record.id, record.sha256
    )


def _envelope_findings(interchange: Interchange) -> list[Finding]:
    findings = list(interchange.findings)
    for group in interchange.groups:
        findings += group.findings
    return findings


def _first_reason(judged: Judged) -> str:
    for finding in judged.result.findings:
        if judged.severity(finding) is Severity.REJECT:
            return kept(finding.detail or finding.code)
    return "no transaction set was accepted"
