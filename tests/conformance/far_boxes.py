"""Folders on partners' servers, one kind for each protocol that is polled, for the same tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from gateway.clock import utc_now
from gateway.partners.connections import PickUp, QuietWindow, Send, SftpConnection
from gateway.partners.connections.ftps import FtpsConnection
from gateway.partners.connections.s3 import S3Connection
from gateway.pipeline.polling import StoredFolderMemory
from gateway.secrets import Vault
from gateway.store import SqlStore, open_database
from gateway.transports.arrival import ArrivalRules
from gateway.transports.ftps import files as ftps
from gateway.transports.polled import inbound as polled
from gateway.transports.polled import memory
from gateway.transports.polled import outbound as polled_outbound
from gateway.transports.polled.box import Place
from gateway.transports.polled.far_side import FarSide
from gateway.transports.polled.names import PollRules
from gateway.transports.s3 import files as s3
from gateway.transports.sftp.connection import Account, Connection
from gateway.transports.sftp.files import SftpFiles
from tests import ftp_server, s3_server
from tests.certificates import Certificate, self_signed
from tests.conformance.drop_boxes import MANY, ODD_NAMES, RULES, Clock
from tests.databases import sqlite_url
from tests.sftp_server import PASSWORD, USER, Faults, SftpServer, fingerprint, sftp_server


class FarBox:
    """A folder on a partner's server, and the store that two nodes share."""

    transport = ""
    refusal = "the administrator does not allow it"
    """What is said where a right is wanting."""
    claims = True
    """Whether a file is renamed before it is read."""
    many = MANY
    odd_names = ODD_NAMES
    appears_at = "create"
    """The last operation of ours before which somebody else's file of the name is noticed. FTP has
    no rename that spares what is there: there only the moment before can be looked at."""

    def __init__(self, store: SqlStore, **settings: object) -> None:
        self.clock = Clock()
        self.store = store
        self.settings = settings
        self.connection: dict[str, object] = {}
        self.quiet: tuple[QuietWindow, ...] = ()
        # A server tells whole seconds: each change has one of its own, as it would in life.
        self.seconds = count(1_770_000_000)

    @property
    def faults(self) -> memory.Faults:
        """What the server does wrong."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        """What faults of the connection begin with."""
        raise NotImplementedError

    @property
    def written(self) -> dict[str, object]:
        """The connection, as a partner's file has it."""
        raise NotImplementedError

    def far_side(self) -> FarSide:
        raise NotImplementedError

    def poller(self, rules: ArrivalRules = RULES) -> polled.Inbound:
        written = {"connection": "main", "folder": "/outbound", "every": timedelta(0)}
        pick_up = PickUp.model_validate(written | self.settings)
        place = "northstar-3pl/main:/outbound"
        return polled.Inbound(
            self.far_side(),
            StoredFolderMemory(self.store, place, clock=self.clock),
            PollRules(pick_up, rules, self.quiet),
            Place("northstar-3pl", "main", "/outbound", self.transport),
            clock=self.clock,
        )

    def outbound(
        self, *, quiet: tuple[QuietWindow, ...] = (), clock: Callable[[], datetime] = utc_now
    ) -> polled_outbound.Outbound:
        """Return what puts files into the folder `inbound`."""
        send = Send(connection="main", folder="/inbound")
        return polled_outbound.Outbound(
            self.far_side(), send, shown=self.shown, quiet=quiet, clock=clock
        )

    @property
    def shown(self) -> str:
        raise NotImplementedError

    def put(self, name: str, content: bytes) -> None:
        raise NotImplementedError

    def append(self, name: str, content: bytes) -> None:
        raise NotImplementedError

    def remove(self, name: str) -> None:
        raise NotImplementedError

    def date(self, name: str, seconds: int) -> None:
        raise NotImplementedError

    def everything(self, folder: str = "outbound") -> dict[str, bytes]:
        """Return every file below a folder, by its path from there."""
        raise NotImplementedError

    def appear(self, folder: str, name: str, content: bytes) -> None:
        """Let somebody else put a file."""
        raise NotImplementedError

    def remove_folder(self, folder: str) -> None:
        """Remove an empty folder."""
        raise NotImplementedError

    def names(self) -> set[str]:
        ours = (".claimed", ".incomplete", ".done")
        return {one for one in self.everything() if "/" not in one and not one.endswith(ours)}

    def archived(self) -> list[bytes]:
        return [
            content for name, content in sorted(self.everything().items()) if "archive/" in name
        ]

    def quarantined(self) -> list[bytes]:
        found = sorted(self.everything().items())
        return [content for name, content in found if name.endswith(".incomplete")]


