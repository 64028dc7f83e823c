"""Acknowledge: the bytes of TA1 and 997 that tell the partner what became of an interchange."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.acks.reply import ReplyEnvelope, acknowledge
from gateway.clock import derived_id
from gateway.partners import Partner
from gateway.pipeline.flow import ACKNOWLEDGMENT
from gateway.pipeline.records import AcknowledgmentRecord, InterchangeRecord
from gateway.pipeline.stages.validate import Judged
from gateway.x12.model import ControlNumber


def interchange_series(partner: str) -> str:
    """Name the sequence of ISA13 in what we send to a partner."""
    return f"isa:{partner}"


def group_series(partner: str) -> str:
    """Name the sequence of GS06 in what we send to a partner."""
    return f"gs:{partner}"


def answer(
    interchange: InterchangeRecord,
    judged: Judged,
    partner: Partner,
    *,
    number: int,
    group_numbers: Iterator[int],
    now: datetime,
) -> AcknowledgmentRecord | None:
    """Write the acknowledgment of an interchange with its control numbers, if one is due."""
    control_number = ControlNumber(f"{number:09d}")
    given = acknowledge(
        judged.result,
        judged.severity,
        policy=judged.policy,
        envelope=ReplyEnvelope(
            control_number,
            lambda: ControlNumber(str(next(group_numbers))),
            now,
            partner.delimiters.delimiters(),
        ),
    )
    if given.payload is None:
        return None
    kinds = (["TA1"] if given.ta1 else []) + (["997"] if given.groups else [])
    return AcknowledgmentRecord(
        id=derived_id("acknowledgment", interchange.id),
        interchange_id=interchange.id,
        partner=partner.id,
        kind="+".join(kinds),
        control_number=control_number,
        name=f"{'-'.join(kinds).lower()}_{control_number}.edi",
        content=given.payload,
        correlation_id=interchange.payload_id,
        state=ACKNOWLEDGMENT.advance(None, "owe"),
        attempt=0,
        due_at=now,
    )


def answer_again(
    first: AcknowledgmentRecord, interchange: InterchangeRecord, now: datetime
) -> AcknowledgmentRecord:
    """Acknowledge a duplicate with the very bytes that acknowledged the first one."""
    id_ = derived_id("acknowledgment", interchange.id, first.id)
    stem = first.name.removesuffix(".edi")
    return AcknowledgmentRecord(
        id=id_,
        interchange_id=interchange.id,
        partner=first.partner,
        kind=first.kind,
        control_number=first.control_number,
        name=f"{stem}_again_{id_[:8]}.edi",
        content=first.content,
        correlation_id=interchange.payload_id,
        state=ACKNOWLEDGMENT.advance(None, "owe"),
        attempt=0,
        due_at=now,
    )
