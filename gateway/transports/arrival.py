"""When may a file that somebody else is writing be taken?

A file is taken when two looks, some time apart, saw the same size and modification time, and when
it ends as an interchange does. One that has stayed the same without such an end for too long is
taken as incomplete, so that a person sees it. This module only judges what was seen: it opens
nothing and asks no clock, and every transport that polls uses it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

from gateway.pipeline.ports import TEMPORARY_NAMES
from gateway.x12.characters import from_ebcdic

TAIL_BYTES = 4096
"""How much of a file's end is read to see whether it is whole."""

_LONGEST_MEMORY = 10_000

# The last segment is IEA: count, control number, terminator, then nothing but padding. Without a
# terminator the control number must have all of its nine digits, else its end may still be coming.
_ENDS_WITH_IEA = re.compile(
    rb"(?:\A|[^A-Za-z0-9])IEA([^A-Za-z0-9\r\n ])[0-9]{1,5}\1"
    rb"(?:[0-9A-Za-z ]{1,9}[^A-Za-z0-9 ]|[0-9]{9})[\s\x00\x1a]*\Z"
)

_LONGEST_IEA = 24
"""What comes before it, tag, separators, the longest count and number, terminator."""
_PADDING = b" \t\n\r\f\v\x00\x1a"

_EBCDIC_IEA = "IEA".encode("cp037")
_EBCDIC_LINE_ENDS = b"\x0d\x15\x25"


@dataclass(frozen=True, slots=True)
class ArrivalRules:
    """When a file counts as arrived."""

    stable_for: timedelta = timedelta(seconds=2)
    """Size and modification time must have stayed the same for this long, over two looks."""
    incomplete_after: timedelta = timedelta(minutes=15)
    """A file that stays the same without a complete end is given up after this long."""
    ignore: tuple[str, ...] = TEMPORARY_NAMES
    """Patterns of names that are never taken, in upper or lower case."""
    max_bytes: int = 50 * 1024 * 1024
    """A larger file is never read whole; its first bytes are handed over as incomplete."""
    batch: int = 100
    """At most so many files are handed over at once."""
    batch_bytes: int = 32 * 1024 * 1024
    """No further file is added to a batch that is larger than this."""

    def ignores(self, name: str) -> bool:
        """Say whether a name is a temporary one."""
        return _any_of(self.ignore).match(name.lower()) is not None


@lru_cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches a name in lower case that one of the patterns has."""
    return re.compile("|".join(fnmatch.translate(one.lower()) for one in patterns) or r"(?!)")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a look sees of a file: if it changes, somebody is still writing."""

    size: int
    modified: int
    """In nanoseconds, as the other side's clock says; only compared for being the same."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that may be taken now."""

    name: str
    signature: Signature
    incomplete: str = ""
    """Why it is taken though it is not whole; empty when it is whole."""


@dataclass(slots=True)
class _Sighting:
    signature: Signature
    since: datetime
    """When this signature was first seen: our clock, since a sender may set any file time."""
    lies_since: datetime
    """Since when it is known to be the same: longer where it was so before we first looked."""
    fault: str = ""
    """Why a look at the end of this signature did not find it whole."""


def ends_completely(tail: bytes) -> bool:
    """Say whether the end of a payload is a whole IEA segment, padding aside.

    It may be EBCDIC, and it may be folded to lines anywhere.
    """
    if _EBCDIC_IEA in tail or _EBCDIC_IEA in tail.translate(None, _EBCDIC_LINE_ENDS):
        tail = from_ebcdic(tail)
    return _has_its_end(tail) or _has_its_end(tail.translate(None, b"\r\n"))


def _has_its_end(tail: bytes) -> bool:
    # Looked for only where it can stand: a search through all of the tail takes longer than reading
    # the file.
    begins = len(tail.rstrip(_PADDING)) - _LONGEST_IEA
    return _ENDS_WITH_IEA.search(tail, max(0, begins)) is not None


