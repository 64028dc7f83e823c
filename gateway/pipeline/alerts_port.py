"""What alerts ask of a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.pipeline.alert_records import AlertRecord, AlertView, Lasting, NoticeRecord


class AlertBook(Protocol):
    """The store's verbs about alerts, and about who was told of them."""

    def add(self, record: AlertRecord) -> bool:
        """Keep an alert; say whether it is new."""

    def alert(self, alert_id: str) -> AlertRecord | None:
        """Return one alert."""

    def change(self, alert_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values where the state is one of the sources; say whether it was."""

    def newest(self, kind: str) -> Mapping[str, AlertRecord]:
        """Return the newest alert of a kind about each subject."""

    def untold(
        self, target: str, now: datetime, since: datetime, limit: int
    ) -> list[tuple[AlertRecord, NoticeRecord | None]]:
        """Return alerts that a target is to be told of now, oldest first.

        Those that are open and were raised since then; with what is known of telling it.
        """

    def begin(self, notices: Sequence[NoticeRecord]) -> list[NoticeRecord]:
        """Count an attempt on each that nobody else counted; return them as they are then."""

    def put_back(self, notices: Sequence[NoticeRecord]) -> None:
        """Count no attempt on what was begun, and not told after all."""

    def settle(self, notices: Sequence[NoticeRecord]) -> None:
        """Write what became of telling, by the attempt's number."""

    def forget(self, before: datetime) -> int:
        """Remove what was closed before; return how many were."""


class Causes(Protocol):
    """What lasts and a person must know of."""

    def dead_deliveries(self) -> list[Lasting]:
        """Return the destinations with deliveries that were given up."""

    def dead_interchanges(self) -> list[Lasting]:
        """Return the partners with interchanges that were given up."""

    def tripped(self, openings: int) -> list[Lasting]:
        """Return the lanes whose breaker opened so often with nothing succeeding between."""

    def quarantined(self, before: datetime) -> list[Lasting]:
        """Return the partners with documents that wait for a person since before a moment."""

    def last_came(self, partner: str, set_id: str) -> datetime | None:
        """Return when a partner last sent such a set."""

    def unanswered(
        self, partner: str, sets: tuple[str, str], since: datetime, before: datetime
    ) -> list[Lasting]:
        """Return documents of ours of one set that no document of another one answers."""


class AlertDesk(Protocol):
    """What people look at of alerts."""

    def alerts(self, states: Collection[str] | None = None, limit: int = 100) -> list[AlertView]:
        """List alerts, newest first."""

    def beginning(self, alert_id: str) -> AlertView | None:
        """Return one alert; a unique beginning of its id is enough."""
