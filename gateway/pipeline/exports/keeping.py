"""Keeping: documents, refusals, the cursor and the counts of a run, in one transaction.

It begins with a compare-and-set on the export's claim: what a process made that lost the export to
another one is not kept. A kill before the commit leaves nothing, a kill after it everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.clock import Clock, derived_id
from gateway.pipeline.export_records import (
    EXPORT,
    ExportedRecord,
    ExportRecord,
    MarkRecord,
    RunRecord,
)
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.judging import Judged, state_of
from gateway.pipeline.exports.progress import Progress
from gateway.pipeline.flow import MARK, PAYLOAD
from gateway.pipeline.outbound.keeping import Kept
from gateway.pipeline.outbound.submission import Submissions, Submitted
from gateway.pipeline.outcome import Quarantine
from gateway.pipeline.records import PayloadRecord, TimelineRecord, kept
from gateway.pipeline.states import ExportedState, PayloadState, RunState, Subject, WaitingState
from gateway.pipeline.store_port import Store, Transaction
from gateway.shaping import dumps

_SEEN_AGAIN = timedelta(days=7)
"""A record that comes again unchanged is noted as seen this often: retention asks when."""


@dataclass(slots=True)
class Held:
    """An export that a run has, as it is now."""

    export: Export
    record: ExportRecord
    run: RunRecord
    progress: Progress


@dataclass(frozen=True, slots=True)
class Counted:
    """What some records add to the counts of a run."""

    read: int = 0
    selected: int = 0
    size: int = 0


@dataclass(slots=True)
class _Kept:
    """What became of records in one transaction."""

    records: list[ExportedRecord] = field(default_factory=list)
    marks: list[MarkRecord] = field(default_factory=list)
    told: list[tuple[Kept, Submitted]] = field(default_factory=list)
    refused: list[Judged] = field(default_factory=list)
    unchanged: int = 0
    sent: int = 0


class Keeper:
    """Keeps what became of records."""

    def __init__(self, store: Store, submissions: Submissions, *, clock: Clock) -> None:
        self._store = store
        self._submissions = submissions
        self._clock = clock

    def keep(
        self, held: Held, judged: Sequence[Judged], progress: Progress, counted: Counted
    ) -> list[Judged]:
        """Keep what became of records and how far the export is; return what was refused."""
        now = self._clock()
        with self._store.transaction() as transaction:
            until = now + held.export.lease
            transaction.exports.advance(held.record, progress=progress.dumps(), until=until)
            done = self._keep_all(transaction, held.export, judged, now)
            run = _counted(held.run, done, counted)
            transaction.exports.change_run(run, [RunState.RUNNING])
        held.run, held.progress = run, progress
        for made, submitted in done.told:
            self._submissions.tell(made, submitted)
        return done.refused

    def renew(self, held: Held) -> None:
        """Say that the run goes on; raise `LostRace` where another process has taken it over."""
        with self._store.transaction() as transaction:
            transaction.exports.advance(held.record, until=self._clock() + held.export.lease)

    def _keep_all(
        self, transaction: Transaction, export: Export, judged: Sequence[Judged], now: datetime
    ) -> _Kept:
        done = _Kept()
        # By partner: two exports then take control numbers and wake lanes in one order.
        for one in sorted(judged, key=_partner_of):
            if one.made is not None:
                self._submit(transaction, export, one, one.made, done=done, now=now)
            elif one.refused is not None:
                _refuse(transaction, export, one, one.refused, done=done, now=now)
            else:
                _note_known(export, one, done, now)
        transaction.exports.keep(done.records)
        transaction.exports.owe(done.marks)
        return done

    def _submit(
        self,
        transaction: Transaction,
        export: Export,
        one: Judged,
        made: Kept,
        *,
        done: _Kept,
        now: datetime,
    ) -> None:
        submitted = self._submissions.keep(transaction, made)
        _settle_refused(transaction, export, one, now)
        record = _exported(export, one, now, document_id=submitted.document_id)
        done.records.append(record)
        if submitted.new:
            done.told.append((made, submitted))
            if export.done is not None:
                done.marks.append(_mark(export, one, submitted.document_id, now))
        if submitted.state == WaitingState.QUARANTINED:
            done.refused.append(one)
        else:
            done.sent += 1


def _partner_of(one: Judged) -> str:
    return one.made.submission.partner if one.made is not None else ""


def _counted(run: RunRecord, done: _Kept, counted: Counted) -> RunRecord:
    return replace(
        run,
        read=run.read + counted.read,
        selected=run.selected + counted.selected,
        size=run.size + counted.size,
        unchanged=run.unchanged + done.unchanged,
        sent=run.sent + done.sent,
        refused=run.refused + len(done.refused),
    )


def _note_known(export: Export, one: Judged, done: _Kept, now: datetime) -> None:
    done.unchanged += 1
    before = one.before
    if before is None:
        return
    if before.version != one.version:
        # A change that is not sent: it is told from the next one.
        done.records.append(_exported(export, one, now, document_id=before.document_id))
    elif now - before.seen_at > _SEEN_AGAIN:
        done.records.append(replace(before, seen_at=now))


def _refuse(
    transaction: Transaction,
    export: Export,
    one: Judged,
    refused: Quarantine,
    *,
    done: _Kept,
    now: datetime,
) -> None:
    """Let a person see a record that could not become a document."""
    payload = _payload(export, one, refused, now)
    if not transaction.ledger.payloads([payload.id]):
        entry = TimelineRecord(
            Subject.PAYLOAD, payload.id, now, "quarantine", kept(refused.because)
        )
        transaction.ledger.add([payload, entry])
    _settle_refused(transaction, export, one, now)
    before = one.before.document_id if one.before is not None else None
    done.records.append(_exported(export, one, now, document_id=before, payload_id=payload.id))
    done.refused.append(one)


def _settle_refused(transaction: Transaction, export: Export, one: Judged, now: datetime) -> None:
    """Take what was refused of a record before from the person's list: newer content is here."""
    before = one.before
    if before is None or before.payload_id is None or before.state != ExportedState.REFUSED:
        return
    id_ = before.payload_id
    for waiting in transaction.ledger.payloads([id_]):
        if waiting.state == PayloadState.QUARANTINED:
            same = before.version == one.version
            verb = "read" if same else "refuse"
            state = PayloadState.READ if same else PayloadState.REFUSED
            because = "it became a document" if same else f"{export.name} has a newer version of it"
            transaction.ledger.change_payloads([id_], PAYLOAD.sources("refuse"), state=state)
            transaction.ledger.add([TimelineRecord(Subject.PAYLOAD, id_, now, verb, because)])


