"""Large payloads: read piece by piece, and committed slice by slice, so that memory stays flat.

What the envelope of an interchange decides is read first and holds for all its slices. The verdict
on a set is therefore final when its slice is committed, and its documents go to their destinations
at once; the acknowledgment is written with the last slice. How many sets are committed stands in
the interchange, and each slice compares and sets it: whoever goes on after a crash goes on there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.pipeline.bugs import bug
from gateway.pipeline.examine import Arrival, Examiner, OpenInterchange
from gateway.pipeline.examined import Examined, interchange_id, quarantined, received
from gateway.pipeline.flow import PAYLOAD
from gateway.pipeline.jobs import Jobs, Stopped, Stopping, never
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.reconciliation.told import tell_reconciled
from gateway.pipeline.recording import Recorder
from gateway.pipeline.records import (
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    SliceRecord,
)
from gateway.pipeline.repetitions import tell_noticed
from gateway.pipeline.rulebook import Rulebook, number_key
from gateway.pipeline.stages.envelope import Envelope, Placed, surveyed
from gateway.pipeline.stages.validate import JUDGED, AgreementChanged, Judged
from gateway.pipeline.states import InterchangeState, PayloadState, Subject
from gateway.pipeline.store_port import LostRace, Store, database_is_unwell

LARGE = 1024 * 1024
"""A payload from this size on is read piece by piece."""

SLICE_SETS = 500
SLICE_BYTES = 1024 * 1024
"""A slice is committed once it has so many transaction sets, or bytes of them."""

MOST_RACES = 5
"""Races lost in a row without anybody getting on; more means that something else is wrong."""

_UNREAD = (InterchangeState.RECEIVED, InterchangeState.READING)


@dataclass(slots=True)
class _Pending:
    """Interchanges of a payload that have been read and are not committed."""

    payload: PayloadRecord
    stopping: Stopping
    examined: list[Examined] = field(default_factory=list)
    sets: int = 0
    size: int = 0
    """Bytes of these interchanges."""
    numbers: dict[tuple[str, str, str], NumberRecord] = field(default_factory=dict)
    """Control numbers that were used first in this payload."""
    stored: InterchangeRecord | None = None
    """The interchange that is being read, as it is in the store."""

    @property
    def is_full(self) -> bool:
        """Say whether they weigh as much as a slice."""
        return self.sets >= SLICE_SETS or self.size >= SLICE_BYTES

    def add(self, examined: Examined) -> None:
        """Add what is to be committed next."""
        self.examined.append(examined)
        if examined.number is not None:
            # The next one may use the same number.
            self.numbers[examined.number.key] = examined.number

    def weigh(self, envelope: Envelope) -> None:
        """Count an interchange that was added; an empty one is kept in memory too."""
        self.sets += max(envelope.sets, 1)
        self.size += envelope.end - envelope.header.offset

    def stop_if_told(self) -> None:
        """Raise `Stopped` where the process is to end. Call it when all is committed."""
        if self.stopping():
            raise Stopped

    def clear(self) -> None:
        """Let go of what is committed."""
        self.examined, self.sets, self.size = [], 0, 0


class Slices:
    """Reads large payloads."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        rulebook: Rulebook,
        *,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._rulebook = rulebook
        self._clock = clock
        self._announcer = announcer
        self._examiner = Examiner(rulebook, announcer)

    def read(self, payload: PayloadRecord, stopping: Stopping = never) -> None:
        """Read what is still unread of a payload.

        Raise `Stopped` after a slice where the process is to end: the next one goes on behind it.
        """
        self._insist(payload, lambda stored: self._read(_Pending(payload, stopping), stored))

    def reread(self, payload: PayloadRecord, id_: str, stopping: Stopping = never) -> bool:
        """Read one interchange that a person released; say whether it is there at all."""
        return self._insist(
            payload, lambda stored: self._reread(_Pending(payload, stopping), stored[id_])
        )

    def _insist(
        self, payload: PayloadRecord, read: Callable[[dict[str, InterchangeRecord]], bool]
    ) -> bool:
        """Read with the payload's interchanges as they are in the store, as often as it takes.

        Somebody else who reads it too wins some races; that is no fault while one of us gets on.
        """
        lost = 0
        while lost < MOST_RACES:
            before = self._stored(payload)
            try:
                return read(before)
            except LostRace:
                lost = lost + 1 if self._stored(payload) == before else 0
        raise LostRace(f"payload {payload.id} is changed by somebody each time it is read")

    def _reread(self, pending: _Pending, stored: InterchangeRecord) -> bool:
        if stored.state not in _UNREAD:
            return True  # somebody else has read it
        for index, (envelope, sets) in enumerate(self._surveyed(pending.payload)):
            if envelope.header.offset == stored.start:
                self._take(pending, index, envelope, sets, stored=stored)
                self._commit(pending)
                return True
        return False

    def _read(self, pending: _Pending, stored: dict[str, InterchangeRecord]) -> bool:
        for index, (envelope, sets) in enumerate(self._surveyed(pending.payload)):
            known = stored.get(interchange_id(pending.payload.id, index))
            if known is not None and known.state != InterchangeState.READING:
                continue  # committed, or a job of its own reads it
            self._take(pending, index, envelope, sets, stored=known)
            if pending.is_full:
                self._commit(pending)
                pending.stop_if_told()
        self._commit(pending, read=True)
        return True

    def _surveyed(self, payload: PayloadRecord) -> Iterator[tuple[Envelope, Iterator[Placed]]]:
        return surveyed(payload.content, self._rulebook.leniency_of)

    def _stored(self, payload: PayloadRecord) -> dict[str, InterchangeRecord]:
        with self._store.transaction() as transaction:
            found = transaction.ledger.interchanges_of(payload.id)
        return {one.id: one for one in found}

    def _take(
        self,
        pending: _Pending,
        index: int,
        envelope: Envelope,
        sets: Iterator[Placed],
        *,
        stored: InterchangeRecord | None,
    ) -> None:
        """Read one interchange; a bug in a stage quarantines it and not its neighbours."""
        record = received(pending.payload, envelope, index)
        pending.stored = stored
        try:
            examined = self._examine(pending, envelope, sets, record)
        except Exception as fault:
            if isinstance(fault, Stopped) or database_is_unwell(fault):
                raise
            at = pending.stored or record
            examined = quarantined(at, _why(fault), self._rulebook.owner, self._clock())
            examined.stored = pending.stored
        pending.add(examined)
        pending.weigh(envelope)

    def _examine(
        self,
        pending: _Pending,
        envelope: Envelope,
        sets: Iterator[Placed],
        record: InterchangeRecord,
    ) -> Examined:
        opened = self._open(pending, envelope, record)
        if isinstance(opened, Examined):
            return opened
        done = pending.stored.sets_read if pending.stored is not None else 0
        if done:
            opened.require_unchanged(self._judged(record.id, opened))
        size = 0
        for count, (place, one) in enumerate(sets, 1):
            if count <= done:
                continue
            opened.take(one, place)
            size += one.offsets[-1] - one.offsets[0]
            full = count - done >= SLICE_SETS or size >= SLICE_BYTES
            if full and count < envelope.sets:
                self._commit_slice(pending, opened, count)
                pending.stop_if_told()
                done, size = count, 0
        return opened.end(self._judged(record.id, opened))

    def _open(
        self, pending: _Pending, envelope: Envelope, record: InterchangeRecord
    ) -> OpenInterchange | Examined:
        stored, now = pending.stored, self._clock()
        if stored is not None and stored.sets_read:
            return self._examiner.resume(pending.payload, envelope, stored, now=now)
        released = Reason(stored.reason) if stored is not None and stored.reason else None
        first = self._first(pending, envelope)
        arrival = Arrival(record, now, first=first, released=released, stored=stored)
        return self._examiner.open(pending.payload, envelope, arrival)

    def _first(self, pending: _Pending, envelope: Envelope) -> NumberRecord | None:
        """Return who used the control number first, if anybody did."""
        key = number_key(envelope.header)
        if key not in pending.numbers:
            with self._store.transaction() as transaction:
                return transaction.ledger.numbers([key]).get(key)
        return pending.numbers[key]

    def _judged(self, interchange: str, opened: OpenInterchange) -> dict[int, Judged]:
        """Return the verdicts on all sets of an interchange, those of its slices first."""
        judged: dict[int, Judged] = {}
        with self._store.transaction() as transaction:
            for one in transaction.ledger.slices(interchange):
                _join(judged, JUDGED.validate_json(one.judged))
        _join(judged, opened.judged)
        return judged

    def _commit_slice(self, pending: _Pending, opened: OpenInterchange, count: int) -> None:
        """Commit the sets that were taken since the last slice, up to a count of them."""
        self._commit(pending)  # what was read before it goes first
        start = pending.stored.sets_read if pending.stored is not None else 0
        judged = JUDGED.dump_json(opened.judged)
        examined = opened.slice(count)
        examined.records.append(SliceRecord(examined.record.id, start, judged))
        pending.add(examined)
        self._commit(pending)
        pending.stored = examined.record

    def _commit(self, pending: _Pending, *, read: bool = False) -> None:
        """Commit what is pending; with it, where all of the payload is read, that it is."""
        examined, payload = pending.examined, pending.payload
        if not examined and not read:
            return
        recorder = Recorder(self._store, self._jobs, self._rulebook, examined, now=self._clock())
        with self._store.transaction() as transaction:
            if read:
                transaction.ledger.change_payloads(
                    [payload.id], PAYLOAD.sources("read"), state=PayloadState.READ
                )
            elif payload.recoveries and payload.state == PayloadState.RECEIVED:
                # It got on: only what dies again and again at one place is given up.
                transaction.ledger.change_payloads(
                    [payload.id], PAYLOAD.sources("read"), recoveries=0
                )
            recorder.record(transaction)
        pending.clear()
        tell_committed(self._announcer, examined)


def tell_committed(announcer: Announcer, examined: Sequence[Examined]) -> None:
    """Tell the observer what has been committed of interchanges."""
    for one in examined:
        record = one.record
        details = {
            "state": record.state,
            "control_number": record.control_number,
            "correlation_id": record.payload_id,
        }
        if record.partner is not None:
            details["partner"] = record.partner
        verb = "commit"
        if record.state == InterchangeState.READING:
            verb, details["sets_read"] = "slice", str(record.sets_read)
        announcer.tell(Subject.INTERCHANGE, verb, record.id, details)
        tell_reconciled(announcer, one.told)
        tell_noticed(one.noticed)


def _join(judged: dict[int, Judged], following: dict[int, Judged]) -> None:
    for group, one in following.items():
        if group in judged:
            judged[group].join(one)
        else:
            judged[group] = one


def _why(fault: Exception) -> Quarantine:
    if isinstance(fault, AgreementChanged):
        return Quarantine(Reason.AGREEMENT_CHANGED, str(fault))
    return bug(fault)
