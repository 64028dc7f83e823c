"""The files that clients have open, and those that they uploaded a moment ago.

All sessions of an account share one `Memory`: what they have open is bounded together, since each
takes one of the gateway's own file handles.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from asyncssh import SFTPFailure

_REMEMBERED_SECONDS = 60.0
_REMEMBERED_FILES = 1000
_MOST_OPEN = 100
"""Files and folders that one account may have open, over all its sessions."""


@dataclass(slots=True)
class Open:
    """A file that a client has open."""

    file: IO[bytes]
    path: Path
    upload: bool
    appends: bool = False
    """Every write goes to the end, whatever offset it names."""
    limit: int = 0
    """Bytes that it may have."""
    looked_until: int = 0
    """Up to this size, the limit is what it was when it was last looked for."""
    refused: bool = False
    """A write did not fit: the upload will never be whole."""
    replaced: bool = False
    """The same name is uploaded anew: nothing is to come of this one."""

    @property
    def size(self) -> int:
        """Return how many bytes it has now."""
        return os.fstat(self.file.fileno()).st_size


class Memory:
    """The uploads of one account that may have been taken since, for as long as clients ask."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._uploads: dict[str, tuple[os.stat_result, float]] = {}
        self._open: list[Open] = []
        self._listings = 0

    def require_room(self) -> None:
        """Refuse where the account has as much open as it may."""
        if len(self._open) + self._listings >= _MOST_OPEN:
            raise SFTPFailure(f"{_MOST_OPEN} files are open; close some first")

    def opened(self, one: Open) -> Open:
        """Note that a file is open."""
        self._open.append(one)
        return one

    def closed(self, one: Open) -> None:
        """Note that a file is open no more."""
        self._open.remove(one)

    def uploads_to(self, path: Path) -> list[Open]:
        """Return the uploads of a name that are under way."""
        return [one for one in self._open if one.upload and one.path == path and not one.replaced]

    @contextmanager
    def listing(self) -> Iterator[None]:
        """Count a folder that is being listed."""
        self.require_room()
        self._listings += 1
        try:
            yield
        finally:
            self._listings -= 1

    def keep(self, name: str, status: os.stat_result) -> None:
        """Remember an upload that is whole."""
        while len(self._uploads) >= _REMEMBERED_FILES:
            del self._uploads[next(iter(self._uploads))]
        self._uploads[name] = (status, self._monotonic())

    def find(self, name: str) -> os.stat_result | None:
        """Return what a file looked like, if it was uploaded a moment ago."""
        status, at = self._uploads.get(name, (None, 0.0))
        return status if self._monotonic() - at < _REMEMBERED_SECONDS else None


def used_beside(path: Path) -> tuple[int, int]:
    """Count the files beside a file, and their bytes; it takes a moment where there are many."""
    files = used = 0
    with os.scandir(path.parent) as entries:
        for entry in entries:
            # It may be taken while it is looked at.
            with suppress(FileNotFoundError):
                if entry.name != path.name and entry.is_file(follow_symlinks=False):
                    used += entry.stat(follow_symlinks=False).st_size
                    files += 1
    return files, used
