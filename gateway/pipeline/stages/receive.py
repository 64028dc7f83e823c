"""Receive: the bytes of a payload are made durable, with the job that will read them.

Everything else comes after this commit: only then is a transport told that it may let go.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from gateway.clock import derived_id
from gateway.errors import InterchangeUnreadable
from gateway.pipeline.flow import PAYLOAD
from gateway.pipeline.outcome import Reason
from gateway.pipeline.ports import Payload
from gateway.pipeline.records import PayloadRecord, kept
from gateway.x12.reader import read


def payload_record(payload: Payload, unique: str, now: datetime) -> PayloadRecord:
    """Make the ledger's entry of a payload; one that never became complete waits for a person.

    `unique` stands in for a receipt where the transport has none.
    """
    receipt = f"{payload.partner or ''}/{payload.receipt}" if payload.receipt else unique
    state = PAYLOAD.advance(None, "receive")
    if payload.incomplete:
        state = PAYLOAD.advance(state, "quarantine")
    return PayloadRecord(
        id=derived_id("payload", payload.transport, receipt),
        state=state,
        partner=payload.partner,
        transport=payload.transport,
        receipt=receipt,
        name=kept(payload.name),
        received_at=now,
        size=len(payload.content),
        sha256=hashlib.sha256(payload.content).hexdigest(),
        content=payload.content,
        reason=Reason.INCOMPLETE if payload.incomplete else None,
        because=_why_incomplete(payload) if payload.incomplete else None,
    )


def _why_incomplete(payload: Payload) -> str:
    """Say also what came instead, where it is no X12 at all: no wait would have made it whole."""
    try:
        next(read(payload.content), None)
    except InterchangeUnreadable as fault:
        return f"{payload.incomplete}. {fault}" if payload.content else payload.incomplete
    return payload.incomplete
