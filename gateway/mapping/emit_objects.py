"""The generated making of objects: the document, list entries, and the plain objects in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.mapping import assembly
from gateway.mapping.emitter import STOP, Emitter, sure
from gateway.mapping.layout import Layout
from gateway.mapping.plan import (
    ENVELOPE_FIELDS,
    Document,
    FieldPlan,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
)
from gateway.mapping.scopes import Entry


@dataclass(slots=True)
class ObjectEmitter:
    """Writes how objects are begun, filled and put where they belong."""

    map: MapPlan
    layout: Layout
    out: Emitter
    objects: dict[int, str] = field(default_factory=dict)
    """Variables of objects that are made before their fields are read, by the plan's identity."""
    targets: dict[int, str] = field(default_factory=dict)
    """Where the values go that go straight into such an object, by the field's plan."""

    whole: Mapping[int, Sequence[ObjectPlan]] = field(default_factory=dict)
    """Objects that one segment gives as a whole, by the block's identity."""
    made: dict[int, str] = field(default_factory=dict)
    """The variable of each of those, by the plan's identity."""
    moved: dict[str, str] = field(default_factory=dict)
    """For the variables of their fields, which are emptied with the segment: the object's."""

    def __post_init__(self) -> None:
        self.whole = assembly.of_segments(self.layout, self.map.root)
        for plan in (plan for plans in self.whole.values() for plan in plans):
            name = self.made[id(plan)] = self.layout.variable("p")
            for _, inner in assembly.variables(plan, self.layout):
                self.moved[inner] = name

    def assign(self, plan: ObjectPlan) -> None:
        """Write the making of an object that one segment gives as a whole."""
        self.out.put(f"{self.made[id(plan)]} = {self.object(plan, root=False)}")

    def entry(self, entry: Entry, *, root: bool) -> None:
        """Write the making of the document or of a list entry."""
        name = self.object(entry.plan, root=root)
        if root:
            self.out.put(f"return {name}")
            return
        self.out.put(f"if {name}:")
        self.out.indent += 1
        self.out.append(self.layout.names[id(entry.plan)], name)
        self.out.indent -= 1

    def object(self, plan: ObjectPlan, *, root: bool) -> str:
        """Write the making of an object; return its variable."""
        for member in plan.fields:
            if (
                isinstance(member, LeafPlan)
                and member.reads
                and member.sources
                and not member.direct
            ):
                self.chosen(member)
        inner = {
            id(member): self.made.get(id(member)) or self.object(member, root=False)
            for member in assembly.plain_objects(plan)
        }
        name = self.objects.get(id(plan)) or self.begun(plan, root=root)
        for member in plan.fields:
            if id(member) not in self.targets:
                self.member(member, name, inner)
        late = [member for member in plan.fields if assembly.is_late(member)]
        given = {member.name for member in late}
        if root:
            given.update(ENVELOPE_FIELDS[:2])  # What the document begins with.
        needed = [member for member in plan.needs if member not in given]
        inside = bool(late or needed) and not root
        if inside:
            self.out.put(f"if {name}:")
            self.out.indent += 1
        for member in late:
            self.late(member, name)
        if needed:
            there = " or ".join(f"{member!r} not in {name}" for member in needed)
            self.out.put(f"if {there}: sink.doubtful = True")
        self.out.indent -= inside
        return name

    def begun(self, plan: ObjectPlan, *, root: bool) -> str:
        """Write the beginning of an object; return its variable."""
        name = self.objects[id(plan)] = self.out.fresh("e")
        start: Document = {}
        if root:
            start = {"document": self.map.document, "version": self.map.document_version}
        self.out.put(f"{name} = {start!r}")
        return name

    def reset(self, slots: Sequence[str], leading: assembly.Leading, *, root: bool) -> None:
        """Write the emptying of variables, and the beginning of objects that need none."""
        taken: set[str] = set()
        for plan, fields in leading:
            if not fields:
                continue
            name = self.begun(plan, root=root)
            for leaf in fields:
                self.targets[id(leaf)] = f"{name}[{leaf.name!r}]"
                taken.add(self.layout.names[id(leaf)])
        self.out.reset([self.moved.get(slot, slot) for slot in slots if slot not in taken])

    def chosen(self, plan: LeafPlan) -> None:
        """Write the choice among several sources, or under a condition."""
        extra = self.layout.extra
        sources = ", ".join(extra[id(plan), index] for index in range(len(plan.sources)))
        holds = []
        for index, condition in enumerate(plan.when):
            slot = extra[id(plan), -1 - index]
            holds.append(f"{self.out.constant('W', condition.holds)}({slot})")
        leaf, test = self.out.constant("D", plan), " and ".join(holds) or "True"
        pointer = self.out.pointers[id(plan)].code
        variable = self.layout.names[id(plan)]
        present = " or ".join(
            f"{extra[id(plan), index]} is not None" for index in range(len(plan.sources))
        )
        self.out.put(f"if {present}:")
        self.out.put(f"{variable} = sink.choose({leaf}, ({sources},), {test}, {pointer})", 1)
        if used := self.used(plan):
            self.out.put(used, 1)

    def used(self, plan: FieldPlan) -> str:
        """Return the emptying of what loops outside have kept for a field."""
        return "; ".join(
            f"{around} += {name}; {name} = ()" if around else f"{name} = ()"
            for name, around in self.layout.loans.get(id(plan), ())
        )

    def member(self, plan: FieldPlan, name: str, inner: dict[int, str]) -> None:
        """Write one member into an object, where it has a value."""
        if id(plan) in inner:
            made = inner[id(plan)]
            wrapped = isinstance(plan, ObjectPlan) and plan.wrapped
            line = f"if {made}: {name}[{plan.name!r}] = {f'[{made}]' if wrapped else made}"
            self.out.put("; ".join(filter(None, (line, self.used(plan)))))
            return
        variable = self.layout.names.get(id(plan))
        if variable is None:
            return
        test = variable if variable[0] == "l" else f"{variable} is not None"
        parts = [f"if {test}: {name}[{plan.name!r}] = {variable}", self.used(plan)]
        if variable[0] == "l" and assembly.from_outside(plan):
            # A list from outside belongs to the first entry that asks for it: it is taken once.
            parts.append(f"{variable} = ()")
        self.out.put("; ".join(filter(None, parts)))

    def late(self, plan: FieldPlan, name: str) -> None:
        """Write defaults and required members: only in objects that are there at all."""
        default = assembly.default(plan)
        self.out.put(f"if {plan.name!r} not in {name}:")
        if default is not None:
            value = repr(default)
            if isinstance(plan, LeafPlan | PairPlan):
                value = sure(value, plan.rule)
            self.out.put(f"{name}[{plan.name!r}] = {value}", 1)
        elif self.out.stops:
            self.out.put(STOP, 1)
        else:
            self.out.put(f"sink.missing({self.out.pointers[id(plan)].code})", 1)
