"""Says when a document of ours that waits goes out, or who must release it first."""

from __future__ import annotations

from gateway.pipeline.outgoing_records import HoldRecord, WaitingRecord
from gateway.pipeline.states import WaitingState


def goes_out(one: WaitingRecord, hold: HoldRecord | None) -> str:
    """Say by when it goes out; `hold` is that of its partner, where there is one."""
    if one.state == WaitingState.HELD or hold is not None:
        return "when released"
    return f"by {one.due_at:%Y-%m-%d %H:%M}"


def because(one: WaitingRecord, hold: HoldRecord | None) -> str:
    """Say why it waits for a person; empty where it only waits for its time."""
    reasons = [one.because] if one.because else []
    if hold is not None:
        reasons.append(f"{hold.partner} is held: {hold.because}")
    return "; ".join(reasons)
