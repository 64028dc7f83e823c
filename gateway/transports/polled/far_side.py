"""What a protocol must offer so that folders at a partner can be looked through and written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.transports.arrival import Signature


@dataclass(frozen=True, slots=True)
class FarFile:
    """An entry of a folder."""

    name: str
    """As the other side spells it; bytes that are no UTF-8 as surrogates."""
    signature: Signature
    kind: str = ""
    """What it is where it is not a regular file: `a folder`, `a symbolic link`."""


class FarSide(Protocol):
    """The files of one account. Paths are as the account sees them, parts divided by `/`.

    Any thread may call. Faults, so that what they mean need not be guessed:

    - FileNotFoundError, FileExistsError: as in a file system
    - PermissionError: the other side does not allow it, and will not the next time
    - another OSError: it did not work with this file
    - Transient: the connection was lost, or could not be made; it is made anew by the next call
    - Permanent: the connection is not made, because a person must act first
    """

    @property
    def renames(self) -> bool:
        """Say whether a file is renamed in one step: only then renaming it claims it."""

    def connect(self) -> None:
        """Connect and log in, where that has not been done."""

    def close(self) -> None:
        """Let go of the connection; a call under way ends with Transient."""

    def entries(self, folder: str) -> list[FarFile]:
        """Return what lies in a folder."""

    def look(self, path: str) -> FarFile | None:
        """Return what lies under a name, or None."""

    def looks(self, paths: Sequence[str]) -> Sequence[FarFile | None]:
        """Return what lies under each of some names, asked for at once where that is possible."""

    def read(self, path: str, start: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer where the file ends."""

    def write(self, path: str, content: bytes) -> None:
        """Write a file, replacing one of that name; return when the other side has all of it."""

    def add(self, path: str, content: bytes, *, temporary: str) -> None:
        """Let a whole file appear at once. FileExistsError where the name is there, as in `move`.

        `temporary` is what it may be called until then.
        """

    def move(self, source: str, target: str) -> None:
        """Rename a file. FileExistsError where the target is there, as far as this can be told."""

    def moves(self, pairs: Sequence[tuple[str, str]]) -> Sequence[OSError | None]:
        """Rename files, at once where that is possible; return what `move` would have raised."""

    def remove(self, path: str) -> None:
        """Remove a file."""

    def make_folder(self, path: str) -> None:
        """Make a folder; it may be there already."""


def joined(folder: str, name: str) -> str:
    """Return the path of a name in a folder; a name that begins with `/` is one already."""
    if folder in ("", ".") or name.startswith("/"):
        return name
    return f"{folder.rstrip('/')}/{name}"


def add_by_renaming(far: FarSide, path: str, content: bytes, temporary: str) -> None:
    """Write a file under another name and rename it, for protocols that show what is half there."""
    far.write(temporary, content)
    try:
        far.move(temporary, path)
    except FileExistsError:
        far.remove(temporary)
        raise


def one_by_one(
    move: Callable[[str, str], None], pairs: Sequence[tuple[str, str]]
) -> list[OSError | None]:
    """Rename files one after another, for protocols that know no other way."""
    faults: list[OSError | None] = []
    for source, target in pairs:
        try:
            move(source, target)
        except OSError as fault:
            faults.append(fault)
        else:
            faults.append(None)
    return faults
