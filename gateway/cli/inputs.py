"""Which files a command reads: those that are named, and of folders those that look like X12.

The rule for a folder, with all that is below it: a file whose name ends in `.edi` or `.x12`, or
that begins with ISA after padding. Hidden files and folders are passed over, and links to folders.
"""

from __future__ import annotations

import mmap
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated

import typer

from gateway.cli.terminal import InputUnreadable, read_input, shown_name
from gateway.x12.characters import BYTE_ORDER_MARK, PADDING
from gateway.x12.model import Octets

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…",
        help="X12 files; of a folder, its .edi and .x12 files and those that begin with ISA; "
        "`-` is standard input.",
    ),
]

_SUFFIXES = (".edi", ".x12")
_LOOKED_AT = 4096
"""Bytes of a file in which an ISA must begin, where its name says nothing."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read, or standard input."""

    name: str
    size: int

    @property
    def shown(self) -> str:
        """Return what it is called for people."""
        return shown_name(self.name)

    def read(self) -> bytes:
        """Return its bytes; raise InputUnreadable where it cannot be read."""
        return read_input(self.name)

    def mapped(self) -> AbstractContextManager[Octets]:
        """Give its bytes as they are asked for; raise InputUnreadable where that cannot be."""
        return mapped(self.name)


@dataclass(slots=True)
class Collected:
    """The files that a command line names."""

    inputs: list[Input] = field(default_factory=list)
    passed_over: int = 0
    """Files in folders that do not look like X12."""

    @property
    def several(self) -> bool:
        """Say whether there are so many that a summary helps."""
        return len(self.inputs) != 1 or self.passed_over > 0

    @property
    def size(self) -> int:
        """Return how many bytes there are to read, as far as that is known."""
        return sum(one.size for one in self.inputs)


def collect(names: Sequence[str]) -> Collected:
    """Return the files that are named, and those in folders that are named, by their paths."""
    found = Collected()
    for name in names:
        path = Path(name)
        if not _is_folder(name):
            found.inputs.append(Input(name, _size(path)))
            continue
        before = len(found.inputs)
        for inner in _files_below(path):
            if _looks_like_x12(inner):
                found.inputs.append(Input(str(inner), _size(inner)))
            else:
                found.passed_over += 1
        if len(found.inputs) == before:
            raise InputUnreadable(
                f"{name} holds no X12: no file below it ends in .edi or .x12 or begins with ISA"
            )
    return found


def _is_folder(name: str) -> bool:
    try:
        return name != "-" and Path(name).is_dir()
    except ValueError:  # no name that a file can have: who reads it says so
        return False


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _looks_like_x12(path: Path) -> bool:
    if path.name.lower().endswith(_SUFFIXES):
        return True
    try:
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
    except OSError:
        return False
    return begins.removeprefix(BYTE_ORDER_MARK).lstrip(PADDING).startswith(b"ISA")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0


@contextmanager
def mapped(name: str) -> Iterator[Octets]:
    """Give a file's bytes without reading them all; standard input is put into a file first."""
    with ExitStack() as closing:
        try:
            mapped = closing.enter_context(in_memory(closing.enter_context(_opened(name))))
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "strerror", None) or str(fault)
            raise InputUnreadable(f"{name} cannot be read: {reason}") from fault
        yield mapped


@contextmanager
def in_memory(file: IO[bytes]) -> Iterator[Octets]:
    """Give the bytes of an open file as they are asked for."""
    file.flush()
    size = os.fstat(file.fileno()).st_size
    if not size:  # nothing cannot be mapped
        yield b""
        return
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def _opened(name: str) -> IO[bytes]:
    if name == "-":
        return _copied(sys.stdin.buffer)
    file = Path(name).open("rb")  # noqa: SIM115 - who called closes it
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    with file:  # a pipe, such as a shell's <(…), has no bytes to map
        return _copied(file)


def _copied(source: IO[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - who called closes it
    shutil.copyfileobj(source, file)
    file.flush()
    return file
