"""Progress of long work, on standard error and only where that is a terminal."""

from __future__ import annotations

import time

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from gateway.cli.terminal import remarks

_LONG = 1.0
"""Seconds after which work is long enough to be shown."""
_NAME_WIDTH = 30


class Meter:
    """Shows how many of the bytes are done."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._name = ""
        self._since = time.monotonic()
        self._console = remarks()
        self._shown: tuple[Progress, TaskID] | None = None

    def begin(self, name: str) -> None:
        """Name the file that is read now."""
        self._name = name
        self.at(0)

    def at(self, offset: int) -> None:
        """Say how far into its file the work is."""
        if not self._console.is_terminal or time.monotonic() - self._since < _LONG:
            return
        progress, task = self._shown or self._show()
        name = self._name if len(self._name) <= _NAME_WIDTH else "…" + self._name[1 - _NAME_WIDTH :]
        progress.update(task, completed=min(self._done + offset, self._total), description=name)

    def end(self, size: int) -> None:
        """Say that a file is done."""
        self._done += size

    def close(self) -> None:
        """Take the bar away: results may be printed on the same terminal."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None

    def _show(self) -> tuple[Progress, TaskID]:
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        progress.start()
        self._shown = progress, progress.add_task(self._name, total=max(1, self._total))
        return self._shown
