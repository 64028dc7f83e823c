"""Bringing the tables of a database up to date; only this file and the migrations know Alembic."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from gateway.store.errors import TablesUnknown

_LOCK = 4010_997


def migrate(engine: sa.Engine) -> None:
    """Bring the tables up to date; several processes may try at once."""
    config = Config()
    config.set_main_option("script_location", str(files("gateway.store") / "migrations"))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Held until this transaction ends, however it ends: one process migrates, others wait.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as fault:
            # Such as a database that a newer gateway has brought further than this one can read.
            raise TablesUnknown(f"its tables are not of this version: {fault}") from fault
        connection.commit()
