"""The files of one FTP account over TLS, as folders that are polled and written to want them."""

from __future__ import annotations

import ftplib
import io
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock

from gateway.errors import Permanent, Transient
from gateway.partners.connections.ftps import FtpsConnection
from gateway.secrets import Vault
from gateway.transports.arrival import Signature
from gateway.transports.ftps.client import Client, tls_context
from gateway.transports.polled.far_side import FarFile, add_by_renaming, one_by_one

_PIECE = 64 * 1024
_KINDS = {"dir": "a folder", "cdir": "a folder", "pdir": "a folder", "file": ""}
_GONE = re.compile(r"no such|not found|not exist|cannot find", re.IGNORECASE)
_NOT_UNDERSTOOD = ("500", "501", "502", "504")


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
                listed = list(client.mlsd(_sent(folder), ["type", "size", "modify", "unique"]))
            except ftplib.error_perm as refusal:
                if not str(refusal).startswith(_NOT_UNDERSTOOD):
                    raise
                return self._entries_one_by_one(client, folder)
        found = (_far_file(_own_name(sent), facts) for sent, facts in listed if _is_entry(facts))
        # A name with a line break makes two lines of which neither is a file.
        return [one for one in found if one.name]

    def look(self, path: str) -> FarFile | None:
        """Return what lies under a name, or None."""
        with self._conversation(path) as client:
            return _looked_at(client, path)

    def looks(self, paths: Sequence[str]) -> list[FarFile | None]:
        """Return what lies under each of some names; FTP answers one question at a time."""
        return [self.look(path) for path in paths]

    def read(self, path: str, start: int, length: int) -> bytes:
        """Return so many bytes from there on, fewer where the file ends."""
        with self._conversation(path) as client:
            client.voidcmd("TYPE I")
            content = bytearray()
            with client.transfercmd(f"RETR {_sent(path)}", rest=start or None) as connection:
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
                client.storbinary(f"STOR {_sent(path)}", io.BytesIO(content), _PIECE)
            except (ssl.SSLError, ConnectionError):
                client.voidresp()  # the server hung up, and says why in the conversation
                raise
            size = client.size(_sent(path))
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
            if _looked_at(client, target) is not None:
                raise FileExistsError(f"{target} is there already")
            client.rename(_sent(source), _sent(target))

    def moves(self, pairs: Sequence[tuple[str, str]]) -> list[OSError | None]:
        """Rename files one after another."""
        return one_by_one(self.move, pairs)

    def remove(self, path: str) -> None:
        """Remove a file."""
        with self._conversation(path) as client:
            client.delete(_sent(path))

    def make_folder(self, path: str) -> None:
        """Make a folder; it may be there already."""
        with self._conversation(path) as client:
            try:
                client.mkd(_sent(path))
            except ftplib.error_perm as refusal:
                if not _is_folder(client, path):
                    raise PermissionError(_said(refusal)) from refusal

    def _entries_one_by_one(self, client: Client, folder: str) -> list[FarFile]:
        """List a folder of a server that is older than MLSD (RFC 3659)."""
        try:
            names = client.nlst(_sent(folder))
        except ftplib.error_perm as refusal:
            # Some say so of an empty folder: then it can be gone into.
            before = client.pwd()
            client.cwd(_sent(folder))
            client.cwd(before)
            if _GONE.search(str(refusal)):
                return []
            raise
        found = []
        for sent in names:
            name = _own_name(sent.replace("\\", "/"))
            one = _looked_at(client, f"{folder.rstrip('/')}/{name}" if folder != "." else name)
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
                raise Permanent(f"{settings.address}: {_said(fault)}") from fault
            if isinstance(fault, ftplib.Error | EOFError | OSError):
                reason = _said(fault) or "the connection was lost"
                raise Transient(f"{settings.address}: {reason}") from fault
            raise
        return client

    def _log_in(self, client: Client) -> None:
        client.login(_sent(self._account.user), _sent(self._account.password), secure=False)
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
                raise Transient(f"{address}: {_said(refusal)}") from refusal
            except ftplib.error_perm as refusal:
                raise _meant(client, needed or path, refusal) from refusal
            except ftplib.error_temp as refusal:
                if str(refusal).startswith("421"):
                    self._drop(client)
                    raise Transient(f"{address}: {_said(refusal)}") from refusal
                raise OSError(_said(refusal)) from refusal
            except (ftplib.Error, EOFError, OSError) as fault:
                # Answers that come late would be taken for those to other commands.
                self._drop(client)
                reason = _said(fault) or "the connection was lost"
                raise Transient(f"{address}: {reason}") from fault


