"""Acknowledge: the bytes of TA1 and 997 that tell the partner what became of an interchange."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.acks.answer import Answer
from gateway.acks.reply import write_answer
from gateway.acks.told import ReplyEnvelope
from gateway.clock import derived_id
from gateway.partners import Partner
from gateway.pipeline.control_numbers import NumberLevel, written
from gateway.pipeline.flow import OUTGOING
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import InterchangeRecord, kept
from gateway.pipeline.rulebook import identity_text
from gateway.pipeline.stages.validate import delimiters_of


def answer(
    interchange: InterchangeRecord,
    said: Answer,
    partner: Partner,
    *,
    number: int,
    group_numbers: Iterator[int],
    now: datetime,
) -> OutgoingRecord:
    """Write what is to be said about an interchange, with its control numbers."""
    control_number = written(NumberLevel.INTERCHANGE, number)
    content = write_answer(
        said,
        ReplyEnvelope(
            control_number,
            lambda: written(NumberLevel.GROUP, next(group_numbers)),
            now.astimezone(ZoneInfo(partner.time_zone)),
            delimiters_of(said.policy, partner),
        ),
    )
    kinds = (["TA1"] if said.ta1 else []) + sorted(
        {judged.acknowledgment.set_id for _, judged in said.groups}
    )
    heading = said.heading
    return OutgoingRecord(
        id=derived_id("acknowledgment", interchange.id),
        partner=partner.id,
        kind="+".join(kinds),
        control_number=control_number,
        sender=kept(identity_text(heading.sender)),
        receiver=kept(identity_text(heading.receiver)),
        name=f"{'-'.join(kinds).lower()}_{control_number}.edi",
        content=content,
        correlation_id=interchange.payload_id,
        state=OUTGOING.advance(None, "owe"),
        attempt=0,
        due_at=now,
        created_at=now,
        answers=interchange.id,
        usage=heading.usage,
    )


def answer_again(
    first: OutgoingRecord, interchange: InterchangeRecord, now: datetime
) -> OutgoingRecord:
    """Acknowledge a duplicate with the very bytes that acknowledged the first one."""
    id_ = derived_id("acknowledgment", interchange.id, first.id)
    stem = first.name.removesuffix(".edi")
    return OutgoingRecord(
        id=id_,
        partner=first.partner,
        kind=first.kind,
        control_number=first.control_number,
        sender=first.sender,
        receiver=first.receiver,
        name=f"{stem}_again_{id_[:8]}.edi",
        content=first.content,
        correlation_id=interchange.payload_id,
        state=OUTGOING.advance(None, "owe"),
        attempt=0,
        due_at=now,
        created_at=now,
        answers=interchange.id,
        usage=first.usage,
    )
