"""Which paths an account has: three folders, one level deep, nothing else.

A path that a client names is cut into its parts and put together anew from them, so that neither
`..` nor a link leads anywhere else.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from asyncssh import SFTPNoSuchFile, SFTPPermissionDenied

from gateway.transports.drop_box.account import Account


class Area(StrEnum):
    """One of the folders that an account sees."""

    INBOX = "in"
    OUTBOX = "out"
    ARCHIVE = "archive"


_DEPTH = {Area.INBOX: 1, Area.OUTBOX: 1, Area.ARCHIVE: 2}
"""The archive has a folder for each day."""

_OURS = frozenset({b".claimed", b".quarantine"})
"""What the directory transport keeps beside the partner's files."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client's path points: the root, an area, or something within one."""

    area: Area | None
    """None: the root."""
    names: tuple[bytes, ...]
    """Below the area."""
    local: Path | None

    @property
    def file(self) -> Path:
        """Return where a file lies; refuse where the path names a folder of ours."""
        if self.local is None or not self.names:
            raise SFTPPermissionDenied("this is a folder")
        return self.local

    @property
    def writable(self) -> bool:
        """Say whether files may be written and renamed here."""
        return self.area is Area.INBOX and bool(self.names)

    @property
    def removable(self) -> bool:
        """Say whether a file may be removed here: its own uploads, and what it has fetched."""
        return self.area in (Area.INBOX, Area.OUTBOX) and bool(self.names)


def place_of(account: Account, path: bytes) -> Place:
    """Find what a path means; raise SFTPNoSuchFile or SFTPPermissionDenied where it means none."""
    parts = [part for part in posixpath.normpath(b"/" + path).split(b"/") if part]
    if not parts:
        return Place(None, (), None)
    try:
        area = Area(parts[0].decode("ascii"))
    except ValueError:
        raise SFTPNoSuchFile("there are only the folders in, out and archive") from None
    names = tuple(parts[1:])
    if len(names) > _DEPTH[area]:
        raise SFTPPermissionDenied("there are no folders within this one")
    if names and names[0] in _OURS:
        raise SFTPNoSuchFile("no such file")
    folder = {
        Area.INBOX: account.inbox, Area.OUTBOX: account.outbox, Area.ARCHIVE: account.archive,
    }[area]  # fmt: skip
    return Place(area, names, folder.joinpath(*map(os.fsdecode, names)))


def virtual(path: bytes) -> bytes:
    """Return a path as the client sees it, from the root and without detours."""
    return posixpath.normpath(b"/" + path).replace(b"//", b"/")


def hidden(place: Place, name: bytes) -> bool:
    """Say whether a name in a folder is left out of listings: ours, or not whole yet."""
    return name in _OURS or (place.area is Area.OUTBOX and name.startswith(b"."))
