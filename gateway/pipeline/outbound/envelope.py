"""Envelope: documents that were written get their control numbers, and become one interchange.

Everything happens in the caller's transaction: numbers that were taken for something that was not
committed do not exist, and no document is in two interchanges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from gateway.clock import derived_id, new_id
from gateway.counting import counted
from gateway.pipeline.control_numbers import (
    NumberLevel,
    group_series,
    interchange_series,
    set_series,
    written,
)
from gateway.pipeline.flow import ACKNOWLEDGMENT, OUTGOING, SUBMISSION
from gateway.pipeline.outgoing_names import named_apart
from gateway.pipeline.outgoing_records import (
    DOCUMENTS,
    OutgoingRecord,
    OutgoingSetRecord,
    WaitingRecord,
)
from gateway.pipeline.records import TimelineRecord
from gateway.pipeline.rulebook import identity_text
from gateway.pipeline.stages.documents import end_of
from gateway.pipeline.states import Subject, WaitingState
from gateway.pipeline.store_port import Transaction
from gateway.x12.model import ControlNumber, Delimiters, Segment
from gateway.x12.reader import read_interchanges
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange

_OWED = OUTGOING.advance(None, "owe")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The control numbers of one interchange with one group."""

    interchange: ControlNumber
    group: ControlNumber
    sets: Sequence[ControlNumber]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything that an envelope says but its numbers and its time: what goes out together."""

    partner: str
    set_id: str
    functional_id: str
    version: str
    """GS08."""
    usage: str
    sender: tuple[str, str]
    receiver: tuple[str, str]
    group_sender: str
    group_receiver: str
    delimiters: Delimiters
    expects: str | None
    """The acknowledgment that the partner owes; a TA1 is asked for in ISA14."""
    expect_within: int | None
    resends: int
    """How often it is sent again where no acknowledgment comes."""
    series_mark: str
    """What marks its sequences of control numbers; empty for the usual ones."""
    first_interchange: int
    first_group: int
    time_zone: str
    """Of its dates and times: X12 has no place for a zone, so partners take them for local ones."""

    def dumps(self) -> bytes:
        """Write it as it is kept with a document that waits."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def loads(cls, kept: bytes) -> Envelope:
        """Read it as it was kept."""
        values = orjson.loads(kept)
        return cls(
            **{
                **values,
                "sender": tuple(values["sender"]),
                "receiver": tuple(values["receiver"]),
                "delimiters": Delimiters(**values["delimiters"]),
            }
        )

    @property
    def batch(self) -> str:
        """Return what is the same for everything that may go out together."""
        return derived_id("batch", self.dumps().decode())

    def write(
        self,
        bodies: Sequence[Sequence[Segment]],
        numbers: Numbers,
        moment: datetime,
        *,
        text: str = "",
    ) -> bytes:
        """Return an interchange with one group of these sets; raise LocalProtocolError.

        Of a single set the text may be at hand already (`OutboundSet.text`).
        """
        moment = moment.astimezone(ZoneInfo(self.time_zone))
        header = isa(
            self.sender,
            self.receiver,
            control_number=numbers.interchange,
            moment=moment,
            usage=self.usage,
            version=self.version[:5],
            acknowledgment_requested=self.expects == "TA1",
        )
        group = gs(
            self.functional_id,
            sender=self.group_sender,
            receiver=self.group_receiver,
            control_number=numbers.group,
            moment=moment,
            version=self.version,
        )
        sets = [
            OutboundSet(self.set_id, number, body, text=text)
            for number, body in zip(numbers.sets, bodies, strict=True)
        ]
        return write_interchange(header, [OutboundGroup(group, sets)], self.delimiters)


def envelop(
    transaction: Transaction, ready: Sequence[WaitingRecord], now: datetime
) -> OutgoingRecord:
    """Put documents of one batch into an interchange that is due at once; return it.

    They must not wait any more: the caller has taken them, or never let them wait.
    """
    envelope = Envelope.loads(ready[0].envelope)
    numbers = Numbers(
        _interchange_number(transaction, envelope),
        _group_number(transaction, envelope),
        _set_numbers(transaction, envelope, len(ready)),
    )
    content = envelope.write([orjson.loads(one.segments) for one in ready], numbers, now)
    [outgoing] = named_apart(transaction, [_outgoing(envelope, numbers, content, now)])
    sets = _sets(envelope, outgoing, [one.document_id for one in ready])
    transaction.ledger.add([outgoing, *_entries(outgoing, sets, now)])
    transaction.outbox.enveloped(sets)
    return outgoing


