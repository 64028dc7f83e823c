"""What became of one interchange: its record, and all that is to be committed with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.clock import derived_id
from gateway.partners import Partner
from gateway.pipeline.flow import INTERCHANGE
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Duplicate, Outcome, Quarantine, Reason
from gateway.pipeline.reconciliation.explaining import Explanations
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord
from gateway.pipeline.records import (
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    Record,
    TimelineRecord,
    kept,
)
from gateway.pipeline.repetitions import Content, Noticed
from gateway.pipeline.rulebook import number_key
from gateway.pipeline.stages.envelope import Envelope
from gateway.pipeline.stages.reconcile import Reply
from gateway.pipeline.stages.validate import Conclusion
from gateway.pipeline.states import Subject


@dataclass(slots=True)
class Examined:
    """Everything that became of one interchange, ready to be committed."""

    record: InterchangeRecord
    partner: Partner | None = None
    concluded: Conclusion | None = None
    """Set where an acknowledgment may be due."""
    duplicate_of: str | None = None
    number: NumberRecord | None = None
    """Set where this interchange is the first of its control number."""
    outdated: NumberRecord | None = None
    """Who used its control number so long ago that it may be used again."""
    contents: list[Content] = field(default_factory=list)
    """The sets whose content is compared with what was there before."""
    noticed: list[Noticed] = field(default_factory=list)
    """What a log must say of it, once it is recorded."""
    records: list[Record] = field(default_factory=list)
    lanes: set[str] = field(default_factory=set)
    stored: InterchangeRecord | None = None
    """The interchange as it is in the store already, and expected there."""
    untold: list[range] = field(default_factory=list)
    """Where the sets begin of which the partner is told nothing."""
    replies: list[Reply] = field(default_factory=list)
    """What the partner says in it of what we sent."""
    explanations: Explanations = field(default_factory=dict)
    """What is wrong with the sets that the replies do not simply accept."""
    told: list[AcknowledgmentRecord] = field(default_factory=list)
    """What became of the replies, once they were reconciled."""


class Walk:
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

    def slice(self, sets_read: int) -> Examined:
        """Return what is there so far, and go on with nothing."""
        self._state = INTERCHANGE.advance(self._state, "slice")
        given = self.finish(sets_read)
        self.examined = Examined(given.record, given.partner, stored=given.record)
        return given

    def finish(self, sets_read: int | None = None) -> Examined:
        """Return everything, with the state that was reached."""
        record = self.examined.record
        read = record.sets_read if sets_read is None else sets_read
        self.examined.record = replace(record, state=self._state, sets_read=read)
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


def interchange_id(payload_id: str, index: int) -> str:
    """Return the id of the interchange at a place of a payload: always the same."""
    return derived_id("interchange", payload_id, str(index))


def received(payload: PayloadRecord, envelope: Envelope, index: int) -> InterchangeRecord:
    """Make the record of an interchange as it was received."""
    header = envelope.header
    sender, receiver, control_number = number_key(header)
    content = memoryview(payload.content)[header.offset : envelope.end]
    return InterchangeRecord(
        id=interchange_id(payload.id, index),
        payload_id=payload.id,
        state=INTERCHANGE.advance(None, "receive"),
        partner=None,
        sender=sender,
        receiver=receiver,
        control_number=control_number,
        version=kept(header.version),
        usage=kept(header.usage),
        start=header.offset,
        end=envelope.end,
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
