"""Databases of tests: each a copy of one that has its tables, which take long to make."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def make_tables(url: str) -> None:
    """Make the tables in a database, those of the durable engine too."""
    # Here: every run of tests imports this file, and most tests need no database.
    from gateway.pipeline.engine import DurableJobs
    from gateway.store import SqlStore, open_database

    store = SqlStore(open_database(url))
    DurableJobs(store).close()
    store.close()


def sqlite_url(folder: Path) -> str:
    """Return the URL of a database in a folder, with its tables and nothing in them."""
    file = folder / "gateway.db"
    if not file.exists():
        shutil.copyfile(_template(), file)
    return f"sqlite:///{file}"


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gateway-db-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_tables(f"sqlite:///{folder / 'gateway.db'}")
    return folder / "gateway.db"
