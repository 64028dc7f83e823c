"""The store's verbs about scheduled exports: each change of a state is a compare-and-set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.pipeline.export_records import ExportedRecord, ExportRecord, MarkRecord, RunRecord


@dataclass(frozen=True, slots=True)
class ToldDocument:
    """How far the document of a mark is, for the ERP to be told."""

    partner: str
    delivery: str
    acknowledgment: str
    control_number: str


class Exports(Protocol):
    """Exports, their runs, the records that they took, and what the ERP is told."""

    def export(self, name: str) -> ExportRecord | None:
        """Return one export; None where it was never seen."""

    def exports(self) -> list[ExportRecord]:
        """Return all exports by name."""

    def add(self, record: ExportRecord) -> None:
        """Note an export that is seen for the first time; nothing where it is there."""

    def plan(
        self, name: str, expected: datetime, slot: datetime, runs: Sequence[RunRecord]
    ) -> bool:
        """Note runs for slots up to one; False where somebody else has just done that."""

    def pause(self, name: str, at: datetime | None, because: str | None) -> None:
        """Let no slot of an export run, or let it go on."""

    def take(self, taken: ExportRecord, expected: int) -> None:
        """Let a run have an export; raise `LostRace` where its claim was not as expected."""

    def advance(self, held: ExportRecord, **values: object) -> None:
        """Set values of an export that is held under this claim; else raise `LostRace`.

        Nobody else changes it, or keeps anything for it, before the transaction ends.
        """

    def run(self, run_id: str) -> RunRecord | None:
        """Return one run."""

    def runs(self, export: str | None, limit: int) -> list[RunRecord]:
        """Return runs, newest slot first."""

    def last_runs(self) -> Mapping[str, RunRecord]:
        """Return, by export, the run that ended last."""

    def unfinished(self, planned_before: datetime) -> list[RunRecord]:
        """Return the runs for slots before a moment that have not ended, oldest first."""

    def add_run(self, record: RunRecord) -> None:
        """Keep a run; raise `LostRace` where it is there already."""

    def change_run(self, run: RunRecord, sources: Collection[str]) -> None:
        """Overwrite a run whose state is one of the sources; else raise `LostRace`."""

    def taken(self, export: str, keys: Collection[str]) -> Mapping[str, ExportedRecord]:
        """Return what is known of records, by their keys."""

    def refused(self, export: str, after: str, limit: int) -> list[ExportedRecord]:
        """Return records that were refused and wait for a person, by key, after one of them."""

    def keep(self, records: Sequence[ExportedRecord]) -> None:
        """Keep what is known of records; what was known before is replaced."""

    def owe(self, marks: Sequence[MarkRecord]) -> None:
        """Keep what the ERP is to be told."""

    def untold(self, export: str, after: str, limit: int) -> list[tuple[MarkRecord, ToldDocument]]:
        """Return marks that wait for their document, by id, after one of them."""

    def due_marks(self, export: str, now: datetime, limit: int) -> list[MarkRecord]:
        """Return what the ERP is to be told now, oldest first."""

    def next_mark(self, export: str) -> datetime | None:
        """Return when the ERP is to be told next; None where nothing is due, now or later."""

    def change_mark(self, mark: MarkRecord, sources: Collection[str], attempt: int) -> bool:
        """Overwrite a mark whose state and attempt are as expected; say whether they were."""

    def marks(self, export: str | None = None) -> Mapping[str, Mapping[str, int]]:
        """Count marks by export and state."""

    def dead_marks(self, export: str, limit: int) -> list[MarkRecord]:
        """Return what the ERP could not be told, oldest first."""
