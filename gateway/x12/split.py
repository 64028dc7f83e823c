"""One payload to several, each in an envelope of its own, as a stream: memory stays flat.

Headers and transaction sets are copied byte for byte; only the trailers around them are written,
with the counts that each part has. What is neither a set nor a TA1 is left out, and told; so is
what is wrong with the ST or SE of a set, which is copied as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.findings import Finding, FindingCode
from gateway.x12.characters import as_bytes_text, from_ebcdic, is_ebcdic
from gateway.x12.delimiters import read_isa
from gateway.x12.leniency import strict
from gateway.x12.model import GroupHeader, InterchangeHeader, Octets, TransactionSet
from gateway.x12.reader import LeniencyOf, read
from gateway.x12.reader_events import GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_interchange import MOST_FINDINGS

_CHUNK = 1 << 20
_LEAVES_OUT = frozenset(
    {
        FindingCode.INTERCHANGE_CONTENT_INVALID,
        FindingCode.GROUP_CONTENT_INVALID,
        FindingCode.CONTROL_STRUCTURE_INVALID,
        FindingCode.GROUP_TRAILER_MISSING,
        FindingCode.INTERCHANGE_TRAILER_MISSING,
    }
)
"""Findings of an envelope that no new trailer mends."""


class By(StrEnum):
    """What each part holds one of."""

    INTERCHANGE = "interchange"
    GROUP = "group"
    SET = "set"


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins; its bytes follow."""

    words: tuple[str, ...]
    """What it is called by: control numbers from the outside to the inside, as received."""


@dataclass(frozen=True, slots=True)
class PartEnd:
    """A part is whole."""

    sets: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An interchange was read in which something stands that is in no part, or that has no end."""

    control_number: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class KeptAsReceived:
    """An interchange was read in which sets have faults of their own, from ST to SE.

    Data is copied, never mended: their parts have the same faults (`gateway.x12.repair` mends)."""

    control_number: str
    findings: tuple[Finding, ...]


SplitEvent = PartStart | bytes | PartEnd | LeftOut | KeptAsReceived


def split_into(payload: Octets, by: By, leniency_of: LeniencyOf = strict) -> Iterator[SplitEvent]:
    """Yield the parts of a payload: each begins, gives its bytes, and ends.

    Those of a payload in EBCDIC are in Latin-1.

    Raises InterchangeUnreadable, before the first, where there is no ISA at all.
    """
    # Its trailers are ours to write, and an interchange is of one encoding.
    text = from_ebcdic(payload) if is_ebcdic(payload) else payload
    for event in read(payload, leniency_of):
        match event:
            case InterchangeStart():
                splitter = _Splitter(text, by, event.header)
            case GroupStart():
                yield from splitter.begin_group(event.header)
            case TransactionSet():
                yield from splitter.add(event)
            case GroupEnd():
                yield from splitter.end_group(event)
            case InterchangeEnd():
                yield from splitter.end(event)


@dataclass(slots=True)
class _Splitter:
    """Splits one interchange."""

    payload: Octets
    by: By
    header: InterchangeHeader
    group: bytes = b""
    """GS as received, with its terminator."""
    group_words: tuple[str, str] = ("", "")
    """GS01 and GS06."""
    sets: int = 0
    sets_in_group: int = 0
    findings: list[Finding] = field(default_factory=list)
    kept: list[Finding] = field(default_factory=list)
    """Faults of sets, which their parts have too."""

    def begin_group(self, header: GroupHeader) -> Iterator[SplitEvent]:
        self.group = self._copied(header.offset, header.offset)
        self.group_words = header.functional_id, header.control_number
        self.sets_in_group = 0
        if self.by is By.GROUP:
            yield PartStart((self.header.control_number, *self.group_words))
            yield self._isa() + self.group

    def add(self, one: TransactionSet) -> Iterator[SplitEvent]:
        if one.too_large and self.by is not By.INTERCHANGE:
            self.findings += one.findings
            return
        self.sets += 1
        self.sets_in_group += 1
        if self.by is By.INTERCHANGE:
            return
        if len(self.kept) < MOST_FINDINGS:
            self.kept += [found for found in one.findings if self._stays(found)]
        body = self._copied(one.offsets[0], one.offsets[-1])
        if self.by is By.GROUP:
            yield body
            return
        numbers = (self.header.control_number, self.group_words[1])
        yield PartStart((*numbers, one.set_id, one.control_number))
        yield self._isa() + self.group + body + self._trailers(1)
        yield PartEnd(1)

    def _stays(self, finding: Finding) -> bool:
        """Say whether a fault of a set is one in its part too."""
        alone = self.by is By.SET
        return not (alone and finding.code is FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED)

    def end_group(self, event: GroupEnd) -> Iterator[SplitEvent]:
        self.findings += [one for one in event.findings if one.code in _LEAVES_OUT]
        if self.by is By.GROUP:
            yield self._trailers(self.sets_in_group)
            yield PartEnd(self.sets_in_group)

    def end(self, event: InterchangeEnd) -> Iterator[SplitEvent]:
        if self.by is By.INTERCHANGE:
            yield PartStart((self.header.control_number,))
            for start in range(self.header.offset, event.end, _CHUNK):
                yield self.payload[start : min(start + _CHUNK, event.end)]
            yield self._suffix()
            yield PartEnd(self.sets)
            return
        if event.acknowledgments:
            yield PartStart((self.header.control_number, "TA1"))
            told = [self._segment(*segment) for segment in event.acknowledgments]
            yield self._isa() + b"".join(told) + self._segment("IEA", "0", self._number())
            yield PartEnd(0)
        self.findings += [one for one in event.findings if one.code in _LEAVES_OUT]
        if self.findings:
            yield LeftOut(self.header.control_number, tuple(self.findings))
        if self.kept:
            yield KeptAsReceived(self.header.control_number, tuple(self.kept))

    def _isa(self) -> bytes:
        found = read_isa(self.payload, self.header.offset)
        end = found.body if found is not None else self.header.offset
        return self.payload[self.header.offset : end] + self._suffix()

    def _copied(self, first: int, last: int) -> bytes:
        """Return the bytes from one segment to the end of another, which may be the same."""
        terminator = self.header.delimiters.terminator.encode("latin-1")
        past = self.payload.find(terminator, last)
        whole = self.payload[first : past if past >= 0 else len(self.payload)]
        return whole + terminator + self._suffix()

    def _trailers(self, sets: int) -> bytes:
        closing = self._segment("GE", str(sets), self.group_words[1])
        return closing + self._segment("IEA", "1", self._number())

    def _segment(self, *elements: str) -> bytes:
        delimiters = self.header.delimiters
        # Bytes go back as they came: what is no UTF-8 was read as Latin-1.
        values = [as_bytes_text(one, "utf-8") or one for one in elements]
        text = delimiters.element.join(values) + delimiters.terminator
        return text.encode("latin-1", "replace") + self._suffix()

    def _number(self) -> str:
        return self.header.control_number

    def _suffix(self) -> bytes:
        return self.header.delimiters.suffix.encode("latin-1")