def _payload(export: Export, one: Judged, refused: Quarantine, now: datetime) -> PayloadRecord:
    content = dumps(one.of.record)
    name = f"{export.name}/{one.of.key}/{one.version}"
    return PayloadRecord(
        id=derived_id("export-refused", name, one.of.sha256),
        state=PayloadState.QUARANTINED,
        partner=None,
        transport=EXPORT,
        receipt=f"{name}/{one.of.sha256}",
        name=kept(f"{export.name} {one.of.key}"),
        received_at=now,
        size=len(content),
        sha256=one.of.sha256,
        content=content,
        reason=refused.reason,
        because=kept(refused.because, 2000),
        traceback=refused.traceback,
    )


def _exported(
    export: Export,
    one: Judged,
    now: datetime,
    *,
    document_id: str | None,
    payload_id: str | None = None,
) -> ExportedRecord:
    return ExportedRecord(
        export=export.name,
        key=one.of.key,
        sha256=one.of.sha256,
        version=one.version,
        state=state_of(one),
        seen_at=now,
        document_id=document_id,
        payload_id=payload_id,
    )


def _mark(export: Export, one: Judged, document_id: str, now: datetime) -> MarkRecord:
    assert export.done is not None  # noqa: S101 - asked by the caller
    return MarkRecord(
        id=derived_id("export-mark", document_id),
        export=export.name,
        key=one.of.key,
        document_id=document_id,
        told_when=export.done.when,
        state=MARK.advance(None, "owe"),
        content=dumps(one.of.record),
        attempt=0,
        due_at=now,
        created_at=now,
    )
