"""Opening the database: one engine for the tables here and for the durable engine beside them.

Both must share it, because a payload and its job are committed in one transaction.
"""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.errors import GatewayError

POOL_SIZE = 64
"""Above the number of jobs that can run at once: a smaller pool stalls them on SQLite."""

KEPT = 8
"""Connections to PostgreSQL that stay open when nobody needs them."""


class TablesUnknown(GatewayError):
    """The tables are of a version that this gateway does not know."""


def open_database(url: str) -> sa.Engine:
    """Open the database and bring its tables up to date."""
    engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
    migrate(engine)
    return engine


def migrate(engine: sa.Engine) -> None:
    """Bring the tables up to date; several processes may try at once."""
    config = Config()
    config.set_main_option("script_location", str(files("gateway.store") / "migrations"))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Held until this connection closes, so that one process migrates and the others wait.
            connection.execute(sa.select(sa.func.pg_advisory_lock(_MIGRATION_LOCK)))
            connection.commit()
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as fault:
            # Such as a database that a newer gateway has brought further than this one can read.
            raise TablesUnknown(f"its tables are not of this version: {fault}") from fault
        connection.commit()
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_MIGRATION_LOCK)))
            connection.commit()


_MIGRATION_LOCK = 4010_997


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
