"""Deliveries, acknowledgments and lanes in the database: the verbs of `store_port.Lanes`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline import lane_names
from gateway.pipeline.flow import DELIVERY, AcknowledgmentState, DeliveryState
from gateway.pipeline.records import (
    AcknowledgmentRecord,
    AttemptRecord,
    DeliveryRecord,
    DueDelivery,
    LaneRecord,
)
from gateway.pipeline.store_port import LostRace
from gateway.store import rows, statuses
from gateway.store.settling import (
    ANSWERED,
    SETTLE_ACKNOWLEDGMENT,
    SETTLE_ATTEMPT,
    SETTLE_DELIVERY,
    SETTLED,
    TRIED,
    parameters,
)
from gateway.store.tables import acknowledgments, attempts, deliveries, documents, lanes

_OPEN = (DeliveryState.DUE, DeliveryState.CLAIMED)


class SqlLanes:
    """The verbs about what is to be sent, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def wake(self, lanes_with_work: Collection[str]) -> list[str]:
        """Note that lanes have work; return those that need a job because none is waiting.

        The counter is raised by every transaction that adds work and not only by the first: the
        row's lock then makes a lane's job, which sets it to zero before it looks, wait for all who
        found it raised already. Sorted, so that two transactions never wait for each other.
        """
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        needed = []
        for lane in sorted(lanes_with_work):
            statement = dialect.insert(lanes).values(lane=lane, wakes=1)
            wakes = self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["lane"], set_={"wakes": lanes.c.wakes + 1}
                ).returning(lanes.c.wakes)
            ).scalar_one()
            if wakes == 1:
                needed.append(lane)
        return needed

    def begin(self, lane: str) -> LaneRecord:
        """Note that a lane's job looks now; what is added later wakes it anew."""
        row = self._connection.execute(
            sa.update(lanes)
            .where(lanes.c.lane == lane)
            .values(wakes=0)
            .returning(lanes.c.lane, lanes.c.failures, lanes.c.open_until)
        ).first()
        return LaneRecord(*row) if row is not None else LaneRecord(lane)

    def change_breaker(self, record: LaneRecord) -> None:
        """Keep what the circuit breaker has become."""
        self._connection.execute(
            sa.update(lanes)
            .where(lanes.c.lane == record.lane)
            .values(failures=record.failures, open_until=record.open_until)
        )

    def due_deliveries(self, destination: str, now: datetime, limit: int) -> list[DeliveryRecord]:
        """Return what is to be tried now, claimed leftovers of a dead job included.

        A lane runs once at a time, so what is claimed when its job begins was left behind.
        """
        query = (
            sa.select(*rows.columns(DeliveryRecord))
            .join(documents, documents.c.id == deliveries.c.document_id)
            .where(
                deliveries.c.destination == destination,
                deliveries.c.state.in_(_OPEN),
                deliveries.c.due_at <= now,
            )
            .order_by(deliveries.c.due_at, documents.c.received_at, deliveries.c.id)
            .limit(limit)
        )
        return rows.read(self._connection, DeliveryRecord, query)

    def claim(self, due: Sequence[DeliveryRecord], now: datetime) -> list[DueDelivery]:
        """Count an attempt on each that nobody else counted; return them with what they hand over.

        The documents are read after the claim: whoever changes one withdraws or changes its due
        deliveries in the same transaction, and so either comes before it or finds it claimed.
        """
        won: dict[str, DeliveryRecord] = {}
        by_attempt: defaultdict[int, list[str]] = defaultdict(list)
        for delivery in due:
            by_attempt[delivery.attempt].append(delivery.id)
        for attempt, ids in by_attempt.items():
            query = (
                sa.update(deliveries)
                .where(
                    deliveries.c.id.in_(ids),
                    deliveries.c.attempt == attempt,
                    deliveries.c.state.in_(_OPEN),
                )
                .values(state=DELIVERY.advance(DeliveryState.DUE, "claim"), attempt=attempt + 1)
                .returning(*rows.columns(DeliveryRecord))
            )
            for row in self._connection.execute(query):
                won[row.id] = DeliveryRecord(*row)
        if not won:
            return []
        self._begin_attempts(list(won.values()), now)
        return self._with_documents([won[one.id] for one in due if one.id in won])

    def _begin_attempts(self, won: Sequence[DeliveryRecord], now: datetime) -> None:
        # What a dead job had begun: nobody knows how it ended.
        self._connection.execute(
            sa.update(attempts)
            .where(
                attempts.c.delivery_id.in_([delivery.id for delivery in won]),
                attempts.c.outcome == "open",
            )
            .values(outcome="interrupted")
        )
        self._connection.execute(
            attempts.insert(),
            [
                rows.values(AttemptRecord(delivery.id, delivery.attempt, now, None, "open", ""))
                for delivery in won
            ],
        )

    def _with_documents(self, claimed: Sequence[DeliveryRecord]) -> list[DueDelivery]:
        query = sa.select(
            documents.c.id, documents.c.canonical, documents.c.document_type, documents.c.partner
        ).where(documents.c.id.in_({delivery.document_id for delivery in claimed}))
        found = {row.id: row for row in self._connection.execute(query)}
        return [
            DueDelivery(
                delivery,
                found[delivery.document_id].canonical or b"",
                found[delivery.document_id].document_type or "",
                found[delivery.document_id].partner,
            )
            for delivery in claimed
        ]

    def settle(
        self, settled: Sequence[DeliveryRecord], tries: Sequence[AttemptRecord]
    ) -> list[str]:
        """Write how attempts ended, by the attempt's number; return ids that were still ours."""
        if not settled:
            return []
        self._connection.execute(SETTLE_ATTEMPT, [parameters(one, TRIED) for one in tries])
        self._connection.execute(SETTLE_DELIVERY, [parameters(one, SETTLED) for one in settled])
        # Many rows in one call do not say which of them were changed. Whoever took a claim over has
        # counted another attempt or buried it, so ours are those that are as we wrote them.
        written = {(one.id, one.attempt, one.state) for one in settled}
        query = sa.select(deliveries.c.id, deliveries.c.attempt, deliveries.c.state).where(
            deliveries.c.id.in_([one.id for one in settled])
        )
        return [row.id for row in self._connection.execute(query) if tuple(row) in written]

    def due_acknowledgments(
        self, partner: str, now: datetime, limit: int
    ) -> list[AcknowledgmentRecord]:
        """Return the acknowledgments that are to be sent to a partner now, oldest first."""
        query = (
            sa.select(*rows.columns(AcknowledgmentRecord))
            .where(
                acknowledgments.c.partner == partner,
                acknowledgments.c.state == AcknowledgmentState.DUE,
                acknowledgments.c.due_at <= now,
            )
            .order_by(acknowledgments.c.due_at, acknowledgments.c.name)
            .limit(limit)
        )
        return rows.read(self._connection, AcknowledgmentRecord, query)

    def begin_sending(self, due: Sequence[AcknowledgmentRecord]) -> list[AcknowledgmentRecord]:
        """Count an attempt on each that nobody else counted; return them as they are then."""
        counted: set[str] = set()
        for attempt in {record.attempt for record in due}:
            query = (
                sa.update(acknowledgments)
                .where(
                    acknowledgments.c.id.in_([one.id for one in due if one.attempt == attempt]),
                    acknowledgments.c.attempt == attempt,
                    acknowledgments.c.state == AcknowledgmentState.DUE,
                )
                .values(attempt=attempt + 1)
                .returning(acknowledgments.c.id)
            )
            counted.update(self._connection.scalars(query))
        return [replace(one, attempt=one.attempt + 1) for one in due if one.id in counted]

    def settle_acknowledgments(self, settled: Sequence[AcknowledgmentRecord]) -> None:
        """Write what became of acknowledgments that were due, by the attempt's number."""
        if not settled:
            return
        self._connection.execute(
            SETTLE_ACKNOWLEDGMENT, [parameters(one, ANSWERED) for one in settled]
        )
        statuses.refresh_acknowledgments(
            self._connection, {record.interchange_id for record in settled}
        )

    def change_acknowledgment(
        self, record: AcknowledgmentRecord, sources: Collection[str], **values: object
    ) -> None:
        """Set values where the state is one of the sources; else raise `LostRace`."""
        changed = self._connection.execute(
            sa.update(acknowledgments)
            .where(acknowledgments.c.id == record.id, acknowledgments.c.state.in_(sources))
            .values(**values)
        ).rowcount
        if changed != 1:
            raise LostRace(f"acknowledgment {record.id} was changed meanwhile")
        statuses.refresh_acknowledgments(self._connection, {record.interchange_id})

    def next_due(self, lane: str, after: datetime) -> datetime | None:
        """Return when the lane's earliest delivery or acknowledgment comes due."""
        kind, of = lane_names.split(lane)
        if kind == lane_names.DELIVER:
            table, mine = deliveries, deliveries.c.destination == of
        else:
            table, mine = acknowledgments, acknowledgments.c.partner == of
        query = sa.select(sa.func.min(table.c.due_at)).where(
            mine, table.c.state == "due", table.c.due_at > after
        )
        return self._connection.execute(query).scalar()

    def lanes_with_work(self, now: datetime) -> list[str]:
        """Return the lanes that have something due, or claimed by a job that may be dead."""
        to_deliver = (
            sa.select(deliveries.c.destination)
            .where(deliveries.c.state.in_(_OPEN), deliveries.c.due_at <= now)
            .distinct()
        )
        to_acknowledge = (
            sa.select(acknowledgments.c.partner)
            .where(
                acknowledgments.c.state == AcknowledgmentState.DUE, acknowledgments.c.due_at <= now
            )
            .distinct()
        )
        return [
            *(lane_names.deliver(name) for name in self._connection.scalars(to_deliver)),
            *(lane_names.acknowledge(name) for name in self._connection.scalars(to_acknowledge)),
        ]

    def deliveries_of(self, document_ids: Collection[str]) -> list[DeliveryRecord]:
        """Return the deliveries of documents, oldest generation first."""
        found: list[DeliveryRecord] = []
        for chunk in rows.chunks(sorted(document_ids)):
            query = (
                sa.select(*rows.columns(DeliveryRecord))
                .where(deliveries.c.document_id.in_(chunk))
                .order_by(deliveries.c.generation, deliveries.c.destination)
            )
            found += rows.read(self._connection, DeliveryRecord, query)
        return found

    def change_delivery(
        self, record: DeliveryRecord, sources: Collection[str], **values: object
    ) -> None:
        """Set values where state and attempt are as expected; else raise `LostRace`."""
        changed = self._connection.execute(
            sa.update(deliveries)
            .where(
                deliveries.c.id == record.id,
                deliveries.c.attempt == record.attempt,
                deliveries.c.state.in_(sources),
            )
            .values(**values)
        ).rowcount
        if changed != 1:
            raise LostRace(f"delivery {record.id} was changed meanwhile")

    def refresh_delivery_status(self, document_ids: Collection[str]) -> None:
        """Derive each document's delivery status from its deliveries."""
        statuses.refresh_deliveries(self._connection, document_ids)
