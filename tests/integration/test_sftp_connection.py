"""Reaching, recognising and logging in to real SSH servers, well-behaved and not."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import asyncssh
import paramiko
import pytest

from gateway.errors import Permanent, Transient
from gateway.partners.connections import SftpConnection
from gateway.secrets import Vault
from gateway.transports.sftp.connection import Account, Connection
from gateway.transports.sftp.files import SftpFiles
from gateway.transports.sftp.host_keys import is_pinned, written
from tests.conformance.far_boxes import connection_to
from tests.sftp_server import (
    OTHER_HOST_KEY,
    PASSWORD,
    USER,
    Faults,
    SftpServer,
    fingerprint,
    private_key,
    public_key,
    sftp_server,
)

RSA_HOST_KEY = asyncssh.generate_private_key("ssh-rsa", key_size=2048)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "partner") as running:
        yield running


def by_key(server: SftpServer, key: str, **settings: object) -> Connection:
    written_settings = {
        "type": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "user": "${env:SFTP_USER}",
        "key": "${file:key}",
        "host_keys": [fingerprint()],
    }
    (server.root / "key").write_text(key)
    environment = {"SFTP_USER": USER, "PASSPHRASE": "pa55-phrase", "SFTP_PASSWORD": PASSWORD}
    model = SftpConnection.model_validate(written_settings | settings)
    return Connection(Account.of(model, Vault(server.root, environment), "; ask her"))


def names(connection: Connection) -> list[str]:
    files = SftpFiles(connection)
    try:
        return sorted(one.name for one in files.entries("."))
    finally:
        files.close()
        connection.close()


def refusal(connection: Connection) -> str:
    with pytest.raises((Permanent, Transient)) as refused:
        names(connection)
    return f"{type(refused.value).__name__}: {refused.value}"


# --- who it is ---


@pytest.mark.parametrize(
    "pinned",
    [
        [fingerprint()],
        [public_key()],
        [public_key() + " a comment"],
        [fingerprint(OTHER_HOST_KEY), fingerprint()],
        [public_key(OTHER_HOST_KEY), public_key()],
    ],
    ids=["fingerprint", "key", "key with comment", "rotating fingerprints", "rotating keys"],
)
def test_a_server_with_a_pinned_key_is_logged_in_to(server: SftpServer, pinned: list[str]) -> None:
    assert names(connection_to(server, host_keys=pinned)) == []


@pytest.mark.parametrize(
    "pinned",
    [fingerprint(RSA_HOST_KEY), public_key(RSA_HOST_KEY)],
    ids=["fingerprint", "key"],  # the keys are made anew by each process of a run
)
def test_of_several_keys_of_a_server_the_pinned_kind_is_asked_for(
    tmp_path: Path, pinned: str
) -> None:
    keys = [OTHER_HOST_KEY, RSA_HOST_KEY]
    with sftp_server(tmp_path / "partner", server_host_keys=keys) as server:
        assert names(connection_to(server, host_keys=[pinned])) == []


@pytest.mark.parametrize(
    ("pinned", "said"),
    [([], "none is pinned"), ([fingerprint(OTHER_HOST_KEY)], "another one is pinned")],
)
def test_a_server_with_another_key_gets_no_password(
    server: SftpServer, pinned: list[str], said: str
) -> None:
    assert refusal(by_key(server, private_key(), host_keys=pinned)) == (
        f"HostKeyUnknown: 127.0.0.1:{server.port} shows the host key ssh-ed25519 {fingerprint()}, "
        f"and {said}: nothing was sent. Ask the partner whether this key is theirs; ask her"
    )
    assert server.faults.logins == 0


def test_the_key_that_a_server_shows_can_be_asked_for_without_a_login(server: SftpServer) -> None:
    key = connection_to(server, host_keys=[]).host_key()
    assert written(key) == public_key()
    assert is_pinned(key, [fingerprint()])
    assert not is_pinned(key, [fingerprint(OTHER_HOST_KEY), public_key(OTHER_HOST_KEY)])
    assert server.faults.logins == 0


def test_a_key_that_only_begins_like_a_pinned_one_is_another(server: SftpServer) -> None:
    key = connection_to(server, host_keys=[]).host_key()
    assert not is_pinned(key, [fingerprint()[:-1], public_key()[:-4]])


# --- logging in ---


def test_a_key_opens_the_account(server: SftpServer) -> None:
    assert names(by_key(server, private_key())) == ["key"]


def test_an_encrypted_key_opens_the_account_with_its_passphrase(server: SftpServer) -> None:
    key = private_key("pa55-phrase")
    assert names(by_key(server, key, passphrase="${env:PASSPHRASE}")) == ["key"]
    address = f"127.0.0.1:{server.port}"
    assert refusal(by_key(server, key)) == (
        f"Permanent: {address}: our private key needs a 'passphrase'"
    )
    assert refusal(by_key(server, private_key("other"), passphrase="${env:PASSPHRASE}")) == (
        f"Permanent: {address}: our private key cannot be read with this passphrase"
    )


def test_what_is_no_private_key_is_said_without_showing_it(server: SftpServer) -> None:
    said = refusal(by_key(server, "s3cr3t"))
    assert said == f"Permanent: 127.0.0.1:{server.port}: our private key cannot be read"


def test_where_the_key_is_refused_the_password_is_tried(server: SftpServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    assert names(by_key(server, other, password="${env:SFTP_PASSWORD}")) == ["key"]
    assert refusal(by_key(server, other)) == (
        f"KeyRefused: 127.0.0.1:{server.port} refuses the login of harbor: "
        "check user, key and password"
    )


def test_a_wrong_password_waits_for_a_person_and_is_not_repeated(server: SftpServer) -> None:
    (server.root / "wrong").write_text("wr0ng-word")
    said = refusal(connection_to(server, password="${file:wrong}"))
    assert said == (
        f"Permanent: 127.0.0.1:{server.port} refuses the login of harbor: "
        "check user, key and password"
    )
    assert server.faults.logins == 1


class _Both(paramiko.ServerInterface):
    """Wants a key and then a password."""

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_PARTIALLY_SUCCESSFUL

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if password == PASSWORD else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"


def test_a_server_that_wants_key_and_password_gets_both(server: SftpServer) -> None:
    host_key = paramiko.ECDSAKey.generate()
    serving: list[paramiko.Transport] = []

    def serve(peer: socket.socket) -> None:
        transport = paramiko.Transport(peer)
        transport.set_log_channel("gateway.transports.sftp.paramiko")
        transport.add_server_key(host_key)
        transport.start_server(event=Event(), server=_Both())
        serving.append(transport)

    with speaker(serve) as port:
        settings = {"port": port, "host_keys": [written(host_key)]}
        both = by_key(server, private_key(), password="${env:SFTP_PASSWORD}", **settings)
        assert both.transport().is_authenticated()
        both.close()
        only_key = by_key(server, private_key(), **settings)
        assert refusal(only_key) == (
            f"Permanent: 127.0.0.1:{port}: the login is not complete; it also asks for password"
        )
        for transport in serving:
            transport.close()


def test_an_account_is_never_shown_with_its_secrets(server: SftpServer) -> None:
    account = by_key(server, private_key(), password="${env:SFTP_PASSWORD}")._account
    assert PASSWORD not in repr(account)
    assert "PRIVATE KEY" not in repr(account)


def test_an_answer_that_comes_at_once_is_not_missed(server: SftpServer) -> None:
    # One in fifty of paramiko's newer logins begins to listen after the answer has come.
    for _ in range(60):
        assert names(connection_to(server, connect_timeout="5s")) == []


# --- old servers ---


@pytest.mark.parametrize(
    ("needs", "allowed"),
    [
        ({"encryption_algs": ["aes256-cbc"]}, "aes256-cbc"),
        ({"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes128-ctr"]}, "hmac-sha1"),
    ],
)
def test_an_old_algorithm_is_offered_only_where_it_is_named(
    tmp_path: Path, needs: dict[str, list[str]], allowed: str
) -> None:
    with sftp_server(tmp_path / "partner", **needs) as server:
        said = refusal(connection_to(server))
        assert said.startswith(
            f"Transient: 127.0.0.1:{server.port}: the exchange of keys failed: Incompatible ssh"
        )
        assert names(connection_to(server, legacy_algorithms=[allowed])) == []


# --- the way there ---


def test_a_jump_host_is_gone_through(tmp_path: Path, server: SftpServer) -> None:
    with sftp_server(tmp_path / "jump") as jump:
        via = connection_to(jump)
        settings = by_key(server, private_key())._account
        assert names(Connection(settings, via)) == ["key"]
        assert jump.faults.connections == 1
        via.close()


def test_a_proxy_command_is_the_connection(server: SftpServer) -> None:
    program = server.root / "proxy.py"
    program.write_text(PROXY)
    command = f"{sys.executable} {program} %h %p"
    assert "key" in names(by_key(server, private_key(), proxy_command=command))


PROXY = """\
import os, select, socket, sys
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
while True:
    ready, _, _ = select.select([0, peer], [], [])
    if 0 in ready:
        data = os.read(0, 65536)
        if not data: break
        peer.sendall(data)
    if peer in ready:
        data = peer.recv(65536)
        if not data: break
        os.write(1, data)
