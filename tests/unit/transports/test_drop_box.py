"""The SFTP server, called by the two clients that partners' software is most often built on."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import bcrypt
import paramiko
import pytest

from gateway.errors import Permanent
from gateway.transports.drop_box import files
from gateway.transports.drop_box.account import Account, Throttle
from gateway.transports.drop_box.files import Audited
from gateway.transports.drop_box.server import Rules, Server
from tests.integration.world import wait_for

ISA = b"ISA*00*"


@dataclass
class Box:
    """A server with two accounts, and what it told of."""

    root: Path
    key: asyncssh.SSHKey
    server: Server
    completed: list[tuple[str, str]] = field(default_factory=list)
    audited: list[Audited] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.root / "quayside" / "in"

    @property
    def outbox(self) -> Path:
        return self.root / "quayside" / "out"

    @contextmanager
    def client(self, user: str = "quayside") -> Iterator[paramiko.SFTPClient]:
        transport = paramiko.Transport(("127.0.0.1", self.server.port))
        key = paramiko.Ed25519Key.from_private_key(
            io.StringIO(self.key.export_private_key("openssh").decode())
        )
        try:
            transport.connect(username=user, pkey=key)
            with closing(paramiko.SFTPClient.from_transport(transport)) as client:
                assert client is not None
                yield client
        finally:
            transport.close()

    def verbs(self) -> list[str]:
        return [f"{one.partner}: {one.verb} {one.detail}".strip() for one in self.audited]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    for name in ("quayside", "bluebird"):
        for folder in ("in", "out"):
            (tmp_path / name / folder).mkdir(parents=True)
    accounts = {
        "quayside": _account(tmp_path, "quayside", key),
        "bluebird": _account(tmp_path, "bluebird", asyncssh.generate_private_key("ssh-ed25519")),
    }
    here = Box(tmp_path, key, None)  # type: ignore[arg-type]  # it is made in the next line
    here.server = Server(
        accounts,
        Rules(tmp_path / "state" / "host_key", port=0),
        complete=lambda partner, name: here.completed.append((partner, name)),
        audit=here.audited.append,
    )
    here.server.connect()
    with closing(here.server):
        yield here


def _account(root: Path, name: str, key: asyncssh.SSHKey) -> Account:
    return Account(
        name,
        name,
        inbox=root / name / "in",
        outbox=root / name / "out",
        archive=root / "archive" / name,
        keys=(key.convert_to_public(),),
        password_hash=bcrypt.hashpw(b"anchor", bcrypt.gensalt(4)),
        max_bytes=1000,
        quota_bytes=1500,
        quota_files=3,
    )


def test_an_upload_lies_under_its_name_and_is_told_of_when_it_is_closed(box: Box) -> None:
    with box.client() as client:
        with client.open("in/orders.edi", "wb") as file:
            file.write(ISA)
            file.flush()
            wait_for(lambda: (box.inbox / "orders.edi").exists())
            assert box.completed == []
        assert box.completed == [("quayside", "orders.edi")]
    assert (box.inbox / "orders.edi").read_bytes() == ISA
    wait_for(lambda: len(box.audited) == 3)
    assert box.verbs() == [
        "quayside: login from 127.0.0.1",
        "quayside: upload in/orders.edi, 7 bytes",
        "quayside: logout",
    ]


def test_a_client_that_compares_sizes_afterwards_is_content_though_the_file_was_taken(
    box: Box,
) -> None:
    box.server._complete = lambda partner, name: (box.inbox / name).unlink()
    with box.client() as client:
        # paramiko's put asks for the size as soon as it has closed the file.
        client.putfo(io.BytesIO(ISA), "in/orders.edi")
        assert client.stat("in/orders.edi").st_size == len(ISA)
        client.utime("in/orders.edi", (1, 1))
        client.chmod("in/orders.edi", 0o600)
        client.rename("in/orders.edi", "in/renamed.edi")
        assert client.stat("in/renamed.edi").st_size == len(ISA)
        assert "quayside: rename in/orders.edi to in/renamed.edi, taken already" in box.verbs()
        assert client.listdir("in") == []
        with pytest.raises(FileNotFoundError):
            client.stat("in/other.edi")


def test_an_upload_under_a_temporary_name_is_told_of_when_it_is_renamed(box: Box) -> None:
    with box.client() as client:
        client.putfo(io.BytesIO(ISA), "in/orders.tmp")
        client.rename("in/orders.tmp", "in/orders.edi")
        client.putfo(io.BytesIO(ISA), "in/more.tmp")
        client.posix_rename("in/more.tmp", "in/more.edi")
        with pytest.raises(OSError, match="a file of that name is there and not taken yet"):
            client.posix_rename("in/more.edi", "in/orders.edi")
    assert sorted(path.name for path in box.inbox.iterdir()) == ["more.edi", "orders.edi"]
    assert [verb for verb in box.verbs() if " rename " in verb] == [
        "quayside: rename in/orders.tmp to in/orders.edi",
        "quayside: rename in/more.tmp to in/more.edi",
    ]
    assert [name for _, name in box.completed] == [
        "orders.tmp", "orders.edi", "more.tmp", "more.edi",
    ]  # fmt: skip


def test_an_upload_whose_connection_breaks_is_not_told_of(box: Box) -> None:
    transport = paramiko.Transport(("127.0.0.1", box.server.port))
    key = paramiko.Ed25519Key.from_private_key(
        io.StringIO(box.key.export_private_key("openssh").decode())
    )
    transport.connect(username="quayside", pkey=key)
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    file = client.open("in/orders.edi", "wb")
    file.write(ISA)
    file.flush()
    transport.sock.shutdown(socket.SHUT_RDWR)
    wait_for(lambda: any(one.verb == "break_off" for one in box.audited))
    assert box.completed == []
    transport.close()


def test_what_lies_in_out_is_fetched_and_removed_and_never_written(box: Box) -> None:
    (box.outbox / "ack.edi").write_bytes(b"ISA*997")
    with box.client() as client:
        assert client.listdir("out") == ["ack.edi"]
        assert client.open("out/ack.edi").read() == b"ISA*997"
        for mode in ("wb", "ab", "r+"):
            with pytest.raises(PermissionError):
                client.open("out/ack.edi", mode)
        with pytest.raises(PermissionError):
            client.rename("out/ack.edi", "in/ack.edi")
        client.remove("out/ack.edi")
    assert not (box.outbox / "ack.edi").exists()
    assert "quayside: fetch out/ack.edi" in box.verbs()
    assert "quayside: remove out/ack.edi" in box.verbs()


def test_the_archive_is_looked_at_and_never_changed(box: Box) -> None:
    day = box.root / "archive" / "quayside" / "2026-03-01"
    with box.client() as client:
        assert client.listdir("archive") == []
        day.mkdir(parents=True)
        (day / "old.edi").write_bytes(ISA)
        assert client.listdir("archive/2026-03-01") == ["old.edi"]
        assert client.open("archive/2026-03-01/old.edi").read() == ISA
        with pytest.raises(PermissionError):
            client.remove("archive/2026-03-01/old.edi")


@pytest.mark.parametrize(
    "path",
    [
        "../bluebird/in/secret.edi",
        "in/../../bluebird/in/secret.edi",
        "/etc/passwd",
        "in/.claimed/one/secret.edi",
        "in/.quarantine",
        "in/link.edi",
        "in/pipe.edi",
        "secret.edi",
    ],
)
def test_nothing_else_can_be_reached(box: Box, path: str) -> None:
    secret = box.root / "bluebird" / "in" / "secret.edi"
    secret.write_bytes(b"secret")
    (box.inbox / ".claimed" / "one").mkdir(parents=True)
    (box.inbox / ".claimed" / "one" / "secret.edi").write_bytes(b"secret")
    (box.inbox / "link.edi").symlink_to(secret)
    os.mkfifo(box.inbox / "pipe.edi")
    with box.client() as client:
        for mode in ("rb", "wb", "r+"):
            with pytest.raises(OSError):  # noqa: PT011 - which of three refusals differs by path
                client.open(path, mode).read()
        assert sorted(client.listdir("/")) == ["archive", "in", "out"]
        assert ".claimed" not in client.listdir("in")
        for forbidden in (
            lambda: client.symlink("../bluebird/in/secret.edi", "in/mine.edi"),
            lambda: client.mkdir("in/folder"),
            lambda: client.rmdir("out"),
            lambda: client.truncate("in/link.edi", 0),
        ):
            with pytest.raises(OSError):  # noqa: PT011 - each in words of its own
                forbidden()
    assert secret.read_bytes() == b"secret"


def upload(client: paramiko.SFTPClient, path: str, size: int) -> None:
    with client.open(path, "wb") as file:
        file.write(b"x" * size)


def test_a_box_that_is_full_says_so_and_takes_again_when_there_is_room(box: Box) -> None:
    with box.client() as client:
        with pytest.raises(OSError, match="a file here may have 1000 bytes at most"):
            upload(client, "in/large.edi", 1001)
        assert box.completed == []
        client.remove("in/large.edi")
        client.putfo(io.BytesIO(b"x" * 1000), "in/1.edi")
        with pytest.raises(OSError, match="a file here may have 500 bytes at most"):
            upload(client, "in/2.edi", 600)
        client.remove("in/2.edi")
        client.putfo(io.BytesIO(b"x" * 100), "in/2.edi")
        client.putfo(io.BytesIO(b"x" * 100), "in/3.edi")
        with pytest.raises(OSError, match="the folder in is full"):
            client.putfo(io.BytesIO(b"x"), "in/4.edi")
        client.remove("in/1.edi")
        client.putfo(io.BytesIO(b"x" * 600), "in/4.edi")


def test_what_is_appended_counts_like_what_is_written(box: Box) -> None:
    async def append() -> int:
        async with (
            asyncssh.connect(
                "127.0.0.1", box.server.port, username="quayside", client_keys=[box.key],
                known_hosts=None,
            ) as connection,
            connection.start_sftp_client() as client,
            client.open("in/a.edi", "ab") as file,
        ):  # fmt: skip
            for count in range(1, 100):
                try:
                    await file.write(b"x" * 100, 0)
                except asyncssh.SFTPError:
                    return count
        return 100

    assert asyncio.run(append()) == 11, "the account's files have 1000 bytes at most"


def test_files_that_are_open_together_share_the_room(box: Box) -> None:
    with box.client() as client:
        first, second = client.open("in/a.edi", "wb"), client.open("in/b.edi", "wb")
        first.write(b"x" * 900)
        first.flush()

        def write(size: int) -> None:
            second.write(b"x" * size)
            second.flush()

        with pytest.raises(OSError, match="no room"):
            write(900)
        write(600)
        for file in (first, second):
            file.close()
    assert sum(path.stat().st_size for path in box.inbox.iterdir()) == 1500


def test_the_wrong_key_the_wrong_password_and_a_stranger_are_refused(box: Box) -> None:
    async def refused(user: str, **proof: object) -> bool:
        try:
            async with asyncssh.connect(
                "127.0.0.1", box.server.port, username=user, known_hosts=None, config=None,
                agent_path=None, **proof,
            ):  # fmt: skip
                return False
        except asyncssh.PermissionDenied:
            return True

    async def everybody() -> list[bool]:
        other = asyncssh.generate_private_key("ssh-ed25519")
        nothing: dict[str, object] = {"client_keys": None}
        return [
            await refused("quayside", client_keys=[other]),
            await refused("bluebird", client_keys=[box.key]),
            await refused("quayside", password="anchors", **nothing),
            await refused("stranger", password="anchor", **nothing),
            await refused("quayside", password="", **nothing),
            await refused("quayside", password="anchor", **nothing),
        ]

    assert asyncio.run(everybody()) == [True] * 5 + [False]
    assert "quayside: refuse key of 'quayside' from 127.0.0.1" in box.verbs()
    assert ": refuse password of 'stranger' from 127.0.0.1" in box.verbs()


def test_nobody_gets_a_shell_a_command_or_a_tunnel(box: Box) -> None:
    async def asked() -> list[str]:
        outcomes = []
        async with asyncssh.connect(
            "127.0.0.1", box.server.port, username="quayside", client_keys=[box.key],
            known_hosts=None, config=None, agent_path=None,
        ) as connection:  # fmt: skip
            for ask in (
                lambda: connection.run("id"),
                lambda: connection.create_process(),
                lambda: connection.open_connection("127.0.0.1", 22),
                lambda: connection.start_server(lambda *_: True, "127.0.0.1", 0),
            ):
                try:
                    await ask()
                except (asyncssh.Error, asyncssh.ChannelListenError):
                    outcomes.append("refused")
                else:
                    outcomes.append("allowed")
        return outcomes

    outcomes = asyncio.run(asked())
    assert "allowed" not in outcomes, outcomes


def test_the_host_key_is_made_once_and_kept(tmp_path: Path) -> None:
    rules = Rules(tmp_path / "state" / "host_key", port=0)
    seen = []
    for _ in range(2):
        server = Server({}, rules, complete=lambda *_: None, audit=lambda _: None)
        server.connect()
        seen.append(server.fingerprint)
        server.close()
    assert seen[0] == seen[1]
    assert seen[0].startswith("SHA256:")
    assert rules.host_key.stat().st_mode & 0o777 == 0o600
    rules.host_key.write_text("no key")
    with pytest.raises(Permanent, match="host_key is not a private key for SSH"):
        Server({}, rules, complete=lambda *_: None, audit=lambda _: None).connect()


def test_a_port_that_is_taken_is_said(box: Box, tmp_path: Path) -> None:
    rules = Rules(tmp_path / "other_key", port=box.server.port)
    with pytest.raises(Permanent, match=r"cannot listen on 127\.0\.0\.1:\d+: .*in use"):
        Server({}, rules, complete=lambda *_: None, audit=lambda _: None).connect()


def test_guessing_costs_more_each_time_and_is_forgotten_in_the_end() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    pauses = []
    for _ in range(12):
        throttle.refused("192.0.2.1")
        pauses.append(throttle.pause("192.0.2.1"))
    assert pauses == [0, 0, 0, 0.5, 1, 2, 4, 8, 10, 10, 10, 10]
    assert throttle.pause("192.0.2.2") == 0
    now = 601.0
    assert throttle.pause("192.0.2.1") == 0


def test_more_sessions_than_allowed_are_turned_away_until_one_ends(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    for folder in ("in", "out"):
        (tmp_path / "quayside" / folder).mkdir(parents=True)
    here = Box(tmp_path, key, None)  # type: ignore[arg-type]  # it is made in the next line
    here.server = Server(
        {"quayside": _account(tmp_path, "quayside", key)},
        Rules(tmp_path / "host_key", port=0, sessions=1),
        complete=lambda *_: None,
        audit=here.audited.append,
    )
    here.server.connect()
    with closing(here.server):
        with here.client(), pytest.raises((paramiko.SSHException, EOFError)), here.client():
            pass
        wait_for(lambda: not here.server._connections)
        with here.client() as client:
            assert client.listdir("in") == []


@pytest.mark.parametrize("slow", ["_durable", "used_beside"])
def test_a_session_that_waits_for_the_disk_holds_no_other_up(
    box: Box, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    waits, goes_on = threading.Event(), threading.Event()
    real = getattr(files, slow)

    def stalling(what: object) -> object:
        waits.set()
        assert goes_on.wait(30)
        return real(what)

    def upload() -> None:
        with box.client() as client:
            client.putfo(io.BytesIO(ISA), "in/slow.edi")

    monkeypatch.setattr(files, slow, stalling)
    uploading = threading.Thread(target=upload)
    uploading.start()
    try:
        assert waits.wait(30)
        with box.client() as other:
            other.get_channel().settimeout(10)
            assert sorted(other.listdir(".")) == ["archive", "in", "out"]
            assert box.completed == []
    finally:
        goes_on.set()
        uploading.join()
    assert box.completed == [("quayside", "slow.edi")]


def test_an_upload_that_is_renamed_while_the_disk_has_it_is_told_by_its_new_name(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, goes_on = threading.Event(), threading.Event()
    real = files._durable

    def stalling(descriptor: int) -> os.stat_result:
        waits.set()
        assert goes_on.wait(30)
        return real(descriptor)

    def upload() -> None:
        with box.client() as client, client.open("in/order.tmp", "wb") as file:
            file.write(ISA)

    monkeypatch.setattr(files, "_durable", stalling)
    uploading = threading.Thread(target=upload)
    uploading.start()
    try:
        assert waits.wait(30)
        with box.client() as other:
            other.rename("in/order.tmp", "in/order.edi")
    finally:
        goes_on.set()
        uploading.join()
    assert box.completed == [("quayside", "order.edi")]
