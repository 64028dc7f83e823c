"""The SFTP server against sessions that want more than their share, or what is not theirs."""

from __future__ import annotations

import asyncio
import io
import os
import socket
import stat
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import asyncssh
import paramiko
import pytest
from structlog.testing import capture_logs

from gateway.app.drop_boxes import Audit
from gateway.clock import utc_now
from gateway.errors import Permanent
from gateway.store import SqlStore, open_database
from gateway.transports.drop_box.files import Audited, Files
from gateway.transports.drop_box.refusing import Refusing
from gateway.transports.drop_box.server import Rules, Server
from tests.databases import sqlite_url
from tests.integration.world import wait_for
from tests.unit.transports.test_drop_box import ISA, Box, box

__all__ = ["box"]  # a fixture

HARMLESS = {
    "channel", "connection", "env", "exit", "logger",  # say what the session is
    "convert_attrs", "format_group", "format_longname", "format_user",  # write what we return
    "map_path", "reverse_map_path",  # asked by methods of which we have our own
}  # fmt: skip


def test_every_request_that_the_library_would_answer_by_itself_is_answered_here() -> None:
    theirs = {name for name in dir(asyncssh.SFTPServer) if not name.startswith("_")}
    assert theirs - {*vars(Files), *vars(Refusing)} == HARMLESS


def asked(
    box: Box, ask: Callable[[asyncssh.SFTPClient], Coroutine[object, object, object]], **how: object
) -> str:
    """Ask something of the server as asyncssh does; return the refusal, or nothing."""

    async def conversation() -> str:
        named: dict[str, object] = {"client_keys": [box.key], **how}
        async with asyncssh.connect(
            "127.0.0.1", box.server.port, username="quayside", known_hosts=None, config=None,
            agent_path=None, **named,
        ) as connection, connection.start_sftp_client(sftp_version=6) as client:  # fmt: skip
            try:
                await ask(client)
            except asyncssh.SFTPError as refusal:
                return str(refusal.reason)
            return ""

    return asyncio.run(conversation())


def test_what_the_file_system_is_like_is_not_told_and_nothing_is_locked(box: Box) -> None:
    (box.inbox / "mine.edi").write_bytes(ISA)

    async def of_file(client: asyncssh.SFTPClient) -> None:
        async with client.open("in/mine.edi", "rb") as file:
            await file.statvfs()

    assert asked(box, of_file) == "not told"
    assert asked(box, lambda client: client.statvfs("in")) == "not told"
    assert asked(box, lambda client: client.link("in/mine.edi", "in/2")) == "there are no links"


def test_copying_on_the_server_keeps_to_the_limits(box: Box) -> None:
    (box.outbox / "large.edi").write_bytes(b"x" * 1001)
    (box.outbox / "small.edi").write_bytes(b"x" * 10)

    async def copy(client: asyncssh.SFTPClient, source: str, target: str) -> None:
        await client.remote_copy(source, target)

    said = asked(box, lambda client: copy(client, "out/large.edi", "in/large.edi"))
    assert said == "no room: a file here may have 1000 bytes at most"
    assert asked(box, lambda client: copy(client, "out/small.edi", "in/small.edi")) == ""
    said = asked(box, lambda client: copy(client, "out/small.edi", "out/other.edi"))
    assert said == "files are uploaded into the folder in"
    assert box.completed == [("quayside", "small.edi")]


def test_one_account_cannot_open_all_the_files_that_the_gateway_may_have_open(box: Box) -> None:
    (box.outbox / "ack.edi").write_bytes(ISA)
    with box.client() as one, box.client() as other, ExitStack() as stack:
        held = [stack.enter_context(one.open("out/ack.edi")) for _ in range(60)]
        for _ in range(40):
            stack.enter_context(other.open("out/ack.edi"))
        for client in (one, other):
            for ask in (lambda c: c.open("out/ack.edi"), lambda c: c.listdir("out")):
                with pytest.raises(OSError, match="100 files are open; close some first"):
                    ask(client)
        held[0].close()
        assert other.open("out/ack.edi").read() == ISA
    wait_for(lambda: not box.server._connections)
    with box.client() as again:
        assert again.listdir("out") == ["ack.edi"]


