"""Exports under kill -9 and clock changes: every record once, every slot once, real processes."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.pipeline.states import RunState
from gateway.store import SqlStore, open_database
from tests import programs
from tests.integration.export_node import RECORDS, half_hourly
from tests.postgres import Postgres
from tests.programs import Program

pytestmark = pytest.mark.slow

NODE = ("-m", "tests.integration.export_node")

STEPS = [
    ("export.begin", 1),
    ("source.page", 2),
    ("document.submit", 1),
    ("document.submit", 4),
    ("source.settle", 2),
    ("export.end", 1),
]


def dying(url: str, number: int, *step: object) -> int:
    done = programs.run(*NODE, "dying", url, str(number), *map(str, step))
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def orders(store: SqlStore) -> Counter[str]:
    """Count the orders that were submitted, by their numbers."""
    query = (
        "SELECT value FROM business_keys k JOIN documents d ON d.id = k.document_id "
        "WHERE k.name = 'depositor_order_number' AND d.direction = 'out'"
    )
    with store.engine.connect() as connection:
        return Counter(str(value) for (value,) in connection.exec_driver_sql(query))


def test_a_kill_at_each_step_of_a_run_loses_and_doubles_no_record(database_url: str) -> None:
    # Each life goes on with what the one before it left, and dies itself.
    for number, step in enumerate(STEPS, 1):
        assert dying(database_url, number, *step) == -signal.SIGKILL, f"never came to {step}"
    assert dying(database_url, len(STEPS)) == 0
    with closing(SqlStore(open_database(database_url))) as store:
        with store.transaction() as transaction:
            runs = transaction.exports.runs("shipments", 100)
            record = transaction.exports.export("shipments")
        submitted = orders(store)
        with store.engine.connect() as connection:
            sent = connection.exec_driver_sql("SELECT count(*) FROM outgoing_interchanges").scalar()
    assert submitted == {f"HG-{n}": 1 for n in range(1, RECORDS * len(STEPS) + 1)}
    assert {one.state for one in runs} == {RunState.DONE}
    assert sum(one.sent for one in runs) == RECORDS * len(STEPS)
    assert record is not None
    assert record.running is None
    assert sent == RECORDS * len(STEPS), "one interchange each"


CHANGES = {
    "put forward": datetime(2026, 3, 8, 5, 10, tzinfo=UTC),
    "put back": datetime(2026, 11, 1, 4, 10, tzinfo=UTC),
}
SPEED = 3600


@pytest.mark.parametrize("change", CHANGES)
def test_two_nodes_run_each_slot_once_while_clocks_change_and_one_is_killed(
    postgres_server: Postgres, tmp_path: Path, change: str
) -> None:
    url, start = postgres_server.new_database(), CHANGES[change]
    open_database(url).dispose()
    until = start + timedelta(hours=8)
    # A little later, so that both are there when the first slot comes.
    began = time.time() + 2
    arguments = [url, str(tmp_path), start.isoformat(), str(began), str(SPEED), until.isoformat()]

    def node() -> Program:
        return programs.start(*NODE, "fast", *arguments)

    chance = random.Random(change)
    nodes = [node(), node()]
    try:
        for _ in range(2):
            time.sleep(chance.uniform(1.5, 3.5))
            victim = chance.randrange(2)
            nodes[victim].kill()
            nodes[victim].wait()
            nodes[victim] = node()
        for one in nodes:
            assert one.wait(timeout=120) == 0
    finally:
        for one in nodes:
            one.kill()
    with closing(SqlStore(open_database(url))) as store:
        with store.transaction() as transaction:
            runs = transaction.exports.runs("shipments", 1000)
        sent = orders(store)
    expected = half_hourly().latest(start, until, 1000)
    ran = sorted(one.slot for one in runs if one.slot <= until)
    assert ran == expected, "each slot has one run"
    assert {one.state for one in runs} == {RunState.DONE}
    assert set(sent.values()) == {1}
    # Clocks that are put forward leave two slots out; those put back repeat none of theirs.
    hours = (until - start) / timedelta(minutes=30)
    assert len(expected) == (hours if change == "put forward" else hours - 2)
    # Who took a run over was another process than the one that had begun it.
    lines = (tmp_path / "begun").read_text().split("\n")[:-1]
    assert len(set(lines)) == len(lines)
