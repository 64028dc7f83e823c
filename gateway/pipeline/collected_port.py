"""What acknowledging asks of a store where acknowledgments are gathered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.pipeline.collected_records import CollectedRecord


class Collected(Protocol):
    """Acknowledgments that wait to go out together."""

    def ready(self, partner: str, now: datetime, limit: int) -> list[CollectedRecord]:
        """Return what may be next to go to a partner, batch by batch, oldest first.

        The batch of what is due the longest; where nothing is due, those that are full by what
        some of them say. Without what they say, which few need now.
        """

    def answered_by(self, outgoing_id: str) -> list[str]:
        """Return the interchanges that one of ours acknowledges together, by their ids."""

    def take(self, interchange_ids: Sequence[str], outgoing_id: str) -> list[CollectedRecord]:
        """Put what waits into an interchange, and return it as it waited, in this order.

        Raise `LostRace` unless all were waiting.
        """
