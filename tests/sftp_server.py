"""A partner's SFTP server, on asyncssh, in this process; it can be told to misbehave.

Each server has a folder of its own as its root. What goes wrong, and when, is said by `Faults`:
operations are counted by their name, so that a test can hit each one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import asyncssh

from gateway.transports.polled import memory

USER, PASSWORD = "harbor", "pa55-word"
HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER_HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
CLIENT_KEY = asyncssh.generate_private_key("ssh-ed25519")


@dataclass(slots=True)
class Faults(memory.Faults):
    """What a server does wrong: what its twin in memory does, and what only a network can."""

    says: Callable[[bytes], bytes] | None = None
    """What a session without SFTP answers to each packet; left out, it never says a word."""
    logins: int = 0
    """Attempts to log in: that somebody showed a key or a password."""


def _server_class(  # noqa: C901 - one short method for each operation of the protocol
    root: Path, faults: Faults
) -> type[asyncssh.SFTPServer]:
    class Server(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=os.fsencode(root))
            self._connection = chan.get_connection()

        async def _meet(self, operation: str, path: bytes = b"") -> None:
            faults.counted[operation] += 1
            if faults.before is not None:
                faults.before(operation, path)
            if operation in faults.stalled:
                await asyncio.Event().wait()
            if faults.cut == operation:
                faults.cut = ""
                self._cut()
            if operation in faults.denied:
                raise asyncssh.SFTPPermissionDenied("the administrator does not allow it")
            if operation in faults.failing:
                raise asyncssh.SFTPFailure("Failure")

        def _done(self, operation: str) -> None:
            if faults.cut_after == operation:
                faults.cut_after = ""
                self._cut()

        def _cut(self) -> None:
            self._connection.abort()
            raise asyncssh.SFTPConnectionLost("cut")

        async def open(self, path: bytes, pflags: int, attrs: Any) -> object:
            await self._meet("create" if pflags & asyncssh.FXF_WRITE else "open", path)
            return super().open(path, pflags, attrs)

        async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
            await self._meet("read")
            content = super().read(file_obj, offset, size)
            assert isinstance(content, bytes)
            return content

        async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
            await self._meet("write")
            if faults.disk_full:
                raise asyncssh.SFTPFailure("No space left on device")
            if faults.disk is not None:
                fits = data[: max(0, faults.disk - offset)]
                super().write(file_obj, offset, fits)
                return len(data)
            written = super().write(file_obj, offset, data)
            assert isinstance(written, int)
            return written

        async def close(self, file_obj: Any) -> None:
            try:
                await self._meet("close")
            finally:
                super().close(file_obj)
            self._done("close")

        async def lstat(self, path: bytes) -> Any:
            await self._meet("look", path)
            return super().lstat(path)

        async def rename(self, oldpath: bytes, newpath: bytes) -> None:
            await self._meet("rename", oldpath)
            super().rename(oldpath, newpath)
            if faults.touches:
                os.utime(self.map_path(newpath), (1_700_000_000, 1_700_000_000))
            self._done("rename")

        async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            await self._meet("posix_rename", oldpath)
            super().posix_rename(oldpath, newpath)

        async def remove(self, path: bytes) -> None:
            await self._meet("remove", path)
            super().remove(path)
            self._done("remove")

        async def mkdir(self, path: bytes, attrs: Any) -> None:
            await self._meet("mkdir", path)
            super().mkdir(path, attrs)

        async def scandir(self, path: bytes) -> Any:
            await self._meet("list", path)
            async for entry in super().scandir(path):
                yield entry

        async def fsync(self, file_obj: Any) -> None:
            await self._meet("fsync")
            super().fsync(file_obj)

    return Server


class _Scripted(asyncssh.SSHServerSession[bytes]):
    """A session that says to each packet what it was told to say, or never a word."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._come = b""

    def connection_made(self, chan: Any) -> None:
        self._chan = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return True

    def data_received(self, data: bytes, datatype: Any) -> None:
        self._come += data
        while self._faults.says and len(self._come) >= (
            end := 4 + int.from_bytes(self._come[:4], "big")
        ):
            packet, self._come = self._come[4:end], self._come[end:]
            with suppress(BrokenPipeError):
                self._chan.write(self._faults.says(packet))


class _Login(asyncssh.SSHServer):
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def connection_made(self, conn: Any) -> None:
        self._faults.connections += 1

    def password_auth_supported(self) -> bool:
        return True

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Scripted(self._faults)  # asked only where there is no SFTP

    def validate_password(self, username: str, password: str) -> bool:
        self._faults.logins += 1
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: Any) -> bool:
        self._faults.logins += 1
        if "login" in self._faults.stalled:
            await asyncio.Event().wait()
        return username == USER and key == CLIENT_KEY.convert_to_public()

    def connection_requested(self, *_where: object) -> bool:
        return True  # it may be used as a jump host


class SftpServer:
    """A server that runs on a thread of its own."""

    def __init__(self, root: Path, *, faults: Faults | None = None, **options: Any) -> None:
        self.root = root
        self.faults = faults or Faults()
        self.options = {"server_host_keys": [HOST_KEY], **options}
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True, name="partner")
        self._connections: list[Any] = []

    def start(self) -> None:
        self._thread.start()
        self.listen()

    def listen(self) -> None:
        """Listen, at the same port as before where there was one."""
        self._acceptor = self._call(self._listen())
        self.port = self._acceptor.get_port()

    def stop_listening(self) -> None:
        self._call(self._stop_listening())

    def close(self) -> None:
        self.stop_listening()
        self._call(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut_all(self) -> None:
        """Cut every connection."""

        async def cut() -> None:
            for connection in self._connections:
                connection.abort()
            self._connections.clear()

        self._call(cut())

    async def _listen(self) -> Any:
        def login() -> asyncssh.SSHServer:
            made = _Login(self.faults)
            keep = made.connection_made

            def connection_made(conn: Any) -> None:
                self._connections.append(conn)
                keep(conn)

            made.connection_made = connection_made  # type: ignore[method-assign]  # notes it too
            return made

        return await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=login,
            encoding=None,
            **{"sftp_factory": _server_class(self.root, self.faults), **self.options},
        )

    async def _stop_listening(self) -> None:
        self._acceptor.close()
        for connection in self._connections:
            connection.abort()
        await self._acceptor.wait_closed()

    async def _end_tasks(self) -> None:
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        for task in left:
            with suppress(asyncio.CancelledError, Exception):
                await task

    def _call(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(timeout=30)


@contextmanager
def sftp_server(root: Path, **options: Any) -> Iterator[SftpServer]:
    """Run a server until the block ends."""
    root.mkdir(parents=True, exist_ok=True)
    server = SftpServer(root, **options)
    server.start()
    try:
        yield server
    finally:
        server.close()


def fingerprint(key: Any = HOST_KEY) -> str:
    return str(key.get_fingerprint("sha256"))


def public_key(key: Any = HOST_KEY) -> str:
    return " ".join(key.export_public_key("openssh").decode().split()[:2])


def private_key(passphrase: str | None = None) -> str:
    return str(CLIENT_KEY.export_private_key("openssh", passphrase, rounds=50).decode())


def main(root: str) -> None:
    """Serve a folder until standard input ends; print port and host key first."""
    with sftp_server(Path(root)) as server:
        print(server.port, public_key(), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
