"""What the pipeline asks of a store about lanes, the deliveries in them, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.pipeline.lane_records import LaneRecord, LaneView, Later
from gateway.pipeline.records import AttemptRecord, DeliveryRecord
from gateway.pipeline.views import DueDelivery


class Lanes(Protocol):
    """Deliveries that are due, and the lanes that drain what is due to anybody."""

    def wake(self, lanes: Collection[str], *, freed: bool = False) -> list[str]:
        """Note that lanes have work; return those that need a job because none is waiting.

        `freed`: something was given up that others may be held behind.
        """

    def begin(self, lane: str) -> LaneRecord:
        """Note that a lane's job looks now; what is added later wakes it anew.

        In a transaction of its own, before the one that looks: lanes are locked last, see
        docs/pipeline.md.
        """

    def lane(self, lane: str) -> LaneRecord:
        """Return what is known of a lane."""

    def keep(self, record: LaneRecord) -> None:
        """Keep what breaker, rest, calls and last answer of a lane are; a pause is a person's."""

    def pause(self, record: LaneRecord) -> None:
        """Keep whether a person paused a lane; until it is asked for, there may be none."""

    def rechecked(self, record: LaneRecord) -> None:
        """Note that what was freed until a lane's job looked has been released."""

    def due_deliveries(self, destination: str, now: datetime, limit: int) -> list[DeliveryRecord]:
        """Return what is to be tried now, claimed leftovers of a dead job included."""

    def claim(self, due: Sequence[DeliveryRecord], now: datetime) -> list[DueDelivery]:
        """Count an attempt on each that nobody else counted; return them with what they hand over.

        What they hand over is the documents' content as it is once they are claimed.
        """

    def settle(
        self, deliveries: Sequence[DeliveryRecord], attempts: Sequence[AttemptRecord]
    ) -> list[str]:
        """Write how attempts ended, by the attempt's number; return ids that were still ours."""

    def put_back(self, claimed: Sequence[DeliveryRecord], until: datetime) -> None:
        """Count no attempt on deliveries that were claimed, and not tried after all."""

    def next_due(self, lane: str, after: datetime) -> datetime | None:
        """Return when what the lane is for comes due next."""

    def bound_waits(self, lane: str, latest: datetime) -> None:
        """Let what waits for a later attempt in a lane wait until this moment at the latest."""

    def answered_after(self, moment: datetime) -> list[str]:
        """Return the lanes whose last answer came after a moment."""

    def lanes_with_work(self, now: datetime) -> list[str]:
        """Return the lanes that have something due, or claimed by a job that may be dead."""

    def deliveries_of(self, document_ids: Collection[str]) -> list[DeliveryRecord]:
        """Return the deliveries of documents, oldest generation first."""

    def change_delivery(
        self, record: DeliveryRecord, sources: Collection[str], **values: object
    ) -> None:
        """Set values where state and attempt are as expected; else raise `LostRace`."""

    def owe_once(self, owed: Sequence[DeliveryRecord]) -> list[str]:
        """Insert deliveries that are not there yet; return the ids of those that are new."""

    def refresh_delivery_status(self, document_ids: Collection[str]) -> None:
        """Derive each document's delivery status from its deliveries."""


class LaneDesk(Protocol):
    """What people look at."""

    def destinations(self) -> Mapping[str, LaneView]:
        """Return the lanes of destinations that there is something to say of, by their names."""

    def partners(self) -> Mapping[str, LaneView]:
        """Return the lanes of partners that there is something to say of, by their ids."""

    def later(self, now: datetime) -> Mapping[str, Later]:
        """Return what is due after a moment, by the names of lanes."""


class Turns(Protocol):
    """Deliveries with an ordering key: each waits for those before it, and for nobody else.

    Such a delivery stands behind another one where that has the same destination and key, an
    earlier place, and is not done: due, in flight, held itself, or dead.
    """

    def behind(self, due: Sequence[DeliveryRecord]) -> set[str]:
        """Return the ids of those that stand behind one of their key which is not among them."""

    def expecting(self, due: Sequence[DeliveryRecord], since: datetime) -> set[str]:
        """Return the ids of those with a key before which an unread payload may come.

        That is one of their partner, or of nobody known yet, that was received earlier than what
        they came of, and since a moment.
        """

    def hold(self, behind: Sequence[DeliveryRecord]) -> None:
        """Hold deliveries until those before them are done."""

    def postpone(self, due: Sequence[DeliveryRecord], until: datetime) -> None:
        """Let deliveries come due later."""

    def release_next(self, done: Collection[DeliveryRecord], now: datetime, limit: int) -> int:
        """Let what is held behind these go on, so many of each key; return how many."""

    def release_freed(self, destination: str, now: datetime) -> int:
        """Let the first of each key go on that stands behind nothing any more; return how many."""

    def release_all(self, destination: str, now: datetime) -> int:
        """Let everything go on that is held at a destination; return how many."""
