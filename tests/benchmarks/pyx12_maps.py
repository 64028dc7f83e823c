"""Exports our schemas to the map files of pyx12: it then judges by the same rules.

pyx12 comes with maps of health-care sets only. What is written here is its format: one XML file for
each set, with the envelope around it, an index, a dictionary of data elements, and a file for the
envelope alone. Code lists are left out of the first element of a segment, because pyx12 takes
those for the qualifier that tells two places of one segment apart; it gets less to do, not more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from gateway.x12.schema import UNBOUNDED, ElementUse, LoopUse, Requirement, SegmentUse, SetSchema

CONTROL_MAP = "x12.control.00401.xml"
"""The name under which pyx12 looks for the envelope of version 00401."""
INTERCHANGE_VERSION = "00401"

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


def write_maps(folder: Path, schemas: Iterable[SetSchema]) -> None:
    """Write everything that pyx12 needs to validate these sets, as a folder of maps."""
    elements: dict[str, ElementUse] = {}
    index = Element("maps")
    versions = SubElement(index, "version", icvn=INTERCHANGE_VERSION)
    for schema in schemas:
        name = f"{schema.set_id}.{schema.version}.xml"
        keys = {"vriic": schema.version, "fic": schema.functional_id, "abbr": schema.set_id}
        SubElement(versions, "map", keys).text = name
        _write(folder / name, _transaction(schema.set_id, schema.root, elements))
    _write(folder / CONTROL_MAP, _transaction("X12", None, elements))
    _write(folder / "maps.xml", index)
    _write(folder / "codes.xml", Element("codesets"))
    _write(folder / "dataele.xml", _dictionary(elements))


def _write(path: Path, root: Element) -> None:
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _dictionary(elements: Mapping[str, ElementUse]) -> Element:
    root = Element("data_elements")
    for number, use in elements.items():
        entry = SubElement(root, "data_ele", ele_num=number, data_type=use.type, name=use.name)
        entry.set("min_len", str(use.minimum))
        entry.set("max_len", str(use.maximum))
    return root


def _transaction(name: str, body: LoopUse | None, elements: dict[str, ElementUse]) -> Element:
    """Return a map: ISA to IEA around GS to GE around the set, where there is one."""
    root = Element("transaction", xid=name, name=name)
    interchange = _loop(root, "ISA_LOOP", 1)
    _segment(interchange, _control("ISA", _ISA), 1, elements)
    group = _loop(interchange, "GS_LOOP", 2)
    _segment(group, _control("GS", _GS), 1, elements)
    if body is not None:
        _fill(_loop(group, "ST_LOOP", 2), body, elements)
    _segment(group, _control("GE", _GE), 3, elements)
    _segment(interchange, _control("IEA", _IEA), 3, elements)
    return root


def _control(tag: str, envelope: _Envelope) -> SegmentUse:
    uses = tuple(
        ElementUse(position, number, number, type_, low, high, "M")
        for position, (number, type_, low, high) in enumerate(envelope, 1)
    )
    return SegmentUse(tag, tag, "M", 1, uses)


def _loop(parent: Element, name: str, position: int) -> Element:
    return SubElement(
        parent,
        "loop",
        xid=name,
        type="explicit",
        name=name,
        usage="R",
        pos=str(position),
        repeat=">1",
    )


def _fill(parent: Element, loop: LoopUse, elements: dict[str, ElementUse]) -> None:
    for position, use in enumerate(loop.content, 1):
        if isinstance(use, SegmentUse):
            _segment(parent, use, position, elements)
        else:
            inner = _loop(parent, f"{use.trigger}_LOOP", position)
            inner.set("usage", _usage(use.requirement))
            inner.set("repeat", _maximum(use.maximum))
            _fill(inner, use, elements)


def _segment(
    parent: Element, use: SegmentUse, position: int, elements: dict[str, ElementUse]
) -> None:
    segment = SubElement(
        parent, "segment", xid=use.tag, name=use.name, usage=_usage(use.requirement),
        pos=str(position), max_use=_maximum(use.maximum),
    )  # fmt: skip
    for note in use.notes:
        SubElement(segment, "syntax").text = str(note)
    for element in use.elements:
        _element(segment, use.tag, element, elements)


def _element(parent: Element, owner: str, use: ElementUse, elements: dict[str, ElementUse]) -> None:
    kind = "composite" if use.components else "element"
    separator = "-" if parent.tag == "composite" else ""
    name = f"{owner}{separator}{use.position:02d}"
    element = SubElement(
        parent, kind, xid=name, data_ele=use.number, name=use.name,
        usage=_usage(use.requirement), seq=str(use.position),
    )  # fmt: skip
    for component in use.components:
        _element(element, name, component, elements)
    if use.components:
        return
    elements.setdefault(use.number, use)
    if use.codes is not None and use.position > 1:
        codes = SubElement(element, "valid_codes")
        for code in use.codes:
            SubElement(codes, "code").text = code


def _usage(requirement: Requirement) -> str:
    """Return R for required or S for situational, the words of implementation guides."""
    return "R" if requirement == "M" else "S"


def _maximum(maximum: int) -> str:
    return ">1" if maximum >= UNBOUNDED else str(maximum)