def fault_of(signature: Signature, rules: ArrivalRules, read_tail: Callable[[], bytes]) -> str:
    """Say why a quiet file is not a whole payload; empty where it is one."""
    if signature.size == 0:
        return "the file is empty"
    if signature.size > rules.max_bytes:
        return f"larger than the limit of {rules.max_bytes} bytes: {signature.size}"
    try:
        tail = read_tail()
    except OSError as fault:
        return f"cannot be read: {fault.strerror or fault}"
    return "" if ends_completely(tail) else "no complete IEA segment at the end"


class ArrivalWatch:
    """Remembers what earlier looks saw of the files in one place."""

    def __init__(self, rules: ArrivalRules, read_tail: Callable[[str], bytes]) -> None:
        self._rules = rules
        self._read_tail = read_tail
        self._sightings: dict[str, _Sighting] = {}
        self._closed: set[str] = set()

    def complete(self, name: str) -> None:
        """Take the writer's word that it has closed a file: it need not be seen unchanged."""
        # A file that was closed and removed before a look is never forgotten: hence the bound,
        # beyond which files are only taken later, once they are quiet.
        if len(self._closed) < _LONGEST_MEMORY and not self._rules.ignores(name):
            self._closed.add(name)

    def look(
        self,
        seen: Mapping[str, Signature],
        now: datetime,
        *,
        limit: int,
        changed: Mapping[str, datetime] = MappingProxyType({}),
    ) -> list[Arrival]:
        """Return the oldest files that may be taken, given everything that this look saw.

        `changed` says when files last changed, by a clock that agrees with ours and that no sender
        can set: how long one that is not whole has waited is then known through our restarts.
        """
        self._forget(self._sightings.keys() - seen.keys())
        for name, signature in seen.items():
            known = self._sightings.get(name)
            if known is None or known.signature != signature:
                lies_since = min(now, changed.get(name, now))
                self._sightings[name] = _Sighting(signature, now, lies_since)
        oldest_first = sorted(seen, key=lambda name: (seen[name].modified, name))
        judged = (self._judge(name, now) for name in oldest_first)
        # Lazily: of ten thousand files, only those that are taken now have their ends read now.
        return list(islice((arrival for arrival in judged if arrival is not None), limit))

    def forget(self, name: str) -> None:
        """Start anew with a name: what lay there was taken."""
        self._forget([name])

    @property
    def waiting(self) -> Mapping[str, str]:
        """Return the names still waited for, each with the reason."""
        reason = "not yet unchanged for long enough"
        return {name: seen.fault or reason for name, seen in self._sightings.items()}

    @property
    def unsettled(self) -> bool:
        """Say whether another look soon may find a file to take."""
        return any(not sighting.fault for sighting in self._sightings.values())

    def _forget(self, names: Iterable[str]) -> None:
        for name in list(names):
            self._sightings.pop(name, None)
            self._closed.discard(name)

    def _judge(self, name: str, now: datetime) -> Arrival | None:
        sighting = self._sightings[name]
        unchanged = now - sighting.since
        # Zero would let a single look decide; the rule is two.
        quiet = unchanged >= self._rules.stable_for and sighting.since != now
        if not quiet and name not in self._closed:
            return None
        if not sighting.fault:
            sighting.fault = self._fault(name, sighting.signature)
        if not sighting.fault:
            return Arrival(name, sighting.signature)
        if not quiet or now - sighting.lies_since < self._rules.incomplete_after:
            return None
        # Asked once more: what could not be read then may be readable now.
        sighting.fault = self._fault(name, sighting.signature)
        if not sighting.fault:
            return Arrival(name, sighting.signature)
        waited = f"unchanged for {self._rules.incomplete_after.total_seconds():g} seconds"
        return Arrival(name, sighting.signature, f"{sighting.fault}; {waited}")

    def _fault(self, name: str, signature: Signature) -> str:
        return fault_of(signature, self._rules, lambda: self._read_tail(name))
