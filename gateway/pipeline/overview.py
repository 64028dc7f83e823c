"""What an instance as a whole waits for, counted: the page that an operator looks at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs jobs."""

    place: str
    """Its machine, and where its number means the same there."""
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """How many of each kind wait for a person, and which processes live."""

    dead: int
    """Documents of which a delivery was given up."""
    untranslated: int
    """Documents that came in and could not be translated or routed."""
    quarantined: int
    """Payloads, interchanges and documents of ours that `gateway quarantine list` lists."""
    alerts: int
    """Alerts that nobody has acknowledged."""
    overdue: int
    """Interchanges whose acknowledgment is overdue."""
    unmatched: int
    """What partners said within a day that fits nothing we sent, or cannot be read."""
    holds: int
    """Partners to whom nothing new goes out, because a person said so."""
    paused: int
    """Destinations to which nothing goes, because a person said so."""
    unwell: int
    """Destinations and partners that are left alone after failures."""
    processes: tuple[Process, ...]
