"""Receive: bytes and job in one commit, and only then the transport may let go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta

from gateway.clock import Clock, new_id
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.observing import Announcer
from gateway.pipeline.ports import Received
from gateway.pipeline.records import PayloadRecord, TimelineRecord
from gateway.pipeline.slices import LARGE
from gateway.pipeline.stages.receive import payload_record
from gateway.pipeline.states import PayloadState, Subject
from gateway.pipeline.store_port import LostRace, Store

SLICE = 100
"""Payloads found in one look that share a transaction and a job."""


class Intake:
    """Makes payloads durable."""

    def __init__(self, store: Store, jobs: Jobs, *, clock: Clock, announcer: Announcer) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._announcer = announcer

    def receive(self, batch: Sequence[Received]) -> list[str]:
        """Store payloads, then settle each; return their ids.

        Where a commit fails, what is not durable is released and the exception goes on.
        """
        ids: list[str] = []
        for start in range(0, len(batch), SLICE):
            with ExitStack() as not_durable:
                not_durable.callback(_release, batch[start:])
                ids += self._receive_slice(batch[start : start + SLICE])
                not_durable.pop_all()
        return ids

    def _receive_slice(self, batch: Sequence[Received]) -> list[str]:
        now = self._clock()
        # What comes together came in this order, which no clock need be fine enough to say.
        records = [
            payload_record(one.payload, new_id(), now + timedelta(microseconds=place))
            for place, one in enumerate(batch)
        ]
        self._store_new(records)
        for record in records:
            self._announcer.tell(Subject.PAYLOAD, "receive", record.id, {"name": record.name})
        for one, record in zip(batch, records, strict=True):
            one.settle()
            self._announcer.tell(Subject.PAYLOAD, "settle", record.id)
        return [record.id for record in records]

    def _store_new(self, records: Sequence[PayloadRecord]) -> None:
        """Store those whose receipt is not in the ledger, with the jobs that read them."""
        try:
            self._store_in_one_transaction(records)
        except LostRace:
            # Another process stored one of them between our look and our insert.
            self._store_in_one_transaction(records)

    def _store_in_one_transaction(self, records: Sequence[PayloadRecord]) -> None:
        by_transport: defaultdict[str, dict[str, PayloadRecord]] = defaultdict(dict)
        for record in records:
            by_transport[record.transport].setdefault(record.receipt, record)
        with self._store.transaction() as transaction:
            fresh: list[PayloadRecord] = []
            for transport, of_transport in by_transport.items():
                stored = transaction.ledger.stored_receipts(transport, of_transport)
                fresh += [one for receipt, one in of_transport.items() if receipt not in stored]
            if not fresh:
                return
            transaction.ledger.add(
                [
                    *fresh,
                    *(
                        TimelineRecord(
                            Subject.PAYLOAD, one.id, one.received_at, "receive", one.name
                        )
                        for one in fresh
                    ),
                ]
            )
            readable = [one for one in fresh if one.state == PayloadState.RECEIVED]
            for together in in_jobs(readable):
                self._jobs.read_payloads(transaction, [one.id for one in together])


def in_jobs(payloads: Sequence[PayloadRecord]) -> list[list[PayloadRecord]]:
    """Share payloads out to jobs, each of which reads less than a large one weighs in one go."""
    jobs: list[list[PayloadRecord]] = []
    weight = 0
    for one in payloads:
        if not jobs or weight + one.size > LARGE:
            jobs.append([])
            weight = 0
        jobs[-1].append(one)
        weight += one.size
    return jobs


def _release(batch: Sequence[Received]) -> None:
    for one in batch:
        one.release()  # harmless where it was settled
