"""One connection to a partner's SFTP server: reached, recognised, logged in to, and kept open.

Every wait has an end, so that a server that stalls costs an attempt and never a thread. The host
key is compared before anything is said that a wrong server could use.
"""

from __future__ import annotations

import shlex
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property

import paramiko
from paramiko.sftp import SFTPError
from paramiko.ssh_exception import SSHException

from gateway.errors import Permanent, Transient, spoken
from gateway.partners.connections import SftpConnection
from gateway.secrets import Vault
from gateway.transports.reaching import reached
from gateway.transports.sftp import host_keys
from gateway.transports.sftp.client import Client
from gateway.transports.sftp.login import LOG, KeyRefused, log_in, private_key

_CIPHERS = (
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
_MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)


@dataclass(frozen=True, slots=True)
class Account:
    """A connection's settings with its secrets in them: never shown."""

    settings: SftpConnection
    user: str
    pinned: tuple[str, ...]
    password: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    proxy_command: str | None = field(default=None, repr=False)
    hint: str = ""
    """What a person can do where the host key is unknown."""

    @classmethod
    def of(cls, settings: SftpConnection, vault: Vault, hint: str = "") -> Account:
        """Look up the secrets that a connection refers to."""
        revealed = {
            name: vault.reveal(text) if (text := getattr(settings, name)) else None
            for name in ("password", "key", "passphrase", "proxy_command")
        }
        user = vault.reveal(settings.user)
        return cls(settings, user, settings.host_keys, hint=hint, **revealed)

    @property
    def address(self) -> str:
        """Name the server for people."""
        return self.settings.address


class HostKeyUnknown(Permanent):
    """The server showed a host key that is not pinned."""

    def __init__(self, message: str, key: paramiko.PKey) -> None:
        super().__init__(message)
        self.key = key