def test_an_upload_that_is_renamed_while_it_is_open_is_told_of_when_it_is_closed(box: Box) -> None:
    with box.client() as client:
        with client.open("in/a.edi", "wb") as file:
            file.write(ISA)
            client.rename("in/a.edi", "in/b.edi")
            assert box.completed == []
            file.write(ISA)
        assert box.completed == [("quayside", "b.edi")]
    assert (box.inbox / "b.edi").read_bytes() == ISA * 2


def test_an_upload_that_is_begun_anew_is_not_mixed_with_the_one_that_hangs(box: Box) -> None:
    with box.client() as hangs, box.client() as client:
        first = hangs.open("in/a.edi", "wb")
        first.write(b"old")
        client.putfo(io.BytesIO(ISA), "in/a.edi")
        assert box.completed == [("quayside", "a.edi")]
        with pytest.raises(OSError, match="this upload was given up; upload the file anew"):
            first.write(b"old")
        first.close()
        assert box.completed == [("quayside", "a.edi")]
    assert (box.inbox / "a.edi").read_bytes() == ISA


def test_a_file_has_one_name_at_every_moment_of_its_renaming(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    unlink, rename = Path.unlink, Path.rename

    def noted(change: Callable[..., object]) -> Callable[..., object]:
        def changed(path: Path, *where: object, **how: object) -> object:
            seen.append(os.listdir(box.inbox))
            return change(path, *where, **how)

        return changed

    with box.client() as client:
        client.putfo(io.BytesIO(ISA), "in/a.edi")
        monkeypatch.setattr(Path, "unlink", noted(unlink))
        monkeypatch.setattr(Path, "rename", noted(rename))
        client.rename("in/a.edi", "in/b.edi")
    assert seen == [["a.edi"]], "whoever takes a file at any moment finds it once"
    assert os.listdir(box.inbox) == ["b.edi"]


def test_a_link_or_a_pipe_is_not_renamed_into_an_upload(box: Box) -> None:
    (box.inbox / "link.edi").symlink_to("/etc/passwd")
    os.mkfifo(box.inbox / "pipe.edi")
    with box.client() as client:
        for name in ("link.edi", "pipe.edi"):
            with pytest.raises(PermissionError):
                client.rename(f"in/{name}", "in/mine.edi")
    assert box.completed == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (asyncssh.FXF_WRITE, "No such file or directory"),
        (asyncssh.FXF_WRITE | asyncssh.FXF_READ, "No such file or directory"),
        (0, "No such file or directory"),
        (asyncssh.FXF_CREAT, "No such file or directory"),
        (asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC, "No such file or directory"),
    ],
)
def test_nothing_is_made_by_flags_that_do_not_ask_to_write(box: Box, flags: int, said: str) -> None:
    assert asked(box, lambda client: client.open("in/new.edi", flags)) == said
    assert os.listdir(box.inbox) == []


def test_a_file_that_is_there_is_not_made_again_where_the_client_asks_for_that(box: Box) -> None:
    (box.inbox / "a.edi").write_bytes(ISA)
    flags = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_EXCL
    assert asked(box, lambda client: client.open("in/a.edi", flags)) == "File exists"
    assert (box.inbox / "a.edi").read_bytes() == ISA


@pytest.mark.parametrize(
    "name", [b"in/\xff\xfe.edi", b"in/two\nlines.edi", b"in/-rf *", b"in/$(id)"]
)
def test_names_of_any_bytes_are_taken_as_they_are(box: Box, name: bytes) -> None:
    async def put(client: asyncssh.SFTPClient) -> None:
        async with client.open(name, "wb") as file:
            await file.write(ISA)

    assert asked(box, put) == ""
    assert [os.fsencode(one.name) for one in box.inbox.iterdir()] == [name[3:]]
    assert all(one.detail.isprintable() for one in box.audited)


@pytest.mark.parametrize(
    "name", [b"in/a\0.edi", b"in/" + b"a" * 300, b"in/" + b"../" * 5000, b"in/."]
)
def test_names_that_cannot_be_are_refused(box: Box, name: bytes) -> None:
    assert asked(box, lambda client: client.open(name, "wb")) != ""
    assert os.listdir(box.inbox) == []
    assert box.completed == []


