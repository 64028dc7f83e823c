"""Asks pyx12: one transaction set at a time, by a map that is read once and kept in memory.

pyx12 is given each set in an envelope that we write around it, so that it judges the set and not
how it came: any separators, any ISA12, any leniency that an agreement grants are ours to read. Its
own driver tells faults to a log and to a tree that its acknowledgments are made of; here its parts
are called one by one, which return what they find. It writes nothing and logs nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pyx12 import map_if, map_index
from pyx12.errors import EngineError, X12Error, X12PathError
from pyx12.map_walker import walk_tree
from pyx12.params import ParamsBase
from pyx12.x12file import X12Reader

from gateway.second_opinion.faults import Fault, Kind, Opinion
from gateway.second_opinion.maps import MAP, interchange_version, write_map
from gateway.x12.guides.overlay import PlacedEntry
from gateway.x12.model import Delimiters, GroupHeader, TransactionSet
from gateway.x12.schema import SetSchema

MOST_SEGMENTS = 20_000
"""Of one set: pyx12 keeps every open level of HL and looks through them at each one."""
MOST_CHARACTERS = 4_000_000

_FAILURES = (
    EngineError, X12Error, X12PathError, ArithmeticError, AssertionError, AttributeError,
    LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What pyx12 raises over data that it did not foresee."""

_ENVELOPE = frozenset({"ISA", "GS", "GE", "IEA"})
_BEFORE = 2
"""Segments that stand before ST: ISA and GS."""

_BY_PURPOSE = frozenset({"004010X094", "004010X094A1"})
"""Guides of which pyx12 has one map for each BHT02."""

_ELEMENT = re.compile(r"(\d\d)(?:-(\d+))?\Z")

_SEGMENT_KINDS: Mapping[str, Kind] = {
    "1": Kind.MISPLACED,
    "2": Kind.SEGMENT_NOT_USED,
    "3": Kind.MISSING_SEGMENT,
    "4": Kind.TOO_MANY_LOOPS,
    "5": Kind.TOO_MANY_SEGMENTS,
}
_ELEMENT_KINDS: Mapping[str, Kind] = {
    "1": Kind.MISSING,
    "2": Kind.CONDITION,
    "3": Kind.TOO_MANY,
    "4": Kind.TOO_SHORT,
    "5": Kind.TOO_LONG,
    "6": Kind.CHARACTER,
    "7": Kind.CODE,
    "8": Kind.DATE,
    "9": Kind.TIME,
    "10": Kind.NOT_USED,
}
_SET_KINDS: Mapping[str, Kind] = {
    "2": Kind.SET_NOT_CLOSED,
    "3": Kind.CONTROL_NUMBER,
    "4": Kind.COUNT,
    "23": Kind.CONTROL_NUMBER,
}
_OF_READER: Mapping[str, Kind] = {"HL1": Kind.RELATION, "HL2": Kind.RELATION, "LX": Kind.RELATION}
"""Numbering of levels and lines, which pyx12 holds in every set that has them."""


@dataclass(frozen=True, slots=True)
class Map:
    """A map of pyx12 in memory."""

    name: str
    root: Any
    icvn: str
    own: bool


@dataclass
class Engine:
    """pyx12, with each map read once."""

    _parameters: ParamsBase = field(default_factory=ParamsBase)
    _maps: dict[object, tuple[object, Map | None]] = field(default_factory=dict)

    def map_of(self, schema: SetSchema, rules: Sequence[PlacedEntry] = ()) -> Map:
        """Return the map of a schema, with what a guide has for places that are not used."""
        # Schemas are compared by identity: each is kept beside its map, so that no id is reused.
        known = self._maps.get(id(schema))
        if known is None or known[1] is None:
            with tempfile.TemporaryDirectory(prefix="gateway-pyx12-") as folder:
                write_map(Path(folder), schema, rules)
                root = map_if.load_map_file(MAP, self._parameters, folder)
            name = f"our schema of {schema.set_id} {schema.version}"
            made = Map(name, root, interchange_version(schema.version), own=False)
            self._maps[id(schema)] = known = (schema, made)
        return known[1]  # type: ignore[return-value]  # None was excluded above

    def own_map(self, group: GroupHeader, one: TransactionSet) -> Map | None:
        """Return the map that pyx12 comes with for a set of exactly this version (GS08)."""
        if not group.version:
            return None  # its index has an entry without one, for what stands outside groups
        icvn = interchange_version(group.version)
        purpose = _purpose(one) if group.version in _BY_PURPOSE else None
        key = (icvn, group.version, group.functional_id, purpose)
        if key not in self._maps:
            file = self._index.get_filename(*key)
            root = map_if.load_map_file(file, self._parameters) if file else None
            made = None
            if root is not None:
                made = Map(f"pyx12's own map of {group.version}", root, icvn, own=True)
            self._maps[key] = (None, made)
        found = self._maps[key][1]
        # The index knows groups, not sets: what else stands in the group has no map.
        return found if found is not None and _is_of(found, one.set_id) else None

    @cached_property
    def _index(self) -> map_index.map_index:
        return map_index.map_index()

    def opinion(self, known: Map, one: TransactionSet) -> Opinion:
        """Return what pyx12 finds in a set by a map."""
        characters = sum(map(len, one.segments)) + sum(len(v) for s in one.segments for v in s)
        if len(one.segments) > MOST_SEGMENTS or characters > MOST_CHARACTERS:
            size = f"{len(one.segments):,} segments of {characters:,} characters"
            most = f"{MOST_SEGMENTS:,} of {MOST_CHARACTERS:,}"
            because = f"the set has {size}, and pyx12 is asked of at most {most}"
            return Opinion(known.name, unasked=because, own_map=known.own)
        faults = tuple(_Judging(known, one).faults())
        return Opinion(known.name, faults, own_map=known.own)


