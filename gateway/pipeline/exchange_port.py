"""What the pipeline needs of a store to keep what was said at attempts to deliver."""

from __future__ import annotations

from typing import Protocol

from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.records import BusinessKeyRecord


class Exchanges(Protocol):
    """The verbs about what was said at attempts."""

    def keep(self, records: list[ExchangeRecord]) -> None:
        """Archive exchanges; what is there already stays."""

    def name(self, keys: list[BusinessKeyRecord]) -> None:
        """Note what other systems call documents, as business keys."""
