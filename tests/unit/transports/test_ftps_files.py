"""Files over FTP with TLS, on a real server."""

from __future__ import annotations

import os
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import Permanent, Transient
from gateway.partners.connections.ftps import FtpsConnection
from gateway.secrets import Vault
from gateway.transports.ftps.files import Account, FtpsFiles
from tests.certificates import Certificate, self_signed
from tests.ftp_server import PASSWORD, USER, RunningServer, ftp_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["new", "old"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, certificate: Certificate
) -> Iterator[RunningServer]:
    with ftp_server(tmp_path, certificate, old=request.param == "old") as running:
        yield running


def account(server: RunningServer, **settings: object) -> Account:
    named: dict[str, object] = {
        "type": "ftps",
        "host": "127.0.0.1",
        "port": server.port,
        "user": USER,
        "password": "${env:PASSWORD}",
        "certificates": [server.fingerprint],
        "timeout": "5s",
        **settings,
    }
    vault = Vault(Path(), {"PASSWORD": PASSWORD})
    return Account.of(FtpsConnection.model_validate(named), vault)


@pytest.fixture
def files(server: RunningServer) -> Iterator[FtpsFiles]:
    opened = FtpsFiles(account(server))
    with closing(opened):
        yield opened


def test_a_file_is_written_looked_at_listed_read_moved_and_removed(
    files: FtpsFiles, server: RunningServer
) -> None:
    files.make_folder("out")
    files.make_folder("out")
    assert files.entries("out") == []
    files.write("out/a.edi", b"ISA*00*" * 20_000)
    assert (server.root / "out" / "a.edi").read_bytes() == b"ISA*00*" * 20_000
    [listed] = files.entries("out")
    assert listed == files.look("out/a.edi")
    assert (listed.name, listed.signature.size, listed.kind) == ("a.edi", 140_000, "")
    assert listed.signature.modified // 10**9 == int((server.root / "out/a.edi").stat().st_mtime)
    assert files.read("out/a.edi", 7, 7) == b"ISA*00*"
    assert files.read("out/a.edi", 139_993, 100) == b"ISA*00*"
    assert files.read("out/a.edi", 0, 140_000) == b"ISA*00*" * 20_000
    files.move("out/a.edi", "b.edi")
    assert files.look("out/a.edi") is None
    files.remove("b.edi")
    assert sorted(os.listdir(server.root)) == ["out"]


def test_folders_are_told_apart_from_files(files: FtpsFiles) -> None:
    files.make_folder("inner")
    [listed] = files.entries(".")
    assert (listed.name, listed.kind) == ("inner", "a folder")
    looked = files.look("inner")
    assert looked is not None
    assert looked.kind == "a folder"


def test_a_name_that_is_taken_is_not_replaced(files: FtpsFiles, server: RunningServer) -> None:
    for name in ("a", "b"):
        files.write(name, name.encode())
    with pytest.raises(FileExistsError, match="b is there already"):
        files.move("a", "b")
    assert (server.root / "b").read_bytes() == b"b"


def test_names_in_odd_encodings_keep_their_bytes(files: FtpsFiles, server: RunningServer) -> None:
    for name in (b"r\xc3\xa9sum\xc3\xa9.edi", b"caf\xe9.edi", b"with blank.edi"):
        files.write(os.fsdecode(name), name)
        assert (Path(os.fsdecode(os.fsencode(server.root) + b"/" + name))).read_bytes() == name
        assert files.read(os.fsdecode(name), 0, 100) == name
    listed = {os.fsencode(one.name) for one in files.entries(".")}
    assert listed == {b"r\xc3\xa9sum\xc3\xa9.edi", b"caf\xe9.edi", b"with blank.edi"}
    with pytest.raises(OSError, match="cannot be named over FTP"):
        files.write("a\r\nDELE b", b"")


def test_what_is_gone_is_told_apart_from_what_is_not_allowed(
    tmp_path: Path, certificate: Certificate
) -> None:
    (tmp_path / "a.edi").write_bytes(b"ISA")
    with ftp_server(tmp_path, certificate, permissions="elr") as server:
        files = FtpsFiles(account(server))
        with closing(files):
            for gone in (
                lambda: files.read("b.edi", 0, 1),
                lambda: files.entries("nowhere"),
            ):
                with pytest.raises(FileNotFoundError):
                    gone()
            for denied in (
                lambda: files.remove("a.edi"),
                lambda: files.move("a.edi", "c.edi"),
                lambda: files.write("a.edi", b"other"),
            ):
                with pytest.raises(PermissionError):
                    denied()
            assert files.read("a.edi", 0, 9) == b"ISA", "the conversation goes on"


def test_a_wrong_password_waits_for_a_person(server: RunningServer) -> None:
    vault = Vault(Path(), {"PASSWORD": "wrong"})
    files = FtpsFiles(Account.of(account(server).settings, vault))
    with pytest.raises(Permanent, match=rf"127\.0\.0\.1:{server.port}: 530 "):
        files.connect()


def test_a_certificate_that_is_not_pinned_gets_no_password(
    server: RunningServer, tmp_path: Path
) -> None:
    seen = []
    server.handler.on_login_failed = lambda *found: seen.append(found)
    server.handler.on_login = lambda *found: seen.append(found)
    files = FtpsFiles(account(server, certificates=["ab" * 32]))
    with pytest.raises(Permanent) as refused:
        files.connect()
    assert str(refused.value) == (
        f"127.0.0.1 shows a certificate that is not pinned: SHA-256 {server.fingerprint}; ask the "
        "partner, then write it under 'certificates'"
    )
    with pytest.raises(Permanent, match="its certificate is not trusted: self-signed certificate"):
        FtpsFiles(account(server, certificates=[])).connect()
    assert seen == []


def test_a_server_that_is_not_there_is_tried_again(server: RunningServer) -> None:
    files = FtpsFiles(account(server, port=1))
    with pytest.raises(Transient, match=r"127\.0\.0\.1:1: .*refused"):
        files.connect()


def test_a_conversation_that_broke_off_is_begun_anew(
    files: FtpsFiles, server: RunningServer
) -> None:
    files.write("a", b"1")
    assert files._client is not None
    assert files._client.sock is not None
    files._client.sock.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Transient):
        files.read("a", 0, 1)
    assert files.read("a", 0, 1) == b"1"


def test_a_disk_that_is_full_is_noticed_by_the_size(
    files: FtpsFiles, server: RunningServer
) -> None:
    (server.root / "full").symlink_to("/dev/null")
    with pytest.raises((OSError, Permanent)):
        files.write("full", b"ISA*00*")
    assert stat.S_ISCHR((server.root / "full").stat().st_mode)


def test_a_server_that_is_gone_before_its_tickets_were_read_has_answered_all_the_same(
    files: FtpsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It takes a race of the server's threads to see it happen; the library says it so.
    def gone(_: ssl.SSLSocket) -> socket.socket:
        fault = ssl.SSLError(1, "[SSL: SHUTDOWN_WHILE_IN_INIT] shutdown while in init")
        fault.reason = "SHUTDOWN_WHILE_IN_INIT"
        raise fault

    files.make_folder("out")
    files.write("out/a.edi", b"ISA*00*")
    monkeypatch.setattr(ssl.SSLSocket, "unwrap", gone)
    assert [one.name for one in files.entries("out")] == ["a.edi"]
    assert files.read("out/a.edi", 0, 7) == b"ISA*00*"
