"""Shows what partners said of what we sent, and what they still owe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from gateway.cli.document_rows import coloured
from gateway.cli.terminal import table
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.reconciliation_records import COUNTED, Acknowledged, AcknowledgmentRecord
from gateway.pipeline.states import AwaitedStatus


def told(one: OutgoingRecord) -> str:
    """Say in markup what the partner says of an interchange, or owes for it; empty for nothing."""
    due = one.acknowledgment_due_at
    if one.acknowledgment == AwaitedStatus.NONE:
        return ""
    if one.acknowledgment == AwaitedStatus.PENDING:
        by = f" by {due:%Y-%m-%d %H:%M}" if due else ", once it was sent"
        return f"{one.expects}{by}"
    shown = coloured(one.acknowledgment)
    if one.acknowledgment == AwaitedStatus.OVERDUE:
        by = f"\nwas due {due:%Y-%m-%d %H:%M}" if due else "\nis sent again"
        return f"{one.expects} {shown}{by}"
    when = f" {one.acknowledged_at:%Y-%m-%d %H:%M}" if one.acknowledged_at else ""
    return f"{shown}{when}"


def row(one: AcknowledgmentRecord) -> list[str]:
    """Return a row of a list of acknowledgments."""
    return [
        f"{one.at:%Y-%m-%d %H:%M}",
        f"{escape(one.partner)}\n{escape(one.kind)}",
        f"{one.level}\n{escape(one.control_number)}",
        f"{coloured(one.verdict or 'unreadable')}\n{one.standing}",
        f"{one.outgoing_id[:8] if one.outgoing_id else 'none of ours'}",
        escape(one.detail),
    ]


def print_said(said: Iterable[AcknowledgmentRecord], console: Console) -> None:
    """Print what was said, one line for each, oldest first."""
    for one in said:
        brought = f" in interchange {one.interchange_id[:8]}" if one.interchange_id else ""
        counts = "" if one.standing == "first" else f", {one.standing}"
        detail = f": {one.detail}" if one.detail else ""
        console.print(
            f"  {one.at:%Y-%m-%d %H:%M:%S} {escape(one.kind)} {one.level} "
            f"{escape(one.control_number)} {coloured(one.verdict or 'unreadable')}"
            f"{counts}{brought}{escape(detail)}"
        )


MOST_ACKNOWLEDGED = 1000
"""Lines about what one interchange acknowledged; one with more sets is looked at by document."""


def print_acknowledged(said: Sequence[Acknowledged], console: Console) -> None:
    """Print what an interchange that came in said of what we sent, where it said anything."""
    if not said:
        return
    console.print("\n[bold]What it acknowledged[/]")
    shown = table("what of ours", "", "verdict", "key", "document, interchange")
    for one in said:
        record = one.record
        counts = "" if record.standing in COUNTED else f", {record.standing}"
        ids = [id_[:8] for id_ in (record.document_id, record.outgoing_id) if id_ is not None]
        shown.add_row(
            f"{record.level} {escape(record.control_number)}",
            escape(record.kind),
            f"{coloured(record.verdict or 'unreadable')}{counts}",
            escape("\n".join(f"{name.replace('_', ' ')} {value}" for name, value in one.keys)),
            ", ".join(ids) or "none of ours",
        )
        if record.detail:
            shown.add_row("", "", escape(record.detail), "", "")
    console.print(shown, soft_wrap=False)


def acknowledged_json(said: Iterable[Acknowledged]) -> list[dict[str, object]]:
    """Return what an interchange acknowledged as JSON can hold it."""
    return [{**asdict(one.record), "keys": dict(one.keys)} for one in said]
