"""What a session may do with files: upload into `in`, fetch and remove from `out`, look back.

An upload lies in `in` under its own name from its first byte, as clients expect. When the client
closes or renames it, the directory transport is told, and takes it at once. A client that then
asks for the file it has just uploaded is answered from memory: many compare sizes afterwards.

All sessions run in one thread. What may keep it waiting, the disk that makes an upload durable and
a folder of many files that is counted, is waited for in others; a session's own requests are done
one after another all the same.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import asyncssh
from asyncssh import (
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_READ,
    FXF_TRUNC,
    FXF_WRITE,
    SFTPAttrs,
    SFTPFailure,
    SFTPFileAlreadyExists,
    SFTPName,
    SFTPNoSuchFile,
    SFTPOpUnsupported,
    SFTPPermissionDenied,
)

from gateway.transports.drop_box.account import Account
from gateway.transports.drop_box.places import Area, Place, hidden, place_of, virtual
from gateway.transports.drop_box.refusing import Refusing
from gateway.transports.drop_box.uploads import Memory, Open, used_beside
from gateway.transports.shown import printable

_FOLDER_MODE = stat.S_IFDIR | 0o755
_FILE_MODE = 0o640
_GIVEN_UP = "this upload was given up; upload the file anew"
_LOOK_AGAIN = 1024 * 1024
"""Bytes that an upload grows by before it is asked again how much room is left."""


@dataclass(frozen=True, slots=True)
class Audited:
    """Something that a session did."""

    partner: str
    verb: str
    detail: str


class Files(Refusing):
    """One SFTP session of one account."""

    def __init__(
        self,
        chan: asyncssh.SSHServerChannel[bytes],
        account: Account,
        memory: Memory,
        *,
        complete: Callable[[str, str], None],
        audit: Callable[[Audited], None],
    ) -> None:
        super().__init__(chan)
        self._channel = chan
        self._account = account
        self._memory = memory
        self._complete = complete
        self._audit = audit

    # --- looking ---

    def realpath(self, path: bytes) -> bytes:
        """Return a path as the client sees it; nothing is resolved outside."""
        return virtual(path)

    def stat(self, path: bytes) -> SFTPAttrs:
        """Describe what a path names; links are not followed anywhere."""
        return self.lstat(path)

    def lstat(self, path: bytes) -> SFTPAttrs:
        """Describe what a path names."""
        place = place_of(self._account, path)
        if not place.names:
            return SFTPAttrs(permissions=_FOLDER_MODE)
        try:
            return SFTPAttrs.from_local(place.file.lstat())
        except FileNotFoundError:
            return SFTPAttrs.from_local(self._remembered(place))

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """List a folder."""
        place = place_of(self._account, path)
        folder = SFTPAttrs(permissions=_FOLDER_MODE)
        for name in (b".", b".."):
            yield SFTPName(name, attrs=folder)
        if place.area is None:
            for area in Area:
                yield SFTPName(area.value.encode(), attrs=folder)
            return
        assert place.local is not None  # noqa: S101 - an area always lies somewhere
        if not place.local.is_dir():
            if not place.names:
                return  # such as an archive that nothing has come into yet
            raise SFTPNoSuchFile("no such folder")
        with self._memory.listing(), os.scandir(place.local) as entries:
            for entry in entries:
                name = os.fsencode(entry.name)
                if not hidden(place, name):
                    with suppress(FileNotFoundError):  # it was taken meanwhile
                        status = entry.stat(follow_symlinks=False)
                        yield SFTPName(name, attrs=SFTPAttrs.from_local(status))

    # --- reading and writing ---

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        """Open a file; only `in` can be written to."""
        del attrs  # a client's wish for permissions is nothing to us
        place = place_of(self._account, path)
        name = printable(place.file.name)
        if not pflags & FXF_WRITE:
            self._memory.require_room()
            handle = _opened(place.file, os.O_RDONLY, "rb")
            self._audit(Audited(self._account.partner, "fetch", f"{place.area}/{name}"))
            return self._memory.opened(Open(handle, place.file, upload=False))
        if not place.writable:
            raise SFTPPermissionDenied("files are uploaded into the folder in")
        await self._room(place.file)
        self._memory.require_room()  # others may have opened files meanwhile
        if pflags & FXF_TRUNC:
            self._begin_anew(place.file)
        flags = os.O_RDWR if pflags & FXF_READ else os.O_WRONLY
        for asked, meant in (
            (FXF_CREAT, os.O_CREAT), (FXF_TRUNC, os.O_TRUNC), (FXF_EXCL, os.O_EXCL),
        ):  # fmt: skip
            flags |= meant if pflags & asked else 0
        handle = _opened(place.file, flags, "r+b" if pflags & FXF_READ else "wb")
        upload = Open(handle, place.file, upload=True, appends=bool(pflags & FXF_APPEND))
        return self._memory.opened(upload)

    def _begin_anew(self, path: Path) -> None:
        """Keep a session that hangs from writing into the upload that takes its place."""
        for earlier in self._memory.uploads_to(path):
            earlier.replaced = True
            path.unlink(missing_ok=True)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Read from an open file."""
        file = cast(Open, file_obj).file
        file.seek(offset)
        return file.read(size)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write to an open upload, as far as the limits allow."""
        upload = cast(Open, file_obj)
        at = upload.size if upload.appends else offset
        end = at + len(data)
        if end > upload.looked_until and not upload.replaced:
            # Others that are open meanwhile grow as well.
            upload.limit = await self._room(upload.path)
            upload.looked_until = end + _LOOK_AGAIN
        if upload.replaced:
            raise SFTPFailure(_GIVEN_UP)
        if end > upload.limit:
            upload.refused = True
            raise SFTPFailure(f"no room: a file here may have {upload.limit} bytes at most")
        upload.file.seek(at)
        return upload.file.write(data)

    async def close(self, file_obj: object) -> None:
        """Close a file; an upload that the client closed itself is complete."""
        handle = cast(Open, file_obj)
        # What was open when the connection broke is closed too: nobody said that it is whole. What
        # breaks while the disk is waited for was closed by the client.
        broken = handle.refused or handle.replaced or self._channel.is_closing()
        try:
            with handle.file:
                if not handle.upload:
                    return
                status = await asyncio.to_thread(_durable, handle.file.fileno())
        finally:
            # Until then it counts as under way: what is renamed meanwhile is told by its new name.
            self._memory.closed(handle)
        name = printable(handle.path.name)
        if handle.replaced and not broken:
            raise SFTPFailure(_GIVEN_UP)
        if broken:
            self._audit(Audited(self._account.partner, "break_off", f"in/{name}"))
            return
        self._audit(Audited(self._account.partner, "upload", f"in/{name}, {status.st_size} bytes"))
        self._uploaded(handle.path, status)

    def fstat(self, file_obj: object) -> SFTPAttrs:
        """Describe an open file."""
        return SFTPAttrs.from_local(os.fstat(cast(Open, file_obj).file.fileno()))

    async def fsync(self, file_obj: object) -> None:
        """Wait until the disk has an upload."""
        await asyncio.to_thread(_durable, cast(Open, file_obj).file.fileno())

    # --- changing ---

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Take a client's wish for times and permissions, and do nothing: they are ours."""
        self.lstat(path)
        _no_size(attrs)

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        """Take a client's wish for times and permissions, and do nothing: they are ours."""
        del file_obj
        _no_size(attrs)

    def remove(self, path: bytes) -> None:
        """Remove an upload that was not taken yet, or what was fetched."""
        place = place_of(self._account, path)
        if not place.removable:
            raise SFTPPermissionDenied("nothing is removed here")
        place.file.unlink()
        name = printable(place.file.name)
        self._audit(Audited(self._account.partner, "remove", f"{place.area}/{name}"))

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename an upload; never over another one."""
        self._rename(oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename an upload; never over another one, though clients ask for that."""
        self._rename(oldpath, newpath)

    def _rename(self, oldpath: bytes, newpath: bytes) -> None:
        source, target = place_of(self._account, oldpath), place_of(self._account, newpath)
        if not (source.writable and target.writable):
            raise SFTPPermissionDenied("files are renamed only within the folder in")
        # All sessions run in one thread: between these two steps nobody else puts a file there. A
        # link would spare a target without looking, and show one file under two names for a moment,
        # of which both could be taken.
        if os.path.lexists(target.file):
            raise SFTPFileAlreadyExists("a file of that name is there and not taken yet")
        status = _regular(source.file)
        names = f"in/{printable(source.file.name)} to in/{printable(target.file.name)}"
        try:
            source.file.rename(target.file)
        except FileNotFoundError:
            # It was taken under its first name: what the client wanted has come about.
            self._memory.keep(target.file.name, self._remembered(source))
            self._audit(Audited(self._account.partner, "rename", f"{names}, taken already"))
            return
        self._audit(Audited(self._account.partner, "rename", names))
        under_way = self._memory.uploads_to(source.file)
        for upload in under_way:
            upload.path = target.file  # told of when it is closed
        if status is not None and not under_way:
            self._uploaded(target.file, status)

    def _uploaded(self, path: Path, status: os.stat_result) -> None:
        self._memory.keep(path.name, status)
        self._complete(self._account.partner, path.name)

    def _remembered(self, place: Place) -> os.stat_result:
        status = self._memory.find(place.file.name) if place.area is Area.INBOX else None
        if status is None:
            raise SFTPNoSuchFile("no such file")
        return status

    async def _room(self, path: Path) -> int:
        """Return how large a file may become; refuse where the box is full."""
        files, used = await asyncio.to_thread(used_beside, path)
        room = self._account.quota_bytes - used
        if files >= self._account.quota_files or room <= 0:
            raise SFTPFailure("the folder in is full; wait until what is there has been taken")
        return min(room, self._account.max_bytes)


def _durable(descriptor: int) -> os.stat_result:
    """Wait until the disk has a file."""
    os.fsync(descriptor)
    return os.fstat(descriptor)


def _opened(path: Path, flags: int, mode: str) -> IO[bytes]:
    # Neither a link nor a pipe is ever opened, whoever put it there.
    safe = flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, safe, _FILE_MODE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SFTPPermissionDenied("this is not a file")
    return cast(IO[bytes], os.fdopen(descriptor, mode, buffering=0))


def _regular(path: Path) -> os.stat_result | None:
    """Return what a file looks like; None where it is gone, refusal where it is no file."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise SFTPPermissionDenied("this is not a file")
    return status


def _no_size(attrs: SFTPAttrs) -> None:
    if attrs.size is not None:
        raise SFTPOpUnsupported("a file is not cut; upload it anew")
