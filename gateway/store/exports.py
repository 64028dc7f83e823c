"""Scheduled exports in the database: the verbs of `exports_port.Exports`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.export_records import ExportedRecord, ExportRecord, MarkRecord, RunRecord
from gateway.pipeline.exports_port import ToldDocument
from gateway.pipeline.states import ExportedState, MarkState, RunState
from gateway.pipeline.store_port import LostRace
from gateway.store import rows
from gateway.store.comparing import change_one
from gateway.store.export_tables import export_marks, export_records, export_runs, exports
from gateway.store.tables import documents

_OPEN = (RunState.PLANNED, RunState.RUNNING)


class SqlExports:
    """The verbs about scheduled exports, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect = postgresql if connection.dialect.name == "postgresql" else sqlite

    def export(self, name: str) -> ExportRecord | None:
        """Return one export; None where it was never seen."""
        query = sa.select(*rows.columns(ExportRecord)).where(exports.c.name == name)
        return next(iter(rows.read(self._connection, ExportRecord, query)), None)

    def exports(self) -> list[ExportRecord]:
        """Return all exports by name."""
        query = sa.select(*rows.columns(ExportRecord)).order_by(exports.c.name)
        return rows.read(self._connection, ExportRecord, query)

    def add(self, record: ExportRecord) -> None:
        """Note an export that is seen for the first time; nothing where it is there."""
        statement = self._dialect.insert(exports).values(**rows.values(record))
        self._connection.execute(statement.on_conflict_do_nothing(index_elements=["name"]))

    def plan(
        self, name: str, expected: datetime, slot: datetime, runs: Sequence[RunRecord]
    ) -> bool:
        """Note runs for slots up to one; False where somebody else has just done that."""
        statement = (
            sa.update(exports)
            .where(exports.c.name == name, exports.c.last_slot == expected)
            .values(last_slot=slot)
        )
        if self._connection.execute(statement).rowcount != 1:
            return False
        # A slot whose time comes a second time, since a clock was put back, had its run.
        ids = [run.id for run in runs]
        query = sa.select(export_runs.c.id).where(export_runs.c.id.in_(ids))
        known = set(self._connection.scalars(query))
        if new := [rows.values(run) for run in runs if run.id not in known]:
            self._connection.execute(export_runs.insert(), new)
        return True

    def pause(self, name: str, at: datetime | None, because: str | None) -> None:
        """Let no slot of an export run, or let it go on."""
        values = {"paused_at": at, "paused_because": because}
        self._connection.execute(sa.update(exports).where(exports.c.name == name).values(values))

    def take(self, taken: ExportRecord, expected: int) -> None:
        """Let a run have an export; raise `LostRace` where its claim was not as expected."""
        statement = (
            sa.update(exports)
            .where(exports.c.name == taken.name, exports.c.claim == expected)
            .values(
                running=taken.running, claim=taken.claim, holder=taken.holder, until=taken.until
            )
        )
        change_one(self._connection, statement, f"export {taken.name} was taken by another run")

    def advance(self, held: ExportRecord, **values: object) -> None:
        """Set values of an export that is held under this claim; else raise `LostRace`."""
        statement = (
            sa.update(exports)
            .where(
                exports.c.name == held.name,
                exports.c.running == held.running,
                exports.c.claim == held.claim,
            )
            .values(**values)
        )
        change_one(
            self._connection, statement, f"export {held.name} was taken over by another process"
        )

    def run(self, run_id: str) -> RunRecord | None:
        """Return one run."""
        query = sa.select(*rows.columns(RunRecord)).where(export_runs.c.id == run_id)
        return next(iter(rows.read(self._connection, RunRecord, query)), None)

    def runs(self, export: str | None, limit: int) -> list[RunRecord]:
        """Return runs, newest slot first."""
        query = sa.select(*rows.columns(RunRecord))
        if export is not None:
            query = query.where(export_runs.c.export == export)
        query = query.order_by(export_runs.c.slot.desc(), export_runs.c.id).limit(limit)
        return rows.read(self._connection, RunRecord, query)

    def last_runs(self) -> Mapping[str, RunRecord]:
        """Return, by export, the run that ended last."""
        found = {}
        ended = (export_runs.c.export == exports.c.name) & export_runs.c.ended_at.is_not(None)
        newest = (
            sa.select(export_runs.c.id)
            .where(ended)
            .order_by(export_runs.c.ended_at.desc(), export_runs.c.slot.desc())
            .limit(1)
            .correlate(exports)
            .scalar_subquery()
        )
        query = sa.select(*rows.columns(RunRecord)).where(
            export_runs.c.id.in_(sa.select(newest).select_from(exports))
        )
        for run in rows.read(self._connection, RunRecord, query):
            found[run.export] = run
        return found

    def unfinished(self, planned_before: datetime) -> list[RunRecord]:
        """Return the runs for slots before a moment that have not ended, oldest first."""
        query = (
            sa.select(*rows.columns(RunRecord))
            .where(export_runs.c.state.in_(_OPEN), export_runs.c.slot < planned_before)
            .order_by(export_runs.c.slot, export_runs.c.id)
        )
        return rows.read(self._connection, RunRecord, query)

    def add_run(self, record: RunRecord) -> None:
        """Keep a run; raise `LostRace` where it is there already."""
        try:
            self._connection.execute(export_runs.insert(), [rows.values(record)])
        except sa.exc.IntegrityError as fault:
            raise LostRace(f"run {record.id} is there already") from fault

    def change_run(self, run: RunRecord, sources: Collection[str]) -> None:
        """Overwrite a run whose state is one of the sources; else raise `LostRace`."""
        statement = (
            sa.update(export_runs)
            .where(export_runs.c.id == run.id, export_runs.c.state.in_(sources))
            .values(**rows.values(run))
        )
        change_one(self._connection, statement, f"run {run.id} was changed meanwhile")

    def taken(self, export: str, keys: Collection[str]) -> Mapping[str, ExportedRecord]:
        """Return what is known of records, by their keys."""
        found: list[ExportedRecord] = []
        for chunk in rows.chunks(sorted(set(keys))):
            query = sa.select(*rows.columns(ExportedRecord)).where(
                export_records.c.export == export, export_records.c.key.in_(chunk)
            )
            found += rows.read(self._connection, ExportedRecord, query)
        return {one.key: one for one in found}

    def refused(self, export: str, after: str, limit: int) -> list[ExportedRecord]:
        """Return records that were refused and wait for a person, by key, after one of them."""
        query = (
            sa.select(*rows.columns(ExportedRecord))
            .where(
                export_records.c.export == export,
                export_records.c.state == ExportedState.REFUSED,
                export_records.c.key > after,
            )
            .order_by(export_records.c.key)
            .limit(limit)
        )
        return rows.read(self._connection, ExportedRecord, query)

    def keep(self, records: Sequence[ExportedRecord]) -> None:
        """Keep what is known of records; what was known before is replaced."""
        if not records:
            return
        statement = self._dialect.insert(export_records)
        told = {
            name: statement.excluded[name]
            for name in ("sha256", "version", "state", "seen_at", "document_id", "payload_id")
        }
        # By key, so that one statement names none twice.
        newest = {one.key: rows.values(one) for one in records}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["export", "key"], set_=told),
            [newest[key] for key in sorted(newest)],
        )

    def owe(self, marks: Sequence[MarkRecord]) -> None:
        """Keep what the ERP is to be told."""
        if marks:
            self._connection.execute(export_marks.insert(), [rows.values(one) for one in marks])

    def untold(self, export: str, after: str, limit: int) -> list[tuple[MarkRecord, ToldDocument]]:
        """Return marks that wait for their document, by id, after one of them."""
        about = (
            documents.c.partner,
            documents.c.delivery,
            documents.c.acknowledgment,
            documents.c.control_number,
        )
        kept = rows.columns(MarkRecord)
        query = (
            sa.select(*kept, *about)
            .join(documents, documents.c.id == export_marks.c.document_id)
            .where(
                export_marks.c.export == export,
                export_marks.c.state == MarkState.WAITING,
                export_marks.c.id > after,
            )
            .order_by(export_marks.c.id)
            .limit(limit)
        )
        return [
            (MarkRecord(*row[: len(kept)]), ToldDocument(*row[len(kept) :]))
            for row in self._connection.execute(query)
        ]

    def due_marks(self, export: str, now: datetime, limit: int) -> list[MarkRecord]:
        """Return what the ERP is to be told now, oldest first."""
        query = self._marks(export, MarkState.DUE).where(export_marks.c.due_at <= now)
        return rows.read(self._connection, MarkRecord, query.limit(limit))

    def next_mark(self, export: str) -> datetime | None:
        """Return when the ERP is to be told next; None where nothing is due, now or later."""
        query = sa.select(sa.func.min(export_marks.c.due_at)).where(
            export_marks.c.export == export, export_marks.c.state == MarkState.DUE
        )
        found: datetime | None = self._connection.scalar(query)
        return found

    def change_mark(self, mark: MarkRecord, sources: Collection[str], attempt: int) -> bool:
        """Overwrite a mark whose state and attempt are as expected; say whether they were."""
        statement = (
            sa.update(export_marks)
            .where(
                export_marks.c.id == mark.id,
                export_marks.c.state.in_(sources),
                export_marks.c.attempt == attempt,
            )
            .values(**rows.values(mark))
        )
        return self._connection.execute(statement).rowcount == 1

    def marks(self, export: str | None = None) -> Mapping[str, Mapping[str, int]]:
        """Count marks by export and state."""
        query = sa.select(export_marks.c.export, export_marks.c.state, sa.func.count()).group_by(
            export_marks.c.export, export_marks.c.state
        )
        if export is not None:
            query = query.where(export_marks.c.export == export)
        counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for name, state, count in self._connection.execute(query):
            counts[name][state] = count
        return counts

    def dead_marks(self, export: str, limit: int) -> list[MarkRecord]:
        """Return what the ERP could not be told, oldest first."""
        query = self._marks(export, MarkState.DEAD).limit(limit)
        return rows.read(self._connection, MarkRecord, query)

    def _marks(self, export: str, state: str) -> sa.Select[Any]:
        return (
            sa.select(*rows.columns(MarkRecord))
            .where(export_marks.c.export == export, export_marks.c.state == state)
            .order_by(export_marks.c.due_at, export_marks.c.id)
        )


def unfinished_exports(now: datetime) -> dict[str, sa.Select[Any]]:
    """Return what counts the exports that run or are about to, and what ERPs are to be told."""
    # One by hand runs where it was asked for, and who has died is waited for no longer.
    planned = sa.exists().where(
        export_runs.c.export == exports.c.name,
        export_runs.c.state == RunState.PLANNED,
        export_runs.c.asked == "schedule",
    )
    runs = sa.and_(exports.c.running.is_not(None), exports.c.until > now)
    due = (export_marks.c.state == MarkState.DUE, export_marks.c.due_at <= now)
    return {
        "exports": sa.select(sa.func.count()).select_from(exports).where(sa.or_(runs, planned)),
        "marks": sa.select(sa.func.count()).select_from(export_marks).where(*due),
    }