def _purpose(one: TransactionSet) -> str:
    """Return BHT02."""
    found = next((segment for segment in one.segments if segment[0] == "BHT"), [])
    return found[2] if len(found) > 2 else ""


def _is_of(known: Map, set_id: str) -> bool:
    codes = known.root.getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP/ST").children[0].valid_codes
    return set_id in codes


class _Stream:
    """Reads like a file that holds a set in an envelope, one segment at a time.

    pyx12 asks for a number of characters, and takes what has no end within them for the end of the
    file; given whole segments it reads any length.
    """

    closed = False

    def __init__(self, segments: Iterator[str]) -> None:
        self._segments = segments

    def read(self, _size: int) -> str:
        """Return the next segment with its terminator; nothing at the end."""
        return next(self._segments, "")


class _Judging:
    """One set on its way through pyx12."""

    def __init__(self, known: Map, one: TransactionSet) -> None:
        self._map = known
        self._set = one
        # pyx12 stops at a segment without any text; ours says what is wrong with it.
        self._positions = [
            at for at, segment in enumerate(one.segments, 1) if "".join(segment).strip("\r\n ")
        ]

    def faults(self) -> Iterator[Fault]:
        """Yield what pyx12 finds, in the order in which it does."""
        reader = X12Reader(_Stream(self._texts()))
        walker = walk_tree()
        walker.forceWalkCounterToLoopStart("/ISA_LOOP", "/ISA_LOOP/ISA")
        walker.forceWalkCounterToLoopStart("/ISA_LOOP/GS_LOOP", "/ISA_LOOP/GS_LOOP/GS")
        node = self._map.root.getnodebypath("/ISA_LOOP/GS_LOOP/GS")
        reader.check_837_lx = self._map.root.id == "837"
        for segment in reader:
            tag = segment.get_seg_id()
            if tag in ("ISA", "GS"):
                reader.pop_errors()
                continue
            try:
                found, _, _, wrong = walker.walk_errors(
                    node, segment, reader.get_seg_count(), reader.get_cur_line(), None
                )
            except _FAILURES as failure:
                yield self._broken(reader, tag, failure)
                return
            yield from (self._of_walk(one, reader, tag) for one in wrong)
            yield from self._of_reader(reader, tag)
            if tag == "GE":
                return
            if found is not None:
                node = found
                yield from self._of_elements(found, segment, reader)

    def _texts(self) -> Iterator[str]:
        """Yield the segments as text, in an envelope that pyx12 takes."""
        marks: Delimiters = self._set.delimiters
        by, end = marks.element, marks.terminator
        head = by.join(
            ("ISA", "00", " " * 10, "00", " " * 10, "ZZ", " " * 15, "ZZ", " " * 15, "000101",
             "0000", marks.repetition or "U", self._map.icvn, "000000001", "0", "P",
             marks.component)
        )  # fmt: skip
        yield head + end
        yield by.join(("GS", "", "", "", "", "", "1", "X", "")) + end
        for position in self._positions:
            yield by.join(self._set.segments[position - 1]) + end
        yield by.join(("GE", "1", "1")) + end

    def _place(self, reader: X12Reader) -> int:
        at = reader.get_cur_line() - _BEFORE
        return (
            self._positions[at - 1] if at <= len(self._positions) else len(self._set.segments) + 1
        )

    def _of_walk(self, error: Any, reader: X12Reader, tag: str) -> Fault:
        kind = _SEGMENT_KINDS[error.err_cde]
        if kind is Kind.MISSING_SEGMENT:
            tag = error.map_node.id
            kind = Kind.SET_NOT_CLOSED if tag == "SE" else kind
        code = f"segment {error.err_cde}"
        return Fault(kind, code, self._place(reader), tag, message=error.err_str)

    def _of_reader(self, reader: X12Reader, tag: str) -> Iterator[Fault]:
        for level, code, message, value, _ in reader.pop_errors():
            if tag in _ENVELOPE:
                continue
            kinds = _SET_KINDS if level == "st" else _OF_READER
            kind = kinds.get(code, Kind.FORM)
            place = self._place(reader)
            yield Fault(kind, f"{'set' if level == 'st' else 'segment'} {code}", place, tag,
                        value=value, message=message)  # fmt: skip

    def _of_elements(self, node: Any, segment: Any, reader: X12Reader) -> Iterator[Fault]:
        try:
            _, errors = node.is_valid_errors(segment)
        except _FAILURES as failure:
            yield self._broken(reader, node.id, failure)
            return
        for error in errors:
            place = _ELEMENT.search(str(error.refdes or ""))
            element = int(place[1]) if place else None
            if isinstance(error.refdes, int):
                element = error.refdes  # the first element of a note
            component = int(place[2]) if place and place[2] else None
            kind = _ELEMENT_KINDS[error.err_cde]
            if kind is Kind.NOT_USED and isinstance(error.refdes, int):
                kind = Kind.EXCLUSIVE
            yield Fault(kind, f"element {error.err_cde}", self._place(reader), node.id, element,
                        component, error.err_val, error.err_str)  # fmt: skip

    def _broken(self, reader: X12Reader, tag: str, failure: BaseException) -> Fault:
        message = f"pyx12 fails at this segment with {type(failure).__name__}"
        return Fault(Kind.BROKEN, "none", self._place(reader), tag, message=message)
