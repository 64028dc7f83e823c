"""The job that reads payloads: every interchange through the stages, then one commit.

A job that died is run again; what it had not committed is as if it had never been. So that a
payload which kills the process does not take its neighbours along, a second run reads one at a time
and counts, and quarantines what has killed too often.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.errors import InterchangeUnreadable
from gateway.pipeline.bugs import bug
from gateway.pipeline.examine import Examiner
from gateway.pipeline.examined import Examined, quarantined, received
from gateway.pipeline.flow import INTERCHANGE, PAYLOAD
from gateway.pipeline.jobs import Jobs, Stopped, Stopping, never
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.recording import Recorder
from gateway.pipeline.records import NumberRecord, PayloadRecord, TimelineRecord, kept
from gateway.pipeline.rulebook import Rulebook, number_key
from gateway.pipeline.slices import LARGE, Slices, tell_committed
from gateway.pipeline.stages.envelope import envelope_of
from gateway.pipeline.states import InterchangeState, PayloadState, Subject
from gateway.pipeline.store_port import LostRace, Store, database_is_unwell
from gateway.x12.model import Interchange
from gateway.x12.reader import read_interchanges

MOST_RECOVERIES = 5
"""A payload whose reading killed the process more often is quarantined."""

MOST_RACES = 5
"""Tries at one commit that others came before; more means that something else is wrong."""

_NumberKey = tuple[str, str, str]


@dataclass(slots=True)
class _Opened:
    """A payload and the interchanges in it, or why there are none."""

    payload: PayloadRecord
    interchanges: list[Interchange] = field(default_factory=list)
    fault: Quarantine | None = None


class Reading:
    """Reads payloads that are durable."""

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
        # One slice at a time in a process: two would only contend for the interpreter, and each
        # hold what it locks twice as long. A large payload takes its time beside them.
        self._small_ones = threading.Lock()
        self._examiner = Examiner(rulebook, announcer)
        self._slices = Slices(store, jobs, rulebook, clock=clock, announcer=announcer)

    def read_payloads(
        self, payload_ids: Sequence[str], run: int, stopping: Stopping = never
    ) -> None:
        """Read what is still unread of these payloads; `run` counts the job's beginnings."""
        if run > 1:
            for payload_id in payload_ids:
                self._read_after_a_death(payload_id, stopping)
        else:
            self._read(payload_ids, stopping)

    def reread_interchange(self, interchange_id: str, stopping: Stopping = never) -> None:
        """Read an interchange that a person released; what goes wrong makes it wait again."""
        try:
            self._insist(lambda: self._reread(interchange_id, stopping))
        except Exception as fault:
            if _is_for_the_engine(fault):
                raise
            self._quarantine_interchange(interchange_id, bug(fault))

    def give_up(self, id_: str, outcome: Quarantine) -> None:
        """Quarantine a payload or an interchange that waits to be read."""
        with self._store.transaction() as transaction:
            of_interchange = transaction.ledger.interchange(id_) is not None
        if of_interchange:
            self._quarantine_interchange(id_, outcome)
        else:
            self._quarantine(id_, outcome)

    def _read_after_a_death(self, payload_id: str, stopping: Stopping) -> None:
        with self._store.transaction() as transaction:
            unread = self._unread(transaction.ledger.payloads([payload_id]))
            recoveries = transaction.ledger.count_recovery(payload_id) if unread else 0
        if recoveries > MOST_RECOVERIES:
            because = f"the process died {recoveries} times while this payload was being read"
            self._quarantine(payload_id, Quarantine(Reason.STOPPED_THE_PROCESS, because))
        elif unread:
            self._read([payload_id], stopping)

    def _read(self, payload_ids: Sequence[str], stopping: Stopping) -> None:
        """Read a slice in one transaction; where that fails for a bug, one by one."""
        try:
            self._insist(lambda: self._read_slice(payload_ids, stopping))
        except Exception as fault:
            if _is_for_the_engine(fault):
                raise
            # The one place where bugs become quarantines.
            if len(payload_ids) > 1:
                for payload_id in payload_ids:
                    self._read([payload_id], stopping)
            else:
                self._quarantine(payload_ids[0], bug(fault))

    def _insist(self, commit: Callable[[], None]) -> None:
        """Try a commit again that somebody else came before: what it read has changed."""
        for attempt in range(MOST_RACES):
            try:
                commit()
                return
            except LostRace:
                if attempt == MOST_RACES - 1:
                    raise

    def _read_slice(self, payload_ids: Sequence[str], stopping: Stopping) -> None:
        with self._store.transaction() as transaction:
            payloads = self._unread(transaction.ledger.payloads(payload_ids))
        with self._small_ones:
            self._read_small([one for one in payloads if one.size < LARGE])
        for payload in payloads:
            if payload.size >= LARGE:
                self._read_large(payload, stopping)

    def _read_small(self, payloads: Sequence[PayloadRecord]) -> None:
        opened = [self._open(payload) for payload in payloads]
        numbers = self._numbers(opened)
        examined = [
            one
            for payload in opened
            if payload.fault is None
            for one in self._all(payload, numbers)
        ]
        recorder = Recorder(self._store, self._jobs, self._rulebook, examined, now=self._clock())
        with self._store.transaction() as transaction:
            read = [one.payload.id for one in opened if one.fault is None]
            if read:
                transaction.ledger.change_payloads(
                    read, PAYLOAD.sources("read"), state=PayloadState.READ
                )
            recorder.record(transaction)
        for payload in opened:
            if payload.fault is not None:
                self._quarantine(payload.payload.id, payload.fault)
        tell_committed(self._announcer, examined)

    def _read_large(self, payload: PayloadRecord, stopping: Stopping) -> None:
        try:
            self._slices.read(payload, stopping)
        except InterchangeUnreadable as fault:
            self._quarantine(payload.id, Quarantine(Reason.UNREADABLE, str(fault)))

    def _unread(self, payloads: Sequence[PayloadRecord]) -> list[PayloadRecord]:
        return [payload for payload in payloads if payload.state == PayloadState.RECEIVED]

    def _open(self, payload: PayloadRecord) -> _Opened:
        """Split a payload into interchanges; one that holds none waits for a person."""
        try:
            return _Opened(
                payload,
                list(read_interchanges(payload.content, self._rulebook.leniency_of)),
            )
        except InterchangeUnreadable as fault:
            return _Opened(payload, fault=Quarantine(Reason.UNREADABLE, str(fault)))
        except Exception as fault:  # noqa: BLE001 - a bug in reading must not stop the others
            return _Opened(payload, fault=bug(fault))

    def _numbers(self, opened: Sequence[_Opened]) -> dict[_NumberKey, NumberRecord]:
        keys = {number_key(one.header) for payload in opened for one in payload.interchanges}
        if not keys:
            return {}
        with self._store.transaction() as transaction:
            return dict(transaction.ledger.numbers(keys))

    def _all(self, opened: _Opened, numbers: dict[_NumberKey, NumberRecord]) -> list[Examined]:
        return [
            self._examine(opened.payload, interchange, index, numbers)
            for index, interchange in enumerate(opened.interchanges)
        ]

    def _examine(
        self,
        payload: PayloadRecord,
        interchange: Interchange,
        index: int,
        numbers: dict[_NumberKey, NumberRecord],
    ) -> Examined:
        """Examine one interchange; a bug in a stage quarantines it and not its neighbours."""
        now = self._clock()
        try:
            examined = self._examiner.examine(
                payload,
                interchange,
                index=index,
                first=numbers.get(number_key(interchange.header)),
                now=now,
            )
        except Exception as fault:  # noqa: BLE001 - a bug in a stage becomes a quarantine
            record = received(payload, envelope_of(interchange), index)
            return quarantined(record, bug(fault), self._rulebook.owner, now)
        if examined.number is not None:
            # The next one in this slice may use the same number.
            numbers[examined.number.key] = examined.number
        return examined

    def _reread(self, interchange_id: str, stopping: Stopping) -> None:
        with self._store.transaction() as transaction:
            record = transaction.ledger.interchange(interchange_id)
            if record is None:
                return
            payload = transaction.ledger.payloads([record.payload_id])[0]
        try:
            found = self._slices.reread(payload, record.id, stopping)
        except InterchangeUnreadable as fault:
            self._quarantine_interchange(interchange_id, Quarantine(Reason.UNREADABLE, str(fault)))
            return
        if not found:
            gone = f"no interchange begins at byte {record.start} of its payload any more"
            self._quarantine_interchange(interchange_id, Quarantine(Reason.UNREADABLE, gone))

    def _quarantine_interchange(self, interchange_id: str, outcome: Quarantine) -> None:
        """Keep an interchange for a person to look at, as it was kept before."""
        because = outcome.because.replace("\0", "")
        with self._store.transaction() as transaction:
            transaction.ledger.change_interchange(
                interchange_id,
                INTERCHANGE.sources("quarantine"),
                state=InterchangeState.QUARANTINED,
                owner=self._rulebook.owner,
                reason=outcome.reason,
                because=because,
                traceback=outcome.traceback,
            )
            entry = TimelineRecord(
                Subject.INTERCHANGE, interchange_id, self._clock(), "quarantine", kept(because)
            )
            transaction.ledger.add([entry])
        self._announcer.tell(Subject.INTERCHANGE, "quarantine", interchange_id, {"reason": because})

    def _quarantine(self, payload_id: str, outcome: Quarantine) -> None:
        """Keep a payload for a person to look at."""
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.ledger.change_payloads(
                [payload_id],
                PAYLOAD.sources("quarantine"),
                state=PayloadState.QUARANTINED,
                reason=outcome.reason,
                because=outcome.because.replace("\0", ""),
                traceback=outcome.traceback,
            )
            because = kept(outcome.because)
            transaction.ledger.add(
                [TimelineRecord(Subject.PAYLOAD, payload_id, now, "quarantine", because)]
            )
        self._announcer.tell(Subject.PAYLOAD, "quarantine", payload_id, {"reason": because})


def _is_for_the_engine(fault: Exception) -> bool:
    """Say whether to wait and come again; a race that is lost each time is lost for a bug."""
    if isinstance(fault, Stopped):
        return True
    return database_is_unwell(fault) and not isinstance(fault, LostRace)
