"""Jobs that failed for a bug are said to whoever asks what waits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import app as composition
from tests.unit.cli.test_instance import run, write_instance


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make an instance with one job that failed."""
    home = tmp_path / "new"
    write_instance(home)
    with composition.open_instance(home, maps_too=False) as app:
        with app.store.transaction() as transaction:
            app.jobs.read_payloads(transaction, ["payload-1"])
        assert app.jobs.failed(5) == []
        with app.store.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE workflow_status SET status = 'ERROR', updated_at = 1790000000000"
            )
    return home


def test_a_job_that_failed_is_said_with_what_waits(home: Path) -> None:
    code, out, err = run("quarantine", "list", "--home", home)
    assert (code, out) == (0, "")
    assert "warning: the job read:payload-1 failed at 2026-09-21 14:13: ERROR\n" in err


def test_a_job_that_failed_is_forgotten_once_somebody_has_looked_at_it(home: Path) -> None:
    code, _, err = run("quarantine", "dismiss", "read:payload-1", "--home", home)
    assert (code, err) == (0, "")
    _, _, err = run("quarantine", "list", "--home", home)
    assert "warning" not in err


def test_only_what_failed_can_be_dismissed(home: Path) -> None:
    with (
        composition.open_instance(home, maps_too=False) as app,
        app.store.transaction() as transaction,
    ):
        app.jobs.read_payloads(transaction, ["payload-2"])
    code, out, err = run("quarantine", "dismiss", "read:payload-2", "--json", "--home", home)
    assert code == 1
    assert json.loads(out) == [{"job": "read:payload-2", "dismissed": False}]
    assert err == "– no job that failed is called read:payload-2\n"
    with composition.open_instance(home, maps_too=False) as app:
        assert app.jobs.to_be_read(10) == {"payload-2"}
