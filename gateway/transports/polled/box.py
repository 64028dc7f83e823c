"""One folder at a partner: which files have arrived, taking them, and finding them unchanged.

A file is renamed, read, and looked at once more, before it is handed over; it is put away when its
bytes are durable. The ledger knows it by path, size, time and content, so that a crash between any
two of these steps costs a second read and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from gateway.errors import Transient, spoken
from gateway.pipeline.polling_port import FolderMemory, Sighting
from gateway.pipeline.ports import Payload, Received
from gateway.transports.arrival import TAIL_BYTES, Arrival, ArrivalWatch, Signature, fault_of
from gateway.transports.directory.box import Waiting
from gateway.transports.polled.far_side import FarFile, FarSide, joined
from gateway.transports.polled.names import Names, PollRules
from gateway.transports.polled.taken import Putting, Taken
from gateway.transports.shown import printable

_SMALL = 256 * 1024
"""A file of this size is read whole when its end is looked at: one read instead of two."""

_EXCERPT_BYTES = 64 * 1024
"""How much of a file over the size limit is kept for the person who looks at it."""

_TOLD = 10_000
"""So many warnings are remembered, so that each is given once."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Which folder of which partner, and what its payloads say they came through."""

    partner: str
    connection: str
    folder: str
    transport: str

    def __str__(self) -> str:
        return f"{self.partner}/{self.connection}:{self.folder}"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A file that may be taken, and where it lies since it was claimed."""

    arrival: Arrival
    path: str


class FarBox:
    """The files of one folder."""

    def __init__(self, far: FarSide, memory: FolderMemory, rules: PollRules, where: Place) -> None:
        self._far = far
        self._rules = rules
        self._arrival = rules.arrival
        self._folder = rules.pick_up.folder
        self._where = where
        self._names = Names(rules, claims=far.renames)
        self._putting = Putting(far, memory, rules.pick_up, self._names, warn=self._warn)
        self._watch = ArrivalWatch(rules.arrival, self._tail)
        self._seen: dict[str, Signature] = {}
        self._left_over: dict[str, FarFile] = {}
        self._ahead: dict[str, tuple[Signature, bytes]] = {}
        self._told: set[tuple[str, str]] = set()

    def begin(self) -> None:
        """Start anew: what is remembered here may be long ago."""
        self._watch = ArrivalWatch(self._arrival, self._tail)
        self._putting.reload()
        self._seen, self._left_over = {}, {}

    def look_anew(self) -> None:
        """List the folder, and put away what could not be put away before."""
        self._putting.settle_rest()
        try:
            entries = self._far.entries(self._folder)
        except FileNotFoundError:
            reason = "there is no such folder, or no right to see it"
            raise Transient(f"{self._where} cannot be looked through: {reason}") from None
        except OSError as fault:
            raise Transient(f"{self._where} cannot be looked through: {spoken(fault)}") from fault
        present = {one.name for one in entries}
        claimed = [one for one in entries if self._names.claimed_from(one.name)]
        claimed += self._claimed_elsewhere()
        self._putting.forget_gone({self._path(one.name) for one in (*entries, *claimed)})
        self._left_over = {one.name: one for one in claimed if self._is_left_over(one)}
        self._seen = {
            one.name: one.signature for one in entries if self._is_candidate(one, present)
        }

    def take(self, now: datetime, limit: int) -> Iterator[Received]:
        """Claim what has arrived, at most `limit` files, and yield it one by one."""
        while self._left_over and limit > 0:
            name = next(iter(self._left_over))
            received = self._adopt(self._left_over[name])
            del self._left_over[name]
            if received is not None:
                limit -= 1
                yield received
        try:
            arrivals = self._watch.look(self._seen, now, limit=limit)
            for claim, there in self._claims(arrivals):
                received = self._receive(claim, there)
                if received is not None:
                    yield received
        finally:
            self._ahead.clear()

    def _claims(self, arrivals: Sequence[Arrival]) -> Iterator[tuple[_Claim, FarFile | None]]:
        """Claim files, no more than make a batch, and look at what was claimed, all at once."""
        batch, size = [], 0
        for arrival in arrivals:
            del self._seen[arrival.name]
            batch.append(arrival)
            size += arrival.signature.size
            if size > self._arrival.batch_bytes:
                break
        paths = self._putting.claim([one.name for one in batch])
        claims = [
            _Claim(one, path) for one, path in zip(batch, paths, strict=True) if path is not None
        ]
        return zip(claims, self._far.looks([one.path for one in claims]), strict=True)

    @property
    def waiting(self) -> list[Waiting]:
        """Return what was seen and not taken, with the reasons."""
        return [
            Waiting(
                self._where.partner,
                f"{self._where.connection}:{joined(self._folder, printable(name))}",
                reason,
            )
            for name, reason in sorted(self._watch.waiting.items())
        ]

    @property
    def unsettled(self) -> bool:
        """Say whether another look soon may find a file to take."""
        return self._watch.unsettled or bool(self._left_over)

    def _claimed_elsewhere(self) -> list[FarFile]:
        """Return what lies in the folder that files are moved into when they are claimed, if so."""
        folder = (self._names.claim or "").rpartition("/")[0]
        if not folder:
            return []
        try:
            files = self._far.entries(self._path(folder))
        except FileNotFoundError:
            return []
        return [FarFile(f"{folder}/{one.name}", one.signature, one.kind) for one in files]

    def _is_left_over(self, one: FarFile) -> bool:
        """Say whether a claimed file belongs to nobody: whoever claimed it lives no more."""
        path, signature = self._path(one.name), one.signature
        if one.kind or path in self._putting.in_flight:
            return False
        return not self._putting.is_left(path, signature.size, signature.modified)

    def _is_candidate(self, one: FarFile, present: set[str]) -> bool:
        """Say whether an entry of a listing may be a payload that was not taken yet."""
        if not self._names.takes(one.name):
            return False
        if one.kind:
            if one.kind != "a folder":
                self._warn("file_passed_over", one.name, f"{one.kind}, which is never taken")
            return False
        path, busy = self._path(one.name), self._putting.in_flight
        claimed = self._names.claimed(one.name)
        # An earlier file of this name is not settled yet: the new one keeps its turn.
        if path in busy or (
            claimed and (claimed in self._left_over or self._path(claimed) in busy)
        ):
            return False
        if self._putting.is_left(path, one.signature.size, one.signature.modified):
            return False
        return self._names.released(one.name, present)

    def _receive(self, claim: _Claim, there: FarFile | None) -> Received | None:
        arrival, path = claim.arrival, claim.path
        claimed = path != self._path(arrival.name)
        content = self._unchanged(claim, there, claimed=claimed)
        taken = _taken(arrival.name, path, arrival.signature, content or b"")
        taken.claimed, taken.whole = claimed, not arrival.incomplete
        if content is None:
            self._warn("file_changed_while_taken", arrival.name, "put back until it is quiet")
            self._putting.release(taken)
            return None
        if not claimed and self._putting.was_only_touched(taken):
            return None
        self._watch.forget(arrival.name)
        return self._received(taken, content, arrival.incomplete)

    def _adopt(self, entry: FarFile) -> Received | None:
        """Take what was claimed and not settled by who died or lost the lease."""
        path, signature = self._path(entry.name), entry.signature
        name = self._names.claimed_from(entry.name)
        if name is None:
            return None
        try:
            fault = fault_of(signature, self._arrival, lambda: self._end(path, signature))
            content = self._far.read(path, 0, self._length(signature))
        except FileNotFoundError:
            return None
        except OSError as refused:
            content, fault = b"", f"cannot be read: {spoken(refused)}"
        if not fault and len(content) != signature.size:
            return None  # it broke off; the next look reads it anew
        taken = _taken(name, path, signature, content)
        taken.whole = not fault
        return self._received(taken, content, fault)

    def _received(self, taken: Taken, content: bytes, incomplete: str) -> Received:
        self._putting.in_flight[taken.path] = taken
        if incomplete:
            self._warn("payload_incomplete", taken.name, incomplete)
        sighting, name = taken.sighting, printable(taken.name)
        path = f"{self._where.connection}:{joined(self._folder, name)}"
        payload = Payload(
            content,
            name,
            self._where.partner,
            transport=self._where.transport,
            incomplete=incomplete,
            receipt=f"{path}:{sighting.modified}:{sighting.size}:{sighting.digest}",
        )
        return Received(
            payload,
            settle=lambda: self._putting.settle(taken),
            release=lambda: self._putting.release(taken),
        )

    def _unchanged(self, claim: _Claim, before: FarFile | None, *, claimed: bool) -> bytes | None:
        """Return a file's bytes; None where it is no longer what two looks saw.

        Whoever had the file open before it was taken can still write to it: so it is looked at
        after it was read. Some servers change its time when it is renamed: then it is read once
        more, between two looks that see the same.
        """
        arrival, path = claim.arrival, claim.path
        signature, content = self._ahead.pop(arrival.name, (None, b""))
        if before is None or before.signature.size != arrival.signature.size:
            return None
        if before.signature == signature == arrival.signature:
            return content
        if before.signature != arrival.signature and not claimed:
            return None
        try:
            content = self._far.read(path, 0, self._length(arrival.signature))
            after = self._far.look(path)
        except FileNotFoundError:
            return None
        except OSError:
            # It is handed over all the same where it was given up: a person sees why.
            return b"" if arrival.incomplete else None
        # Some servers call a file that broke off its end: what came short is read anew.
        unchanged = after is not None and after.signature == before.signature
        whole = arrival.incomplete or len(content) == self._length(arrival.signature)
        return content if unchanged and whole else None

    def _tail(self, name: str) -> bytes:
        """Return the end of a file; a small one is read whole, since it is about to be taken."""
        path, signature = self._path(name), self._seen[name]
        if signature.size > min(_SMALL, self._arrival.max_bytes):
            return self._end(path, signature)
        content = self._far.read(path, 0, signature.size)
        room = len(self._ahead) < self._arrival.batch_bytes // _SMALL
        if room and len(content) == signature.size:
            self._ahead[name] = signature, content
        return content[-TAIL_BYTES:]

    def _end(self, path: str, signature: Signature) -> bytes:
        return self._far.read(path, max(0, signature.size - TAIL_BYTES), TAIL_BYTES)

    def _length(self, signature: Signature) -> int:
        too_large = signature.size > self._arrival.max_bytes
        return min(_EXCERPT_BYTES, signature.size) if too_large else signature.size

    def _path(self, name: str) -> str:
        return joined(self._folder, name)

    def _warn(self, event: str, name: str, reason: str) -> None:
        # Each once: a look every minute must not say the same for weeks.
        if (name, reason) in self._told:
            return
        if len(self._told) > _TOLD:
            self._told.clear()
        self._told.add((name, reason))
        log.warning(event, folder=str(self._where), name=printable(name), reason=reason)


def _taken(name: str, path: str, signature: Signature, content: bytes) -> Taken:
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    sighting = Sighting(signature.size, signature.modified, digest)
    return Taken(name, path, sighting)
