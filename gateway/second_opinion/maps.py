"""Writes our schemas as maps of pyx12, which then judges by the same rules.

pyx12 comes with maps of health-care sets only. What is written here is its format: one XML file for
each set with the envelope around it, an index, a dictionary of data elements, and one file for each
envelope alone.

pyx12 takes a code list at some places for what tells two places of one segment apart: at the first
element, and at a few others. A code that is not in it would be no bad code there but a segment that
it cannot find. At those places a list is written as a regular expression instead, which it tests as
it tests codes. A data element has one type and length in its dictionary; where a guide narrows one
place, that place gets a number of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from gateway.x12.guides.overlay import PlacedEntry, chain_of
from gateway.x12.schema import UNBOUNDED, ElementUse, LoopUse, Requirement, SegmentUse, SetSchema

MAP = "map.xml"
"""The map of a folder that holds the map of one set."""

_Envelope = tuple[tuple[str, str, int, int], ...]
"""Data element, type, minimum and maximum of each element of a control segment."""

_ISA: _Envelope = (
    ("I01", "ID", 2, 2),
    ("I02", "AN", 10, 10),
    ("I03", "ID", 2, 2),
    ("I04", "AN", 10, 10),
    ("I05", "ID", 2, 2),
    ("I06", "AN", 15, 15),
    ("I05", "ID", 2, 2),
    ("I07", "AN", 15, 15),
    ("I08", "DT", 6, 6),
    ("I09", "TM", 4, 4),
    ("I10", "ID", 1, 1),
    ("I11", "ID", 5, 5),
    ("I12", "N0", 9, 9),
    ("I13", "ID", 1, 1),
    ("I14", "ID", 1, 1),
    ("I15", "AN", 1, 1),
)
_IEA: _Envelope = (("I16", "N0", 1, 5), ("I12", "N0", 9, 9))
_GS: _Envelope = (
    ("479", "ID", 2, 2),
    ("142", "AN", 2, 15),
    ("124", "AN", 2, 15),
    ("373", "DT", 8, 8),
    ("337", "TM", 4, 8),
    ("28", "N0", 1, 9),
    ("455", "ID", 1, 2),
    ("480", "AN", 1, 12),
)
_GE: _Envelope = (("97", "N0", 1, 6), ("28", "N0", 1, 9))
_VERSION_AT = 12
"""ISA12: its code tells pyx12 the version, and with it the character set."""

_KEYS = frozenset({("ENT", 2), ("HL", 3)})
"""Elements whose codes pyx12 takes for what tells places apart, besides each first one."""

_Chain = tuple[str, ...]
_Spot = tuple[_Chain, int | None, int | None]


def interchange_version(version: str) -> str:
    """Return the ISA12 that pyx12 knows for sets of a version: it knows two."""
    return "00401" if version < "005" else "00501"


def control_map(version: str) -> str:
    """Return the name under which pyx12 looks for the envelope of an ISA12."""
    return f"x12.control.{version}.xml"


def write_maps(folder: Path, schemas: Iterable[SetSchema]) -> None:
    """Write everything that pyx12 needs to validate these sets, as a folder of maps."""
    dictionary = _Dictionary()
    index = Element("maps")
    by_version: defaultdict[str, list[SetSchema]] = defaultdict(list)
    for schema in schemas:
        by_version[interchange_version(schema.version)].append(schema)
    for version, members in by_version.items():
        versions = SubElement(index, "version", icvn=version)
        for schema in members:
            name = f"{schema.set_id}.{schema.version}.xml"
            keys = {"vriic": schema.version, "fic": schema.functional_id, "abbr": schema.set_id}
            SubElement(versions, "map", keys).text = name
            _write(folder / name, _Writer(version, dictionary).map(schema))
        _write(folder / control_map(version), _Writer(version, dictionary).map(None))
    _write(folder / "maps.xml", index)
    dictionary.write(folder)


def write_map(folder: Path, schema: SetSchema, rules: Sequence[PlacedEntry] = ()) -> None:
    """Write what pyx12 needs to validate one set, with what a guide asks beyond the schema.

    Of those rules its format knows what is not used. Places that depend on a value, patterns,
    minimum use and balances it cannot be told.
    """
    dictionary = _Dictionary()
    version = interchange_version(schema.version)
    _write(folder / MAP, _Writer(version, dictionary, _not_used(rules)).map(schema))
    dictionary.write(folder)


def _not_used(rules: Sequence[PlacedEntry]) -> frozenset[_Spot]:
    return frozenset(
        (
            chain_of(one.place),
            one.place.element.position if one.place.element else None,
            one.place.component.position if one.place.component else None,
        )
        for one in rules
        if one.entry.use == "not_used" and not one.entry.path.qualified
    )


def _write(path: Path, root: Element) -> None:
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


@dataclass(slots=True)
class _Dictionary:
    """The data elements that the maps name, each with one type and one pair of lengths."""

    entries: dict[str, tuple[str, int, int]] = field(default_factory=dict)

    def number(self, use: ElementUse) -> str:
        """Return the number under which an element stands, with its type and lengths."""
        wanted, number, others = (use.type, use.minimum, use.maximum), use.number, 0
        while self.entries.setdefault(number, wanted) != wanted:
            others += 1
            number = f"{use.number}.{others}"
        return number

    def write(self, folder: Path) -> None:
        """Write them, and the lists of codes that are kept apart from maps: there are none."""
        root = Element("data_elements")
        for number, (data_type, low, high) in self.entries.items():
            entry = SubElement(root, "data_ele", ele_num=number, data_type=data_type, name=number)
            entry.set("min_len", str(low))
            entry.set("max_len", str(high))
        _write(folder / "dataele.xml", root)
        _write(folder / "codes.xml", Element("codesets"))


@dataclass(frozen=True, slots=True)
class _Writer:
    version: str
    dictionary: _Dictionary
    not_used: frozenset[_Spot] = frozenset()

    def map(self, schema: SetSchema | None) -> Element:
        """Return a map: ISA to IEA around GS to GE around the set, where there is one."""
        name = schema.set_id if schema is not None else "X12"
        root = Element("transaction", xid=name, name=name)
        interchange = _loop(root, "ISA_LOOP", 1)
        self._control(interchange, "ISA", _ISA, 1)
        group = _loop(interchange, "GS_LOOP", 2)
        self._control(group, "GS", _GS, 1)
        if schema is not None:
            self._fill(_loop(group, "ST_LOOP", 2), schema.root, ())
        self._control(group, "GE", _GE, 3)
        self._control(interchange, "IEA", _IEA, 3)
        return root

    def _control(self, parent: Element, tag: str, envelope: _Envelope, position: int) -> None:
        codes = {self.version: ""}
        uses = tuple(
            ElementUse(at, number, number, kind, low, high, "M")
            if (tag, at) != ("ISA", _VERSION_AT)
            else ElementUse(at, number, number, kind, low, high, "M", codes=codes)
            for at, (number, kind, low, high) in enumerate(envelope, 1)
        )
        self._segment(parent, SegmentUse(tag, tag, "M", 1, uses), position, chain=("", tag))

    def _fill(self, parent: Element, loop: LoopUse, chain: _Chain) -> None:
        for position, use in enumerate(loop.content, 1):
            if isinstance(use, SegmentUse):
                if use.tag == loop.trigger:  # what is not used is then the loop
                    self._segment(parent, use, position, chain=chain)
                else:
                    within = (*chain, use.tag)
                    segment = self._segment(parent, use, position, chain=within)
                    segment.set("usage", self._usage(use.requirement, (within, None, None)))
                continue
            inside = (*chain, use.trigger)
            inner = _loop(parent, f"{use.trigger}_LOOP", position)
            inner.set("name", use.name)
            inner.set("usage", self._usage(use.requirement, (inside, None, None)))
            inner.set("repeat", _maximum(use.maximum))
            self._fill(inner, use, inside)

    def _segment(
        self, parent: Element, use: SegmentUse, position: int, *, chain: _Chain
    ) -> Element:
        segment = SubElement(
            parent, "segment", xid=use.tag, name=use.name, usage=_usage(use.requirement),
            pos=str(position), max_use=_maximum(use.maximum),
        )  # fmt: skip
        for note in use.notes:
            SubElement(segment, "syntax").text = str(note)
        for element in use.elements:
            place = (chain, element.position, None)
            self._element(segment, f"{use.tag}{element.position:02d}", element, place)
        return segment

    def _element(self, parent: Element, name: str, use: ElementUse, place: _Spot) -> None:
        element = SubElement(
            parent, "composite" if use.components else "element", xid=name,
            data_ele=use.number if use.components else self.dictionary.number(use),
            name=use.name, usage=self._usage(use.requirement, place), seq=str(use.position),
        )  # fmt: skip
        for component in use.components:
            inner = (place[0], place[1], component.position)
            self._element(element, f"{name}-{component.position:02d}", component, inner)
        if use.codes is not None and not use.components:
            self._codes(element, name, use)

    @staticmethod
    def _codes(element: Element, name: str, use: ElementUse) -> None:
        tag, first = name.split("-")[0][:-2], name.split("-")[0][-2:]
        if first == "01" or (tag, int(first)) in _KEYS:
            listed = "|".join(map(re.escape, use.codes or ()))
            SubElement(element, "regex").text = rf"\A(?:{listed})\Z"
            return
        codes = SubElement(element, "valid_codes")
        for code in use.codes or ():
            SubElement(codes, "code").text = code

    def _usage(self, requirement: Requirement, place: _Spot) -> str:
        """Return R, S or N: required, situational, not used; the words of pyx12's maps."""
        return "N" if place in self.not_used else _usage(requirement)


def _usage(requirement: Requirement) -> str:
    return "R" if requirement == "M" else "S"


def _loop(parent: Element, name: str, position: int) -> Element:
    loop = SubElement(parent, "loop", xid=name, type="explicit", name=name)
    loop.set("usage", "R")
    loop.set("pos", str(position))
    loop.set("repeat", ">1")
    return loop


def _maximum(maximum: int) -> str:
    return ">1" if maximum >= UNBOUNDED else str(maximum)
