"""What goes to partners, in rows, in facts and as JSON: interchanges, and documents that wait."""

from __future__ import annotations

from dataclasses import asdict

from rich.markup import escape

from gateway.cli import show_acknowledgments
from gateway.cli.document_rows import coloured, folded
from gateway.cli.showing import print_facts
from gateway.cli.terminal import results
from gateway.cli.waiting_rows import because, goes_out
from gateway.counting import counted
from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    WaitingRecord,
)

_BESIDE_THE_FILE = 60
"""What the list's other columns take."""

_SHORTEST_FILE = 20


def verdict(one: OutgoingSetRecord) -> str:
    """Return what the partner said of one set of ours; empty where it said nothing yet."""
    return f", {coloured(one.verdict)}" if one.verdict else ""


def print_head(one: OutgoingRecord) -> None:
    """Print what an interchange to a partner is, and how far it is."""
    console = results()
    console.print(f"[bold]{escape(one.name)}[/]  {one.id}")
    facts = {
        "partner": f"{one.partner}  {one.sender} → {one.receiver}",
        "carries": one.kind,
        "interchange": one.control_number,
        "state": f"{one.state}, {counted(one.attempt, 'attempt')}",
        "sent": f"{one.sent_at:%Y-%m-%d %H:%M:%S %Z}" if one.sent_at else "",
        "last error": one.last_error or "",
    }
    print_facts(facts)
    if said := show_acknowledgments.told(one):
        console.print(f"  [dim]{'acknowledgment':<15}[/]{said}".replace("\n", ", "))
    if one.resends:
        console.print(f"  [dim]{'sent again':<15}[/]up to {one.resends} times more, if overdue")


def row(one: OutgoingRecord) -> list[str]:
    """Return the cells of an interchange to a partner."""
    sent = f"{one.sent_at:%m-%d %H:%M}" if one.sent_at else "not yet"
    room = max(_SHORTEST_FILE, results().width - _BESIDE_THE_FILE)
    return [
        f"{one.id[:8]}\n[dim]{sent}[/]",
        f"{escape(one.partner)}\n[dim]{escape(folded(one.name, room))}[/]",
        f"{one.kind}\n{one.control_number}",
        coloured(one.state),
        show_acknowledgments.told(one),
    ]


def waiting_row(one: WaitingRecord, hold: HoldRecord | None) -> list[str]:
    """Return the cells of a document that waits for its interchange."""
    return [
        one.document_id[:8],
        escape(one.partner),
        coloured(one.state),
        goes_out(one, hold),
        escape(because(one, hold)),
    ]


def waiting_json(one: WaitingRecord) -> dict[str, object]:
    """Return a document that waits, as JSON has it."""
    written = ("envelope", "segments")
    return {name: value for name, value in asdict(one).items() if name not in written}


def gathered_row(one: CollectedRecord) -> list[str]:
    """Return the cells of an acknowledgment that waits to go out with others."""
    return [
        one.interchange_id[:8],
        escape(one.partner),
        f"{one.submitted_at:%Y-%m-%d %H:%M}",
        f"by {one.due_at:%Y-%m-%d %H:%M}"
        + (f", or {one.most_sets} together" if one.most_sets is not None else ""),
    ]


def gathered_json(one: CollectedRecord) -> dict[str, object]:
    """Return an acknowledgment that waits to go out with others, as JSON has it."""
    written = ("envelope", "told", "outgoing_id")
    return {name: value for name, value in asdict(one).items() if name not in written}


def interchange_json(one: OutgoingRecord) -> dict[str, object]:
    """Return an interchange to a partner without its bytes, as JSON has it."""
    return {name: value for name, value in asdict(one).items() if name != "content"}
