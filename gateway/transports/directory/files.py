"""What is done to files: look, take, move aside, write. Nothing here ever overwrites a file.

Names are whatever bytes the other side chose, so they are used as the system gives them and made
printable only for people.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from gateway.transports.arrival import TAIL_BYTES, Signature

_LOCK = ".lock"

LONGEST_TURN = 20.0
"""Seconds that somebody waits for a folder which another one keeps."""
_ASK_AGAIN = 0.005

_NAME_BYTES = 255
"""The longest file name that common file systems take."""

# A symbolic link may point outside of the drop box, and opening a pipe would wait for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def signature_of(status: os.stat_result) -> Signature:
    """Return what a look remembers of a file."""
    return Signature(status.st_size, status.st_mtime_ns)


def kind_of(mode: int) -> str:
    """Name what is not a regular file; empty for one that is."""
    if stat.S_ISREG(mode):
        return ""
    return "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file"


def read_tail(path: Path) -> bytes:
    """Return the last bytes of a file."""
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - TAIL_BYTES))
        return file.read(TAIL_BYTES)


def read_unchanged(path: Path, signature: Signature, limit: int) -> bytes | None:
    """Return a file's bytes, at most `limit`; None where it is no longer what a look saw."""
    with _opened(path) as file:
        if signature_of(os.fstat(file.fileno())) != signature:
            return None
        # No more is asked for than there is: a buffer is made for all that could come.
        content = file.read(min(limit, signature.size))
        # Whoever had the file open before it was taken can still write to it.
        return content if signature_of(os.fstat(file.fileno())) == signature else None


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, _READ), "rb") as file:
        if kind := kind_of(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, kind)
        yield file


def move_aside(source: Path, folder: Path) -> Path:
    """Move a file into a folder, under its own name or that name with a number; return where."""
    folder.mkdir(parents=True, exist_ok=True)
    return _linked(source, folder) or _replaced(source, folder)


def _linked(source: Path, folder: Path) -> Path | None:
    """Move a file by giving it a second name first, which never meets another; None if it cannot.

    The other way makes a file for each that is moved only to remove it, which costs ext4 more than
    all the rest.
    """
    for target in _names(folder, source.name):
        try:
            target.hardlink_to(source)
        except FileExistsError:
            if not _is_same(source, target):
                continue  # what a crash left between the two names is moved already
        except OSError as fault:
            if isinstance(fault, FileNotFoundError):
                raise
            return None  # a file system without links, or another one
        source.unlink()
        return target
    raise AssertionError("there are numbers without end")


def _is_same(source: Path, target: Path) -> bool:
    return os.path.samestat(source.lstat(), target.lstat())


def _replaced(source: Path, folder: Path) -> Path:
    target = _reserve(folder, source.name)
    try:
        # Replaces the empty file just made, so two moves can never meet at one name.
        source.rename(target)
    except OSError as fault:
        if fault.errno != errno.EXDEV:
            target.unlink(missing_ok=True)
            raise
        shutil.move(source, target)  # the archive is on another file system
    return target


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    for number in count(2):
        yield folder / _numbered(name, number)


def _reserve(folder: Path, name: str) -> Path:
    for target in _names(folder, name):
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            continue
        return target
    raise AssertionError("there are numbers without end")


def _numbered(name: str, number: int) -> str:
    """Put a number before the extension: `orders.2.edi`; cut names that would become too long."""
    stem, extension = os.path.splitext(name)
    suffix = os.fsencode(f".{number}{extension}")[-100:]
    return os.fsdecode(os.fsencode(stem)[: _NAME_BYTES - len(suffix)] + suffix)


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it; an old one of that name is replaced."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other threads and processes from writing in a folder until the block ends.

    Raise OSError where another one keeps it for too long, such as one that somebody stopped.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take_turn(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take_turn(descriptor: int) -> None:
    ends = time.monotonic() + LONGEST_TURN
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                said = f"another process has held this folder for {LONGEST_TURN:.0f} seconds"
                raise TimeoutError(errno.ETIMEDOUT, said) from None
            time.sleep(_ASK_AGAIN)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's names; else a rename is lost when the power is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
