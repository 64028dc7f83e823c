"""The store on SQLAlchemy: transactions, and where each set of verbs is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from gateway.pipeline.records import Record
from gateway.store.acknowledgments import SqlAcknowledgments
from gateway.store.alerts import SqlAlerts
from gateway.store.causes import SqlCauses
from gateway.store.collected import SqlCollected
from gateway.store.desk import SqlDesk
from gateway.store.exchanges import SqlExchanges
from gateway.store.executors import SqlExecutors
from gateway.store.exports import SqlExports
from gateway.store.inserting import ReadyRows
from gateway.store.lanes import SqlLanes
from gateway.store.ledger import SqlLedger
from gateway.store.mdns import SqlMessages
from gateway.store.outbox import SqlOutbox
from gateway.store.polling import SqlPolling
from gateway.store.repetitions import SqlRepetitions
from gateway.store.retention import SqlRetention
from gateway.store.tokens import SqlTokens
from gateway.store.turns import SqlTurns
from gateway.store.versions import SqlVersions


class SqlTransaction:
    """One connection with a transaction begun, and the verbs on it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.ledger = SqlLedger(connection)
        self.lanes = SqlLanes(connection)
        self.turns = SqlTurns(connection)
        self.outbox = SqlOutbox(connection)
        self.collected = SqlCollected(connection)
        self.messages = SqlMessages(connection)
        self.acknowledgments = SqlAcknowledgments(connection)
        self.repetitions = SqlRepetitions(connection)
        self.alerts = SqlAlerts(connection)
        self.causes = SqlCauses(connection)
        self.executors = SqlExecutors(connection)
        self.polling = SqlPolling(connection)
        self.exports = SqlExports(connection)
        self.exchanges = SqlExchanges(connection)
        self.retention = SqlRetention(connection)
        self.tokens = SqlTokens(connection)
        self.versions = SqlVersions(connection)


class SqlStore:
    """Everything that is kept, in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.desk = SqlDesk(engine)

    def ready(self, records: Iterable[Record]) -> ReadyRows:
        """Make of records what the database takes, while nobody waits for it."""
        return ReadyRows(self.engine.dialect.name, records)

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Begin a transaction: committed at the end of the block, undone by an exception."""
        with self.engine.begin() as connection:
            yield SqlTransaction(connection)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
