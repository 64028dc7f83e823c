"""Opening the database: one engine for the tables here and for the durable engine beside them.

Both must share it, because a payload and its job are committed in one transaction.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

VERSION = "0009"
"""The version of the tables that this program uses: that of the newest migration."""

_VERSIONS = sa.table("alembic_version", sa.column("version_num"))

POOL_SIZE = 64
"""Above the number of jobs that can run at once: a smaller pool stalls them on SQLite."""

KEPT = 8
"""Connections to PostgreSQL that stay open when nobody needs them."""


def open_database(url: str) -> sa.Engine:
    """Open the database and bring its tables up to date."""
    engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
    if not _is_up_to_date(engine):
        # Here, because it takes long to import and is needed once in the life of a database.
        from gateway.store.migrating import migrate

        migrate(engine)
    return engine


def _is_up_to_date(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(_VERSIONS.name):
            return False
        return connection.scalars(sa.select(_VERSIONS.c.version_num)).all() == [VERSION]


def _sqlite(url: str) -> sa.Engine:
    path = sa.make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, pool_size=POOL_SIZE, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - narrows the driver's type
        # A transaction takes the write lock when it begins: one that read first and wrote later
        # could fail half way because another one wrote in between.
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA journal_mode = WAL")
        # With NORMAL the last commits may be lost when the power fails; a settled payload must not.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    return engine


def _postgresql(url: str) -> sa.Engine:
    # The plain scheme would ask for psycopg2.
    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    # A server allows a hundred connections by default and several processes share them: few are
    # kept, more are opened while they are needed.
    return sa.create_engine(
        address, pool_size=KEPT, max_overflow=POOL_SIZE - KEPT, pool_pre_ping=True
    )
