"""What was said at attempts, in the database: the verbs of `exchange_records.Exchanges`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.store import rows
from gateway.store.exchange_tables import exchanges
from gateway.store.tables import business_keys


class SqlExchanges:
    """The verbs about what was said at attempts, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect = postgresql if connection.dialect.name == "postgresql" else sqlite

    def keep(self, records: list[ExchangeRecord]) -> None:
        """Archive exchanges; what is there already stays."""
        if records:
            statement = self._dialect.insert(exchanges).on_conflict_do_nothing()
            self._connection.execute(statement, [rows.values(record) for record in records])

    def name(self, document_id: str, keys: tuple[tuple[str, str], ...]) -> None:
        """Note what another system calls a document, as business keys."""
        if keys:
            statement = self._dialect.insert(business_keys).on_conflict_do_nothing()
            self._connection.execute(
                statement,
                [{"document_id": document_id, "name": key, "value": value} for key, value in keys],
            )
