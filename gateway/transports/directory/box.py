"""One partner's drop box: which files have arrived, taking them, and putting them away.

It decides when a file is taken and where it goes afterwards; waiting and waking up are `inbound`'s.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import structlog

from gateway.clock import Clock
from gateway.pipeline.ports import Payload, Received
from gateway.transports.arrival import (
    Arrival,
    ArrivalRules,
    ArrivalWatch,
    Signature,
    fault_of,
)
from gateway.transports.directory import files
from gateway.transports.directory.claims import Claims
from gateway.transports.shown import printable

_EXCERPT_BYTES = 64 * 1024
"""How much of a file over the size limit is kept for the person who looks at it."""

_LOOKED_FOR = 1000
"""Files that one look finds for the calls that follow: looking takes as long as the folder is."""

QUARANTINE = ".quarantine"
"""Where files are kept that never became whole, for the partner and for us to see."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one partner's payloads come in, and where they are kept afterwards."""

    partner: str
    inbox: Path
    archive: Path


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was seen and not taken."""

    partner: str
    name: str
    reason: str


class DropBox:
    """The files of one partner."""

    def __init__(self, folder: Folder, rules: ArrivalRules, *, clock: Clock, owner: str) -> None:
        self.folder = folder
        self._rules = rules
        self._clock = clock
        self._claims = Claims(folder.inbox, owner)
        self._watch = ArrivalWatch(rules, lambda name: files.read_tail(folder.inbox / name))
        self._adopted: deque[Path] = deque()
        self._arrived: deque[Arrival] = deque()
        self._passed_over: dict[str, str] = {}
        self._changed: dict[str, datetime] = {}
        self._clock_agrees = False
        self._unarchived: deque[Claimed] = deque()

    def open(self) -> None:
        """Make the folders where they are missing, and take over what was left behind."""
        self.folder.inbox.mkdir(parents=True, exist_ok=True)
        self._claims.open()
        self._clock_agrees = self._claims.clock_agrees(self._clock())
        self._adopted.extend(self._claims.adopt())

    def close(self) -> None:
        """Let others take what was not settled."""
        self._claims.close()

    def take(self, limit: int) -> Iterator[Received]:
        """Claim what has arrived, at most `limit` files, and yield it one by one."""
        for _ in range(min(limit, len(self._adopted))):
            yield from self._receive_adopted(self._adopted.popleft())
            limit -= 1
        if not self._arrived:
            seen, now = self._seen(), self._clock()
            found = self._watch.look(seen, now, limit=_LOOKED_FOR, changed=self._changed)
            self._arrived.extend(found)
        for _ in range(min(limit, len(self._arrived))):
            # What has changed since it was seen is put back when it is read.
            yield from self._receive(self._arrived.popleft())

    def complete(self, name: str) -> None:
        """Take a file at the next look: whoever wrote it says that it is whole."""
        self._watch.complete(name)

    def rescan(self) -> None:
        """Look for what other owners left behind since, and try the archive again."""
        for _ in range(len(self._unarchived)):
            self._unarchived.popleft().settle()
        try:
            self._adopted.extend(self._claims.adopt())
        except OSError as fault:
            self._warn("claims_not_adopted", ".", fault.strerror or str(fault))

    @property
    def waiting(self) -> list[Waiting]:
        """Return what was seen and not taken, with the reasons."""
        reasons = {**self._passed_over, **self._watch.waiting}
        return [
            Waiting(self.folder.partner, printable(name), reason)
            for name, reason in sorted(reasons.items())
        ]

    @property
    def unsettled(self) -> bool:
        """Say whether another look soon may find a file to take."""
        return self._watch.unsettled or bool(self._adopted) or bool(self._arrived)

    def _seen(self) -> dict[str, Signature]:
        """Look at the inbox: regular files that are not temporary; note what is passed over."""
        seen: dict[str, Signature] = {}
        passed_over: dict[str, str] = {}
        self._changed.clear()
        try:
            with os.scandir(self.folder.inbox) as entries:
                for entry in entries:
                    self._see(entry, seen, passed_over)
        except OSError as fault:
            passed_over["."] = f"the folder cannot be read: {fault.strerror or fault}"
        for name in passed_over.keys() - self._passed_over.keys():
            self._warn("file_passed_over", name, passed_over[name])
        self._passed_over = passed_over
        return seen

    def _see(
        self, entry: os.DirEntry[str], seen: dict[str, Signature], passed_over: dict[str, str]
    ) -> None:
        if self._rules.ignores(entry.name):
            return
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError as fault:
            passed_over[entry.name] = f"cannot be looked at: {fault.strerror or fault}"
            return
        if kind := files.kind_of(status.st_mode):
            passed_over[entry.name] = f"{kind}, which is never taken"
        else:
            seen[entry.name] = files.signature_of(status)
            if self._clock_agrees:
                # Of bytes and of name; unlike the modification time, no sender can set it.
                self._changed[entry.name] = datetime.fromtimestamp(status.st_ctime, UTC)

    def _receive(self, arrival: Arrival) -> Iterator[Received]:
        try:
            claimed = self._claims.claim(self.folder.inbox / arrival.name)
        except OSError as fault:
            self._warn("file_not_claimed", arrival.name, fault.strerror or str(fault))
            return
        if claimed is None:
            return
        self._watch.forget(arrival.name)
        yield from self._read(claimed, arrival.signature, arrival.incomplete)

    def _receive_adopted(self, claimed: Path) -> Iterator[Received]:
        """Take what an owner had claimed that no longer lives; judge anew whether it is whole."""
        try:
            signature = files.signature_of(claimed.lstat())
        except OSError as fault:
            self._warn("file_not_adopted", claimed.name, fault.strerror or str(fault))
            return
        incomplete = fault_of(signature, self._rules, lambda: files.read_tail(claimed))
        yield from self._read(claimed, signature, incomplete)

    def _read(self, path: Path, signature: Signature, incomplete: str) -> Iterator[Received]:
        claimed = Claimed(path, self.folder, self._clock, self._unarchived.append)
        too_large = signature.size > self._rules.max_bytes
        limit = _EXCERPT_BYTES if too_large else self._rules.max_bytes
        try:
            inode = path.lstat().st_ino
            content = files.read_unchanged(path, signature, limit)
        except OSError as fault:
            inode, content = 0, b""
            incomplete = incomplete or f"cannot be read: {fault.strerror or fault}"
        if content is None:
            self._warn("file_changed_while_taken", path.name, "put back until it is quiet")
            claimed.release()
            return
        if incomplete:
            claimed.whole = False
            self._warn("payload_incomplete", path.name, incomplete)
        payload = Payload(
            content,
            printable(path.name),
            self.folder.partner,
            incomplete=incomplete,
            receipt=_receipt(inode, signature, content) if inode else "",
        )
        yield Received(payload, claimed.settle, claimed.release)

    def _warn(self, event: str, name: str, reason: str) -> None:
        log.warning(event, partner=self.folder.partner, name=printable(name), reason=reason)


def _receipt(inode: int, signature: Signature, content: bytes) -> str:
    """Name an arrival by what a rename keeps.

    The content is part of it: an inode is given out again, and some senders copy file times.
    """
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    return f"{inode}:{signature.modified}:{signature.size}:{digest}"


class Claimed:
    """A file that one process has taken, until it is settled or released."""

    def __init__(
        self, path: Path, folder: Folder, clock: Clock, unarchived: Callable[[Claimed], None]
    ) -> None:
        self._path = path
        self._folder = folder
        self._clock = clock
        self._unarchived = unarchived
        self._lock = Lock()
        self._over = False
        self.whole = True

    def settle(self) -> None:
        """Put the file into the archive, or apart from it where it never became whole."""
        kept = self._folder.archive if self.whole else self._folder.inbox / QUARANTINE
        if not self._move(kept / self._clock().date().isoformat()):
            # The payload is durable, so this is tried again later and never fails the caller.
            self._unarchived(self)

    def release(self) -> None:
        """Put the file back into the inbox, where it is taken again once it is quiet."""
        self._move(self._folder.inbox)

    def _move(self, folder: Path) -> bool:
        with self._lock:
            if self._over:
                return True
            try:
                files.move_aside(self._path, folder)
            except FileNotFoundError:
                log.warning("claimed_file_vanished", path=str(self._path))
            except OSError as fault:
                reason = fault.strerror or str(fault)
                log.warning("file_not_moved", path=str(self._path), reason=reason)
                return False
            self._over = True
            return True
