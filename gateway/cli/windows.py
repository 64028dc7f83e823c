"""What is said of the windows in which a destination gathers documents."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.markup import escape

from gateway.app.windows import open_windows
from gateway.cli.lanes import moment
from gateway.cli.terminal import fail, print_rows
from gateway.config import Instance
from gateway.counting import counted
from gateway.pipeline.ports import OpenWindow
from gateway.yaml_source import suggestion

HANDED_ON_WITHIN = timedelta(minutes=2)
"""A running gateway looks twice a minute: a window that ended before that is stuck."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one destination gathers; the names of fields are those that `--json` prints."""

    destination: str
    documents: int
    windows: int
    stuck: int
    """Windows that should have been handed over, and were not."""
    closes: datetime | None
    """When the first of the others ends."""
    command: str
    """The command that shows each."""


def gathered_at(instance: Instance, now: datetime) -> list[Gathered]:
    """Return what destinations gather, those that have something."""
    return [
        Gathered(
            name,
            sum(one.documents for one in windows),
            len(windows),
            sum(is_stuck(one, now) for one in windows),
            min((one.closes for one in windows if one.closes and one.closes > now), default=None),
            f"gateway destinations show {name}",
        )
        for name, windows in open_windows(instance).items()
        if windows
    ]


def said(one: Gathered) -> str:
    """Say in a line what a destination gathers."""
    documents, files = counted(one.documents, "document"), counted(one.windows, "file")
    closes = f", the next at {one.closes:%Y-%m-%d %H:%M} UTC" if one.closes else ""
    return f"{documents} gathered for {files} of {one.destination}{closes}"


def print_windows(windows: Sequence[OpenWindow], now: datetime) -> None:
    """Print what is gathered, each with the file that it is going to be."""
    rows = [
        [
            f"[bold]{escape(one.window)}[/]\n[dim]{escape(shown_path(one))}[/]",
            str(one.documents),
            str(one.size),
            str(one.handed_over),
            closing(one, now),
        ]
        for one in windows
    ]
    columns = ("window, its next file", "documents", "bytes", "handed over", "closes")
    print_rows(columns, rows, "No window is open.")


def chosen_windows(name: str, asked: Sequence[str], there: Sequence[str]) -> Sequence[str]:
    """Return the windows that a person means, all if none is named; exit where one is not open."""
    for one in asked:
        if one not in there:
            listed = ", ".join(there) or "none"
            fail(f"{name} has no open window '{one}'{suggestion(one, there)}; open: {listed}")
    return asked or there


def shown_path(one: OpenWindow) -> str:
    """Return where a window's file is going to lie, from here where it is below."""
    path = Path(one.path)
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


def closing(one: OpenWindow, now: datetime) -> str:
    """Say when a window ends, or why it did not."""
    if one.fault:
        return f"[red]{escape(one.fault)}[/]"
    if one.closes is None:
        return ""
    if one.closes > now:
        return moment(one.closes, now)
    colour = "red" if is_stuck(one, now) else "yellow"
    return f"[{colour}]ended {moment(one.closes, now)}, not handed over yet[/]"


def is_stuck(one: OpenWindow, now: datetime) -> bool:
    """Say whether a window should have been handed over, and was not."""
    return bool(one.fault) or (one.closes is not None and one.closes + HANDED_ON_WITHIN < now)
