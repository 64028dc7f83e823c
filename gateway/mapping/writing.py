"""The careful writer of a map: closures that put a document's values where the plan says.

Order of segments is not decided here: the tree that comes out is put in order by the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gateway.findings import FindingCode
from gateway.mapping.out_tree import Chain, OutNode
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import (
    ENVELOPE_FIELDS,
    FieldPlan,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    ValuesPlan,
)
from gateway.mapping.positions import Step
from gateway.mapping.rivals import Rivals
from gateway.mapping.write_pairs import adder, pair_writer, pairs_writer, values_writer
from gateway.mapping.write_run import Here, Run, WriteField, entries, pointer_to
from gateway.mapping.write_values import constant_writer, leaf_writer

Ahead = Mapping[int, Rivals]
"""What chooses before each list, by the identity of the list's plan."""


def object_writer(plan: ObjectPlan, ahead: Ahead) -> WriteField:
    """Return what writes the members of an object."""
    members = [member for member in sorted(plan.fields, key=turn) if member.writes]
    writers = [_member(member, ahead) for member in members]
    writers += [constant_writer(constant) for constant in plan.constants]
    known = _known(plan)

    def write(here: Here, run: Run) -> None:
        run.not_mapped(here.own, known, here)
        for writer in writers:
            writer(here, run)

    return write


def _known(plan: ObjectPlan) -> frozenset[str]:
    """Return the members that the map speaks of; those that are read only have their reason."""
    # What is only written is computed: a member of that name is not what gets written.
    computed = {
        member.name
        for member in plan.fields
        if isinstance(member, LeafPlan) and member.expression and not member.reads
    }
    envelope = () if plan.name else ENVELOPE_FIELDS
    return frozenset({member.name for member in plan.fields} - computed).union(envelope)


def turn(plan: FieldPlan) -> int:
    """One of several pairs comes after the list of pairs; what looks at other elements, last."""
    if isinstance(plan, LeafPlan):
        about_elements = any(condition.place for condition in plan.when)
        return 3 if plan.write_default is not None else 2 if about_elements else 0
    return int(isinstance(plan, PairPlan))


def _member(plan: FieldPlan, ahead: Ahead) -> WriteField:
    writer = _maker(plan, ahead)
    if not plan.required:
        return writer
    name = plan.name

    def required(here: Here, run: Run) -> None:
        if here.own.get(name) is None:
            detail = "the map requires a value"
            run.note(FindingCode.REQUIRED_FIELD_MISSING, f"{here.pointer}/{name}", detail)
        writer(here, run)

    return required


def _maker(plan: FieldPlan, ahead: Ahead) -> WriteField:
    if isinstance(plan, LeafPlan):
        return leaf_writer(plan)
    if isinstance(plan, PairPlan):
        return pair_writer(plan)
    if isinstance(plan, PairsPlan):
        return pairs_writer(plan, ahead)
    if isinstance(plan, ValuesPlan):
        return values_writer(plan, ahead)
    if plan.segment is not None:
        return _each(plan, plan.segment, ahead)
    return _list(plan, ahead) if plan.many else _object(plan, ahead)


def _object(plan: ObjectPlan, ahead: Ahead) -> WriteField:
    write_members = object_writer(plan, ahead)
    steps = tuple((step, str(step)) for step in plan.loops)
    name, up = plan.name, plan.up

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        trail = (here.trail, name, 0 if plan.wrapped else -1)
        if plan.wrapped:
            single = [entry for _, entry in entries(here, name, run)]
            value = single[0] if single else None
            if len(single) > 1:
                detail = "the set has room for one entry only"
                run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}/1", detail)
        if not value:
            return
        if not isinstance(value, Mapping):
            run.note(FindingCode.DOCUMENT_INVALID, pointer_to(trail), "expected an object")
            return
        chain = here.chain[: len(here.chain) - up]
        for step, key in steps:
            chain = (*chain, chain[-1].enter(step, key))
        write_members(Here(value, chain, here.segment, trail), run)

    return write


def _list(plan: ObjectPlan, ahead: Ahead) -> WriteField:
    write_members, rivals = object_writer(plan, ahead), ahead.get(id(plan))
    *before, last = plan.loops
    outer, shared = tuple((step, str(step)) for step in before), shared_members(plan)
    name, up, key = plan.name, plan.up, str(last)

    def write(here: Here, run: Run) -> None:
        base = here.chain[: len(here.chain) - up]
        chain, previous = base, None
        for index, entry in entries(here, name, run):
            values = tuple(entry.get(member) for member in shared)
            if not shared or values != previous or chain is base:
                chain, previous = (_open(base, outer) if outer else base), values
            node = chain[-1].add_loop(last)
            chain[-1].listed.setdefault(key, []).append(node)
            inner = Here(entry, (*chain, node), None, (here.trail, name, index))
            if rivals:
                run.placed.append((chain[-1], node, rivals, inner.trail))
            if last.tag == HIERARCHY_LOOP:
                run.levels[id(node)] = inner.trail
            write_members(inner, run)

    return write


def shared_members(plan: ObjectPlan) -> tuple[str, ...]:
    """Return the members that an entry takes from the loops around it."""
    return tuple(
        member.name
        for member in plan.fields
        if isinstance(member, LeafPlan) and member.target is not None and member.target.up
    )


def _open(chain: Chain, steps: Sequence[tuple[Step, str]]) -> Chain:
    """Enter the loops on the way to a list entry: those with predicates once, others anew."""
    for step, key in steps:
        if step.tests:
            node = chain[-1].enter(step, key)
        else:
            node = chain[-1].add_loop(step)
            chain[-1].listed.setdefault(key, []).append(node)
        chain = (*chain, node)
    return chain


def _each(plan: ObjectPlan, place: Place, ahead: Ahead) -> WriteField:
    write_members, name = object_writer(plan, ahead), plan.name
    add = adder(place, ahead.get(id(plan)))

    def write(here: Here, run: Run) -> None:
        for index, entry in entries(here, name, run):
            trail = (here.trail, name, index)
            segment, remove = add(here, run, trail)
            write_members(Here(entry, here.chain, segment, trail), run)
            if not any(segment[1:]):
                remove()

    return write


def root_writer(plan: MapPlan, ahead: Ahead) -> Callable[[Run], OutNode]:
    """Return what writes a whole document."""
    write_members = object_writer(plan.root, ahead)
    # The part of a split has its allocations, which say the same.
    told = {plan.split.to} if plan.split and plan.split.to else set()

    def write(run: Run) -> OutNode:
        root = OutNode()
        own = {name: value for name, value in run.document.items() if name not in told}
        write_members(Here(own if told else run.document, (root,), None, None), run)
        return root

    return write
