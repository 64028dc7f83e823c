"""A log that cannot be written stops nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from gateway.cli.logs import LogStream
from tests import programs
from tests.unit.cli.test_instance import listed

SAMPLE = "945-parcels-by-third-party.edi"


@pytest.mark.slow
def test_a_gateway_whose_log_nobody_reads_any_more_does_its_work(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home, port=1, stable_for="50ms")
    inbox = home / "sftp_inbox" / "northstar-3pl"
    shutil.copy(home / "samples" / "northstar-3pl" / SAMPLE, inbox / "in")
    read_end, log = os.pipe()
    os.close(read_end)
    with os.fdopen(log, "w") as stream:
        words = ("gateway", "run", "--once", "--home", str(home))
        code = programs.start(*words, stdout=stream, stderr=stream).wait(timeout=300)
    [document] = listed(home)
    assert document["validation"] == "accepted"
    assert len(list((inbox / "out").glob("*.edi"))) == 1
    assert code == 0


def test_lines_for_a_full_disk_are_dropped() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        stream = LogStream(full)
        assert stream.write("a line\n") == 7
        stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_lines_for_a_stream_that_was_closed_are_dropped(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as file:
        stream = LogStream(file)
        assert stream.write("kept\n") == 5
    assert stream.write("lost\n") == 5
    stream.flush()
    assert not stream.isatty()
    assert (tmp_path / "log").read_text("utf-8") == "kept\n"
