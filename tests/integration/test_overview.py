"""What `gateway status` counts: each kind by itself, and nothing of it twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.cli.status import counted, noted
from gateway.clock import utc_now
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.outcome import Reason
from gateway.pipeline.outgoing_records import HoldRecord
from gateway.pipeline.overview import Overview
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord, Standing
from gateway.store import rows
from gateway.store.overview import overview
from gateway.store.tables import (
    documents,
    holds,
    interchanges,
    lanes,
    outgoing_interchanges,
    payloads,
    received_acknowledgments,
)
from tests.databases import sqlite_url
from tests.integration.test_engine import run_until_done
from tests.integration.world import PARTNER, order, world

NOW = utc_now()
NOTHING = {
    "dead": 0, "untranslated": 0, "quarantined": 0, "alerts": 0, "overdue": 0, "unmatched": 0,
    "holds": 0, "paused": 0, "unwell": 0,
}  # fmt: skip
SAID = AcknowledgmentRecord(
    "said", NOW, PARTNER, "997", "group", Standing.UNMATCHED, None, "17", "about nothing we sent"
)


def one(table: sa.Table, **values: object) -> sa.Update:
    return sa.update(table).values(**values)


def said(standing: Standing, *, hours_ago: int) -> sa.Insert:
    record = replace(SAID, standing=standing, at=NOW - timedelta(hours=hours_ago))
    return sa.insert(received_acknowledgments).values(**rows.values(record))


CASES: list[tuple[str, sa.Update | sa.Insert, dict[str, int]]] = [
    ("a delivery that was given up", one(documents, delivery="dead"), {"dead": 1}),
    (
        "a document that was not translated",
        one(documents, delivery="quarantined", reason=Reason.NOT_TRANSLATED),
        {"untranslated": 1},
    ),
    (
        "a document that waits without a reason",
        one(documents, delivery="quarantined"),
        {"untranslated": 1},
    ),
    (
        "a suspected duplicate",
        one(documents, delivery="quarantined", reason=Reason.SAME_CONTENT),
        {"quarantined": 1},
    ),
    (
        "a document of ours",
        one(documents, delivery="quarantined", direction="out"),
        {"quarantined": 1},
    ),
    ("a payload", one(payloads, state="quarantined"), {"quarantined": 1}),
    ("an interchange that is held", one(interchanges, state="held"), {"quarantined": 1}),
    ("an interchange in quarantine", one(interchanges, state="quarantined"), {"quarantined": 1}),
    ("what could not be sent", one(outgoing_interchanges, state="dead"), {"quarantined": 1}),
    ("what is overdue", one(outgoing_interchanges, acknowledgment="overdue"), {"overdue": 1}),
    ("what fits nothing", said(Standing.UNMATCHED, hours_ago=23), {"unmatched": 1}),
    ("what cannot be read", said(Standing.UNREADABLE, hours_ago=1), {"unmatched": 1}),
    ("what fitted nothing long ago", said(Standing.UNMATCHED, hours_ago=25), {}),
    ("what came twice", said(Standing.DUPLICATE, hours_ago=1), {}),
    (
        "a partner on hold",
        sa.insert(holds).values(**rows.values(HoldRecord(PARTNER, NOW, "they move"))),
        {"holds": 1},
    ),
    (
        "a destination that a person paused",
        sa.insert(lanes).values(**rows.values(LaneRecord("deliver:one", paused_at=NOW))),
        {"paused": 1},
    ),
    (
        "a destination that is left alone",
        sa.insert(lanes).values(**rows.values(LaneRecord("deliver:one", open_until=NOW))),
        {"unwell": 1},
    ),
]


@pytest.fixture(scope="module")
def count(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., dict[str, object]]]:
    """Count in an instance with one order that was delivered, as if something were otherwise."""
    with world(sqlite_url(tmp_path_factory.mktemp("overview"))) as here:
        here.drop(order(1))
        run_until_done(here)

        def counted_with(*changes: sa.Update | sa.Insert) -> dict[str, object]:
            with here.store.engine.connect() as connection:
                for change in changes:
                    assert connection.execute(change).rowcount == 1
                found = asdict(overview(connection, NOW))
                connection.rollback()
            del found["processes"]
            return found

        yield counted_with


def test_where_all_went_well_nothing_is_counted(count: Callable[..., dict[str, object]]) -> None:
    assert count() == NOTHING


@pytest.mark.parametrize(
    ("change", "counts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_kind_is_counted_by_itself(
    count: Callable[..., dict[str, object]],
    change: sa.Update | sa.Insert,
    counts: dict[str, int],
) -> None:
    assert count(change) == {**NOTHING, **counts}


def test_the_page_says_each_count_with_the_command_that_lists_it() -> None:
    seen = Overview(
        dead=1, untranslated=2, quarantined=3, alerts=4, overdue=5, unmatched=6, holds=7, paused=8,
        unwell=9,
        processes=(),
    )  # fmt: skip
    assert [(task.count, task.command) for task in counted(seen)] == [
        (1, "gateway documents list --status dead"),
        (2, "gateway documents list --status quarantined"),
        (3, "gateway quarantine list"),
        (4, "gateway alerts list"),
        (5, "gateway outbound list --overdue"),
    ]
    assert [(note.count, note.command) for note in noted(seen)] == [
        (6, "gateway outbound acknowledgments --standing unmatched"),
        (8, "gateway destinations list"),
        (9, "gateway destinations list, gateway partners list"),
        (7, "gateway outbound list"),
    ]
