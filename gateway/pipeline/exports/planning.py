"""Planning: which slots are due, noted with the jobs that run them, each slot once.

Every process looks. What one plans is noted by a compare-and-set on the last slot that was planned,
in the transaction that enqueues the jobs, and each job's name contains its slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.clock import Clock, derived_id
from gateway.pipeline.export_records import ExportRecord, RunRecord
from gateway.pipeline.exports.definition import Export, Schedule
from gateway.pipeline.flow import RUN
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.store_port import Store, Transaction

ON_TIME = timedelta(minutes=5)
"""A slot that is no older was not missed, for an export that skips those that were."""

MOST_SLOTS = 1000
"""Missed slots that are counted: after a long time away nobody asks how many more there were."""

ANOTHER_TIME = timedelta(days=1)
"""Slots that were planned further ahead were planned by a clock that was wrong."""

LOOK_EVERY = timedelta(seconds=30)
"""The store is asked this often even where no slot is due: somebody may have paused an export."""

FORGOTTEN = timedelta(minutes=10)
"""A run that has not ended after this long is given a job once more, if it has none."""

log = structlog.get_logger()


class Planning:
    """Plans the runs of all exports."""

    def __init__(
        self, store: Store, jobs: Jobs, exports: Mapping[str, Export], *, clock: Clock
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._exports = exports
        self._clock = clock
        self._next_look: dict[str, datetime] = {}

    def plan(self) -> list[RunRecord]:
        """Plan what is due now in any export; return the runs that were planned here."""
        now = self._clock()
        planned = []
        for name, export in sorted(self._exports.items()):
            # Looked at again too where the clock was put back.
            if not now < self._next_look.get(name, now) <= now + LOOK_EVERY:
                planned += self._plan(export, now)
        return planned

    def sweep(self) -> None:
        """Give runs that were planned and never ran a job; one that has a job gets no other."""
        with self._store.transaction() as transaction:
            for run in transaction.exports.unfinished(self._clock() - FORGOTTEN):
                self._enqueue(transaction, run)

    def _plan(self, export: Export, now: datetime) -> list[RunRecord]:
        runs: list[RunRecord] = []
        slots = export.schedule.slots
        with self._store.transaction() as transaction:
            record = transaction.exports.export(export.name)
            if record is None:
                # Nothing was missed before there was such an export.
                record = ExportRecord(export.name, now)
                transaction.exports.add(record)
            if record.last_slot - now > ANOTHER_TIME:
                # No slot would come until that time does, and that may be in years.
                log.warning("export_slots_of_another_time", export=export.name)
                transaction.exports.plan(export.name, record.last_slot, now, [])
                record = replace(record, last_slot=now)
            due = slots.latest(record.last_slot, now, MOST_SLOTS)
            if due and record.paused_at is None:
                chosen = _chosen(export, due, now)
                if transaction.exports.plan(export.name, record.last_slot, due[-1], chosen):
                    runs = chosen
                for run in runs:
                    self._enqueue(transaction, run)
        following = slots.next(max(now, record.last_slot))
        soonest = now + LOOK_EVERY
        self._next_look[export.name] = min(following, soonest) if following else soonest
        return runs

    def _enqueue(self, transaction: Transaction, run: RunRecord) -> None:
        # A run that a person asked for has no job: it runs where it was asked for.
        if run.asked == "schedule":
            self._jobs.run_export(transaction, run.id, run.export, int(run.slot.timestamp()))


def _chosen(export: Export, due: list[datetime], now: datetime) -> list[RunRecord]:
    """Return the runs for slots that have come, by the rule about those that were missed."""
    schedule: Schedule = export.schedule
    match schedule.missed:
        case "each":
            taken = due[-schedule.missed_at_most :]
        case "latest":
            taken = due[-1:]
        case "skip":
            taken = [one for one in due[-1:] if now - one <= ON_TIME]
    passed_over = len(due) - len(taken)
    if passed_over and not taken:
        log.warning("export_slots_skipped", export=export.name, slots=passed_over)
    return [
        RunRecord(
            id=derived_id("export-run", export.name, slot.isoformat()),
            export=export.name,
            slot=slot,
            asked="schedule",
            state=RUN.advance(None, "plan"),
            missed=passed_over if number == 0 else 0,
        )
        for number, slot in enumerate(taken)
    ]
