"""What people ask for about exports: let none run, let them go on, tell the ERP once more."""

from __future__ import annotations

from gateway.clock import Clock, utc_now
from gateway.pipeline.export_records import ExportRecord
from gateway.pipeline.exports.marking import tell_again
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.lane_operations import said_by
from gateway.pipeline.records import TimelineRecord, kept
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import Store, Transaction


class ExportOperations:
    """Requests of people about exports, from whatever process they ask in."""

    def __init__(self, store: Store, jobs: Jobs, *, clock: Clock = utc_now) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock

    def pause(self, name: str, *, by: str, because: str) -> ExportRecord:
        """Let no slot of an export run until it is resumed; return what it was.

        Who paused it first keeps the reason. A run that is under way comes to its end.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.exports.add(ExportRecord(name, now))
            found = transaction.exports.export(name) or ExportRecord(name, now)
            if found.paused_at is None:
                transaction.exports.pause(name, now, kept(because))
                self._note(transaction, name, "pause", by=by, because=because)
        return found

    def resume(self, name: str, *, by: str, because: str = "") -> ExportRecord:
        """Let an export run again, by its own rule for the slots it missed; return what it was."""
        with self._store.transaction() as transaction:
            found = transaction.exports.export(name) or ExportRecord(name, self._clock())
            if found.paused_at is not None:
                transaction.exports.pause(name, None, None)
                self._note(transaction, name, "resume", by=by, because=because)
        return found

    def tell_again(self, name: str) -> int:
        """Let the ERP be told once more what it could not be told; return how much that is."""
        with self._store.transaction() as transaction:
            return tell_again(transaction, self._jobs, name, self._clock())

    def _note(
        self, transaction: Transaction, name: str, verb: str, *, by: str, because: str
    ) -> None:
        said = kept(said_by(by, because))
        transaction.ledger.add([TimelineRecord(Subject.EXPORT, name, self._clock(), verb, said)])
