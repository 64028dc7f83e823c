"""The migrations give the tables that the program uses."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.store import TablesUnknown, migrations, open_database
from gateway.store.database import VERSION
from gateway.store.migrating import migrate
from gateway.store.tables import metadata
from tests.postgres import Postgres


def test_the_migrations_make_the_tables_that_the_program_declares(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'gateway.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_program_uses_the_tables_of_the_newest_migration() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_current_head() == VERSION


def test_tables_that_are_up_to_date_are_opened_while_somebody_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    writing = open_database(url)
    with writing.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        reading = open_database(url)
        with reading.connect() as other:
            assert sa.inspect(other).has_table("payloads")
    reading.dispose()
    writing.dispose()


def test_a_settled_payload_survives_a_power_failure_on_sqlite(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'gateway.db'}")
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000}


def test_a_migration_that_fails_leaves_no_lock_to_others(postgres_server: Postgres) -> None:
    url = postgres_server.empty_database()
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(TablesUnknown):
        migrate(engine)
    # The connection that it went over is back in the pool, and stays open there.
    assert engine.pool.checkedin() > 0
    other = sa.create_engine(engine.url)
    with other.connect() as connection:
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.scalar(sa.text(locks)) == 0
    other.dispose()
    engine.dispose()


def test_tables_that_a_newer_gateway_made_are_refused_in_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(TablesUnknown) as why:
        open_database(url)
    assert str(why.value) == (
        "its tables are not of this version: Can't locate revision identified by '9999'"
    )
