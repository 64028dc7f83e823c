"""A guide as people read it: the schema with the guide over it, as rows that any page is made of.

Shown is what was agreed on: what is mandatory, and what the guide names. The rest of the standard
is named only, unless all of it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.x12.guides.balances import BALANCES
from gateway.x12.guides.model import Balance, Entry, Example, Guide
from gateway.x12.guides.overlay import PlacedEntry, chain_of, codes_of, overlay
from gateway.x12.guides.sentences import consequence, length_of, requirement_of, times_of, wishes
from gateway.x12.guides.view import shown
from gateway.x12.schema import ElementUse, LoopUse, SegmentUse, SetSchema
from gateway.x12.syntax_notes import expectation

ENVELOPE = frozenset({"ST", "SE"})

_MOST_CODES = 12
"""Of a longer list of the standard's the first are shown: the partner has it."""

_Chain = tuple[str, ...]
_Use = SegmentUse | LoopUse


@dataclass(frozen=True, slots=True)
class Line:
    """One segment or loop in the order of the set."""

    depth: int
    tag: str
    name: str
    use: str
    times: str
    loop: bool
    path: str
    note: str
    agreed: bool
    """The guide says something of it."""


@dataclass(frozen=True, slots=True)
class ElementLine:
    """One element or component of a segment."""

    reference: str
    name: str
    use: str
    type: str
    length: str
    codes: tuple[tuple[str, str], ...]
    more_codes: int
    """Of a list of the standard's that nothing was agreed on, so many are not shown."""
    pattern: str
    note: str
    consequence: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What holds where a value stands in a segment."""

    place: str
    sentences: tuple[str, ...]
    note: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Part:
    """A segment with its elements, and what holds of it by value."""

    path: str
    tag: str
    name: str
    use: str
    times: str
    loop: bool
    note: str
    consequence: str
    elements: tuple[ElementLine, ...]
    relations: tuple[str, ...]
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule about the whole set."""

    name: str
    sentence: str
    consequence: str


@dataclass(frozen=True, slots=True)
class PrintedGuide:
    """Everything that a page about a guide says of the set."""

    set_id: str
    name: str
    version: str
    functional_id: str
    title: str
    notes: str
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    rules: tuple[RuleLine, ...]
    examples: tuple[Example, ...]
    besides: tuple[str, ...]
    """Segments that the standard allows and that nothing was agreed on."""


def printed(schema: SetSchema, guide: Guide, *, everything: bool = False) -> PrintedGuide:
    """Return a guide as people read it; with every segment of the standard if asked for."""
    overlaid = overlay(schema, guide)
    entries: defaultdict[_Chain, list[PlacedEntry]] = defaultdict(list)
    for one in overlaid.placed:
        entries[chain_of(one.place)].append(one)
    page = _Page(entries, everything)
    page.level(overlaid.schema.root, (), 0)
    return PrintedGuide(
        schema.set_id,
        schema.name,
        schema.version,
        schema.functional_id,
        guide.title,
        guide.notes,
        tuple(page.lines),
        tuple(page.parts),
        tuple(map(_rule, guide.balances)),
        guide.examples,
        tuple(page.besides),
    )