def test_a_password_asked_for_by_keyboard_is_checked_like_any(box: Box) -> None:
    def let_in(password: str) -> bool:
        transport = paramiko.Transport(("127.0.0.1", box.server.port))
        with closing(transport):
            transport.start_client(timeout=60)
            try:
                transport.auth_interactive(
                    "quayside", lambda _title, _words, prompts: [password] * len(prompts)
                )
            except paramiko.AuthenticationException:
                return False
            return transport.is_authenticated()

    assert [let_in("anchor"), let_in("anchors"), let_in("")] == [True, False, False]


@pytest.mark.parametrize(
    "user", ["", "root", "../quayside", "quayside\0", "QUAYSIDE", "quayside ", "a" * 10_000]
)
def test_nobody_comes_in_under_a_name_that_is_like_an_account(box: Box, user: str) -> None:
    transport = paramiko.Transport(("127.0.0.1", box.server.port))
    key = paramiko.Ed25519Key.from_private_key(
        io.StringIO(box.key.export_private_key("openssh").decode())
    )
    with closing(transport):
        transport.start_client(timeout=60)
        with pytest.raises((paramiko.SSHException, EOFError)):
            transport.auth_publickey(user, key)
    assert all(len(one.detail) < 300 and one.detail.isprintable() for one in box.audited)
    assert not any(one.verb == "login" for one in box.audited)


def test_one_address_that_never_logs_in_does_not_take_all_places(box: Box) -> None:
    with box.client() as client, ExitStack() as stack:
        for _ in range(30):
            peer = socket.create_connection(("127.0.0.1", box.server.port), timeout=60)
            stack.enter_context(peer)
        wait_for(lambda: len(box.server._connections) == 11)
        assert client.listdir("in") == []
    wait_for(lambda: not box.server._strangers)
    with box.client() as client:
        assert client.listdir("in") == []


def test_a_handshake_that_trickles_ends(tmp_path: Path) -> None:
    rules = Rules(tmp_path / "key", port=0, login_within=timedelta(seconds=0.2))
    server = Server({}, rules, complete=lambda *_: None, audit=lambda _: None)
    server.connect()
    with closing(server), socket.create_connection(("127.0.0.1", server.port), timeout=60) as peer:
        peer.sendall(b"SSH-2.0-slow")
        while peer.recv(4096):
            pass
        wait_for(lambda: not server._connections)


def test_an_upload_under_way_when_the_gateway_stops_is_not_told_of(box: Box) -> None:
    transport = paramiko.Transport(("127.0.0.1", box.server.port))
    key = paramiko.Ed25519Key.from_private_key(
        io.StringIO(box.key.export_private_key("openssh").decode())
    )
    with closing(transport):
        transport.connect(username="quayside", pkey=key)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        file = client.open("in/a.edi", "wb")
        file.write(ISA)
        file.flush()
        wait_for(lambda: (box.inbox / "a.edi").exists())
        box.server.close()
    assert box.completed == []
    assert sorted(one.verb for one in box.audited) == ["break_off", "login", "logout"]
    assert (box.inbox / "a.edi").exists(), "it waits like any file that is not whole"


def test_a_host_key_that_others_can_read_or_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    def connect(path: Path) -> None:
        rules = Rules(path, port=0)
        Server({}, rules, complete=lambda *_: None, audit=lambda _: None).connect()

    key = tmp_path / "key"
    key.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh"))
    key.chmod(0o640)
    with pytest.raises(Permanent) as refused:
        connect(key)
    assert str(refused.value) == (
        f"{key} can be read by others; give it to its owner: chmod 600 {key}"
    )
    with pytest.raises(Permanent) as refused:
        connect(key / "below" / "key")
    assert str(refused.value) == f"{key / 'below' / 'key'} cannot be written: Not a directory"
    assert stat.S_IMODE(key.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["key"]


def test_an_audit_that_cannot_be_stored_as_fast_as_it_grows_is_bounded(tmp_path: Path) -> None:
    store = SqlStore(open_database(sqlite_url(tmp_path)))
    with closing(store):
        audit = Audit(store, clock=utc_now)
        with capture_logs() as logs:
            for _ in range(10_005):
                audit.tell(Audited("quayside", "fetch", "out/ack.edi"))
        lost = [one for one in logs if one["event"] == "sftp_audit_not_stored"]
        assert len(lost) == 5
        assert len(logs) == 10_010, "the log has each of them"
        audit.start()
        audit.close()
