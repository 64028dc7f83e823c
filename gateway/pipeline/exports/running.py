"""Running: one process at a time has an export, and takes it from its cursor as far as it comes.

To have an export is a row with a claim: each that takes it over raises the claim, and a process
that was only slow finds, at its next commit, that it has it no more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock, new_id
from gateway.errors import GatewayError, first_line
from gateway.pipeline import lane_names
from gateway.pipeline.bugs import bug, guarded
from gateway.pipeline.export_records import ExportRecord, RunRecord
from gateway.pipeline.exports.alerting import alert_of_run
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.judging import Judge
from gateway.pipeline.exports.keeping import Held, Keeper
from gateway.pipeline.exports.patience import Patience
from gateway.pipeline.exports.progress import Progress
from gateway.pipeline.exports.reading import Ended, Reading
from gateway.pipeline.exports.under_way import UnderWay
from gateway.pipeline.flow import RUN
from gateway.pipeline.jobs import Jobs, Stopped, Stopping, never, wake
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.outcome import Quarantine
from gateway.pipeline.reaper import place, surely_dead
from gateway.pipeline.records import kept
from gateway.pipeline.states import RunState, Subject
from gateway.pipeline.store_port import LostRace, Store, Transaction, database_is_unwell

_LOOK_AGAIN = 1.0
"""Seconds until it is asked again whether another run is over."""

log = structlog.get_logger()


class ExportBusy(GatewayError):
    """Another run of this export is under way."""


class Runs:
    """Runs exports, whichever process they run in."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        submissions: Submissions,
        exports: Mapping[str, Export],
        *,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._submissions = submissions
        self._exports = exports
        self._clock = clock
        self._announcer = announcer
        self._keeper = Keeper(store, submissions, clock=clock)

    def run_planned(self, run_id: str, stopping: Stopping = never) -> None:
        """Do a run that was planned; one that has ended is left alone."""
        while True:
            with self._store.transaction() as transaction:
                run = transaction.exports.run(run_id)
            if run is None or run.ended_at is not None:
                return
            export = self._exports.get(run.export)
            if export is None:
                self._skip(run, "there is no export of this name any more")
                return
            if self._is_paused(run):
                self._skip(run, "the export was paused")
                return
            held = self._taken(export, run)
            if held is not None:
                self._run(held, stopping)
                return
            Patience(stopping).wait(_LOOK_AGAIN)

    def run_now(self, export: Export, stopping: Stopping = never) -> RunRecord:
        """Run an export at once, for a person; raise ExportBusy where it is under way."""
        now = self._clock()
        run = RunRecord(new_id(), export.name, now, "person", RUN.advance(None, "plan"))
        with self._store.transaction() as transaction:
            transaction.exports.add(ExportRecord(export.name, now))
            transaction.exports.add_run(run)
        held = self._taken(export, run)
        if held is None:
            self._skip(run, "another run was under way")
            raise ExportBusy(f"another run of {export.name} is under way")
        self._run(held, stopping)
        return held.run

    def _is_paused(self, run: RunRecord) -> bool:
        if run.state != RunState.PLANNED:
            return False
        with self._store.transaction() as transaction:
            record = transaction.exports.export(run.export)
        return record is not None and record.paused_at is not None

    def _taken(self, export: Export, run: RunRecord) -> Held | None:
        """Take an export for a run; None where another run has it."""
        now = self._clock()
        with self._store.transaction() as transaction:
            record = transaction.exports.export(export.name)
            if record is None or not _is_free(record, run, now):
                return None
            taken = replace(
                record,
                running=run.id,
                claim=record.claim + 1,
                holder=_holder(),
                until=now + export.lease,
            )
            try:
                transaction.exports.take(taken, record.claim)
            except LostRace:
                return None
            if record.running not in (None, run.id):
                self._end_stale(transaction, record.running, run)
            progress = Progress.loads(record.progress)
            begun = replace(
                run,
                state=RUN.advance(run.state, "begin"),
                started_at=run.started_at or now,
                cursor_before=run.cursor_before if run.started_at else progress.mark,
            )
            transaction.exports.change_run(begun, RUN.sources("begin"))
        self._tell("begin", begun)
        return Held(export, taken, begun, progress)

    def _run(self, held: Held, stopping: Stopping) -> None:
        try:
            ended = self._outcome(held, stopping)
            self._end(held, ended)
        except LostRace:
            # Another process took the export over since this one said nothing for too long.
            log.warning("export_lost", export=held.export.name, run=held.run.id)

    def _outcome(self, held: Held, stopping: Stopping) -> Ended:
        """Follow the source; what goes wrong with it ends the run, not the process."""
        expected = (Stopped, GatewayError, SQLAlchemyError)
        try:
            ended = guarded(lambda: self._follow(held, stopping), *expected)
        except LostRace:
            raise
        except GatewayError as fault:
            return Ended(RunState.FAILED, first_line(fault))
        except SQLAlchemyError as fault:
            if database_is_unwell(fault):
                raise
            ended = bug(fault)
        if isinstance(ended, Quarantine):
            log.error("export_failed_by_a_bug", export=held.export.name, traceback=ended.traceback)
            return Ended(RunState.FAILED, f"unexpected, and a bug: {ended.because}")
        return ended

    def _follow(self, held: Held, stopping: Stopping) -> Ended:
        export = held.export
        run = UnderWay(
            held,
            Judge(export, self._submissions),
            self._keeper,
            self._store,
            self._clock,
            Patience(stopping),
        )
        source = export.open_source()
        try:
            source.open()
            return Reading(run).follow(source)
        finally:
            source.close()

    def _end(self, held: Held, ended: Ended) -> None:
        now = self._clock()
        verb = _VERBS[ended.state]
        run = replace(
            held.run,
            state=RUN.advance(held.run.state, verb),
            ended_at=now,
            cursor_after=held.progress.mark,
            because=kept(ended.because, _LONGEST_REASON) if ended.because else None,
        )
        with self._store.transaction() as transaction:
            transaction.exports.advance(held.record, running=None, holder="", until=None)
            transaction.exports.change_run(run, RUN.sources(verb))
            alert_of_run(transaction, self._jobs, held.export, run, now)
            if held.export.done is not None:
                wake(self._jobs, transaction, [lane_names.mark(held.export.name)])
        held.run = run
        self._tell(verb, run)

    def _end_stale(self, transaction: Transaction, stale_id: str, run: RunRecord) -> None:
        """Note that a run died, and that this one goes on from where it came to."""
        stale = transaction.exports.run(stale_id)
        if stale is None or stale.ended_at is not None:
            return
        because = f"its process ended; the run of {run.slot:%Y-%m-%d %H:%M} UTC goes on from there"
        state = RUN.advance(stale.state, "fail")
        ended = replace(stale, state=state, ended_at=self._clock(), because=because)
        transaction.exports.change_run(ended, RUN.sources("fail"))

    def _skip(self, run: RunRecord, because: str) -> None:
        """Leave a run out that never began."""
        state = RUN.advance(RunState.PLANNED, "skip")
        skipped = replace(run, state=state, ended_at=self._clock(), because=because)
        try:
            with self._store.transaction() as transaction:
                transaction.exports.change_run(skipped, RUN.sources("skip"))
        except LostRace:
            return  # it has begun elsewhere meanwhile
        self._tell("skip", skipped)

    def _tell(self, verb: str, run: RunRecord) -> None:
        details = {"export": run.export, "slot": run.slot.isoformat(), "state": run.state}
        if run.ended_at is not None:
            details |= {"sent": str(run.sent), "refused": str(run.refused)}
        if run.because is not None:
            details["reason"] = run.because
        self._announcer.tell(Subject.EXPORT, verb, run.id, details)


_VERBS = {RunState.DONE: "end", RunState.LIMITED: "limit", RunState.FAILED: "fail"}

_LONGEST_REASON = 1000


def _is_free(record: ExportRecord, run: RunRecord, now: datetime) -> bool:
    """Say whether a run may have an export: nobody has it, or who has it is dead or silent.

    The run that has it comes a second time only where the engine knows that its process is dead.
    """
    if record.running in (None, run.id):
        return True
    executor, _, at = record.holder.partition("@")
    return (record.until is not None and record.until < now) or surely_dead(executor, at)


def _holder() -> str:
    return f"gateway:{os.getpid()}:{new_id()}@{place()}"
