"""What no session may do, and what is said to clients that ask for it.

The library does all of this on the machine's own files where it is not told otherwise.
"""

from __future__ import annotations

import os

import asyncssh
from asyncssh import SFTPAttrs, SFTPOpUnsupported, SFTPPermissionDenied


class Refusing(asyncssh.SFTPServer):
    """An SFTP session without folders to make, links, locks or a view of our disks."""

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Refuse: there are only the three folders."""
        raise SFTPPermissionDenied("there are only the folders in, out and archive")

    def rmdir(self, path: bytes) -> None:
        """Refuse: there are only the three folders."""
        raise SFTPPermissionDenied("there are only the folders in, out and archive")

    def readlink(self, path: bytes) -> bytes:
        """Refuse: there are no links."""
        raise SFTPOpUnsupported("there are no links")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """Refuse: there are no links."""
        raise SFTPOpUnsupported("there are no links")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """Refuse: there are no links."""
        raise SFTPOpUnsupported("there are no links")

    def statvfs(self, path: bytes) -> os.statvfs_result:
        """Refuse: how large our disks are is our business."""
        raise SFTPOpUnsupported("not told")

    def fstatvfs(self, file_obj: object) -> os.statvfs_result:
        """Refuse: how large our disks are is our business."""
        raise SFTPOpUnsupported("not told")

    def lock(self, file_obj: object, offset: int, length: int, flags: int) -> None:
        """Refuse: nobody is kept from a file."""
        raise SFTPOpUnsupported("there are no locks")

    def unlock(self, file_obj: object, offset: int, length: int) -> None:
        """Refuse: nobody is kept from a file."""
        raise SFTPOpUnsupported("there are no locks")

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: SFTPAttrs) -> object:
        """Refuse: what newer versions of the protocol ask for is not offered."""
        raise SFTPOpUnsupported("SFTP version 3 is spoken here")
