"""Which days of an archive are removed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.transports.directory.archive import purge_archive

BEFORE = date(2026, 3, 1)


def days(archive: Path) -> list[str]:
    return sorted(path.name for path in archive.iterdir())


def test_days_before_are_removed_with_what_is_in_them(tmp_path: Path) -> None:
    for name in ("2025-12-31", "2026-02-28", "2026-03-01", "2026-03-02"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "order.edi").write_bytes(b"ISA")
    assert purge_archive(tmp_path, BEFORE) == 2
    assert days(tmp_path) == ["2026-03-01", "2026-03-02"]
    assert purge_archive(tmp_path, BEFORE) == 0


def test_what_is_no_day_of_ours_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "notes").mkdir()
    (archive / "2025-01-01").write_bytes(b"a file")
    (archive / "2025-01-02").symlink_to(elsewhere)
    assert purge_archive(archive, BEFORE) == 0
    assert days(archive) == ["2025-01-01", "2025-01-02", "notes"]
    assert elsewhere.is_dir()


def test_an_archive_that_nothing_was_moved_to_is_empty(tmp_path: Path) -> None:
    assert purge_archive(tmp_path / "absent", BEFORE) == 0


def test_a_day_that_cannot_be_removed_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("2025-01-01", "2025-01-02"):
        (tmp_path / name).mkdir()

    def refuse(path: Path) -> None:
        if path.name == "2025-01-01":
            raise PermissionError(13, "Permission denied")
        path.rmdir()

    monkeypatch.setattr("gateway.transports.directory.archive.shutil.rmtree", refuse)
    assert purge_archive(tmp_path, BEFORE) == 1
    assert days(tmp_path) == ["2025-01-01"]
