"""Files that people edit: regular ones of a bounded size, read whole.

A name in a configuration folder may be a pipe that says nothing for ever, a device without an end,
or a link to either: each is refused before it is opened, by an OSError whose words a message takes.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MAX_BYTES = 4 * 1024 * 1024
"""No file that a person edits is larger; a larger one is a mistake or an attack."""


def read_small(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return what a file holds; raise OSError where it is no regular file, or too large."""
    # Looked at before it is opened, since opening some devices has effects; and again afterwards,
    # since it may have been replaced in between.
    _refuse(_status(path), limit, path)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        _refuse(os.fstat(file.fileno()), limit, path)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(limit, path)
    return content


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except ValueError as fault:
        raise OSError(errno.EINVAL, "its name holds what no name may", str(path)) from fault


def _refuse(status: os.stat_result, limit: int, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    if status.st_size > limit:
        raise _too_large(limit, path)


def _too_large(limit: int, path: Path) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {limit} bytes", str(path))
