"""Retrying: what was refused is judged anew, since maps, partners or the export may be mended.

Each run goes through everything that is refused, however much. Where its time ends before, it says
how far it came, and the next run goes on there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.pipeline.export_records import ExportedRecord
from gateway.pipeline.exports.judging import Judged
from gateway.pipeline.exports.keeping import Counted
from gateway.pipeline.exports.under_way import UnderWay
from gateway.pipeline.records import PayloadRecord
from gateway.pipeline.states import ExportedState, PayloadState
from gateway.shaping import loads

CHUNK = 50
"""Records in one transaction: nobody else writes to SQLite meanwhile."""


class Retrying:
    """One run's way through what was refused before."""

    def __init__(self, run: UnderWay) -> None:
        self._run, self._held = run, run.held

    def retry(self, *, until: datetime) -> None:
        """Keep what can be sent now of all that is refused; note how far that came by a moment."""
        after = self._held.progress.retried
        while True:
            with self._run.store.transaction() as transaction:
                refused = transaction.exports.refused(self._held.export.name, after, CHUNK)
                ids = [one.payload_id for one in refused if one.payload_id]
                kept = {one.id: one for one in transaction.ledger.payloads(ids)}
            if not refused:
                if after != "":
                    self._keep([], "")
                return
            after = refused[-1].key
            self._keep(self._mended(refused, kept), after)
            if self._run.clock() >= until:
                return
            self._run.patience.check()

    def _mended(
        self, refused: Sequence[ExportedRecord], kept: Mapping[str, PayloadRecord]
    ) -> list[Judged]:
        """Return those of refused records that become documents now."""
        found = []
        for one in refused:
            payload = kept.get(one.payload_id or "")
            if payload is None or payload.state != PayloadState.QUARANTINED:
                self._give_up(one)
                continue
            identified = self._run.judge.identified(loads(payload.content))
            if identified.fault or identified.key != one.key:
                continue  # Sent without its key, it would be sent once more when it has one.
            verdict = self._run.judge.judged(identified, one, one.version)
            if verdict.made is not None:
                found.append(verdict)
        return found

    def _keep(self, mended: Sequence[Judged], after: str) -> None:
        """Keep documents, and how far this came; that also says that the run lives."""
        progress = replace(self._held.progress, retried=after)
        self._run.keeper.keep(self._held, mended, progress, Counted())

    def _give_up(self, one: ExportedRecord) -> None:
        """Note that a person gave a refused record up."""
        given_up = replace(one, state=ExportedState.GIVEN_UP)
        until = self._run.clock() + self._held.export.lease
        with self._run.store.transaction() as transaction:
            transaction.exports.advance(self._held.record, until=until)
            transaction.exports.keep([given_up])
