"""Purging the archive, where drop boxes keep copies of payloads in a folder for each day."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import structlog

log = structlog.get_logger()


def purge_archive(archive: Path, before: date) -> int:
    """Remove the days of an archive that lie before; return how many were removed.

    What is no day is somebody else's and stays.
    """
    if not archive.is_dir():
        return 0
    return sum(_removed(folder) for folder in archive.iterdir() if _is_before(folder, before))


def _is_before(folder: Path, before: date) -> bool:
    try:
        day = date.fromisoformat(folder.name)
    except ValueError:
        return False
    return day < before and folder.is_dir() and not folder.is_symlink()


def _removed(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except OSError as fault:
        # It is tried again the next time; the documents in the store are purged all the same.
        log.warning("archive_not_purged", path=str(folder), reason=fault.strerror or str(fault))
        return False
    return True
