"""Jobs that failed for a bug are said to whoever asks what waits."""

from __future__ import annotations

from pathlib import Path

from gateway import app as composition
from tests.unit.cli.test_instance import run, write_instance


def test_a_job_that_failed_is_said_with_what_waits(tmp_path: Path) -> None:
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
    code, out, err = run("quarantine", "list", "--home", home)
    assert (code, out) == (0, "")
    assert "warning: the job read:payload-1 failed at 2026-09-21 14:13: ERROR\n" in err
