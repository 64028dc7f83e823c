"""What the conformance tests need of each drop box: the sender's side, and a look inside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Protocol

from gateway.clock import utc_now
from gateway.partners.connections import PickUp, QuietWindow, Send, SftpConnection
from gateway.pipeline.polling import StoredFolderMemory
from gateway.pipeline.ports import Inbound
from gateway.secrets import Vault
from gateway.store import SqlStore, open_database
from gateway.transports import memory
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory import inbound as directory
from gateway.transports.directory.box import Folder
from gateway.transports.polled import inbound as polled
from gateway.transports.polled import outbound as polled_outbound
from gateway.transports.polled.box import Place
from gateway.transports.polled.names import PollRules
from gateway.transports.sftp.connection import Account, Connection
from gateway.transports.sftp.files import SftpFiles
from tests.sftp_server import PASSWORD, USER, SftpServer, fingerprint, sftp_server

RULES = ArrivalRules(stable_for=timedelta(seconds=2), incomplete_after=timedelta(seconds=60))


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Box(Protocol):
    """A drop box as its sender and its owner see it."""

    clock: Clock

    def put(self, name: str, content: bytes) -> None: ...
    def append(self, name: str, content: bytes) -> None: ...
    def remove(self, name: str) -> None: ...
    def date(self, name: str, seconds: int) -> None: ...
    def names(self) -> set[str]: ...
    def archived(self) -> list[bytes]: ...
    def quarantined(self) -> list[bytes]: ...
    def poller(self, rules: ArrivalRules = RULES) -> Inbound: ...


class DirectoryBox:
    def __init__(self, home: Path) -> None:
        self.clock = Clock()
        self.folder = Folder("northstar-3pl", home / "in", home / "archive")
        self.folder.inbox.mkdir()

    def put(self, name: str, content: bytes) -> None:
        (self.folder.inbox / name).write_bytes(content)

    def append(self, name: str, content: bytes) -> None:
        with (self.folder.inbox / name).open("ab") as file:
            file.write(content)

    def remove(self, name: str) -> None:
        (self.folder.inbox / name).unlink()

    def date(self, name: str, seconds: int) -> None:
        os.utime(self.folder.inbox / name, (seconds, seconds))

    def names(self) -> set[str]:
        return {entry.name for entry in self.folder.inbox.iterdir() if entry.is_file()}

    def archived(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.archive.glob("*/*"))]

    def quarantined(self) -> list[bytes]:
        return [p.read_bytes() for p in sorted(self.folder.inbox.glob(".quarantine/*/*"))]

    def poller(self, rules: ArrivalRules = RULES) -> Inbound:
        watched = directory.DirectoryRules(rules, events=False)
        return directory.Inbound([self.folder], watched, clock=self.clock)


class MemoryBox:
    def __init__(self) -> None:
        self.clock = Clock()
        self.box = memory.DropBox("northstar-3pl")

    def put(self, name: str, content: bytes) -> None:
        self.box.put(name, content)

    def append(self, name: str, content: bytes) -> None:
        self.box.put(name, self.box.items[name].content + content)

    def remove(self, name: str) -> None:
        self.box.remove(name)

    def date(self, name: str, seconds: int) -> None:
        item = self.box.items[name]
        self.box.items[name] = memory.Item(item.content, seconds * 1_000_000_000)

    def names(self) -> set[str]:
        return set(self.box.items)

    def archived(self) -> list[bytes]:
        return [content for _, content in self.box.archived]

    def quarantined(self) -> list[bytes]:
        return [content for _, content in self.box.quarantined]

    def poller(self, rules: ArrivalRules = RULES) -> Inbound:
        return memory.Inbound([self.box], rules, clock=self.clock)


class SftpBox:
    """A folder on a partner's SFTP server, and the store that two nodes share."""

    def __init__(self, server: SftpServer, store: SqlStore, **settings: object) -> None:
        self.clock = Clock()
        self.server = server
        self.store = store
        self.folder = server.root / "outbound"
        self.folder.mkdir()
        self.settings = settings
        self.connection: dict[str, object] = {}
        self.quiet: tuple[QuietWindow, ...] = ()
        # A server tells whole seconds: each change has one of its own, as it would in life.
        self._seconds = count(1_770_000_000)

    def put(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)
        self.date(name, next(self._seconds))

    def append(self, name: str, content: bytes) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(content)
        self.date(name, next(self._seconds))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def date(self, name: str, seconds: int) -> None:
        os.utime(self.folder / name, (seconds, seconds))

    def names(self) -> set[str]:
        ours = (".claimed", ".incomplete", ".done")
        return {
            one.name for one in self.folder.iterdir() if one.is_file() and one.suffix not in ours
        }

    def archived(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("archive/*"))]

    def quarantined(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*.incomplete"))]

    def poller(self, rules: ArrivalRules = RULES) -> polled.Inbound:
        written = {"connection": "main", "folder": "/outbound", "every": timedelta(0)}
        pick_up = PickUp.model_validate(written | self.settings)
        place = "northstar-3pl/main:/outbound"
        return polled.Inbound(
            SftpFiles(connection_to(self.server, **self.connection)),
            StoredFolderMemory(self.store, place, clock=self.clock),
            PollRules(pick_up, rules, self.quiet),
            Place("northstar-3pl", "main", "/outbound", "sftp"),
            clock=self.clock,
        )


def connection_to(server: SftpServer, **settings: object) -> Connection:
    """Return our connection to a server, logged in to by password."""
    written = {
        "type": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "user": USER,
        "password": "${env:SFTP_PASSWORD}",
        "host_keys": [fingerprint()],
    }
    vault = Vault(server.root, {"SFTP_PASSWORD": PASSWORD})
    return Connection(Account.of(SftpConnection.model_validate(written | settings), vault))


def sftp_outbound(
    server: SftpServer,
    *,
    quiet: tuple[QuietWindow, ...] = (),
    clock: Callable[[], datetime] = utc_now,
) -> polled_outbound.Outbound:
    """Return what puts files into the folder `inbound` of a server."""
    connection = connection_to(server)
    send = Send(connection="main", folder="/inbound")
    shown = connection.shown
    return polled_outbound.Outbound(
        SftpFiles(connection), send, shown=shown, quiet=quiet, clock=clock
    )


@contextmanager
def sftp_box(home: Path, **settings: object) -> Iterator[SftpBox]:
    """Run a server with a folder to pick up from, and a store."""
    store = SqlStore(open_database(f"sqlite:///{home / 'gateway.db'}"))
    try:
        with sftp_server(home / "partner") as server:
            yield SftpBox(server, store, **settings)
    finally:
        store.close()