def _looked_at(client: Client, path: str) -> FarFile | None:
    """Ask for one file, in the words of a listing where the server has them for one name."""
    if client.knows_mlst:
        try:
            return _with_facts(client, path)
        except ftplib.error_perm as refusal:
            if not str(refusal).startswith(_NOT_UNDERSTOOD):
                return None
            client.knows_mlst = False
    return _with_size(client, path)


def _with_facts(client: Client, path: str) -> FarFile:
    said = client.sendcmd(f"MLST {_sent(path)}").splitlines()
    line = next((one for one in said if one.startswith(" ")), "")
    facts, _, _ = line.strip().partition(" ")
    pairs = (fact.partition("=") for fact in facts.split(";") if fact)
    return _far_file(path.rpartition("/")[2], {key.lower(): value for key, _, value in pairs})


def _with_size(client: Client, path: str) -> FarFile | None:
    """Ask for the size, which only a file has, and the time."""
    name = path.rpartition("/")[2]
    client.voidcmd("TYPE I")  # sizes are those of the bytes only then
    try:
        size = client.size(_sent(path)) or 0
    except ftplib.error_perm as refusal:
        if str(refusal).startswith(_NOT_UNDERSTOOD):
            raise
        return FarFile(name, Signature(0, 0), "a folder") if _is_folder(client, path) else None
    try:
        modified = _moment(client.sendcmd(f"MDTM {_sent(path)}").partition(" ")[2])
    except ftplib.error_perm:
        modified = 0
    return FarFile(name, Signature(size, modified))


def _is_folder(client: Client, path: str) -> bool:
    before = client.pwd()
    try:
        client.cwd(_sent(path))
    except ftplib.error_perm:
        return False
    client.cwd(before)
    return True


def _meant(client: Client, path: str, refusal: ftplib.error_perm) -> OSError:
    """Say what 550 means: the protocol has one code for what is not there and not allowed."""
    said = _said(refusal)
    if str(refusal).startswith(("501", "552", "553")):  # about this name or this file alone
        return OSError(said)
    if _GONE.search(said):
        return FileNotFoundError(said)
    try:
        there = _looked_at(client, path) is not None
    except (ftplib.Error, EOFError, OSError):
        there = True
    return PermissionError(said) if there else FileNotFoundError(said)


def _is_entry(facts: dict[str, str]) -> bool:
    return facts.get("type", "file").lower() not in ("cdir", "pdir")


def _own_name(sent: str) -> str:
    """Return the name of an entry; some servers write whole paths."""
    return _known(sent).rpartition("/")[2]


def _far_file(name: str, facts: dict[str, str]) -> FarFile:
    kind = _KINDS.get(facts.get("type", "file").lower(), "not a regular file")
    size = facts.get("size", "0")
    return FarFile(
        name,
        Signature(
            int(size) if size.isascii() and size.isdigit() else 0, _moment(facts.get("modify", ""))
        ),
        kind,
    )


def _moment(text: str) -> int:
    """Return a time of RFC 3659, `CCYYMMDDHHMMSS.sss`, in nanoseconds; zero where it is none."""
    try:
        whole = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return 0
    return int(whole.timestamp()) * 1_000_000_000


def _sent(name: str) -> str:
    """Return a name as the conversation takes it: a character for each byte of its UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("latin-1")


def _known(sent: str) -> str:
    return sent.encode("latin-1").decode("utf-8", "surrogateescape")


def _said(fault: BaseException) -> str:
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    text = str(fault)
    return "".join(character for character in text if character.isprintable())[:300]
