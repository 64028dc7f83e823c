"""Writing lists that share segments: several values, qualifier/value pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.findings import FindingCode
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
from gateway.mapping.write_run import Here, Run, WriteField, entries
from gateway.mapping.write_values import leaf_writer


def values_writer(plan: ValuesPlan) -> WriteField:
    """Return what writes a list of values, as many to a segment as it has elements for them."""
    add, name, rule, elements = adder(plan.segment), plan.name, plan.rule, plan.elements

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


def pair_writer(plan: PairPlan) -> WriteField:
    """Return what writes one value among qualifier/value pairs."""
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


def pairs_writer(plan: PairsPlan) -> WriteField:
    """Return what writes a list into qualifier/value pairs."""
    write_entry = _pair_entry(plan)
    locate = None if plan.each else locator(plan.segment)
    add = adder(plan.segment) if plan.each else None
    name, shared = plan.name, tuple(leaf.name for leaf in plan.shared)

    def write(here: Here, run: Run) -> None:
        segment: list[str] | None = None
        previous: tuple[Json, ...] | None = None
        for index, entry in entries(here, name, run):
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
    members = [leaf_writer(leaf) for leaf in plan.shared]

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


def adder(place: Place) -> Callable[[Here], tuple[list[str], Callable[[], None]]]:
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
