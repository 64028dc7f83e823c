"""`gateway maps coverage`: what arrives and no field takes, how often, in how many documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.markup import escape

from gateway import config, resources
from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.canonical.envelope import UnmappedSegment
from gateway.cli.filters import Limit, Since
from gateway.cli.inputs import collect
from gateway.cli.map_sides import Side
from gateway.cli.terminal import (
    AsJson,
    OptionalHome,
    fail,
    print_json,
    print_rows,
    remarks,
    results,
)
from gateway.cli.translated_twice import Asked, Given, Known, PassedOver, SideReader, sets_in
from gateway.config.schemas import packaged_schemas
from gateway.counting import counted
from gateway.errors import InterchangeUnreadable
from gateway.mapping.compiled import CompiledMap, Reading
from gateway.mapping.plan import ObjectPlan
from gateway.pipeline.views import DocumentFilter
from gateway.x12.model import TransactionSet
from gateway.x12.names import Names
from gateway.x12.nearest import validator_for

_SELECTION = re.compile(r"\[[#+][^\]]*\]")
_QUALIFIED = ("N1", "N9", "REF", "G62", "DTM", "MAN", "NTE", "PID", "SAC", "PER", "G61", "MEA")
"""Segments whose first element says what the others are."""
_EXAMPLES = 3


@dataclass(slots=True)
class Leftover:
    """One position that no field takes."""

    map: str
    place: str
    name: str
    count: int = 0
    documents: int = 0
    values: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Coverage:
    """What was read, and what of it was taken."""

    documents: Counter[str] = field(default_factory=Counter)
    """By map."""
    elements: int = 0
    leftovers: dict[tuple[str, str], Leftover] = field(default_factory=dict)
    ignored: dict[tuple[str, str], Leftover] = field(default_factory=dict)
    """What the maps name under `ignore:`."""
    passed_over: Counter[str] = field(default_factory=Counter)
    bare: dict[str, CompiledMap] = field(default_factory=dict)
    """Each map as if it ignored nothing."""

    def take(
        self, compiled: CompiledMap, one: TransactionSet, reading: Reading,
        bare: Reading | None = None,
    ) -> None:  # fmt: skip
        """Count what a map left of one set; `bare` is what it says where it ignores nothing."""
        self.documents[compiled.name] += 1
        self.elements += sum(
            1 for segment in one.segments[1:-1] for text in segment[1:] if text.strip()
        )
        # Of a set that was split, each document has the same leftovers.
        found = list(places_of(_unmapped(reading)))
        _count(self.leftovers, compiled.name, found)
        if bare is not None:
            _count(self.ignored, compiled.name, _without(places_of(_unmapped(bare)), found))

    @property
    def left(self) -> int:
        """Return how many elements were not taken."""
        return sum(one.count for one in self.leftovers.values())

    @property
    def passed_by(self) -> int:
        """Return how many elements are ignored on purpose."""
        return sum(one.count for one in self.ignored.values())


_Place = tuple[str, str, str]


def _unmapped(reading: Reading) -> Iterable[UnmappedSegment]:
    return cast("Iterable[UnmappedSegment]", reading.document.get("unmapped", ()))


def _count(into: dict[tuple[str, str], Leftover], name: str, found: Iterable[_Place]) -> None:
    met: set[str] = set()
    for place, reference, value in found:
        entry = into.setdefault((name, place), Leftover(name, place, reference))
        entry.count += 1
        entry.documents += place not in met
        met.add(place)
        entry.values[value] += 1


def _without(found: Iterable[_Place], others: Iterable[_Place]) -> Iterator[_Place]:
    known = Counter(others)
    for one in found:
        if known[one]:
            known[one] -= 1
        else:
            yield one


def _ignoring_nothing(plan: ObjectPlan) -> ObjectPlan:
    fields = tuple(
        _ignoring_nothing(one) if isinstance(one, ObjectPlan) else one for one in plan.fields
    )
    return replace(plan, fields=fields, ignored=())


def places_of(unmapped: Iterable[UnmappedSegment]) -> Iterator[tuple[str, str, str]]:
    """Yield each element that was left: its place for people, its bare reference, its value."""
    for entry in unmapped:
        loop = _SELECTION.sub("", entry.get("loop", ""))
        within = f"{loop}/" if loop else ""
        tag, elements = entry["segment"], entry["elements"]
        whole = "of" not in entry and tag in _QUALIFIED
        by = f"[01={elements['01']}]" if whole and "01" in elements else ""
        for number, value in elements.items():
            if by and number == "01":
                continue
            place = f"{within}{tag}{by}.{number}" if by else f"{within}{tag}{number}"
            yield place, f"{tag}{number}", str(value)
        if by and len(elements) == 1:
            yield f"{within}{tag}{by}", f"{tag}01", str(elements["01"])


def coverage(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MAP] [FILE…]",
            help="A map, and X12 files or folders; without a map, that of each agreement, and "
            "without files what the instance holds.",
        ),
    ] = None,
    home: OptionalHome = None,
    since: Since = None,
    partner: Annotated[str | None, typer.Option(help="Only what this partner sent.")] = None,
    limit: Limit = 10_000,
    as_json: AsJson = False,
) -> None:
    """List what arrives and is not mapped: where, how often, in how many documents, examples.

    Nothing of it is lost, it stands in the documents' `unmapped`; this says what is worth a field.
    """
    instance = config.load(home, maps_too=False) if home else None
    side = Side("the maps", home)
    name, files = _split(arguments or [], side)
    if not files and home is None:
        fail("what is to be looked at? Name files or folders, or an instance with `--home DIR`")
    known = Known()
    if instance is not None:
        ours = frozenset(one.key for one in instance.settings.identities)
        known = Known(instance.partners, ours, partner)
    reader = SideReader(Side("the maps", home, map=name))
    if files:
        given: Iterator[Given] = (Given(one.shown, one.read()) for one in collect(files).inputs)
        found = covered(given, reader, known)
    else:
        from gateway.cli.stored_payloads import stored

        wanted = DocumentFilter(direction="in", partner=partner, since=since, limit=limit)
        with stored(home or Path(), wanted) as (given, _):
            found = covered(given, reader, known)
    if as_json:
        print_json(_as_json(found))
    else:
        _show(found, name, given_files=bool(files))


def _split(arguments: list[str], side: Side) -> tuple[str, list[str]]:
    if arguments and not Path(arguments[0]).exists() and arguments[0] != "-":
        side.maps().require(arguments[0])
        return arguments[0], arguments[1:]
    return "", arguments


def covered(given: Iterable[Given], reader: SideReader, known: Known) -> Coverage:
    """Read every set by its map, and count what is left."""
    found = Coverage()
    for payload in given:
        try:
            for header, group, one in sets_in(payload, known):
                partner, direction = known.ends(header)
                if group.functional_id == ACKNOWLEDGMENT_GROUP or not known.counts(partner):
                    continue
                if not reader.takes(one.set_id):
                    continue
                asked = Asked(one.set_id, group.version, partner, direction, header.usage)
                try:
                    _cover(found, reader, asked, one)
                except PassedOver as fault:
                    found.passed_over[str(fault)] += 1
        except InterchangeUnreadable as fault:
            found.passed_over[f"{payload.name} is no X12: {fault}"] += 1
    return found


def _cover(found: Coverage, reader: SideReader, asked: Asked, one: TransactionSet) -> None:
    _, name, version = reader.choose(asked)
    validator = validator_for(packaged_schemas(), version, asked.set_id)
    if validator is None:
        raise PassedOver(f"set {asked.set_id} in version {version}: there is no schema for it")
    compiled = reader.compiled(name, validator) if name else None
    if compiled is None:
        raise PassedOver(f"set {asked.set_id}: it is taken without a map")
    if name not in found.bare:
        plan = compiled.plan
        found.bare[name] = CompiledMap.of(replace(plan, root=_ignoring_nothing(plan.root)))
    tree = validator.parse(one).tree
    bare = found.bare[name].read(tree, one.delimiters)
    found.take(compiled, one, compiled.read(tree, one.delimiters), bare)


def _ordered(found: Mapping[tuple[str, str], Leftover]) -> list[Leftover]:
    return sorted(found.values(), key=lambda one: (one.map, -one.documents, -one.count, one.place))


def _examples(one: Leftover) -> list[str]:
    return [value for value, _ in one.values.most_common(_EXAMPLES)]


def _show(found: Coverage, name: str, *, given_files: bool) -> None:
    for because, count in sorted(found.passed_over.items()):
        remarks().print(f"[yellow]not looked at:[/] {count:,} × {escape(because)}")
    total = found.documents.total()
    if not total:
        remarks().print(escape(_nothing(found, name, given_files=given_files)), soft_wrap=True)
        return
    names = Names(packaged_schemas(), resources.schema_text)
    columns = ("position", "is", "times", "documents", "such as", "map")
    if found.leftovers:
        print_rows(columns, _rows(found.leftovers, found, names), "")
    if found.ignored:
        results().print("ignored on purpose:")
        print_rows(columns, _rows(found.ignored, found, names), "")
    sets = counted(total, "document")
    taken = found.elements - found.left - found.passed_by
    share = 100 * taken / found.elements if found.elements else 100.0
    ignored = f"; {found.passed_by:,} are ignored on purpose" if found.ignored else ""
    if found.left:
        results().print(
            f"[bold]{share:.1f} %[/] of {found.elements:,} elements in {sets} are mapped; "
            f"{found.left:,} are kept as unmapped{ignored}"
        )
    elif found.ignored:
        mapped = f"{share:.1f} % of {found.elements:,} elements in {sets} are mapped"
        results().print(f"[green]✓[/] {mapped}{ignored}")
    else:
        results().print(f"[green]✓[/] all {found.elements:,} elements in {sets} are mapped")


def _rows(
    places: Mapping[tuple[str, str], Leftover], found: Coverage, names: Names
) -> list[list[str]]:
    return [
        [
            escape(one.place),
            escape(_meaning(names, one.name)),
            f"{one.count:,}",
            f"{one.documents:,} of {found.documents[one.map]:,}",
            escape(", ".join(_examples(one)) + (", …" if len(one.values) > _EXAMPLES else "")),
            escape(one.map),
        ]
        for one in _ordered(places)
    ]


def _nothing(found: Coverage, name: str, *, given_files: bool) -> str:
    """Say why no set was read by a map, and what to do."""
    said = "No set was read by a map"
    if found.passed_over and not name:
        return (
            f"{said}: name one, `gateway maps coverage MAP FILE…`, or agree on these sets, "
            "`gateway partners new PARTNER`"
        )
    if found.passed_over:
        return f"{said}: what was given could not be read by {name}"
    if given_files:
        meant = f"sets that {name} is for" if name else "sets that count"
        return f"{said}: the files hold no {meant} (acknowledgments have no map)"
    return (
        f"{said}: the instance has received nothing yet that is meant. Name samples, files or "
        "folders: `gateway maps coverage FOLDER`"
    )


def _meaning(names: Names, reference: str) -> str:
    """Name an element such as N902 as the standard does; nothing where it does not know it."""
    tag, number = reference[:-2], int(reference[-2:]) if reference[-2:].isdigit() else 0
    segment = names.segment("004010", tag)
    elements = segment.elements if segment is not None else ()
    return elements[number - 1].name if 0 < number <= len(elements) else ""


def _as_json(found: Coverage) -> Mapping[str, object]:
    return {
        "documents": dict(found.documents),
        "elements": found.elements,
        "unmapped": found.left,
        "not_looked_at": [
            {"because": because, "count": count}
            for because, count in sorted(found.passed_over.items())
        ],
        "positions": _positions(found.leftovers),
        "ignored": _positions(found.ignored),
    }


def _positions(places: Mapping[tuple[str, str], Leftover]) -> list[Mapping[str, object]]:
    return [
        {
            "map": one.map,
            "position": one.place,
            "count": one.count,
            "documents": one.documents,
            "examples": _examples(one),
        }
        for one in _ordered(places)
    ]
