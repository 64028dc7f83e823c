"""On SQLite, what is read to be judged does not change before it is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.pipeline.store_port import Transaction
from gateway.store import SqlStore, open_database
from tests.databases import sqlite_url
from tests.integration.test_mdns import OUTGOING


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(open_database(sqlite_url(tmp_path)))) as store:
        with store.transaction() as transaction:
            transaction.ledger.add([OUTGOING])
        yield store


@pytest.mark.parametrize(
    "look",
    [
        lambda transaction: transaction.outbox.ours("a document"),
        lambda transaction: transaction.acknowledgments.claim([OUTGOING.id]),
    ],
    ids=["a-document-of-ours", "an-interchange-that-is-acknowledged"],
)
def test_nobody_writes_between_a_look_and_what_it_decides(
    store: SqlStore, tmp_path: Path, look: Callable[[Transaction], object]
) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "gateway.db", timeout=0)) as other,
        store.transaction() as transaction,
    ):
        look(transaction)
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("BEGIN IMMEDIATE")