def _take(transaction: Transaction, series: str, first: int, count: int = 1) -> int:
    return transaction.ledger.allocate(series, count, first)


def _interchange_number(transaction: Transaction, envelope: Envelope) -> ControlNumber:
    sender, receiver = identity_text(envelope.sender), identity_text(envelope.receiver)
    series = interchange_series(sender, receiver, envelope.series_mark)
    position = _take(transaction, series, envelope.first_interchange)
    return written(NumberLevel.INTERCHANGE, position)


def _group_number(transaction: Transaction, envelope: Envelope) -> ControlNumber:
    series = group_series(
        envelope.group_sender,
        envelope.group_receiver,
        envelope.functional_id,
        envelope.series_mark,
    )
    return written(NumberLevel.GROUP, _take(transaction, series, envelope.first_group))


def _set_numbers(transaction: Transaction, envelope: Envelope, count: int) -> list[ControlNumber]:
    # Unique within a group would be enough. They go on over all groups, so that a number is one
    # document's: partners ask by it, and some look for duplicates by it.
    series = set_series(
        envelope.group_sender, envelope.group_receiver, envelope.set_id, envelope.series_mark
    )
    first = _take(transaction, series, 1, count)
    return [written(NumberLevel.SET, position) for position in range(first, first + count)]


def _outgoing(
    envelope: Envelope, numbers: Numbers, content: bytes, now: datetime
) -> OutgoingRecord:
    # Not derived from the number: that comes again after a billion, or when a person sets it back.
    id_ = new_id()
    return OutgoingRecord(
        id=id_,
        partner=envelope.partner,
        kind=DOCUMENTS,
        control_number=numbers.interchange,
        sender=identity_text(envelope.sender),
        receiver=identity_text(envelope.receiver),
        name=f"{envelope.set_id}_{numbers.interchange}.edi",
        content=content,
        correlation_id=id_,
        state=_OWED,
        attempt=0,
        due_at=now,
        created_at=now,
        expects=envelope.expects,
        expect_within=envelope.expect_within,
        acknowledgment=ACKNOWLEDGMENT.advance(
            None, "expect_none" if envelope.expects is None else "expect"
        ),
        resends=envelope.resends,
        usage=envelope.usage,
    )


def _sets(
    envelope: Envelope, outgoing: OutgoingRecord, document_ids: Sequence[str]
) -> list[OutgoingSetRecord]:
    """Say where each document's set stands, by reading what was written."""
    [interchange] = read_interchanges(outgoing.content)
    [group] = interchange.groups
    return [
        OutgoingSetRecord(
            outgoing_id=outgoing.id,
            group_control_number=group.header.control_number,
            control_number=one.control_number,
            set_id=envelope.set_id,
            functional_id=envelope.functional_id,
            partner=envelope.partner,
            document_id=document_id,
            start=one.offsets[0],
            end=end_of(one),
        )
        for document_id, one in zip(document_ids, group.transaction_sets, strict=True)
    ]


def _entries(
    outgoing: OutgoingRecord, sets: Sequence[OutgoingSetRecord], now: datetime
) -> list[TimelineRecord]:
    # Every way leads here: from waiting, or straight from being submitted.
    SUBMISSION.advance(WaitingState.WAITING, "envelope")
    count = counted(len(sets), "document")
    about = TimelineRecord(
        Subject.OUTGOING, outgoing.id, now, "owe", f"{count} in {outgoing.control_number}"
    )
    return [
        about,
        *(
            TimelineRecord(
                Subject.DOCUMENT,
                one.document_id,
                now,
                "envelope",
                f"interchange {outgoing.control_number}, group {one.group_control_number}, "
                f"set {one.control_number}",
            )
            for one in sets
        ),
    ]