class Connection:
    """A connection that is made when it is needed, and shared by all who use the account."""

    def __init__(self, account: Account, via: Connection | None = None) -> None:
        self._account = account
        self._via = via
        self._lock = threading.Lock()
        self._transport: paramiko.Transport | None = None
        self._proxy: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._pending: paramiko.Transport | None = None

    @property
    def address(self) -> str:
        """Name the server for people."""
        return self._account.address

    @property
    def shown(self) -> str:
        """Name the account for people."""
        return f"sftp://{self._account.user}@{self.address}"

    @cached_property
    def _key(self) -> paramiko.PKey | None:
        """Return our private key; to decrypt one takes a while, and is done once."""
        account = self._account
        if account.key is None:
            return None
        return private_key(account.key, account.passphrase, account.address)

    def session(self) -> Client:
        """Open an SFTP session; raise Transient or Permanent where that fails."""
        transport = self.transport()
        try:
            return self._session_on(transport)
        except Transient:
            if transport.is_active():
                raise
            # It had been lost before, and nobody had noticed yet.
            return self._session_on(self.transport())

    def _session_on(self, transport: paramiko.Transport) -> Client:
        settings = self._account.settings
        limit = settings.connect_timeout.total_seconds()
        with self._translated("no SFTP session"), ends_after(limit, transport.close):
            channel = transport.open_session(timeout=limit)
            channel.settimeout(settings.timeout.total_seconds())
            channel.invoke_subsystem("sftp")
            return Client(channel)

    def transport(self) -> paramiko.Transport:
        """Return the connection, logged in; make it where it is not there any more."""
        with self._lock:
            if self._transport is None or not self._transport.is_active():
                self._close()
                self._transport = self._logged_in()
            return self._transport

    def host_key(self) -> paramiko.PKey:
        """Return the key that the server shows now, without logging in."""
        with self._lock:
            self._close()
            transport = self._greeted(host_keys.offers(())[0])
            try:
                return transport.get_remote_server_key()
            finally:
                self._close()

    def longest(self, size: int) -> float:
        """Return how many seconds a transfer of so many bytes may take."""
        settings = self._account.settings
        return settings.timeout.total_seconds() + size / settings.slowest

    def break_off(self) -> None:
        """Let calls under way end with Transient, also one that is still being connected."""
        self._ended.set()
        pending, made = self._pending, self._transport
        for transport in (pending, made):
            if transport is not None:
                transport.close()

    def close(self) -> None:
        """Close the connection; calls under way end with Transient."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        if self._proxy is not None:
            self._proxy.terminate()
            self._proxy.wait()
            self._proxy = None

    def _logged_in(self) -> paramiko.Transport:
        key, password = self._key, self._account.password
        try:
            transport = self._logged_in_by(key, password)
        except KeyRefused:
            if password is None:
                raise
            transport = self._logged_in_by(None, password)
        keepalive = self._account.settings.keepalive.total_seconds()
        transport.set_keepalive(max(1, round(keepalive)))
        return transport

    def _logged_in_by(self, key: paramiko.PKey | None, password: str | None) -> paramiko.Transport:
        transport = self._recognised()
        user, limit = self._account.user, self._account.settings.connect_timeout.total_seconds()
        try:
            with self._translated("the login failed"), ends_after(2 * limit, transport.close):
                log_in(transport, user, self.address, key=key, password=password)
        except BaseException:
            transport.close()
            raise
        return transport

    def _recognised(self) -> paramiko.Transport:
        """Reach the server and find one of the pinned keys; try each kind that may be pinned."""
        first: paramiko.PKey | None = None
        for kinds in host_keys.offers(self._account.pinned):
            try:
                transport = self._greeted(kinds)
            except Transient:
                if first is None:
                    raise
                continue  # the server has no key of this kind
            key = transport.get_remote_server_key()
            if host_keys.is_pinned(key, self._account.pinned):
                return transport
            transport.close()
            first = first or key
            if not self._account.pinned:
                break
        assert first is not None  # noqa: S101 - there is at least one offer, and it was answered
        raise HostKeyUnknown(self._unknown(first), first)

    def _unknown(self, key: paramiko.PKey) -> str:
        seen = f"{key.get_name()} {host_keys.fingerprint(key)}"
        pinned = "another one is pinned" if self._account.pinned else "none is pinned"
        return (
            f"{self.address} shows the host key {seen}, and {pinned}: nothing was sent. "
            f"Ask the partner whether this key is theirs{self._account.hint}"
        )

    def _greeted(self, kinds: tuple[str, ...]) -> paramiko.Transport:
        """Connect and exchange keys, asking for some kinds of host key."""
        settings = self._account.settings
        limit = settings.connect_timeout.total_seconds()
        with self._translated("cannot be reached"):
            self._pending = transport = paramiko.Transport(self._reached(limit))
        transport.set_log_channel(LOG)
        transport.banner_timeout = transport.handshake_timeout = limit
        transport.auth_timeout = transport.channel_timeout = limit
        offered = transport.get_security_options()
        legacy = settings.legacy_algorithms
        offered.ciphers = (*_CIPHERS, *(name for name in legacy if name in offered.ciphers))
        offered.digests = (*_MACS, *(name for name in legacy if name in offered.digests))
        offered.key_types = kinds
        try:
            with self._translated("the exchange of keys failed"):
                transport.start_client(timeout=limit)
                _require_keys(transport)
        except BaseException:
            transport.close()
            raise
        return transport

    def _reached(self, limit: float) -> socket.socket | paramiko.Channel:
        settings = self._account.settings
        if self._via is not None:
            jump = self._via.transport()
            where = settings.host, settings.port
            return jump.open_channel("direct-tcpip", where, ("127.0.0.1", 0), timeout=limit)
        if self._account.proxy_command is not None:
            return self._proxied(self._account.proxy_command)
        found = reached(settings.host, settings.port, seconds=limit, ended=self._ended)
        with suppress(AttributeError, OSError):  # not every system has it
            # A server that reads no more must not stop a thread that writes for ever.
            most = int(settings.timeout.total_seconds() * 1000)
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, most)
        return found

    def _proxied(self, command: str) -> socket.socket:
        """Start a command whose input and output are the connection."""
        settings = self._account.settings
        words = [
            word.replace("%h", settings.host).replace("%p", str(settings.port))
            for word in shlex.split(command)
        ]
        ours, its = socket.socketpair()
        with its, ExitStack() as undoing:
            undoing.callback(ours.close)
            # The operator's own configuration says what is started.
            self._proxy = subprocess.Popen(words, stdin=its.fileno(), stdout=its.fileno())  # noqa: S603
            undoing.pop_all()
        return ours

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (Transient, Permanent):
            raise
        except TimeoutError as fault:
            raise Transient(f"{self.address}: {what}: no answer in time") from fault
        except (SSHException, SFTPError, EOFError, OSError) as fault:
            raise Transient(f"{self.address}: {what}: {_said(fault)}") from fault


def _require_keys(transport: paramiko.Transport) -> None:
    # Waiting for them ends without a word where the time is over.
    if not transport.initial_kex_done:
        raise TimeoutError


@contextmanager
def ends_after(seconds: float, end: Callable[[], object]) -> Iterator[None]:
    """End what a library would wait for without limit."""
    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _said(fault: BaseException) -> str:
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    # paramiko says nothing where a connection ends.
    return spoken(fault).splitlines()[0] if str(fault).strip() else "the connection was lost"
