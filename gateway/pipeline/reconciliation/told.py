"""Tells of acknowledgments that were reconciled, and warns where a person should look."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from gateway.pipeline.observing import Announcer
from gateway.pipeline.reconciliation_records import (
    COUNTED,
    AcknowledgedLevel,
    AcknowledgmentRecord,
    Standing,
)
from gateway.pipeline.states import AwaitedStatus, Subject

log = structlog.get_logger()


def tell_reconciled(announcer: Announcer, told: Sequence[AcknowledgmentRecord]) -> None:
    """Tell the observer of each acknowledgment; log what is bad news, or about nothing of ours."""
    for one in told:
        details = {
            "partner": one.partner,
            "kind": one.kind,
            "level": one.level,
            "control_number": one.control_number,
            "standing": one.standing,
        }
        if one.verdict is not None:
            details["verdict"] = one.verdict
        if one.detail:
            details["reason"] = one.detail
        if one.level != AcknowledgedLevel.SET:
            announcer.tell(Subject.ACKNOWLEDGMENT, "reconcile", one.outgoing_id or one.id, details)
        if event := _warning(one):
            log.warning(event, **details)


def _warning(one: AcknowledgmentRecord) -> str:
    """Return what to warn of, or nothing."""
    if one.standing in COUNTED:
        return "rejected_by_partner" if one.verdict == AwaitedStatus.REJECTED else ""
    if one.standing == Standing.DUPLICATE:
        differs = "which stays" in one.detail
        return "acknowledgment_differs" if differs else ""
    return f"acknowledgment_{one.standing}"
