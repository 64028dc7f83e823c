"""Exports and their runs in words and rows, as `gateway exports` prints them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.markup import escape

from gateway.cli.document_rows import coloured
from gateway.cli.terminal import print_rows
from gateway.pipeline.export_records import RunRecord
from gateway.pipeline.states import MarkState

COUNTS = ("read", "selected", "unchanged", "sent", "refused")
"""What a run counts."""


def both(moment: object, zone: str) -> str:
    """Write a moment in UTC and, where that is another one, in a time zone."""
    if not isinstance(moment, datetime):
        return ""
    said = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if zone == "UTC":
        return said
    return f"{said} ({moment.astimezone(ZoneInfo(zone)):%H:%M} {zone})"


def paused(told: dict[str, object]) -> str:
    """Say since when and why an export is paused; empty where it is not."""
    if told["paused_at"] is None:
        return ""
    return f"since {both(told['paused_at'], 'UTC')}: {told['paused_because']}"


def shown_next(told: dict[str, object]) -> str:
    """Write the next slot, in UTC and by the clocks of the export."""
    if told["paused_at"] is not None:
        return "[yellow]paused[/]"
    moment = told["next_slot"]
    if not isinstance(moment, datetime):
        return "never"
    here = both(moment, str(told["timezone"])).partition("(")[2].rstrip(")")
    return f"{moment:%Y-%m-%d %H:%M:%S}\n[dim]{escape(here)}[/]"


def shown_last(run: object) -> str:
    """Write when the last run was, and how it went."""
    if not isinstance(run, dict):
        return "none yet"
    because = f"\n[dim]{escape(str(run['because']))}[/]" if run["because"] else ""
    return f"{run['slot']:%m-%d %H:%M} {coloured(run['state'])}{because}"


def shown_counts(run: object) -> str:
    """Write how much of what a run read was sent, and refused."""
    if not isinstance(run, dict):
        return ""
    refused = f"\n[red]{run['refused']} refused[/]" if run["refused"] else ""
    return f"{run['sent']} of {run['read']}{refused}"


def shown_marks(marks: object) -> str:
    """Write of how many records the ERP was told."""
    if not isinstance(marks, dict) or not marks:
        return ""
    words = {
        MarkState.DONE: "told", MarkState.WAITING: "waiting for their documents",
        MarkState.DUE: "due", MarkState.DEAD: "given up", MarkState.VOID: "needless",
    }  # fmt: skip
    return ", ".join(f"{marks[state]} {word}" for state, word in words.items() if marks.get(state))


def print_runs(runs: list[RunRecord], zone: str) -> None:
    """Print runs as rows."""
    titles = ("slot (UTC)", "state", "took", *COUNTS, "because")
    print_rows(titles, [_run_row(one, zone) for one in runs], "It has not run yet.")


def _run_row(run: RunRecord, zone: str) -> list[str]:
    here = "" if zone == "UTC" else f"\n[dim]{run.slot.astimezone(ZoneInfo(zone)):%H:%M}[/]"
    asked = "" if run.asked == "schedule" else "\n[dim]by hand[/]"
    took = ""
    if run.started_at and run.ended_at:
        took = f"{(run.ended_at - run.started_at).total_seconds():.1f} s"
    because = run.because or ""
    if run.missed:
        because = f"{run.missed} missed slots before it; {because}".rstrip("; ")
    counts = [str(getattr(run, name)) for name in COUNTS]
    slot = f"{run.slot:%Y-%m-%d %H:%M:%S}{here}{asked}"
    return [slot, coloured(run.state), took, *counts, escape(because)]
