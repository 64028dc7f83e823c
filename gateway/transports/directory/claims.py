"""Which process has taken which file: a folder for each owner, locked for as long as it lives.

A claim is a rename into the owner's folder, so exactly one of several processes gets it. The lock
belongs to the operating system and goes with the process, however that ends: an owner's folder
whose lock can be had belongs to nobody any more, and its files are taken again.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

CLAIMED = ".claimed"
_LOCK = ".lock"

_AGREE = timedelta(seconds=30)
"""Two clocks that differ by less are taken for one."""


class Claims:
    """The files that one process has taken out of one drop box."""

    def __init__(self, inbox: Path, owner: str) -> None:
        self._root = inbox / CLAIMED
        self._own = self._root / owner
        self._lock: int | None = None

    def open(self) -> None:
        """Make this owner's folder, locked before anybody else can see it."""
        unseen = self._root / f".{self._own.name}"
        unseen.mkdir(parents=True)
        self._lock = _lock(unseen)
        unseen.rename(self._own)

    def clock_agrees(self, now: datetime) -> bool:
        """Say whether the clock of the file system, which may be another machine's, is ours.

        Ask right after `open`, which has just made a file there.
        """
        assert self._lock is not None  # noqa: S101 - it is open
        made = datetime.fromtimestamp(os.fstat(self._lock).st_ctime, UTC)
        return abs(now - made) < _AGREE

    def close(self) -> None:
        """Let others take what was not settled; remove the folder where nothing is left."""
        if self._lock is None:
            return
        with suppress(FileNotFoundError, NotADirectoryError):  # somebody removed the whole inbox
            _remove_if_empty(self._own)
        os.close(self._lock)
        self._lock = None

    def claim(self, path: Path) -> Path | None:
        """Take a file; None where somebody else was quicker or its name is still being settled."""
        target = self._own / path.name
        # An earlier file of this name is not settled yet: the new one keeps its turn, in the inbox.
        if os.path.lexists(target):
            return None
        try:
            path.rename(target)
        except FileNotFoundError:
            return None
        return target

    def adopt(self) -> list[Path]:
        """Take over what owners left behind that no longer live."""
        adopted: list[Path] = []
        for folder in sorted(self._root.iterdir()):
            if folder == self._own or folder.name.startswith(".") or not folder.is_dir():
                continue
            lock = _lock(folder)
            if lock is None:
                continue
            try:
                left = sorted(entry for entry in folder.iterdir() if entry.name != _LOCK)
                claimed = [self.claim(entry) for entry in left]
                adopted += [path for path in claimed if path is not None]
                _remove_if_empty(folder)
            finally:
                os.close(lock)
        return adopted


def _lock(folder: Path) -> int | None:
    """Return the descriptor that holds a folder's lock, or None where another process has it."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None  # its owner has just removed it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_if_empty(folder: Path) -> None:
    if any(entry.name != _LOCK for entry in folder.iterdir()):
        return
    (folder / _LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # somebody looking at it just made the lock file again
        folder.rmdir()