"""


def test_a_proxy_command_that_ends_costs_an_attempt(server: SftpServer) -> None:
    said = refusal(by_key(server, private_key(), proxy_command="false %h", connect_timeout="5s"))
    assert said.startswith(f"Transient: 127.0.0.1:{server.port}: the exchange of keys failed: ")


def test_a_proxy_command_that_is_not_there_is_said_without_its_words(server: SftpServer) -> None:
    said = refusal(by_key(server, private_key(), proxy_command="/no/such/program s3cr3t"))
    assert said == (
        f"Transient: 127.0.0.1:{server.port}: cannot be reached: No such file or directory"
    )


# --- servers that stall ---


@contextmanager
def speaker(greet: Callable[[socket.socket], object]) -> Iterator[int]:
    """Listen, greet whoever connects, and say nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                held.append(peer)
                greet(peer)

        thread = Thread(target=accept)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for peer in held:
            peer.close()


@pytest.mark.parametrize(
    "greeting", [b"", b"SSH-2.0-partner\r\n", b"hello\r\n"], ids=["nothing", "banner", "chatter"]
)
def test_a_server_that_says_no_more_is_given_up_in_time(
    server: SftpServer, greeting: bytes
) -> None:
    with speaker(lambda peer: peer.sendall(greeting)) as port:
        said = refusal(by_key(server, private_key(), port=port, connect_timeout="300ms"))
    assert said.startswith(f"Transient: 127.0.0.1:{port}: the exchange of keys failed: ")