class FolderBox(FarBox):
    """A server whose files are those of a folder here."""

    many = 200  # each costs several requests; ten thousand at once are a test of their own

    def __init__(self, root: Path, store: SqlStore, **settings: object) -> None:
        super().__init__(store, **settings)
        self.root = root
        self.folder = root / "outbound"
        self.folder.mkdir()
        (root / "inbound").mkdir()

    def put(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)
        self.date(name, next(self.seconds))

    def appear(self, folder: str, name: str, content: bytes) -> None:
        (self.root / folder / name).write_bytes(content)

    def remove_folder(self, folder: str) -> None:
        (self.root / folder).rmdir()

    def append(self, name: str, content: bytes) -> None:
        with (self.folder / name).open("ab") as file:
            file.write(content)
        self.date(name, next(self.seconds))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def date(self, name: str, seconds: int) -> None:
        os.utime(self.folder / name, (seconds, seconds))

    def everything(self, folder: str = "outbound") -> dict[str, bytes]:
        top = self.root / folder
        return {
            str(path.relative_to(top)): path.read_bytes()
            for path in top.rglob("*")
            if path.is_file()
        }


class MemoryFarBox(FarBox):
    """The twin of the others: no server, no network."""

    address = "memory"
    shown = "memory://harbor"
    written: dict[str, object] = {}  # noqa: RUF012 - no partner's file names it

    def __init__(self, store: SqlStore, *, objects: bool = False, **settings: object) -> None:
        super().__init__(store, **settings)
        self.there = memory.FarFolders(objects=objects, folders={"/outbound", "/inbound"})
        self.transport = "memory-objects" if objects else "memory"
        self.claims = not objects
        self.appears_at = "create" if objects else "rename"

    @property
    def faults(self) -> memory.Faults:
        return self.there.faults

    def far_side(self) -> FarSide:
        timeout = 0.2 if self.connection else 30.0
        return memory.MemoryFiles(self.there, address=self.address, timeout=timeout)

    def put(self, name: str, content: bytes) -> None:
        self.there.put(f"outbound/{name}", content, next(self.seconds))

    def appear(self, folder: str, name: str, content: bytes) -> None:
        self.there.put(f"{folder}/{name}", content)

    def append(self, name: str, content: bytes) -> None:
        self.put(name, self.there.files[f"/outbound/{name}"][0] + content)

    def remove(self, name: str) -> None:
        del self.there.files[f"/outbound/{name}"]

    def date(self, name: str, seconds: int) -> None:
        path = f"/outbound/{name}"
        self.there.put(path, self.there.files[path][0], seconds)

    def remove_folder(self, folder: str) -> None:
        self.there.folders.remove(f"/{folder}")

    def everything(self, folder: str = "outbound") -> dict[str, bytes]:
        return self.there.below(folder)


class SftpBox(FolderBox):
    transport = "sftp"
    appears_at = "rename"

    def __init__(self, server: SftpServer, store: SqlStore, **settings: object) -> None:
        super().__init__(server.root, store, **settings)
        self.server = server

    @property
    def faults(self) -> Faults:
        return self.server.faults

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def shown(self) -> str:
        return f"sftp://{USER}@{self.address}"

    @property
    def written(self) -> dict[str, object]:
        return written_for(self.server)

    def far_side(self) -> FarSide:
        return SftpFiles(connection_to(self.server, **self.connection))


