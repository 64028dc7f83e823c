"""What was said at attempts, in the database: the verbs of `exchange_port.Exchanges`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.records import BusinessKeyRecord
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

    def name(self, keys: list[BusinessKeyRecord]) -> None:
        """Note what other systems call documents, as business keys."""
        if keys:
            statement = self._dialect.insert(business_keys).on_conflict_do_nothing()
            self._connection.execute(statement, [rows.values(key) for key in keys])
