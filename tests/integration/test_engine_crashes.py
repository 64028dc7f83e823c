"""kill -9 at each transition: after a restart everything is done, once in effect."""

from __future__ import annotations

import json
import re
import signal
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.pipeline.views import DocumentFilter
from gateway.store import SqlStore, open_database
from gateway.store.tables import interchange_slices
from tests import programs
from tests.databases import sqlite_url
from tests.postgres import Postgres

TRANSITIONS = [
    "payload.receive",
    "payload.settle",
    "interchange.identify",
    "interchange.parse",
    "interchange.validate",
    "interchange.translate",
    "interchange.route",
    "interchange.commit",
    "delivery.claim",
    "delivery.hand_over",
    "delivery.deliver",
    "outgoing.hand_over",
    "outgoing.send",
]


def live(url: str, folder: Path, payloads: str, *transition: str) -> int:
    """Run one life of the gateway; return how it ended."""
    words = ("-m", "tests.integration.dying", url, str(folder), payloads, *transition)
    done = programs.run(*words)
    assert done.stderr == ""
    return done.returncode


def calls(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def check_after_a_death(url: str, folder: Path, transition: str) -> None:
    assert live(url, folder, "small", transition) == -signal.SIGKILL
    assert live(url, folder, "small") == 0
    delivered = {call["key"] for call in calls(folder / "erp.jsonl")}
    assert len(delivered) == 2
    acknowledged = {call["name"]: call["content"] for call in calls(folder / "partner.jsonl")}
    assert sorted(acknowledged) == ["997_000000500.edi", "997_000000501.edi"]
    # Whatever was sent twice was sent with the same bytes under the same name.
    assert len({call["content"] for call in calls(folder / "partner.jsonl")}) == 2
    store = SqlStore(open_database(url))
    statuses = Counter(
        (one.document.validation, one.document.delivery, one.document.acknowledgment)
        for one in store.desk.documents(DocumentFilter())
    )
    left = [one.state for one in store.desk.payloads()]
    store.close()
    assert statuses == {("accepted", "delivered", "sent"): 2}
    assert left == ["read", "read"]


@pytest.mark.slow
@pytest.mark.parametrize("transition", TRANSITIONS)
def test_nothing_is_lost_or_doubled_on_sqlite(transition: str, tmp_path: Path) -> None:
    check_after_a_death(sqlite_url(tmp_path), tmp_path, transition)


@pytest.mark.slow
@pytest.mark.parametrize(
    "transition",
    ["payload.settle", "interchange.route", "interchange.commit", "delivery.hand_over"],
)
def test_nothing_is_lost_or_doubled_on_postgresql(
    transition: str, tmp_path: Path, postgres_server: Postgres
) -> None:
    check_after_a_death(postgres_server.new_database(), tmp_path, transition)


def check_gathering_after_a_death(url: str, folder: Path, transition: str) -> None:
    assert live(url, folder, "together", transition) == -signal.SIGKILL
    assert live(url, folder, "together") == 0
    [told] = {call["content"] for call in calls(folder / "partner.jsonl")}
    assert sorted(re.findall(r"AK1\*OW\*([0-9]+)~", told)) == ["1", "2"]
    store = SqlStore(open_database(url))
    statuses = Counter(
        one.document.acknowledgment for one in store.desk.documents(DocumentFilter())
    )
    store.close()
    assert statuses == {"sent": 2}


GATHERING = ["interchange.commit", "outgoing.gather", "outgoing.hand_over"]


@pytest.mark.slow
@pytest.mark.parametrize("transition", GATHERING)
def test_acknowledgments_that_wait_for_each_other_go_out_once_on_sqlite(
    transition: str, tmp_path: Path
) -> None:
    check_gathering_after_a_death(sqlite_url(tmp_path), tmp_path, transition)


@pytest.mark.slow
def test_acknowledgments_that_wait_for_each_other_go_out_once_on_postgresql(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    url = postgres_server.new_database()
    check_gathering_after_a_death(url, tmp_path, "outgoing.gather")


def check_after_a_death_between_slices(url: str, folder: Path, slices: int) -> None:
    assert live(url, folder, "large", "interchange.slice", str(slices)) == -signal.SIGKILL
    store = SqlStore(open_database(url))
    [half] = store.desk.interchanges()
    assert (half.state, half.sets_read) == ("reading", 4 * slices)
    assert len(store.desk.documents(DocumentFilter())) == 4 * slices
    assert live(url, folder, "large") == 0
    [whole] = store.desk.interchanges()
    assert (whole.state, whole.sets_read) == ("routed", 10)
    statuses = Counter(
        (one.document.validation, one.document.delivery, one.document.acknowledgment)
        for one in store.desk.documents(DocumentFilter())
    )
    with store.engine.connect() as connection:
        assert connection.execute(sa.select(interchange_slices)).all() == []
    store.close()
    assert statuses == {("accepted", "delivered", "sent"): 10}
    delivered = {call["key"]: call["content"] for call in calls(folder / "erp.jsonl")}
    assert sorted(re.findall(r"SO-[0-9]+", "".join(delivered.values()))) == sorted(
        f"SO-{number}" for number in range(1, 11)
    )
    [told] = {call["content"] for call in calls(folder / "partner.jsonl")}
    assert re.findall(r"AK2\*940\*([0-9]+)~AK5\*A~", told) == [f"{n:04d}" for n in range(1, 11)]
    assert "~AK9*A*10*10*10~" in told


@pytest.mark.slow
@pytest.mark.parametrize("slices", [1, 2])
def test_a_large_interchange_goes_on_behind_its_last_slice_on_sqlite(
    slices: int, tmp_path: Path
) -> None:
    check_after_a_death_between_slices(sqlite_url(tmp_path), tmp_path, slices)


@pytest.mark.slow
def test_a_large_interchange_goes_on_behind_its_last_slice_on_postgresql(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    check_after_a_death_between_slices(postgres_server.new_database(), tmp_path, 2)
