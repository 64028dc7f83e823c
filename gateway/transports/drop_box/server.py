"""The SFTP server itself: listens, lets accounts in, and leaves everything about files to `files`.

It runs an event loop in a thread of its own. Nobody gets a shell, a command or a forwarded port.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import mkstemp
from threading import Thread

import asyncssh

from gateway.errors import Permanent
from gateway.transports.drop_box.account import Account, Throttle, password_fits
from gateway.transports.drop_box.files import Audited, Files
from gateway.transports.drop_box.uploads import Memory

_CLOSING_SECONDS = 10.0
_KEEPALIVE_SECONDS = 30
_STRANGERS = 10
"""Connections of one address at a moment that have not logged in yet."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Where the server listens, and what it allows."""

    host_key: Path
    """Made on first start where it is not there."""
    host: str = "127.0.0.1"
    port: int = 2222
    """Zero takes any free port: see `Server.port`."""
    sessions: int = 100
    """Connections at one moment, over all accounts."""
    login_within: timedelta = timedelta(seconds=30)


def host_key(path: Path) -> asyncssh.SSHKey:
    """Return the server's own key, made and kept where there is none yet."""
    if not path.exists():
        _make_host_key(path)
    try:
        if path.stat().st_mode & 0o077:
            raise Permanent(f"{path} can be read by others; give it to its owner: chmod 600 {path}")
        return asyncssh.read_private_key(path)
    except (OSError, asyncssh.KeyImportError) as fault:
        raise Permanent(f"{path} is not a private key for SSH: {fault}") from fault


def _make_host_key(path: Path) -> None:
    """Make a key that is there whole or not at all; another node may have made it meanwhile."""
    made = asyncssh.generate_private_key("ssh-ed25519", comment="edi-gateway")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = mkstemp(dir=path.parent, prefix=".host-key-")  # for its owner alone
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.export_private_key("openssh"))
        with suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    except OSError as fault:
        raise Permanent(f"{path} cannot be written: {fault.strerror or fault}") from fault


class Server:
    """Lets partners drop and fetch files, from `connect` to `close`."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        rules: Rules,
        *,
        complete: Callable[[str, str], None],
        audit: Callable[[Audited], None],
    ) -> None:
        self._accounts = accounts
        self._rules = rules
        self._complete = complete
        self._audit = audit
        self._throttle = Throttle(time.monotonic)
        self._memories = {user: Memory() for user in accounts}
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._strangers: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self.fingerprint = ""
        """Of the host key, as partners pin it; empty before `connect`."""

    @property
    def port(self) -> int:
        """Return the port it listens on; raise Permanent before `connect`."""
        if self._acceptor is None:
            raise Permanent("the SFTP server does not listen yet")
        return self._acceptor.get_port()

    def connect(self) -> None:
        """Begin to listen; raise Permanent where address or host key cannot be used."""
        key = host_key(self._rules.host_key)
        self.fingerprint = key.get_fingerprint()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="sftp-server", daemon=True)
        self._thread.start()
        try:
            self._acceptor = asyncio.run_coroutine_threadsafe(
                self._listen(key), self._loop
            ).result()
        except OSError as fault:
            self.close()
            where = f"{self._rules.host}:{self._rules.port}"
            reason = fault.strerror or str(fault)
            raise Permanent(f"the SFTP server cannot listen on {where}: {reason}") from fault

    def close(self) -> None:
        """Stop listening and end what sessions there are; what they uploaded stays."""
        if self._loop is None or self._thread is None:
            return
        if self._acceptor is not None:
            end = asyncio.run_coroutine_threadsafe(self._end(self._acceptor), self._loop)
            end.result(timeout=_CLOSING_SECONDS)
            self._acceptor = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_CLOSING_SECONDS)
        self._loop.close()
        self._loop = None

    async def _listen(self, key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Session(self),
            self._rules.host,
            self._rules.port,
            server_host_keys=[key],
            sftp_factory=self._files,
            login_timeout=self._rules.login_within.total_seconds(),
            keepalive_interval=_KEEPALIVE_SECONDS,
            server_version="edi-gateway",
            agent_forwarding=False,
            gss_host=None,
            host_based_auth=False,
            sftp_version=3,
            allow_scp=False,
        )

    async def _end(self, acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        await acceptor.wait_closed()
        for connection in [*self._connections]:
            connection.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        _, pending = await asyncio.wait(others, timeout=1.0) if others else (None, set())
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def _files(self, chan: asyncssh.SSHServerChannel[bytes]) -> Files:
        user = str(chan.get_extra_info("username"))
        return Files(
            chan,
            self._accounts[user],
            self._memories[user],
            complete=self._complete,
            audit=self._audit,
        )


class _Session(asyncssh.SSHServer):
    """One connection: who it is, and whether it is let in."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None
        self._peer = ""
        self._account: Account | None = None
        self._stranger = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._peer = str(conn.get_extra_info("peername")[0])
        strangers, sessions = self._server._strangers, self._server._rules.sessions
        self._stranger = True
        strangers[self._peer] += 1
        # Else one address that never logs in would keep all partners out.
        if strangers[self._peer] > min(_STRANGERS, sessions) or (
            len(self._server._connections) >= sessions
        ):
            conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "too many sessions; try later")
        self._server._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # clients hang up in many ways
        if self._connection is not None:
            self._server._connections.discard(self._connection)
        self._is_known()
        if self._account is not None:
            self._tell("logout", "")

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def auth_completed(self) -> None:
        assert self._connection is not None  # noqa: S101 - it is made before it is authenticated
        user = self._connection.get_extra_info("username")
        self._account = self._server._accounts[str(user)]
        self._is_known()
        self._tell("login", f"from {self._peer}")

    def _is_known(self) -> None:
        if self._stranger:
            self._stranger = False
            self._server._strangers[self._peer] -= 1
            if not self._server._strangers[self._peer]:
                del self._server._strangers[self._peer]

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        account = self._server._accounts.get(username)
        known = account is not None and account.knows_key(key)
        return await self._judged(username, "key", known=known)

    def password_auth_supported(self) -> bool:
        return any(account.password_hash for account in self._server._accounts.values())

    async def validate_password(self, username: str, password: str) -> bool:
        account = self._server._accounts.get(username)
        # In a thread: comparing takes long on purpose, and others must not wait for it.
        known = await asyncio.to_thread(password_fits, account, password)
        return await self._judged(username, "password", known=known)

    async def _judged(self, username: str, means: str, *, known: bool) -> bool:
        throttle = self._server._throttle
        if not known:
            throttle.refused(self._peer)
            account = self._server._accounts.get(username)
            partner = account.partner if account is not None else ""
            shown = username[:64].encode("unicode_escape").decode()
            detail = f"{means} of '{shown}' from {self._peer}"
            self._server._audit(Audited(partner, "refuse", detail))
        # The right one waits as well: a pause that only the wrong one has would tell them apart.
        await asyncio.sleep(throttle.pause(self._peer))
        return known

    def _tell(self, verb: str, detail: str) -> None:
        assert self._account is not None  # noqa: S101 - told of those who are in
        self._server._audit(Audited(self._account.partner, verb, detail))
