"""The files of one FTP account over TLS, as folders that are polled and written to want them."""

from __future__ import annotations

import ftplib
import io
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import RLock

from gateway.errors import Permanent, Transient
from gateway.partners.connections.ftps import FtpsConnection
from gateway.secrets import Vault
from gateway.transports.ftps.client import Client, tls_context
from gateway.transports.ftps.looking import (
    NOT_UNDERSTOOD,
    as_sent,
    far_file,
    is_entry,
    is_folder,
    looked_at,
    own_name,
    words_of,
)
from gateway.transports.polled.far_side import FarFile, add_by_renaming, one_by_one

_PIECE = 64 * 1024
_GONE = re.compile(r"no such|not found|not exist|cannot find", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Account:
    """Where to connect and how to log in, with secrets in it."""

    settings: FtpsConnection
    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, settings: FtpsConnection, vault: Vault) -> Account:
        """Look up the secrets that the settings refer to."""
        return cls(settings, vault.reveal(settings.user), vault.reveal(settings.password))


class FtpsFiles:
    """One conversation, made anew by the next call where it was lost. Calls take turns."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: Client | None = None
        self._turn = RLock()

    @property
    def shown(self) -> str:
        """Name the account for people."""
        return f"ftps://{self._account.settings.address}"

    @property
    def renames(self) -> bool:
        """Say that a rename is one step."""
        return True

    def connect(self) -> None:
        """Connect and log in, where that has not been done."""
        with self._turn:
            if self._client is None:
                self._client = self._logged_in()

    def close(self) -> None:
        """Let go of the conversation; a call under way ends with Transient."""
        client = self._client
        if client is not None:
            client.hang_up()
            self._drop(client)

    def entries(self, folder: str) -> list[FarFile]:
        """Return what lies in a folder."""
        with self._conversation(folder) as client:
            try:
                listed = list(client.mlsd(as_sent(folder), ["type", "size", "modify", "unique"]))
            except ftplib.error_perm as refusal:
                if not str(refusal).startswith(NOT_UNDERSTOOD):
                    raise
                return self._entries_one_by_one(client, folder)
        found = (far_file(own_name(sent), facts) for sent, facts in listed if is_entry(facts))
        # A name with a line break makes two lines of which neither is a file.
        return [one for one in found if one.name]

    def look(self, path: str) -> FarFile | None:
        """Return what lies under a name, or None."""
        with self._conversation(path) as client:
            return looked_at(client, path)

    def looks(self, paths: Sequence[str]) -> list[FarFile | None]:
        """Return what lies under each of some names; FTP answers one question at a time."""
        return [self.look(path) for path in paths]

    def read(self, path: str, start: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer where the file ends."""
        with self._conversation(path) as client:
            client.voidcmd("TYPE I")
            content = bytearray()
            with client.transfercmd(f"RETR {as_sent(path)}", rest=start or None) as connection:
                while len(content) < length:
                    piece = connection.recv(min(length - len(content), _PIECE))
                    if not piece:
                        break
                    content += piece
            hung_up = len(content) == length
            try:
                client.voidresp()
            except ftplib.Error as refusal:
                # The server says that we hung up, where we did; otherwise the file broke off.
                if not hung_up or str(refusal).startswith("421"):
                    raise
            return bytes(content)

    def write(self, path: str, content: bytes) -> None:
        """Write a file, replacing one of that name; return when the other side has all of it."""
        folder = path.rpartition("/")[0] or ("/" if path.startswith("/") else ".")
        with self._conversation(path, folder) as client:
            try:
                client.storbinary(f"STOR {as_sent(path)}", io.BytesIO(content), _PIECE)
            except (ssl.SSLError, ConnectionError):
                client.voidresp()  # the server hung up, and says why in the conversation
                raise
            size = client.size(as_sent(path))
        if size != len(content):
            raise OSError(f"{size} of {len(content)} bytes have arrived: is its disk full?")

    def add(self, path: str, content: bytes, *, temporary: str) -> None:
        """Write a file under a temporary name, and rename it."""
        add_by_renaming(self, path, content, temporary)

    def move(self, source: str, target: str) -> None:
        """Rename a file. FileExistsError where the target is there, as far as this can be told.

        Most servers replace a target without a word, so it is looked for before.
        """
        with self._conversation(source) as client:
            if looked_at(client, target) is not None:
                raise FileExistsError(f"{target} is there already")
            client.rename(as_sent(source), as_sent(target))

    def moves(self, pairs: Sequence[tuple[str, str]]) -> list[OSError | None]:
        """Rename files one after another."""
        return one_by_one(self.move, pairs)

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._conversation(path) as client:
            client.delete(as_sent(path))

    def make_folder(self, path: str) -> None:
        """Make a folder; it may be there already."""
        with self._conversation(path) as client:
            try:
                client.mkd(as_sent(path))
            except ftplib.error_perm as refusal:
                if not is_folder(client, path):
                    raise PermissionError(words_of(refusal)) from refusal

    def _entries_one_by_one(self, client: Client, folder: str) -> list[FarFile]:
        """List a folder of a server that is older than MLSD (RFC 3659)."""
        try:
            names = client.nlst(as_sent(folder))
        except ftplib.error_perm as refusal:
            # Some say so of an empty folder: then it can be gone into.
            before = client.pwd()
            client.cwd(as_sent(folder))
            client.cwd(before)
            if _GONE.search(str(refusal)):
                return []
            raise
        found = []
        for sent in names:
            name = own_name(sent.replace("\\", "/"))
            one = looked_at(client, f"{folder.rstrip('/')}/{name}" if folder != "." else name)
            if one is not None:
                found.append(FarFile(name, one.signature, one.kind))
        return found

    def _logged_in(self) -> Client:
        settings = self._account.settings
        pinned = frozenset(settings.certificates)
        timeout = settings.connect_timeout.total_seconds()
        client = Client(tls_context(pinned=bool(pinned)), pinned, timeout=timeout)
        try:
            if settings.tls == "implicit":
                client.connect_implicitly(settings.host, settings.listens_on)
            else:
                client.connect(settings.host, settings.listens_on)
                client.auth()
            client.require_pinned()
            client.timeout = settings.timeout.total_seconds()
            if client.sock is not None:
                client.sock.settimeout(client.timeout)
            self._log_in(client)
        except BaseException as fault:
            client.close()
            if isinstance(fault, ssl.SSLCertVerificationError):
                raise Permanent(
                    f"{settings.address}: its certificate is not trusted: {fault.verify_message}; "
                    "pin it under 'certificates' where the partner confirms it"
                ) from fault
            if isinstance(fault, ftplib.error_perm):
                raise Permanent(f"{settings.address}: {words_of(fault)}") from fault
            if isinstance(fault, ftplib.Error | EOFError | OSError):
                reason = words_of(fault)
                raise Transient(f"{settings.address}: {reason}") from fault
            raise
        return client

    def _log_in(self, client: Client) -> None:
        client.login(as_sent(self._account.user), as_sent(self._account.password), secure=False)
        client.prot_p()
        # RFC 2640; a server that does not know it is asked for bytes all the same.
        with suppress(ftplib.error_perm):
            client.sendcmd("OPTS UTF8 ON")

    def _drop(self, client: Client) -> None:
        """Let go of a conversation, once whoever waits for an answer in it has stopped waiting."""
        with self._turn:
            if self._client is client:
                self._client = None
            client.close()

    @contextmanager
    def _conversation(self, path: str, needed: str = "") -> Iterator[Client]:
        """Take a turn; say what a refusal means, and drop a conversation that was lost.

        `needed` is what must be there, where it is not the path itself.
        """
        address = self._account.settings.address
        if "\r" in path or "\n" in path:
            raise OSError(f"{path!r} cannot be named over FTP")
        with self._turn:
            self.connect()
            client = self._client
            if client is None:
                raise Transient(f"{address}: the connection was closed")
            try:
                yield client
            except (FileExistsError, Permanent):
                raise
            except PermissionError as refusal:
                if refusal.errno is None:  # it is the server's, and not this system's
                    raise
                self._drop(client)
                raise Transient(f"{address}: {words_of(refusal)}") from refusal
            except ftplib.error_perm as refusal:
                raise _meant(client, needed or path, refusal) from refusal
            except ftplib.error_temp as refusal:
                if str(refusal).startswith("421"):
                    self._drop(client)
                    raise Transient(f"{address}: {words_of(refusal)}") from refusal
                raise OSError(words_of(refusal)) from refusal
            except (ftplib.Error, EOFError, OSError) as fault:
                # Answers that come late would be taken for those to other commands.
                self._drop(client)
                reason = words_of(fault)
                raise Transient(f"{address}: {reason}") from fault


def _meant(client: Client, path: str, refusal: ftplib.error_perm) -> OSError:
    """Say what 550 means: the protocol has one code for what is not there and not allowed."""
    said = words_of(refusal)
    if str(refusal).startswith(("501", "552", "553")):  # about this name or this file alone
        return OSError(said)
    if _GONE.search(said):
        return FileNotFoundError(said)
    try:
        there = looked_at(client, path) is not None
    except (ftplib.Error, EOFError, OSError):
        there = True
    return PermissionError(said) if there else FileNotFoundError(said)
