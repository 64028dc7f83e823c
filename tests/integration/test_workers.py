"""Processes that run jobs beside the one that receives."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway import app as composition
from gateway.cli import app as cli
from gateway.cli.receiver import Receiver
from gateway.cli.workers import Workers, share_beside, share_of
from gateway.clock import utc_now
from gateway.pipeline.jobs import Share
from gateway.pipeline.ports import Payload, Received
from tests.erp import instance_of, receiving
from tests.integration.world import wait_for
from tests.running_gateway import started

SAMPLE = "945-parcels-by-third-party.edi"


@pytest.fixture
def erp() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def with_workers(home: Path, count: int) -> Path:
    settings = home / "gateway.yaml"
    settings.write_text(f"{settings.read_text()}\nworkers: {count}\n")
    return home


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_worker_that_is_killed_is_started_anew_and_all_end_together(
    tmp_path: Path, erp: Receiver
) -> None:
    home = with_workers(instance_of(erp, tmp_path / "instance"), 1)
    sample = home / "samples" / "northstar-3pl" / SAMPLE
    with started(home) as running:
        running.wait_for("workers_started", "workers=1")
        [first] = children_of(running.process.pid)
        wait_for(lambda: sum("gateway_started" in line for line in running.lines) == 2, seconds=60)
        shutil.copy(sample, home / "sftp_inbox" / "northstar-3pl" / "in")
        wait_for(lambda: len(erp.documents) == 1, seconds=60)
        os.kill(first, signal.SIGKILL)
        running.wait_for("worker_ended", "signal 9", "worker=1")
        wait_for(lambda: sum("gateway_started" in line for line in running.lines) == 3, seconds=60)
        [second] = children_of(running.process.pid)
        assert second != first
        assert running.stop() == 0
        assert not is_running(second)
        # Each line says which process it is of.
        [sent] = [line for line in running.lines if "delivery.deliver" in line]
        assert "worker 1, sending" in sent
        [read] = [line for line in running.lines if "interchange.commit" in line]
        assert "first, reading" in read
    # It may have died between the ERP's answer and noting it; the ERP keeps one of each key.
    assert len(erp.documents) == 1
    assert "Traceback" not in "".join(running.lines)


def test_a_worker_ends_with_the_process_it_belongs_to(tmp_path: Path, erp: Receiver) -> None:
    home = with_workers(instance_of(erp, tmp_path / "instance"), 1)
    with started(home) as running:
        running.wait_for("workers_started")
        [worker] = children_of(running.process.pid)
        running.process.kill()
        running.process.wait()
        wait_for(lambda: not is_running(worker), seconds=60)


def test_what_others_received_is_read_and_delivered_by_one_that_only_runs_jobs(
    tmp_path: Path, erp: Receiver
) -> None:
    home = instance_of(erp, tmp_path / "instance")
    content = (home / "samples" / "northstar-3pl" / SAMPLE).read_bytes()
    shutil.copy(
        home / "samples" / "northstar-3pl" / "945-invalid-item-missing.edi",
        home / "sftp_inbox" / "northstar-3pl" / "in",
    )
    with composition.open_instance(home) as app:
        payload = Payload(content, SAMPLE, "northstar-3pl", receipt="one")
        app.pipeline.receive([Received(payload, lambda: None, lambda: None)])
    with started(home, "--jobs-only") as running:
        wait_for(lambda: len(erp.documents) == 1, seconds=60)
        assert running.stop() == 0
    # It watches no folder.
    assert [one.name for one in (home / "sftp_inbox" / "northstar-3pl" / "in").glob("*.edi")] == [
        "945-invalid-item-missing.edi"
    ]


def test_jobs_are_parted_among_processes_by_kind(tmp_path: Path, erp: Receiver) -> None:
    home = instance_of(erp, tmp_path / "instance")
    content = (home / "samples" / "northstar-3pl" / SAMPLE).read_bytes()
    payload = Payload(content, SAMPLE, "northstar-3pl", receipt="one")
    with composition.open_instance(home) as app:

        def still_to_do() -> dict[str, int]:
            return {kind: count for kind, count in app.desk.backlog(utc_now()).items() if count}

        with app.running(share=Share.READING, reachable=False):
            app.pipeline.receive([Received(payload, lambda: None, lambda: None)])
            wait_for(lambda: "deliveries" in still_to_do(), seconds=60)
        assert erp.documents == []
        with started(home, "--jobs-only", "--share", "sending") as running:
            wait_for(lambda: not still_to_do(), seconds=60)
            assert running.stop() == 0
    assert len(erp.documents) == 1


def test_a_share_is_for_who_only_runs_jobs(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["run", "--share", "sending", "--home", str(tmp_path)])
    assert said.exit_code == 2
    text = " ".join(said.output.replace("│", " ").split())
    assert "--share parts jobs among processes with --jobs-only" in text


def test_workers_send_and_read_in_turn() -> None:
    assert [share_of(number) for number in (1, 2, 3)] == ["sending", "reading", "sending"]
    assert [share_beside(count) for count in (0, 1)] == ["all", "reading"]


def test_who_receives_nothing_cannot_receive_once(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["run", "--once", "--jobs-only", "--home", str(tmp_path)])
    assert said.exit_code == 2
    text = " ".join(said.output.replace("│", " ").split())
    assert "--once receives what is there, and --jobs-only receives nothing" in text


def test_one_that_dies_at_once_is_started_less_and_less_often() -> None:
    now = [0.0]
    begun: list[float] = []

    class Dying(Workers):
        def _begun(self, number):  # type: ignore[no-untyped-def]  # as the one that it stands for
            begun.append(now[0])
            return super()._begun(number)

    workers = Dying(["false"], clock=lambda: now[0])
    workers.start(1)
    while len(begun) < 5:
        for worker in workers._all:
            worker.process.wait()
        now[0] += 0.5
        workers.tend()
    workers.stop()
    pauses = [after - before for before, after in itertools.pairwise(begun)]
    assert pauses == [2.5, 4.5, 8.5, 16.5]