class FtpsBox(FolderBox):
    transport = "ftps"
    refusal = "550 the administrator does not allow it"
    odd_names = tuple(name for name in ODD_NAMES if "\n" not in name)  # a line of FTP ends there

    def __init__(
        self, server: ftp_server.RunningServer, store: SqlStore, **settings: object
    ) -> None:
        super().__init__(server.root, store, **settings)
        self.server = server

    @property
    def faults(self) -> Faults:
        return self.server.faults

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def shown(self) -> str:
        return f"ftps://{self.address}"

    @property
    def written(self) -> dict[str, object]:
        return {
            "type": "ftps",
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": ftp_server.USER,
            "password": "${env:PASSWORD}",
            "certificates": [self.server.fingerprint],
        }

    def far_side(self) -> FarSide:
        settings = FtpsConnection.model_validate(self.written | self.connection)
        vault = Vault(Path(), {"PASSWORD": ftp_server.PASSWORD})
        return ftps.FtpsFiles(ftps.Account.of(settings, vault))


class S3Box(FarBox):
    transport = "s3"
    refusal = "/outbound: the administrator does not allow it"
    claims = False
    many = 60  # the service that stands in for it takes some milliseconds for each call
    # Keys are Unicode; and the service that stands in knows no line breaks.
    odd_names = tuple(name for name in ODD_NAMES if "\udce4" not in name and "\n" not in name)

    def __init__(
        self, service: s3_server.RunningService, store: SqlStore, **settings: object
    ) -> None:
        super().__init__(store, **settings)
        self.service = service

    @property
    def faults(self) -> Faults:
        return self.service.faults

    @property
    def address(self) -> str:
        return f"{self.service.endpoint}/{self.service.bucket}"

    @property
    def shown(self) -> str:
        return self.address

    @property
    def written(self) -> dict[str, object]:
        return {
            "type": "s3",
            "bucket": self.service.bucket,
            "endpoint": self.service.endpoint,
            "access_key": "AKIAHARBOR",
            "secret_key": "${env:PASSWORD}",
        }

    def far_side(self) -> FarSide:
        settings = S3Connection.model_validate(self.written | self.connection)
        return s3.S3Files(s3.Account.of(settings, Vault(Path(), {"PASSWORD": ftp_server.PASSWORD})))

    def put(self, name: str, content: bytes) -> None:
        self.service.put(f"outbound/{name}", content, next(self.seconds))

    def appear(self, folder: str, name: str, content: bytes) -> None:
        self.service.put(f"{folder}/{name}", content, next(self.seconds))

    def append(self, name: str, content: bytes) -> None:
        self.put(name, self.service.content(f"outbound/{name}") + content)

    def remove(self, name: str) -> None:
        self.service.remove(f"outbound/{name}")

    def date(self, name: str, seconds: int) -> None:
        self.service.date(f"outbound/{name}", seconds)

    def everything(self, folder: str = "outbound") -> dict[str, bytes]:
        keys = [key for key in self.service.names() if key.startswith(f"{folder}/")]
        return {key.removeprefix(f"{folder}/"): self.service.content(key) for key in keys}


def written_for(server: SftpServer) -> dict[str, object]:
    """Return a connection to a server as a partner's file has it."""
    return {
        "type": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "user": USER,
        "password": "${env:PASSWORD}",
        "host_keys": [fingerprint()],
    }


def connection_to(server: SftpServer, **settings: object) -> Connection:
    """Return our connection to a server, logged in to by password."""
    vault = Vault(server.root, {"PASSWORD": PASSWORD})
    written = SftpConnection.model_validate(written_for(server) | settings)
    return Connection(Account.of(written, vault))


@cache
def certificate() -> Certificate:
    """Return a certificate for every FTP server of a run."""
    return self_signed(Path(mkdtemp()))


@contextmanager
def far_box(kind: str, home: Path, **settings: object) -> Iterator[FarBox]:
    """Run a server with a folder to pick up from and one to send to, and a store."""
    store = SqlStore(open_database(sqlite_url(home)))
    root = home / "partner"
    root.mkdir()
    try:
        if kind.startswith("memory"):
            yield MemoryFarBox(store, objects=kind == "memory-objects", **settings)
        elif kind == "sftp":
            with sftp_server(root) as server:
                yield SftpBox(server, store, **settings)
        elif kind in ("ftps", "old-ftps"):
            with ftp_server.ftp_server(root, certificate(), old=kind == "old-ftps") as running:
                yield FtpsBox(running, store, **settings)
        else:
            with s3_server.s3_server() as service:
                yield S3Box(service, store, **settings)
    finally:
        store.close()
