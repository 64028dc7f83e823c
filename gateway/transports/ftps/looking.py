"""What FTP says of files: names as bytes, facts of listings, sizes and times, refusals."""

from __future__ import annotations

import ftplib
from datetime import UTC, datetime

from gateway.errors import spoken
from gateway.transports.arrival import Signature
from gateway.transports.ftps.client import Client
from gateway.transports.polled.far_side import FarFile

_KINDS = {"dir": "a folder", "cdir": "a folder", "pdir": "a folder", "file": ""}
NOT_UNDERSTOOD = ("500", "501", "502", "504")
"""Answers of a server that is older than a command."""


def looked_at(client: Client, path: str) -> FarFile | None:
    """Ask for one file, in the words of a listing where the server has them for one name."""
    if client.knows_mlst:
        try:
            return _with_facts(client, path)
        except ftplib.error_perm as refusal:
            if not str(refusal).startswith(NOT_UNDERSTOOD):
                return None
            client.knows_mlst = False
    return _with_size(client, path)


def _with_facts(client: Client, path: str) -> FarFile:
    said = client.sendcmd(f"MLST {as_sent(path)}").splitlines()
    line = next((one for one in said if one.startswith(" ")), "")
    facts, _, _ = line.strip().partition(" ")
    pairs = (fact.partition("=") for fact in facts.split(";") if fact)
    return far_file(path.rpartition("/")[2], {key.lower(): value for key, _, value in pairs})


def _with_size(client: Client, path: str) -> FarFile | None:
    """Ask for the size, which only a file has, and the time."""
    name = path.rpartition("/")[2]
    client.voidcmd("TYPE I")  # sizes are those of the bytes only then
    try:
        size = client.size(as_sent(path)) or 0
    except ftplib.error_perm as refusal:
        if str(refusal).startswith(NOT_UNDERSTOOD):
            raise
        return FarFile(name, Signature(0, 0), "a folder") if is_folder(client, path) else None
    try:
        modified = _moment(client.sendcmd(f"MDTM {as_sent(path)}").partition(" ")[2])
    except ftplib.error_perm:
        modified = 0
    return FarFile(name, Signature(size, modified))


def is_folder(client: Client, path: str) -> bool:
    """Say whether a path can be gone into."""
    before = client.pwd()
    try:
        client.cwd(as_sent(path))
    except ftplib.error_perm:
        return False
    client.cwd(before)
    return True


def is_entry(facts: dict[str, str]) -> bool:
    """Say whether a line of a listing is about something in the folder."""
    return facts.get("type", "file").lower() not in ("cdir", "pdir")


def far_file(name: str, facts: dict[str, str]) -> FarFile:
    """Return an entry by the facts of a listing (RFC 3659)."""
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


def own_name(sent: str) -> str:
    """Return the name of an entry; some servers write whole paths."""
    return _known(sent).rpartition("/")[2]


def as_sent(name: str) -> str:
    """Return a name as the conversation takes it: a character for each byte of its UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("latin-1")


def _known(sent: str) -> str:
    return sent.encode("latin-1").decode("utf-8", "surrogateescape")


def words_of(fault: BaseException) -> str:
    """Return what went wrong in words for people."""
    return "".join(character for character in spoken(fault) if character.isprintable())[:300]
