"""Waiting within a job: no longer than the process is to live."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gateway.pipeline.jobs import Stopped, Stopping, never

_SLICE = 0.2
"""A wait asks this often whether the process is to end."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits, and goes on, as long as the process does."""

    stopping: Stopping = never

    def wait(self, seconds: float) -> None:
        """Wait so many seconds; raise `Stopped` where the process is to end."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _SLICE))

    def check(self) -> None:
        """Raise `Stopped` where the process is to end."""
        if self.stopping():
            raise Stopped
