"""kill -9 at each transition: after a restart everything is done, once in effect."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gateway.pipeline.records import DocumentFilter
from gateway.store import SqlStore, open_database
from tests.postgres import Postgres

ROOT = Path(__file__).parents[2]

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


def live(url: str, folder: Path, *transition: str) -> int:
    """Run one life of the gateway; return how it ended."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.dying", url, str(folder), *transition],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode


def calls(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def check_after_a_death(url: str, folder: Path, transition: str) -> None:
    assert live(url, folder, transition) == -signal.SIGKILL
    assert live(url, folder) == 0
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
    check_after_a_death(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path, transition)


@pytest.mark.slow
@pytest.mark.parametrize(
    "transition",
    ["payload.settle", "interchange.route", "interchange.commit", "delivery.hand_over"],
)
def test_nothing_is_lost_or_doubled_on_postgresql(
    transition: str, tmp_path: Path, postgres_server: Postgres
) -> None:
    check_after_a_death(postgres_server.new_database(), tmp_path, transition)
