"""The writer of a map: closures that put a document's values where the plan says.

Order of segments is not decided here: the tree that comes out is put in order by the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.conversions import Scalar
from gateway.mapping.expressions import ExpressionError
from gateway.mapping.out_tree import Chain, OutNode, finder, impose, locator, put
from gateway.mapping.plan import (
    ConstantPlan,
    FieldPlan,
    Json,
    JsonValue,
    LeafPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    PlannedCondition,
    ValueRule,
    ValuesPlan,
)
from gateway.mapping.positions import Slot, Step, element_text
from gateway.mapping.reading import slot_texts
from gateway.mapping.tables import CodeUnknown

Members = Mapping[str, Json]


@dataclass(slots=True)
class Run:
    """One document being written."""

    document: Members
    separator: str
    forbidden: frozenset[str]
    replacement: str | None
    findings: list[Finding] = field(default_factory=list)

    def note(
        self, code: FindingCode, pointer: str, detail: str, *, value: object = None, at: str = ""
    ) -> None:
        """Add a finding about a field of the document."""
        shown = None if value is None else str(value)[:80]
        where = Location(segment_id=at or None)
        self.findings.append(Finding(code, where, shown, detail, field=pointer))

    def text(self, rule: ValueRule, value: Json, pointer: str) -> str | None:
        """Return what is written for a value, or None and a finding."""
        if not isinstance(value, str | int):
            detail = "expected a single value"
            self.note(FindingCode.VALUE_NOT_CONVERTIBLE, pointer, detail, value=value)
            return None
        try:
            text = rule.write(value) if rule.write else _plain(value)
        except ValueError as fault:
            unknown = isinstance(fault, CodeUnknown)
            code = FindingCode.CODE_NOT_IN_TABLE if unknown else FindingCode.VALUE_NOT_CONVERTIBLE
            self.note(code, pointer, str(fault), value=value)
            return None
        if self.forbidden.isdisjoint(text):
            return text
        return self._without_delimiters(text, pointer)

    def _without_delimiters(self, text: str, pointer: str) -> str | None:
        if self.replacement is not None:
            return "".join(self.replacement if mark in self.forbidden else mark for mark in text)
        detail = "the value contains a delimiter of the interchange"
        self.note(FindingCode.VALUE_NOT_CONVERTIBLE, pointer, detail, value=text)
        return None


def _plain(value: Scalar) -> str:
    if isinstance(value, bool):
        raise ValueError("true or false where text was expected")  # noqa: TRY004 - one exception for all
    return str(value)


@dataclass(frozen=True, slots=True)
class Here:
    """Where a field is written: the object it belongs to, the loops around, the segment in hand."""

    own: Members
    chain: Chain
    segment: list[str] | None
    pointer: str


WriteField = Callable[[Here, Run], None]


def object_writer(plan: ObjectPlan) -> WriteField:
    """Return what writes the members of an object."""
    writers = [_member(member) for member in sorted(plan.fields, key=_turn) if member.writes]
    writers += [_constant(constant) for constant in plan.constants]

    def write(here: Here, run: Run) -> None:
        for writer in writers:
            writer(here, run)

    return write


def _turn(plan: FieldPlan) -> int:
    """One of several pairs is written after the list of pairs, conditions on elements last."""
    if isinstance(plan, LeafPlan) and any(condition.place for condition in plan.when):
        return 2
    return int(isinstance(plan, PairPlan))


def _member(plan: FieldPlan) -> WriteField:
    writer = _maker(plan)
    if not plan.required:
        return writer
    name = plan.name

    def required(here: Here, run: Run) -> None:
        if here.own.get(name) is None:
            detail = "the map requires a value"
            run.note(FindingCode.REQUIRED_FIELD_MISSING, f"{here.pointer}/{name}", detail)
        writer(here, run)

    return required


def _maker(plan: FieldPlan) -> WriteField:
    if isinstance(plan, LeafPlan):
        return _leaf(plan)
    if isinstance(plan, PairPlan):
        return _pair(plan)
    if isinstance(plan, PairsPlan):
        return _pairs(plan)
    if isinstance(plan, ValuesPlan):
        return _values(plan)
    if plan.segment is not None:
        return _each(plan, plan.segment)
    return _list(plan) if plan.many else _object(plan)


# Single values.


def _leaf(plan: LeafPlan) -> WriteField:
    value_of = _value_of(plan)
    if plan.target is None:
        return _fixed(plan)
    candidates = [plan.target, *(one for one in plan.sources if one != plan.target)]
    placers = [_placer(place, plan.along) for place in candidates]
    conditions = [_condition(condition) for condition in plan.when]
    rule, name = plan.rule, plan.name

    def write(here: Here, run: Run) -> None:
        value = value_of(here, run)
        if value is None or not all(holds(here, run) for holds in conditions):
            return
        text = run.text(rule, value, f"{here.pointer}/{name}")
        if text is None or text == "":
            return
        for placer in placers:
            if placer(here, text, run.separator):
                return
        detail = f"another field has written {placers and candidates[0].text} already"
        run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}", detail, value=text)

    return write


def _value_of(plan: LeafPlan) -> Callable[[Here, Run], Json]:
    name, fallback, expression = plan.name, plan.write_default, plan.expression

    def plain(here: Here, run: Run) -> Json:
        value = here.own.get(name)
        return fallback if value is None else value

    def computed(here: Here, run: Run) -> Json:
        try:
            return expression(here.own, run.document) if expression else None
        except ExpressionError as fault:
            run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}", str(fault))
            return None

    return computed if expression else plain


def _fixed(plan: LeafPlan) -> WriteField:
    """A field with a value of its own is only compared."""
    name, fixed = plan.name, plan.fixed

    def compare(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if fixed is not None and value is not None and value != fixed:
            detail = f"expected the constant {fixed}"
            run.note(FindingCode.CONSTANT_DIFFERS, f"{here.pointer}/{name}", detail, value=value)

    return compare


Placer = Callable[[Here, str, str], bool]


def _placer(place: Place, along: Sequence[tuple[int, str]]) -> Placer:
    """Return what sets an element and says whether it was free."""
    locate, element, component = locator(place), place.element, place.component
    tests = place.segment.tests if place.segment and place.single else ()

    def set_element(here: Here, text: str, separator: str) -> bool:
        segment = locate(here.chain, here.segment)
        if tests and not all(_free_or_same(segment, test.element, test.values) for test in tests):
            return False
        if component is not None:
            return _put_component(segment, element, component, text, separator)
        if len(segment) > element and segment[element] not in ("", text):
            return False
        for test in tests:
            impose(segment, test)
        put(segment, element, text)
        for number, constant in along:
            put(segment, number, constant)
        return True

    return set_element


def _free_or_same(segment: Sequence[str], element: int, values: Sequence[str]) -> bool:
    return len(segment) <= element or segment[element] in ("", *values)


def _put_component(
    segment: list[str], element: int, component: int, text: str, separator: str
) -> bool:
    whole = segment[element] if len(segment) > element else ""
    parts = whole.split(separator) if whole else []
    parts += [""] * (component - len(parts))
    if parts[component - 1] not in ("", text):
        return False
    parts[component - 1] = text
    put(segment, element, separator.join(parts))
    return True


def _condition(plan: PlannedCondition) -> Callable[[Here, Run], bool]:
    name, root = plan.field or "", plan.root
    if plan.place is None:

        def about_field(here: Here, run: Run) -> bool:
            value = (run.document if root else here.own).get(name)
            return plan.holds(None if value is None else str(value))

        return about_field
    find, place = finder(plan.place), plan.place

    def about_element(here: Here, run: Run) -> bool:
        segment = list(find(here.chain, here.segment))
        text = element_text(segment, place.element, place.component, run.separator)
        return plan.holds(text or None)

    return about_element


def _constant(plan: ConstantPlan) -> WriteField:
    placer, value = _placer(plan.place, ()), plan.value

    def write(here: Here, run: Run) -> None:
        placer(here, value, run.separator)

    return write


# Objects and lists.


def _entries(here: Here, name: str, run: Run) -> Iterable[tuple[int, Members]]:
    value = here.own.get(name)
    if value is None:
        return
    if isinstance(value, str) or not isinstance(value, Sequence):
        run.note(FindingCode.DOCUMENT_INVALID, f"{here.pointer}/{name}", "expected a list")
        return
    for index, entry in enumerate(value):
        if isinstance(entry, Mapping):
            yield index, entry
        else:
            pointer = f"{here.pointer}/{name}/{index}"
            run.note(FindingCode.DOCUMENT_INVALID, pointer, "expected an object")


def _object(plan: ObjectPlan) -> WriteField:
    write_members = object_writer(plan)
    steps = tuple((step, str(step)) for step in plan.loops)
    name, up = plan.name, plan.up

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        pointer = f"{here.pointer}/{name}"
        if plan.wrapped:
            entries = [entry for _, entry in _entries(here, name, run)]
            value, pointer = (entries[0] if entries else None), f"{pointer}/0"
            if len(entries) > 1:
                detail = "the set has room for one entry only"
                run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}/1", detail)
        if not value:
            return
        if not isinstance(value, Mapping):
            run.note(FindingCode.DOCUMENT_INVALID, pointer, "expected an object")
            return
        chain = here.chain[: len(here.chain) - up]
        for step, key in steps:
            chain = (*chain, chain[-1].enter(step, key))
        write_members(Here(value, chain, here.segment, pointer), run)

    return write


def _list(plan: ObjectPlan) -> WriteField:
    write_members = object_writer(plan)
    *before, last = plan.loops
    outer, shared = tuple(before), _shared(plan)
    name, up, key = plan.name, plan.up, str(last)

    def write(here: Here, run: Run) -> None:
        base = here.chain[: len(here.chain) - up]
        chain, previous = base, None
        for index, entry in _entries(here, name, run):
            values = tuple(entry.get(member) for member in shared)
            if not shared or values != previous or chain is base:
                chain, previous = _open(base, outer), values
            node = chain[-1].add_loop(last)
            chain[-1].listed.setdefault(key, []).append(node)
            inner = Here(entry, (*chain, node), None, f"{here.pointer}/{name}/{index}")
            write_members(inner, run)

    return write


def _shared(plan: ObjectPlan) -> tuple[str, ...]:
    """Return the members that an entry takes from the loops around it."""
    return tuple(
        member.name
        for member in plan.fields
        if isinstance(member, LeafPlan) and member.target is not None and member.target.up
    )


def _open(chain: Chain, steps: Sequence[Step]) -> Chain:
    """Enter the loops on the way to a list entry: those with predicates once, others anew."""
    for step in steps:
        if step.tests:
            node = chain[-1].enter(step, str(step))
        else:
            node = chain[-1].add_loop(step)
            chain[-1].listed.setdefault(str(step), []).append(node)
        chain = (*chain, node)
    return chain


def _each(plan: ObjectPlan, place: Place) -> WriteField:
    write_members, add, name = object_writer(plan), _adder(place), plan.name

    def write(here: Here, run: Run) -> None:
        for index, entry in _entries(here, name, run):
            segment, remove = add(here)
            pointer = f"{here.pointer}/{name}/{index}"
            write_members(Here(entry, here.chain, segment, pointer), run)
            if not any(segment[1:]):
                remove()

    return write


def _adder(place: Place) -> Callable[[Here], tuple[list[str], Callable[[], None]]]:
    """Return what adds a segment for a list entry, with what takes it away again."""
    step = place.segment or Step("")
    steps, key = tuple((one, str(one)) for one in place.loops), str(step)

    def add(here: Here) -> tuple[list[str], Callable[[], None]]:
        node = here.chain[-1 - place.up]
        for one, text in steps:
            node = node.enter(one, text)
        segment = node.add_segment(step)
        listed = node.listed_segments.setdefault(key, [])
        listed.append(segment)

        def remove() -> None:
            node.segments[step.tag].pop()
            listed.pop()
            if not node.segments[step.tag]:
                del node.segments[step.tag]

        return segment, remove

    return add


def _values(plan: ValuesPlan) -> WriteField:
    add, name, rule, elements = _adder(plan.segment), plan.name, plan.rule, plan.elements

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if value is None:
            return
        if isinstance(value, str) or not isinstance(value, Sequence):
            run.note(FindingCode.DOCUMENT_INVALID, f"{here.pointer}/{name}", "expected a list")
            return
        texts = [
            run.text(rule, one, f"{here.pointer}/{name}/{index}") for index, one in enumerate(value)
        ]
        kept = [text for text in texts if text]
        for start in range(0, len(kept), len(elements)):
            segment = here.segment if plan.segment.segment is None else add(here)[0]
            for element, text in zip(elements, kept[start:], strict=False):
                put(segment or [], element, text)

    return write


# Pairs.


def _pair(plan: PairPlan) -> WriteField:
    locate, name = locator(plan.segment), plan.name
    preferred = plan.qualifiers[0]

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if value is None:
            return
        text = run.text(plan.rule, value, f"{here.pointer}/{name}")
        if not text:
            return
        segment = locate(here.chain, here.segment)
        present = {slot_texts(slot, segment) for slot in plan.slots}
        if not any((qualifier, text) in present for qualifier in plan.qualifiers) and not _fill(
            segment, plan.slots, preferred, text
        ):
            detail = "no free pair is left in the segment"
            run.note(
                FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}", detail, value=text
            )

    return write


def _fill(segment: list[str], slots: Sequence[Slot], qualifier: str, text: str) -> bool:
    """Put a pair where its qualifier is fixed, else into the next free slot."""
    fixed = [slot for slot in slots if slot.fixed == qualifier]
    for slot in (*fixed, *(slot for slot in slots if slot.fixed is None)):
        if slot_texts(slot, segment)[1] or (slot.qualifier and slot_texts(slot, segment)[0]):
            continue
        put(segment, slot.value, text)
        if slot.qualifier is not None:
            put(segment, slot.qualifier, qualifier)
        return True
    return False


def _pairs(plan: PairsPlan) -> WriteField:
    write_entry = _pair_entry(plan)
    locate = None if plan.each else locator(plan.segment)
    add = _adder(plan.segment) if plan.each else None
    name, shared = plan.name, tuple(leaf.name for leaf in plan.shared)

    def write(here: Here, run: Run) -> None:
        segment: list[str] | None = None
        previous: tuple[Json, ...] | None = None
        for index, entry in _entries(here, name, run):
            inner = Here(entry, here.chain, here.segment, f"{here.pointer}/{name}/{index}")
            values = tuple(entry.get(member) for member in shared)
            if segment is None or (add and values != previous):
                segment = locate(here.chain, here.segment) if locate else _added(add, here)
            done = write_entry(inner, segment, run)
            if not done and add:
                segment = _added(add, here)
                done = write_entry(inner, segment, run)
            previous = values
            if not done:
                detail = "no free pair is left in the segment"
                run.note(FindingCode.VALUE_NOT_CONVERTIBLE, inner.pointer, detail)

    return write


def _added(
    add: Callable[[Here], tuple[list[str], Callable[[], None]]] | None, here: Here
) -> list[str]:
    return add(here)[0] if add else []


def _pair_entry(plan: PairsPlan) -> Callable[[Here, list[str], Run], bool]:
    members = [_leaf(leaf) for leaf in plan.shared]

    def write(here: Here, segment: list[str], run: Run) -> bool:
        texts: list[str] = []
        for name, rule in (plan.qualifier, plan.value):
            value = here.own.get(name)
            text = None if value is None else run.text(rule, value, f"{here.pointer}/{name}")
            if text is None and value is not None:
                return True  # The finding is there; nothing is written by halves.
            texts.append(text or "")
        if not any(slot_texts(slot, segment) == tuple(texts) for slot in plan.slots) and not _fill(
            segment, plan.slots, texts[0], texts[1]
        ):
            return False
        for member in members:
            member(Here(here.own, here.chain, segment, here.pointer), run)
        return True

    return write


def root_writer(plan: ObjectPlan) -> Callable[[Run], OutNode]:
    """Return what writes a whole document."""
    write_members = object_writer(plan)

    def write(run: Run) -> OutNode:
        root = OutNode()
        write_members(Here(run.document, (root,), None, ""), run)
        return root

    return write


def json_value(value: Json) -> JsonValue:
    """Return a plain, mutable copy of a value of a document."""
    if isinstance(value, Mapping):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [json_value(item) for item in value]
    return value