def test_a_server_that_nobody_listens_at_is_tried_again(server: SftpServer) -> None:
    server.stop_listening()
    said = refusal(by_key(server, private_key()))
    assert said == f"Transient: 127.0.0.1:{server.port}: cannot be reached: Connection refused"
    server.listen()


def test_a_login_that_is_never_answered_is_given_up_in_time(server: SftpServer) -> None:
    server.faults.stalled = {"login"}
    # Time enough for the exchange of keys, on a slow machine too.
    said = refusal(by_key(server, private_key(), connect_timeout="4s"))
    assert said == f"Transient: 127.0.0.1:{server.port}: the login failed: it was not answered"


def test_a_session_that_never_speaks_is_given_up_in_time(tmp_path: Path) -> None:
    with sftp_server(tmp_path / "partner", sftp_factory=None) as mute:
        said = refusal(by_key(mute, private_key(), connect_timeout="30s", timeout="300ms"))
    assert said == f"Transient: 127.0.0.1:{mute.port}: no SFTP session: no answer in time"


def packet(kind: int, body: bytes) -> bytes:
    return (len(body) + 1).to_bytes(4, "big") + bytes([kind]) + body


def text(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def listing(names: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    """Return a session that lists a folder, each time with what is given."""

    def say(asked: bytes) -> bytes:
        number = asked[1:5]
        match asked[0]:
            case 1:  # the version
                return packet(2, (3).to_bytes(4, "big"))
            case 11:  # the folder is opened
                return packet(102, number + text(b"handle"))
            case 12:  # it is listed
                return packet(104, number + names())
            case _:
                return packet(101, number + bytes(4) + text(b"") + text(b""))

    return say


def listed(tmp_path: Path, says: Callable[[bytes], bytes]) -> str | list[str]:
    """Return the names that are taken from such a session, or the refusal."""
    faults = Faults(says=says)
    with sftp_server(tmp_path / "partner", sftp_factory=None, faults=faults) as babbling:
        try:
            return names(by_key(babbling, private_key()))
        except (OSError, Transient) as fault:
            return f"{type(fault).__name__}: {str(fault).replace(str(babbling.port), 'PORT')}"


def test_a_listing_that_never_ends_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.transports.sftp.client._MOST_NAMES", 1000)
    many = b"".join(text(b"order.edi") + text(b"") + bytes(4) for _ in range(300))
    assert listed(tmp_path, listing(lambda: (300).to_bytes(4, "big") + many)) == (
        "Refused: it lists more than 1000 names: expected fewer in a folder"
    )


def test_a_listing_of_no_names_is_its_end(tmp_path: Path) -> None:
    assert listed(tmp_path, listing(lambda: bytes(4))) == []


@pytest.mark.parametrize(
    "says",
    [
        listing(lambda: b"\xff" * 4 + text(b"order.edi") + text(b"") + bytes(4)),
        lambda _: b"Welcome to the file service of Quayside!\r\n",
        lambda _: packet(101, bytes(20)),
    ],
    ids=["names that it counts and does not send", "a greeting for people", "no version"],
)
def test_what_is_not_the_protocol_is_a_connection_that_is_lost(
    tmp_path: Path, says: Callable[[bytes], bytes]
) -> None:
    said = listed(tmp_path, says)
    assert said in {
        "Transient: 127.0.0.1:PORT: the connection was lost",
        "Transient: 127.0.0.1:PORT: no SFTP session: Garbage packet received",
        "Transient: 127.0.0.1:PORT: no SFTP session: Incompatible sftp protocol",
    }


# --- one connection ---


def test_all_who_use_an_account_share_its_connection(server: SftpServer) -> None:
    connection = by_key(server, private_key())
    users = [SftpFiles(connection) for _ in range(4)]
    for user in users:
        assert [one.name for one in user.entries(".")] == ["key"]
    assert server.faults.connections == 1
    server.cut_all()
    for user in users:
        with pytest.raises(Transient):
            user.entries(".")
        assert [one.name for one in user.entries(".")] == ["key"]
    assert server.faults.connections == 2
    connection.close()


@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_transfer_that_trickles_is_given_up_after_what_one_of_its_size_may_take(
    server: SftpServer, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (server.root / "order.edi").write_bytes(b"x" * 100)
    connection = by_key(server, private_key(), timeout="50s", slowest="50B")
    assert connection.longest(500) == 60, "what an answer may take, and ten seconds for the bytes"
    monkeypatch.setattr(connection, "longest", lambda size: size / 100)
    files = SftpFiles(connection)
    files.connect()
    over = threading.Event()

    def wait(asked: str, path: bytes) -> None:
        if asked == operation:
            over.wait(30)

    server.faults.before = wait
    transfers: dict[str, Callable[[], object]] = {
        "read": lambda: files.read("order.edi", 0, 100),
        "write": lambda: files.write("new.edi", b"x" * 100),
    }
    with pytest.raises(Transient) as fault:
        transfers[operation]()
    over.set()
    files.close()
    connection.close()
    assert str(fault.value) == f"{connection.address}: 100 bytes took longer than 1 s"


def test_a_large_file_comes_whole_and_a_shorter_one_is_said(server: SftpServer) -> None:
    content = os.urandom(3_000_000)
    (server.root / "large.edi").write_bytes(content)
    files = SftpFiles(by_key(server, private_key()))
    assert files.read("large.edi", 0, len(content)) == content
    assert files.read("large.edi", len(content) - 10, 100) == content[-10:]
    files.write("copy.edi", content)
    assert (server.root / "copy.edi").read_bytes() == content
    files.close()


# --- OpenSSH, where it is installed ---


@contextmanager
def openssh(home: Path) -> Iterator[tuple[int, str]]:
    """Run OpenSSH's server for the user of this test; give its port and its host key."""
    program, keygen = (shutil.which(name, path=WHERE) for name in ("sshd", "ssh-keygen"))
    if program is None or keygen is None:
        pytest.skip("OpenSSH's server is not installed on this machine")
    for name in ("host", "ours"):
        subprocess.run([keygen, "-qt", "ed25519", "-N", "", "-f", home / name], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it does not start as root without it
    (home / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {home}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {home}/ours.pub\nStrictModes no\nPermitRootLogin yes\n"
        "Subsystem sftp internal-sftp\n"
    )
    running = subprocess.Popen([program, "-D", "-e", "-f", home / "config"])
    try:
        yield port, " ".join((home / "host.pub").read_text().split()[:2])
    finally:
        running.terminate()
        running.wait()


WHERE = f"/usr/sbin:/usr/local/sbin:{os.environ.get('PATH', '')}"


def test_openssh_is_written_to_read_from_and_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with openssh(tmp_path) as (port, host_key):
        settings = {
            "type": "sftp",
            "host": "127.0.0.1",
            "port": port,
            "user": getpass.getuser(),
            "key": "${file:ours}",
            "host_keys": [host_key],
        }
        vault = Vault(tmp_path, {})
        connection = Connection(Account.of(SftpConnection.model_validate(settings), vault))
        files = SftpFiles(connection)
        until_it_listens(files)
        content = os.urandom(300_000)
        files.write(f"{folder}/a \udce4.edi", content)
        files.move(f"{folder}/a \udce4.edi", f"{folder}/b.edi")
        assert files.read(f"{folder}/b.edi", 0, len(content)) == content
        files.write(f"{folder}/c.edi", b"c")
        with pytest.raises(FileExistsError):
            files.move(f"{folder}/c.edi", f"{folder}/b.edi")
        assert [one.name for one in files.entries(str(folder))] in (
            ["b.edi", "c.edi"],
            ["c.edi", "b.edi"],
        )
        files.close()
        connection.close()


def until_it_listens(files: SftpFiles) -> None:
    for _ in range(100):
        try:
            files.connect()
        except Transient:
            Event().wait(0.1)
        else:
            return
    pytest.fail("OpenSSH's server did not begin to listen")
