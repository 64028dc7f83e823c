"""Gathering: acknowledgments that wait for others, and the interchange that they go out in.

What is to be said of an interchange is kept in the transaction that keeps the interchange. It gets
its control numbers, and becomes bytes, in the transaction that takes it out of what waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import orjson

from gateway.acks.answer import Answer
from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.acks.told import (
    Address,
    Heading,
    ReplyEnvelope,
    Told,
    ToldGroup,
    addresses,
    kinds_of,
    write_told,
)
from gateway.clock import derived_id, new_id
from gateway.counting import counted
from gateway.partners import Partner
from gateway.partners.outgoing import Batch
from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.control_numbers import (
    NumberLevel,
    group_series,
    interchange_series,
    written,
)
from gateway.pipeline.flow import OUTGOING
from gateway.pipeline.outgoing_names import named_apart
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import InterchangeRecord, TimelineRecord, kept
from gateway.pipeline.rulebook import identity_text
from gateway.pipeline.stages.validate import delimiters_of
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import Transaction
from gateway.x12.model import ControlNumber, Delimiters


@dataclass(frozen=True, slots=True)
class _Envelope:
    """Everything that an envelope says but its numbers and its time: what goes out together."""

    partner: str
    heading: Heading
    delimiters: Delimiters
    series_mark: str
    first_interchange: int
    first_group: int
    time_zone: str

    def dumps(self) -> bytes:
        values = {**asdict(self), "heading": tuple(self.heading)}
        return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def loads(cls, kept_: bytes) -> _Envelope:
        values = orjson.loads(kept_)
        sender, receiver, usage, version = values["heading"]
        heading = Heading(tuple(sender), tuple(receiver), usage, version)
        return cls(
            **{**values, "heading": heading, "delimiters": Delimiters(**values["delimiters"])}
        )


def collected(
    interchange: InterchangeRecord,
    said: Answer,
    partner: Partner,
    *,
    batch: Batch,
    now: datetime,
) -> CollectedRecord:
    """Return what is to be said of an interchange as it waits for others."""
    delimiters = delimiters_of(said.policy, partner)
    numbers = partner.control_numbers
    envelope = _Envelope(
        partner.id,
        said.heading,
        delimiters,
        numbers.mark(said.heading.usage),
        numbers.first_interchange,
        numbers.first_group,
        partner.time_zone,
    ).dumps()
    told = orjson.dumps(_plain(said.told(delimiters)))
    return CollectedRecord(
        interchange_id=interchange.id,
        partner=partner.id,
        batch=derived_id("batch", envelope.decode()),
        envelope=envelope,
        told=told,
        size=len(told),
        submitted_at=now,
        due_at=batch.due_at(now),
        most_sets=batch.count,
        most_bytes=batch.size,
    )


def gather(
    transaction: Transaction, ready: Sequence[CollectedRecord], now: datetime
) -> OutgoingRecord:
    """Put acknowledgments of one batch into an interchange that is due at once; return it."""
    id_ = new_id()
    taken = transaction.collected.take([one.interchange_id for one in ready], id_)
    envelope = _Envelope.loads(taken[0].envelope)
    told = [_told(one.told) for one in taken]
    number, group_numbers = _numbers(transaction, envelope, addresses(told))
    given = iter(group_numbers)
    reply = ReplyEnvelope(
        number,
        lambda: next(given),
        now.astimezone(ZoneInfo(envelope.time_zone)),
        envelope.delimiters,
    )
    content = write_told(told, envelope.heading, reply)
    kinds = kinds_of(told)
    [outgoing] = named_apart(transaction, [_outgoing(id_, envelope, (number, kinds), content, now)])
    about = counted(len(taken), "interchange")
    entry = TimelineRecord(Subject.OUTGOING, id_, now, "owe", f"acknowledgments of {about}")
    transaction.ledger.add([outgoing, entry])
    return outgoing


def _numbers(
    transaction: Transaction, envelope: _Envelope, wanted: Sequence[Address]
) -> tuple[ControlNumber, list[ControlNumber]]:
    """Take the ISA13, and the GS06 of each group in their order."""
    heading, mark = envelope.heading, envelope.series_mark
    parties = kept(identity_text(heading.sender)), kept(identity_text(heading.receiver))
    series = interchange_series(*parties, mark)
    position = transaction.ledger.allocate(series, 1, envelope.first_interchange)
    names = [
        group_series(kept(one.sender), kept(one.receiver), ACKNOWLEDGMENT_GROUP, mark)
        for one in wanted
    ]
    following = {
        name: count(transaction.ledger.allocate(name, number, envelope.first_group))
        for name, number in sorted(Counter(names).items())
    }
    groups = [written(NumberLevel.GROUP, next(following[name])) for name in names]
    return written(NumberLevel.INTERCHANGE, position), groups


def _outgoing(
    id_: str,
    envelope: _Envelope,
    called: tuple[ControlNumber, Sequence[str]],
    content: bytes,
    now: datetime,
) -> OutgoingRecord:
    (number, kinds), heading = called, envelope.heading
    return OutgoingRecord(
        id=id_,
        partner=envelope.partner,
        kind="+".join(kinds),
        control_number=number,
        sender=kept(identity_text(heading.sender)),
        receiver=kept(identity_text(heading.receiver)),
        name=f"{'-'.join(kinds).lower()}_{number}.edi",
        content=content,
        correlation_id=id_,
        state=OUTGOING.advance(None, "owe"),
        attempt=0,
        due_at=now,
        created_at=now,
        usage=heading.usage,
    )


_Plain = dict[str, object]


def _plain(told: Told) -> _Plain:
    groups = [[list(one.address), one.convention, one.segments] for one in told.groups]
    return {"ta1": told.ta1, "groups": groups}


def _told(kept_: bytes) -> Told:
    values = orjson.loads(kept_)
    return Told(
        values["ta1"],
        tuple(
            ToldGroup(Address(*address), convention, segments)
            for address, convention, segments in values["groups"]
        ),
    )
