"""The files that clients have open, and those that they uploaded a moment ago."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_REMEMBERED_SECONDS = 60.0
_REMEMBERED_FILES = 1000


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

    @property
    def size(self) -> int:
        """Return how many bytes it has now."""
        return os.fstat(self.file.fileno()).st_size


class Memory:
    """The uploads of one account that may have been taken since, for as long as clients ask."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._uploads: dict[str, tuple[os.stat_result, float]] = {}

    def keep(self, name: str, status: os.stat_result) -> None:
        """Remember an upload that is whole."""
        while len(self._uploads) >= _REMEMBERED_FILES:
            del self._uploads[next(iter(self._uploads))]
        self._uploads[name] = (status, self._monotonic())

    def find(self, name: str) -> os.stat_result | None:
        """Return what a file looked like, if it was uploaded a moment ago."""
        status, at = self._uploads.get(name, (None, 0.0))
        return status if self._monotonic() - at < _REMEMBERED_SECONDS else None
