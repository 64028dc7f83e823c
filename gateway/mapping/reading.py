"""What a generated reader calls where the case is not plain: findings, leftovers, pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.kinds import Fit
from gateway.mapping.plan import JsonValue, LeafPlan, PairPlan, PairsPlan, Place, ValueRule
from gateway.mapping.ports import Node
from gateway.mapping.positions import Slot, element_text
from gateway.mapping.tables import CodeUnknown

Source = tuple[str, Sequence[str], str | None]
"""A text that a field may take, its segment, and the loop it is in; no loop where another field
takes the text in any case."""

Lent = tuple[Sequence[str], int, int, str, tuple[int, ...]]
"""A segment, which of its elements (as a mask) or which component of one; the selection of the
segment and that of its loop as two lines of text, and the numbers that belong into that."""


@dataclass(slots=True)
class Sink:
    """Collects the findings and the unmapped entries of one reading."""

    separator: str
    """The component separator of the set."""
    findings: list[Finding] = field(default_factory=list)
    unmapped: list[JsonValue] = field(default_factory=list)
    alternatives: dict[tuple[int, int, int | None], dict[str, JsonValue] | None] = field(
        default_factory=dict
    )
    """Elements that fields take under conditions, by segment and number: what `unmapped` has of one
    until a field takes it, None afterwards."""
    skipped: list[tuple[Node | Sequence[str], str, str]] = field(default_factory=list)
    """Loops and segments that gave a list no entry, each with its selection and its loop."""
    doubtful: bool = False
    """Something was read that is not certain to fit the document's model."""

    def unsure(self, value: JsonValue) -> JsonValue:
        """Return a value, and note that the document has to be checked for it."""
        self.doubtful = True
        return value

    def bad(
        self, fault: ValueError, text: str, where: tuple[str, int, int | None], field_: str
    ) -> None:
        """Note a value that could not be converted."""
        unknown = isinstance(fault, CodeUnknown)
        code = FindingCode.CODE_NOT_IN_TABLE if unknown else FindingCode.VALUE_NOT_CONVERTIBLE
        tag, element, component = where
        location = Location(segment_id=tag, element=element, component=component)
        self.findings.append(Finding(code, location, text, str(fault), field=field_))

    def missing(self, field_: str) -> None:
        """Note a required field that the set does not give."""
        detail = "the map requires a value"
        code = FindingCode.REQUIRED_FIELD_MISSING
        self.findings.append(Finding(code, detail=detail, field=field_))

    def differs(self, text: str, expected: str, where: tuple[str, int, int | None]) -> None:
        """Note an element that is not the constant the map names."""
        tag, element, component = where
        location = Location(segment_id=tag, element=element, component=component)
        detail = f"expected the constant {expected}"
        self.findings.append(Finding(FindingCode.CONSTANT_DIFFERS, location, text, detail))

    def left(self, segment: Sequence[str], taken: int, of: str, loop: str) -> None:
        """Keep the elements of a segment that no field took."""
        elements: dict[str, JsonValue] = {
            f"{index:02d}": text
            for index, text in enumerate(segment)
            if index and text and not taken >> index & 1
        }
        if elements:
            self._keep(loop, segment[0], elements, of)

    def components(
        self, segment: Sequence[str], element: int, taken: frozenset[int], where: tuple[str, str]
    ) -> None:
        """Keep the components of a composite that no field took."""
        parts = segment[element].split(self.separator) if len(segment) > element else []
        elements: dict[str, JsonValue] = {
            f"{element:02d}-{index}": text
            for index, text in enumerate(parts, 1)
            if text and index not in taken
        }
        if elements:
            self._keep(where[1], segment[0], elements, where[0])

    def unused(self, lent: Sequence[Lent]) -> None:
        """Keep what was taken for entries of inner loops, of which there was none."""
        for segment, taken, component, where, numbers in lent:
            of, _, loop = (where % numbers).partition("\n")
            if not component:
                self.left(segment, ~taken, of, loop)
                continue
            element = taken.bit_length() - 1
            text = element_text(list(segment), element, component, self.separator)
            if text:
                self._keep(loop, segment[0], {f"{element:02d}-{component}": text}, of)

    def whole(self, segment: Sequence[str], loop: str) -> None:
        """Keep a segment that no field took."""
        elements: dict[str, JsonValue] = {
            f"{index:02d}": text for index, text in enumerate(segment) if index and text
        }
        self._keep(loop, segment[0], elements, "")

    def strangers(self, node: Node, known: frozenset[str], loop: str) -> None:
        """Keep the segments and loops of a level that the map does not name at all."""
        for tag, rows in node.segments.items():
            if tag not in known:
                for segment in rows:
                    self.whole(segment, loop)
        for tag, nodes in node.loops.items():
            if tag not in known:
                for index, inner in enumerate(nodes, 1):
                    self.whole_loop(inner, f"{loop}/{tag}[+{index}]".lstrip("/"))

    def whole_loop(self, node: Node, loop: str) -> None:
        """Keep a loop that no field took, with everything in it."""
        self.strangers(node, frozenset(), loop)

    def whole_level(self, node: Node, kids: Mapping[int, Sequence[Node]], loop: str) -> None:
        """Keep an HL level that no field took, with the levels below it."""
        self.whole_loop(node, loop)
        for index, inner in enumerate(kids.get(id(node), ()), 1):
            self.whole_level(inner, kids, f"{loop}/HL[+{index}]")

    def _keep(
        self, loop: str, tag: str, elements: dict[str, JsonValue], of: str
    ) -> dict[str, JsonValue]:
        entry: dict[str, JsonValue] = {"loop": loop, "segment": tag}
        if of:
            entry["of"] = of
        entry["elements"] = elements
        self.unmapped.append(entry)
        self.doubtful = self.doubtful or not tag
        return entry

    def choose(
        self,
        plan: LeafPlan,
        sources: Sequence[Source | None],
        holds: bool,  # noqa: FBT001 - called by generated code
        field_: str,
    ) -> JsonValue:
        """Return the first source's value; what was there and is not taken goes to unmapped."""
        value: JsonValue = None
        taken = None
        for place, source in zip(plan.sources, sources, strict=True):
            if source is None or source[0] == taken:
                continue
            text, segment, loop = source
            if taken is None and holds:
                value = self.convert(plan.rule, text, (segment[0], place), field_)
                if value is not None:
                    taken = text
                    self._found(place, segment)
                    continue
            if loop is not None:
                self._lose(place, segment, loop, text)
        return value

    def _found(self, place: Place, segment: Sequence[str]) -> None:
        """Forget that another field, whose condition does not hold, left an element."""
        key = id(segment), place.element, place.component
        left = self.alternatives.get(key)
        if left is not None:
            self.unmapped = [one for one in self.unmapped if one is not left]
        self.alternatives[key] = None

    def convert(
        self, rule: ValueRule, text: str, where: tuple[str, Place], field_: str
    ) -> JsonValue:
        """Return a value of the document, or None and a finding."""
        self.doubtful = self.doubtful or rule.fits is not Fit.SURE
        if rule.read is None:
            return text
        try:
            return rule.read(text)
        except ValueError as fault:
            tag, place = where
            self.bad(fault, text, (tag, place.element, place.component), field_)
            return None

    def _lose(self, place: Place, segment: Sequence[str], loop: str, text: str) -> None:
        known = id(segment), place.element, place.component
        if known in self.alternatives:
            return
        key = f"{place.element:02d}" + (f"-{place.component}" if place.component else "")
        step = place.segment
        self.alternatives[known] = self._keep(
            loop, segment[0], {key: text}, str(step) if step else segment[0]
        )

    def pairs(
        self, plan: PairsPlan, segment: Sequence[str], into: list[JsonValue], field_: str
    ) -> int:
        """Append the entries of a segment's pairs; return which elements they took."""
        taken = along = 0
        shared: dict[str, JsonValue] = {}
        for leaf in plan.shared:
            place = leaf.sources[0]
            text = element_text(list(segment), place.element, place.component, self.separator)
            if text:
                pointer = f"{field_}/{len(into)}/{leaf.name}"
                value = self.convert(leaf.rule, text, (segment[0], place), pointer)
                if value is not None:
                    shared[leaf.name] = value
                    along |= 1 << place.element
        for slot in plan.slots:
            qualifier, text = slot_texts(slot, segment)
            if not text and not (qualifier and slot.qualifier):
                continue
            entry: dict[str, JsonValue] = dict(shared)
            pointer = f"{field_}/{len(into)}"
            for (name, rule), found, element in (
                (plan.qualifier, qualifier, slot.qualifier), (plan.value, text, slot.value)
            ):  # fmt: skip
                if not found:
                    continue
                place = Place("", 0, (), None, True, element or 0)
                value = self.convert(rule, found, (segment[0], place), f"{pointer}/{name}")
                if value is not None:
                    entry[name] = value
                    taken |= 1 << (element or 0)
            self.doubtful = self.doubtful or any(name not in entry for name in plan.needs)
            into.append(entry)
            taken |= along
        return taken

    def pair(self, plan: PairPlan, segment: Sequence[str], field_: str) -> tuple[JsonValue, int]:
        """Return the value of the first qualifier found, and which elements it took."""
        found: dict[str, Slot] = {}
        count = len(segment)
        for slot in plan.slots:
            if count > slot.value and segment[slot.value]:
                found.setdefault(slot_texts(slot, segment)[0], slot)
        for wanted in plan.qualifiers:
            if wanted in found:
                slot = found[wanted]
                place = Place("", 0, (), None, True, slot.value)
                text = segment[slot.value]
                value = self.convert(plan.rule, text, (segment[0], place), field_)
                if value is not None:
                    return value, 1 << slot.value | 1 << (slot.qualifier or 0)
        return None, 0


def slot_texts(slot: Slot, segment: Sequence[str]) -> tuple[str, str]:
    """Return the qualifier and the value that stand in a slot."""
    count = len(segment)
    text = segment[slot.value] if count > slot.value else ""
    if slot.qualifier is None:
        return slot.fixed or "", text
    return segment[slot.qualifier] if count > slot.qualifier else "", text
