"""One SFTP session: what paramiko's client lacks.

File names are bytes that need not be UTF-8; a refusal says which kind it is and is never taken for
a lost connection; `fsync` is asked for where the server offers it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import paramiko
from paramiko.sftp import (
    CMD_ATTRS,
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_HANDLE,
    CMD_LSTAT,
    CMD_NAME,
    CMD_OPENDIR,
    CMD_READDIR,
    CMD_RENAME,
    SFTP_EOF,
    SFTP_NO_SUCH_FILE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
    SFTPError,
)

from gateway.transports.arrival import Signature
from gateway.transports.polled.far_side import FarFile

_FILE_EXISTS = 11
"""SSH_FX_FILE_ALREADY_EXISTS: of a later version of the protocol, sent by some servers anyway."""

_SECOND = 1_000_000_000

_MOST_NAMES = 200_000
"""So many names are taken from one listing: one that never ends must not fill our memory."""


class Refused(OSError):
    """The server answered, and what it answered is no."""


def far_name(name: str) -> bytes:
    """Return the bytes that stand for a name on the wire."""
    return name.encode("utf-8", "surrogateescape")


def near_name(name: bytes) -> str:
    """Return a name from the wire; bytes that are no UTF-8 become surrogates, and come back."""
    return name.decode("utf-8", "surrogateescape")


def kind_of(mode: int | None, longname: str = "") -> str:
    """Name what is not a regular file; some servers say it only in the line for people."""
    if mode is None:
        return {"d": "a folder", "l": "a symbolic link"}.get(longname[:1], "")
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    # Some servers send permissions without the bits that say what it is.
    return "" if stat.S_ISREG(mode) or stat.S_IFMT(mode) == 0 else "not a regular file"


class _Answers:
    """Collects answers that are read while others are waited for."""

    def __init__(self) -> None:
        self.by_number: dict[int, tuple[int, paramiko.Message]] = {}

    def _async_response(self, kind: int, message: paramiko.Message, number: int) -> None:
        # paramiko's client calls it by this name.
        self.by_number[number] = kind, message


class Client(paramiko.SFTPClient):
    """An SFTP session on an open channel."""

    if TYPE_CHECKING:  # paramiko's types leave it out; every method of its client is made of it

        def _request(self, t: int, *args: object) -> tuple[int, paramiko.Message]: ...
        def _async_request(self, fileobj: object, *request: object) -> int: ...
        def _read_response(self, waitfor: int | None = None) -> object: ...

    def entries(self, folder: str) -> list[FarFile]:
        """Return what lies in a folder, whatever bytes its names are of."""
        kind, message = self._request(CMD_OPENDIR, far_name(folder))
        if kind != CMD_HANDLE:
            raise SFTPError("expected a handle")
        handle = message.get_binary()
        found: list[FarFile] = []
        while True:
            try:
                kind, message = self._request(CMD_READDIR, handle)
            except EOFError:
                break
            if kind != CMD_NAME:
                raise SFTPError("expected names")
            names = self._read_names(message)
            if not names:
                break  # no server has a reason for it but that there are no more
            found += (one for one in names if one.name not in (".", ".."))
            if len(found) > _MOST_NAMES:
                raise Refused(f"it lists more than {_MOST_NAMES} names: expected fewer in a folder")
        self._request(CMD_CLOSE, handle)
        return found

    def lstats(self, paths: Sequence[str]) -> list[FarFile | None]:
        """Look at many names at once."""
        answers = self._asked((CMD_LSTAT, far_name(path)) for path in paths)
        return [self._found(path, *answer) for path, answer in zip(paths, answers, strict=True)]

    def renames(self, pairs: Iterable[tuple[str, str]]) -> list[OSError | None]:
        """Rename many files at once; return what each was refused with, if so."""
        asked = ((CMD_RENAME, far_name(source), far_name(target)) for source, target in pairs)
        return [self._refusal(message) for _, message in self._asked(asked)]

    def _asked(self, requests: Iterable[tuple[object, ...]]) -> list[tuple[int, paramiko.Message]]:
        """Send all requests before the first answer is read; return the answers in their order."""
        answers = _Answers()
        numbers = [self._async_request(answers, *request) for request in requests]
        while len(answers.by_number) < len(numbers):
            self._read_response()
        return [answers.by_number[number] for number in numbers]

    def _refusal(self, message: paramiko.Message) -> OSError | None:
        try:
            self._convert_status(message)
        except OSError as fault:
            return fault
        return None

    def _found(self, path: str, kind: int, message: paramiko.Message) -> FarFile | None:
        if kind != CMD_ATTRS:
            try:
                self._convert_status(message)
            except FileNotFoundError:
                return None
            raise SFTPError("expected attributes")
        found = paramiko.SFTPAttributes._from_msg(message)  # type: ignore[attr-defined]  # as above
        return far_file(path, found)

    def fsync(self, file: paramiko.SFTPFile) -> None:
        """Wait until the server's disk has a file; Refused or PermissionError if not offered."""
        self._request(CMD_EXTENDED, "fsync@openssh.com", file.handle)

    def _read_names(self, message: paramiko.Message) -> list[FarFile]:
        names: list[FarFile] = []
        count = message.get_int()
        # Each takes twelve bytes at least; a count beyond what has come is no count.
        if count > len(message.get_remainder()) // 12:
            raise SFTPError(f"expected {count} names, and there are fewer")
        for _ in range(count):
            name = near_name(message.get_binary())
            longname = message.get_binary().decode("utf-8", "replace")
            found = paramiko.SFTPAttributes._from_msg(message)  # type: ignore[attr-defined]  # the only parser there is
            names.append(far_file(name, found, longname))
        return names

    def _convert_status(self, msg: paramiko.Message) -> None:
        """Raise what a status means; paramiko fails on a text that is no UTF-8."""
        code = msg.get_int()
        text = msg.get_binary().decode("utf-8", "replace").strip() or f"refused with code {code}"
        if code == SFTP_OK:
            return
        if code == SFTP_EOF:
            raise EOFError(text)
        if code == SFTP_NO_SUCH_FILE:
            raise FileNotFoundError(text)
        if code in (SFTP_PERMISSION_DENIED, SFTP_OP_UNSUPPORTED):
            raise PermissionError(text)
        if code == _FILE_EXISTS:
            raise FileExistsError(text)
        raise Refused(text)


def far_file(name: str, found: paramiko.SFTPAttributes, longname: str = "") -> FarFile:
    """Return what a server said of a file; a size or time that it left out counts as zero."""
    signature = Signature(found.st_size or 0, (found.st_mtime or 0) * _SECOND)
    return FarFile(name, signature, kind_of(found.st_mode, longname))