class _Page:
    def __init__(self, entries: Mapping[_Chain, list[PlacedEntry]], everything: bool) -> None:  # noqa: FBT001 - a private class with one caller
        self._entries = entries
        self._everything = everything
        self.lines: list[Line] = []
        self.parts: list[Part] = []
        self.besides: list[str] = []

    def level(self, loop: LoopUse, chain: _Chain, depth: int) -> None:
        """Add what stands in a loop, its first segment left out: that is the loop itself."""
        for use in loop.content:
            tag = use.trigger if isinstance(use, LoopUse) else use.tag
            if tag in ENVELOPE or (isinstance(use, SegmentUse) and tag == loop.trigger):
                continue
            here = (*chain, tag)
            if not self._everything and not self._is_agreed(use, here):
                self.besides.append("/".join(here))
                continue
            own = self._entries.get(here, [])
            whole = next((one.entry for one in own if _is_whole(one)), None)
            self._add(use, here, depth, own, whole)
            dropped = whole is not None and whole.use == "not_used"
            if isinstance(use, LoopUse) and not dropped:
                self.level(use, here, depth + 1)

    def _is_agreed(self, use: _Use, chain: _Chain) -> bool:
        if use.requirement == "M":
            return True
        return any(key[: len(chain)] == chain for key in self._entries)

    def _add(
        self,
        use: _Use,
        chain: _Chain,
        depth: int,
        own: Sequence[PlacedEntry],
        whole: Entry | None,
    ) -> None:
        loop = isinstance(use, LoopUse)
        path, required = "/".join(chain), requirement_of(use.requirement, whole)
        note = whole.note if whole is not None else ""
        times = times_of(use.maximum, whole) if required != "not used" else ""
        line = Line(depth, chain[-1], use.name, required, times, loop, path, note, agreed=bool(own))
        self.lines.append(line)
        if required == "not used":
            return
        segment = use.segments[use.trigger] if isinstance(use, LoopUse) else use
        by_element = {
            (one.place.element.position, _component(one)): one.entry
            for one in own
            if one.place.element is not None and not one.entry.path.qualified
        }
        self.parts.append(
            Part(
                path,
                chain[-1],
                use.name,
                required,
                times,
                loop,
                note,
                consequence(whole.rule) if whole is not None else "",
                tuple(_elements(segment, by_element)),
                tuple(_relations(segment)),
                tuple(_wish(one) for one in own if one.entry.path.qualified),
            )
        )


def _is_whole(one: PlacedEntry) -> bool:
    return one.place.element is None and not one.entry.path.qualified


def _component(one: PlacedEntry) -> int:
    return one.place.component.position if one.place.component is not None else 0


def _elements(
    segment: SegmentUse, entries: Mapping[tuple[int, int], Entry]
) -> Iterator[ElementLine]:
    for element in segment.elements:
        reference = f"{segment.tag}{element.position:02d}"
        entry = entries.get((element.position, 0))
        yield _element(reference, element, entry)
        for component in element.components:
            of_component = entries.get((element.position, component.position))
            if of_component is not None or component.requirement == "M":
                name = f"{reference}-{component.position}"
                yield _element(name, component, of_component)


def _element(reference: str, element: ElementUse, entry: Entry | None) -> ElementLine:
    codes = tuple(((codes_of(element, entry) if entry else element.codes) or {}).items())
    agreed_codes = entry is not None and entry.codes is not None
    most = len(codes) if agreed_codes else _MOST_CODES
    return ElementLine(
        reference,
        element.name,
        requirement_of(element.requirement, entry),
        element.type,
        "" if element.components else length_of(element.minimum, element.maximum),
        codes[:most],
        max(0, len(codes) - most),
        (entry.pattern or "") if entry is not None else "",
        entry.note if entry is not None else "",
        consequence(entry.rule) if entry is not None else "",
        agreed=entry is not None,
    )


def _relations(segment: SegmentUse) -> Iterator[str]:
    def name(position: int) -> str:
        return f"{segment.tag}{position:02d}"

    for note in segment.notes:
        yield expectation(note, name).partition(": ")[2]


def _wish(one: PlacedEntry) -> Wish:
    entry = one.entry
    place = entry.path.text
    return Wish(place, tuple(wishes(one)), entry.note, consequence(entry.rule))


def _rule(one: Balance) -> RuleLine:
    sentence = BALANCES[one.kind].sentence
    if one.structures:
        chains = " or ".join("/".join(chain) for chain in one.structures)
        sentence += f" The levels stand in each other as {chains}."
    if one.signed_allowances:
        sentence += " The amount of an allowance has a minus, which says no more than that."
    if one.qualifiers:
        sentence += f" Lots have the qualifier {' or '.join(one.qualifiers)}."
    if one.tolerance:
        sentence += f" It may differ by {shown(one.tolerance)}."
    return RuleLine(one.kind, sentence, consequence(one.rule))
