"""Deliveries and lanes in the database: the verbs of `store_port.Lanes`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline import lane_names
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.records import AttemptRecord, DeliveryRecord
from gateway.pipeline.states import DeliveryState, NoticeState, OutgoingState, WaitingState
from gateway.pipeline.views import DueDelivery
from gateway.store import rows, statuses
from gateway.store.alert_tables import notices
from gateway.store.collected import WAITS
from gateway.store.collected_tables import collected
from gateway.store.comparing import change_one
from gateway.store.settling import (
    SETTLE_ATTEMPT,
    SETTLE_DELIVERY,
    SETTLED,
    TRIED,
    parameters,
)
from gateway.store.tables import (
    attempts,
    deliveries,
    documents,
    holds,
    lanes,
    outgoing_interchanges,
    waiting_sets,
)

_OPEN = (DeliveryState.DUE, DeliveryState.CLAIMED)
_KEPT = (
    "failures",
    "openings",
    "open_until",
    "rests_until",
    "calls",
    "answered_at",
    "outcome",
    "answer",
)
_PAUSED = ("paused_at", "paused_by", "paused_because")


class SqlLanes:
    """The verbs about what is to be sent, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def wake(self, lanes_with_work: Collection[str], *, freed: bool = False) -> list[str]:
        """Note that lanes have work; return those that need a job because none is waiting.

        The counter is raised by every transaction that adds work and not only by the first: the
        row's lock then makes a lane's job, which sets it to zero before it looks, wait for all who
        found it raised already. Sorted, so that two transactions never wait for each other.
        """
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        needed = []
        for lane in sorted(lanes_with_work):
            statement = dialect.insert(lanes).values(lane=lane, wakes=1, freed=int(freed))
            wakes = self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["lane"],
                    set_={"wakes": lanes.c.wakes + 1, "freed": lanes.c.freed + int(freed)},
                ).returning(lanes.c.wakes)
            ).scalar_one()
            if wakes == 1:
                needed.append(lane)
        return needed

    def begin(self, lane: str) -> LaneRecord:
        """Note that a lane's job looks now; what is added later wakes it anew.

        Where nothing has woken the lane since, its row is not locked: whoever is about to finds a
        zero, and enqueues a job of its own.
        """
        self._connection.execute(
            sa.update(lanes).where(lanes.c.lane == lane, lanes.c.wakes > 0).values(wakes=0)
        )
        return self.lane(lane)

    def lane(self, lane: str) -> LaneRecord:
        """Return what is known of a lane."""
        query = sa.select(*rows.columns(LaneRecord)).where(lanes.c.lane == lane)
        return next(iter(rows.read(self._connection, LaneRecord, query)), LaneRecord(lane))

    def keep(self, record: LaneRecord) -> None:
        """Keep what breaker, rest, calls and last answer of a lane are; a pause is a person's."""
        self._connection.execute(
            sa.update(lanes)
            .where(lanes.c.lane == record.lane)
            .values({name: getattr(record, name) for name in _KEPT})
        )

    def pause(self, record: LaneRecord) -> None:
        """Keep whether a person paused a lane; until it is asked for, there may be none."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        values = {name: getattr(record, name) for name in _PAUSED}
        self._connection.execute(
            dialect.insert(lanes)
            .values(lane=record.lane, **values)
            .on_conflict_do_update(index_elements=["lane"], set_=values)
        )

    def rechecked(self, record: LaneRecord) -> None:
        """Note that what was freed until a lane's job looked has been released."""
        self._connection.execute(
            sa.update(lanes)
            .where(lanes.c.lane == record.lane)
            .values(freed=lanes.c.freed - record.freed)
        )

    def due_deliveries(self, destination: str, now: datetime, limit: int) -> list[DeliveryRecord]:
        """Return what is to be tried now, claimed leftovers of a dead job included.

        A lane runs once at a time, so what is claimed when its job begins was left behind.
        """
        query = (
            sa.select(*rows.columns(DeliveryRecord))
            .where(
                deliveries.c.destination == destination,
                deliveries.c.state.in_(_OPEN),
                deliveries.c.due_at <= now,
            )
            .order_by(deliveries.c.due_at, deliveries.c.place, deliveries.c.id)
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
        return self._with_documents([won[one.id] for one in due if one.id in won], now)

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

    def _with_documents(
        self, claimed: Sequence[DeliveryRecord], now: datetime
    ) -> list[DueDelivery]:
        query = sa.select(
            documents.c.id,
            documents.c.canonical,
            documents.c.document_type,
            documents.c.partner,
            documents.c.usage,
        ).where(documents.c.id.in_({delivery.document_id for delivery in claimed}))
        found = {row.id: row for row in self._connection.execute(query)}
        begun = self._begun([one.id for one in claimed if one.attempt > 1])
        return [
            DueDelivery(
                delivery,
                found[delivery.document_id].canonical or b"",
                found[delivery.document_id].document_type or "",
                found[delivery.document_id].partner,
                found[delivery.document_id].usage,
                begun.get(delivery.id, now),
            )
            for delivery in claimed
        ]

    def _begun(self, again: Sequence[str]) -> dict[str, datetime]:
        """Return when the first attempts at deliveries began that are tried again."""
        if not again:
            return {}
        query = (
            sa.select(attempts.c.delivery_id, sa.func.min(attempts.c.started_at).label("begun"))
            .where(attempts.c.delivery_id.in_(again))
            .group_by(attempts.c.delivery_id)
        )
        return {row.delivery_id: row.begun for row in self._connection.execute(query)}

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

    def put_back(self, claimed: Sequence[DeliveryRecord], until: datetime) -> None:
        """Count no attempt on deliveries that were claimed, and not tried after all."""
        for attempt in sorted({one.attempt for one in claimed}):
            ids = [one.id for one in claimed if one.attempt == attempt]
            back = self._connection.scalars(
                sa.update(deliveries)
                .where(
                    deliveries.c.id.in_(ids),
                    deliveries.c.attempt == attempt,
                    deliveries.c.state == DeliveryState.CLAIMED,
                )
                .values(
                    state=DELIVERY.advance(DeliveryState.CLAIMED, "park"),
                    attempt=attempt - 1,
                    due_at=until,
                )
                .returning(deliveries.c.id)
            )
            self._connection.execute(
                sa.delete(attempts).where(
                    attempts.c.delivery_id.in_(list(back)), attempts.c.attempt == attempt
                )
            )

    def next_due(self, lane: str, after: datetime) -> datetime | None:
        """Return when what the lane is for comes due next."""
        kind, of = lane_names.split(lane)
        table, mine, state = {
            lane_names.DELIVER: (deliveries, deliveries.c.destination, DeliveryState.DUE),
            lane_names.SEND: (
                outgoing_interchanges, outgoing_interchanges.c.partner, OutgoingState.DUE
            ),
            lane_names.ENVELOPE: (waiting_sets, waiting_sets.c.partner, WaitingState.WAITING),
            lane_names.NOTIFY: (notices, notices.c.target, NoticeState.DUE),
        }[kind]  # fmt: skip
        query = sa.select(sa.func.min(table.c.due_at)).where(
            mine == of, table.c.state == state, table.c.due_at > after
        )
        due = [self._connection.execute(query).scalar()]
        if kind == lane_names.ENVELOPE:
            gathered = sa.select(sa.func.min(collected.c.due_at)).where(
                collected.c.partner == of, WAITS, collected.c.due_at > after
            )
            due.append(self._connection.execute(gathered).scalar())
        return min((one for one in due if one is not None), default=None)

    def bound_waits(self, lane: str, latest: datetime) -> None:
        """Let what waits for a later attempt in a lane wait until this moment at the latest."""
        kind, of = lane_names.split(lane)
        table, mine, state = {
            lane_names.DELIVER: (deliveries, deliveries.c.destination, DeliveryState.DUE),
            lane_names.SEND: (
                outgoing_interchanges, outgoing_interchanges.c.partner, OutgoingState.DUE
            ),
        }[kind]  # fmt: skip
        late = (mine == of, table.c.state == state, table.c.due_at > latest)
        found = sa.select(table.c.id).where(*late).order_by(table.c.id).with_for_update()
        for chunk in rows.chunks(list(self._connection.scalars(found))):
            self._connection.execute(
                sa.update(table).where(table.c.id.in_(chunk), *late).values(due_at=latest)
            )

    def answered_after(self, moment: datetime) -> list[str]:
        """Return the lanes whose last answer came after a moment."""
        query = sa.select(lanes.c.lane).where(lanes.c.answered_at > moment)
        return list(self._connection.scalars(query.order_by(lanes.c.lane)))

    def lanes_with_work(self, now: datetime) -> list[str]:
        """Return the lanes that have something due, or claimed by a job that may be dead."""
        sending, waiting = outgoing_interchanges.c, waiting_sets.c
        to_deliver = sa.select(deliveries.c.destination).where(
            deliveries.c.state.in_(_OPEN), deliveries.c.due_at <= now
        )
        to_envelope = sa.select(waiting.partner).where(
            waiting.state == WaitingState.WAITING,
            waiting.due_at <= now,
            waiting.partner.not_in(sa.select(holds.c.partner)),
        )
        to_gather = sa.select(collected.c.partner).where(WAITS, collected.c.due_at <= now)
        to_send = sa.select(sending.partner).where(
            sending.state == OutgoingState.DUE, sending.due_at <= now
        )
        to_notify = sa.select(notices.c.target).where(
            notices.c.state == NoticeState.DUE, notices.c.due_at <= now
        )
        return [
            name(of)
            for name, query in (
                (lane_names.deliver, to_deliver),
                (lane_names.envelope, to_envelope),
                (lane_names.envelope, to_gather),
                (lane_names.send, to_send),
                (lane_names.notify, to_notify),
            )
            for of in self._connection.scalars(query.distinct())
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
        change_one(
            self._connection,
            sa.update(deliveries)
            .where(
                deliveries.c.id == record.id,
                deliveries.c.attempt == record.attempt,
                deliveries.c.state.in_(sources),
            )
            .values(**values),
            f"delivery {record.id} was changed meanwhile",
        )

    def owe_once(self, owed: Sequence[DeliveryRecord]) -> list[str]:
        """Insert deliveries that are not there yet; return the ids of those that are new.

        By their ids, so that two transactions never wait for each other.
        """
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        new: list[str] = []
        for one in sorted(owed, key=lambda one: one.id):
            statement = dialect.insert(deliveries).values(rows.values(one))
            new += self._connection.scalars(
                statement.on_conflict_do_nothing(index_elements=["id"]).returning(deliveries.c.id)
            )
        return new

    def refresh_delivery_status(self, document_ids: Collection[str]) -> None:
        """Derive each document's delivery status from its deliveries."""
        statuses.refresh_deliveries(self._connection, document_ids)
