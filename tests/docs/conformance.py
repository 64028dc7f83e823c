"""Writes the tables of docs/conformance.md from the packaged schemas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway import resources
from gateway.x12.schema import ElementUse, LoopUse, SegmentUse
from tests.x12_sets import SETS, schema_of

VERSIONS = tuple(SETS)
EVERYWHERE = sorted({set_id for set_ids in SETS.values() for set_id in set_ids})


def written() -> str:
    """Return all tables, each under its heading."""
    return "\n".join([*_sets(), *_codes(), *_repeating(), *_bounded(), *_segments()])


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _sets() -> Iterator[str]:
    yield "### Sets\n"
    yield "Segments that a set may hold, in how many loops; and the map that comes with it.\n"
    yield from _table(("set", "name", "GS01", *VERSIONS, "map"), _set_rows())


def _set_rows() -> Iterator[Sequence[str]]:
    maps = {file.name for file in resources.directory("maps").rglob("*.map.yaml")}
    for set_id in EVERYWHERE:
        newest = schema_of(set_id, max(one for one in VERSIONS if set_id in SETS[one]))
        sizes = [_size(set_id, version) for version in VERSIONS]
        base = f"`base-{set_id}`" if f"{set_id}.map.yaml" in maps else ""
        yield set_id, newest.name, newest.functional_id, *sizes, base


def _size(set_id: str, version: str) -> str:
    if set_id not in SETS[version]:
        return "none"
    root = schema_of(set_id, version).root
    tags = {use.tag for use in _uses(root)}
    return f"{len(tags)} in {sum(1 for _ in _loops(root))}"


def _codes() -> Iterator[str]:
    yield "### Code lists\n"
    yield "Held: any other code is a finding. Every other element of type ID takes any code."
    yield "Where a version is said to have none, it does not have the element.\n"
    yield from _table(("element", "name", *VERSIONS), _code_rows())
    counts = []
    for version in VERSIONS:
        of_codes = [one for one in _elements(version) if one.type == "ID"]
        held = {one.number for one in of_codes if one.codes is not None}
        counts.append(f"{len(held)} of {len({one.number for one in of_codes})} in {version}")
    yield f"Elements of type ID whose list is held: {', '.join(counts)}.\n"


def _code_rows() -> Iterator[Sequence[str]]:
    known = {(version, one.number): one for version in VERSIONS for one in _elements(version)}
    for number in sorted({number for (_, number), one in known.items() if one.codes}, key=int):
        found = [known.get((version, number)) for version in VERSIONS]
        name = next(one.name for one in reversed(found) if one is not None)
        yield number, name, *map(_codes_counted, found)


def _codes_counted(element: ElementUse | None) -> str:
    if element is None:
        return "none"
    return "not held" if element.codes is None else f"{len(element.codes)} codes"


def _repeating() -> Iterator[str]:
    yield "### Elements that repeat\n"
    rows = []
    for version in VERSIONS:
        for tag, use in sorted(_segments_of(version).items()):
            rows += [
                (version, f"{tag}{one.position:02d}", one.number, str(one.repeat))
                for one in use.elements
                if one.repeat > 1
            ]
    yield from _table(("version", "place", "element", "how often"), iter(rows))


def _bounded() -> Iterator[str]:
    yield "### Loops between LS and LE\n"
    rows = [
        (version, set_id, ", ".join(sorted({*inner.loops})))
        for version in VERSIONS
        for set_id in SETS[version]
        for inner in _loops(schema_of(set_id, version).root)
        if inner.trigger == "LS"
    ]
    yield from _table(("version", "set", "the loop's first segment"), iter(rows))


def _segments() -> Iterator[str]:
    yield "### Segments\n"
    yield "How many elements each has, with the composites among them in brackets.\n"
    yield from _table(("segment", "name", *VERSIONS, "sets"), _segment_rows())


def _segment_rows() -> Iterator[Sequence[str]]:
    known = {version: _segments_of(version) for version in VERSIONS}
    for tag in sorted({tag for uses in known.values() for tag in uses}):
        uses = [known[version].get(tag) for version in VERSIONS]
        name = next(use.name for use in reversed(uses) if use is not None)
        sets = [
            set_id
            for set_id in EVERYWHERE
            if any(set_id in SETS[version] and _holds(set_id, version, tag) for version in VERSIONS)
        ]
        where = "all" if sets == EVERYWHERE else " ".join(sets)
        yield tag, name, *map(_elements_counted, uses), where


def _elements_counted(use: SegmentUse | None) -> str:
    if use is None:
        return "none"
    composites = [one.number for one in use.elements if one.components]
    said = f" ({', '.join(dict.fromkeys(composites))})" if composites else ""
    return f"{len(use.elements)}{said}"


def _holds(set_id: str, version: str, tag: str) -> bool:
    return any(use.tag == tag for use in _uses(schema_of(set_id, version).root))


def _segments_of(version: str) -> dict[str, SegmentUse]:
    return {
        use.tag: use for set_id in SETS[version] for use in _uses(schema_of(set_id, version).root)
    }


def _elements(version: str) -> Iterator[ElementUse]:
    for use in _segments_of(version).values():
        for one in use.elements:
            yield from one.components or (one,)


def _uses(loop: LoopUse) -> Iterator[SegmentUse]:
    for use in loop.content:
        if isinstance(use, SegmentUse):
            yield use
        else:
            yield from _uses(use)


def _loops(loop: LoopUse) -> Iterator[LoopUse]:
    for inner in loop.loops.values():
        yield inner
        yield from _loops(inner)
