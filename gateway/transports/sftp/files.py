"""The files of one SFTP account, as folders that are polled and written to want them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, RLock

from paramiko.sftp import SFTPError
from paramiko.ssh_exception import SSHException

from gateway.errors import Transient
from gateway.transports.polled.far_side import FarFile, add_by_renaming, one_by_one
from gateway.transports.sftp.client import Client, Refused, far_file, far_name
from gateway.transports.sftp.connection import Connection, ends_after

_ONE_REQUEST = 32 * 1024
"""As much as one request brings; more is asked for in many requests at once."""


class SftpFiles:
    """An SFTP session of its own on a connection that may be shared.

    A session answers one request at a time, so calls take turns.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client: Client | None = None
        self._turn = RLock()
        self._fsync = True

    @property
    def shown(self) -> str:
        """Name the account for people."""
        return self._connection.shown

    @property
    def renames(self) -> bool:
        """Say that a rename is one step."""
        return True

    def connect(self) -> None:
        """Connect and log in, where that has not been done."""
        with self._turn:
            if self._client is None:
                self._client = self._connection.session()

    def close(self) -> None:
        """Let go of the session; a call under way ends with Transient."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def break_off(self) -> None:
        """Let a call under way end with Transient, also one that still connects."""
        self._connection.break_off()

    def entries(self, folder: str) -> list[FarFile]:
        """Return what lies in a folder."""
        with self._session() as client:
            return client.entries(folder)

    def look(self, path: str) -> FarFile | None:
        """Return what lies under a name, or None."""
        with self._session() as client:
            try:
                return far_file(path, client.lstat(far_name(path)))
            except FileNotFoundError:
                return None

    def looks(self, paths: Sequence[str]) -> list[FarFile | None]:
        """Return what lies under each of some names, asked for at once."""
        with self._session() as client:
            return client.lstats(paths)

    def read(self, path: str, start: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer where the file ends."""
        with self._session() as client, self._in_time(client, length):
            # Not closed but let go: then nobody waits for the answer to its closing.
            file = client.open(far_name(path), "rb")
            if start:
                file.seek(start)
            elif length > _ONE_REQUEST:
                file.prefetch(length)
            try:
                return bytes(file.read(length))
            except EOFError as fault:  # a file that has become shorter while it is read
                raise Refused(f"{fault or 'it ends early'}") from fault

    def write(self, path: str, content: bytes) -> None:
        """Write a file, replacing one of that name; return when the other side has all of it.

        A server whose disk is full may say so only when the file is closed, or not at all: what
        counts is the size that it has afterwards.
        """
        with self._session() as client, self._in_time(client, len(content)):
            with client.open(far_name(path), "wb") as file:
                file.set_pipelined(True)
                file.write(content)
                file.flush()
                self._sync(client, file)
            size = client.stat(far_name(path)).st_size
        if size != len(content):
            raise Refused(f"{size} of {len(content)} bytes have arrived: is its disk full?")

    def add(self, path: str, content: bytes, *, temporary: str) -> None:
        """Write a file under a temporary name, and rename it."""
        add_by_renaming(self, path, content, temporary)

    def move(self, source: str, target: str) -> None:
        """Rename a file. FileExistsError where the target is there, as far as this can be told."""
        with self._session() as client:
            try:
                client.rename(far_name(source), far_name(target))
            except Refused as refusal:
                # The protocol has no code for it: a refusal may mean that the target is there.
                if self.look(target) is not None:
                    raise FileExistsError(f"{target} is there already") from refusal
                if self.look(source) is None:
                    raise FileNotFoundError(f"{source} is gone") from refusal
                self._move_as_posix_does(client, source, target, refusal)

    def moves(self, pairs: Sequence[tuple[str, str]]) -> list[OSError | None]:
        """Rename files, all asked for at once; what is refused is looked into one by one."""
        with self._session() as client:
            faults: list[OSError | None] = list(client.renames(pairs))
        for index, fault in enumerate(faults):
            if isinstance(fault, Refused):
                faults[index] = one_by_one(self.move, [pairs[index]])[0]
        return faults

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._session() as client:
            client.remove(far_name(path))

    def make_folder(self, path: str) -> None:
        """Make a folder; it may be there already."""
        with self._session() as client:
            try:
                client.mkdir(far_name(path))
            except (OSError, EOFError):
                if self.look(path) is None:
                    raise

    def _move_as_posix_does(
        self, client: Client, source: str, target: str, refusal: Refused
    ) -> None:
        """Rename by the extension of OpenSSH: on some servers only that works.

        It would replace the target, so it is used only where that was just seen not to be there.
        """
        try:
            client.posix_rename(far_name(source), far_name(target))
        except (PermissionError, Refused):
            raise refusal from None

    def _sync(self, client: Client, file: object) -> None:
        if not self._fsync:
            return
        try:
            client.fsync(file)  # type: ignore[arg-type]  # what `open` returned
        except (PermissionError, Refused):
            self._fsync = False  # not offered

    @contextmanager
    def _in_time(self, client: Client, size: int) -> Iterator[None]:
        """End a transfer that takes longer than one of this size may."""
        seconds = self._connection.longest(size)
        late = Event()

        def end() -> None:
            late.set()
            with suppress(SSHException, EOFError, OSError):
                client.close()

        with ends_after(seconds, end):
            try:
                yield
            except (SSHException, SFTPError, EOFError, OSError) as fault:
                if not late.is_set():
                    raise
                raise TimeoutError(f"{size} bytes took longer than {seconds:.0f} s") from fault

    @contextmanager
    def _session(self) -> Iterator[Client]:
        """Take a turn on the session; a connection that is lost is made anew by the next call."""
        with self._turn:
            self.connect()
            client = self._client
            if client is None:
                raise Transient(f"{self._connection.address}: the connection was closed")
            try:
                yield client
            except (FileNotFoundError, FileExistsError, PermissionError, Refused):
                raise
            except TimeoutError as fault:
                # Answers that come late would be taken for those to other requests.
                self._drop()
                self._connection.close()
                said = str(fault) if str(fault).endswith(" s") else "no answer in time"
                raise Transient(f"{self._connection.address}: {said}") from fault
            except (SSHException, SFTPError, EOFError, OSError) as fault:
                self._drop()
                raise Transient(f"{self._connection.address}: the connection was lost") from fault

    def _drop(self) -> None:
        with suppress(SSHException, EOFError, OSError):
            self.close()
