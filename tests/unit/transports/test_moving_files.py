"""Files that are moved aside: never over another, and whole whatever happens in between."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gateway.transports.directory import files


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "orders.edi"
    path.write_bytes(b"ISA")
    return path


def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_target: Path, _source: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_is_taken_gets_a_number(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        without_links(monkeypatch)
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "orders.edi").write_bytes(b"first")
    (archive / "orders.2.edi").write_bytes(b"second")
    assert files.move_aside(source, archive) == archive / "orders.3.edi"
    assert {one.name: one.read_bytes() for one in archive.iterdir()} == {
        "orders.edi": b"first",
        "orders.2.edi": b"second",
        "orders.3.edi": b"ISA",
    }
    assert not source.exists()


def test_a_move_that_a_crash_cut_off_is_ended_under_the_same_name(
    source: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "orders.edi").hardlink_to(source)
    assert files.move_aside(source, archive) == archive / "orders.edi"
    assert [one.name for one in archive.iterdir()] == ["orders.edi"]
    assert not source.exists()


def test_a_file_that_has_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.move_aside(tmp_path / "orders.edi", tmp_path / "archive")
    assert list((tmp_path / "archive").iterdir()) == []
