"""What one export is: where records come from, when, what becomes of them, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from gateway.pipeline.exports.cursor import Cursor, NoCursor
from gateway.pipeline.exports.slots import Slots
from gateway.pipeline.exports.source import Source
from gateway.shaping import Json, NotShaped, Selection, Shape

Missed = Literal["latest", "each", "skip"]
"""What becomes of slots at which nothing ran: the newest runs, each runs, none does."""

Told = Literal["accepted", "sent", "acknowledged"]
"""How far a document must be for the ERP to be told."""

Changed = Literal["again", "ignore"]
"""What becomes of a record that changed after it was taken."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an export runs."""

    slots: Slots
    zone: str
    """The name of the time zone that people see its times in."""
    said: str
    """The schedule in words."""
    missed: Missed = "latest"
    missed_at_most: int = 24


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run reads, at most: the next run goes on from there."""

    records: int = 10_000
    size: int = 100 * 1024 * 1024
    time: timedelta = timedelta(minutes=30)
    page_bytes: int = 50 * 1024 * 1024
    attempts: int = 5
    """How often one page is asked for before the run fails."""
    pause: timedelta = timedelta(seconds=1)
    """Before it is asked for again the first time; it doubles each time."""


@dataclass(frozen=True, slots=True)
class Incremental:
    """What a reading begins at."""

    field: Selection
    """The value of the cursor, in a record."""
    cursor: Cursor
    start: str | None = None
    """The value before the first run; None for everything."""

    def value(self, record: Json) -> str:
        """Return the value of the cursor in a record; raise NoCursor where none can be read."""
        try:
            return self.cursor.checked(self.field.select(record, {}))
        except (NoCursor, NotShaped) as fault:
            raise NoCursor(f"the cursor '{self.field.source}' of the record: {fault}") from fault


@dataclass(frozen=True, slots=True)
class Partner:
    """For whom the document of a record is."""

    fixed: str | None = None
    chosen: Selection | None = None
    """Where it depends on the record."""
    table: Mapping[str, str] | None = None
    """From what the record says to partners' ids; None where it names them itself."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a record becomes."""

    type: str
    shape: Shape
    set_id: str | None = None
    """Which set, where the partner takes such a document in several."""
    usage: str | None = None
    """ISA15, where the agreement allows another than its own."""
    changes: Mapping[str, str] | None = None
    """Fields that a document gets which changes an earlier one, such as its status."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the ERP is told of documents."""

    when: Told
    destination: str
    """Which destination makes the call."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export, as its file says."""

    name: str
    open_source: Callable[[], Source]
    schedule: Schedule
    document: Document
    partner: Partner
    key: Selection
    owner: str
    compare: Selection | None = None
    """What makes a record a changed one; None for all of it."""
    changed: Changed = "again"
    select: Selection | None = None
    """Whether a record is taken; None for each."""
    incremental: Incremental | None = None
    limits: Limits = Limits()
    done: Done | None = None
    lease: timedelta = timedelta(minutes=5)
    """A run that said nothing for so long is taken over: longer than any call of it takes."""
