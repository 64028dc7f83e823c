"""What alerts ask of a store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.pipeline.alert_records import AlertRecord, AlertView, NoticeRecord


class AlertBook(Protocol):
    """The store's verbs about alerts, and about who was told of them."""

    def add(self, record: AlertRecord) -> bool:
        """Keep an alert; say whether it is new."""

    def alert(self, alert_id: str) -> AlertRecord | None:
        """Return one alert."""

    def change(self, alert_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values where the state is one of the sources; say whether it was."""

    def untold(
        self, target: str, now: datetime, since: datetime, limit: int
    ) -> list[tuple[AlertRecord, NoticeRecord | None]]:
        """Return alerts that a target is to be told of now, oldest first.

        Those that are open and were raised since then; with what is known of telling it.
        """

    def begin(self, notices: Sequence[NoticeRecord]) -> list[NoticeRecord]:
        """Count an attempt on each that nobody else counted; return them as they are then."""

    def settle(self, notices: Sequence[NoticeRecord]) -> None:
        """Write what became of telling, by the attempt's number."""

    def forget(self, before: datetime) -> int:
        """Remove what was closed before; return how many were."""


class AlertDesk(Protocol):
    """What people look at of alerts."""

    def alerts(self, states: Collection[str] | None = None, limit: int = 100) -> list[AlertView]:
        """List alerts, newest first."""

    def beginning(self, alert_id: str) -> AlertView | None:
        """Return one alert; a unique beginning of its id is enough."""
