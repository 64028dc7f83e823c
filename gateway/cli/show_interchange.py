"""Shows one interchange that came in: its state and why, who acts, its way, its acknowledgments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from gateway.cli.document_rows import coloured
from gateway.cli.show_acknowledgments import print_acknowledged
from gateway.cli.showing import print_facts, print_timelines
from gateway.cli.terminal import results
from gateway.pipeline.reconciliation_records import Acknowledged
from gateway.pipeline.records import TimelineRecord
from gateway.pipeline.states import InterchangeState
from gateway.pipeline.views import InterchangeSummary

_WAITING = (InterchangeState.HELD, InterchangeState.QUARANTINED)


def print_interchange(
    summary: InterchangeSummary,
    because: str,
    timeline: Sequence[TimelineRecord],
    *,
    said: Sequence[Acknowledged],
    home: Path,
) -> None:
    """Print an interchange in sections, what matters most first; paths as seen from its home."""
    one, console = summary.interchange, results()
    console.print(f"[bold]interchange {escape(one.control_number)}[/]  {one.id}")
    facts = {
        "file": summary.payload_name,
        "partner": one.partner or "unknown",
        "sent": f"{one.sender} → {one.receiver}",
        "usage": {"P": "production", "T": "test"}.get(one.usage, one.usage),
        "received": f"{one.received_at:%Y-%m-%d %H:%M:%S} UTC",
        "state": one.state.replace("_", " "),
        "who acts": (one.owner or "") if one.state in _WAITING else "",
    }
    print_facts(facts)
    if because:
        colour = "yellow" if one.state == InterchangeState.ROUTED else "red"
        reason = (one.reason or "reason").replace("_", " ")
        console.print(f"  [{colour}]{escape(reason)}[/]: {escape(because)}")
    if one.state in _WAITING:
        console.print(f"  [dim]next[/]: gateway quarantine show {one.id[:8]}")
    console.print("\n[bold]Acknowledgments[/]")
    for told in summary.acknowledgments:
        console.print(f"  {escape(told.kind)} {coloured(told.state)}  [dim]{escape(told.name)}[/]")
    if summary.told_by is not None:
        console.print(f"  waits for others, goes out by {summary.told_by:%Y-%m-%d %H:%M} UTC")
    elif not summary.acknowledgments:
        console.print("  none")
    print_acknowledged(said, console)
    print_timelines(timeline, home)
