"""How one thing is shown: its facts, one below the other, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.markup import escape

from gateway.cli.terminal import results, table
from gateway.pipeline.records import TimelineRecord


def print_facts(facts: Mapping[str, str]) -> None:
    """Print facts by their names; those that are empty are not known, and left out."""
    console = results()
    for name, value in facts.items():
        if value:
            console.print(f"  [dim]{name:<15}[/]{escape(value)}")


def print_timeline(timeline: Iterable[TimelineRecord]) -> None:
    """Print what happened to one thing."""
    shown = table("when (UTC)", "verb", "detail")
    for entry in timeline:
        shown.add_row(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.verb, escape(entry.detail))
    results().print(shown, soft_wrap=False)


def print_timelines(timeline: Iterable[TimelineRecord], home: Path) -> None:
    """Print what happened to several things that belong together; paths as seen from a home."""
    results().print("\n[bold]Timeline[/]")
    shown = table("when (UTC)", "what", "verb", "detail")
    for entry in timeline:
        when = f"{entry.at:%Y-%m-%d %H:%M:%S.%f}"[:-3]
        detail = entry.detail.replace(f"{home}/", "")
        shown.add_row(when, entry.subject, entry.verb, escape(detail))
    results().print(shown, soft_wrap=False)
