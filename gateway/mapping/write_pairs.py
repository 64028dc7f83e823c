"""Writing lists that share segments: several values, qualifier/value pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.findings import FindingCode
from gateway.mapping.followed import bare
from gateway.mapping.out_tree import locator, put
from gateway.mapping.plan import (
    Json,
    PairPlan,
    PairsPlan,
    Place,
    ValuesPlan,
)
from gateway.mapping.positions import Slot, Step
from gateway.mapping.reading import slot_texts
from gateway.mapping.rivals import Rivals
from gateway.mapping.write_run import Here, Run, Trail, WriteField, entries, pointer_to
from gateway.mapping.write_values import leaf_writer


def values_writer(plan: ValuesPlan, ahead: Mapping[int, Rivals]) -> WriteField:
    """Return what writes a list of values, as many to a segment as it has elements for them."""
    add = adder(plan.segment, ahead.get(id(plan)))
    name, elements = plan.name, plan.elements

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if value is None:
            return
        if isinstance(value, str) or not isinstance(value, Sequence):
            run.note(FindingCode.DOCUMENT_INVALID, f"{here.pointer}/{name}", "expected a list")
            return
        kept = _texts(plan, value, here, run)
        for start in range(0, len(kept), len(elements)):
            segment = here.segment
            if plan.segment.segment is not None:
                segment, _ = add(here, run, (here.trail, name, start))
            for element, text in zip(elements, kept[start:], strict=False):
                put(segment or [], element, text)

    return write


def _texts(plan: ValuesPlan, values: Sequence[Json], here: Here, run: Run) -> list[str]:
    name, rule = plan.name, plan.rule
    texts = [run.text(rule, one, here, f"{name}/{index}") for index, one in enumerate(values)]
    return [text for text in texts if text]


def pair_writer(plan: PairPlan) -> WriteField:
    """Return what writes one value among qualifier/value pairs."""
    locate, name = locator(plan.segment), plan.name
    preferred, free = plan.qualifiers[0], free_slots(plan.slots)

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if value is None:
            return
        text = run.text(plan.rule, value, here, name)
        if not text:
            return
        segment = locate(here.chain, here.segment)
        if there_by(plan.slots, plan.qualifiers, segment, text):
            return
        if not fill(segment, free, preferred, text):
            detail = "no free pair is left in the segment"
            run.note(
                FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}", detail, value=text
            )

    return write


def there_by(
    slots: Sequence[Slot], qualifiers: Sequence[str], segment: Sequence[str], text: str
) -> bool:
    """Say whether a value stands in the segment already, with any qualifier that is read for it."""
    count = len(segment)
    return any(
        count > slot.value
        and segment[slot.value] == text
        and slot_texts(slot, segment)[0] in qualifiers
        for slot in slots
    )


def _holds(slot: Slot, segment: Sequence[str], qualifier: str, text: str) -> bool:
    """Say whether a slot has a pair, by its value first: hardly any other slot has that."""
    there = segment[slot.value] if len(segment) > slot.value else ""
    return there == text and slot_texts(slot, segment) == (qualifier, text)


Free = tuple[Mapping[str, Sequence[Slot]], Sequence[Slot]]
"""Where a pair may go: slots whose qualifier is fixed, by that, and those that take any."""


def free_slots(slots: Sequence[Slot]) -> Free:
    """Return where a pair may go."""
    fixed: dict[str, list[Slot]] = {}
    for slot in slots:
        if slot.fixed is not None:
            fixed.setdefault(slot.fixed, []).append(slot)
    return fixed, [slot for slot in slots if slot.fixed is None]


def fill(segment: list[str], free: Free, qualifier: str, text: str) -> Slot | None:
    """Put a pair where its qualifier is fixed, else into the next free slot; return the slot."""
    fixed, slots = free
    count = len(segment)
    for slot in (*fixed[qualifier], *slots) if qualifier in fixed else slots:
        if count > slot.value and segment[slot.value]:
            continue
        if slot.qualifier is not None and count > slot.qualifier and segment[slot.qualifier]:
            continue
        put(segment, slot.value, text)
        if slot.qualifier is not None:
            put(segment, slot.qualifier, qualifier)
        return slot
    return None


def pairs_writer(plan: PairsPlan, ahead: Mapping[int, Rivals]) -> WriteField:
    """Return what writes a list into qualifier/value pairs."""
    write_entry = _pair_entry(plan)
    known = frozenset({plan.qualifier[0], plan.value[0], *(leaf.name for leaf in plan.shared)})
    locate = locator(plan.segment)
    add = adder(plan.segment, ahead.get(id(plan))) if plan.each else None
    name, shared = plan.name, tuple(leaf.name for leaf in plan.shared)

    def write(here: Here, run: Run) -> None:
        segment: list[str] | None = None
        previous: tuple[Json, ...] | None = None
        filled: list[Slot] = []
        for index, entry in entries(here, name, run):
            inner = Here(entry, here.chain, here.segment, (here.trail, name, index))
            if not known.issuperset(entry):
                run.not_mapped(entry, known, inner)
            values = tuple(entry.get(member) for member in shared)
            done = False
            if segment is not None and not (add and values != previous):
                done = write_entry(inner, (segment, filled), run)
            if not done and (segment is None or add):
                segment = (
                    add(here, run, inner.trail)[0] if add else locate(here.chain, here.segment)
                )
                filled.clear()
                done = write_entry(inner, (segment, filled), run)
            previous = values
            if not done:
                detail = "no free pair is left in the segment"
                run.note(FindingCode.VALUE_NOT_CONVERTIBLE, inner.pointer, detail)

    return write


Filling = tuple[list[str], list[Slot]]
"""A segment, and the slots in it that entries of the list in hand have filled."""


def _pair_entry(plan: PairsPlan) -> Callable[[Here, Filling, Run], bool]:
    members = [leaf_writer(leaf) for leaf in plan.shared]
    slots, free = plan.slots, free_slots(plan.slots)

    def write(here: Here, filling: Filling, run: Run) -> bool:
        segment, filled = filling
        texts: list[str] = []
        for name, rule in (plan.qualifier, plan.value):
            value = here.own.get(name)
            text = None if value is None else run.text(rule, value, here, name)
            if text is None and value is not None:
                return True  # The finding is there; nothing is written by halves.
            texts.append(text or "")
        if not put_entry(segment, (texts[0], texts[1]), slots, free, filled):
            return False
        for member in members:
            member(Here(here.own, here.chain, segment, here.trail), run)
        return True

    return write


def put_entry(
    segment: list[str], texts: tuple[str, str], slots: Sequence[Slot], free: Free,
    filled: list[Slot],
) -> bool:  # fmt: skip
    """Put one entry of a list among qualifier/value pairs; say whether there was room."""
    qualifier, text = texts
    slot = None
    if not text or text in segment:
        slot = there(segment, slots, texts, filled)
    slot = slot or fill(segment, free, qualifier, text)
    if slot is None:
        return False
    filled.append(slot)
    return True


def there(
    segment: list[str], slots: Sequence[Slot], texts: tuple[str, str], filled: list[Slot]
) -> Slot | None:
    """Return the slot where another list has put the pair already; two equal entries are two."""
    for slot in slots:
        if _holds(slot, segment, *texts) and slot not in filled:
            return slot
    return None


Adder = Callable[[Here, Run, Trail], tuple[list[str], Callable[[], None]]]


def adder(place: Place, rivals: Rivals | None) -> Adder:
    """Return what adds a segment for a list entry, with what takes it away again."""
    step, single = place.segment or Step(""), place.single
    steps, key = tuple((one, str(one)) for one in place.loops), str(step)

    def add(here: Here, run: Run, trail: Trail) -> tuple[list[str], Callable[[], None]]:
        node = here.chain[-1 - place.up]
        for one, text in steps:
            node = node.enter(one, text)
        if single and step.tag in node.segments:
            detail = f"the set has room for one {bare(step.tag)} only"
            run.note(FindingCode.VALUE_NOT_CONVERTIBLE, pointer_to(trail), detail)
            return [bare(step.tag)], _nothing_to_remove
        segment = node.add_segment(step)
        listed = node.listed_segments.setdefault(key, [])
        listed.append(segment)
        if rivals:
            run.placed.append((node, segment, rivals, trail))

        def remove() -> None:
            node.segments[step.tag].pop()
            listed.pop()
            if not node.segments[step.tag]:
                del node.segments[step.tag]

        return segment, remove

    return add


def _nothing_to_remove() -> None:
    """What found no room was never added."""
